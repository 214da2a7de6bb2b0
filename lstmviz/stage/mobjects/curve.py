"""A squashing function as a curve, and the values that are sent through it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from manim import Circle, DashedLine, Line, Rectangle, VGroup, VMobject

from lstmviz.stage.text.formula import Formula
from lstmviz.stage.text.text import TextLine
from lstmviz.style.layout import WIDE
from lstmviz.style.theme import mix

if TYPE_CHECKING:
    from lstmviz.style.layout import Box
    from lstmviz.style.theme import Theme

Squash = Literal["tanh", "sigma", "relu"]
FORMULAS = {
    "tanh": "tanh(a) = (e^a - e^(-a)) / (e^a + e^(-a))",
    "sigma": "sigma(a) = 1 / (1 + e^(-a))",
    "relu": '"relu"(a) = max(0, a)',
}
FUNCTIONS: dict[Squash, Callable[[Any], Any]] = {
    "tanh": np.tanh,
    "sigma": lambda a: 0.5 + 0.5 * np.tanh(a / 2),
    "relu": lambda a: np.maximum(a, 0.0),
}
LEAST_REACH, MOST_REACH = 4, 8
AWAY = 0.7  # ems from the axis to what is said of the point on it


class Curve(VGroup):
    """The graph of tanh or σ over −reach … reach, with the band that it never leaves, or of relu.

    `at(a, y)` gives the place of a point; `reach` grows with the values to be shown, from 4
    to 8, and a value beyond it is put at the edge; of relu, it grows on. What is written and the
    dots are `zoom` times as large as in the wide frame.
    """

    def __init__(
        self,
        function: Squash,
        largest: float,
        role: str,
        theme: Theme,
        box: Box,
        zoom: float = 1.0,
        least: float = WIDE.least,
    ) -> None:
        super().__init__()
        self.theme = theme
        self.box = box
        self.zoom, self.least = zoom, least
        most = math.inf if function == "relu" else MOST_REACH
        self.reach = min(max(math.ceil(largest + 0.5), LEAST_REACH), most)
        self.low = -1.0 if function == "tanh" else 0.0
        self.high = float(self.reach) if function == "relu" else 1.0
        each = 2 * math.ceil(self.reach / MOST_REACH)  # from one number of the axis to the next
        even = int(self.reach // each) * each
        color = theme.role(role)
        left, right = self.at(-self.reach, 0)[0], self.at(self.reach, 0)[0]
        bottom, top = self.at(0, self.low)[1], self.at(0, self.high)[1]
        self.band = Rectangle(
            width=right - left,
            height=top - bottom,
            stroke_width=0,
            fill_color=mix(theme.background, color, 0.1),
            fill_opacity=1,
        ).move_to(((left + right) / 2, (bottom + top) / 2, 0))
        faint = theme.resting(theme.faint)
        self.axes = VGroup(
            Line((left, self.at(0, 0)[1], 0), (right, self.at(0, 0)[1], 0)),
            Line((self.at(0, 0)[0], box.bottom, 0), (self.at(0, 0)[0], box.top, 0)),
        ).set_stroke(faint, width=2.5)
        self.limits = VGroup(
            *(
                DashedLine(
                    (left, self.at(0, y)[1], 0),
                    (right, self.at(0, y)[1], 0),
                    dash_length=0.09,
                    stroke_width=2,
                    stroke_color=color,
                )
                for y in {"sigma": (1.0,), "tanh": (1.0, -1.0), "relu": ()}[function]
            )
        )
        self.ticks = VGroup()
        heights = range(0, even + 1, each) if function == "relu" else sorted({self.low, 0.0, 1.0})
        for y in heights:
            text = f"{y:+.0f}".replace("-", "−") if y else "0"
            text = text if function == "tanh" else text.replace("+", "")
            at = (right + 0.18, self.at(0, y)[1])
            size = max(0.26 * zoom, least)
            self.ticks.add(TextLine(text, size=size, color=theme.faint, at=at, align="left"))
        below = box.bottom - 0.24 * zoom
        for a in range(-even, even + 1, each):
            x = self.at(a, 0)[0]
            self.axes.add(
                Line(
                    (x, self.at(0, self.low)[1], 0),
                    (x, self.at(0, self.low)[1] - 0.1, 0),
                    stroke_width=2,
                    stroke_color=faint,
                )
            )
            text = f"{a}".replace("-", "−")
            self.ticks.add(
                TextLine(text, size=max(0.22 * zoom, least), color=theme.faint, at=(x, below))
            )
        self.line = VMobject(stroke_color=color, stroke_width=6)
        grid = np.linspace(-self.reach, self.reach, 97)
        points = [(*self.at(a, y), 0) for a, y in zip(grid, FUNCTIONS[function](grid), strict=True)]
        if function == "relu":
            self.line.set_points_as_corners([points[0], (*self.at(0, 0), 0), points[-1]])
        else:
            self.line.set_points_smoothly(points)
        # Values left of 0 never rise into this corner, so nothing is dropped across it.
        corner = (left + 0.23 * (right - left), bottom + 0.8 * (top - bottom))
        self.formula = Formula(
            FORMULAS[function],
            size=0.42 * zoom,
            at=corner,
            color=theme.readable(color, self.band.fill_color.to_hex()),
        )
        room = (right - left) / 2 - 0.42
        if self.formula.width > room:
            self.formula.scale(room / self.formula.width)
        self.formula.shift(((left + 0.3) - self.formula.get_left()[0], 0, 0))
        self.middle = self._middle() if function == "sigma" else VGroup()
        self.add(self.band, self.axes, self.limits, self.line, self.ticks, self.formula)
        self.add(self.middle)

    def _middle(self) -> VGroup:
        """Mark where the curve of σ passes the axis, at one half."""
        x, y = self.at(0, 0.5)
        point = Circle(radius=0.06 * self.zoom, stroke_width=0).move_to((x, y, 0))
        size = max(0.24 * self.zoom, self.least)
        # Above the curve, and left of the axis: nothing is dropped across it there.
        at = (x - AWAY * size, y + 0.9 * size)
        name = TextLine("σ(0) = 0.5", size=size, color=self.theme.ink, at=at, align="right")
        return VGroup(point.set_fill(self.theme.ink, opacity=1), name)

    def at(self, a: float, y: float) -> tuple[float, float]:
        """Give the place in the frame of the point (a, y)."""
        room = self.box.inset(0.3)
        x = room.center[0] + max(min(a, self.reach), -self.reach) / self.reach * room.width / 2
        return (x, room.bottom + (y - self.low) / (self.high - self.low) * room.height)

    def dot(self, value: float, a: float, y: float) -> Circle:
        """Make the dot of a value at (a, y), in the colour of the value."""
        dot = Circle(radius=0.11 * self.zoom, stroke_color=self.theme.ink, stroke_width=2.5)
        dot.set_fill(self.theme.value(value, "signed"), opacity=1)
        return dot.move_to((*self.at(a, y), 0))

    def drop(self, a: float, y: float) -> DashedLine:
        """Make the dashed line from the axis to the curve."""
        line = DashedLine((*self.at(a, 0), 0), (*self.at(a, y), 0), dash_length=0.07)
        return line.set_stroke(self.theme.faint, width=2)
