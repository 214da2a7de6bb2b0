"""What a user types after `--input`: a sentence, numbers, or a file of either."""

from __future__ import annotations

import logging
import os
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lstmviz.engine.inputs.csv_file import read_csv
from lstmviz.engine.inputs.numbers import numbers_in, refuse_broken_list, refuse_unclear
from lstmviz.engine.inputs.ready_tokens import read_tokens
from lstmviz.errors import UsageError
from lstmviz.npz.npy import read_npy

Array = NDArray[np.floating[Any]]

MAPPED_FROM = 2**20  # bytes of a .npy file: a larger one is read where it is looked at
_READ = (".csv", ".npy", ".txt")
# Endings by which people name files that they would like to be read.
_KNOWN = (
    *_READ,
    *(
        ".tsv .tab .dat .xls .xlsx .ods .json .jsonl .npz .mat .h5 .hdf5 "
        ".parquet .pkl .pt .md .rtf .doc .docx .odt .pdf .htm .html .xml .log"
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
_ROWS = 2**14  # that are looked through at a time

_LOG = logging.getLogger("lstmviz")


def read_input(text_or_path: str) -> str | list[str] | Array:
    """A sentence as it is, or numbers (time, features): typed, or of a .csv, .npy or .txt file.

    Numbers alone are numbers, parted by commas, semicolons or blanks: "0.1,0.5,-1", "3",
    "0.1 0.5", "[0.1, 0.5]". In "0,1 0,5" the commas are decimal, in "0,1" they part 0 and 1; a
    warning says what may be misread. A path that ends in .csv (a row per tick, a header row if
    its cells are not numbers), .npy (one or two axes, no pickle), .txt (a sentence, or numbers
    as one types them) or .json (a list of tokens, each as it is) is read.

    A path is what is there; one word with / or \\ in it, unless it ends as a sentence does; and
    what ends as files do (.txt), or begins as paths do (./, C:\\), with no part of more than four
    words. A path that cannot be read is refused, so that nobody gets a film of its letters.
    Everything else is a sentence, of any length, even if it has slashes, commas and digits.

    Raises:
        UsageError: the file is missing, damaged or of another kind, a value is no finite
            number, or of a list of numbers not all are.
    """
    text = text_or_path.strip()
    if _is_there(text) or _looks_like_a_path(text):
        return _read_file(text)
    numbers = _numbers(text)
    if numbers is None:
        refuse_broken_list(text)
        refuse_unclear(text)
        return text_or_path
    return numbers


def sentence_or_numbers(text: str, where: str) -> str | Array:
    """What stands in a text file: numbers, as `read_input` reads them, or else a sentence.

    Raises:
        UsageError: there are numbers alone, but they cannot be used; it begins with `where`.
    """
    try:
        numbers = _numbers(text, where)
        if numbers is None:
            refuse_unclear(text)
    except UsageError as error:
        raise UsageError(f"{where}: {str(error).removeprefix(f'{where}: ')}") from error
    return text if numbers is None else numbers


def _numbers(text: str, where: str = "The input") -> Array | None:
    found = numbers_in(text)
    if found is None:
        return None
    if found.note:
        _LOG.warning("%s", found.note)
    return as_numbers(found.values, where)


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


def _read_file(name: str) -> str | list[str] | Array:
    path = Path(name)
    if not os.path.isfile(path):
        what = f"{name} is a folder" if os.path.isdir(path) else f"There is no file {name}"
        raise UsageError(
            f"{what}; check the path, or if it is a sentence, end it with a full stop."
        )
    ending = path.suffix.lower()
    if ending == ".csv":
        return read_csv(path)
    if ending == ".npy":
        return _read_npy(path)
    if ending == ".txt":
        return sentence_or_numbers(_read_text(path), str(path))
    if ending == ".json" and (tokens := read_tokens(path)) is not None:
        return tokens
    raise UsageError(
        f"{path} is no file of input; give a .csv or .npy of numbers, a .txt with a sentence, or "
        "the sentence itself."
    )


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


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not a text in UTF-8; save it as UTF-8 again.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {(error.strerror or '').lower()}.") from error


def _read_npy(path: Path) -> Array:
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


def _spelt(value: float) -> str:
    if np.isnan(value):
        return "NaN"
    return "infinite"


def read_inputs(path: str | Path) -> list[str | list[str] | Array]:
    """A file of many inputs: each line is what `read_input` takes; empty lines are left out.

    Raises:
        UsageError: the file is missing or empty, or a line cannot be used; it says which.
    """
    path = Path(path)
    if not os.path.isfile(path):
        raise UsageError(f"There is no file {path}; check the path.")
    return inputs_of(_read_text(path), str(path))


def inputs_of(text: str, where: str) -> list[str | list[str] | Array]:
    """The inputs of a text, one a line, as in `read_inputs`; `where` begins what goes wrong."""
    found: list[str | list[str] | Array] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                found.append(read_input(line))
            except UsageError as error:
                raise UsageError(f"{where}, line {number}: {error}") from error
    if not found:
        raise UsageError(f"{where} is empty; write a sentence, or numbers, a line.")
    return found
