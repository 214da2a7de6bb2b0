"""The header: a needle with the answer beside the status, and names that are never too small."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import lstmviz
from lstmviz.demo.networks import NAMES, demo_network
from lstmviz.engine.model.activations import Activation
from lstmviz.engine.model.cells import all_cells
from lstmviz.engine.model.network import Network, seeded
from lstmviz.engine.model.readout import Dense, Readout
from lstmviz.stage import Story
from lstmviz.stage.check.check import check_story
from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.stage.mobjects.column import Number
from lstmviz.stage.mobjects.needle import Needle
from lstmviz.stage.mobjects.status import status_words
from lstmviz.stage.text.text import TextLine
from lstmviz.style.language import languages
from lstmviz.style.layout import layout_named, with_header
from lstmviz.style.look import FilmLook
from lstmviz.style.notation import shown
from lstmviz.style.picture import ASPECTS
from lstmviz.style.themes import theme_named
from lstmviz.trace.trace import Trace

TEXT = "Amazing , but awful"
WORDS = ("good", "bad", "not", "so")
PIXELS = 1080


class Two(Story):
    """Two words."""

    def construct(self) -> None:
        with self.step("first", "The first."):
            self.wait(0.2)
        with self.step("last", "The last."):
            self.play(*self.go_to(len(self.trace) - 1))


def opened(trace: Trace, lang: str = "en", aspect: str = "16:9") -> Two:
    story = Two(trace, at=0, lang=lang, layout=layout_named(aspect), outline=(), renderer=Walker())
    story.setup()
    return story


def dense(answers: int, inputs: int, activation: str) -> Dense:
    random = np.random.default_rng(answers)
    W = random.normal(size=(answers, inputs))
    return Dense(W, random.normal(size=answers), Activation(activation))


def reading(readout: Readout) -> Network:
    return replace(seeded("gru", 3, 4, vocabulary=WORDS), readout=readout)


LONG = ("sports", "politics", "business, economy and everything else that there is")
READOUTS = {
    "two": Readout((dense(1, 4, "sigmoid"),), labels=("dull", "good")),
    "bare": Readout((dense(1, 4, "sigmoid"),)),
    "classes": Readout((dense(3, 4, "softmax"),), labels=LONG),
    "value": Readout((dense(1, 4, "linear"),)),
    "named": Readout((dense(1, 4, "linear"),), labels=("temperature (°C)",)),
}


@pytest.mark.slow
@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize("name", READOUTS)
@pytest.mark.few(5)
def test_it_has_room_in_the_header_of_every_shape(name: str, aspect: str) -> None:
    trace = lstmviz.run("good so not bad so good bad good", network=reading(READOUTS[name]))
    assert check_story(Two, trace, look=FilmLook(aspect=aspect)) == []
    story = opened(trace, aspect=aspect)
    needle, words, strip = story.status.needle, story.status.words, story.strip
    assert needle is not None
    row = layout_named(aspect).in_row
    beside = words if row else strip
    if not row:
        assert strip.get_right()[0] < words.get_left()[0]
    assert beside.get_right()[0] < needle.get_left()[0]
    assert needle.get_top()[1] < story.layout.frame.top
    least = 28 / PIXELS * min(story.layout.frame.width, story.layout.frame.height)
    for text in needle.texts:
        assert isinstance(text, TextLine)
        assert text.em >= least


def test_it_says_the_answer_after_the_word_and_moves_with_it() -> None:
    trace = lstmviz.run(TEXT)
    with canvas(theme_named("dark"), 160, 90, 5):
        story = Two(trace, at=0, outline=(), renderer=Walker())
        story.setup()
        needle = story.status.needle
        assert isinstance(needle, Needle)
        assert trace.output is not None
        praise = 1 / (1 + np.exp(-trace.output[:, 0]))
        assert needle.share == pytest.approx(praise[0])
        assert praise[0] > 0.9
        assert needle.hand[1].get_center()[0] > needle.hub[0]
        story.construct()
    assert story.status.needle is needle
    assert needle.share == pytest.approx(praise[-1])
    assert praise[-1] < 0.1
    assert needle.hand[1].get_center()[0] < needle.hub[0]
    (number,) = (each for each in needle.texts if isinstance(each, Number))
    assert number.text == shown(float(praise[-1]), "gate")
    for step, answer in zip(story.steps, praise[[0, -1]], strict=True):
        said = f"from blame (0) to praise (1): {shown(float(answer), 'gate')}"
        assert said in step.alt
        assert said in step.notes


def test_the_sides_of_our_own_networks_are_told_in_every_language() -> None:
    told = {
        lang: [text.text for text in opened(lstmviz.run(TEXT), lang).status.needle.texts[1:]]  # type: ignore[union-attr]
        for lang in languages()
    }
    assert told == {
        "en": ["blame", "praise"],
        "es": ["crítica", "elogio"],
        "zh": ["差评", "好评"],
    }
    own = reading(replace(READOUTS["two"], labels=("blame", "praise")))
    needle = opened(lstmviz.run("good", network=own), "zh").status.needle
    assert needle is not None
    assert [text.text for text in needle.texts[1:]] == ["blame", "praise"]


def test_an_answer_of_several_is_the_likeliest() -> None:
    trace = lstmviz.run("good so not", network=reading(READOUTS["classes"]))
    needle = opened(trace).status.needle
    assert needle is not None
    assert trace.output is not None
    best = int(trace.output[0].argmax())
    number, label = (each.text for each in needle.texts if isinstance(each, TextLine))
    assert number == shown(float(trace.output[0, best]), "gate")
    assert LONG[best].startswith(label.rstrip("…"))


@pytest.mark.parametrize("aspect", ASPECTS)
def test_without_a_readout_the_header_stays_as_it_is(aspect: str) -> None:
    layout = layout_named(aspect)
    story = opened(lstmviz.run([0.1, 0.5, -1.0]), aspect=aspect)
    assert story.status.needle is None
    assert (story.layout.strip, story.layout.status) == (layout.strip, layout.status)
    again = with_header(with_header(layout, 1.5, 2.0), None)
    assert (again.strip, again.status, again.needle) == (layout.strip, layout.status, None)


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize("lang", languages())
@pytest.mark.few(1)
@pytest.mark.slow
def test_no_name_is_small_or_lies_on_the_strip(lang: str, aspect: str) -> None:
    traces = [lstmviz.run(TEXT, network=demo_network(name)) for name in NAMES]
    traces += [lstmviz.run(TEXT, cell=cell, hidden=3) for cell in all_cells()]
    least = 28 / PIXELS * min(layout_named(aspect).frame.width, layout_named(aspect).frame.height)
    for trace in traces:
        layout = layout_named(aspect)
        story = Two(trace, at=0, lang=lang, layout=layout, outline=(), renderer=Walker())
        story.setup()
        box, strip = story.layout.status, story.layout.strip
        assert story.layout.in_row or strip.right < box.left
        words = status_words(*story._status_lines())
        lines = [line for line in words if isinstance(line, TextLine)]
        sizes = [round(line.em, 6) for line in lines]
        assert min(sizes) >= least
        assert sizes == sorted(sizes, reverse=True)
        for line in lines:
            assert line.get_left()[0] >= box.left - 0.02, line.text
            assert line.get_right()[0] <= box.right + 0.02, line.text
            assert "…" not in line.text


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize("lang", languages())
@pytest.mark.slow
def test_a_dashed_border_is_explained_where_one_is_in_sight(lang: str, aspect: str) -> None:
    seen = {}
    for text in ("The box was zzz good", "The box was good"):
        trace = lstmviz.run(text, network=demo_network("lstm"))
        layout = layout_named(aspect)
        story = Two(trace, at=3, lang=lang, layout=layout, outline=(), renderer=Walker())
        story.setup()
        seen[text] = "".join(line.text for line in story.status.words).replace(" ", "")
    said = story.lang.word("dashed means unknown").replace(" ", "")
    explained, plain = seen.values()
    assert said in explained
    assert said not in plain
