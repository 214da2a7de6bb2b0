"""The rows of a sheet of Excel, read with openpyxl and with suspicion: the file is an archive."""

from __future__ import annotations

import importlib.util
import itertools
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.inputs.series import Series
from lstmviz.engine.inputs.table import series_of
from lstmviz.engine.inputs.table_head import Row, Source, trimmed
from lstmviz.engine.inputs.wanted import ALL, Wanted
from lstmviz.errors import UsageError, brief
from lstmviz.system.zip_members import open_archive

Array = NDArray[np.floating[Any]]

_SMALL, _DENSEST, _LARGEST = 32 << 20, 50, 512 << 20  # bytes, and how often XML may shrink
_MOST_MEMBERS = 10_000
_HEAD = 64  # rows that show where the table begins
_MOST_EMPTY = 100_000  # rows without a cell, one after the other
# What openpyxl raises over damaged files.
_DAMAGED = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,  # of XML, whichever library reads it
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


def read_xlsx(path: Path, wanted: Wanted = ALL) -> Series | Array:
    """The series of the first sheet of an .xlsx file that holds anything.

    Formulas stand for what Excel computed last.

    Raises:
        UsageError: openpyxl is missing, the file is damaged or claims more than it can hold, or a
            cell is no finite number; it says which.
    """
    if importlib.util.find_spec("openpyxl") is None:
        raise UsageError(
            f"{path} is of Excel, which needs the package openpyxl; install it with: "
            "pip install 'lstmviz[tables]', or save the sheet as .csv."
        )
    from openpyxl import load_workbook

    try:
        _refuse_bombs(path)
        with warnings.catch_warnings():  # of openpyxl, over what it leaves out
            warnings.simplefilter("ignore")
            book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
            try:
                return _first(book.worksheets, path, wanted)
            finally:
                book.close()
    except UsageError as error:
        if str(error).startswith(str(path)):
            raise
        raise UsageError(f"{path} is not read: {error}; save it as .csv.") from None
    except _DAMAGED as error:
        if isinstance(error, PermissionError):
            raise UsageError(f"{path} may not be read; change its permissions.") from None
        raise UsageError(f"{path} is damaged or no .xlsx; save it again, or as .csv.") from None


def _first(sheets: list[Any], path: Path, wanted: Wanted) -> Series | Array:
    for sheet in sheets:
        rows = _rows(sheet)
        first = next(rows, None)
        if first is None:
            continue
        others = [other.title for other in sheets if other is not sheet]
        told = f"the sheet {brief(sheet.title, 40)} is read, and {len(others)} more are not"
        source = Source(str(path), notes=(told,) if others else (), ragged=True)
        return series_of(itertools.chain([first], rows), source, wanted)
    raise UsageError(f"{path} holds no numbers; write one row per tick.")


def _rows(sheet: Any) -> Iterator[Row]:
    """The rows from the first to the last that has a cell, without columns empty at the left."""
    sheet.reset_dimensions()  # what it claims may be any number of cells
    rows = _to_the_last(enumerate(sheet.iter_rows(values_only=True), 1))
    head = list(itertools.islice(rows, _HEAD))
    left = min((_start(cells) for _, cells in head if cells), default=0)
    for number, cells in itertools.chain(head, rows):
        if cells and _start(cells) < left:
            raise UsageError(
                f"row {number} begins left of the first; begin the table in one column"
            )
        yield number, cells[left:]


def _to_the_last(rows: Iterable[tuple[int, Sequence[Any]]]) -> Iterator[Row]:
    """The rows from the first to the last that has a cell, each up to its own last."""
    empty: list[int] = []
    begun = False
    for number, cells in rows:
        here = trimmed(cells)
        if not here:
            empty.append(number)
            if len(empty) > _MOST_EMPTY:
                raise UsageError(f"it has more than {_MOST_EMPTY} empty rows")
            continue
        if begun:
            yield from ((gap, ()) for gap in empty)
        empty, begun = [], True
        yield number, here


def _start(cells: Sequence[Any]) -> int:
    return next(k for k, cell in enumerate(cells) if cell is not None)


def _refuse_bombs(path: Path) -> None:
    """Refuse an archive that claims more than it can honestly hold, before any of it is read."""
    size = path.stat().st_size
    with open_archive(path) as archive:
        members = archive.infolist()
        claimed = sum(info.file_size for info in members)
        if any(info.flag_bits & 1 for info in members):
            raise UsageError("it is encrypted")
        if len(members) > _MOST_MEMBERS:
            raise UsageError(f"it has {len(members)} parts")
        if claimed > min(max(_SMALL, _DENSEST * size), _LARGEST):
            raise UsageError(f"it claims {claimed} bytes, which is more than is sensible")
        if any(
            info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in members
        ):
            raise UsageError("a part of it is compressed in a way that is not read")
