"""Numbers over time as tables have them: with names of the columns, and times of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from lstmviz.errors import UsageError

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Series:
    """Numbers (time, features), and what their features and their times are called.

    It is taken wherever an array is: `numpy.asarray(series)` gives the values.

    Raises:
        UsageError: the names, or the times, are not as many as the values.
    """

    values: Array  # (time, features), finite
    features: tuple[str, ...] = ()  # (features,), or none
    times: Sequence[str] = ()  # (time,), or none
    notes: tuple[str, ...] = ()  # what was left out, filled or may be misread, a sentence each

    def __post_init__(self) -> None:
        if self.values.ndim != 2:
            raise UsageError(f"A series is (time, features), not of shape {self.values.shape}.")
        for what, names, axis in (("names", self.features, 1), ("times", self.times, 0)):
            if len(names) not in (0, self.values.shape[axis]):
                raise UsageError(
                    f"A series of shape {self.values.shape} cannot have {len(names)} {what}; give "
                    f"{self.values.shape[axis]}, or none."
                )

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the values, (time, features)."""
        return self.values.shape

    def __len__(self) -> int:
        """The number of ticks."""
        return len(self.values)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Array:
        """The values, for NumPy."""
        return np.array(self.values, dtype) if copy else np.asarray(self.values, dtype)

    def __repr__(self) -> str:
        ticks, width = self.values.shape
        features = f"features {', '.join(self.features)}" if self.features else f"{width} features"
        times = f", {self.times[0]} to {self.times[-1]}" if len(self.times) else ""
        return f"Series({ticks} ticks, {features}{times})"
