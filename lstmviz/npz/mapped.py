"""Arrays that stay in their file and are read where they are looked at."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from lstmviz.errors import UsageError

Array = NDArray[np.floating[Any]]
Stamp = tuple[int, int]  # a file's size and time: after a change it would give other numbers


class MappedFile(np.memmap[Any, np.dtype[np.uint8]]):
    """The bytes of a file, read-only; they are read where they are looked at."""

    stamp: Stamp = (-1, -1)  # of the whole file, as it was opened


def mapping(path: str | Path) -> MappedFile:
    """Open a file without reading it."""
    file = MappedFile(path, np.dtype(np.uint8), "r")
    file.stamp = _stamp(path)
    return file


def view(file: MappedFile, start: int, dtype: DTypeLike, shape: tuple[int, ...]) -> Array:
    """The array whose values begin `start` bytes into a mapped file; read-only."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    array: Array = np.ndarray(shape, dtype, buffer=file[start : start + size])
    return array


def is_mapped(array: Array) -> bool:
    """Whether the values of an array stand in a file that nothing here can change."""
    return _file_of(array) is not None


@dataclass(frozen=True)
class Place:
    """Where the values of a mapped array stand: all that another process needs of it."""

    path: str
    stamp: Stamp
    start: int
    dtype: str
    shape: tuple[int, ...]


def packed(array: Array) -> Array | Place:
    """What goes to another process for an array: itself, or its place in a file."""
    file = _file_of(array)
    if file is None or not array.flags.c_contiguous:
        return array
    start = array.ctypes.data - file.ctypes.data
    path = os.path.realpath(str(file.filename))
    return Place(path, file.stamp, start, array.dtype.str, array.shape)


def unpacked(found: Array | Place) -> Array:
    """The array that `packed` was given.

    Raises:
        UsageError: the file is another one by now.
    """
    if not isinstance(found, Place):
        return found
    if _stamp(found.path) != found.stamp:
        raise UsageError(f"{found.path} has changed while it was in use; start again.")
    return view(_opened(found.path, found.stamp), found.start, found.dtype, found.shape)


@lru_cache(maxsize=2)
def _opened(path: str, stamp: Stamp) -> MappedFile:
    return mapping(path)


def _file_of(array: Array) -> MappedFile | None:
    """The whole file in which the values of an array stand, or None."""
    base: Any = array
    found: MappedFile | None = None
    while base is not None:
        found = base if isinstance(base, MappedFile) else found
        base = getattr(base, "base", None)
    return found


def _stamp(path: str | Path) -> Stamp:
    try:
        status = os.stat(path)
    except OSError:
        return -1, -1
    return status.st_size, status.st_mtime_ns
