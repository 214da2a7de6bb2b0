"""Pictures freed of the ground that they were drawn on.

A recorded picture is matted: its colour is blended with the background already, RGB =
a·C + (1 − a)·B. Films and pictures with transparency want C itself ("straight" alpha);
kept matted, every edge would show a fringe of the old background on a new one.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import ImageColor

from lstmviz.lossless import Pixels

BLOCK = 16  # pixels over which colour is spread, a power of two
_FAINT = 16  # alpha below which a colour is guessed better from what lies beside it


def straight(pixels: Pixels, background: str) -> Pixels:
    """Undo the blending with `background` (`#RRGGBB`): a new picture of colour and alpha apart.

    Where nothing was drawn all four channels are 0.
    """
    made = pixels.copy()
    words = made.reshape(-1, 4)
    alpha = np.ascontiguousarray(pixels[..., 3]).reshape(-1)
    made.view(np.uint32)[pixels[..., 3] == 0] = 0
    partly = np.flatnonzero((alpha > 0) & (alpha < 255))
    rows = alpha[partly].astype(np.intp) * 256
    for channel, table in enumerate(_tables(background)):
        words[partly, channel] = table[rows + words[partly, channel]]
    return made


def spread(pixels: Pixels) -> Pixels:
    """Let the colour of a straight picture flow over its edges into what is transparent.

    Formats that keep colour coarser than alpha mix the colour of neighbours; what is
    transparent must therefore have the colour of what is beside it, which nobody sees.
    Works in blocks of 16 × 16 pixels: what filters and codecs reach.
    """
    height, width = pixels.shape[:2]
    high, wide = -(-height // BLOCK), -(-width // BLOCK)
    room = ((0, high * BLOCK - height), (0, wide * BLOCK - width), (0, 0))
    made = np.pad(pixels, room, mode="edge") if any(map(any, room)) else pixels.copy()
    tiles = made.reshape(high, BLOCK, wide, BLOCK, 4).swapaxes(1, 2)
    # Whole rows are compared sooner than tiles.
    rows = np.ascontiguousarray(made[..., 3]).reshape(high, BLOCK, wide * BLOCK)
    most, least = (
        of(of(rows, axis=1).reshape(high, wide, BLOCK), axis=2) for of in (np.max, np.min)
    )
    edges = (most > 0) & (least < _FAINT)
    tiles[edges] = _flown(tiles[edges])
    return np.ascontiguousarray(made[:height, :width])


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


@lru_cache(maxsize=4)
def _tables(background: str) -> tuple[np.ndarray, ...]:
    """For red, green and blue: the colour behind each blended value, at alpha × 256 + value."""
    alpha, value = np.mgrid[0:256, 0:256].astype(np.float32)
    share = np.maximum(alpha, 1) / 255
    return tuple(
        np.clip(np.rint((value - (1 - share) * part) / share), 0, 255).astype(np.uint8).ravel()
        for part in ImageColor.getrgb(background)[:3]
    )
