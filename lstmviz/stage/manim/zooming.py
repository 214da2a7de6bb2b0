"""Zooming: everything that is seen grows about one point, or shrinks back to where it was.

The camera itself stands still, so that whatever draws a picture draws a zoomed one as well, bit
for bit: the painter, Manim, and stills as vectors. What belongs to the frame is not touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from manim import Animation, Mobject, PMobject, VMobject, smooth
from manim.mobject.types.image_mobject import AbstractImageMobject
from numpy.typing import NDArray

from lstmviz.style.layout import Box

Array = NDArray[np.float64]
Point = tuple[float, float]
_EVEN = 1e-9  # a scale so near to 1 only shifts
_SLACK = 0.02  # scene units by which a shape may stick out of the room and is still in view


@dataclass(frozen=True)
class Enlargement:
    """A map of the plane: every point goes to `scale` times itself, and is shifted then."""

    scale: float
    shift: Point

    @classmethod
    def of(cls, part: Box, room: Box) -> Enlargement:
        """Let a part fill a room as far as its shape allows, in the middle."""
        ways = [
            there / here
            for here, there in ((part.width, room.width), (part.height, room.height))
            if here > 0
        ]
        scale = min(ways)
        (x, y), (u, v) = part.center, room.center
        return cls(scale, (u - scale * x, v - scale * y))

    @property
    def back(self) -> Enlargement:
        """The map that undoes it."""
        return Enlargement(
            1 / self.scale, (-self.shift[0] / self.scale, -self.shift[1] / self.scale)
        )

    def part(self, share: float) -> Enlargement:
        """Give the map part of the way, about the point that stays where it is all the time."""
        scale = float(self.scale**share)
        even = abs(1 - self.scale) < _EVEN
        way = share if even else (1 - scale) / (1 - self.scale)
        return Enlargement(scale, (self.shift[0] * way, self.shift[1] * way))

    def point(self, point: Point) -> Point:
        """Map one point."""
        return (
            self.scale * point[0] + self.shift[0],
            self.scale * point[1] + self.shift[1],
        )

    def points(self, points: Array) -> Array:
        """Map points, (n, 3)."""
        moved = points * self.scale
        moved[:, 0] += self.shift[0]
        moved[:, 1] += self.shift[1]
        return moved


@dataclass(frozen=True, eq=False)
class Seen:
    """How a shape stands and is coloured; images and clouds of points have no such colours."""

    points: Array
    fill: Array | None = None
    stroke: Array | None = None

    @classmethod
    def now(cls, member: Any) -> Seen:
        """Take down how a shape is seen now."""
        if not isinstance(member, VMobject):
            return cls(member.points.copy())
        return cls(member.points.copy(), member.fill_rgbas.copy(), member.stroke_rgbas.copy())

    def moved(self, points: Array, *, hidden: bool = False) -> Seen:
        """Give the same shape elsewhere, or out of sight."""
        if not hidden or self.fill is None or self.stroke is None:
            return Seen(points, self.fill, self.stroke)
        clear = np.array([1.0, 1.0, 1.0, 0.0])
        return Seen(points, self.fill * clear, self.stroke * clear)


class Zoom(Animation):
    """All of a mobject grows about the fixed point of a map; at the end it is seen as `ends` say.

    `ends` has its members by their ids. What is out of sight at the end is gone half-way; what
    comes into sight begins to half-way.
    """

    steady = True  # it changes what it holds, and ends alike however many frames are played

    def __init__(
        self, mobject: Mobject, view: Enlargement, ends: Mapping[int, Seen], **options: Any
    ) -> None:
        super().__init__(mobject, rate_func=options.pop("rate_func", smooth), **options)
        self.view, self.ends = view, ends

    def begin(self) -> None:
        """Take down how everything is seen."""
        self.starts = {id(member): Seen.now(member) for member in drawn(self.mobject)}
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        """Go a part of the way."""
        share = float(self.rate_func(alpha))
        view = self.view.part(share)
        for member in drawn(self.mobject):
            start, end = self.starts.get(id(member)), self.ends.get(id(member))
            if start is None or end is None:
                continue
            member.points = end.points.copy() if share >= 1 else view.points(start.points)
            if isinstance(member, VMobject):
                vmobject: Any = member
                vmobject.fill_rgbas = _blend(start.fill, end.fill, share)
                vmobject.stroke_rgbas = _blend(start.stroke, end.stroke, share)


def drawn(mobject: Any) -> Iterator[Any]:
    """Give the members of a mobject that have a place in the picture; others carry values."""
    for member in mobject.get_family():
        if len(member.points) and isinstance(member, VMobject | PMobject | AbstractImageMobject):
            yield member


def around(mobjects: Iterable[Mobject]) -> Box | None:
    """Give the box around all that is drawn of mobjects; None if there is nothing."""
    points = [member.points[:, :2] for each in mobjects for member in drawn(each)]
    if not points:
        return None
    low = np.min([each.min(axis=0) for each in points], axis=0)
    high = np.max([each.max(axis=0) for each in points], axis=0)
    return Box(float(low[0]), float(high[0]), float(low[1]), float(high[1]))


def in_sight(points: Array, room: Box) -> bool:
    """Tell whether a shape lies in a room whole."""
    (left, bottom), (right, top) = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    return bool(
        left >= room.left - _SLACK
        and right <= room.right + _SLACK
        and bottom >= room.bottom - _SLACK
        and top <= room.top + _SLACK
    )


def _blend(start: Array | None, end: Array | None, share: float) -> Array | None:
    if start is None or end is None or start.shape != end.shape or share >= 1:
        return None if end is None else end.copy()
    leaves = end[:, 3].max() < start[:, 3].max()
    part = min(2 * share, 1.0) if leaves else max(2 * share - 1, 0.0)
    blended: Array = start * (1 - part) + end * part
    return blended
