"""Rows of cells become a series: what names the columns, what are times, what are numbers."""

from __future__ import annotations

import itertools
import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.inputs.cell_text import (
    Marks,
    is_gap,
    is_percent,
    label_of,
    marks_of,
    number_of,
)
from lstmviz.engine.inputs.gap_marks import emptied, gap_marks, spelt
from lstmviz.engine.inputs.parted_time import Parts, parts_of
from lstmviz.engine.inputs.series import Series
from lstmviz.engine.inputs.table_head import Source, counts_up, head_of, kinds_in, trimmed
from lstmviz.engine.inputs.table_title import Row
from lstmviz.engine.inputs.time_axis import (
    COUNTS,
    INDEX,
    NUMBERS,
    TIMES,
    places_in_time,
    time_axis,
)
from lstmviz.engine.inputs.wanted import Wanted, column_of, filled
from lstmviz.errors import UsageError, brief
from lstmviz.system.texts import unlike
from lstmviz.trace.times import is_date_alone, is_time, is_time_alone

Array = NDArray[np.floating[Any]]

_HEAD = 64  # rows that are looked at to know what the columns are
_MANY = 3  # rows that count up by more than chance
_LABEL, _NAME = 80, 400  # letters of a time, and of a column's name, at most


def series_of(rows: Iterable[Row], source: Source, wanted: Wanted) -> Series | Array:
    """A series of the rows of a table; plain numbers where it has neither names nor times.

    The first row names the columns if it holds no numbers, or such as cannot be values; a second
    one of units is left out, and so are empty columns at the end. A column of dates, or one
    whose name says that it has times or counts the rows, becomes the times of the ticks.

    Raises:
        UsageError: it holds nothing, a row is too short, or a cell is no finite number; it says
            which.
    """
    return _Table(iter(rows), source, wanted).series()


class _Table:
    _parts: Parts | None = None  # of times that stand in several columns

    def __init__(self, rows: Iterator[Row], source: Source, wanted: Wanted) -> None:
        self._source, self._where, self._wanted = source, source.where, wanted
        head = head_of(list(itertools.islice(rows, _HEAD)), source)
        self._marks, self._width, self._head = head.marks, head.width, head.rows
        self._names = None if head.names is None else [brief(name, _NAME) for name in head.names]
        self._notes = [*source.notes, *head.notes]
        self._rows = itertools.chain(self._head, rows)
        self._kinds = kinds_in(self._head, self._width, self._marks)
        self._bracketed = ""  # a number in brackets, as accountants write what is below 0

    def series(self) -> Series | Array:
        """Read all rows."""
        times = self._time_columns()
        features = self._features(times)
        percent: dict[int, bool] = {}
        numbers, lines, labels = array("d"), array("q"), list[str]()
        for line, cells in self._rows:
            if len(cells) != self._width and not self._fits(cells):
                raise UsageError(
                    f"{self._where}: row {line} has {len(cells)} "
                    f"column{'' if len(cells) == 1 else 's'}, the first has {self._width}; give "
                    "each row as many."
                )
            lines.append(line)
            if times:
                labels.append(self._label(times, line, cells))
            for k in features:
                numbers.append(self._number(cells[k] if k < len(cells) else "", line, k, percent))
        values = np.frombuffer(numbers).reshape(-1, len(features))
        if any(percent.values()):
            self._notes.append("percent signs are read as hundredths, 10% as 0.1")
        if self._marks.unclear:
            self._notes.append(self._marks.unclear)
        if self._bracketed:
            self._notes.append(f"numbers in brackets are read as negative: {self._bracketed}")
        return self._made(values, features, times, labels, lines)

    def _made(
        self,
        values: Array,
        features: list[int],
        times: tuple[int, ...],
        labels: Sequence[str],
        lines: Sequence[int],
    ) -> Series | Array:
        named_times = [self._called(k) for k in times]
        counting = self._counting(values, features, INDEX if times else COUNTS)
        if counting is None and times:
            counting = self._counting(values, features, NUMBERS, by_one=True)
        if counting is not None:
            called = self._called(features[counting])
            if times:
                self._notes.append(f"{called} numbers the rows and is left out")
            else:
                labels = [label_of(one) for one in values[:, counting].tolist()]
                named_times = [called]
            values = np.delete(values, counting, axis=1)
            features = [k for place, k in enumerate(features) if place != counting]
        if labels:
            numeric = not times or (len(times) == 1 and self._kinds[times[0]] == {"number"})
            labels, said = time_axis(labels, named_times, numeric=numeric, lines=lines)
            self._notes += said if self._wanted.time is None else said[1:]
        elif self._names is None and len(features) > 1 and counts_up(values[:, 0], _MANY):
            self._notes.append(
                f"the first column counts from {values[0, 0]:g} to {values[-1, 0]:g} and is read "
                "as a feature; remove it if it only numbers the rows"
            )
        names = self._unlike([self._called(k) for k in features])
        values = self._without_marks(values, features, lines)
        self._notes += gap_marks(values, names, lines)
        if self._wanted.fill is not None:
            places = places_in_time(labels) if labels else None
            values, gaps = filled(values, self._wanted.fill, lines, names, self._where, places)
            self._notes += gaps
        named = tuple(names) if any(self._listed()[k] for k in features) else ()
        if not named and not labels and not self._notes:
            return values
        return Series(values, named, tuple(labels), tuple(self._notes))

    def _without_marks(self, values: Array, features: Sequence[int], lines: Sequence[int]) -> Array:
        """The values with gaps where a number stands that marks them."""
        if not self._wanted.marks:
            return values
        found, missing = emptied(values, self._wanted.marks)
        self._notes += missing
        places = np.argwhere(np.isnan(found) & ~np.isnan(values))
        if len(places) and self._wanted.fill is None:
            row, column = places[0]
            raise UsageError(
                f"{self._where}: row {lines[row]}, {self._column(features[column])} is "
                f"{spelt(values[row, column])}, a gap as gap= says; fill gaps with fill=, which is "
                "forward, linear, zero or mean."
            )
        return found

    # What the columns are

    def _time_columns(self) -> tuple[int, ...]:
        """The column that has the times, from 0; two where the date and the hour stand apart."""
        names = self._lower()
        if self._wanted.time is not None:
            return (column_of(self._wanted.time, self._listed(), self._where),)
        chosen = self._wanted.features(self._listed(), self._where) or ()
        free = [k for k in range(self._width) if k not in chosen]
        dated = [k for k in free if self._kinds[k] == {"time"}]
        date = next((k for k in dated if is_date_alone(self._sample(k))), None)
        if (not dated or date == dated[0]) and self._width > 1 and self._names is not None:
            self._parts = parts_of(names, free, date, self._numbers_at_head)
            if self._parts is not None and (
                len(dated) < 2 or not is_time_alone(self._sample(dated[1]))
            ):
                return self._parts.columns
            self._parts = None
        if len(dated) > 1:
            samples = [self._sample(k) for k in dated[:2]]
            if is_date_alone(samples[0]) and is_time_alone(samples[1]):
                return dated[0], dated[1]
            if is_time_alone(samples[0]) and is_date_alone(samples[1]):
                return dated[1], dated[0]
        if dated:
            return (dated[0],)
        if self._width == 1 or (len(free) == self._width and self._names is None):
            return ()
        for k in free:
            texts = self._kinds[k] == {"text"} and names[k] in COUNTS
            # A t that falls is a temperature.
            if texts or (names[k] in TIMES and (names[k] != "t" or self._rises(k))):
                return (k,)
        return ()

    def _rises(self, k: int) -> bool:
        """Whether no number at the head of a column is below the one before it."""
        cells = [cells[k] for _, cells in self._head if k < len(cells)]
        found = [number_of(cell, self._marks) for cell in cells]
        numbers = [number for number in found if number is not None]
        return all(a <= b for a, b in itertools.pairwise(numbers))

    def _numbers_at_head(self, k: int) -> list[float]:
        """The numbers at the head of a column that has nothing else."""
        found = [number_of(c[k], self._marks) if k < len(c) else None for _, c in self._head]
        numbers = [number for number in found if number is not None]
        return numbers if len(numbers) == len(found) else []

    def _features(self, times: tuple[int, ...]) -> list[int]:
        """The columns that are features, from 0, none of which has times or text."""
        chosen = self._wanted.features(self._listed(), self._where)
        found = [k for k in range(self._width) if k not in times] if chosen is None else chosen
        if not found:
            raise UsageError(f"{self._where} has no column beside its times; give one of numbers.")
        possible = [k for k in found if not self._kinds[k] & {"text", "time"} and self._kinds[k]]
        for k in found:
            if k in times:
                raise UsageError(
                    f"{self._where}: {self._column(k)} is the time and cannot be a feature, too; "
                    "leave it out of one of both."
                )
            if self._kinds[k] and self._kinds[k] <= {"text", "time"} and not self._otherwise(k):
                what = "text" if "text" in self._kinds[k] else "times"
                line = self._first(k)[0]
                mend = "; mend it"
                if possible:
                    given = ",".join(self._called(one, alone=False) for one in possible)
                    mend = f"; name the features in columns=, as in {brief(given, 100)}"
                mend += self._other_shape(times)
                raise UsageError(
                    f"{self._where}: row {line}, {self._column(k)} is "
                    f"'{brief(self._sample(k), 40)}', {what} and no number{mend}."
                )
        return found

    def _other_shape(self, times: tuple[int, ...]) -> str:
        """What to do where a table with a column of text seems to be of another shape."""
        labels = [
            tuple(label_of(c[k]) for k in times)
            for _, c in self._head
            if len(c) > max(times, default=0)
        ]
        if times and 2 * len({*labels}) <= len(labels):
            return "; if several series stand below each other, give each a column of its own first"
        across = self._head[0][1] if self._names is None else self._names
        numbers = [number_of(cell, self._marks) for cell in across[1:]]
        counts = None not in numbers and counts_up(np.array(numbers, float), 2)
        if counts or (len(across) > 2 and all(is_time(label_of(cell)) for cell in across[1:])):
            return "; if the times go across, swap rows and columns first"
        return ""

    def _counting(
        self,
        values: Array,
        features: Sequence[int],
        known: frozenset[str],
        by_one: bool = False,
    ) -> int | None:
        """The place of a column that counts the rows, and whose name says so."""
        if not any(self._listed()) or len(features) < 2 or self._wanted.columns is not None:
            return None
        names = self._lower()
        for place, k in enumerate(features):
            called = names[k] in known and (k == 0 or names[k] != "")
            if called and counts_up(values[:, place], 1, by_one=by_one):
                return place
        return None

    # What stands in the cells

    def _number(self, cell: Any, line: int, k: int, percent: dict[int, bool]) -> float:
        marks = self._marks
        if isinstance(cell, str) and marks.decimal == "." and percent.get(k) is False:
            # Most numbers are as Python writes them, and so read in no time.
            try:
                number = float(cell)
            except ValueError:
                number = math.nan
            if math.isfinite(number) and "_" not in cell and (marks.sure or cell.isdigit()):
                return number
        return self._any_number(cell, line, k, percent)

    def _any_number(self, cell: Any, line: int, k: int, percent: dict[int, bool]) -> float:
        if is_gap(cell):
            if self._wanted.fill is None:
                what = f"'{cell}', a gap" if isinstance(cell, str) and cell.strip() else "empty"
                what = "NaN" if isinstance(cell, float) else what
                raise UsageError(
                    f"{self._where}: row {line}, {self._column(k)} is {what}; mend it, or fill "
                    "gaps with fill=, which is forward, linear, zero or mean."
                )
            return math.nan
        if not self._marks.sure and isinstance(cell, str):
            found = marks_of([cell], self._source.delimiter)
            self._marks = found if found.sure else self._marks
        number = number_of(cell, self._marks)
        if number is None or not math.isfinite(number):
            told = "not a finite number; mend it"
            if number is None and number_of(cell, self._other_marks()) is not None:
                mark = {",": "comma", ".": "point"}[self._marks.decimal]
                told = (
                    f"but elsewhere decimals have a {mark}; write all in one way, and thousands "
                    "without a mark"
                )
            raise UsageError(
                f"{self._where}: row {line}, {self._column(k)} is '{brief(str(cell), 40)}', {told}."
            )
        if isinstance(cell, str) and cell.strip().startswith("("):
            self._bracketed = self._bracketed or brief(cell.strip(), 40)
        sign = is_percent(cell)
        if percent.setdefault(k, sign) != sign and number:
            raise UsageError(
                f"{self._where}: row {line}, {self._column(k)} is '{brief(str(cell), 40)}', but "
                f"above it numbers have {'no' if sign else 'a'} percent sign; write all in one way."
            )
        return number

    def _other_marks(self) -> Marks:
        return Marks("," if self._marks.decimal == "." else ".")

    def _otherwise(self, k: int) -> bool:
        """Whether a column has numbers that are written in another way than the others."""
        return number_of(self._first(k)[1][k], self._other_marks()) is not None

    def _label(self, times: Sequence[int], line: int, cells: Sequence[Any]) -> str:
        parts = [
            label_of(cells[k]) if k < len(cells) and not is_gap(cells[k]) else "" for k in times
        ]
        if not all(parts):
            raise UsageError(
                f"{self._where}: row {line} has no time in {self._column(times[parts.index('')])}; "
                "give one, or leave the row out."
            )
        text = " ".join(parts)
        if self._parts is not None:
            text = self._joined(line, cells)
        return text if len(text) <= _LABEL and text.isprintable() else brief(text, _LABEL)

    def _joined(self, line: int, cells: Sequence[Any]) -> str:
        """The time of a row of which parts stand in several columns."""
        assert self._parts is not None
        given: list[str | float] = []
        for k, kind in zip(self._parts.columns, self._parts.kinds, strict=True):
            number = number_of(cells[k], self._marks)
            given.append(
                label_of(cells[k]) if kind == "date" else math.nan if number is None else number
            )
        label = self._parts.label(given)
        if label is None:
            told = " ".join(label_of(cells[k]) for k in self._parts.columns)
            which = ", ".join(self._called(k) for k in self._parts.columns)
            raise UsageError(
                f"{self._where}: row {line} has the time '{brief(told, 40)}' ({which}), which is "
                "none; mend it."
            )
        return label

    def _unlike(self, names: list[str]) -> list[str]:
        """The names of the features, each once, which is noted."""
        found = unlike(names)
        again = [own for own, name in zip(found, names, strict=True) if own != name]
        if again:
            told = brief(", ".join(again), 100)
            self._notes.append(f"several columns have the same name; they are told apart as {told}")
        return found

    def _fits(self, cells: Sequence[Any]) -> bool:
        """Whether a row differs in what is empty at its end alone."""
        rest = cells[self._width :]
        if len(cells) < self._width:
            return self._source.ragged
        return bool(self._source.delimiter or self._source.ragged) and not trimmed(rest)

    def _first(self, k: int) -> Row:
        """The first row that has something in a column."""
        rows = (row for row in self._head if k < len(row[1]) and not is_gap(row[1][k]))
        return next(rows, self._head[0])

    def _sample(self, k: int) -> str:
        cells = self._first(k)[1]
        return label_of(cells[k]) if k < len(cells) else ""

    def _listed(self) -> list[str]:
        return [""] * self._width if self._names is None else self._names

    def _lower(self) -> list[str]:
        return [name.strip().casefold() for name in self._listed()]

    def _called(self, k: int, *, alone: bool = True) -> str:
        """The name of a column, or its number."""
        return self._listed()[k] or (f"column {k + 1}" if alone else f"{k + 1}")

    def _column(self, k: int) -> str:
        name = self._listed()[k]
        return f"column {k + 1}" + (f" ({brief(name, _LABEL)})" if name else "")
