"""A film has the frames that Manim's own renderer would draw, bit for bit, whoever draws it."""

from __future__ import annotations

from hashlib import blake2b
from types import SimpleNamespace
from typing import Any

import manim as mn
import numpy as np
import pytest
from filming import record
from manim import DOWN, LEFT, RIGHT, UP, tempconfig
from manim.renderer.cairo_renderer import CairoRenderer
from walking import FILM

import lstmviz
from lstmviz.reel.reel import Reel
from lstmviz.stage import Story
from lstmviz.stage.manim.renderers import Drawer, canvas
from lstmviz.stage.story.discovery import find_story, stories
from lstmviz.style.themes import theme_named
from lstmviz.trace.trace import Trace

pytestmark = pytest.mark.slow

STORIES = [story.name for story in stories()]
TIERS = {"tanh": "slow", FILM: "thorough"}
SIZE, FPS, PACE = (214, 120), 2, 2.0
MANIMS_COPY = mn.Mobject.__deepcopy__


class Stress(Story):
    """A story with what a renderer may get wrong."""

    def construct(self) -> None:
        low, high = mn.Circle(fill_opacity=1), mn.Square(fill_opacity=1, z_index=2)
        with self.step("order", "What lies above."):
            self.play(mn.FadeIn(low), mn.Create(high))
            low.set_z_index(3)
            self.play(low.animate.shift(LEFT), high.animate.set_z_index(5))
            self.add_foreground_mobject(low)
            self.play(mn.Rotate(high, 1))
        with self.step("colour", "What it is drawn with."):
            rainbow = mn.Square(fill_opacity=1).set_fill([mn.RED, mn.BLUE]).shift(RIGHT * 3)
            rainbow.set_sheen_direction(UP)
            edged = mn.Star(stroke_width=9).set_stroke(mn.GREEN, 20, background=True)
            self.play(mn.FadeIn(rainbow), mn.Create(edged))
            self.play(rainbow.animate.rotate(1), edged.animate.set_stroke(width=3))
            self.play(mn.FadeOut(rainbow), mn.FadeOut(edged))
        with self.step("picture", "An image, and dots."):
            image = mn.ImageMobject(np.arange(48, dtype=np.uint8).reshape(4, 4, 3) * 5)
            image.scale(30).shift(DOWN)
            cloud = mn.PointCloudDot(radius=0.5, density=20)
            self.play(mn.FadeIn(image), mn.FadeIn(cloud))
            self.play(image.animate.rotate(0.5), mn.Transform(low, mn.Triangle()))
            self.remove(image, cloud)
        with self.step("number", "What follows a number."):
            tracker = mn.ValueTracker(0)
            dot = mn.always_redraw(lambda: mn.Dot(RIGHT * tracker.get_value()))
            self.add(dot)
            self.play(tracker.animate.set_value(3))
            high.add_updater(lambda m, dt: m.rotate(dt))
            self.wait(1)
            self.play(mn.MoveAlongPath(low, mn.Circle(radius=2)))
            high.clear_updaters()
            self.remove(dot)
        with self.step("ground", "Another ground."):
            camera: Any = self.camera
            camera.background_color = mn.ManimColor("#203040")
            camera.init_background()
            self.play(high.animate.shift(UP))
            dots = [mn.Dot(LEFT * k) for k in range(4)]
            self.play(mn.Succession(*map(mn.GrowFromCenter, dots)))
            self.play(mn.LaggedStart(*map(mn.FadeOut, dots)), mn.ReplacementTransform(high, low))


class Waits(Story):
    """A story that waits, in every way that Manim knows."""

    def construct(self) -> None:
        tracker, turning, pushed = mn.ValueTracker(0), mn.Square(), mn.Dot(DOWN)
        disc = mn.always_redraw(lambda: mn.Circle(0.5 + tracker.get_value() / 9, fill_opacity=1))
        with self.step("until", "Until something is so."):
            self.add(disc, turning)
            tracker.add_updater(lambda m, dt: m.increment_value(dt))
            self.add(tracker)
            self.wait_until(lambda: tracker.get_value() > 2)
            self.wait(20, stop_condition=lambda: tracker.get_value() >= 5.5)  # just then
            self.wait(4, stop_condition=lambda: True)
            self.wait(2, stop_condition=lambda: False)
        with self.step("moving", "While other things move."):
            self.play(mn.Wait(2), mn.FadeIn(mn.Dot(UP)))
            self.play(mn.Succession(mn.FadeIn(mn.Dot(RIGHT)), mn.Wait(1)), mn.Create(mn.Dot(LEFT)))
            self.wait(1, frozen_frame=True)
            self.pause(1)
            tracker.clear_updaters()
            self.wait(1, frozen_frame=False)
        with self.step("scene", "What the scene itself does."):
            self.add_updater(lambda dt: turning.rotate(dt))
            self.wait(1)
            self.wait_until(lambda: turning.get_corner(UP)[1] > 1.3, max_time=5)
            self.updaters.clear()
        with self.step("pushed", "What a still does not move."):
            pushed.add_updater(lambda m: m.shift(LEFT * 0.1))
            self.add(pushed)
            self.wait(1)
            self.play(mn.FadeIn(mn.Star()))
            self.wait(1)
            self.play(mn.FadeOut(pushed))
        with self.step("on", "It goes on while the caption is read."):
            turning.add_updater(lambda m, dt: m.rotate(dt))


class Near(Story, mn.MovingCameraScene):
    """A story that goes near."""

    def construct(self) -> None:
        camera: Any = self.camera
        dot = mn.Dot(RIGHT)
        with self.step("near", "It goes near."):
            self.play(mn.FadeIn(dot))
            self.play(camera.frame.animate.scale(0.5).move_to(dot))
            camera.frame.save_state()
            self.wait(1)
        with self.step("far", "And back."):
            self.play(dot.animate.shift(UP), camera.frame.animate.scale(3))


class Deep(Story, mn.ThreeDScene):
    """A story in three dimensions."""

    def construct(self) -> None:
        with self.step("deep", "It turns."):
            self.set_camera_orientation(phi=1, theta=-1)
            self.play(mn.Create(mn.Cube()))
            self.move_camera(phi=0.5, run_time=1)
        with self.step("ambient", "And turns."):
            self.begin_ambient_camera_rotation(rate=0.4)
            self.wait(2)
            self.stop_ambient_camera_rotation()


class Zoomed(Story, mn.ZoomedScene):
    """A story with a magnifying glass."""

    def construct(self) -> None:
        dot = mn.Dot()
        with self.step("zoomed", "It is looked at."):
            self.play(mn.FadeIn(dot))
            self.activate_zooming(animate=True)
            self.play(self.zoomed_camera.frame.animate.shift(LEFT))


class Keeping:
    """Stands where Manim writes its files, and keeps a digest of each frame."""

    def __init__(self, output_spec: object) -> None:
        self.output_spec = output_spec
        self.sections = [SimpleNamespace(skip_animations=False)]
        self.subcaptions: list[object] = []
        self.frames: list[bytes] = []

    def write_frame(self, frame: np.ndarray, repeat: int = 1) -> None:
        self.frames += [blake2b(frame.tobytes()).digest()] * repeat

    def is_already_cached(self, *_: object) -> bool:
        return False

    def nothing(self, *_: object, **__: object) -> None:
        """What has to do with files."""

    add_partial_movie_file = begin_animation = end_animation = next_section = nothing
    abort_encode_jobs = save_image = nothing


class ManimsOwn(CairoRenderer):
    """Manim's renderer as it is, but for the files."""

    def init_scene(self, scene: Any, session_spec: Any, file_writer_settings: Any) -> None:
        self.camera = scene.camera_class()
        self.file_writer = Keeping(session_spec.output)


def manims(story: type[Story], trace: Trace) -> list[bytes]:
    """Give the frames that Manim draws of a story."""
    plain = {"disable_caching": True}
    with (
        canvas(theme_named("dark"), *SIZE, FPS),
        tempconfig(plain),
        pytest.MonkeyPatch.context() as patch,  # the last, so that the canvas puts back its own
    ):
        patch.setattr(mn.Mobject, "__deepcopy__", MANIMS_COPY)
        renderer = ManimsOwn()
        story(trace, renderer=renderer, pace=PACE).render()
    return renderer.file_writer.frames


def ours(reel: Reel) -> list[bytes]:
    frames: list[bytes] = []
    for frame in reel.views():
        frames += [blake2b(frame.pixels.tobytes()).digest()] * frame.repeat
    return frames


@pytest.mark.parametrize(
    ("story", "pictures"), [(Stress, 25), (Waits, 25), (Near, 4), (Deep, 7), (Zoomed, 4)]
)
@pytest.mark.few(1)
def test_what_is_hard_to_draw(
    story: type[Story], pictures: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lstmviz.stage.drawing.slices.PICTURES", 7)
    trace = lstmviz.run("good but dull", cell="lstm")
    expected = manims(story, trace)
    assert len(set(expected)) > pictures
    for jobs in (1, 2, 3):
        reel = record(story, trace, size=SIZE, fps=FPS, pace=PACE, jobs=jobs)
        assert ours(reel) == expected, jobs
        assert reel.steps[-1].last_frame == len(expected) - 1
    stills = record(story, trace, size=SIZE, fps=FPS, pace=PACE, stills=True)
    assert ours(stills) == [expected[step.last_frame] for step in reel.steps]


@pytest.mark.parametrize(
    ("number", "story"),
    [
        # The film is made of the others, and as long as all of them.
        pytest.param(k, name, id=name, marks=getattr(pytest.mark, TIERS.get(name, "verify")))
        for k, name in enumerate(STORIES)
    ],
)
@pytest.mark.verify
def test_every_story(number: int, story: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lstmviz.stage.drawing.slices.PICTURES", 20)
    teller = find_story(story)
    trace = lstmviz.run(teller.input, cell=teller.cell)
    expected = manims(teller, trace)

    def by_manim(*_: object, **__: object) -> None:
        raise AssertionError("the painter knows all of this")

    monkeypatch.setattr(Drawer, "update_frame", by_manim)
    reel = record(teller, trace, size=SIZE, fps=FPS, pace=PACE, jobs=1 + number % 3)
    assert ours(reel) == expected
