"""An .npz file whose arrays are written piece by piece, and can be mapped where they stand.

It is an ordinary .npz, which `numpy.load` opens: a zip archive of .npy files, here without
compression, in which the values of each array begin at a multiple of 64 bytes. `zipfile` and
`numpy.savez` write one member after the other; here an array's place is kept as soon as its shape
is known, and its pieces then come in any order. What a zip archive is found by, its directory, is
written last, so that what an interrupted run leaves is no archive. The layout is that of PKWARE's
APPNOTE.TXT, with the extra field of 64-bit sizes (4.5.3) throughout.
"""

from __future__ import annotations

import io
import struct
import zlib
from functools import lru_cache
from typing import IO, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]

_LINE = 64  # bytes, of which the values' place is a multiple
_VERSION = 45  # of the format: 4.5 has 64-bit sizes
_UNIX = 3
_UTF8 = 0x800  # the flag of names in UTF-8
_STORED = 0  # without compression
_DAY = 0x21  # 1 January 1980: the same numbers give the same file
_LATER = 0xFFFFFFFF  # "see the 64-bit field"
_SIZES, _PADDING = 0x0001, 0xD935  # kinds of extra fields
_MODE = 0o600 << 16
_POLYNOMIAL = 0xEDB88320  # of the checksums


class Member:
    """The place of one array (rows, ...) in the file."""

    def __init__(self, file: IO[bytes], name: str, shape: tuple[int, ...], dtype: DTypeLike):
        self.name, self.shape, self.dtype = f"{name}.npy".encode(), shape, np.dtype(dtype)
        self._file = file
        text = io.BytesIO()
        described = {"descr": self.dtype.str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(text, described)
        self._row = int(np.prod(shape[1:], dtype=np.int64)) * self.dtype.itemsize  # bytes
        self.size = len(text.getvalue()) + self._row * (shape[0] if shape else 1)
        self.place = file.seek(0, io.SEEK_END)
        self._padding = -(self.place + 30 + len(self.name) + 20 + 4) % _LINE
        self._data = self.place + 30 + len(self.name) + 20 + 4 + self._padding
        self._begin = self._data + len(text.getvalue())  # of the values
        self._pieces: list[_Piece] = []
        self._add(self._data, text.getvalue())
        file.truncate(self._data + self.size)

    @property
    def values_at(self) -> int:
        """Where the values begin, in bytes from the start of the file."""
        return self._begin

    def put(self, row: int, values: Array) -> None:
        """Write the values of some rows, the first of which is `row`."""
        data = np.ascontiguousarray(values, self.dtype)
        self._add(self._begin + row * self._row, data.data.cast("B"))

    def get(self, start: int, stop: int) -> Array:
        """Read rows that have been written."""
        self._file.seek(self._begin + start * self._row)
        shape = (stop - start, *self.shape[1:])
        return np.frombuffer(self._file.read((stop - start) * self._row), self.dtype).reshape(shape)

    def finish(self) -> None:
        """Write what stands before the values, now that their checksum is known."""
        self._file.seek(self.place)
        names = len(self.name)
        head = struct.pack(
            "<4s5H3L2H", b"PK\3\4", *self._common, *self._sums, names, 20 + 4 + self._padding
        )
        sizes = struct.pack("<2H2Q", _SIZES, 16, self.size, self.size)
        padding = struct.pack("<2H", _PADDING, self._padding) + bytes(self._padding)
        self._file.write(head + self.name + sizes + padding)

    def entry(self) -> bytes:
        """What the archive's directory says of this array."""
        head = struct.pack(
            "<4s2B5H3L5H2L",
            b"PK\1\2",
            _VERSION,
            _UNIX,
            *self._common,
            *self._sums,
            len(self.name),
            28,
            0,
            0,
            0,
            _MODE,
            _LATER,
        )
        sizes = struct.pack("<2H3Q", _SIZES, 24, self.size, self.size, self.place)
        return head + self.name + sizes

    @property
    def _common(self) -> tuple[int, ...]:
        return _VERSION, 0 if self.name.isascii() else _UTF8, _STORED, 0, _DAY

    @property
    def _sums(self) -> tuple[int, int, int]:
        return self._checksum(), _LATER, _LATER

    def _add(self, at: int, data: bytes | memoryview) -> None:
        self._file.seek(at)
        self._file.write(data)
        last = self._pieces[-1] if self._pieces else None
        if last is not None and last.end == at:
            last.append(data)
        else:
            piece = _Piece(at, data)
            if last is not None and piece.end == last.start:
                last.prepend(piece)
            else:
                self._pieces.append(piece)

    def _checksum(self) -> int:
        whole, *others = sorted(self._pieces, key=lambda piece: -piece.start)
        for piece in others:
            if piece.end != whole.start:
                raise ValueError(f"{self.name.decode()} has a gap at byte {piece.end}.")
            whole.prepend(piece)
        self._pieces = [whole]
        if whole.end != self._data + self.size:
            raise ValueError(f"{self.name.decode()} ends at byte {whole.end}.")
        return whole.checksum


class _Piece:
    """What has been written from one byte to another, by its checksum (CRC-32).

    A checksum is a polynomial over bits, the remainder by _POLYNOMIAL; bits that follow
    multiply it by a power of x.
    """

    def __init__(self, start: int, data: bytes | memoryview) -> None:
        self.start, self.end, self.checksum = start, start + len(data), zlib.crc32(data)
        self._power: int | None = None  # x to the number of bits, once it is needed

    def append(self, data: bytes | memoryview) -> None:
        """Add what follows."""
        self.end += len(data)
        self.checksum = zlib.crc32(data, self.checksum)
        self._power = None

    def prepend(self, piece: _Piece) -> None:
        """Add what comes before."""
        if self._power is None:
            self._power = _power(8 * (self.end - self.start))
        self.checksum ^= _times(self._power, piece.checksum)
        self._power = _times(self._power, _power(8 * (piece.end - piece.start)))
        self.start = piece.start


class GrowingNpz:
    """An .npz file, open for reading and writing, that grows by arrays and their pieces."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._members: list[Member] = []

    def room(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> Member:
        """Keep the place of an array of this shape."""
        self._members.append(Member(self._file, name, shape, dtype))
        return self._members[-1]

    def add(self, name: str, values: Array) -> None:
        """Write a whole array."""
        self.room(name, values.shape, values.dtype).put(0, values)

    def finish(self) -> None:
        """Make an archive of it; nothing can be added any more.

        Raises:
            ValueError: a piece is missing.
        """
        for member in self._members:
            member.finish()
        start = self._file.seek(0, io.SEEK_END)
        entries = b"".join(member.entry() for member in self._members)
        count, size = len(self._members), len(entries)
        large = struct.pack(
            "<4sQ2H2L4Q", b"PK\6\6", 44, _VERSION, _VERSION, 0, 0, count, count, size, start
        )
        where = struct.pack("<4sLQL", b"PK\6\7", 0, start + size, 1)
        small = struct.pack(
            "<4s4H2LH",
            b"PK\5\6",
            0,
            0,
            min(count, 0xFFFF),
            min(count, 0xFFFF),
            min(size, _LATER),
            _LATER,
            0,
        )
        self._file.write(entries + large + where + small)
        self._file.flush()


def _times(one: int, other: int) -> int:
    """The product of two polynomials, of which the first bit is x to the power of 0."""
    product = 0
    for place in range(31, -1, -1):
        if one >> place & 1:
            product ^= other
        other = other >> 1 ^ (_POLYNOMIAL if other & 1 else 0)
    return product


@lru_cache(maxsize=64)
def _power(bits: int) -> int:
    """The polynomial x to that power."""
    power, square = 1 << 31, 1 << 30
    while bits:
        if bits & 1:
            power = _times(power, square)
        square, bits = _times(square, square), bits >> 1
    return power
