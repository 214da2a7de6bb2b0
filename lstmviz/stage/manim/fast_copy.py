"""Copies mobjects as Manim does, but quicker: most of what they hold never changes.

Every animation begins with copies of what it moves, and `copy.deepcopy` looks at each of some
forty attributes of each member on its own. What cannot change is shared here, arrays are copied
at once, and only the rest goes through `deepcopy`. Of Manim 0.22 this relies on
`Mobject.__deepcopy__` alone: that it copies the attributes and gives the copy a new `original_id`.
A Manim where that differs copies by itself.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from manim import CapStyleType, LineJointType, ManimColor, Mobject

from lstmviz.stage.manim.reliance import Reliance, recognised

# Values of these types are never changed in place.
_FIXED = frozenset(
    {
        str,
        int,
        float,
        bool,
        complex,
        bytes,
        type(None),
        np.float64,
        np.float32,
        np.int64,
        np.bool_,
        CapStyleType,
        LineJointType,
        ManimColor,
    }
)
_KNOWN = "8a1349b6"  # of the source of the method that is replaced


_usual = Mobject.__deepcopy__


def _copied(self: Any, memo: dict[int, Any]) -> Any:
    if self.__class__.__setattr__ is not object.__setattr__:
        return _usual(self, memo)
    made = self.__class__.__new__(self.__class__)
    memo[id(self)] = made
    values = made.__dict__
    for name, value in self.__dict__.items():
        kind = type(value)
        if kind in _FIXED:
            values[name] = value
        elif kind is np.ndarray and id(value) not in memo and not value.dtype.hasobject:
            values[name] = memo[id(value)] = value.copy(order="K")
        else:
            values[name] = copy.deepcopy(value, memo)
    values["original_id"] = str(id(self))
    return made


def reliance() -> Reliance:
    """Look whether this Manim copies in the way that is done here."""
    now = Mobject.__deepcopy__
    known = now is _copied or recognised(now, _KNOWN)
    return Reliance(
        "copies of shapes",
        None if known else "Mobject.__deepcopy__",
        "Manim copies by itself, which takes longer where a move begins",
        slower=True,
    )


@contextmanager
def quick_copies() -> Iterator[None]:
    """Let mobjects be copied quickly in this block."""
    if not reliance().holds:
        yield
        return
    before = Mobject.__deepcopy__
    Mobject.__deepcopy__ = _copied  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        Mobject.__deepcopy__ = before  # type: ignore[method-assign]
