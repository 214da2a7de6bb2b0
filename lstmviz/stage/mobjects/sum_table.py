"""Products in rows, their bars beside them, and the sum below: how an answer is added up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from manim import Line, Rectangle, VGroup

from lstmviz.stage.mobjects.column import Column, Number
from lstmviz.stage.text.formula import Formula
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.style.notation import equals, holds, quantity, shown

if TYPE_CHECKING:
    from manim import VMobject

    from lstmviz.style.layout import Box
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import At, Reading

VALUE, SIGN = 4.6, 1.7  # ems: the box of a number, and a sign between two
TALLEST = 3.3  # ems from one row to the next at most
HEAD = 2.4  # ems above the rows: what the columns are
THICK = 0.62  # of a bar, in rows
EDGE = 0.6  # ems beside the longest bar


@dataclass(frozen=True)
class Row:
    """A line of the sum: a reading with one value, and how it is called at the left."""

    reading: Reading
    unit: int
    label: str


class SumTable(VGroup):
    """`weighed` × `w` = `product` for some units; further `rows`, `b` among them; below them `s`.

    `pieces[name]` are the columns, with a group for each row; `bars[k]` the bar of a row, which
    begins at the middle line, and `shift_of(k)` how far it goes to where the one before it ends.
    """

    def __init__(
        self,
        now: At,
        weighed: str,
        units: Sequence[int],
        names: Sequence[str],
        rows: Sequence[Row],
        theme: Theme,
        box: Box,
        *,
        em: float,
    ) -> None:
        super().__init__()
        self.now, self.weighed, self.units, self.theme, self.em = now, weighed, units, theme, em
        self.notation = now.trace.notation
        self.rows = [
            *(Row(now["product"], k, name) for k, name in zip(units, names, strict=True)),
            *rows,
        ]
        count = len(self.rows) + 1
        self.pitch = min((box.height - HEAD * em) / count, TALLEST * em)
        top = box.center[1] + (count * self.pitch + HEAD * em) / 2 - HEAD * em
        self.levels = [top - (k + 0.5) * self.pitch for k in range(count)]
        widest = max(text_width(row.label, em) for row in self.rows)
        value, sign = VALUE * em, SIGN * em
        first = box.left + widest + 0.5 * em + value / 2
        self.columns = [first, first + value + sign, first + 2 * (value + sign)]
        self.left, self.right = self.columns[2] + value / 2 + 0.8 * em, box.right
        self._scale()
        self.heads = self._heads()
        self.labels = VGroup(*map(self._label, self.rows, self.levels))
        self.given = self._column(weighed, 0)
        self.weights = self._column("w", 1)
        self.products = self._column("product", 2)
        self.more = VGroup(
            *(
                self._tile(row.reading, row.unit, level)
                for row, level in zip(
                    self.rows[len(units) :], self.levels[len(units) :], strict=False
                )
            )
        )
        self.signs = self._signs()
        self.bars = VGroup(
            *(
                self._bar(self._value(row), y)
                for row, y in zip(self.rows, self.levels, strict=False)
            )
        )
        self.axis = Line(
            (self.zero, top + 0.1 * em, 0), (self.zero, self.levels[-1] - 0.5 * self.pitch, 0)
        ).set_stroke(theme.faint, width=2.5)
        self.links = self._links()
        self.total = self._total()

    @property
    def foot(self) -> float:
        """Where the row of the sum ends."""
        return self.levels[-1] - self.pitch / 2

    def product_row(self, k: int) -> VGroup:
        """What stands in a row where it has been multiplied: the signs and the product."""
        if k >= len(self.units):
            return VGroup(self.more[k - len(self.units)])
        return VGroup(self.products.boxes[k], self.products.numbers[k], *self.signs[k])

    def shift_of(self, k: int) -> float:
        """How far the bar of a row goes, so that it begins where the one above it ends."""
        return sum(map(self._value, self.rows[:k])) * self.scale_

    def _value(self, row: Row) -> float:
        return row.reading[row.unit]

    def _scale(self) -> None:
        """Let all bars, and all sums on the way, find room beside the middle line."""
        values, so_far, reach = list(map(self._value, self.rows)), 0.0, [0.0]
        for value in values:
            so_far += value
            reach += [value, so_far]
        low, high = min(reach), max(reach)
        room = self.right - self.left - 2 * EDGE * self.em
        self.scale_ = room / max(high - low, 1e-9)
        self.zero = self.left + EDGE * self.em - low * self.scale_

    def _heads(self) -> VGroup:
        made = VGroup()
        y = self.levels[0] + self.pitch / 2 + 1.2 * self.em
        for name, x in zip((self.weighed, "w", "product"), self.columns, strict=True):
            look = quantity(name, cell=self.notation)
            color = self.theme.readable(self.theme.role(look.role), self.theme.background)
            made.add(Formula(look.symbol, size=1.5 * self.em, color=color, at=(x, y)))
        return made

    def _label(self, row: Row, y: float) -> TextLine:
        x = self.columns[0] - VALUE * self.em / 2 - 0.5 * self.em
        if row.reading.name != "product":
            x = self.columns[2] - VALUE * self.em / 2 - 0.5 * self.em
        at = (x, y)
        return TextLine(row.label, size=self.em, color=self.theme.faint, at=at, align="right")

    def _column(self, name: str, k: int) -> Column:
        count = len(self.units)
        return Column(
            self.now[name],
            self.theme,
            cell=self.notation,
            units=self.units,
            box=(VALUE * self.em, self.pitch),
            numbers=True,
            at=(self.columns[k], (self.levels[0] + self.levels[count - 1]) / 2),
            size=1.1 * self.em,
        )

    def _tile(self, reading: Reading, unit: int, y: float) -> VGroup:
        """A single value in the column of the products."""
        theme, at = self.theme, (self.columns[2], y)
        fill = theme.value(reading[unit], "free")
        body = Rectangle(width=VALUE * self.em, height=self.pitch - 0.06, stroke_width=0)
        body.set_fill(fill, opacity=1).move_to((*at, 0))
        size = 1.1 * self.em
        return VGroup(
            body, Number(reading, unit, scale="free", size=size, color=theme.on(fill), at=at)
        )

    def _signs(self) -> VGroup:
        texts = [
            [shown(self.now[name][k], "free") for name in (self.weighed, "w", "product")]
            for k in self.units
        ]
        first, second, third = self.columns
        return VGroup(
            *(
                VGroup(
                    self._sign("×", (first + second) / 2, y),
                    self._sign(equals("×", row), (second + third) / 2, y),
                )
                for y, row in zip(self.levels, texts, strict=False)
            )
        )

    def _sign(self, text: str, x: float, y: float) -> TextLine:
        return TextLine(text, size=self.em, color=self.theme.ink, at=(x, y))

    def _bar(self, value: float, y: float) -> Rectangle:
        length = max(abs(value) * self.scale_, 0.015)
        bar = Rectangle(width=length, height=THICK * self.pitch, stroke_width=0)
        fill = self.theme.positive if value >= 0 else self.theme.negative
        side = 1 if value >= 0 else -1
        return bar.set_fill(fill, opacity=1).move_to((self.zero + side * length / 2, y, 0))

    def _links(self) -> VGroup:
        """From the end of each bar, where it has been shifted, down to the one below."""
        made = VGroup()
        for k in range(len(self.rows)):
            x = self.zero + self.shift_of(k + 1)
            high, low = self.levels[k] - THICK * self.pitch / 2, self.levels[k + 1]
            made.add(Line((x, high, 0), (x, low + THICK * self.pitch / 2, 0)))
        return made.set_stroke(self.theme.faint, width=2)

    def _total(self) -> dict[str, VMobject]:
        """The row of the sum: a line above it, its number, and its bar."""
        reading, y, x = self.now["s"], self.levels[-1], self.columns[2]
        edge = y + self.pitch / 2
        line = Line((self.columns[1], edge, 0), (self.right, edge, 0))
        parts = [shown(self._value(row), "free") for row in self.rows]
        sign = "=" if holds("+", parts, shown(reading[0], "free")) else "≈"
        size, half = 1.1 * self.em, VALUE * self.em / 2
        number = Number(reading, 0, scale="free", size=size, color=self.theme.ink, at=(x, y))
        return {
            "line": line.set_stroke(self.theme.ink, width=2.5),
            "number": VGroup(number, self._sign(sign, x - half - 0.5 * self.em, y)),
            "bar": self._bar(reading[0], y),
        }
