"""PNG data of flat pictures is what other readers take it for."""

from __future__ import annotations

import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from lstmviz.export.common.png_writer import deflated, png


@pytest.mark.parametrize("shape", [(1, 1, 3), (7, 5, 3), (7, 5, 4), (90, 161, 4)])
def test_readers_see_the_picture(shape: tuple[int, int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    whole = np.concatenate([pixels, pixels], axis=1)
    for part in (pixels, whole[:, shape[1] // 2 : shape[1] // 2 + shape[1]]):  # also a view
        with Image.open(BytesIO(png(part))) as image:
            image.verify()
        with Image.open(BytesIO(png(part))) as image:
            assert image.mode == ("RGB" if shape[2] == 3 else "RGBA")
            np.testing.assert_array_equal(np.asarray(image), part)


def test_rows_have_no_filter() -> None:
    pixels = np.full((4, 6, 3), 9, np.uint8)
    for level in (1, 6, 9):
        rows = np.frombuffer(zlib.decompress(deflated(pixels, level)), np.uint8).reshape(4, 19)
        assert (rows[:, 0] == 0).all()
        assert (rows[:, 1:] == 9).all()
