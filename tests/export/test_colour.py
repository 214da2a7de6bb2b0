"""Pictures that follow each other are converted only where they change, with the same result."""

from __future__ import annotations

import numpy as np
import pytest

from lstmviz.export.colour import Repainted, as_video, copied
from lstmviz.export.ground import spread, straight

GROUND = "#0E1116"


@pytest.mark.parametrize("size", [(64, 48), (200, 150), (66, 50)])
@pytest.mark.parametrize(
    ("kind", "ground"),
    [("yuv420p", None), ("yuva420p", GROUND), ("yuv444p10le", None), ("yuva444p10le", GROUND)],
)
def test_converting_what_changed_gives_the_whole_conversion(
    size: tuple[int, int], kind: str, ground: str | None
) -> None:
    random = np.random.default_rng(0)
    width, height = size
    pixels = random.integers(0, 256, (height, width, 4), np.uint8)
    repainted = Repainted(kind, ground)
    repainted(pixels, None)
    for _ in range(20):
        left, top = int(random.integers(0, width - 5)), int(random.integers(0, height - 5))
        right, bottom = min(left + 40, width), min(top + 33, height)
        part = pixels[top:bottom, left:right]
        part[:] = random.integers(0, 256, part.shape, np.uint8)
        part[..., 3] *= random.integers(0, 2, part.shape[:2], np.uint8)  # some of it is empty
        made = repainted(pixels, [(left, top, right, bottom)])
        freed = pixels if ground is None else spread(straight(pixels, ground))
        whole = as_video(freed, kind)
        for video in (made, copied(made)):
            assert len(video.planes) == len(whole.planes)
            for one, other in zip(video.planes, whole.planes, strict=True):
                wide = one.width * (2 if "10" in kind else 1)
                rows, expected = (
                    np.frombuffer(bytes(plane), np.uint8).reshape(plane.height, -1)
                    for plane in (one, other)
                )
                np.testing.assert_array_equal(rows[:, :wide], expected[:, :wide])
