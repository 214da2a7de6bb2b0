"""Sizes, frame rates and paces that may be asked for, and the sentences that refuse others."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lstmviz.errors import UsageError
from lstmviz.system.suggest import nearest

QUALITIES: Mapping[str, tuple[int, int, int]] = MappingProxyType(
    {
        "draft": (854, 480, 15),
        "720p": (1280, 720, 30),
        "1080p": (1920, 1080, 60),
        "4k": (3840, 2160, 60),
    }
)
"""Width and height in pixels of a wide picture, and frames a second."""

WIDE_ASPECT = "16:9"
ASPECTS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        WIDE_ASPECT: (16, 9),
        "4:3": (4, 3),
        "1:1": (1, 1),
        "9:16": (9, 16),
    }
)
"""The shapes of a picture: width to height."""

SLOWEST, FASTEST = 0.5, 2.0  # paces at which a film can still be followed
MOST_FRAMES = 120  # a second
LARGEST = 7680 * 4320  # pixels of a picture, as 8K has
LONGEST = 6 * 3600  # seconds of a film
MOST_UNITS = 8  # side by side in a picture


def picture_format(
    quality: str,
    fps: int | None = None,
    size: tuple[int, int] | None = None,
    aspect: str = WIDE_ASPECT,
) -> tuple[int, int, int]:
    """Give width, height and frames a second; `size` and `fps` go before the quality's own.

    The shorter side of a picture has as many pixels as a wide one of the quality is high: a
    picture of 9:16 at 1080p is 1080×1920. Both are even, as videos must be.

    Raises:
        UsageError: there is no such quality, aspect, rate or size.
    """
    refuse_aspect(aspect)
    if quality not in QUALITIES:
        raise UsageError(
            f"There is no quality {quality!r}{nearest(quality, QUALITIES)}; choose one of: "
            f"{', '.join(QUALITIES)}."
        )
    width, height, rate = QUALITIES[quality]
    if aspect != WIDE_ASPECT:
        width, height = _shaped(aspect, short=height)
    if fps is not None:
        if fps != int(fps) or not 1 <= fps <= MOST_FRAMES:
            raise UsageError(
                f"{fps} frames a second are not possible; give a whole number from 1 to "
                f"{MOST_FRAMES}."
            )
        rate = int(fps)
    if size is not None:
        width, height = size
        if min(size) < 16:
            raise UsageError(f"A picture of {width}×{height} pixels is too small to show anything.")
        if width * height > LARGEST:
            raise UsageError(
                f"A picture of {width}×{height} pixels is too large; 8K, 7680×4320, is the largest."
            )
    return width, height, rate


def _shaped(aspect: str, short: int) -> tuple[int, int]:
    """Give the size of a picture with an aspect, in even numbers of pixels."""
    sides = ASPECTS[aspect]
    width, height = (2 * round(short * side / min(sides) / 2) for side in sides)
    return width, height


def refuse_aspect(aspect: str) -> None:
    """Refuse a shape of the picture that there is no layout for."""
    if aspect not in ASPECTS:
        raise UsageError(
            f"There is no aspect {aspect!r}{nearest(aspect, ASPECTS)}; choose one of: "
            f"{', '.join(ASPECTS)}."
        )


def refuse_pace(pace: float) -> None:
    """Refuse a pace that nobody can follow."""
    if not SLOWEST <= pace <= FASTEST:
        raise UsageError(
            f"A pace of {pace:g} is not possible; give one from {SLOWEST:g} (slow) to "
            f"{FASTEST:g} (fast)."
        )
