"""The output gate is told where something is hidden, and of other networks says what is true."""

import re
from typing import Any

import numpy as np
import pytest

import lstmviz
from lstmviz.demo.networks import demo_network
from lstmviz.demo.review import RECALL
from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.stage.story.discovery import find_story
from lstmviz.style.themes import theme_named
from lstmviz.trace.trace import Trace

pytestmark = pytest.mark.slow

STORY = find_story("output-gate")


def told(trace: Trace, **options: Any) -> Any:
    with canvas(theme_named("dark"), 160, 90, 5):
        story = STORY(trace, renderer=Walker(), outline=(), **options)
        story.setup()
        story.construct()
    return story


def captions(story: Any) -> dict[str, str]:
    return {step.name: step.caption for step in story.steps_told}


def test_by_default_it_is_told_where_a_full_memory_is_hidden_and_then_shown() -> None:
    trace = STORY.own_trace()
    story = told(trace)
    begun = story._begun_at
    assert "".join(token.text for token in trace.tokens) == RECALL
    assert trace.tokens[begun].text == "."
    assert np.abs(trace["shown"][begun]).max() > 0.6
    assert np.abs(trace["h"][begun]).max() < 0.15
    assert story.now.token.text == "?"
    assert story.now.tick > begun
    said = captions(story)
    assert list(said)[-4:] == ["outcome", "leave", "opens", "history"]
    share = int(re.findall(r"(\d+) ?%", said["outcome"])[0])
    assert share < 15
    before, after, out = map(float, re.findall(r"\d\.\d+", said["opens"]))
    assert before < 0.15
    assert after > 0.85
    assert out > 0.5


@pytest.mark.verify
def test_where_nothing_is_hidden_nothing_is_said_to_be() -> None:
    trace = lstmviz.run("Amazing! This cereal gave me a perfectly balanced breakfast.")
    said = captions(told(trace))
    assert "opens" not in said
    assert not [sentence for sentence in said.values() if "hidden." in sentence]
    assert "nearly empty" not in said["leave"]


def test_a_gate_opens_later_only_if_it_is_shut_now() -> None:
    trace = lstmviz.run(RECALL, network=demo_network("recall"))
    text = "".join(token.text for token in trace.tokens)
    asked = [k for k, letter in enumerate(text) if letter == "?"]

    def opening(tick: int) -> Any:
        with canvas(theme_named("dark"), 160, 90, 5):
            return STORY(trace, renderer=Walker(), outline=(), at=tick).when_open("o", "h")

    assert opening(text.index("."))[0] == asked[0]
    assert opening(asked[0] + 1)[0] == asked[1]
    assert [opening(tick) for tick in asked] == [None] * len(asked)


@pytest.mark.verify
def test_of_an_empty_memory_it_is_not_said_that_it_is_hidden() -> None:
    trace = lstmviz.run("....", network=demo_network("recall"))
    assert "nearly empty" not in captions(told(trace, at=0))["leave"]
