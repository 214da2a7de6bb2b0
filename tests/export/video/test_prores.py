"""Slices that changed, put into the frame before, give the frame that the encoder gives."""

from __future__ import annotations

import numpy as np
import pytest
from av.video.codeccontext import VideoCodecContext

from lstmviz.export.common.yuv import Repainted, tag_picture
from lstmviz.export.video.mov import _Look
from lstmviz.export.video.prores import ProResFrame, ProResSlices
from lstmviz.reel.reel import Reel


@pytest.mark.parametrize("transparent", [True, False])
@pytest.mark.parametrize("size", [(128, 16), (320, 180), (426, 240), (610, 98), (64, 200)])
def test_changed_slices_are_all_that_changes(
    reel: Reel, size: tuple[int, int], transparent: bool
) -> None:
    width, height = size
    look = _Look(reel, transparent)
    opened: list[tuple[int, int]] = []

    def coder(wide: int, high: int) -> VideoCodecContext:
        opened.append((wide, high))
        return look.coder(wide, high)

    random = np.random.default_rng(1)
    pixels = random.integers(0, 256, (height, width, 4), np.uint8)
    repainted, slices = Repainted(look.kind), ProResSlices(coder)
    changed = None
    for number in range(12):
        picture = repainted(pixels, changed)
        tag_picture(picture)
        whole = look.coder(width, height)
        picture.pts, picture.time_base = 0, whole.time_base
        (expected,) = whole.encode(picture)
        assert slices(picture, repainted.boxes) == bytes(expected), number
        assert ProResFrame.read(bytes(expected)).data() == bytes(expected)
        left, top = int(random.integers(0, width - 9)), int(random.integers(0, height - 9))
        changed = [(left, top, left + 9, top + 9), (width - 3, height - 3, width, height)]
        for x, y, past, below in changed:
            pixels[y:below, x:past] = random.integers(0, 256, (below - y, past - x, 4), np.uint8)
    assert opened.count(size) == 1
    if size == (610, 98):
        assert len(set(opened)) > 2, "only parts of it are coded"
