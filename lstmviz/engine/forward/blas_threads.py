"""Small products by one thread: several would wait for each other longer than they compute.

The library behind NumPy's products, OpenBLAS or MKL, shares already one of a few microseconds
among its threads, which then wait for each other at every tick of a network: on a busy machine
that takes five times as long. NumPy has no setting for it while it runs, but threadpoolctl knows
those of the libraries; where it knows none, nothing changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

SMALL = 2**20  # multiplications of a product that one thread makes


@contextmanager
def for_products(multiplications: int) -> Iterator[None]:
    """Let one thread make products of so many multiplications, if they are small."""
    if multiplications > SMALL:
        yield
        return
    with _libraries().limit(limits=1, user_api="blas"):
        yield


@cache
def _libraries() -> ThreadpoolController:
    """The libraries for products that are loaded, which are looked for once."""
    # Imported here: it takes 12 ms, and few commands compute anything.
    from threadpoolctl import ThreadpoolController

    np.dot(np.ones(1), np.ones(1))  # NumPy's own is loaded now
    return ThreadpoolController()
