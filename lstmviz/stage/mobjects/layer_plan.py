"""Where things stand in an opened layer: as large as there is room for, never too small to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lstmviz.engine.lessons.gate_sum import Pair, Product
from lstmviz.stage.text.text import text_width
from lstmviz.style.layout import INDEX
from lstmviz.style.notation import shown

if TYPE_CHECKING:
    from lstmviz.engine.lessons.gate_sum import GateSum
    from lstmviz.style.layout import Box
    from lstmviz.trace.trace import Reading

LARGEST, FINER = 0.34, 0.97  # the em to begin with, and how much smaller each next try is
MOST, FEWEST = 6, 2  # products shown as numbers where all are, and of many at least
OF_MANY = 4  # of many products, so many at most
PAD, GAP = 0.45, 1.05  # ems: beside the digits in a cell, and between cells, with a sign in it
BETWEEN = 0.1  # ems between rows
# Whether the heading is above, the height of a cell and the gap between parts (ems): from ample to
# tight.
HEIGHTS = ((True, 1.62, 0.42), (False, 1.62, 0.42), (False, 1.38, 0.18))
HEAD, CALLED, STRIP = 2.2, 1.35, 0.62  # ems: the heading, what columns are called, a strip
SYMBOL = 2.8  # ems: what the vector is called, and the sign behind it
LARGER, LONGEST = 1.2, 1.75  # ems: a symbol beside numbers; and the width of one, in ems of its own
GRIDS = (1.35, 1.1, 0.8, 0.62)  # the width of the small matrix, from ample to narrow


@dataclass(frozen=True)
class Levels:
    """The heights at which the rows of one part stand."""

    products: float
    weights: float = 0.0
    values: float = 0.0
    called: float = 0.0
    strip: float = 0.0


@dataclass(frozen=True)
class Plan:
    """The places in a box for an em; `counts` has for each part how many products are shown."""

    box: Box
    em: float
    cell: float  # the width of a cell
    grid: float  # that of the small matrix
    counts: Sequence[int]
    columns: int  # cells before the sum
    heading: float  # its height, or 0 where it stands beside the total
    levels: Sequence[Levels] = field(default_factory=tuple)
    total: float = 0.0  # the height of the total
    row: float = 0.0  # that of a cell
    least: float = 0.0  # the smallest em that can be read

    @property
    def symbol(self) -> float:
        """The em of the symbols, whose indices can be read."""
        return max(LARGER * self.em, self.least / INDEX)

    @property
    def beside(self) -> float:
        """What the name of a vector takes with the sign behind it."""
        return SYMBOL * self.em + LONGEST * (self.symbol - LARGER * self.em)

    @property
    def pitch(self) -> float:
        """From one cell to the next."""
        return self.cell + GAP * self.em

    @property
    def width(self) -> float:
        """How wide all of it is."""
        return self.grid + self.beside + self.columns * self.pitch + self.cell

    @property
    def left(self) -> float:
        """Where it begins."""
        return self.box.center[0] - self.width / 2

    def x(self, column: int) -> float:
        """Give the middle of a cell."""
        return self.left + self.grid + self.beside + self.cell / 2 + column * self.pitch

    @property
    def sum(self) -> float:
        """The middle of the sums."""
        return self.x(self.columns)


def planned(
    told: GateSum, units: Sequence[int], box: Box, least: float, called: Mapping[int, float]
) -> Plan:
    """Find the largest plan that fits; `called` has the parts whose columns have names.

    Its values are the widths, in ems, that the names take at least.
    """
    widths = [len(part.values) for part in told.products]
    ways = [MOST] if max(widths, default=0) <= MOST else []
    best: Plan | None = None
    for most in (*ways, *range(OF_MANY, FEWEST - 1, -1)):
        for grid in GRIDS:
            em = LARGEST
            while em >= least:
                best = replace(_plan(told, units, box, em, grid, most, called), least=least)
                if best.width <= box.width and best.total - best.row / 2 >= box.bottom:
                    return best
                em = em * FINER if em * FINER >= least or em == least else least
                if em == least and best.em == least:
                    break
    assert best is not None
    return best


def _plan(
    told: GateSum,
    units: Sequence[int],
    box: Box,
    em: float,
    grid: float,
    most: int,
    called: Mapping[int, float],
) -> Plan:
    counts = [
        (len(part.values) if len(part.values) <= most else min(most, OF_MANY))
        if isinstance(part, Product)
        else 2
        for part in told.parts
    ]
    widest = max(text_width(text, 1.0) for text in _texts(told, units, counts))
    cell = (max(widest, *called.values(), 2.0) + PAD) * em
    taken = [
        count + (isinstance(part, Product) and count < len(part.values)) + _has_bias(part)
        for part, count in zip(told.parts, counts, strict=True)
    ]
    for high, row, parted in HEIGHTS:
        levels, y = [], box.top - (HEAD if high else 0.1) * em
        for k, (part, count) in enumerate(zip(told.parts, counts, strict=True)):
            level, y = _levels(part, count, y, em, row, named=k in called)
            levels.append(level)
            y -= parted * em
        total = y - row * em / 2
        if total - row * em / 2 >= box.bottom:
            break
    # What is left of the height goes between the parts, and above and below all of them.
    spare = max(total - row * em / 2 - box.bottom, 0.0)
    share = min(spare / (len(levels) + 2), 1.2 * em)
    top = (spare - share * len(levels)) / 2
    levels = [_lower(level, top + share * k) for k, level in enumerate(levels)]
    heading = box.top - 0.8 * em - top if high else 0.0
    total -= top + share * len(levels)
    return Plan(box, em, cell, grid, counts, max(taken), heading, levels, total, row * em)


def _levels(
    part: Product | Pair, count: int, top: float, em: float, row: float, *, named: bool
) -> tuple[Levels, float]:
    """Give the heights of a part's rows below a height, and where the next part begins."""
    row, step = row * em, (row + BETWEEN) * em
    if isinstance(part, Pair):
        return Levels(top - row / 2), top - row
    strip = 0.0
    if count < len(part.values):
        strip = top - STRIP * em / 2
        top -= (STRIP + BETWEEN) * em
    name = top - CALLED * em / 2
    if named or count < len(part.values):
        top -= CALLED * em
    weights = top - row / 2
    levels = Levels(weights - 2 * step, weights, weights - step, name, strip)
    return levels, levels.products - row / 2


def _lower(level: Levels, fall: float) -> Levels:
    return Levels(*(y - fall for y in vars(level).values()))


def _has_bias(part: Product | Pair) -> bool:
    return isinstance(part, Product) and part.bias is not None


def _texts(told: GateSum, units: Sequence[int], counts: Sequence[int]) -> Iterator[str]:
    """Give every number that may be written."""
    readings: list[tuple[Reading, Sequence[int]]] = [(told.sums, units)]
    for part, count in zip(told.parts, counts, strict=True):
        readings.append((part.sums, units))
        if isinstance(part, Pair):
            readings += [(factor, units) for factor in part.factors]
            continue
        for unit in units:
            few = part.largest(unit, count) if count < len(part.values) else range(count)
            row = part.row(unit, few)
            readings += [(row.weights, few), (part.values, few), (row.products, few)]
            readings += [(row.bias, [unit])] if row.bias is not None else []
            readings += [(row.rest, [0])] if row.rest is not None else []
    for reading, numbers in readings:
        for number in numbers:
            yield shown(float(reading[number]), "free")
