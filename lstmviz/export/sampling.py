"""A film at fewer frames a second and fewer pixels, for formats that hold pictures and times."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from lstmviz.errors import UsageError
from lstmviz.export import Progress
from lstmviz.export.colour import straight
from lstmviz.lossless import Pixels
from lstmviz.reel import Reel

REST = 2.0  # seconds that the last picture stands at least, before the next round


def default_rate(fps: int) -> int:
    """The rate of a looping picture: 25 or 20 if one divides the film's, else the nearest."""
    even = [rate for rate in (25, 20) if fps % rate == 0]
    nearest = [rate for rate in (25, 20, 10) if rate <= fps]
    return (even or nearest or [10])[0]


def rate_of(reel: Reel, fps: int | None) -> int:
    """The rate that is asked for, or else the usual one.

    Raises:
        UsageError: a rate that is not possible.
    """
    rate = default_rate(reel.fps) if fps is None else fps
    if not 1 <= rate <= 60:
        raise UsageError(f"{rate} pictures a second are not possible; give 1 to 60.")
    return rate


def usual_width(reel: Reel) -> int:
    """The width at which the longer side of a picture has 960 pixels at most."""
    return round(960 * min(1.0, reel.width / reel.height))


def size_of(reel: Reel, width: int) -> tuple[int, int]:
    """The size of a picture at most `width` pixels wide; a film is never enlarged.

    Raises:
        UsageError: less than one pixel.
    """
    if width < 1:
        raise UsageError(f"A picture of {width} pixels of width is not possible.")
    width = min(width, reel.width)
    return width, max(1, round(width * reel.height / reel.width))


def sampled(
    reel: Reel, rate: int, progress: Progress | None = None
) -> Iterator[tuple[int, Pixels]]:
    """Each picture that is shown at `rate` frames a second, with the number where it begins."""
    count = sample_count(reel, rate)
    following = 0  # the frame that is to be filled next
    for frame in reel.frames():
        begin = following
        while following < count and _source(following, count, reel, rate) < (
            frame.number + frame.repeat
        ):
            following += 1
        if following > begin:
            yield begin, frame.pixels
        if progress is not None:
            progress((frame.number + frame.repeat) / reel.frame_count)


def sample_count(reel: Reel, rate: int) -> int:
    """How many frames a film has at `rate` frames a second."""
    return max(1, round(reel.duration * rate))


def resting(reel: Reel, last: float) -> float:
    """How long (seconds) the last picture, begun at `last`, stands before the next round."""
    return max(REST, reel.duration - last)


def scaled(pixels: Pixels, size: tuple[int, int], background: str | None) -> Pixels:
    """A smaller picture (width, height); freed of its ground if `background` is given.

    Being blended with one ground the channels average independently, and are parted after.
    """
    height, width = pixels.shape[:2]
    if size != (width, height):
        parts = (Image.fromarray(np.ascontiguousarray(pixels[..., k])) for k in range(4))
        pixels = np.dstack([np.asarray(p.resize(size, Image.Resampling.BOX)) for p in parts])
    if background is not None:
        return straight(pixels, background)
    made = pixels.copy()
    made[..., 3] = 255
    return made


def _source(number: int, count: int, reel: Reel, rate: int) -> int:
    """The frame of the reel that a sampled frame shows; the last ones go together."""
    if number == count - 1:
        return reel.frame_count - 1
    return min(round(number * reel.fps / rate), reel.frame_count - 1)
