"""A reading as a row of boxes with their numbers, for a line of a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from manim import Rectangle, VGroup

from lstmviz.stage.mobjects.column import Number, number_size
from lstmviz.stage.mobjects.level import level_below
from lstmviz.style.notation import Quantity, quantity

if TYPE_CHECKING:
    from lstmviz.style.layout import Box
    from lstmviz.style.notation import Notation
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import Reading

WIDEST = 0.65


class ValueRow(VGroup):
    """Some units of a reading side by side, flush right in a box, framed in its colour.

    Below the number of a gate is a level: a bar as long as the gate is open. No tile
    is wider than `widest`.
    """

    def __init__(
        self,
        reading: Reading,
        units: Sequence[int],
        theme: Theme,
        look: Quantity,
        box: Box,
        size: float,
        *,
        widest: float = WIDEST,
    ) -> None:
        super().__init__()
        width = min(box.width / len(units), widest)
        left, y = box.right - width * len(units), box.center[1]
        frame = Rectangle(width=width * len(units) + 0.03, height=box.height, stroke_width=2.5)
        frame.set_stroke(theme.role(look.role)).set_fill(theme.panel, opacity=1)
        self.add(frame.move_to(((left + box.right) / 2, y, 0)))
        for k, unit in enumerate(units):
            at = (left + (k + 0.5) * width, y)
            fill = theme.value(float(reading[unit]), look.scale)
            body = Rectangle(width=width - 0.03, height=box.height - 0.04, stroke_width=0)
            self.add(body.set_fill(fill, opacity=1).move_to((*at, 0)))
            if look.scale == "gate":
                room = (width - 0.03, box.height)
                self.add(*level_below(theme, look.role, float(reading[unit]), room, at, size))
            self.add(
                Number(reading, unit, scale=look.scale, size=size, color=theme.on(fill), at=at)
            )


def tile_size(
    readings: Sequence[Reading],
    units: Sequence[int],
    box: Box,
    *,
    cell: Notation,
    widest: float = WIDEST,
) -> float:
    """Give the em at which the numbers of several rows of tiles all fit."""
    width = min(box.width / len(units), widest)
    rows = [(reading, quantity(reading.name, cell=cell), units) for reading in readings]
    return number_size(rows, (width, box.height * 1.1))
