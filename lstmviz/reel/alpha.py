"""Straight alpha: colours without the background that they are blended with."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import ImageColor

from lstmviz.reel.frame_store import Pixels

if TYPE_CHECKING:
    pass


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


@lru_cache(maxsize=4)
def _tables(background: str) -> tuple[np.ndarray, ...]:
    """For red, green and blue: the colour behind each blended value, at alpha × 256 + value."""
    alpha, value = np.mgrid[0:256, 0:256].astype(np.float32)
    share = np.maximum(alpha, 1) / 255
    return tuple(
        np.clip(np.rint((value - (1 - share) * part) / share), 0, 255).astype(np.uint8).ravel()
        for part in ImageColor.getrgb(background)[:3]
    )
