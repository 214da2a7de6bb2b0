"""Pixels as a WebP file without loss, which is smaller than a PNG of the same picture."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image

from lstmviz.reel.frame_store import Pixels


def webp(pixels: Pixels) -> bytes:
    """Give a picture (height, width, 3) as a WebP, bit for bit what it was."""
    file = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "WEBP", lossless=True, method=4)
    return file.getvalue()
