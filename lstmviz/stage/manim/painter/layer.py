"""A layer: shapes drawn over a background, updated tile by tile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lstmviz.reel.rectangles import Tiles
from lstmviz.stage.manim.painter.tiles import Touching, mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    import cairo

    from lstmviz.reel.frame_store import Pixels
    from lstmviz.reel.rectangles import Mask, Rect
    from lstmviz.stage.manim.painter.shape import Shape


class Layer:
    """A picture of shapes over a ground, both (height, width, 4).

    Shapes are drawn whole on a sheet beside the picture, from which the changed tiles are
    copied: clipping them would change the smoothing of their edges.
    """

    def __init__(self, tiles: Tiles, picture: Pixels) -> None:
        self.tiles = tiles
        self.picture = picture
        self.shapes: Sequence[Shape] = ()

    def show(
        self,
        shapes: Sequence[Shape],
        ground: Pixels,
        changed: Mask,
        sheet: Pixels,
        context: cairo.Context[Any],
    ) -> list[Rect]:
        """Draw the shapes where `changed` says, and where others come, go or change places.

        `context` draws on `sheet`. Gives the rectangles drawn, in pixels; `changed` has them
        as tiles afterwards.
        """
        if shapes != self.shapes:
            self._compare(shapes, changed)
            self.shapes = shapes
        rectangles = self.tiles.rectangles(changed)
        if not rectangles:
            return []
        for left, top, right, bottom in rectangles:
            sheet[top:bottom, left:right] = ground[top:bottom, left:right]
        touching = Touching(changed)
        for shape in shapes:
            if touching(shape.box):
                shape.draw(context)
        for left, top, right, bottom in rectangles:
            self.picture[top:bottom, left:right] = sheet[top:bottom, left:right]
        return rectangles

    def _compare(self, shapes: Sequence[Shape], changed: Mask) -> None:
        before, after = set(self.shapes), set(shapes)
        for shape in before ^ after:
            mark(changed, shape.box)
        stayed = [shape for shape in self.shapes if shape in after]
        for was, now in zip(stayed, (s for s in shapes if s in before), strict=True):
            if was is not now:
                mark(changed, was.box)
                mark(changed, now.box)
