"""Where a film is drawn: a place for its reel, and nothing global that stays changed."""

from __future__ import annotations

import gc
import random
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lstmviz.errors import LstmvizError

if TYPE_CHECKING:
    from lstmviz.reel import Reel


_SELDOM = (300_000, 20, 100)  # new objects until some, more and all of them are looked through


@contextmanager
def place_for(path: str | Path | None) -> Iterator[tuple[Path, Callable[[Reel], object]]]:
    """Give where the reel is written; a temporary folder lives as long as the reel it keeps."""
    if path is not None:
        yield Path(path), lambda reel: None
        return
    made = _made()
    try:
        yield made / "film.reel", lambda reel: weakref.finalize(reel, shutil.rmtree, made, True)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise


@contextmanager
def folder(within: Path | None = None) -> Iterator[Path]:
    """Give a temporary folder that goes away at the end, if need be within another one."""
    made = _made() if within is None else Path(tempfile.mkdtemp(prefix=".lstmviz-", dir=within))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _made() -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="lstmviz-"))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise LstmvizError(
            f"There is no place for temporary files ({reason}); set TMPDIR to a folder with room."
        ) from error


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
