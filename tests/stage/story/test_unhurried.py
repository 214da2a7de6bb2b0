"""Caption first, then a move that takes its time from the still after it; `pace` counts for all."""

from __future__ import annotations

import pytest
from manim import Dot

import lstmviz
from lstmviz.stage import Story
from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.stage.mobjects.caption import reading_time
from lstmviz.stage.story.unhurried import CALM, LEAD, SLOWEST, STILL, CaptionRead
from lstmviz.style.themes import theme_named

CAPTION = "A sentence that takes its time to be read."
NEEDS = reading_time(CAPTION, 15)
FADES = 0.2 + 0.3  # of the caption before, and of its own


def told(moves: int, run_time: float, pace: float = 1.0) -> tuple[list[float], float]:
    """Give how long the moves of a second step took, and the step, in seconds."""
    lasted: list[float] = []

    class Moves(Story):
        """Moves."""

        def construct(self) -> None:
            with self.step("first", "First."):
                pass
            with self.step("second", CAPTION):
                for _ in range(moves):
                    dot = Dot()
                    begun = self._frame
                    self.play(dot.animate.shift((1, 0, 0)), run_time=run_time)
                    lasted.append((self._frame - begun) / self.rate)

    with canvas(theme_named("dark"), 160, 90, 60):
        story = Moves(lstmviz.run("Good"), renderer=Walker(), outline=(), pace=pace)
        story.render()
    first, second = story.steps
    return lasted, second.end - first.end


def test_a_short_move_takes_its_time_from_the_still_after_it() -> None:
    (lasted,), whole = told(1, 1.0)
    assert lasted == pytest.approx(SLOWEST, abs=0.02)
    assert whole == pytest.approx(NEEDS, abs=0.05)


def test_moves_are_as_quick_as_ever_when_the_caption_has_been_read() -> None:
    lasted, whole = told(6, 1.0)
    assert lasted[0] == pytest.approx(SLOWEST, abs=0.02)
    assert lasted[-3:] == pytest.approx([1.0] * 3, abs=0.02)
    assert whole == pytest.approx(FADES + LEAD + sum(lasted) + STILL, abs=0.05)


def test_no_move_is_slower_than_a_calm_one() -> None:
    (lasted,), _ = told(1, 1.5)
    assert lasted == pytest.approx(min(CALM, 1.5 * SLOWEST, NEEDS - FADES - LEAD - STILL), abs=0.05)
    (lasted,), _ = told(1, CALM + 0.5)
    assert lasted == pytest.approx(CALM + 0.5, abs=0.02)


def test_pace_is_for_all_alike() -> None:
    (lasted,), whole = told(1, 1.0)
    (hurried,), half = told(1, 1.0, pace=2.0)
    assert hurried == pytest.approx(lasted / 2, abs=0.04)
    assert half == pytest.approx(whole / 2, abs=0.1)


def test_the_still_is_what_is_missing_until_the_caption_has_been_read() -> None:
    read = CaptionRead(begun=10.0, needs=4.0)
    assert read.still(12.0) == pytest.approx(2.0)
    assert read.still(13.9) == STILL
    assert read.still(20.0) == STILL
    assert read.slower(1.0, 20.0) == 1.0
