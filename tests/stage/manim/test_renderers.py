"""What a story may ask of Manim's Scene: it is done as Manim does it, or refused, never ignored."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import manim as mn
import numpy as np
import pytest
from filming import draw_still, record
from manim import RIGHT
from PIL import Image
from svgelements import SVG, Shape

import lstmviz
from lstmviz.errors import LstmvizError, UsageError
from lstmviz.stage import Story
from lstmviz.stage.check.check import Inspector
from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.style.themes import theme_named
from lstmviz.trace.trace import Trace

pytestmark = pytest.mark.slow

SMALL: dict[str, Any] = {"size": (160, 90), "fps": 10}


@pytest.fixture(scope="module")
def trace() -> Trace:
    return lstmviz.run("good but dull", cell="lstm")


Asks = Callable[[Any, mn.Square], None]  # what a story does, with a square that moves by itself


class Asking(Story):
    """A story that asks for something, and notes how many frames that takes."""

    asks: Asks
    lasted = 0

    def construct(self) -> None:
        square = mn.Square().add_updater(lambda m, dt: m.shift(RIGHT * dt))
        with self.step("only", "Something is asked for."):
            self.add(square)
            before = self.time
            self.asks(square)
            self.lasted = round((self.time - before) * self.rate)
            square.clear_updaters()


def asking(asks: Asks) -> type[Asking]:
    return type("Asked", (Asking,), {"asks": asks})


@pytest.mark.parametrize(
    ("waits", "frames"),
    [
        (lambda s, m: s.wait_until(lambda: m.get_x() > 0.65), 8),  # 0, 0.1, … 0.7 have been seen
        (lambda s, m: s.wait_until(lambda: True), 1),
        (lambda s, m: s.wait_until(lambda: False, max_time=2), 20),
        (lambda s, m: s.wait(2, stop_condition=partial(bool, 1)), 1),  # which has no name
        (lambda s, m: s.wait(2), 20),
        (lambda s, m: s.wait(2, frozen_frame=False), 20),
        (lambda s, m: s.pause(2), 20),
        (lambda s, m: s.play(mn.Wait(2), mn.FadeIn(mn.Dot())), 20),
    ],
)
@pytest.mark.few(3)
def test_a_wait_has_the_frames_that_its_step_counts(trace: Trace, waits: Asks, frames: int) -> None:
    reel = record(asking(waits), trace, **SMALL)
    assert reel.frame_count == reel.steps[-1].last_frame + 1
    with canvas(theme_named("dark"), *SMALL["size"], SMALL["fps"]):
        for renderer in (Walker(), Walker(lambda scene: None), Inspector()):
            story = asking(waits)(trace, renderer=renderer, outline=())
            story.render()
            assert story.lasted == frames
            assert story.steps_told == reel.steps


class Moody(Story):
    """A story that goes another way every time."""

    times = 0

    def construct(self) -> None:
        times = Moody.times = Moody.times + 1
        with self.step("only", "It waits, or does not."):
            self.wait(9, stop_condition=lambda: times > 1)


def test_a_story_that_goes_two_ways_is_refused(trace: Trace, tmp_path: Path) -> None:
    with pytest.raises(LstmvizError, match="The story moody does not play the same way twice"):
        record(Moody, trace, jobs=1, path=tmp_path / "film.reel", **SMALL)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("asks", "sentence"),
    [
        (lambda s, m: s.add_sound("click.wav"), "has no sound, so click.wav cannot be heard"),
        (lambda s, m: s.add_subcaption("Look!"), "as the caption of a step"),
        (lambda s, m: s.play(mn.FadeIn(m), subcaption="Look!"), "as the caption of a step"),
        (lambda s, m: s.next_section("late", skip_animations=True), "The section late is to be"),
    ],
)
def test_what_a_reel_cannot_hold_is_refused(trace: Trace, asks: Asks, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        record(asking(asks), trace, **SMALL)


class Near(Story, mn.MovingCameraScene):
    """A story that goes near."""

    def construct(self) -> None:
        camera: Any = self.camera
        with self.step("near", "It goes near."):
            dot = mn.Square(fill_opacity=1, stroke_width=0).shift(RIGHT * 4)
            self.add(dot)
            self.play(camera.frame.animate.scale(0.5).move_to(dot))


class Deep(Story, mn.ThreeDScene):
    """A story in three dimensions."""

    def construct(self) -> None:
        with self.step("deep", "It is seen from aside."):
            self.set_camera_orientation(phi=1)
            self.wait()


def test_a_still_is_seen_through_the_camera_of_its_story(trace: Trace, tmp_path: Path) -> None:
    png, svg = tmp_path / "near.png", tmp_path / "near.svg"
    draw_still(Near, trace, [png, svg], quality="draft")
    white = np.argwhere(np.asarray(Image.open(png).convert("L")) > 250)
    seen = [*white.min(axis=0), *(white.max(axis=0) + 1)]  # top, left, bottom, right
    (square,) = [
        each
        for each in SVG.parse(svg).elements()
        if isinstance(each, Shape) and str(each.fill.hex).upper() == "#FFFFFF"
    ]
    left, top, right, bottom = square.bbox()
    assert [top, left, bottom, right] == pytest.approx(seen, abs=1)
    assert seen[2] - seen[0] == pytest.approx(240, abs=2)  # two of eight units, twice as near


def test_what_has_depth_is_no_vector(trace: Trace, tmp_path: Path) -> None:
    draw_still(Deep, trace, [tmp_path / "deep.png"], quality="draft")
    with pytest.raises(UsageError, match=r"seen through a ThreeDCamera; .* ends in \.png"):
        draw_still(Deep, trace, [tmp_path / "deep.svg"], quality="draft")
    assert [path.name for path in tmp_path.iterdir()] == ["deep.png"]
