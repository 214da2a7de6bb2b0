"""Numbers that stand for gaps, as -9999 does: emptied where that is said, and told else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

_MARKS = (
    *(-99.0, -99.9, -99.99, -999.0, -999.9, -999.99, -9999.0, -9999.9, -99999.0, -999999.0),
    *(999.0, 999.9, 999.99, 9999.0, 9999.9, 99999.0, 999999.0, -32768.0),
)
_ENDLESS, _USUAL = (
    1e19,
    1e15,
)  # no measured number is beyond the one where others are below the other
_SURE = 999  # from here on a column of nothing else is one of gaps
_TOLD = 3  # rows that are told
_ALIKE = 1e-7  # what float32 may leave of -99.9


def gap_marks(values: Array, names: Sequence[str], lines: Sequence[int]) -> list[str]:
    """A sentence for each number of a column (time, features) that seems to stand for gaps.

    It is one of those that people and loggers use, and far from all others of its column.
    """
    found = []
    for k, name in enumerate(names):
        column = values[:, k]
        known = column[~np.isnan(column)]
        for mark in dict.fromkeys((known.min(), known.max())) if len(known) else ():
            if _stands_out(float(mark), known):
                rows = [lines[place] for place in np.flatnonzero(column == mark)[: _TOLD + 1]]
                which = ", ".join(map(str, rows[:_TOLD])) + (", …" if len(rows) > _TOLD else "")
                found.append(
                    f"{spelt(mark)} in {name} (row{'s' * (len(rows) > 1)} {which}) looks like the "
                    "mark of a gap, but is read as a number; if it marks gaps, say "
                    f"gap={spelt(mark)}, and fill= what fills them"
                )
    return found


def emptied(values: Array, marks: Sequence[float]) -> tuple[Array, list[str]]:
    """The values (time, features) with NaN for each of the marks, and which of them is none."""
    missing = []
    found = np.array(values)
    for mark in marks:
        places = np.abs(values - mark) <= _ALIKE * abs(mark)
        if not places.any():
            missing.append(f"no number of the features is {spelt(mark)}, which marks gaps")
        found[places] = np.nan
    return found, missing


def spelt(mark: float) -> str:
    """A number in as few figures as it has."""
    return f"{mark:g}" if float(f"{mark:g}") == mark else repr(float(mark))


def _stands_out(mark: float, column: Array) -> bool:
    size = abs(mark)
    if mark not in _MARKS and size < _ENDLESS:
        return False
    others = np.abs(column[column != mark])
    if not len(others):
        return mark < 0 and size >= _SURE
    return bool(others.max() < (size / 2 if mark in _MARKS else _USUAL))
