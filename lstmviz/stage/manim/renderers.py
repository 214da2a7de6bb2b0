"""Renderers: a story is drawn frame by frame, or walked through without drawing."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from manim import Camera, config, tempconfig
from manim.renderer.cairo_renderer import CairoRenderer

from lstmviz.errors import UsageError
from lstmviz.stage.manim.compatibility import ready
from lstmviz.stage.manim.fast_copy import quick_copies
from lstmviz.stage.manim.painter import Painter, Unknown, known
from lstmviz.stage.manim.pure_moves import is_steady, steady_move
from lstmviz.stage.text.fonts import branded
from lstmviz.style.layout import WIDE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manim import Scene

    from lstmviz.reel.frame_store import Pixels
    from lstmviz.reel.rectangles import Rect
    from lstmviz.stage.manim.painter.painter import Movers
    from lstmviz.style.layout import Layout
    from lstmviz.style.theme import Theme


class _NoFiles:
    """A file writer that writes nothing, in place of Manim's; refuses what a reel cannot hold."""

    def __init__(self, output_spec: object) -> None:
        self.output_spec = output_spec
        self.sections: list[object] = []

    def next_section(self, name: str, kind: str, skip_animations: bool) -> None:
        """Ignore Manim's sections, as steps are kept by the story, but skip nothing in silence."""
        if skip_animations:
            raise UsageError(
                f"The section {name} is to be skipped, which a story cannot do; leave out "
                "skip_animations, or the animations."
            )

    def add_sound(self, sound: str, *_: object, **__: object) -> None:
        """Refuse sounds."""
        raise UsageError(
            f"A film of lstmviz has no sound, so {sound} cannot be heard; leave out add_sound, and "
            "add the sound to the finished file."
        )

    @property
    def subcaptions(self) -> list[object]:
        """Refuse Manim's subtitles."""
        raise UsageError(
            "The subtitles of a story are the captions of its steps; write what is to be read as "
            "the caption of a step, and leave out subcaption and add_subcaption."
        )

    def abort_encode_jobs(self, **_: object) -> None:
        """There are none."""


class Player(CairoRenderer):
    """A renderer that plays a scene without Manim's files and caches; subclasses use its frames.

    The times at which frames are taken are those of Manim's own renderer.
    """

    frames = 0

    def init_scene(self, scene: Scene, session_spec: Any, file_writer_settings: Any) -> None:
        """Take the camera that a kind of scene asks for, and the place of Manim's file writer."""
        if scene.camera_class is not Camera:
            self.camera = scene.camera_class()
        self.file_writer = _NoFiles(session_spec.output)

    def play(self, scene: Scene, *args: Any, **kwargs: Any) -> None:
        """Play animations: begin, frame by frame, finish."""
        scene.compile_animation_data(*args, **kwargs)
        scene.begin_animations()
        rate = self.camera.frame_rate
        if scene.is_current_animation_frozen_frame():
            count = int(scene.duration / (1 / rate))
            self.hold(scene, count)
        else:
            count = self.move(scene, np.arange(0, scene.duration, 1 / rate))
            for animation in scene.animations or ():
                animation.finish()
                animation.clean_up_from_scene(scene)
            scene.update_mobjects(0)
        self.static_image = None
        self.time += count / rate
        self.frames += count
        self.num_plays += 1

    def hold(self, scene: Scene, count: int) -> None:
        """A still picture for a number of frames."""

    def move(self, scene: Scene, times: np.ndarray) -> int:
        """Go through the frames of an animation at these times, and tell how many there were.

        Here nothing is drawn, and what ends alike without its frames is not gone through.
        """
        if is_steady(scene):
            return len(times)
        return sum(1 for _ in passed(scene, times))

    @property
    def picture(self) -> Pixels:
        """What the camera holds, (height, width, 4); the array is used again."""
        return cast("Pixels", self.camera.pixel_array)  # Manim's annotation has another dtype

    def drawn(self, scene: Scene) -> Pixels:
        """Let Manim draw what stands on the stage now; the array is used again."""
        self.update_frame(scene)
        return self.picture

    def scene_finished(self, scene: Scene) -> None:
        """Nothing is left to write."""


class Drawer(Player):
    """A renderer that draws every frame; subclasses say in `record` where it goes.

    A painter draws what it knows, and Manim's camera what it does not.
    """

    def __init__(self) -> None:
        super().__init__()
        self._painter: Painter | None = None
        self._by_manim = False  # whether Manim draws all of this film
        self._painted = False  # whether the painter drew the last frame

    def record(self, picture: Pixels, count: int, changed: list[Rect] | None) -> None:
        """Take a picture that stands for `count` frames; the array is used again.

        Outside of `changed` it equals the one before; None: all may be different.
        """

    def hold(self, scene: Scene, count: int) -> None:
        """Draw once and let it stand."""
        if count:
            self._draw(scene, self._rest(scene), count)

    def move(self, scene: Scene, times: np.ndarray) -> int:
        """Draw each frame; what rests below the first moving thing is drawn once."""
        resting = self._rest(scene)
        if not is_steady(scene):
            count = 0
            for count in passed(scene, times):  # noqa: B007 (the last one is the number of frames)
                self._draw(scene, resting, 1)
            return count
        with steady_move(scene) as steady:
            for number, time in enumerate(times):
                steady.go_to(time)
                self._draw(scene, resting, 1, steady.movers if number else None)
        return len(times)

    def _rest(self, scene: Scene) -> Painter | None:
        """Draw what rests; without a painter Manim draws this move."""
        painter = self._ready_painter()
        if painter is not None:
            try:
                painter.rest(scene.static_mobjects)
                return painter
            except Unknown:
                painter.forget()
        self.save_static_frame_data(scene, scene.static_mobjects)
        return None

    def _draw(
        self,
        scene: Scene,
        painter: Painter | None,
        count: int,
        movers: Movers | None = None,
    ) -> None:
        """Draw a frame that stands for `count`, and record it; only `movers` may have changed."""
        if painter is not None:
            try:
                changed = painter.draw(scene.moving_mobjects, movers)
                self.record(painter.picture, count, changed if self._painted else None)
                self._painted = True
                return
            except Unknown:
                painter.forget()
                self.static_image = cast("Any", painter.resting)
        self.update_frame(scene, scene.moving_mobjects)
        self.record(self.picture, count, None)
        self._painted = False

    def _ready_painter(self) -> Painter | None:
        if self._painter is None and not self._by_manim:
            with suppress(Unknown):
                self._painter = Painter(self.camera) if known() else None
            self._by_manim = self._painter is None
        return self._painter


class Walker(Player):
    """A renderer that draws nothing; `visit` sees the scene in the middle of every move.

    `visit(scene)` is called half-way through each animation.
    """

    def __init__(self, visit: Callable[[Scene], None] | None = None) -> None:
        super().__init__()
        self.visit = visit

    def move(self, scene: Scene, times: np.ndarray) -> int:
        """Stop in the middle of the animation, if somebody looks."""
        if self.visit is None or len(times) == 1:
            return super().move(scene, times)
        middle, count = len(times) // 2, 0
        if is_steady(scene):
            scene.update_to_time(times[middle])
            self.visit(scene)
            return len(times)
        for count in passed(scene, times):
            if count == middle + 1:
                self.visit(scene)
        return count


def passed(scene: Scene, times: np.ndarray) -> Iterator[int]:
    """Go from frame to frame of an animation, and count them when they can be drawn.

    A wait for something ends with the frame after which that holds.
    """
    for count, time in enumerate(times, start=1):
        scene.update_to_time(time)
        yield count
        if scene.stop_condition is not None and scene.stop_condition():
            return


@contextmanager
def canvas(
    theme: Theme, width: int, height: int, fps: float, layout: Layout = WIDE
) -> Iterator[None]:
    """Set Manim up for pictures of a size in pixels on a theme's ground, and undo it after.

    The frame is as many scene units high as that of the layout, and as wide as the pixels say.

    Raises:
        UsageError: the user's manim.cfg asks for OpenGL, with which Manim makes other shapes.
        LstmvizError: no film can be drawn with this Manim.
    """
    ready()
    if config.renderer.value != "cairo":
        raise UsageError(
            f"Manim is configured to draw with {config.renderer.value}; lstmviz draws with "
            "cairo: take the line `renderer` out of manim.cfg."
        )
    settings = {
        "pixel_width": width,
        "pixel_height": height,
        "frame_rate": fps,
        "frame_height": float(layout.frame.height),
        "frame_width": layout.frame.height * width / height,
        "background_color": theme.background,
        "background_opacity": 0.0,
        "dry_run": True,
        "progress_bar": "none",
        "verbosity": "ERROR",  # it warns of moves of one frame, which are meant
        "seed": 0,
        # What a manim.cfg may ask for, and a film without files of Manim's cannot give.
        "preview": False,
        "live_preview": False,
        "show_in_file_browser": False,
        "from_animation_number": 0,
        "upto_animation_number": math.inf,
    }
    messages = logging.getLogger("manim")
    level = messages.level  # which Manim does not put back with its settings
    try:
        with tempconfig(settings), branded(theme.fonts), quick_copies():
            yield
    finally:
        messages.setLevel(level)
