"""The first rows of a table: names of columns, units, and how its numbers are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.inputs.cell_text import (
    Kind,
    Marks,
    is_gap,
    kind_of,
    label_of,
    marks_of,
    number_of,
)
from lstmviz.engine.inputs.table_title import Row, without_title
from lstmviz.errors import UsageError, brief

_MOST_COLUMNS = 2**16
_UNIT = 16  # letters of a unit, at most
_YEARS = range(1800, 2200)


@dataclass(frozen=True)
class Source:
    """Where a table is from: what its errors begin with, and what else is known of it."""

    where: str
    delimiter: str = ""  # of a text, whose rows may end in one
    names: Sequence[str] | None = None  # of the columns, where they are known already
    notes: tuple[str, ...] = ()
    ragged: bool = False  # whether rows stop at their last cell


@dataclass(frozen=True)
class Head:
    """What the first rows of a table show, and those of them that have values."""

    names: list[str] | None  # of the columns
    width: int
    rows: list[Row]
    marks: Marks
    notes: list[str]


def head_of(rows: list[Row], source: Source) -> Head:
    """Look at the first rows of a table.

    Raises:
        UsageError: there are no values in it, too many columns, or names for only some of them.
    """
    nothing = UsageError(f"{source.where} holds no numbers; write one row per tick.")
    marks = marks_of((cell for _, cells in rows for cell in cells), source.delimiter)
    above: list[str] = []
    if source.names is None:
        rows, above = without_title(rows, marks)
    width = len(source.names) if source.names is not None else _width(rows, source)
    if not rows or not width:
        raise nothing
    if width > _MOST_COLUMNS:
        raise UsageError(f"{source.where} has {width} columns; at most {_MOST_COLUMNS}.")
    if source.names is not None:
        return Head(list(source.names), width, rows, marks, [])
    reader = _Reader(source, marks, width)
    reader.notes += above
    names = reader.header(rows)
    body = rows if names is None else rows[1:]
    if names is not None and reader.are_units(body):
        line, units = body[0]
        told = brief(", ".join(label_of(cell) for cell in units if not is_gap(cell)), 60)
        reader.notes.append(f"row {line} has the units and is left out: {told}")
        body = body[1:]
    if not body:
        raise nothing
    return Head(names, width, body, marks, reader.notes)


def kinds_in(rows: Sequence[Row], width: int, marks: Marks) -> list[set[Kind]]:
    """The kinds of cells in each column, gaps left out."""
    found: list[set[Kind]] = [set() for _ in range(width)]
    for _, cells in rows:
        for kinds, cell in zip(found, cells, strict=False):
            kinds.add(kind_of(cell, marks))
    return [kinds - {"gap"} for kinds in found]


class _Reader:
    def __init__(self, source: Source, marks: Marks, width: int) -> None:
        self._source, self._marks, self._width = source, marks, width
        self.notes: list[str] = []

    def header(self, head: list[Row]) -> list[str] | None:
        """The names that the first row gives, if it does."""
        line, cells = head[0]
        kinds = self._row_kinds(cells)
        below = self._kinds_below(head[1:])
        has_numbers = "number" in kinds
        # What stands above numbers or times and is none is a name; so is a blank corner.
        named = [
            (kind == "text" and below[k] <= {"number", "time"} and bool(below[k]))
            or (kind == "time" and below[k] == {"number"})
            or (kind == "gap" and k == 0 and self._numbers_rows(head[1:]))
            for k, kind in enumerate(kinds)
        ]
        if any(kind == "time" and "time" in below[k] for k, kind in enumerate(kinds)):
            return None
        if has_numbers:
            whole = all(
                kind != "number" or _is_whole(number_of(cell, self._marks))
                for kind, cell in zip(kinds, cells, strict=False)
            )
            texts = [k for k, kind in enumerate(kinds) if kind == "text"]
            mixed = whole and any(named) and all(named[k] for k in texts)
            across = whole and self._years_go_across(cells, kinds, below)
            if not (mixed or across or self._counts_as_header(head, kinds)):
                return None
            told = brief(", ".join(label_of(cell) for cell in cells[:4] if not is_gap(cell)), 60)
            self.notes.append(
                f"row {line} ({told}{', …' if len(cells) > 4 else ''}) is taken for the names of "
                "the columns"
            )
        elif not ("text" in kinds or any(named)):
            return None
        names = ["" if cell is None else label_of(cell) for cell in cells[: self._width]]
        if len(names) == self._width - 1:  # as R writes the names of rows, without one above
            self.notes.append(
                f"row {line} has one name fewer than there are columns; the first column has none"
            )
            return ["", *names]
        if len(names) < self._width and not self._source.ragged:
            raise UsageError(
                f"{self._source.where}: row {line} names {len(names)} of {self._width} columns; "
                "name each, or if it is a title, remove the row or begin it with #."
            )
        return names + [""] * (self._width - len(names))

    def _numbers_rows(self, rows: Sequence[Row]) -> bool:
        """Whether the first column has times, or counts up."""
        cells = [cells[0] for _, cells in rows if len(cells)]
        numbers = [number_of(cell, self._marks) for cell in cells]
        if {kind_of(cell, self._marks) for cell in cells} == {"time"}:
            return True
        return None not in numbers and counts_up(np.array(numbers, float), 1)

    def _years_go_across(
        self, cells: Sequence[Any], kinds: Sequence[Kind], below: Sequence[set[Kind]]
    ) -> bool:
        """Whether a row has years beside a text, above numbers beside texts."""
        pairs = [(kind, cell) for kind, cell in zip(kinds, cells, strict=False) if kind != "gap"]
        years = [number_of(cell, self._marks) for kind, cell in pairs if kind == "number"]
        return (
            kinds[0] == "text"
            and below[0] == {"text"}
            and {kind for kind, _ in pairs} == {"text", "number"}
            and all(below[k] <= {"number"} for k, kind in enumerate(kinds) if kind == "number")
            and counts_up(np.array(years, float), 2, by_one=False)
            and all(year in _YEARS for year in years)
        )

    def _counts_as_header(self, head: list[Row], kinds: Sequence[Kind]) -> bool:
        """Whether a row of whole numbers is years, or 0 1 2, above what is no whole number."""
        if set(kinds) != {"number"} or len(head) < 2:
            return False
        first = np.array([number_of(cell, self._marks) for cell in head[0][1]], float)
        if not counts_up(first, 2):
            return False
        years, below = (
            int(first[0]) in _YEARS,
            [[number_of(cell, self._marks) for cell in cells] for _, cells in head[1:]],
        )
        if any(None in row or all(map(_is_whole, row)) for row in below):
            if years and not any(number in _YEARS for row in below for number in row):
                self._remark_that_counts(head[0][0], first)
            return False
        if years or (first[0] in (0, 1) and len(first) > 2):
            return True
        self._remark_that_counts(head[0][0], first)
        return False

    def _remark_that_counts(self, line: int, first: NDArray[np.floating[Any]]) -> None:
        self.notes.append(
            f"row {line} counts from {first[0]:g} to {first[-1]:g} and is read as numbers; "
            "remove it if these are the names of the columns"
        )

    def are_units(self, body: list[Row]) -> bool:
        """Whether the row below the names has units: short texts above numbers."""
        if len(body) < 2:
            return False
        kinds, below = self._row_kinds(body[0][1]), self._kinds_below(body[1:])
        texts = [k for k, kind in enumerate(kinds) if kind == "text"]
        return (
            bool(texts)
            and not {"number", "time"} & set(kinds)
            and all(below[k] and below[k] <= {"number", "time"} for k in texts)
            and all(len(str(body[0][1][k])) <= _UNIT for k in texts)
        )

    def _row_kinds(self, cells: Sequence[Any]) -> list[Kind]:
        return [kind_of(cell, self._marks) for cell in cells[: self._width]]

    def _kinds_below(self, rows: Sequence[Row]) -> list[set[Kind]]:
        return kinds_in(rows, self._width, self._marks)


def _width(rows: Sequence[Row], source: Source) -> int:
    """The columns of a table, in a text without those that are empty down to the end."""
    if not rows:
        return 0
    if not source.delimiter and not source.ragged:
        return len(rows[0][1])
    widths = [len(trimmed(cells)) for _, cells in rows]
    if source.ragged or len({len(cells) for _, cells in rows}) == 1:
        return max(widths)
    below = widths[1:] or widths
    return max(widths[0], max(dict.fromkeys(below), key=below.count))


def trimmed(cells: Sequence[Any]) -> Sequence[Any]:
    """The cells up to the last in which anything stands."""
    end = len(cells)
    while end and (cells[end - 1] is None or str(cells[end - 1]).strip() == ""):
        end -= 1
    return cells[:end]


def _is_whole(number: float | None) -> bool:
    return number is not None and float(number).is_integer()


def counts_up(numbers: NDArray[np.floating[Any]], least: int, *, by_one: bool = True) -> bool:
    """Whether there are so many whole numbers, each above the one before, by one."""
    with np.errstate(all="ignore"):  # what is infinite is refused elsewhere
        steps = np.diff(numbers)
    rises = bool(np.all(steps == 1 if by_one else steps > 0))
    return len(numbers) >= least and rises and bool(np.all(numbers == np.floor(numbers)))
