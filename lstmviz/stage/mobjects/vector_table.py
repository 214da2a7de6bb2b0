"""Vectors of step after step at once: side by side in a wide frame, else one below the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manim import VGroup

from lstmviz.stage.mobjects.column import NUMBER, Column, number_size
from lstmviz.stage.text.formula import Formula
from lstmviz.stage.text.text import TextLine
from lstmviz.style.layout import WIDE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lstmviz.style.layout import Box
    from lstmviz.style.notation import Quantity
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import Reading

GAP = 0.28  # between two vectors
WIDEST, ROW, ROWS = 2.0, 0.56, 3.3  # the sizes of a box and of all rows, at most


class VectorTable(VGroup):
    """The vectors of a number of steps, with v_0, v_1, … at each and the units numbered.

    `vectors` has a group for each: its symbol and its column. `down`, they stand one below
    the other, as rows.
    """

    def __init__(
        self,
        readings: Sequence[Reading],
        theme: Theme,
        box: Box,
        units: Sequence[int],
        *,
        look: Quantity,
        zoom: float,
        down: bool,
        least: float = WIDE.least,
    ) -> None:
        super().__init__()
        self.readings, self.theme, self.box, self.units = readings, theme, box, tuple(units)
        self.look, self.zoom, self.least = look, zoom, least
        self.shade = theme.readable(theme.role(look.role), theme.background)
        self.vectors: list[VGroup] = []
        self.marks = VGroup()
        if down:
            self._down()
        else:
            self._across()
        self.add(self.marks, *self.vectors)

    def _across(self) -> None:
        """Set the vectors as columns, from left to right."""
        box = self.box
        pitch = (box.width - 0.9) / len(self.readings)
        size = (pitch - GAP, min(ROW, ROWS / len(self.units)) * self.zoom)
        for k, reading in enumerate(self.readings):
            at = (box.left + 0.9 + (k + 0.5) * pitch, box.center[1] - 0.3)
            column = self._column(reading, size, at)
            top = column.frame.get_top()[1] + 0.42
            self.vectors.append(VGroup(self._head(k, (at[0], top)), column))
        for unit, y in zip(self.units, column.rows, strict=True):
            self._mark(unit, (box.left + 0.55, y))

    def _down(self) -> None:
        """Set the vectors as rows, from top to bottom, as time goes on."""
        box, zoom = self.box, self.zoom
        wide = min((box.width - 1.6 * zoom) / len(self.units), WIDEST)
        pitch = (box.height - 1.1 * zoom) / len(self.readings)
        size = (wide, min(pitch - GAP, ROW * zoom))
        width = wide * len(self.units)
        x = box.center[0] + 0.4 * zoom
        top = box.top - 1.0 * zoom
        for k, reading in enumerate(self.readings):
            at = (x, top - (k + 0.5) * pitch)
            head = self._head(k, (x - width / 2 - 0.6 * zoom, at[1]))
            self.vectors.append(VGroup(head, self._column(reading, size, at, across=True)))
        for k, unit in enumerate(self.units):
            self._mark(unit, (x + (k + 0.5) * wide - width / 2, top + 0.16 * zoom))

    def _column(
        self,
        reading: Reading,
        size: tuple[float, float],
        at: tuple[float, float],
        *,
        across: bool = False,
    ) -> Column:
        shown = [(each, self.look, self.units) for each in self.readings]
        return Column(
            reading,
            self.theme,
            units=self.units,
            box=size,
            numbers=True,
            at=at,
            look=self.look,
            size=number_size(shown, size, NUMBER * self.zoom),
            across=across,
        )

    def _head(self, k: int, at: tuple[float, float]) -> Formula:
        return Formula(f"v_{k}", size=0.42 * self.zoom, color=self.shade, at=at)

    def _mark(self, unit: int, at: tuple[float, float]) -> None:
        size = max(0.22 * self.zoom, self.least)
        self.marks.add(TextLine(str(unit + 1), size=size, color=self.theme.faint, at=at))
