"""The units of a network that are shown: those that were asked for, or those that move most."""

from __future__ import annotations

import operator
import re
from collections.abc import Sequence

import numpy as np

from lstmviz.errors import UsageError
from lstmviz.style.picture import MOST_UNITS
from lstmviz.trace.recording import Array

FEWEST = 4  # of a state that is too wide to be shown whole
_FAR = 200  # ticks about one that are looked at for features that are hot
MOST_AT_ONCE = 2**14  # ticks of a long trace that are looked through at a time


def units_asked(units: str | Sequence[int]) -> tuple[int, ...]:
    """Read units as people write them, counted from 1: `"1,3"` gives (0, 2). Numbers are from 0.

    Raises:
        UsageError: that is no list of units.
    """
    if not isinstance(units, str):
        try:
            return tuple(map(operator.index, units))
        except TypeError:
            raise UsageError(
                f"units is {units!r}; give whole numbers, counted from 0, as in [0, 2]."
            ) from None
    parts = [part.strip() for part in units.split(",")]
    if not all(re.fullmatch(r"0*[1-9]\d{0,8}", part, re.ASCII) for part in parts):
        raise UsageError(f"units is {units!r}; write them as 1,2, counted from 1.")
    return tuple(int(part) - 1 for part in parts)


def units_to_show(values: Array, most: int = MOST_UNITS) -> tuple[int, ...]:
    """Choose among the units of (time, units) values: all up to `most`, else those that move most.

    Units count from 0 and stay in their order.
    """
    count = values.shape[1]
    return tuple(range(count)) if count <= most else moving(values, FEWEST)


def moving(values: Array, count: int) -> tuple[int, ...]:
    """Choose the units of (time, units) values that move most over time, in their order."""
    travelled = np.zeros(values.shape[1])
    before: Array = np.zeros((1, values.shape[1]))
    for start in range(0, len(values), MOST_AT_ONCE):
        part = values[start : start + MOST_AT_ONCE]
        travelled += np.abs(np.diff(part, axis=0, prepend=before)).sum(axis=0)
        before = part[-1:]
    return tuple(sorted(np.argsort(-travelled, kind="stable")[:count].tolist()))


def hot_features(values: Array, tick: int, count: int) -> tuple[int, ...]:
    """Choose the features of one-hot (time, features) values that are hot at a tick and about it.

    Empty where the values are not one-hot: in a row one is 1, and all others are 0.
    """
    found: dict[int, None] = {}
    for distance in range(len(values)):
        for near in {tick - distance, tick + distance}:
            if 0 <= near < len(values):
                row = values[near]
                if np.count_nonzero(row) != 1 or row.max() != 1:
                    return ()
                found[int(row.argmax())] = None
        if len(found) >= count or distance > _FAR:
            break
    return tuple(sorted([*found][:count]))


def refuse_missing_units(units: Sequence[int], hidden: int) -> None:
    """Refuse units, from 0, that a network of `hidden` units lacks."""
    for unit in units:
        if not 0 <= unit < hidden:
            raise UsageError(
                f"There is no unit {unit + 1}; the network has {hidden}, counted from 1."
            )


def refuse_units(units: Sequence[int], hidden: int, most: int = MOST_UNITS) -> None:
    """Refuse units that a network lacks, one that is named twice, and more than can be drawn."""
    refuse_missing_units(units, hidden)
    if len(set(units)) != len(units) or not 1 <= len(units) <= most:
        here = "" if most == MOST_UNITS else " in a picture of this shape"
        raise UsageError(f"Choose 1 to {most} different units{here}, not {len(units)}.")
