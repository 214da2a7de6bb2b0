"""What a user types after `--input`: a sentence, numbers, or a file of either."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lstmviz.engine.inputs.array_file import read_array
from lstmviz.engine.inputs.csv_file import kind_of_text, read_csv, read_table
from lstmviz.engine.inputs.gap_marks import gap_marks
from lstmviz.engine.inputs.json_file import read_json
from lstmviz.engine.inputs.numbers import numbers_in, refuse_broken_list, refuse_unclear
from lstmviz.engine.inputs.parquet_file import read_parquet
from lstmviz.engine.inputs.series import Series
from lstmviz.engine.inputs.table import series_of
from lstmviz.engine.inputs.table_head import Source
from lstmviz.engine.inputs.text_encoding import encoding_of, not_decoded
from lstmviz.engine.inputs.wanted import (
    ALL,
    Columns,
    GapMarks,
    Wanted,
    refuse_beside_text,
    refuse_encoding,
    refuse_sheet,
)
from lstmviz.engine.inputs.xlsx_file import read_xlsx
from lstmviz.errors import UsageError
from lstmviz.system.texts import lines_of

Array = NDArray[np.floating[Any]]

_PLAIN = (".csv", ".tsv", ".tab", ".dat")
_TABLES: dict[str, Callable[[Path, Wanted], list[str] | Array | Series]] = {
    **dict.fromkeys(_PLAIN, read_csv),
    **dict.fromkeys((".xlsx", ".xlsm"), read_xlsx),
    **dict.fromkeys((".parquet", ".pq"), read_parquet),
    **dict.fromkeys((".json", ".jsonl", ".ndjson"), read_json),
}
# Endings by which people name files that they would like to be read.
_KNOWN = (
    *_TABLES,
    *(
        ".txt .npy .npz .xls .ods .mat .h5 .hdf5 "
        ".pkl .pt .md .rtf .doc .docx .odt .pdf .htm .html .xml .log"
    ).split(),
)
_MOST_WORDS = 4  # in a part of a path; more are a sentence
_FOLDER = re.compile(  # how paths begin: C:\ ./ ../ ~/ \\server\ /home/me
    r"[A-Za-z]:[\\/]|\.{1,2}[\\/]|~[\\/]|\\\\|/[^/\s]+/[^/\s]"
)
_IN_A_PATH = re.compile(r"[\w.\-+~:@%#=&?/\\]+")
# Scripts that put no blanks between words: Thai, kana, ideographs.
_UNSPACED = re.compile(
    "[\u0e00-\u0e7f\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_NAME = 255  # letters of a file's name, at most
_WIDE = 64  # features, from which on an array may have its axes swapped
_ROWS = 2**14  # that are looked through at a time

_LOG = logging.getLogger("lstmviz")


def read_input(
    text_or_path: str,
    *,
    columns: Columns | None = None,
    time: str | int | None = None,
    fill: str | None = None,
    sheet: str | None = None,
    encoding: str | None = None,
    gap: GapMarks | None = None,
) -> str | list[str] | Array | Series:
    """A sentence as it is, or numbers (time, features): typed, or of a file.

    Numbers alone are numbers, parted by commas, semicolons or blanks: "0.1,0.5,-1", "3",
    "0.1 0.5", "[0.1, 0.5]". In "0,1 0,5" the commas are decimal, in "0,1" they part 0 and 1; a
    warning says what may be misread. A path that ends in .csv, .tsv, .xlsx, .parquet or .json (a
    row per tick), .npy or .npz (one array, no pickle) or .txt (a sentence, a table, or numbers as
    one types them) is read; so is a .json with a list of tokens, each as it is.

    A file with names of columns, or with times, gives a `Series`. `columns` chooses features in
    their order, as "temp,3", `time` the column that has the times; a gap is refused unless `fill`
    is "forward", "linear" (over time, where the times are known), "zero" or "mean"; `gap` is the
    number that marks one, as -9999 may, or several of these. `sheet` is
    that of an Excel file, else the first that is a table of numbers; `encoding` that of a text
    which is not in UTF-8, else the one that it seems to be in.

    A path is what is there; one word with / or \\ in it, unless it ends as a sentence does; and
    what ends as files do (.txt), or begins as paths do (./, C:\\), with no part of more than four
    words. A path that cannot be read is refused, so that nobody gets a film of its letters.
    Everything else is a sentence, of any length, even if it has slashes, commas and digits.

    Raises:
        UsageError: the file is missing, damaged or of another kind, a value is no finite
            number, or of a list of numbers not all are.
    """
    return _input_of(text_or_path, Wanted(columns, time, fill, sheet, encoding, gap))


def _input_of(text_or_path: str, wanted: Wanted) -> str | list[str] | Array | Series:
    text = text_or_path.strip()
    if _is_there(text) or _looks_like_a_path(text):
        return _read_file(text, wanted)
    numbers = _numbers(text, wanted)
    if numbers is None:
        table = _table_in(text, "The input", wanted)
        if table is not None:
            return table
        refuse_broken_list(text)
        refuse_unclear(text)
        refuse_beside_text(wanted)
        return text_or_path
    return numbers


def sentence_or_numbers(
    text: str, where: str, wanted: Wanted = ALL, doubt: str = ""
) -> str | Array | Series:
    """What stands in a text file: numbers or a table, as `read_input` reads them, or a sentence.

    Where there is a `doubt` about its letters, a table has it as a note.

    Raises:
        UsageError: there are numbers alone, but they cannot be used, or the letters of a sentence
            are in doubt; it begins with `where`.
    """
    try:
        refuse_sheet(wanted, where)
        numbers = _numbers(text, wanted, where)
        if numbers is not None:
            return numbers
        found = _table_in(text, where, wanted, doubt)
        if found is not None:
            return found
        refuse_unclear(text)
        refuse_beside_text(wanted)
    except UsageError as error:
        told = str(error)
        raise UsageError(told if told.startswith(where) else f"{where}: {told}") from error
    if doubt:
        raise UsageError(f"{where}: {doubt}.")
    return text


def _table_in(text: str, where: str, wanted: Wanted, doubt: str = "") -> Array | Series | None:
    """The series of a text of columns, as a .csv has them; None where it is words.

    Raises:
        UsageError: it is no table to run, or it is not clear whether it is one.
    """
    notes = (doubt,) if doubt else ()
    kind = kind_of_text(text)
    if kind == "table" or (wanted and kind != "words"):
        return read_table(text, where, wanted, notes)
    if kind == "row":
        raise UsageError(
            f"{where}: it may be a table of one row or a text; save it as .csv if it is a table, "
            "and write it on one line if it is a text."
        )
    if kind == "words":
        return None
    try:
        return read_table(text, where, wanted, notes)
    except UsageError as error:
        raise UsageError(
            f"{str(error).rstrip('.')}. It is read as a table, as most of its lines are numbers; "
            "write it on one line if it is a text."
        ) from error


def _numbers(text: str, wanted: Wanted, where: str = "The input") -> Array | Series | None:
    found = numbers_in(text)
    if found is None:
        return None
    refuse_sheet(wanted, where)
    refuse_encoding(wanted, where)
    for name, what in (("fill", "fills"), ("gap", "marks")):
        if getattr(wanted, name) is not None:
            raise UsageError(
                f"{name}= {what} gaps of a table, and numbers as typed have none; leave it out."
            )
    if found.note:
        _LOG.warning("%s", found.note)
    return wanted_of(found.values, wanted, where)


def _is_there(text: str) -> bool:
    """Whether a text names a file or a folder; most texts are none that could be named."""
    # Not Path.exists, which fails on a text that is too long for a name; so further down.
    return bool(text) and "\n" not in text and os.path.exists(text)


def _looks_like_a_path(text: str) -> bool:
    """Whether somebody means a file that is not there."""
    parts = re.split(r"[/\\]", text)
    if "\n" in text or any(len(p.split()) > _MOST_WORDS or len(p) > _NAME for p in parts):
        return False
    if text.lower().endswith(_KNOWN) or _FOLDER.match(text):
        return True
    return (
        len(parts) > 1
        and any(character.isalpha() for character in text)
        and _IN_A_PATH.fullmatch(text) is not None
        and not text.endswith((".", "?"))
        and not _UNSPACED.search(text)
    )


def _read_file(name: str, wanted: Wanted) -> str | list[str] | Array | Series:
    path = Path(name)
    if not os.path.isfile(path):
        what = f"{name} is a folder" if os.path.isdir(path) else f"There is no file {name}"
        raise UsageError(
            f"{what}; check the path, or if it is a sentence, end it with a full stop."
        )
    ending = path.suffix.lower()
    if ending in _KNOWN and ending not in (".xlsx", ".xlsm"):
        refuse_sheet(wanted, name)
    if ending in _TABLES and ending not in _PLAIN:
        refuse_encoding(wanted, name)
    if ending in _TABLES:
        return _TABLES[ending](path, wanted)
    if ending in (".npy", ".npz"):
        refuse_encoding(wanted, str(path))
        return _with_doubts(wanted_of(read_array(path), wanted, str(path)))
    if ending == ".txt":
        text, doubt = _read_text(path, wanted.encoding)
        return sentence_or_numbers(text, str(path), replace(wanted, encoding=None), doubt)
    if ending in (".xls", ".ods"):
        raise UsageError(f"{path} is not read; save its sheet as .xlsx or .csv.")
    raise UsageError(
        f"{path} is no file of input; give a .csv, .xlsx or .npy of numbers, a .txt with a "
        "sentence, or the sentence itself."
    )


def _with_doubts(found: Array | Series) -> Array | Series:
    """Numbers of a file, with notes where they may be meant otherwise; large ones are let be."""
    if isinstance(found, Series | np.memmap):
        return found
    ticks, width = found.shape
    notes = gap_marks(found, [f"column {k + 1}" for k in range(width)], range(1, ticks + 1))
    if width >= _WIDE and width > 4 * ticks:
        notes.append(
            f"the array is read as {ticks} tick{'s' * (ticks > 1)} of {width} features; if it is "
            "(features, time), save its transpose, array.T"
        )
    return Series(found, notes=tuple(notes)) if notes else found


def wanted_of(values: ArrayLike, wanted: Wanted, where: str = "The input") -> Array | Series:
    """Numbers (time, features), as of `as_numbers`, of which some columns are wanted.

    Raises:
        UsageError: there is no such column, or something in it is no finite number.
    """
    if not wanted:
        return as_numbers(values, where)
    rows = _two_axes(values, where).tolist()
    return series_of(enumerate(rows, 1), Source(where, names=[""] * len(rows[0])), wanted)


def as_numbers(values: ArrayLike, where: str = "The input") -> Array:
    """Numbers as (time, features) in float64, or float32 when they are that; checked.

    One axis is taken as one feature, of three the first may have one entry, as a batch of one
    has it. Floating-point numbers are not copied. `where` begins the sentence when something is
    wrong; rows and columns count from 1 in it.

    Raises:
        UsageError: not one or two axes, empty, or something in it is no finite number.
    """
    given = _two_axes(values, where)
    dtype = np.float32 if given.dtype == np.float32 else np.float64
    with np.errstate(all="ignore"):  # what is not finite is told below
        numbers: Array = given.astype(dtype, copy=False)
    for start in range(0, len(numbers), _ROWS):
        part = numbers[start : start + _ROWS]
        if not np.isfinite(part).all():
            row, column = np.argwhere(~np.isfinite(part))[0]
            raise UsageError(
                f"{where}: row {start + row + 1}, column {column + 1} is "
                f"{_spelt(part[row, column])}; give finite numbers."
            )
    return numbers


def _two_axes(values: ArrayLike, where: str) -> NDArray[Any]:
    """Real numbers as (time, features), whatever they are."""
    try:
        given = np.asarray(values)
    except ValueError:
        raise UsageError(
            f"{where} has rows of unequal lengths; give each as many values."
        ) from None
    if given.dtype.kind not in "fiub":
        raise UsageError(f"{where} holds {given.dtype} values; give real numbers.")
    if given.ndim == 3 and len(given) == 1:
        given = given[0]
    if given.ndim == 3:
        raise UsageError(
            f"{where} has 3 axes, the shape {given.shape}; give one sequence, (time, features), "
            "as in array[0]."
        )
    if given.ndim not in (1, 2):
        raise UsageError(
            f"{where} has {given.ndim} axes, the shape {given.shape}; "
            "give one (time) or two (time, features)."
        )
    if given.size == 0:
        raise UsageError(f"{where} is empty; give at least one number.")
    return given.reshape(len(given), -1)


def _read_text(path: Path, told: str | None = None) -> tuple[str, str]:
    """A text, and what is in doubt about its letters, if anything."""
    try:
        encoding = encoding_of(path, told)
        return path.read_text(encoding=encoding.name), encoding.note
    except UnicodeError:
        raise UsageError(not_decoded(path, encoding.name)) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {(error.strerror or '').lower()}.") from error


def _spelt(value: float) -> str:
    if np.isnan(value):
        return "NaN"
    return "infinite"


def read_inputs(path: str | Path, wanted: Wanted = ALL) -> list[str | list[str] | Array | Series]:
    """A file of many inputs: each line is what `read_input` takes; empty lines are left out.

    Raises:
        UsageError: the file is missing or empty, or a line cannot be used; it says which.
    """
    path = Path(path)
    if not os.path.isfile(path):
        raise UsageError(f"There is no file {path}; check the path.")
    text, doubt = _read_text(path)
    if doubt:
        raise UsageError(f"{path} is not a text in UTF-8; save it as UTF-8 again.")
    return inputs_of(text, str(path), wanted)


def inputs_of(
    text: str, where: str, wanted: Wanted = ALL
) -> list[str | list[str] | Array | Series]:
    """The inputs of a text, one a line, as in `read_inputs`; `where` begins what goes wrong."""
    found: list[str | list[str] | Array | Series] = []
    for number, line in enumerate(lines_of(text), start=1):
        if line.strip():
            try:
                found.append(_input_of(line, wanted))
            except UsageError as error:
                raise UsageError(f"{where}, line {number}: {error}") from error
    if not found:
        raise UsageError(f"{where} is empty; write a sentence, or numbers, a line.")
    return found
