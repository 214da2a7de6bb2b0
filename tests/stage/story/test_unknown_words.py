"""A film of words that the network does not know says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from filming import check_story

import lstmviz
from lstmviz.stage import Story, TextLine
from lstmviz.stage.manim.renderers import Walker
from lstmviz.style.layout import layout_named
from lstmviz.style.picture import ASPECTS
from lstmviz.trace.trace import Trace

GERMAN = "Das Essen war sehr gut, aber der Service war leider so langsam. " * 25


class Small(Story):
    """A story of one step."""

    def construct(self) -> None:
        with self.step("only", "One sentence."):
            self.wait(0.1)


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    """A trace from its file."""
    path: Path = tmp_path_factory.mktemp("saved") / "german.npz"
    lstmviz.run(GERMAN).save(path)
    return Trace.load(path)


def status(trace: Trace, lang: str, aspect: str) -> list[TextLine]:
    story = Small(trace, lang=lang, layout=layout_named(aspect), outline=(), renderer=Walker())
    story.setup()
    return [part for part in story.status if isinstance(part, TextLine)]


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize(
    ("lang", "told"), [("en", "250 of 300 words unknown"), ("zh", "300 个词中有 250 个不认识")]
)
def test_the_film_says_so_in_every_shape(trace: Trace, lang: str, told: str, aspect: str) -> None:
    line, title = status(trace, lang, aspect)
    assert title.text == told
    assert title.width <= layout_named(aspect).status.width
    assert line.text != told
    assert check_story(Small, trace, theme="light", lang=lang, aspect=aspect) == []


def test_where_most_words_are_known_it_says_where_the_network_comes_from() -> None:
    _, title = status(lstmviz.run("The food was not gut at all"), "en", "16:9")
    assert title.text == "trained on made-up reviews"
