"""Rectangles with round corners, of which a picture has many of the same size."""

from __future__ import annotations

from typing import Any, Self

import manim
import numpy as np

_ROUNDED: dict[tuple[bytes, float], np.ndarray] = {}


class RoundedRectangle(manim.RoundedRectangle):
    """Manim's rectangle with round corners; those of a shape that was made before are known.

    Rounding one takes as long as making twenty plain ones.
    """

    def round_corners(self, radius: Any = 0.5, *rest: Any, **more: Any) -> Self:
        """Round the corners, as Manim does."""
        if rest or more or isinstance(radius, list):
            return super().round_corners(radius, *rest, **more)
        known = self.points.tobytes(), float(radius)
        if known not in _ROUNDED:
            super().round_corners(radius)
            _ROUNDED[known] = self.points.copy()
        else:
            self.points = _ROUNDED[known].copy()
        return self
