"""Which steps of an input a network passes over, as padding: its mask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lstmviz.errors import UsageError

MOST = float(np.finfo(np.float64).max)


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
