"""The two cells of the gates are alike: both trained for the same, or both of random weights."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

import lstmviz
from lstmviz.demo.networks import demo_network
from lstmviz.engine.model.network import Network, seeded
from lstmviz.stage import TextLine
from lstmviz.stage.circuits.circuit import Circuit
from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.stage.story.discovery import find_story
from lstmviz.style.layout import Box, layout_named
from lstmviz.style.picture import ASPECTS
from lstmviz.style.themes import theme_named
from lstmviz.trace.trace import Trace

pytestmark = pytest.mark.slow

SENTENCE = "I loved it very much"


def other(trace: Trace, family: str) -> Trace:
    with canvas(theme_named("dark"), 160, 90, 5):
        story: Any = find_story("gates")(trace, renderer=Walker(), outline=())
        assert story.trace_of(trace.cell) is trace
        made: Trace = story.trace_of(family)
    assert [token.text for token in made.tokens] == [token.text for token in trace.tokens]
    return made


def own(hidden: int) -> Network:
    network = seeded("lstm", 3, hidden, 1, vocabulary=("i", "loved", "it", "very", "much"))
    return replace(network, source=None, title="mine")


@pytest.mark.parametrize(
    ("trace", "title", "hidden"),
    [
        (lambda: lstmviz.run(SENTENCE), "GRU trained on made-up reviews", 4),
        (
            lambda: lstmviz.run("a..?", network=demo_network("recall")),
            "GRU trained to recall a letter",
            3,
        ),
        (lambda: lstmviz.run(SENTENCE, hidden=64, seed=2), "random weights, seed 2", 64),
        (lambda: lstmviz.run([0.1, -0.5], hidden=6, seed=5), "random weights, seed 5", 6),
        (lambda: lstmviz.run(SENTENCE, network=own(9)), "random weights, seed 0", 9),
    ],
    ids=["reviews", "recall", "random", "numbers", "own"],
)
def test_the_other_cell_is_of_the_same_kind_and_size(
    trace: Callable[[], Trace], title: str, hidden: int
) -> None:
    made = other(trace(), "gru")
    assert made.cell == "gru"
    assert title in made.network.title
    assert made.network.hidden == hidden


def test_the_needle_shows_the_answer_of_the_cell_on_stage_and_none_of_two() -> None:
    trace = lstmviz.run(SENTENCE)
    with canvas(theme_named("dark"), 160, 90, 5):
        story: Any = find_story("gates")(trace, renderer=Walker(), outline=())
        story.setup()
        for family, turn in (("lstm", story.enter), ("gru", story.turn)):
            turn(family)
            assert story.answers.trace.cell == family
            assert story.status in story.mobjects
        story.together()
        assert story.answers is None


@pytest.mark.parametrize("lang", ["en", "zh", "es"])
@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.few(3)
def test_in_the_last_picture_each_layer_has_its_name_where_it_stands(
    aspect: str, lang: str
) -> None:
    layout = layout_named(aspect)
    with canvas(theme_named("dark"), 160, 90, 5, layout):
        story: Any = find_story("gates")(
            lstmviz.run(SENTENCE), lang=lang, layout=layout, renderer=Walker(), outline=()
        )
        story.setup()
        whole = story.layout.whole
        half = Box(whole.left, whole.center[0] - 0.3, whole.bottom, whole.top)
        box = half if whole.width > 1.4 * whole.height else whole
        side = story.sides["lstm"]
        made = side.summary(box)
    (circuit,) = (each for each in made if isinstance(each, Circuit))
    layers = sorted(circuit.gates, key=lambda layer: circuit[layer].at[0])
    outside = [each for each in made[1:] if isinstance(each, TextLine) and each.text != side.name]
    if not outside:
        assert all(circuit[layer].name_lines for layer in layers)
    elif made[0].get_bottom()[1] > outside[0].get_top()[1]:
        for name, layer in zip(outside, layers, strict=True):
            assert abs(name.get_x() - circuit[layer].at[0]) < 0.05
    else:
        assert [name.get_y() for name in outside] == sorted(
            (name.get_y() for name in outside), reverse=True
        )
    words = story.lang.word
    for name, layer in zip(outside, layers, strict=False):
        assert name.text in {words(layer), words(f"{layer} gate")}
