"""Straight alpha: pictures without the background that they are blended with.

A recorded picture is matted: its colour is blended with the background already, RGB =
a·C + (1 − a)·B. Films and pictures with transparency want C itself ("straight" alpha);
kept matted, every edge would show a fringe of the old background on a new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from lstmviz.reel.alpha import straight
from lstmviz.reel.frame_store import Pixels
from lstmviz.reel.rectangles import Rect, on_grid, united

if TYPE_CHECKING:
    from lstmviz.export.common.parallel import FrameRange
    from lstmviz.reel.reel import Frame, Reel

BLOCK = 16  # pixels over which colour is spread, a power of two
_FAINT = 16  # alpha below which a colour is guessed better from what lies beside it


def views(reel: Reel, part: FrameRange, *, transparent: bool) -> Iterator[Frame]:
    """Read the pictures of a part of a film as `reel.views` does, if need be without its ground."""
    return reel.views(*part, partial(straight, background=reel.background) if transparent else None)


class Spread:
    """Edge padding: the colour of straight pictures flows over edges into what is transparent.

    Formats that keep colour coarser than alpha mix the colour of neighbours; what is
    transparent must therefore have the colour of what is beside it, which nobody sees.
    Works in blocks of 16 × 16 pixels: what filters and codecs reach. The pictures follow each
    other, and are of one size.
    """

    def __init__(self, width: int, height: int) -> None:
        self._size = width, height
        high, wide = -(-height // BLOCK), -(-width // BLOCK)
        self._room = np.zeros((high * BLOCK, wide * BLOCK, 4), np.uint8)
        self._tiles = self._room.reshape(high, BLOCK, wide, BLOCK, 4).swapaxes(1, 2)
        self._edges = np.zeros((high, wide), bool)

    def __call__(self, pixels: Pixels, changed: Iterable[Rect]) -> tuple[Pixels, list[Rect]]:
        """Give the picture, the same array every time, and where it changed.

        Outside of the boxes `changed` it equals the picture before.
        """
        width, height = self._size
        boxes = united(on_grid(box, (BLOCK, BLOCK), self._size) for box in changed)
        self._edges[:] = False
        for box in boxes:
            left, top, right, bottom = box
            self._room[top:bottom, left:right] = pixels[top:bottom, left:right]
            # Blocks that are cut off by the edge of the picture go on as it ends.
            self._room[height:, left:right] = self._room[height - 1, left:right]
            self._room[top:, width:] = self._room[top:, width - 1 : width]
            self._mark(box)
        self._tiles[self._edges] = _flown(self._tiles[self._edges])
        return self._room[:height, :width], boxes

    def _mark(self, box: Rect) -> None:
        """Mark the blocks of a box that are seen in one place, and seen through in another."""
        left, top, right, bottom = (-(-each // BLOCK) for each in box)
        alpha = self._room[top * BLOCK : bottom * BLOCK, left * BLOCK : right * BLOCK, 3]
        # Whole rows are compared sooner than blocks.
        rows = np.ascontiguousarray(alpha).reshape(bottom - top, BLOCK, -1)
        most, least = (
            of(of(rows, axis=1).reshape(bottom - top, -1, BLOCK), axis=2) for of in (np.max, np.min)
        )
        self._edges[top:bottom, left:right] = (most > 0) & (least < _FAINT)


def spread(pixels: Pixels) -> Pixels:
    """Do that to one picture."""
    height, width = pixels.shape[:2]
    made, _ = Spread(width, height)(pixels, [(0, 0, width, height)])
    return made


def _flown(tiles: Pixels) -> Pixels:
    """The same for (tiles, 16, 16, 4): the mean of the nearest, in squares that double."""
    # The number of the tile goes last: long rows are added sooner than short ones.
    weighed = tiles.transpose(1, 2, 3, 0).astype(np.float32, order="C")
    weighed[:, :, :3] *= weighed[:, :, 3:]
    levels = [weighed]
    while len(levels[-1]) > 1:
        fine = levels[-1]
        rows = fine[0::2] + fine[1::2]
        levels.append(rows[:, 0::2] + rows[:, 1::2])
    flowing = _mean(levels.pop())
    for level in levels[:0:-1]:
        flowing = flowing.repeat(2, axis=0).repeat(2, axis=1)
        flowing = np.where(level[:, :, 3:] >= _FAINT, _mean(level), flowing)
    number, row, column = np.nonzero(tiles[..., 3] < _FAINT)
    tiles[number, row, column, :3] = np.rint(flowing[row // 2, column // 2, :, number])
    return tiles


def _mean(level: np.ndarray) -> np.ndarray:
    return np.asarray(level[:, :, :3] / np.maximum(level[:, :, 3:], 1))
