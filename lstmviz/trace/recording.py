"""What one layer of a network computed, and what network that was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lstmviz.errors import UsageError
from lstmviz.npz.mapped import is_mapped, packed, unpacked
from lstmviz.style.notation import Notation
from lstmviz.trace.readings import Readings

Array = NDArray[np.floating[Any]]
Direction = Literal["forward", "backward"]


@dataclass(frozen=True)
class Source:
    """Where the weights of a network come from.

    They are random, of the seed that `name` writes; of the network `name` that comes with
    lstmviz; or of a file of this name, without its folder.

    Raises:
        UsageError: there is no such kind, or a seed is no whole number.
    """

    kind: Literal["seed", "demo", "file"]
    name: str

    def __post_init__(self) -> None:
        if self.kind not in ("seed", "demo", "file"):
            raise UsageError(f"weights come from a seed, a demo or a file, not from {self.kind!r}")
        seed = self.name.isascii() and self.name.isdigit() and len(self.name) < 4000
        if self.kind == "seed" and not seed:
            raise UsageError(f"{self.name!r} is no seed")


@dataclass(frozen=True)
class Description:
    """The network behind a trace, in words and sizes; a trace needs no more of it."""

    cell: str
    hidden: int
    inputs: int
    depth: int = 1
    directions: int = 1
    title: str = ""
    origin: str = ""
    dtype: str = "float64"
    merge: str = "concat"  # of the last layer's directions: concat, sum, ave or mul
    notes: tuple[str, ...] = ()  # what was assumed or left out, a sentence each
    source: Source | None = None  # None: it was made in the program, or the file is an older one
    answer: str = ""  # how the readout's answers are meant: log odds, or its last activation
    labels: tuple[str, ...] = ()  # what the answers are called
    folded: bool = False  # whether a capital of the input was read as a small letter


@dataclass(frozen=True, eq=False)
class Recording:
    """The readings of one layer in one direction, and the states that it started from."""

    values: Mapping[str, Array]  # (time, units) each, in the order of the equations
    initial: Mapping[str, Array]  # (units,) of each state
    cell: str = ""  # the cell's name, which may differ from layer to layer
    activations: Mapping[str, str] = field(default_factory=dict)  # the function behind a reading
    notation: Notation = field(default_factory=Notation)  # how they are written and drawn

    def __post_init__(self) -> None:
        object.__setattr__(self, "activations", MappingProxyType(dict(self.activations)))
        initial = {name: frozen(array) for name, array in self.initial.items()}
        object.__setattr__(self, "initial", MappingProxyType(initial))
        if not isinstance(self.values, Readings):  # which are read-only: the engine's, or another's
            object.__setattr__(self, "values", Readings({**self.values}).of(frozen))

    def __reduce__(self) -> tuple[Any, ...]:
        values = _readings(self.values).each(packed)
        rest = (self.cell, dict(self.activations), self.notation)
        return _recording, (values, dict(self.initial), *rest)

    @classmethod
    def of_finite(
        cls,
        values: Mapping[str, Array],
        initial: Mapping[str, Array],
        cell: str,
        activations: Mapping[str, str],
        notation: Notation,
    ) -> Recording:
        """A recording of numbers that have been checked already; to read all again takes time."""
        made = cls(values, initial, cell, activations, notation)
        vars(made)["unfit"] = None
        return made

    @cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each reading, by name."""
        return _readings(self.values).shapes

    @cached_property
    def unfit(self) -> str | None:
        """What holds something that is no finite number; what stays in a file is not read."""
        for what, arrays in (("", self.values), ("the initial ", self.initial)):
            for name, array in arrays.items():
                if not is_mapped(array) and not np.isfinite(array).all():
                    return f"{what}{name}"
        return None


def _readings(values: Mapping[str, Array]) -> Readings:
    return values if isinstance(values, Readings) else Readings(values)


def _recording(values: Mapping[str, Any], *rest: Any) -> Recording:
    return Recording(Readings(values).of(lambda found: frozen(unpacked(found))), *rest)


def frozen(values: Array) -> Array:
    """The same numbers in an array that nobody can change; one that is so already stays."""
    if not values.flags.writeable:
        memory = values.base if isinstance(values.base, np.ndarray) else values
        if (memory.flags.owndata and not memory.flags.writeable) or is_mapped(values):
            return values
    array = np.array(values)
    array.setflags(write=False)
    return array
