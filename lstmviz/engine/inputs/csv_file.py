"""A table of numbers from a .csv file: a row per tick, a column per feature."""

from __future__ import annotations

import csv
import itertools
import logging
import math
import re
from array import array
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.inputs.numbers import DECIMAL_COMMA, is_number
from lstmviz.errors import UsageError, brief

Array = NDArray[np.floating[Any]]

_LOG = logging.getLogger("lstmviz")
_INDEX = ("", "index", "unnamed: 0")  # what tables call the number of a row, in small letters
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")  # 1,234, which may be a decimal, too
_MANY = 3  # rows that count up by more than chance
_LONGEST_LINE = 2**24  # letters: some million numbers
_LONGEST = 2**16  # letters of a row that are looked at for what parts its columns


def read_csv(path: Path) -> Array:
    """The numbers (time, features) of a .csv file, in float64.

    Columns are parted by commas, or all by semicolons, tabs or blanks; beside semicolons and
    tabs, decimals may have commas. A first row without numbers names the columns. A first
    column without a name, or called `index`, that numbers the rows is left out. A warning says
    what is left out, and what may not be meant as it is read.

    Raises:
        UsageError: the file cannot be read or holds nothing, or a cell is no finite number; it
            says which.
    """
    numbers, width, header = array("d"), 0, None
    cells_read = _Cells(path)
    for line, cells, delimiter in _rows_of(path):
        if not width and header is None and not any(map(_may_be_number, cells)):
            header = cells
            continue
        width = width or len(cells)
        if len(cells) != width:
            raise UsageError(
                f"{path}: row {line} has {len(cells)} columns, the first has {width}; "
                "give each row as many."
            )
        for column, cell in enumerate(cells, start=1):
            numbers.append(cells_read.number(cell, line, column, commas=delimiter != ","))
    if not width:
        raise UsageError(f"{path} holds no numbers; write one row per tick.")
    cells_read.warn()
    return _features(np.frombuffer(numbers).reshape(-1, width), header, path)


class _Cells:
    """Reads the cells of one file, whose decimals are all written in one way."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._points = self._commas = False
        self._thousands = True  # as far as one can see, every comma may part thousands

    def number(self, cell: str, line: int, column: int, *, commas: bool) -> float:
        """The number of a cell; with `commas`, 0,5 is one."""
        plain = cell.strip().replace("−", "-")
        if commas and DECIMAL_COMMA.fullmatch(plain):
            self._commas = True
            self._thousands = self._thousands and _THOUSANDS.fullmatch(plain) is not None
            plain = plain.replace(",", ".")
        elif "." in plain:
            self._points = True
        if not is_number(plain) or not math.isfinite(number := float(plain)):
            raise UsageError(
                f"{self._path}: row {line}, column {column} is '{brief(cell, 40)}', not a finite "
                "number; mend it."
            )
        if self._points and self._commas:
            raise UsageError(
                f"{self._path}: row {line}, column {column} is '{brief(cell, 40)}', but above it "
                f"decimals have a {'comma' if '.' in cell else 'point'}; write all with a point, "
                "and thousands without a mark."
            )
        return number

    def warn(self) -> None:
        """Say that commas were read as points where they may have parted thousands."""
        if self._commas and self._thousands:
            _LOG.warning(
                "%s: the commas are read as decimal points, 1,234 as 1.234; leave them out if "
                "they part thousands.",
                self._path,
            )


def _may_be_number(cell: str) -> bool:
    plain = cell.strip().replace("−", "-")
    return is_number(plain) or DECIMAL_COMMA.fullmatch(plain) is not None


def _features(table: Array, header: Sequence[str] | None, path: Path) -> Array:
    """The table without a column that numbers its rows; warns of what is likely to be none."""
    ticks, width = table.shape
    if width > 1 and header is None and _counts_up(table[0]) and not _counts_up(table[-1]):
        _LOG.warning(
            "%s: row 1 counts from %g to %g and is read as numbers; remove it if these are the "
            "names of the columns.",
            path,
            table[0, 0],
            table[0, -1],
        )
    if width == 1 or not _counts_up(table[:, 0]):
        return table
    name = "" if header is None else header[0].strip()
    if header is not None and len(header) == width and name.lower() in _INDEX:
        _LOG.warning(
            "%s: the first column numbers the rows and is left out; give it a name of its own if "
            "the network reads it.",
            path,
        )
        return table[:, 1:]
    if ticks >= _MANY:
        _LOG.warning(
            "%s: the first column counts from %g to %g and is read as a feature; remove it if it "
            "only numbers the rows.",
            path,
            table[0, 0],
            table[-1, 0],
        )
    return table


def _counts_up(numbers: Array) -> bool:
    """Whether whole numbers follow one another."""
    return bool(float(numbers[0]).is_integer() and np.all(np.diff(numbers) == 1))


def _rows_of(path: Path) -> Iterator[tuple[int, list[str], str | None]]:
    """The rows of a .csv file but the empty ones: number from 1, cells, what parts them."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            delimiter = _delimiter(file)
            file.seek(0)
            rows: Iterator[list[str]] = (line.split() for line in _lines_of(file, path))
            if delimiter is not None:
                rows = csv.reader(_lines_of(file, path), delimiter=delimiter)
            for line, cells in enumerate(rows, start=1):
                if any(cell.strip() for cell in cells):
                    yield line, cells, delimiter
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not a text in UTF-8; save it as CSV again.") from None
    except csv.Error as error:
        raise UsageError(f"{path} is damaged ({error}); save it as CSV again.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {(error.strerror or '').lower()}.") from error


def _lines_of(file: TextIO, path: Path) -> Iterator[str]:
    for line in iter(partial(file.readline, _LONGEST_LINE), ""):
        if len(line) == _LONGEST_LINE:
            raise UsageError(f"{path} has a line of {_LONGEST_LINE} letters; write a row per tick.")
        yield line


def _delimiter(file: TextIO) -> str | None:
    """What parts the columns, None for blanks: as the second row has it, below a header."""
    lines = iter(lambda: file.readline(_LONGEST), "")
    *_, row = ["", *itertools.islice((line for line in lines if line.strip()), 2)]
    for delimiter in (";", "\t", ","):
        if delimiter in row:
            return delimiter
    pieces = row.split()
    return None if len(pieces) > 1 and all(map(_may_be_number, pieces)) else ","
