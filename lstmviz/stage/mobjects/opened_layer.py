"""A layer of a cell, opened: rows of weights, their products with a vector, and the sum."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from manim import Line, Rectangle, VGroup, VMobject

from lstmviz.engine.lessons.gate_sum import Pair, Product, source_of
from lstmviz.stage.manim.rounded_rectangle import RoundedRectangle
from lstmviz.stage.mobjects.column import Number
from lstmviz.stage.mobjects.input_strip import shortened
from lstmviz.stage.mobjects.layer_plan import GAP, LARGER, MOST, STRIP, planned
from lstmviz.stage.text.formula import Formula
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.style.layout import Box
from lstmviz.style.notation import equals, holds, quantity, shown

if TYPE_CHECKING:
    from lstmviz.engine.lessons.gate_sum import GateSum
    from lstmviz.stage.mobjects.layer_plan import Levels, Plan
    from lstmviz.style.language import Language
    from lstmviz.style.notation import Notation
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import Reading, Trace

STRIPES, TILES = 100, 24  # of a row as a strip of colours, and of one in the small matrix, at most
NAMED = 5.0  # ems: the width of a feature's name at most
INSET = 0.14  # of what stands in the box
FRAME = 0.07  # between a cell's edge and its colour


class Cell(VGroup):
    """A number on its colour, in a frame of a role's colour; `figure` may come later."""

    def __init__(
        self,
        reading: Reading,
        entry: int,
        theme: Theme,
        role: str,
        at: tuple[float, float],
        size: tuple[float, float],
        em: float,
    ) -> None:
        super().__init__()
        fill = theme.value(float(reading[entry]), "signed")
        frame = RoundedRectangle(
            width=size[0],
            height=size[1],
            corner_radius=0.06,
            stroke_width=2.5,
            stroke_color=theme.role(role),
            fill_color=theme.panel,
            fill_opacity=1,
        )
        body = Rectangle(
            width=size[0] - FRAME,
            height=size[1] - FRAME,
            stroke_width=0,
            fill_color=fill,
            fill_opacity=1,
        )
        self.box = VGroup(frame, body).move_to((*at, 0))
        self.figure = Addend(reading, entry, scale="free", size=em, color=theme.on(fill), at=at)
        self.add(self.box, self.figure)


class Addend(Number):
    """A number within a sum that is shown whole, of which words tell nothing by itself."""

    told = False


class Opened(VGroup):
    """One part of the sum for one unit; its groups come one after the other.

    `weights` are cells, `beside` what is theirs alone, `products` a list of cells with their
    signs, `more` the rest and the bias, `result` the sum.
    """

    def __init__(self) -> None:
        super().__init__()
        self.weights, self.beside, self.values = VGroup(), VGroup(), VGroup()
        self.products: list[VGroup] = []
        self.more, self.result = VGroup(), VGroup()

    def whole(self) -> Opened:
        """Gather everything."""
        return self.add(
            self.beside, self.weights, self.values, *self.products, self.more, self.result
        )


class OpenedLayer:
    """What is in the box of a gate: for each part of its sum a matrix, a vector, and products.

    `panel` is the box, `ground` what is the same for all units. `unit(k)` gives the parts of the
    sum of a unit and then its total; `rings(k)` mark its rows in the matrices.
    """

    def __init__(
        self,
        told: GateSum,
        trace: Trace,
        theme: Theme,
        language: Language,
        box: Box,
        units: Sequence[int],
        *,
        cell: Notation,
        title: str,
        least: float,
        names: Sequence[str] = (),
    ) -> None:
        self.told, self.trace, self.theme, self.language = told, trace, theme, language
        self.units, self.cell, self.title, self.names = tuple(units), cell, title, tuple(names)
        self.role = quantity(told.gate, cell=cell).role
        self.readings: list[list[Reading]] = []
        called = {
            k: min(max((text_width(name, 1.0) for name in self.names), default=0.0), NAMED)
            for k, part in enumerate(told.parts)
            if isinstance(part, Product) and part.values.name == "x" and self.names
        }
        if any(len(part.values) > MOST for part in told.products):
            lines = [line for part in told.products for line in self._others(part, 0)]
            called[-1] = max(text_width(line, 1.0) for line in lines)
        self.plan: Plan = planned(told, units, box.inset(INSET), least, called)
        self.panel = RoundedRectangle(
            width=box.width,
            height=box.height,
            corner_radius=0.2,
            stroke_width=4,
            stroke_color=theme.role(self.role),
            fill_color=theme.panel,
            fill_opacity=1,
        ).move_to((*box.center, 0))
        self.grids = [self._grid(k, part) for k, part in enumerate(told.parts)]
        self.symbols = VGroup(*(self._symbols(k, part) for k, part in enumerate(told.parts)))
        self.values = VGroup(
            *(
                self._row(
                    part.values, range(len(part.values)), self._level(k).values, self._role(part)
                )
                for k, part in enumerate(told.parts)
                if isinstance(part, Product) and self._whole(k)
            )
        )

    # What stays

    @property
    def ground(self) -> list[VMobject]:
        """Everything that is the same for all units, but for the box."""
        return [*self.matrices, self.symbols, self.values]

    @property
    def matrices(self) -> list[VGroup]:
        """The small matrices, each with its name."""
        return [grid for grid in self.grids if len(grid)]

    def heading(self, unit: int) -> VGroup:
        """Say which gate and which of its units."""
        plan = self.plan
        em = plan.em
        color = self.theme.readable(self.theme.role(self.role), self.theme.panel)
        text = f"{self.title} · {self.language.say('unit number', unit=unit + 1)}"
        y = plan.heading or plan.total
        room = plan.width if plan.heading else plan.sum - plan.cell / 2 - 3.6 * em - plan.left
        text = shortened(text, em, room)
        line = TextLine(
            text, size=em * 1.05, weight="bold", color=color, at=(plan.left, y), align="left"
        )
        return VGroup(line)

    def rings(self, unit: int) -> VGroup:
        """Ring the row of a unit in each matrix."""
        rings = VGroup()
        for grid in self.grids:
            if len(grid):
                row = grid[0][self.units.index(unit)]
                ring = RoundedRectangle(
                    width=float(row.width) + 0.08,
                    height=float(row.height) + 0.08,
                    corner_radius=0.04,
                )
                rings.add(ring.set_stroke(self.theme.ink, width=3).move_to(row))
        return rings

    def source(self, part: int, unit: int) -> VGroup:
        """Give a copy of the row of a unit in the small matrix of a part."""
        rows: Any = self.grids[part][0]
        row: VGroup = rows[self.units.index(unit)].copy()
        return row

    # What is each unit's own

    def opened(self, number: int, unit: int) -> Opened:
        """Make what is shown of a part for a unit."""
        part, level = self.told.parts[number], self._level(number)
        if isinstance(part, Pair):
            return self._pair(part, unit, level)
        count = self.plan.counts[number]
        few = range(count) if self._whole(number) else part.largest(unit, count)
        row = part.row(unit, few)
        own = [row.weights, row.products, *(e for e in (row.bias, row.rest) if e is not None)]
        self.readings.append(own)
        made = Opened()
        made.weights.add(*self._row(row.weights, few, level.weights, "ink"))
        if not self._whole(number):
            made.values.add(*self._row(part.values, few, level.values, self._role(part)))
            made.beside.add(self._strip(row.weights, level.strip))
        made.beside.add(self._names(part, few, level))
        for k, cell in enumerate(self._row(row.products, few, level.products, "ink")):
            made.products.append(VGroup(cell, *([self._sign("+", k, level.products)] if k else [])))
        terms = [_shown(row.products, k) for k in few]
        at = len(few)
        if row.rest is not None:
            others = self._others(part, len(few))
            self._more(made, row.rest, 0, at, level, lines=others)
            terms.append(_shown(row.rest, 0))
            at += 1
        if row.bias is not None:
            self._more(made, row.bias, unit, at, level, symbol=part.bias_symbol)
            terms.append(_shown(row.bias, unit))
        result = self._cell(part.sums, unit, self.plan.sum, level.products, self._role(part))
        sign = equals("+", [*terms, result.figure.text])
        made.result.add(self._sign(sign, self.plan.columns, level.products), result)
        return made.whole()

    def factors(self, number: int, unit: int) -> VGroup:
        """Give the signs of a product: `×` before the vector, `=` or `≈` before the products."""
        part, level = self.told.parts[number], self._level(number)
        if isinstance(part, Pair):
            return VGroup()
        count = self.plan.counts[number]
        few = range(count) if self._whole(number) else part.largest(unit, count)
        row = part.row(unit, few)
        texts = [
            [_shown(each, k) for each in (row.weights, part.values, row.products)] for k in few
        ]
        right = all(holds("×", two, product) for *two, product in texts)
        x = self.plan.x(0) - self.plan.cell / 2 - 0.5 * self.plan.em
        return VGroup(
            self._text("×", (x, level.values)),
            self._text("=" if right else "≈", (x, level.products)),
        )

    def total(self, unit: int) -> VGroup:
        """Give the sum of all parts below a line."""
        plan, told = self.plan, self.told
        cell = self._cell(told.sums, unit, plan.sum, plan.total, self.role)
        terms = [_shown(part.sums, unit) for part in told.parts if part.added]
        sign = equals("+", [*terms, cell.figure.text])
        left, right = plan.sum - plan.cell / 2 - 0.1, plan.sum + plan.cell / 2 + 0.1
        y = plan.total + plan.row / 2 + 0.17 * plan.em
        line = Line((left, y, 0), (right, y, 0)).set_stroke(self.theme.faint, width=2.5)
        mark = self._sign(sign, plan.columns, plan.total)
        symbol = quantity(told.sums.name, cell=self.cell).symbol
        color = self.theme.readable(self.theme.role(self.role), self.theme.panel)
        name = Formula(symbol, size=max(1.3 * plan.em, plan.symbol), color=color)
        x = float(mark.get_left()[0]) - 0.3 * plan.em - name.width / 2
        return VGroup(line, mark, cell, name.move_to((x, plan.total, 0)), self._pluses())

    @property
    def sources(self) -> list[Trace]:
        """Traces of what has been shown and is no reading of the network's own."""
        extras = [
            [factor]
            for part in self.told.parts
            if isinstance(part, Pair)
            for factor in part.factors
            if factor.tick == 0 and factor.name not in self.trace
        ]
        return [source_of(self.trace, own) for own in (*self.readings, *extras)]

    # How it is drawn

    def _role(self, part: Product) -> str:
        """The colour role of what a matrix is multiplied with."""
        return quantity(part.values.name, cell=self.cell).role

    def color_of(self, part: Product) -> str:
        """The colour in which the symbol of what a matrix is multiplied with is written."""
        return self.theme.readable(self.theme.role(self._role(part)), self.theme.panel)

    def _level(self, number: int) -> Levels:
        return self.plan.levels[number]

    def _whole(self, number: int) -> bool:
        part = self.told.parts[number]
        return isinstance(part, Product) and self.plan.counts[number] == len(part.values)

    def _cell(self, reading: Reading, entry: int, x: float, y: float, role: str) -> Cell:
        plan = self.plan
        size = (plan.cell, plan.row)
        return Cell(reading, entry, self.theme, role, (x, y), size, plan.em)

    def _row(self, reading: Reading, few: Sequence[int], y: float, role: str) -> VGroup:
        return VGroup(
            *(self._cell(reading, entry, self.plan.x(k), y, role) for k, entry in enumerate(few))
        )

    def _text(self, text: str, at: tuple[float, float], color: str = "") -> TextLine:
        return TextLine(text, size=self.plan.em, color=color or self.theme.ink, at=at)

    def _sign(self, sign: str, before: int, y: float) -> TextLine:
        """A sign in the gap before a cell."""
        plan = self.plan
        return self._text(sign, (plan.x(before) - plan.cell / 2 - GAP * plan.em / 2, y))

    def _more(
        self,
        made: Opened,
        reading: Reading,
        entry: int,
        at: int,
        level: Levels,
        *,
        lines: Sequence[str] = (),
        symbol: str = "",
    ) -> None:
        """Add a number that is no product, and above it what it is."""
        plan, x = self.plan, self.plan.x(at)
        what: VMobject = VGroup(
            *(
                self._text(line, (x, level.values + 1.25 * plan.em * k), self.theme.faint)
                for k, line in enumerate(reversed(lines))
            )
        )
        if symbol:
            above = (x, level.values + (plan.symbol - LARGER * plan.em) / 2)
            what = Formula(symbol, size=plan.symbol, color=self.theme.ink, at=above)
        cell = self._cell(reading, entry, x, level.products, "faint")
        made.more.add(self._sign("+", at, level.products), what, cell)

    def _pair(self, part: Pair, unit: int, level: Levels) -> Opened:
        made, y = Opened(), level.products
        first, second = part.factors
        roles = [quantity(each.name, cell=self.cell).role for each in part.factors]
        color = self.theme.ink
        left = self._cell(first, unit, self.plan.x(0), y, roles[0])
        made.weights.add(left)
        right = self._cell(second, unit, self.plan.x(1), y, roles[1])
        made.products.append(VGroup(right, self._sign("×", 1, y)))
        result = self._cell(part.sums, unit, self.plan.sum, y, roles[1])
        texts = [left.figure.text, right.figure.text]
        sign = equals("×", [*texts, result.figure.text])
        made.result.add(self._sign(sign, self.plan.columns, y), result)
        one, other = part.symbols
        symbols = f"{one} dot.o" if " " in other else f"{one} dot.o {other}"  # what stands above
        room = self.plan.grid + self.plan.beside - 0.3
        name = Formula(symbols, size=self.plan.symbol, color=color)
        name.scale(min(1.0, room / name.width)).move_to((self.plan.left + room / 2, y, 0))
        made.beside.add(name)
        return made.whole()

    def _grid(self, number: int, part: Product | Pair) -> VGroup:
        """Draw the rows of the units that are shown, as colours, and the matrix's name."""
        if isinstance(part, Pair):
            return VGroup()
        plan, level = self.plan, self._level(number)
        width = plan.grid - 0.25
        top = level.weights + plan.row / 2 - 1.5 * plan.em
        height = min(0.3, (top - level.products + plan.row / 2) / len(self.units))
        columns = fewer(part.weights[list(self.units)], TILES)
        wide = min(width / columns.shape[1], 0.3)
        x0 = plan.left + width / 2 - wide * columns.shape[1] / 2
        rows = VGroup()
        for k, row in enumerate(columns):
            y = top - height * (k + 0.5)
            tiles = [
                self._tile(float(v), (x0 + wide * (j + 0.5), y), (wide, height))
                for j, v in enumerate(row)
            ]
            rows.add(VGroup(*tiles))
        color = self.theme.readable(self.theme.role(self._role(part)), self.theme.panel)
        at = (plan.left + width / 2, level.weights + plan.row / 2 - 0.5 * plan.em)
        name = Formula(part.matrix, size=max(1.3 * plan.em, plan.symbol), color=color, at=at)
        return VGroup(rows, name)

    def _tile(self, value: float, at: tuple[float, float], size: tuple[float, float]) -> Rectangle:
        fill = self.theme.value(value, "signed")
        tile = Rectangle(width=size[0] * 0.96, height=size[1] * 0.9, stroke_width=0)
        return tile.set_fill(fill, opacity=1).move_to((*at, 0))

    def _strip(self, reading: Reading, y: float) -> VGroup:
        """A row as a strip of colours."""
        plan = self.plan
        left, right = plan.x(0) - plan.cell / 2, plan.sum + plan.cell / 2
        values = fewer(np.asarray(reading)[None], STRIPES)[0]
        wide = (right - left) / len(values)
        return VGroup(
            *(
                self._tile(float(v), (left + wide * (k + 0.5), y), (wide, STRIP * plan.em))
                for k, v in enumerate(values)
            )
        )

    def _symbols(self, number: int, part: Product | Pair) -> VGroup:
        """The name of the vector, left of it."""
        if isinstance(part, Pair):
            return VGroup()
        plan = self.plan
        symbol = quantity(part.values.name, cell=self.cell).symbol
        color = self.theme.readable(self.theme.role(self._role(part)), self.theme.panel)
        name = Formula(symbol, size=plan.symbol, color=color)
        right = plan.x(0) - plan.cell / 2 - 1.1 * plan.em
        name.move_to((right - name.width / 2, self._level(number).values, 0))
        return VGroup(name)

    def _names(self, part: Product, few: Sequence[int], level: Levels) -> VGroup:
        """What the columns are called: features by their names, others of many by their numbers."""
        plan = self.plan
        named = self.names if part.values.name == "x" else ()
        if not named and len(few) == len(part.values):
            return VGroup()
        texts = [named[k] if named else str(k + 1) for k in few]
        return VGroup(
            *(
                self._text(
                    shortened(text, plan.em, plan.cell + 0.5 * plan.em),
                    (plan.x(k), level.called),
                    self.theme.faint,
                )
                for k, text in enumerate(texts)
            )
        )

    def _others(self, part: Product, shown: int) -> list[str]:
        """Say on two lines of how many products the rest is the sum."""
        said = self.language.say("more products", count=len(part.values) - shown)
        first, _, rest = said.partition(" ")
        return [first, rest]

    def _pluses(self) -> VGroup:
        """Signs between the sums that are added up, one below the other."""
        plan = self.plan
        levels = [
            level.products
            for part, level in zip(self.told.parts, plan.levels, strict=True)
            if part.added
        ]
        return VGroup(
            *(
                self._text("+", (plan.sum, (above + below) / 2))
                for above, below in pairwise(levels)
                if above - below > plan.row + plan.em
            )
        )


def _shown(reading: Reading, entry: int) -> str:
    return shown(float(reading[entry]), "free")


def fewer(rows: np.ndarray, most: int) -> np.ndarray:
    """Give at most so many columns; of neighbours that share one, the strongest is seen."""
    count = rows.shape[1]
    if count <= most:
        return rows
    parts = np.array_split(np.arange(count), most)
    strongest = [
        [row[part][np.argmax(np.abs(row[part]))] for part in parts] for row in np.asarray(rows)
    ]
    return np.array(strongest)
