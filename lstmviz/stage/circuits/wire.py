"""Wires of a circuit, and the animation of what moves along them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from manim import Animation, Create, FadeIn, Mobject, VMobject, smooth, squish_rate_func

from lstmviz.stage.mobjects.lightable import Lightable, Motion

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lstmviz.style.theme import Theme

Point = tuple[float, float]
BEND = 0.22
TIP = 0.19
WIDTH = 4.5  # in Manim's stroke units, hundredths of a scene unit


def rounded(
    points: Sequence[Point], radius: float = BEND
) -> list[tuple[Point, Point, Point, Point]]:
    """Turn a polyline into cubic curves with rounded corners."""
    way = [np.array(p, dtype=float) for p in points]
    curves: list[NDArray[np.float64]] = []
    at = way[0]
    for before, corner, after in zip(way, way[1:], way[2:], strict=False):
        first, second = before - corner, after - corner
        reach = min(radius, *(float(np.linalg.norm(v)) / 2 for v in (first, second)))
        start = corner + first / np.linalg.norm(first) * reach
        end = corner + second / np.linalg.norm(second) * reach
        curves += [
            _straight(at, start),
            np.array(
                [start, start + (corner - start) * 0.5523, end + (corner - end) * 0.5523, end]
            ),
        ]
        at = end
    curves.append(_straight(at, way[-1]))
    return [tuple(map(tuple, curve)) for curve in curves]  # type: ignore[misc]


def _straight(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([a, a + (b - a) / 3, a + (b - a) * 2 / 3, b])


def _points(curves: Sequence[Any]) -> NDArray[np.float64]:
    flat = np.array(curves, dtype=float).reshape(-1, 2)
    return np.column_stack([flat, np.zeros(len(flat))])


class Wire(Lightable):
    """A wire through waypoints, with an arrow head where it ends (unless `tip=False`).

    `hops` are points where it passes over another wire in a small bridge.
    """

    def __init__(
        self,
        theme: Theme,
        *way: Point,
        role: str = "ink",
        tip: bool = True,
        hops: Sequence[Point] = (),
    ) -> None:
        super().__init__(theme)
        self.role = role
        color = theme.role(role)
        end = np.array(way[-1], dtype=float)
        last = end - np.array(way[-2], dtype=float)
        heading = last / np.linalg.norm(last)
        stop = tuple(end - heading * TIP * 0.7) if tip else way[-1]
        self.line = VMobject(stroke_width=WIDTH, fill_opacity=0)
        self.line.points = _points(_bridged(rounded([*way[:-1], stop]), hops))
        self.ink(self.line, color, "stroke")
        if tip:
            side = np.array([-heading[1], heading[0]]) * TIP * 0.5
            corners = [end, end - heading * TIP + side, end - heading * TIP - side, end]
            head = VMobject(stroke_width=0, fill_opacity=1)
            head.points = _points([_straight(a, b) for a, b in pairwise(corners)])
            self.ink(head, color, "fill")


def drawing(wire: Wire) -> list[Motion]:
    """Let a wire be drawn along its way; its head comes when the line is nearly there."""
    late = squish_rate_func(smooth, 0.7, 1)
    heads = [each for each in wire.submobjects if each is not wire.line]
    return [Create(wire.line), *(FadeIn(head, rate_func=late) for head in heads)]


def _bridged(
    curves: list[tuple[Point, Point, Point, Point]], hops: Sequence[Point], radius: float = 0.13
) -> list[tuple[Point, Point, Point, Point]]:
    """Lift a straight piece over each hop point in a half circle."""
    for hop in hops:
        for k, (a, *_, b) in enumerate(curves):
            start, end, middle = np.array(a), np.array(b), np.array(hop)
            along = (end - start) / max(float(np.linalg.norm(end - start)), 1e-9)
            off = (middle - start) - along * float((middle - start) @ along)
            inside = (
                radius
                < float((middle - start) @ along)
                < float(np.linalg.norm(end - start)) - radius
            )
            if float(np.linalg.norm(off)) > 1e-6 or not inside:
                continue
            up = np.array([-along[1], along[0]])
            if up[1] < 0 or (up[1] == 0 and up[0] < 0):
                up = -up
            left, right, top = (
                middle - along * radius,
                middle + along * radius,
                middle + up * radius,
            )
            bend = 0.5523 * radius
            curves[k : k + 1] = [
                _tuples(_straight(start, left)),
                _tuples([left, left + up * bend, top - along * bend, top]),
                _tuples([top, top + along * bend, right + up * bend, right]),
                _tuples(_straight(right, end)),
            ]
            break
    return curves


def _tuples(curve: object) -> tuple[Point, Point, Point, Point]:
    return tuple(tuple(map(float, point)) for point in np.asarray(curve))  # type: ignore[return-value]


class Ride(Animation):
    """Something travels along waypoints at an even speed, eased at both ends.

    With `appear` it fades in on the first fifth of its way; with `leave` it fades out on the
    last fifth, and is gone.
    """

    steady = True

    def __init__(
        self,
        mobject: Mobject,
        *way: Point,
        run_time: float = 1.0,
        appear: bool = False,
        leave: bool = False,
        **kwargs: object,
    ) -> None:
        self.appear, self.leave = appear, leave
        samples = np.linspace(0, 1, 17)[:, None]
        path = [np.array([[*way[0], 0.0]])]
        for curve in rounded(way):
            a, b, c, d = (np.array([*p, 0.0]) for p in curve)
            path.append(
                (1 - samples) ** 3 * a
                + 3 * (1 - samples) ** 2 * samples * b
                + 3 * (1 - samples) * samples**2 * c
                + samples**3 * d
            )
        self.path = np.concatenate(path)
        steps = np.linalg.norm(np.diff(self.path, axis=0), axis=1)
        self.lengths = np.concatenate([[0.0], np.cumsum(steps)])
        super().__init__(mobject, run_time=run_time, remover=leave, **kwargs)  # type: ignore[arg-type]

    def create_starting_mobject(self) -> Mobject:
        """Keep how the traveller looks, and where it stands."""
        start = cast("Mobject", super().create_starting_mobject())
        self._start = start.get_center()
        members = self.mobject.family_members_with_points()
        self._pairs = list(zip(members, start.family_members_with_points(), strict=True))
        return start

    def interpolate_mobject(self, alpha: float) -> None:
        """Put the traveller where it is at this share of the way."""
        come = min(alpha / 0.2, 1.0) if self.appear else 1.0
        share = min(come, (1 - alpha) / 0.2) if self.leave else come
        done = self.rate_func(alpha) * self.lengths[-1]
        place = [np.interp(done, self.lengths, self.path[:, k]) for k in (0, 1)]
        way = np.array([*place, 0.0]) - self._start
        shape: Any
        full: Any
        for shape, full in self._pairs:
            shape.points = full.points + way
            if self.appear or self.leave:
                shape.set_fill(opacity=share * full.get_fill_opacity(), family=False)
                shape.set_stroke(opacity=share * full.get_stroke_opacity(), family=False)
