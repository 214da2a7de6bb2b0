"""Plays a scene with the painter and with Manim's own camera, and compares every frame."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Scene

from lstmviz.reel.frame_store import Pixels
from lstmviz.reel.rectangles import Rect
from lstmviz.stage.manim.painter import Painter
from lstmviz.stage.manim.renderers import Drawer


class Pictures:
    """Stands where a reel is written; keeps copies of the pictures."""

    def __init__(self) -> None:
        self.pictures: list[tuple[Pixels, int]] = []

    def write(self, pixels: Pixels, repeat: int = 1, changed: object = None) -> None:
        self.pictures.append((pixels.copy(), repeat))


class Forgetful(Pictures):
    """Counts the pictures, and keeps none."""

    count = 0

    def write(self, pixels: Pixels, repeat: int = 1, changed: object = None) -> None:
        self.count += 1


class Recorder(Drawer):
    """Hands every picture to a writer."""

    def __init__(self, writer: Any) -> None:
        super().__init__()
        self.writer = writer

    def record(self, picture: Pixels, count: int, changed: list[Rect] | None) -> None:
        self.writer.write(picture, count, changed)


class Comparing(Recorder):
    """Draws every frame twice; `wrong` has the numbers of the pictures that differ."""

    def __init__(self, writer: Any = None) -> None:
        super().__init__(writer or Forgetful())
        self.drawn = self.painted = 0
        self.wrong: list[int] = []
        self._before: Pixels | None = None

    def _rest(self, scene: Scene) -> Painter | None:
        painter = super()._rest(scene)
        self.save_static_frame_data(scene, scene.static_mobjects)
        self._static, self._scene = self.static_image, scene
        return painter

    def record(self, picture: Pixels, count: int, changed: list[Rect] | None) -> None:
        super().record(picture, count, changed)
        painted = picture is not self.camera.pixel_array
        ours = picture.copy()
        if painted:
            self.static_image = self._static
            self.update_frame(self._scene, self._scene.moving_mobjects)
        expected: Any = self.camera.pixel_array
        if not np.array_equal(ours, expected):
            self.wrong.append(self.drawn)
        if changed is not None and self._before is not None:
            for left, top, right, bottom in changed:
                self._before[top:bottom, left:right] = ours[top:bottom, left:right]
            if not np.array_equal(ours, self._before):
                self.wrong.append(self.drawn)
        self._before = ours
        self.drawn += 1
        self.painted += painted
