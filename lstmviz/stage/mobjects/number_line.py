"""A number line with the band from −1 to 1, on which the values of a column move."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from manim import Circle, Line, Rectangle, VGroup

from lstmviz.stage.mobjects.column import NUMBER, Column, number_size
from lstmviz.stage.text.formula import Formula
from lstmviz.stage.text.text import TextLine
from lstmviz.style.layout import INDEX, WIDE, Box
from lstmviz.style.notation import MINUS, quantity
from lstmviz.style.theme import mix

if TYPE_CHECKING:
    from lstmviz.stage.mobjects.lightable import Motion
    from lstmviz.style.notation import Notation
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import Reading

MARGIN = 0.42  # left, for the numbers of the units
SHORT = np.array([1e-4, 0.0, 0.0])  # a line of no length cannot grow
NUMBERS = 0.92  # right, for the values
HEAD = 0.52  # above the tracks
ROOMY = 6.0  # in a box that is wider, all of it may be larger
LEAST = 1.35  # the ruler shows at least this far, so that the band has an outside


class Ruler(VGroup):
    """A track a unit over the band from −1 to 1; a dot on each says where the value is.

    The stations of the dots are readings, in their order; `go` moves the dots on to the
    next one and leaves a trace in the colour of a role. `values` holds the numbers of the
    last reading.
    """

    def __init__(
        self,
        readings: Sequence[Reading],
        theme: Theme,
        box: Box,
        *,
        cell: Notation,
        units: Sequence[int],
        zoom: float = 1.0,
        least: float = WIDE.least,
    ) -> None:
        super().__init__()
        self.theme, self.readings, self.units = theme, tuple(readings), tuple(units)
        self.station = 0
        looks = [quantity(reading.name, cell=cell) for reading in readings]
        zoom = zoom if box.width > ROOMY else 1.0
        height = min(0.56 * zoom, (box.height - HEAD) / len(units))
        middle = box.center[1] - HEAD / 2 * zoom
        numbers = NUMBERS * zoom
        self.rows = [middle + height * ((len(units) - 1) / 2 - k) for k in range(len(units))]
        left, right = box.left + MARGIN + 0.1, box.right - numbers - 0.2
        farthest = max(abs(float(reading[k])) for reading in readings for k in units)
        self.reach = max(LEAST, 1.12 * farthest)
        self.zero, self.scale_ = (left + right) / 2, (right - left) / 2 / self.reach
        top, bottom = self.rows[0] + height / 2, self.rows[-1] - height / 2
        band = Rectangle(width=2 * self.scale_, height=top - bottom, stroke_width=0)
        band.set_fill(mix(theme.panel, theme.ink, 0.1), opacity=1)
        self.add(band.move_to((self.zero, middle, 0)))
        for value in (-1, 0, 1):
            x = self.zero + value * self.scale_
            self.add(Line((x, bottom, 0), (x, top, 0), stroke_width=1.5, color=theme.faint))
            label = f"{MINUS}1" if value < 0 else str(value)
            self.add(
                TextLine(
                    label,
                    size=max(0.22 * zoom, least),
                    color=theme.faint,
                    at=(x, top + 0.18 * zoom),
                )
            )
        small = max(min(0.2 * zoom, height * 0.6), least)
        self.dots = VGroup()
        starts = VGroup()
        for unit, y in zip(units, self.rows, strict=True):
            track = Line((left, y, 0), (right, y, 0), stroke_width=1.5)
            self.add(track.set_stroke(theme.resting(theme.faint, theme.panel)))
            at = (box.left + MARGIN - 0.12, y)
            self.add(TextLine(str(unit + 1), size=small, color=theme.faint, at=at, align="right"))
            dot = Circle(radius=min(0.11 * zoom, height * 0.32), stroke_width=3)
            dot.set_fill(theme.role("c"), opacity=1).set_stroke(theme.panel)
            self.dots.add(dot.move_to(self._place(0, unit, y)))
            starts.add(dot.copy().set_fill(theme.panel).set_stroke(theme.role("c")))
        self.add(starts)
        room = (numbers - 0.1, height - 0.02)
        last = (readings[-1], looks[-1], self.units)
        self.values = Column(
            readings[-1],
            theme,
            cell=cell,
            units=units,
            box=room,
            numbers=True,
            size=number_size([last], room, NUMBER * zoom),
            at=(box.right - numbers / 2 - 0.05, middle),
        )
        symbol = theme.readable(theme.role(looks[-1].role), theme.panel)
        header = (box.right - numbers / 2 - 0.05, top + 0.2 * zoom)
        self.header = Formula(
            looks[-1].symbol, size=max(0.36 * zoom, least / INDEX), color=symbol, at=header
        )

    def go(self, role: str) -> list[Motion]:
        """Move the dots on to the next reading, and leave a trace of the way."""
        self.station += 1
        ways = VGroup()
        motions: list[Motion] = []
        for dot, unit, y in zip(self.dots, self.units, self.rows, strict=True):
            start, end = (self._place(k, unit, y) for k in (self.station - 1, self.station))
            way = Line(start, start + SHORT, stroke_width=7)
            way.set_stroke(self.theme.role(role))
            ways.add(way)
            motions += [
                way.animate.set_points_by_ends(start, end + SHORT),
                dot.animate.move_to(end),
            ]
        self.ways = ways
        return motions

    def _place(self, station: int, unit: int, y: float) -> np.ndarray:
        value = float(self.readings[station][unit])
        return np.array([self.zero + value * self.scale_, y, 0.0])
