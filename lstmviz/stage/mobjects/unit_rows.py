"""Readings of one moment over the whole frame, a row a unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from manim import VGroup

from lstmviz.stage.manim.rounded_rectangle import RoundedRectangle
from lstmviz.stage.mobjects.column import Column, number_size
from lstmviz.stage.mobjects.lens import spread
from lstmviz.stage.text.formula import Formula, broken
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.style.layout import INDEX, WIDE
from lstmviz.style.notation import quantity

if TYPE_CHECKING:
    from lstmviz.style.language import Language
    from lstmviz.style.layout import Box
    from lstmviz.style.notation import Notation
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import At

VALUE = (1.0, 0.76)  # the box of a value, at most, in a frame as wide as usual
WIDEST = 2.0  # of a word above a column
WORDS = 0.5  # ems between two words
USUAL, MOST = 4.4, 1.8  # a room that is higher lets them be higher, up to so much
HEAD = 1.05  # above the rows: what the columns are


class UnitRows(VGroup):
    """Columns of numbers in rows, a row a unit, with what they are above them.

    `columns` has them by the names of their readings, and `heads` the symbols and words
    above them; `indices` number the units.
    """

    def __init__(
        self,
        now: At,
        names: Sequence[str],
        theme: Theme,
        language: Language,
        box: Box,
        units: Sequence[int],
        *,
        cell: Notation,
        width: float = VALUE[0],
        least: float = WIDE.least,
    ) -> None:
        super().__init__()
        self.least = least
        self.now, self.theme, self.language, self.cell = now, theme, language, cell
        self.units = tuple(units)
        tallest = VALUE[1] * min(max(box.height / USUAL, 1.0), MOST)
        self.width_, self.height_ = width, min(tallest, (box.height - HEAD) / len(units))
        self.middle = (box.bottom + box.top - HEAD) / 2
        self.rows = [
            self.middle + self.height_ * ((len(units) - 1) / 2 - k) for k in range(len(units))
        ]
        self.size = number_size(
            [(now[name], quantity(name, cell=cell), self.units) for name in names],
            (self.width_ * 0.95, self.height_ * 0.9),
        )
        self.columns: dict[str, Column] = {}
        self.heads: dict[str, VGroup] = {}
        self.indices = VGroup()
        self.top = self.rows[0] + self.height_ / 2 + 0.36  # where the symbols stand

    def column(self, name: str, x: float, word: str = "") -> Column:
        """Put a reading at a place, its symbol and a word above it."""
        column = self.columns[name] = self.value(name, self.units, x, self.middle, 1)
        self.heads[name] = self.head(column.look.symbol, column.look.role, x, word)
        return column

    def head(self, symbol: str, role: str, x: float, word: str = "") -> VGroup:
        """Make a symbol, and above it a word, in the colour of a role."""
        color = self.theme.readable(self.theme.role(role), self.theme.background)
        head = VGroup(
            Formula(symbol, size=max(0.42, self.least / INDEX), color=color, at=(x, self.top))
        )
        if word:
            text = self.language.word(word)
            size = max(min(0.27, WIDEST / text_width(text, 1.0)), self.least)
            head.add(TextLine(text, size=size, color=color, at=(x, self.top + 0.43)))
        return head

    def spread_heads(self, box: Box, *more: VGroup) -> None:
        """Let the heads of the columns, and `more` beside them, move aside so as to keep apart."""
        heads = sorted([*self.heads.values(), *more], key=lambda head: float(_symbol(head).get_x()))
        least = self.least / INDEX
        spread([head[0] for head in heads], box, least=least)
        if min(_symbol(head).em for head in heads) < least:
            self._break(heads, least)
            spread([head[0] for head in heads], box, least=least)
        spread([head[1] for head in heads if len(head) > 1], box, WORDS)

    def _break(self, heads: Sequence[VGroup], size: float) -> None:
        """Set the symbols of heads on two lines, their words above these."""
        for head in heads:
            old = _symbol(head)
            color = old.family_members_with_points()[0].get_fill_color().to_hex()
            new = Formula(broken(old.source), size=size, color=color)
            x = float(old.get_x())
            bottom = self.top - size / 2
            new.move_to((x, bottom + float(new.height) / 2, 0))
            head.submobjects[0] = new
        rise = max(float(head[0].height) for head in heads) - size
        for head in heads:
            if len(head) > 1:
                head[1].shift((0, max(rise, 0.0), 0))

    def parts(self, *names: str) -> list[VGroup]:
        """Give the columns with these names, and what stands above them."""
        return [part for name in names for part in (self.columns[name], self.heads[name])]

    def value(self, name: str, units: Sequence[int], x: float, y: float, share: float) -> Column:
        """Make the column of some units, its boxes a share of the usual size."""
        return Column(
            self.now[name],
            self.theme,
            cell=self.cell,
            units=units,
            box=(self.width_ * (0.92 if share < 1 else 1), self.height_ * share),
            numbers=True,
            at=(x, y),
            size=self.size,
        )

    def number_units(self, column: Column) -> None:
        """Write the number of each unit to the left of a column."""
        at = float(column.get_left()[0]) - 0.14
        size = max(min(0.22, self.height_ * 0.7), self.least)
        for unit, y in zip(self.units, self.rows, strict=True):
            text = str(unit + 1)
            word = TextLine(text, size=size, color=self.theme.faint, at=(at, y), align="right")
            self.indices.add(word)

    def ring(self, unit: int) -> RoundedRectangle:
        """Give a ring around the row of a unit."""
        edges = [float(each.get_left()[0]) for each in self.columns.values()]
        ends = [float(each.get_right()[0]) for each in self.columns.values()]
        left, right = min(edges) - 0.09, max(ends) + 0.09
        y = self.rows[self.units.index(unit)]
        ring = RoundedRectangle(width=right - left, height=self.height_ + 0.12, corner_radius=0.12)
        return ring.set_stroke(self.theme.ink, width=4).move_to(((left + right) / 2, y, 0))


def _symbol(head: VGroup) -> Formula:
    return cast("Formula", head[0])
