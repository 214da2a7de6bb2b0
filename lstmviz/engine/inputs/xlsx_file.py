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

from lstmviz.engine.inputs.cell_text import kind_of, marks_of
from lstmviz.engine.inputs.series import Series
from lstmviz.engine.inputs.table import series_of
from lstmviz.engine.inputs.table_head import Source, trimmed
from lstmviz.engine.inputs.table_title import Row
from lstmviz.engine.inputs.wanted import ALL, Wanted
from lstmviz.errors import UsageError, brief
from lstmviz.system.package import install_extra
from lstmviz.system.suggest import nearest
from lstmviz.system.zip_members import open_archive

Array = NDArray[np.floating[Any]]

_SMALL, _DENSEST, _LARGEST = 32 << 20, 50, 512 << 20  # bytes, and how often XML may shrink
_MOST_MEMBERS = 10_000
_HEAD = 64  # rows that show where the table begins
_LOOKED_AT = 2**14  # rows that may have formulas
_TOLD = 3  # sheets that are not read
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
    """The series of the sheet of an .xlsx file that is wanted, or the first with numbers.

    Formulas stand for what Excel computed last; others are refused.

    Raises:
        UsageError: openpyxl is missing, the file is damaged or claims more than it can hold, or a
            cell is no finite number; it says which.
    """
    if importlib.util.find_spec("openpyxl") is None:
        raise UsageError(
            f"{path} is of Excel, which needs the package openpyxl; install it with: "
            f"{install_extra('tables')}, or save the sheet as .csv."
        )
    from openpyxl import load_workbook

    try:
        _refuse_bombs(path)
        with warnings.catch_warnings():  # of openpyxl, over what it leaves out
            warnings.simplefilter("ignore")
            book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
            try:
                return _series(book, path, wanted)
            finally:
                book.close()
    except UsageError as error:
        if str(error).startswith(str(path)):
            raise
        raise UsageError(f"{path} is not read: {error}; save it as .csv.") from None
    except _DAMAGED as error:
        if isinstance(error, PermissionError):
            raise UsageError(f"{path} may not be read; change its permissions.") from None
        if _is_old(path):
            raise UsageError(
                f"{path} is an old file of Office, or has a password; save it as .xlsx without "
                "one, or as .csv."
            ) from None
        raise UsageError(f"{path} is damaged or no .xlsx; save it again, or as .csv.") from None


def _is_old(path: Path) -> bool:
    """Whether a file is of the kind that Office wrote before .xlsx, in which it hides others."""
    try:
        with path.open("rb") as file:
            return file.read(4) == b"\xd0\xcf\x11\xe0"
    except OSError:
        return False


def _series(book: Any, path: Path, wanted: Wanted) -> Series | Array:
    sheets = book.worksheets
    sheet = _chosen(sheets, path, wanted)
    others = [brief(other.title, 40) for other in sheets if other is not sheet]
    notes: tuple[str, ...] = ()
    if others and wanted.sheet is None:
        verb = "is" if len(others) == 1 else "are"
        some = ", ".join(others[:_TOLD]) + (", …" if len(others) > _TOLD else "")
        notes = (
            f"the sheet {brief(sheet.title, 40)} is read, and {some} {verb} not; choose with "
            "sheet=",
        )
    _refuse_formulas(sheet, path)
    return series_of(_rows(sheet), Source(str(path), notes=notes, ragged=True), wanted)


def _chosen(sheets: Sequence[Any], path: Path, wanted: Wanted) -> Any:
    """The sheet that is wanted, or the first that is a table of numbers."""
    if wanted.sheet is not None:
        titles = [sheet.title for sheet in sheets]
        for same in (str.strip, lambda name: name.strip().casefold()):
            found = [k for k, title in enumerate(titles) if same(title) == same(wanted.sheet)]
            if found:
                return sheets[found[0]]
        told = brief(", ".join(titles), 200)
        raise UsageError(
            f"{path} has no sheet '{brief(wanted.sheet, 40)}'{nearest(wanted.sheet, titles)}; it "
            f"has {told}."
        )
    counts = [_most_numbers(sheet) for sheet in sheets]
    for least in (2, 1, 0):  # below each other: a cover may have a date or a version
        for sheet, count in zip(sheets, counts, strict=True):
            if count >= least:
                return sheet
    raise UsageError(f"{path} holds no numbers; write one row per tick.")


def _most_numbers(sheet: Any) -> int:
    """How many numbers stand in a column at the head of a sheet, at most; -1 if it is empty."""
    columns: dict[int, int] = {}
    rows = list(itertools.islice(_rows(sheet), _HEAD))
    for _, cells in rows:
        for k, cell in enumerate(cells):
            marks = marks_of([cell], "")
            columns[k] = columns.get(k, 0) + (kind_of(cell, marks) == "number")
    return max(columns.values(), default=-1)


def _refuse_formulas(sheet: Any, path: Path) -> None:
    """Refuse a sheet with formulas that nobody has computed yet, as programs write them.

    Where some have a value, the others are empty: that is what they gave.
    """
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, keep_links=False)
    try:
        formulas = book[sheet.title]
        formulas.reset_dimensions()
        sheet.reset_dimensions()
        first = None
        pairs = zip(formulas.iter_rows(), sheet.iter_rows(values_only=True), strict=False)
        for written, values in itertools.islice(pairs, _LOOKED_AT):
            for cell, value in zip(written, values, strict=False):
                if cell.data_type == "f":
                    if value is not None:
                        return
                    first = first or cell
    finally:
        book.close()
    if first is not None:
        raise UsageError(
            f"{path}: the cell {first.coordinate} of the sheet {brief(sheet.title, 40)} is a "
            f"formula ({brief(str(first.value), 40)}) that has not been computed; open the file in "
            "a spreadsheet, such as Excel or LibreOffice, and save it there."
        )


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
