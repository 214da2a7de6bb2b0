"""A vector as bars on an axis that can be rescaled, however far its values run away."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from manim import DashedLine, Line, Polygon, Rectangle, VGroup

from lstmviz.stage.manim.rounded_rectangle import RoundedRectangle
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.style.layout import WIDE
from lstmviz.style.notation import MINUS
from lstmviz.style.theme import mix

if TYPE_CHECKING:
    from lstmviz.style.layout import Box
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import Reading

EDGE = 0.7  # between the end of the scale and the edge of the panel
CROWDED = 0.75  # marks of the scale nearer to the middle than this have no room


def reach_for(values: Sequence[float], room: float = 1.0) -> float:
    """Give the end of a scale, 1, 2 or 5 times a power of ten, that holds `room` times these."""
    largest = room * max((abs(value) for value in values), default=0.0)
    if largest == 0 or not math.isfinite(largest):
        return 1.0
    power: float = 10.0 ** math.floor(math.log10(largest))
    return next(step * power for step in (1, 2, 5, 10) if largest <= step * power * (1 + 1e-9))


class BarChart(VGroup):
    """Bars to both sides of a middle line, a row a unit, with the band from −1 to 1.

    `bars_of` and `scale_of` give what the bars and the scale become: a bar that is longer
    than the scale ends at the edge in an arrow head. The band has its ends named, below itself
    where it is too narrow for them. The scale is marked at ±10^k, for k
    from `lowest` to `highest`. What is written is `zoom` times as large as in the wide frame.
    """

    def __init__(
        self,
        theme: Theme,
        box: Box,
        units: Sequence[int],
        *,
        role: str,
        lowest: int,
        highest: int,
        zoom: float = 1.0,
        least: float = WIDE.least,
    ) -> None:
        super().__init__()
        self.zoom, self.least = zoom, least
        self.theme, self.box, self.units, self.role = theme, box, tuple(units), role
        self.powers = sorted({0, *range(lowest, highest + 1)})
        self.middle = box.center[0]
        self.half = box.width / 2 - EDGE
        self.bottom, self.top = box.bottom + 0.55 * zoom, box.top - 0.2
        height = (self.top - self.bottom) / len(self.units)
        self.thick = min(height * 0.62, 0.5 * zoom)
        self.rows = [self.top - (row + 0.5) * height for row in range(len(self.units))]
        panel = RoundedRectangle(
            width=box.width,
            height=box.height,
            corner_radius=0.25,
            stroke_width=2.5,
            stroke_color=theme.resting(theme.faint),
            fill_color=theme.panel,
            fill_opacity=1,
        ).move_to((*box.center, 0))
        axis = Line((self.middle, self.bottom, 0), (self.middle, self.top, 0))
        self.axis = axis.set_stroke(theme.faint, width=2.5)
        self.add(panel)

    def x(self, value: float, reach: float) -> float:
        """Give the place of a value on a scale; beyond it, that of the end of the scale."""
        return self.middle + max(min(value / reach, 1.0), -1.0) * self.half

    def bars_of(self, reading: Reading, reach: float) -> VGroup:
        """Make the bars of a reading on a scale, in the order of the units."""
        bars = VGroup()
        for unit, y in zip(self.units, self.rows, strict=True):
            value = reading[unit]
            beyond = abs(value) > reach * (1 + 1e-9)
            side = 1 if value >= 0 else -1
            end = self.x(value, reach)
            length = max(abs(end - self.middle), 0.02)
            fill = self.theme.positive if value >= 0 else self.theme.negative
            bar = Rectangle(width=length, height=self.thick, stroke_width=0, fill_color=fill)
            bar.set_fill(opacity=1).move_to((self.middle + side * length / 2, y, 0))
            tip, wide = 0.2, self.thick / 2 + 0.08
            head = Polygon(
                (end - side * 0.02, y + wide, 0),
                (end + side * tip, y, 0),
                (end - side * 0.02, y - wide, 0),
                stroke_width=0,
            )
            bars.add(VGroup(bar, head.set_fill(fill, opacity=1 if beyond else 0)))
        return bars

    def scale_of(self, reach: float) -> VGroup:
        """Make the band, the marks and their numbers on a scale."""
        color = self.theme.role(self.role)
        left, right = self.x(-1, reach), self.x(1, reach)
        middle = (self.top + self.bottom) / 2
        band = Rectangle(
            width=right - left,
            height=self.top - self.bottom,
            stroke_width=0,
            fill_color=mix(self.theme.panel, color, 0.16),
            fill_opacity=1,
        ).move_to(((left + right) / 2, middle, 0))
        marks, numbers = VGroup(), VGroup()
        narrow = False
        size, below = max(0.24 * self.zoom, self.least), self.box.bottom + 0.27 * self.zoom
        for power in self.powers:
            for side in (-1, 1):
                value = side * 10.0**power
                x = self.x(value, reach)
                outside = abs(value) > reach * (1 + 1e-9)
                near = CROWDED * self.zoom
                if power == 0:  # the ends of the band have names as long as there is room
                    names = text_width(f"{MINUS}1", size) + text_width("0", size)
                    near = names / 2 + 0.4 * size
                    narrow = self.x(1, reach) - self.middle < near
                crowded = abs(x - self.middle) < near
                unseen = outside or (crowded and power != 0)
                line = DashedLine(
                    (x, self.bottom - 0.05, 0), (x, self.top, 0), dash_length=0.09, stroke_width=2
                ).set_stroke(color if power == 0 else self.theme.faint, opacity=0 if unseen else 1)
                written = _written(side, power)
                label = TextLine(written, size=size, color=self.theme.faint, at=(x, below))
                # Gone, and not only unseen: a text that nobody sees is in nobody's way.
                label.set_fill(opacity=0 if outside or crowded else 1)
                marks.add(line)
                numbers.add(label)
        zero = TextLine("0", size=size, color=self.theme.faint)
        numbers.add(zero.move_to((self.middle, below, 0)).set_fill(opacity=0 if narrow else 1))
        shade = self.theme.readable(color, self.theme.panel)
        ends = TextLine(f"{MINUS}1 … +1", size=size, color=shade)
        numbers.add(ends.move_to((self.middle, below, 0)).set_fill(opacity=1 if narrow else 0))
        return VGroup(band, marks, numbers)

    def indices(self) -> VGroup:
        """Make the numbers of the units, at the left edge."""
        x, em = self.box.left + 0.2 * self.zoom, max(0.2 * self.zoom, self.least)
        return VGroup(
            *(
                TextLine(str(unit + 1), size=em, color=self.theme.faint, at=(x, y))
                for unit, y in zip(self.units, self.rows, strict=True)
            )
        )


def _written(side: int, power: int) -> str:
    sign = MINUS if side < 0 else "+"
    if 0 <= power <= 4:
        return f"{sign}{10**power}"
    return f"{sign}1e{power}".replace("-", MINUS)
