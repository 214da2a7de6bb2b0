"""Incremental rendering of frames, in two layers: what rests below, what may move above it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cairo
import numpy as np

from lstmviz.reel.rectangles import Tiles
from lstmviz.stage.manim.painter.layer import Layer
from lstmviz.stage.manim.painter.manim_internals import DrawingOrder, Unknown, view_of
from lstmviz.stage.manim.painter.shape import Shape, measure, outline
from lstmviz.stage.manim.painter.tiles import mark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from manim import Mobject

    from lstmviz.reel.frame_store import Pixels
    from lstmviz.reel.rectangles import Mask, Rect

    Movers = Mapping[int, Mobject]


class Painter:
    """Draws for a camera of Manim's, the plain one.

    `rest` is told what stands still during a move, and `draw` frame by frame what lies above
    that; as Manim does it. Afterwards `picture` holds the frame, (height, width, 4).

    Raises:
        Unknown: by every method, if Manim must draw this itself; call `forget` then.
    """

    def __init__(self, camera: Any) -> None:
        self._camera = camera
        self.view = view_of(camera)
        self.tiles = Tiles(self.view.width, self.view.height)
        camera.get_cairo_context(camera.pixel_array)  # fixes the matrix of Manim's own drawing
        self._ground: Pixels = camera.background.copy()
        self._resting = Layer(self.tiles, self._ground.copy())
        self._moving = Layer(self.tiles, self._ground.copy())
        self._sheet: Pixels = np.empty_like(self._ground)
        self._context = self._draws_on(self._sheet)
        self._shapes: dict[int, Shape] = {}
        self._order = DrawingOrder()
        self._pending = self.tiles.mask(True)  # tiles of the resting layer that changed
        self._rest_anew = self._draw_anew = True  # what the layers show cannot be trusted

    @property
    def picture(self) -> Pixels:
        """The last frame; the array is used again."""
        return self._moving.picture

    @property
    def resting(self) -> Pixels:
        """What rests, without what lies above it."""
        return self._resting.picture

    def rest(self, mobjects: Sequence[Mobject]) -> None:
        """Draw what will stand still, for the frames to come."""
        self._check_camera()
        shown = {id(s.mobject): s for layer in (self._resting, self._moving) for s in layer.shapes}
        self._shapes = shown  # others are forgotten, so that a long film stays small
        changed = self.tiles.mask(self._rest_anew)
        if not np.array_equal(self._ground, self._camera.background):
            self._ground = self._camera.background.copy()
            changed[:] = True
        shapes = self._look(DrawingOrder()(mobjects), changed)
        self._resting.show(shapes, self._ground, changed, self._sheet, self._context)
        self._pending |= changed
        self._rest_anew = False
        self._order = DrawingOrder()

    def draw(self, mobjects: Sequence[Mobject], movers: Movers | None = None) -> list[Rect]:
        """Draw a frame and give the rectangles, in pixels, in which it may have changed.

        `movers` are all mobjects that may have changed since the last frame of the same move, by
        their ids; without them any may have.
        """
        self._check_camera()
        if not mobjects:
            raise Unknown  # Manim then draws everything once more
        changed = self._pending
        changed |= self._draw_anew
        shapes = self._look(self._order(mobjects, movers), changed, movers)
        rectangles = self._moving.show(
            shapes, self._resting.picture, changed, self._sheet, self._context
        )
        self._pending = self.tiles.mask()
        self._draw_anew = False
        return rectangles

    def forget(self) -> None:
        """Draw everything anew the next time: another hand drew a frame in between."""
        self._rest_anew = self._draw_anew = True
        self._resting.shapes = self._moving.shapes = ()
        self._shapes.clear()

    def _check_camera(self) -> None:
        if view_of(self._camera) != self.view:
            raise Unknown

    def _look(
        self, mobjects: Sequence[Mobject], changed: Mask, movers: Movers | None = None
    ) -> list[Shape]:
        """Give the shapes of mobjects, and mark where they were and are if they changed."""
        shapes: list[Shape] = []
        moved: list[Shape] = []
        altered: list[Shape] = []
        for mobject in mobjects:
            shape = self._shapes.get(id(mobject))
            if shape is None:
                shape = self._shapes[id(mobject)] = Shape(mobject)
            elif movers is not None and id(mobject) not in movers:
                shape.calm += 1
                shapes.append(shape)
                continue
            shapes.append(shape)
            new_points, new_style = shape.refresh(self.view)
            if new_points or new_style:
                mark(changed, shape.box)
                altered.append(shape)
            if new_points:
                moved.append(shape)
        outline(moved)
        for shape in altered:
            measure(shape, self.view, self.tiles)
            mark(changed, shape.box)
        return shapes

    def _draws_on(self, sheet: Pixels) -> cairo.Context[Any]:
        surface = cairo.ImageSurface.create_for_data(
            sheet.data, cairo.FORMAT_ARGB32, self.view.width, self.view.height
        )
        context = cairo.Context(surface)
        context.set_matrix(self.view.matrix)
        return context
