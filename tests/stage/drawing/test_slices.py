"""Several processes draw the film that one draws; what becomes of them is told."""

from __future__ import annotations

import logging
import os
import signal
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import manim as mn
import numpy as np
import pytest
from filming import record
from manim import DOWN, LEFT, RIGHT, UP

import lstmviz
from lstmviz.errors import LstmvizError
from lstmviz.films.render import Progress
from lstmviz.reel.reel import Reel
from lstmviz.stage import Story
from lstmviz.stage.drawing.slices import PICTURES, Cutter
from lstmviz.stage.manim.renderers import Walker, canvas, passed
from lstmviz.stage.story.discovery import find_story
from lstmviz.style.themes import theme_named
from lstmviz.trace.trace import Trace

pytestmark = pytest.mark.slow

SMALL: dict[str, Any] = {"size": (160, 90), "fps": 10, "pace": 2.0}


class Drift(mn.Animation):
    """Moves by small steps, so that where it ends depends on every one of them."""

    def interpolate_mobject(self, alpha: float) -> None:
        self.mobject.shift(RIGHT * 0.017 * alpha)


class Busy(Story):
    """A story with everything that makes a process depend on the frames before its own."""

    def construct(self) -> None:
        disc, square = mn.Circle(fill_opacity=1), mn.Square()
        with self.step("move", "It moves."):
            self.play(mn.Create(square), mn.FadeIn(disc))
            self.play(mn.Transform(square, mn.Triangle()), disc.animate.shift(UP))
        with self.step("drift", "It drifts."):
            self.play(Drift(disc), run_time=2)
            self.play(mn.Rotate(square, 1), mn.Indicate(disc))
        with self.step("turn", "It turns by itself."):
            square.add_updater(lambda m, dt: m.rotate(dt))
            self.play(disc.animate.shift(DOWN))
            self.play(mn.MoveAlongPath(disc, mn.Circle(radius=2)))
            square.clear_updaters()
        with self.step("end", "Several things end."):
            dots = [mn.Dot(LEFT * k) for k in range(3)]
            self.play(mn.LaggedStart(*map(mn.GrowFromCenter, dots)))
            self.play(mn.Succession(*map(mn.FadeOut, dots)), mn.FadeOut(square))
            self.play(disc.animate.scale(0.5))


class Failing(Busy):
    """A story that fails on its way."""

    def construct(self) -> None:
        with self.step("well", "All is well."):
            self.play(mn.Create(mn.Square()), run_time=3)
        with self.step("badly", "Something fails."):
            self.play(mn.Create(mn.Circle()), run_time=3)
            if not isinstance(self.renderer, Walker):
                raise ZeroDivisionError("nothing to divide")


class Killed(Busy):
    """A story whose process is killed, as often as the file says."""

    times: Path

    def construct(self) -> None:
        with self.step("well", "All is well."):
            self.play(mn.Create(mn.Square()), run_time=3)
        with self.step("deadly", "Something kills."):
            self.play(Deadly(mn.Circle(), type(self).times, self.renderer), run_time=3)
        with self.step("after", "Life goes on."):
            self.play(mn.Create(mn.Circle()), run_time=3)


class Deadly(mn.Animation):
    """Kills the process that draws it, and none that only goes through it."""

    def __init__(self, mobject: mn.Mobject, times: Path, renderer: Any, **options: Any) -> None:
        self.times, self.renderer = times, renderer
        super().__init__(mobject, **options)

    def interpolate_mobject(self, alpha: float) -> None:
        drawing = getattr(self.renderer, "_drawing", None) is not None
        if drawing and 0.5 < alpha < 0.9 and self.times.stat().st_size:
            os.truncate(self.times, self.times.stat().st_size - 1)
            os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture(scope="module")
def trace() -> Trace:
    return lstmviz.run("good but dull", cell="lstm")


@pytest.fixture(autouse=True)
def fine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut films of a few frames, too."""
    monkeypatch.setattr("lstmviz.stage.drawing.slices.PICTURES", 7)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def assert_same(one: Reel, other: Reel) -> None:
    assert (one.steps, one.frame_count) == (other.steps, other.frame_count)
    for first, second in zip(one.frames(), other.frames(), strict=True):
        assert (first.number, first.repeat) == (second.number, second.repeat)
        np.testing.assert_array_equal(first.pixels, second.pixels)


def test_the_film_is_the_same_for_every_number_of_processes(trace: Trace, temporary: Path) -> None:
    heard: list[Progress] = []
    alone = record(Busy, trace, jobs=1, **SMALL)
    for jobs in (2, 3):
        heard.clear()
        assert_same(alone, record(Busy, trace, jobs=jobs, progress=heard.append, **SMALL))
        assert heard[-1].done == heard[-1].total == alone.frame_count
        assert [each.done for each in heard] == sorted(each.done for each in heard)
        names = list(dict.fromkeys(each.name for each in heard))
        assert names == [name for name in [step.name for step in alone.steps] if name in names]
    assert len(list(temporary.iterdir())) == 1, "the slices are gone"


@pytest.mark.parametrize("story", ["tanh", pytest.param("forget-gate", marks=pytest.mark.verify)])
@pytest.mark.verify
def test_processes_that_begin_anew_draw_the_same(
    story: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lstmviz.stage.drawing.slices.PICTURES", 40)
    teller = find_story(story)
    told = lstmviz.run(teller.input, cell=teller.cell)
    alone = record(teller, told, jobs=1, **SMALL)
    monkeypatch.setattr("lstmviz.system.processes.usual_way", lambda: "spawn")
    assert_same(alone, record(teller, told, jobs=2, **SMALL))


def test_a_class_that_cannot_travel_is_drawn_here(
    trace: Trace, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Inner(Busy):
        __doc__ = Busy.__doc__  # the title, which is seen

    monkeypatch.setattr("lstmviz.system.processes.usual_way", lambda: "spawn")
    monkeypatch.setattr("lstmviz.stage.drawing.scheduler.Worker", None)
    assert_same(record(Inner, trace, jobs=2, **SMALL), record(Busy, trace, jobs=1, **SMALL))


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_failure_says_where(trace: Trace, tmp_path: Path, temporary: Path, jobs: int) -> None:
    expected = (
        r"The story failing fails in the step badly, line \d+ of test_slices.py: "
        "ZeroDivisionError: nothing to divide."
    )
    with pytest.raises(LstmvizError, match=expected):
        record(Failing, trace, path=tmp_path / "film.reel", jobs=jobs, **SMALL)
    assert list(tmp_path.iterdir()) == [temporary]
    assert not list(temporary.iterdir())


def test_a_killed_process_is_replaced(
    trace: Trace, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Killed.times = tmp_path / "times"
    Killed.times.write_bytes(b"")
    whole = record(Killed, trace, jobs=1, **SMALL)
    Killed.times.write_bytes(b"x")
    heard: list[Progress] = []
    with caplog.at_level(logging.WARNING):
        assert_same(whole, record(Killed, trace, jobs=2, progress=heard.append, **SMALL))
    said = [each.getMessage() for each in caplog.records if each.name == "lstmviz"]
    assert said == [
        "A process was killed in the story killed, step deadly; that part is drawn again."
    ]
    assert heard[-1].done == heard[-1].total


def test_what_kills_every_process_is_an_error(
    trace: Trace, tmp_path: Path, temporary: Path
) -> None:
    Killed.times = tmp_path / "times"
    Killed.times.write_bytes(b"x" * 99)
    with pytest.raises(LstmvizError, match="The story killed, step deadly could not be drawn"):
        record(Killed, trace, path=tmp_path / "film.reel", jobs=2, **SMALL)
    assert sorted(tmp_path.iterdir()) == [temporary, Killed.times]
    assert not list(temporary.iterdir())


def test_what_is_left_out_ends_as_if_it_were_played(trace: Trace) -> None:
    """Bit for bit: whatever is not gone through frame by frame."""

    class Stepping(Walker):
        def move(self, scene: mn.Scene, times: np.ndarray) -> int:
            return sum(1 for _ in passed(scene, times))

    ends = []
    for walker in (Walker, Stepping):
        with canvas(theme_named("dark"), 160, 90, 10):
            story = Busy(trace, renderer=walker(), outline=())
            story.render()
            family = story.get_mobject_family_members()
            ends.append([each.points.tobytes() for each in family])
    assert ends[0] == ends[1]


def test_slices_follow_the_story() -> None:
    plays = [(10, 10), (300, 1), (50, 50), (50, 50), (3, 3), (200, 200)]  # frames, pictures
    cutter = Cutter()
    for number, play in enumerate(plays):
        cutter.begins(number)
        cutter.passes(*play)
    slices = cutter.slices()
    assert slices.plays[0] == slices.frames[0] == 0
    assert slices.total == sum(frames for frames, _ in plays)
    for number, (begin, end) in enumerate(pairwise(slices.plays)):
        assert sum(pictures for _, pictures in plays[begin:end]) >= 7
        passed = sum(frames for frames, _ in plays[begin:end])
        assert slices.frames[number + 1] - slices.frames[number] == passed
    assert PICTURES > 30
