"""Which steps of an input a network passes over, its mask, and how inputs were padded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lstmviz.errors import UsageError

MOST = float(np.finfo(np.float64).max)
LONGEST = 10**4  # steps that an input is padded to


@dataclass(frozen=True)
class Mask:
    """The rule by which steps are masked: all states are carried over them, in both directions.

    As of Keras's `Masking`, a step is masked where all its values are `value`; as of an embedding
    with `mask_zero`, where it is the row `value` of the embedding.

    Raises:
        UsageError: it is no such rule.
    """

    of: Literal["values", "row"]
    value: float = 0.0

    def __post_init__(self) -> None:
        number = isinstance(self.value, (int, float)) and not isinstance(self.value, bool)
        if self.of not in ("values", "row") or not number or not abs(self.value) <= MOST:
            raise UsageError(
                "A mask is of values or of a row, and a number says which, not "
                f"{self.of!r} and {self.value!r}."
            )

    def __str__(self) -> str:
        if self.of == "row":
            return f"row {self.value:g} of the embedding"
        return f"all values are {self.value:g}"

    def masked(self, steps: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[np.bool_]:
        """Which steps are masked, (time,): of rows (time,), or of values (time, inputs) in a dtype.

        The framework compares in its own precision, in which 0.1 is another number than here.
        """
        found: NDArray[np.bool_] = (
            steps == self.value
            if self.of == "row"
            else (steps.astype(dtype) == np.array(self.value, dtype)).all(axis=-1)
        )
        return found


@dataclass(frozen=True)
class Padding:
    """The length to which inputs were padded in training, with nothing that masks the padding.

    Raises:
        UsageError: it is no length, or no side.
    """

    length: int
    side: Literal["left", "right"] = "left"

    def __post_init__(self) -> None:
        if type(self.length) is not int or not 1 <= self.length <= LONGEST:
            raise UsageError(f"pad= is {self.length!r}; give a number of steps up to {LONGEST}.")
        if self.side not in ("left", "right"):
            raise UsageError(f"pad_side= is {self.side!r}; choose left or right.")
