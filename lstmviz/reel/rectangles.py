"""Rectangles of pixels: where two pictures differ, on a grid of tiles, and put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Rect = tuple[int, int, int, int]  # left, top, right, bottom in pixels; the last two just outside
Numbers = npt.NDArray[np.integer]
Mask = npt.NDArray[np.bool_]  # (rows, columns) of squares

TILE = 32  # pixels; smaller squares cost more to keep track of than they save in drawing
_SPARE = 4000  # pixels that are kept or coded while one more box is begun


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

    def around(self, left: float, top: float, right: float, bottom: float) -> Rect | None:
        """Give the squares that cover a box in pixels; None if it lies outside the picture."""
        if not (right > 0 and bottom > 0 and left < self.width and top < self.height):
            return None
        return (
            max(int(left) // TILE, 0),
            max(int(top) // TILE, 0),
            min(int(right) // TILE + 1, self.columns),
            min(int(bottom) // TILE + 1, self.rows),
        )

    def rectangles(self, mask: Mask) -> list[Rect]:
        """Cover the marked squares with rectangles in pixels that do not overlap.

        Runs of a row are joined with equal runs of the row below.
        """
        done: list[Rect] = []
        growing: dict[tuple[int, int], int] = {}  # the columns of a run -> where it began
        last = -1
        for row in [*np.flatnonzero(mask.any(axis=1)).tolist(), -1]:
            runs = _runs(mask[row].tobytes()) if row >= 0 else []
            going_on = {run: growing.pop(run) for run in runs if run in growing and row == last + 1}
            done += [self._pixels(run, top, last + 1) for run, top in growing.items()]
            growing = {run: going_on.get(run, row) for run in runs}
            last = row
        return done

    def _pixels(self, run: tuple[int, int], top: int, bottom: int) -> Rect:
        left, right = run
        return (
            left * TILE,
            top * TILE,
            min(right * TILE, self.width),
            min(bottom * TILE, self.height),
        )


class Differences:
    """Looks for where pictures of one size (width, height) differ."""

    def __init__(self, width: int, height: int) -> None:
        self._tiles = Tiles(width, height)
        self._differing = np.zeros((self._tiles.rows * TILE, self._tiles.columns * TILE), bool)

    def __call__(self, one: Numbers, other: Numbers, within: Iterable[Rect]) -> list[Rect]:
        """Give few small boxes in some others, outside of which two pictures are equal there.

        Pictures are (height, width) of a number for each pixel.
        """
        boxes = list(within)
        if not boxes:
            return []
        for left, top, right, bottom in boxes:
            part = np.s_[top:bottom, left:right]
            np.not_equal(one[part], other[part], out=self._differing[part])
        _, top, _, bottom = around(*boxes)
        found = self._tiles.rectangles(self._mask(top // TILE, -(-bottom // TILE)))
        tight = [self._tight(box) for box in united(found)]
        for left, top, right, bottom in boxes:
            self._differing[top:bottom, left:right] = False
        return tight

    def _mask(self, first: int, last: int) -> Mask:
        """Mark the squares in which something differs, in some of their rows."""
        # Eight pixels are looked at together.
        lines = self._differing[first * TILE : last * TILE].view(np.uint64)
        rows = np.bitwise_or.reduce(lines.reshape(last - first, TILE, -1), axis=1)
        mask = self._tiles.mask()
        mask[first:last] = rows.reshape(last - first, -1, TILE // 8).any(axis=2)
        return mask

    def _tight(self, box: Rect) -> Rect:
        left, top, right, bottom = box
        differing = self._differing[top:bottom, left:right]
        rows, columns = (np.flatnonzero(differing.any(axis=axis)) for axis in (1, 0))
        return (
            left + int(columns[0]),
            top + int(rows[0]),
            left + int(columns[-1]) + 1,
            top + int(rows[-1]) + 1,
        )


def around(one: Rect, *others: Rect) -> Rect:
    """The box around some boxes."""
    lefts, tops, rights, bottoms = zip(one, *others, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def on_grid(box: Rect, cell: tuple[int, int], size: tuple[int, int]) -> Rect:
    """The cells of a grid, (width, height) in pixels each, that a box touches in a picture."""
    left, top, right, bottom = box
    (wide, high), (width, height) = cell, size
    return (
        left // wide * wide,
        top // high * high,
        min(-(-right // wide) * wide, width),
        min(-(-bottom // high) * high, height),
    )


def united(boxes: Iterable[Rect], spare: int = _SPARE) -> list[Rect]:
    """Put boxes together where one around them has at most `spare` pixels more than they have."""
    made: list[tuple[Rect, int]] = []  # with their areas
    for box in boxes:
        area = _area(box)
        at = 0
        while at < len(made):
            other, its_area = made[at]
            both = (
                min(box[0], other[0]),
                min(box[1], other[1]),
                max(box[2], other[2]),
                max(box[3], other[3]),
            )
            if _area(both) <= area + its_area + spare:
                box, area = both, _area(both)
                del made[at]
                at = 0
            else:
                at += 1
        made.append((box, area))
    return [box for box, _ in made]


def _area(box: Rect) -> int:
    left, top, right, bottom = box
    return (right - left) * (bottom - top)


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
