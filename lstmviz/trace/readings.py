"""The readings of a layer by name, some of which are added up when they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Sum:
    """A reading (time, ..., units) that is the sum of two others, which nothing changes.

    It takes memory only once it is looked at: writing numbers down for a network of some hundred
    units takes as long as computing them.
    """

    first: Array
    second: Array

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array."""
        return self.first.shape

    @cached_property
    def array(self) -> Array:
        """The sum, read-only."""
        total: Array = self.first + self.second
        total.setflags(write=False)
        return total

    def __reduce__(self) -> tuple[Any, ...]:
        return Sum, (self.first, self.second)


class Readings(Mapping[str, Array]):
    """Arrays by name; a `Sum` among them comes out as its array."""

    def __init__(self, made: Mapping[str, Array | Sum]) -> None:
        self.made = made  # as they were given

    def __getitem__(self, name: str) -> Array:
        found = self.made[name]
        return found.array if isinstance(found, Sum) else found

    def __iter__(self) -> Iterator[str]:
        return iter(self.made)

    def __len__(self) -> int:
        return len(self.made)

    def __contains__(self, name: object) -> bool:
        return name in self.made

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each, which is known before it is added up."""
        return {name: found.shape for name, found in self.made.items()}

    def of(self, change: Callable[[Array], Array]) -> Readings:
        """The readings that `change` makes of these."""
        return Readings(self.each(change))

    def each(self, change: Callable[[Array], Any]) -> dict[str, Any]:
        """What `change` makes of all arrays, also of those that a `Sum` adds up."""
        return {
            name: Sum(change(found.first), change(found.second))
            if isinstance(found, Sum)
            else change(found)
            for name, found in self.made.items()
        }
