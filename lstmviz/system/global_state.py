"""Where a film is drawn: a place for its reel, and nothing global that stays changed."""

from __future__ import annotations

import gc
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


_SELDOM = (300_000, 20, 100)  # new objects until some, more and all of them are looked through


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Look for cycles that nobody holds less often: this makes many objects, and few cycles.

    Python would look through everything that stands on the stage, or was imported, again and
    again, which takes a fifth of the time of drawing or importing.
    """
    before = gc.get_threshold()
    if before == _SELDOM:  # a copy of a process that does so already
        yield
        return
    gc.freeze()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@contextmanager
def same_randomness() -> Iterator[None]:
    """Put the global random numbers back: Manim seeds them for every scene."""
    import numpy as np

    ours, numpys = random.getstate(), np.random.get_state()  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(ours)
        np.random.set_state(numpys)  # noqa: NPY002
