"""The picture as squares, and the rectangles that changed squares make."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lstmviz.lossless import Box

__all__ = ["TILE", "Box", "Mask", "Tiles", "Touching", "mark"]

TILE = 32  # pixels; smaller ones cost more to keep track of than they save in drawing

Mask = npt.NDArray[np.bool_]  # (rows, columns) of tiles


@dataclass(frozen=True)
class Tiles:
    """The squares of a picture of some width and height in pixels; the last may be cut."""

    width: int
    height: int

    @property
    def columns(self) -> int:
        """Squares side by side."""
        return -(-self.width // TILE)

    @property
    def rows(self) -> int:
        """Squares above each other."""
        return -(-self.height // TILE)

    def mask(self, value: bool = False) -> Mask:
        """Make a mask of all squares."""
        return np.full((self.rows, self.columns), value)

    def around(self, left: float, top: float, right: float, bottom: float) -> Box | None:
        """Give the squares that cover a box in pixels; None if it lies outside the picture."""
        if not (right > 0 and bottom > 0 and left < self.width and top < self.height):
            return None
        return (
            max(int(left) // TILE, 0),
            max(int(top) // TILE, 0),
            min(int(right) // TILE + 1, self.columns),
            min(int(bottom) // TILE + 1, self.rows),
        )

    def rectangles(self, mask: Mask) -> list[Box]:
        """Cover the marked squares with rectangles in pixels that do not overlap.

        Runs of a row are joined with equal runs of the row below.
        """
        done: list[Box] = []
        growing: dict[tuple[int, int], int] = {}  # the columns of a run -> where it began
        last = -1
        for row in [*np.flatnonzero(mask.any(axis=1)).tolist(), -1]:
            runs = _runs(mask[row].tobytes()) if row >= 0 else []
            going_on = {run: growing.pop(run) for run in runs if run in growing and row == last + 1}
            done += [self._pixels(run, top, last + 1) for run, top in growing.items()]
            growing = {run: going_on.get(run, row) for run in runs}
            last = row
        return done

    def _pixels(self, run: tuple[int, int], top: int, bottom: int) -> Box:
        left, right = run
        return (
            left * TILE, top * TILE,
            min(right * TILE, self.width), min(bottom * TILE, self.height),
        )  # fmt: skip


def mark(mask: Mask, box: Box | None) -> None:
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

    def __call__(self, box: Box | None) -> bool:
        """Tell it of one box."""
        if box is None:
            return False
        left, top, right, bottom = box
        above, below = self._sums[top], self._sums[bottom]
        return below[right] - below[left] > above[right] - above[left]


def _runs(row: bytes) -> list[tuple[int, int]]:
    """Find the runs of marked squares in a row."""
    runs = []
    start = row.find(1)
    while start >= 0:
        end = row.find(0, start)
        end = len(row) if end < 0 else end
        runs.append((start, end))
        start = row.find(1, end)
    return runs
