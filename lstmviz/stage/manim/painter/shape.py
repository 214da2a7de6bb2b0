"""The cached outline and style of a mobject: only what has changed is computed again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lstmviz.reel.rectangles import Tiles
from lstmviz.stage.manim.painter.manim_internals import (
    RELATIVE,
    TOLERANCE,
    View,
    pen_of,
    points_of,
    style_of,
)

if TYPE_CHECKING:
    import cairo

    from lstmviz.reel.rectangles import Rect
    from lstmviz.stage.manim.painter.manim_internals import Pen

# Where a subpath starts, the rest of its curves, and whether it is closed.
Subpath = tuple[list[float], list[list[float]], bool]

_MITER = 10.0  # Cairo's limit: a corner may stick out so many times half the line width


class Shape:
    """What is known of a mobject: its points and style when last looked at, and its outline."""

    __slots__ = ("bounds", "box", "calm", "mobject", "path", "pen", "points", "style", "subpaths")

    def __init__(self, mobject: Any) -> None:
        self.mobject = mobject
        self.points: np.ndarray | None = None
        self.style: tuple[object, ...] | None = None
        self.pen: Pen | None = None
        self.bounds = (0.0, 0.0, 0.0, 0.0)  # of its points: left, bottom, right, top
        self.box: Rect | None = None  # the tiles that it can touch
        self.subpaths: list[Subpath] = []
        self.path: cairo.Path | None = None  # the outline as Cairo keeps it
        self.calm = 0  # how often it was looked at since its points changed

    def refresh(self, view: View) -> tuple[bool, bool]:
        """Compare the mobject with what is known; tell whether its points, its style changed.

        Raises:
            Unknown: it is, or has become, something that the painter does not know.
        """
        style, points = style_of(self.mobject), self.mobject.points
        known = self.points
        moved = known is None or len(points) != len(known) or not (points == known).all()
        restyled = style != self.style
        if restyled:
            self.pen, self.style = pen_of(self.mobject, view), style
        if moved:
            self.points, self.path, self.calm = points_of(self.mobject), None, 0
        else:
            self.calm += 1
        return moved, restyled

    def draw(self, context: cairo.Context[Any]) -> None:
        """Fill and stroke the outline."""
        pen = self.pen
        if pen is None or (pen.fill is None and pen.stroke is None):
            return
        context.new_path()
        if self.path is not None:
            context.append_path(self.path)
        else:
            self._trace(context)
            if self.calm > 1:
                self.path = context.copy_path()
        if pen.fill is not None:
            context.set_source_rgba(*pen.fill)
            context.fill_preserve()
        if pen.stroke is not None:
            context.set_source_rgba(*pen.stroke)
            context.set_line_width(pen.width)
            context.set_line_join(pen.join)
            context.set_line_cap(pen.cap)
            context.stroke_preserve()

    def _trace(self, context: cairo.Context[Any]) -> None:
        curve_to = context.curve_to
        for start, curves, closed in self.subpaths:
            context.new_sub_path()
            context.move_to(*start)
            for curve in curves:
                curve_to(*curve)
            if closed:
                context.close_path()


def outline(shapes: Sequence[Shape]) -> None:
    """Find the subpaths and bounds of shapes whose points have changed, of all at once."""
    if not shapes:
        return
    counts = np.array([len(shape.mobject.points) // 4 for shape in shapes])
    first = np.concatenate(([0], np.cumsum(counts)))  # of each shape's curves
    flat = np.concatenate([shape.points for shape in shapes if shape.points is not None])
    curves = np.ascontiguousarray(flat[:, :2]).reshape(-1, 8)
    starts, ends = curves[:, 0:2], curves[:, 6:8]
    begins = np.ones(len(curves), dtype=bool)  # whether a curve begins a subpath
    begins[1:] = ~_meet(ends[:-1], starts[1:], starts[1:])
    begins[first[:-1]] = True
    heads = np.flatnonzero(begins)
    tails = np.append(heads[1:], len(curves))
    closed = _meet(starts[heads], ends[tails - 1], ends[tails - 1]).tolist()
    origins, rest = starts[heads].tolist(), curves[:, 2:].tolist()
    spans = list(zip(heads.tolist(), tails.tolist(), strict=True))
    subpaths = [
        (origin, rest[head:tail], shut)
        for origin, (head, tail), shut in zip(origins, spans, closed, strict=True)
    ]
    cuts = np.searchsorted(heads, first).tolist()
    plane = flat[:, :2]
    lows = np.minimum.reduceat(plane, 4 * first[:-1]).tolist()
    highs = np.maximum.reduceat(plane, 4 * first[:-1]).tolist()
    for shape, begin, end, low, high in zip(shapes, cuts, cuts[1:], lows, highs, strict=False):
        shape.subpaths = subpaths[begin:end]
        shape.bounds = (*low, *high)


def measure(shape: Shape, view: View, tiles: Tiles) -> None:
    """Find the tiles that a shape can touch: the hull of its points, and half its stroke."""
    points = shape.points
    if points is None or shape.pen is None:
        return
    (across, down), (x, y) = view.scale, view.origin
    left, bottom, right, top = shape.bounds
    reach = 1.5 if len(points) <= 4 else _MITER  # a single curve has caps but no corner
    pad = shape.pen.width / 2 * max(across, down) * reach + 2
    shape.box = tiles.around(
        x + left * across - pad,
        y - top * down - pad,
        x + right * across + pad,
        y - bottom * down + pad,
    )


def _meet(one: np.ndarray, other: np.ndarray, measured: np.ndarray) -> np.ndarray:
    """Tell which points count as the same, as Manim compares them in the plane."""
    near = np.abs(one - other) <= TOLERANCE + RELATIVE * np.abs(measured)
    return np.asarray(near.all(axis=1))
