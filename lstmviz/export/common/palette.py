"""PNG files of at most 256 colours: less than half as large, and flat areas as they were."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image

from lstmviz.reel.frame_store import Pixels


def palette_png(pixels: Pixels) -> bytes:
    """Give a picture of three channels as a PNG file with a palette.

    Each colour of the palette is the commonest one of those that it stands for, so that a ground
    keeps its colour exactly, and does not stand out from a slide of the same one.
    """
    image = Image.fromarray(np.ascontiguousarray(pixels))
    few = image.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    numbers = np.asarray(few)
    packed = pixels.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    pairs, counts = np.unique(
        numbers.astype(np.uint64) << np.uint64(24) | packed, return_counts=True
    )
    order = np.argsort(counts, kind="stable")
    colours = np.array(few.getpalette(), np.uint8).reshape(-1, 3)
    commonest = pairs[order]
    where = (commonest >> np.uint64(24)).astype(int)  # of equal ones the last stays: the commonest
    for k, shift in enumerate((16, 8, 0)):
        colours[where, k] = (commonest >> np.uint64(shift)).astype(np.uint8)
    few.putpalette(colours.tobytes())
    file = BytesIO()
    few.save(file, "PNG", optimize=True)
    return file.getvalue()
