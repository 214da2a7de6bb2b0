"""Which of the squares of a picture are marked, and what touches them."""

from __future__ import annotations

import numpy as np

from lstmviz.reel.rectangles import Mask, Rect


def mark(mask: Mask, box: Rect | None) -> None:
    """Mark the squares of a box."""
    if box is not None:
        left, top, right, bottom = box
        mask[top:bottom, left:right] = True


class Touching:
    """Tells of many boxes whether a marked square lies in them."""

    def __init__(self, mask: Mask) -> None:
        rows, columns = mask.shape
        sums = np.zeros((rows + 1, columns + 1), np.int32)  # of all squares above and to the left
        mask.cumsum(axis=0, out=sums[1:, 1:])
        sums.cumsum(axis=1, out=sums)
        self._sums: list[list[int]] = sums.tolist()

    def __call__(self, box: Rect | None) -> bool:
        """Tell it of one box."""
        if box is None:
            return False
        left, top, right, bottom = box
        above, below = self._sums[top], self._sums[bottom]
        return below[right] - below[left] > above[right] - above[left]
