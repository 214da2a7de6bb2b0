"""What a user types after `--input`: a sentence, numbers, or a file of numbers."""

from __future__ import annotations

import csv
import math
import zipfile
from array import array
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lstmviz.errors import UsageError, brief
from lstmviz.npy import read_npy

Array = NDArray[np.floating[Any]]

MAPPED_FROM = 2**20  # bytes of a .npy file: a larger one is read where it is looked at
_ENDS = tuple(".!?。！？")
_LONGEST = 40  # letters of an input that are told in an error
_LONGEST_LINE = 2**24  # letters of a .csv file: some million numbers
_ROWS = 2**14  # that are looked through at a time


def read_input(text_or_path: str) -> str | Array:
    """A sentence as it is, or numbers (time, features) from a list, a .csv or a .npy file.

    "0.1,0.5,-1" and "3" are numbers, of one feature; a path that ends in .csv (commas, one
    row per tick, a header row if its cells are not numbers), .npy (one or two axes, no
    pickle) or .txt (a sentence) is read; everything else is a sentence, even if it has
    commas and digits.

    Raises:
        UsageError: the file is missing or damaged, a value is no finite number, or of a list
            of numbers not all are.
    """
    text = text_or_path.strip()
    ending = Path(text).suffix.lower() if text and "\n" not in text else ""
    if ending == ".csv":
        return _read_csv(Path(text))
    if ending == ".npy":
        return _read_npy(Path(text))
    if ending and Path(text).exists():
        if ending != ".txt":
            raise UsageError(
                f"{text} is no file of input; give a .csv or .npy of numbers, a .txt with a "
                "sentence, or the sentence itself."
            )
        return _read_text(Path(text))
    cells = [cell.strip() for cell in text.split(",")]
    if all(_is_number(cell) for cell in cells):
        return as_numbers([float(cell) for cell in cells])
    _refuse_broken_list(text, cells)
    return text_or_path


def _refuse_broken_list(text: str, cells: Sequence[str]) -> None:
    """Refuse what is a list of numbers but for a slip; a sentence may have numbers and commas.

    It is a sentence where a piece between commas has several words, most have no number, one
    number is set off by a comma and a space, or it ends as sentences do.
    """
    odd = [(place, cell) for place, cell in enumerate(cells, start=1) if not _is_number(cell)]
    count = len(cells) - len(odd)
    if any(len(cell.split()) > 1 for _, cell in odd) or 2 * count < len(cells):
        return
    if (count == 1 and ", " in text) or (odd[-1][0] == len(cells) and odd[-1][1][-1:] in _ENDS):
        return
    place, cell = odd[0]
    what = f"'{cell}', which is no number" if cell else "empty"
    raise UsageError(
        f"In the list of numbers '{_short(text)}', number {place} is {what}; mend it, or put the "
        "text into a .txt file if it is a sentence."
    )


def _short(text: str) -> str:
    return brief(text, _LONGEST)


def as_numbers(values: ArrayLike, where: str = "The input") -> Array:
    """Numbers as (time, features) in float64, or float32 when they are that; checked.

    One axis is taken as one feature. Floating-point numbers are not copied. `where` begins the
    sentence when something is wrong; rows and columns count from 1 in it.

    Raises:
        UsageError: not one or two axes, empty, or something in it is no finite number.
    """
    try:
        given = np.asarray(values)
    except ValueError:
        raise UsageError(
            f"{where} has rows of unequal lengths; give each as many values."
        ) from None
    if given.dtype.kind not in "fiub":
        raise UsageError(f"{where} holds {given.dtype} values; give real numbers.")
    if given.ndim not in (1, 2):
        raise UsageError(
            f"{where} has {given.ndim} axes, the shape {given.shape}; "
            "give one (time) or two (time, features)."
        )
    if given.size == 0:
        raise UsageError(f"{where} is empty; give at least one number.")
    dtype = np.float32 if given.dtype == np.float32 else np.float64
    with np.errstate(all="ignore"):  # what is not finite is told below
        numbers: Array = given.reshape(len(given), -1).astype(dtype, copy=False)
    for start in range(0, len(numbers), _ROWS):
        part = numbers[start : start + _ROWS]
        if not np.isfinite(part).all():
            row, column = np.argwhere(~np.isfinite(part))[0]
            raise UsageError(
                f"{where}: row {start + row + 1}, column {column + 1} is "
                f"{_spelt(part[row, column])}; give finite numbers."
            )
    return numbers


def _read_csv(path: Path) -> Array:
    numbers, width, first = array("d"), 0, True
    for line, cells in _rows_of(path):
        if first and not any(_is_number(cell) for cell in cells):
            first = False
            continue  # a header
        first = False
        width = width or len(cells)
        if len(cells) != width:
            raise UsageError(
                f"{path}: row {line} has {len(cells)} columns, the first has {width}; "
                "give each row as many."
            )
        for column, cell in enumerate(cells, start=1):
            if not _is_number(cell) or not math.isfinite(number := float(cell)):
                raise UsageError(
                    f"{path}: row {line}, column {column} is '{_short(cell)}', not a finite "
                    "number; mend it."
                )
            numbers.append(number)
    if not width:
        raise UsageError(f"{path} holds no numbers; write one row per tick.")
    return as_numbers(np.frombuffer(numbers).reshape(-1, width), str(path))


def _rows_of(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of a .csv file with their numbers from 1, without the empty ones."""
    _must_exist(path)
    try:
        with path.open(encoding="utf-8-sig") as file:
            for line, cells in enumerate(csv.reader(_lines_of(file, path)), start=1):
                if any(cell.strip() for cell in cells):
                    yield line, cells
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


def _read_text(path: Path) -> str:
    _must_exist(path)
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not a text in UTF-8; save it as CSV again.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {(error.strerror or '').lower()}.") from error


def _read_npy(path: Path) -> Array:
    _must_exist(path)
    try:
        return as_numbers(read_npy(path, MAPPED_FROM), str(path))
    except UsageError:
        raise
    except ValueError:
        if zipfile.is_zipfile(path):
            raise UsageError(f"{path} holds several arrays; save one with numpy.save.") from None
        raise UsageError(
            f"{path} is damaged or no .npy array of numbers; save it with numpy.save."
        ) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {(error.strerror or '').lower()}.") from error


def _must_exist(path: Path) -> None:
    if not path.is_file():
        raise UsageError(f"There is no file {path}; check the path.")


def _is_number(cell: str) -> bool:
    # float() also takes "1_000"; nobody means a number by it.
    if "_" in cell:
        return False
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _spelt(value: float) -> str:
    if np.isnan(value):
        return "NaN"
    return "infinite"


def read_inputs(path: str | Path) -> list[str | Array]:
    """A file of many inputs: each line is what `read_input` takes; empty lines are left out.

    Raises:
        UsageError: the file is missing or empty, or a line cannot be used; it says which.
    """
    return inputs_of(_read_text(Path(path)), str(path))


def inputs_of(text: str, where: str) -> list[str | Array]:
    """The inputs of a text, one a line, as in `read_inputs`; `where` begins what goes wrong."""
    found: list[str | Array] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                found.append(read_input(line))
            except UsageError as error:
                raise UsageError(f"{where}, line {number}: {error}") from error
    if not found:
        raise UsageError(f"{where} is empty; write a sentence, or numbers, a line.")
    return found
