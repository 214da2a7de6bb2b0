"""Where a film is drawn: a place for its reel, and nothing global that stays changed."""

from __future__ import annotations

import gc
import random
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lstmviz.system.temporary import DISK, Temporary, has_room, no_room, temporary_folder

if TYPE_CHECKING:
    from lstmviz.reel.reel import Reel


_SELDOM = (300_000, 20, 100)  # new objects until some, more and all of them are looked through


@contextmanager
def place_for(path: str | Path | None) -> Iterator[tuple[Path, Callable[[Reel], object]]]:
    """Give where the reel is written; a temporary folder lives as long as the reel it keeps."""
    if path is not None:
        yield Path(path), lambda reel: None
        return
    made = _made()
    try:
        yield made.path / "film.reel", lambda reel: weakref.finalize(reel, made.remove)
    except BaseException:
        made.remove()
        raise


@contextmanager
def folder(within: Path | None = None) -> Iterator[Path]:
    """Give a temporary folder that goes away at the end, if need be within another one.

    Raises:
        LstmvizError: there is no room for temporary files, or no longer.
    """
    made = _made() if within is None else temporary_folder(within)
    try:
        yield made.path
    except OSError as error:
        if within is None and error.errno in DISK and not has_room(made.path):
            raise no_room(error) from error
        raise
    finally:
        made.remove()


def _made() -> Temporary:
    try:
        return temporary_folder()
    except OSError as error:
        raise no_room(error) from error


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
