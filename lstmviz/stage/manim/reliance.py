"""A reliance: one thing that lstmviz needs of Manim's insides, and whether it is there."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any


@dataclass(frozen=True)
class Reliance:
    """What is relied on, and what happens where it does not hold."""

    what: str  # is done with it: "copies of shapes"
    lacking: str | None  # the first thing that this Manim does not have as it is known
    otherwise: str  # what comes then, as the end of a sentence
    needed: bool = False  # whether nothing can be drawn then
    slower: bool = False  # whether it costs time then

    @property
    def holds(self) -> bool:
        """Whether the Manim at hand has all of it."""
        return self.lacking is None


@cache
def recognised(function: Callable[..., Any], digest: str) -> bool:
    """Tell whether the SHA-256 of a function's source begins so: that it is the one once read."""
    if hasattr(function, "__wrapped__"):  # something else is around it
        return False
    try:
        source = inspect.getsource(function)
    except (OSError, TypeError):
        return False
    return hashlib.sha256(source.encode()).hexdigest().startswith(digest)


def missing_method(kind: type, methods: Mapping[str, str], *, exactly: bool = False) -> str | None:
    """Name the first method whose parameters, after `self`, do not begin with those given.

    With `exactly` there may be no others behind them.
    """
    for name, parameters in methods.items():
        method = getattr(kind, name, None)
        wanted = parameters.split()
        if method is None:
            return f"{kind.__name__}.{name}"
        end = None if exactly else len(wanted) + 1
        if [*inspect.signature(method).parameters][1:end] != wanted:
            return f"{kind.__name__}.{name}({', '.join(wanted)})"
    return None
