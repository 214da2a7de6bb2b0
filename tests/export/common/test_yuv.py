"""Pictures that follow each other are converted only where they change, with the same result."""

from __future__ import annotations

import av
import numpy as np
import pytest

from lstmviz.export.common.transparency import spread
from lstmviz.export.common.yuv import Repainted, as_video, cropped


def planes(video: av.VideoFrame) -> list[np.ndarray]:
    """What is seen of each plane of a picture."""
    kind = np.uint16 if "10" in video.format.name else np.uint8
    return [
        np.frombuffer(bytes(plane), kind).reshape(plane.height, -1)[:, : plane.width]
        for plane in video.planes
    ]


@pytest.mark.parametrize("size", [(64, 48), (200, 150), (66, 50)])
@pytest.mark.parametrize("kind", ["yuv420p", "yuva420p", "yuv444p10le", "yuva444p10le"])
def test_converting_what_changed_gives_the_whole_conversion(
    size: tuple[int, int], kind: str
) -> None:
    random = np.random.default_rng(0)
    width, height = size
    pixels = random.integers(0, 256, (height, width, 4), np.uint8)
    repainted = Repainted(kind)
    repainted(pixels, None)
    flown = spread(pixels) if "yuva" in kind else pixels
    for _ in range(20):
        left, top = int(random.integers(0, width - 5)), int(random.integers(0, height - 5))
        right, bottom = min(left + 40, width), min(top + 33, height)
        part = pixels[top:bottom, left:right]
        before = as_video(flown, kind)
        part[:] = random.integers(0, 256, part.shape, np.uint8)
        part[..., 3] *= random.integers(0, 2, part.shape[:2], np.uint8)  # some of it is empty
        made = repainted(pixels, [(left, top, right, bottom)])
        flown = spread(pixels) if "yuva" in kind else pixels
        whole = as_video(flown, kind)
        for one, other in zip(planes(made), planes(whole), strict=True):
            np.testing.assert_array_equal(one, other)
        for one, other in zip(planes(made), planes(before), strict=True):
            changed = one != other
            for x, y, past, below in repainted.boxes or []:
                share = width // one.shape[1] if "10" not in kind else 1
                changed[y // share : below // share, x // share : past // share] = False
            assert not changed.any(), "outside of its boxes it is as it was"
        if "444" in kind:
            part = planes(cropped(made, (5, 7, 37, 40)))
            for one, other in zip(part, planes(whole), strict=True):
                np.testing.assert_array_equal(one, other[7:40, 5:37])
