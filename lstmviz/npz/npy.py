"""Arrays as .npy files, whose headers are read as data and whose sizes are checked first.

NumPy evaluates a header as a literal of Python, which damaged bytes end in many ways, and makes
an array as large as the header says. Here a header is matched, not evaluated, and must say no
more than the file has. The format is NumPy's NEP 1.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

_MAGIC = b"\x93NUMPY"
_LONGEST = 10_000  # bytes of a header; NumPy's own limit
_MOST_AXES = 32
_LARGEST = 2**62  # bytes of an array, were its empty axes of one element
_ENTRY = re.compile(
    r"""\s* (?P<quote>['"]) (?P<name>descr|fortran_order|shape) (?P=quote) \s* : \s*
    (?: (?P<mark>['"]) (?P<kind>[<>=|]?[fiubcUS]\d{1,8}) (?P=mark)
      | (?P<flag>True|False)
      | \( (?P<axes>[\d\sL,]*) \) ) \s* ,?""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Header:
    """What a .npy file says of its array."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    columns_first: bool
    size: int  # bytes before the values

    @property
    def nbytes(self) -> int:
        """The bytes of the values."""
        return math.prod(self.shape) * self.dtype.itemsize

    def array(self, content: bytes) -> NDArray[Any]:
        """The array, read-only, of the bytes of a whole file."""
        return np.ndarray(self.shape, self.dtype, content, self.size, order=self._order)

    def mapped(self, path: Path) -> NDArray[Any]:
        """The array of a .npy file, read-only, which is read where it is looked at."""
        return np.memmap(path, self.dtype, "r", self.size, self.shape, self._order)

    @property
    def _order(self) -> Any:
        return "F" if self.columns_first else "C"


def read_header(file: IO[bytes], size: int) -> Header:
    """The header that a file of `size` bytes begins with; the file then stands at the values.

    Raises:
        ValueError: it is no .npy of numbers or text, or claims more values than there are.
    """
    start = file.read(8)
    if len(start) < 8 or start[:6] != _MAGIC or start[6] not in (1, 2, 3):
        raise ValueError("no .npy")
    width = 2 if start[6] == 1 else 4
    length = int.from_bytes(file.read(width), "little")
    if length > _LONGEST:
        raise ValueError("too long a header")
    dtype, columns_first, shape = _entries(file.read(length).decode("utf-8").strip())
    header = Header(dtype, shape, columns_first, 8 + width + length)
    # NumPy makes no array of an empty axis beside impossible ones.
    whole = math.prod(max(n, 1) for n in shape) * max(dtype.itemsize, 1)
    if header.size + header.nbytes > size or len(shape) > _MOST_AXES or whole > _LARGEST:
        raise ValueError("more values than there are")
    return header


def _entries(text: str) -> tuple[np.dtype[Any], bool, tuple[int, ...]]:
    found: dict[str, re.Match[str]] = {}
    at = 1
    while match := _ENTRY.match(text, at):
        found[match["name"]] = match
        at = match.end()
    if text[:1] != "{" or text[at:].strip() != "}" or len(found) != 3:
        raise ValueError("no header")
    kind, flag = found["descr"]["kind"], found["fortran_order"]["flag"]
    axes = found["shape"]["axes"]
    if kind is None or flag is None or axes is None:
        raise ValueError("no header")
    try:
        dtype = np.dtype(kind)
    except TypeError as error:
        raise ValueError("no kind of numbers") from error
    sizes = [one.strip().removesuffix("L") for one in axes.split(",")]
    if sizes[-1] == "":  # after the last comma, or of no axes
        sizes.pop()
    return dtype, flag == "True", tuple(int(one) for one in sizes)


def read_npy(path: Path, mapped_from: int = 0) -> NDArray[Any]:
    """The array of a .npy file, read-only; a file of `mapped_from` bytes or more is mapped.

    Raises:
        ValueError: it is no .npy of numbers or text, or is cut off.
        OSError: it cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        header = read_header(file, size)
        if size >= mapped_from and header.nbytes:
            return header.mapped(path)
        file.seek(0)
        return header.array(file.read(header.size + header.nbytes))
