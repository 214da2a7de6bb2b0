"""The rows of a file of text: its encoding, its comments, and what parts its columns."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal, TextIO

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.inputs.cell_text import Kind, kind_of, marks_of
from lstmviz.engine.inputs.series import Series
from lstmviz.engine.inputs.table import series_of
from lstmviz.engine.inputs.table_head import Source
from lstmviz.engine.inputs.table_title import Row, without_title
from lstmviz.engine.inputs.text_encoding import encoding_of, not_decoded, notes_of
from lstmviz.engine.inputs.wanted import ALL, Wanted
from lstmviz.errors import UsageError
from lstmviz.system.texts import lines_of

Array = NDArray[np.floating[Any]]

_DELIMITERS = (";", "\t", "|", ",", "；", "，", None)  # None: blanks
_LONGEST_LINE = 2**24  # letters: some million numbers
_LONGEST = 2**16  # letters of a row that are looked at for what parts its columns
_HEAD, _SEEN = 24, 256  # rows that are looked at for it, and cells of each
_ENDS = tuple(".!?。！？")
_SEPARATOR = re.compile(r"sep=(.)\s*", re.IGNORECASE)  # as Excel takes it in a first line
_WORD = re.compile(r"[^\W\d_][\w.()/°%-]{0,23}")  # a name in a comment


def read_csv(path: Path, wanted: Wanted = ALL) -> Series | Array:
    """The series of a .csv or .tsv file, or one like them, in float64.

    Columns are parted by semicolons, tabs, bars, commas or blanks, lines that begin with # are
    comments. Text that is not in Unicode is read in the encoding that is wanted, or that it seems
    to be in, which a note says.

    Raises:
        UsageError: the file cannot be read or holds nothing, or a cell is no finite number; it
            says which.
    """
    try:
        encoding = encoding_of(path, wanted.encoding)
        with path.open(encoding=encoding.name, newline="") as file:
            return _read(file, str(path), wanted, notes_of(encoding))
    except UnicodeError:
        raise UsageError(not_decoded(path, encoding.name)) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {(error.strerror or '').lower()}.") from error


def read_table(
    text: str, where: str, wanted: Wanted = ALL, notes: tuple[str, ...] = ()
) -> Series | Array:
    """The series of a text of columns, as of `read_csv`; `where` begins what is refused."""
    return _read(io.StringIO(text, newline=""), where, wanted, notes)


def kind_of_text(text: str) -> Literal["table", "row", "nearly", "words"]:
    """Whether a text is several lines of columns, or names above numbers, rather than words.

    A "row" of numbers below as many words may be either. A text is "nearly" a table where most
    lines are numbers in columns, though something else is there, too.
    """
    delimiter, rows = _rows_of(text)
    if len(rows) < 2:
        return "words"
    first, kinds = rows[0][1], [_kinds(cells) for _, cells in rows[1:]]
    if len({len(cells) for _, cells in rows}) == 1 and all(map(_is_numeric, kinds)):
        if "text" not in _kinds(first):
            return "table" if len(first) > 1 else "words"
        return "table" if len(kinds) > 1 else _kind_of_two_lines(first, delimiter)
    single = all(len(each) == 1 for each in kinds)
    some = sum(_is_row(each, single) for each in kinds)
    most = (
        some > 2 and 4 * some >= 3 * len(kinds) if single else some > 1 and some * 2 >= len(kinds)
    )
    return "nearly" if most else "words"


def _kind_of_two_lines(
    words: Sequence[str], delimiter: str | None
) -> Literal["table", "row", "words"]:
    """What words above as many numbers are."""
    if len(words) < 2 or words[-1].strip()[-1:] in _ENDS:
        return "words"
    return "table" if delimiter is not None and all(map(_WORD.fullmatch, words)) else "row"


def _rows_of(text: str) -> tuple[str | None, list[Row]]:
    """What parts the cells of a text, if it is a table, and its first rows from the names on."""
    lines = list(itertools.islice(_kept(enumerate(lines_of(text), 1)), _HEAD))
    lines = [(number, line[:_LONGEST]) for number, line in lines]
    if len(lines) < 2:
        return None, []
    delimiter = _delimiter([line for _, line in lines])
    try:
        rows = list(_cells(lines, delimiter))
    except csv.Error:
        return delimiter, []
    marks = marks_of((cell for _, cells in rows for cell in cells[:_SEEN]), delimiter or " ")
    return delimiter, without_title(rows, marks)[0]


def _is_numeric(kinds: list[Kind]) -> bool:
    """Whether a row has a number and no text."""
    return "number" in kinds and "text" not in kinds


def _is_row(kinds: list[Kind], single: bool) -> bool:
    """Whether a row has numbers, and at most one text beside them."""
    values = kinds.count("number") + kinds.count("time")
    return values > 0 if single else values > 1 and kinds.count("text") < 2


def _read(file: TextIO, where: str, wanted: Wanted, notes: tuple[str, ...] = ()) -> Series | Array:
    told, head = _head(file)
    file.seek(0)
    delimiter = told or _delimiter(head)
    comments: list[tuple[int, str]] = []
    lines = _kept(enumerate(_lines_of(file, where), 1), comments)
    rows = _to_the_last(_cells(lines, delimiter))
    try:
        first = next(rows, None)
        if first is None:
            raise UsageError(f"{where} holds no numbers; write one row per tick.")
        above = _names_above(comments, delimiter, first)
        if above is not None:
            notes = (*notes, f"the comment above the numbers has the names: {', '.join(above)}")
        source = Source(where, delimiter or " ", above, notes)
        return series_of(itertools.chain([first], rows), source, wanted)
    except csv.Error as error:
        raise UsageError(f"{where} is damaged ({error}); save it as CSV again.") from None


def _to_the_last(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows from the first to the last in which anything stands."""
    empty: list[Row] = []
    begun = False
    for row in rows:
        if any(cell.strip() for cell in row[1]):
            yield from empty
            yield row
            empty, begun = [], True
        elif begun:
            empty.append(row)


def _lines_of(file: TextIO, where: str) -> Iterator[str]:
    for line in iter(partial(file.readline, _LONGEST_LINE), ""):
        if len(line) == _LONGEST_LINE:
            raise UsageError(
                f"{where} has a line of {_LONGEST_LINE} letters; write a row per tick."
            )
        yield line


def _kept(
    lines: Iterable[tuple[int, str]], comments: list[tuple[int, str]] | None = None
) -> Iterator[tuple[int, str]]:
    """The lines, with their numbers, that are neither empty nor comments, nor Excel's `sep=`.

    The last of the comments goes into `comments`.
    """
    for number, line in lines:
        bare = line.strip()
        if bare.startswith("#"):
            if comments is not None:
                comments[:] = [(number, bare)]
        elif bare and not (number == 1 and _SEPARATOR.fullmatch(line)):
            yield number, line


def _cells(lines: Iterable[tuple[int, str]], delimiter: str | None) -> Iterator[Row]:
    """The cells of lines; a row of several is where its last line is."""
    if delimiter is None:
        for number, line in lines:
            yield number, line.split()
        return
    last = 0

    def texts() -> Iterator[str]:
        nonlocal last
        for last, line in lines:  # noqa: B007
            yield line

    for cells in csv.reader(texts(), delimiter=delimiter, skipinitialspace=delimiter != "\t"):
        yield last, cells


def _head(file: TextIO) -> tuple[str | None, list[str]]:
    """What Excel is told that parts the cells, if it is, and the first lines of numbers."""
    lines = iter(partial(file.readline, _LONGEST), "")
    first = next(lines, "")
    told = _SEPARATOR.fullmatch(first)
    kept = _kept(enumerate(itertools.chain([first], lines), 1))
    return told[1] if told else None, [line for _, line in itertools.islice(kept, _HEAD)]


def _delimiter(head: list[str]) -> str | None:
    """What parts the columns: by what most of the cells below the first row become sensible."""
    best: str | None = ","
    most = 0.0
    for delimiter in _DELIMITERS:
        try:
            rows = [cells for _, cells in _cells(enumerate(head, 1), delimiter)]
        except csv.Error:
            continue
        below = rows[1:] or rows
        widths = {len(cells) for cells in below}
        if max(widths, default=0) < 2:
            continue
        kinds = [_kinds(cells, delimiter) for cells in below]
        count = sum(map(len, kinds))
        good = sum(each.count("number") + each.count("time") for each in kinds)
        gaps = sum(each.count("gap") for each in kinds)
        # Alike in all rows is better than not, and few sensible cells better than none.
        share = (good + 0.5 * gaps) / count - 0.2 * (len(widths) - 1) / len(below)
        if share > most + 1e-9:
            best, most = delimiter, share
    return best


def _kinds(cells: list[str] | Any, delimiter: str | None = ";") -> list[Kind]:
    cells = cells[:_SEEN]
    marks = marks_of(cells, delimiter or " ")
    return [kind_of(cell, marks) for cell in cells]


def _names_above(
    comments: list[tuple[int, str]], delimiter: str | None, first: Row
) -> list[str] | None:
    """The names of the columns where a comment just above numbers has them, as NumPy writes it."""
    number, cells = first
    above = [text for line, text in comments if line == number - 1]
    if not above or len(cells) < 2 or "text" in _kinds(cells, delimiter):
        return None
    names = [
        name.strip() for _, row in _cells([(1, above[0].strip("# "))], delimiter) for name in row
    ]
    return names if len(names) == len(cells) and all(map(_WORD.fullmatch, names)) else None
