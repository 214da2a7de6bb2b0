"""The cell of `sequence` goes along the words as they are read, and counts as they are counted."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from manim import Mobject

import lstmviz
from lstmviz.stage import TextLine
from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.stage.mobjects.column import Column
from lstmviz.stage.stories.sequence.sequence_layout import AIR, SPREAD, SequencePlaces
from lstmviz.stage.story.discovery import find_story
from lstmviz.style.layout import layout_named
from lstmviz.style.picture import ASPECTS
from lstmviz.style.themes import theme_named
from lstmviz.trace.trace import Trace

pytestmark = pytest.mark.slow

HEBREW = "הסרט היה טוב מאוד"


def begun(trace: Trace, aspect: str = "16:9") -> Any:
    with canvas(theme_named("dark"), 160, 90, 5):
        story: Any = find_story("sequence")(
            trace, renderer=Walker(), outline=(), layout=layout_named(aspect)
        )
        story.setup()
        story.line_up()
        story.embed()
    return story


def states(story: Any) -> list[Column]:
    return [m for s in (story.old, story.new) for m in s.get_family() if isinstance(m, Column)]


def texts(mobjects: list[Mobject]) -> list[str]:
    lines = [m for each in mobjects for m in each.get_family()]
    return [m.text for m in lines if isinstance(m, TextLine)]


@pytest.mark.parametrize("aspect", ["16:9", "9:16"])
@pytest.mark.parametrize(("text", "sign"), [("It was a good day .", 1), (HEBREW, -1)])
@pytest.mark.few(1)
def test_the_cell_goes_the_way_of_the_text(text: str, sign: int, aspect: str) -> None:
    story = begun(lstmviz.run(text, cell="rnn"), aspect)
    places = [sign * float(waiting.get_x()) for waiting in story.line]
    assert places == sorted(places)
    gone = []
    while story.line:
        story.enter(run_time=0.1)
        gone.append(sign * float(story.body.get_x()))
    assert gone == sorted(gone)
    assert gone[-1] > gone[0]


def test_the_new_state_stands_beside_the_old_one() -> None:
    trace = lstmviz.run("It was a good day .", cell="rnn")
    story = begun(trace)
    for tick in range(3):
        story.enter(run_time=0.1)
        old, new = states(story)
        np.testing.assert_array_equal(old.reading.value, trace["h_prev"][tick])
        np.testing.assert_array_equal(new.reading.value, trace["h"][tick])
        assert float(old.get_right()[0]) < float(new.get_left()[0])
        assert old.get_y() == pytest.approx(new.get_y())


def test_a_vector_that_is_cut_says_so() -> None:
    series = np.sin(np.arange(300.0)).reshape(10, 30)
    story = begun(lstmviz.run(series, cell="rnn", hidden=30))
    shown = len(story.units)
    said = texts(story.mobjects)
    assert shown < 30
    assert {f"{shown} of 30 features", f"{shown} of 30 units"} <= {*said}
    assert said.count("⋮") == len(story.line) + 1
    whole = texts(begun(lstmviz.run(series[:, :3], cell="rnn", hidden=3)).mobjects)
    assert "⋮" not in whole


def test_steps_are_counted_as_their_vectors_are() -> None:
    trace = lstmviz.run(np.zeros((3, 2)), cell="rnn", hidden=2)
    chips = [waiting.chip.text for waiting in begun(trace).line]
    assert chips == ["t=1", "t=2", "t=3"], "beside x_1, x_2, x_3"


@pytest.mark.parametrize("aspect", ASPECTS)
def test_few_words_are_spread_over_the_line_and_states_are_larger_than_vectors(
    aspect: str,
) -> None:
    layout = layout_named(aspect)
    for count in (1, 2, 3):
        places = SequencePlaces(layout, 4, called=1.0)
        lengths = [places.length(0.8)] * count
        middles = places.spread(lengths)
        assert sum(middles) / count == pytest.approx(layout.whole.center[0], abs=0.01)
        assert all(right - left >= lengths[0] + AIR for left, right in pairwise(middles))
        assert middles[0] - lengths[0] / 2 >= layout.whole.left
        room = layout.whole.width / count
        gaps = [right - left for left, right in pairwise(middles)]
        assert gaps == pytest.approx([min(room, SPREAD * layout.zoom)] * (count - 1), abs=0.01)
    assert places.state_size[0] > places.size[0]
    assert layout.whole.left <= places.below(middles[0]) + places.body.left
    assert places.body.bottom >= layout.whole.bottom - 0.01
