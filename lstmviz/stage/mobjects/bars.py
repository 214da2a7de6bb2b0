"""Values as bars: how much of each a gate lets through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from manim import Line, Rectangle, VGroup

from lstmviz.stage.mobjects.column import Number
from lstmviz.stage.text.formula import Formula
from lstmviz.style.notation import quantity

if TYPE_CHECKING:
    from lstmviz.style.layout import Box
    from lstmviz.style.notation import Notation
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import Reading


ROOM = 1.0  # what a number takes up beside a bar


class Bars(VGroup):
    """A bar a unit from a middle line, to the right above 0 and to the left below it.

    `whole` is what there is, `left` what a gate leaves of it. The bars show `whole` first;
    `shrunken` are those of `left`, `ghosts` the outlines that stay, and `numbers` the
    values of `left`, beyond both; they are `zoom` times as large as in the wide frame.
    """

    def __init__(
        self,
        whole: Reading,
        left: Reading,
        theme: Theme,
        box: Box,
        rows: Sequence[float],
        units: Sequence[int],
        *,
        cell: Notation,
        zoom: float = 1.0,
    ) -> None:
        super().__init__()
        look = quantity(left.name, cell=cell)
        room = box.width / 2 - 0.95 * zoom
        self.scale_ = room / max(*(abs(whole[unit]) for unit in units), 1e-9)
        pitch = abs(rows[0] - rows[-1]) / max(len(rows) - 1, 1) or zoom
        self.height_ = min(0.42 * zoom, pitch * 0.8)
        self.theme = theme
        x = self.middle = box.center[0]
        self.axis = Line((x, rows[0] + 0.45, 0), (x, rows[-1] - 0.45, 0))
        self.axis.set_stroke(theme.resting(theme.faint), width=2.5)
        self.bars, self.shrunken, self.ghosts, self.numbers = (VGroup() for _ in range(4))
        color = theme.readable(theme.role(look.role), theme.background)
        above = (x, rows[0] + 0.45 + 0.3 * zoom)
        self.head = Formula(look.symbol, size=0.42 * zoom, color=color, at=above)
        for unit, y in zip(units, rows, strict=True):
            bar = self._bar(whole[unit], y)
            self.bars.add(bar)
            self.shrunken.add(self._bar(left[unit], y))
            self.ghosts.add(bar.copy().set_fill(opacity=0).set_stroke(theme.faint, width=2))
            side = 1 if whole[unit] >= 0 else -1
            outer = max(abs(whole[unit]), abs(left[unit])) * self.scale_
            inner = abs(left[unit]) * self.scale_
            # The number stands at the end of its own bar, inside the outline if there is room.
            outer = inner if outer - inner > ROOM * zoom else outer
            self.numbers.add(
                Number(
                    left,
                    unit,
                    scale=look.scale,
                    color=theme.ink,
                    size=min(0.3 * zoom, pitch * 0.78),
                    at=(x + side * (outer + 0.5 * zoom), y),
                )
            )
        self.add(self.ghosts, self.bars, self.axis)

    def _bar(self, value: float, y: float) -> Rectangle:
        length = max(abs(value) * self.scale_, 0.012)
        side = 1 if value >= 0 else -1
        bar = Rectangle(width=length, height=self.height_, stroke_width=0, fill_opacity=1)
        bar.set_fill(self.theme.positive if value >= 0 else self.theme.negative)
        return bar.move_to((self.middle + side * length / 2, y, 0))
