"""Plays a scene with the painter and with Manim's own camera, and compares every frame."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Scene

from lstmviz.lossless import Pixels
from lstmviz.stage.painter import Painter
from lstmviz.stage.renderers import Recorder


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


class Comparing(Recorder):
    """Draws every frame twice; `wrong` has the numbers of the pictures that differ."""

    def __init__(self, writer: Any = None) -> None:
        super().__init__(writer or Forgetful())
        self.drawn = self.painted = 0
        self.wrong: list[int] = []

    def _rest(self, scene: Scene) -> Painter | None:
        painter = super()._rest(scene)
        self.save_static_frame_data(scene, scene.static_mobjects)
        self._static = self.static_image
        return painter

    def _draw(self, scene: Scene, painter: Painter | None) -> Any:
        picture = super()._draw(scene, painter)
        painted = picture is not self.camera.pixel_array
        ours = picture.copy()
        self.static_image = self._static
        self.update_frame(scene, scene.moving_mobjects)
        if not np.array_equal(ours, self.camera.pixel_array):
            self.wrong.append(self.drawn)
        self.drawn += 1
        self.painted += painted
        return picture
