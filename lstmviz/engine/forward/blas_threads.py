"""Small products by one thread: several would wait for each other longer than they compute.

NumPy's OpenBLAS shares already a product of a few microseconds among its threads, which then
wait for each other at every tick of a network: on a busy machine that takes five times as long.
NumPy has no setting for it while it runs, but the library has; where it is another one, or
cannot be found, nothing changes.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np

SMALL = 2**20  # multiplications of a product that one thread makes

_NAMES = (
    "scipy_openblas_{}_num_threads64_",
    "openblas_{}_num_threads64_",
    "scipy_openblas_{}_num_threads",
    "openblas_{}_num_threads",
)


@contextmanager
def for_products(multiplications: int) -> Iterator[None]:
    """Let one thread make products of so many multiplications, if they are small."""
    library = _library() if multiplications <= SMALL else None
    if library is None:
        yield
        return
    count, choose = library
    before = count()
    choose(1)
    try:
        yield
    finally:
        choose(before)


@cache
def _library() -> tuple[Callable[[], int], Callable[[int], None]] | None:
    """What tells and what sets the number of threads, or None."""
    try:
        # A name is looked for in what the module is linked with, too.
        found = ctypes.CDLL(np._core._multiarray_umath.__file__)  # type: ignore[attr-defined]
    except (AttributeError, OSError):
        return None
    for name in _NAMES:
        try:
            count, choose = found[name.format("get")], found[name.format("set")]
        except AttributeError:
            continue
        count.restype, choose.restype, choose.argtypes = ctypes.c_int, None, [ctypes.c_int]
        return count, choose
    return None
