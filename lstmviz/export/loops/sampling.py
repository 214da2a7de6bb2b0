"""Resampling: a film at fewer frames a second and pixels, for formats of pictures and times."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
from PIL import Image

from lstmviz.errors import UsageError
from lstmviz.export.common.parallel import FrameRange
from lstmviz.reel.alpha import straight
from lstmviz.reel.frame_store import Pixels
from lstmviz.reel.rectangles import Rect, united
from lstmviz.reel.reel import Reel

Rate = int | Fraction  # pictures a second
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


def parts_of(reel: Reel, rate: Rate) -> list[FrameRange]:
    """Cut a film at `rate` frames a second where its steps begin, for processes to share.

    A picture whose step is too short to have a frame goes with the next one.
    """
    count = sample_count(reel, rate)
    begins = {math.ceil(step.first_frame * rate / reel.fps) for step in reel.steps}
    starts = sorted({0, *(begin for begin in begins if begin < count)})
    return list(pairwise([*starts, count]))


@dataclass(frozen=True)
class Sample:
    """A picture of a film at another rate and size.

    `begin` is the number of its frame. `pixels` (height, width, 4) is the same array every time,
    and `changed` covers all in which it differs from the sample before.
    """

    begin: int
    pixels: Pixels
    changed: list[Rect]


def sampled(
    reel: Reel,
    rate: Rate,
    size: tuple[int, int],
    *,
    ground: str | None = None,
    part: FrameRange | None = None,
) -> Iterator[Sample]:
    """Each picture that is shown at `rate` frames a second, made `size` (width, height) large.

    It is freed of its `ground` if one is given, and opaque else. A `part` is of its frames.
    """
    count = sample_count(reel, rate)
    following, stop = part or (0, count)  # the frame that is to be filled next, and the end
    start, end = (_source(number, count, reel, rate) for number in (following, stop - 1))
    pixels = np.empty((size[1], size[0], 4), np.uint8)
    whole = 0, 0, reel.width, reel.height
    changed: list[Rect] = [whole]  # since the last sample
    for frame in reel.views(start, end + 1):
        begin = following
        end = frame.number + frame.repeat
        changed = [*changed, *frame.changed] if frame.changed is not None else [whole]
        while following < stop and _source(following, count, reel, rate) < end:
            following += 1
        if following > begin:
            # As many boxes as a whole picture has are no less work than that.
            many = sum((right - left) * (low - top) for left, top, right, low in changed)
            boxes = [whole] if many >= reel.width * reel.height else united(changed)
            yield Sample(begin, pixels, [_scale(frame.pixels, pixels, b, ground) for b in boxes])
            changed = []


def _scale(source: Pixels, target: Pixels, box: Rect, ground: str | None) -> Rect:
    """Bring what changed in a box of the source into the smaller target; give the box there.

    Being blended with one ground the channels average independently, and are parted after.
    """
    (height, width), (high, wide) = source.shape[:2], target.shape[:2]
    left, right = box[0] * wide // width, -(-box[2] * wide // width)
    top, bottom = box[1] * high // height, -(-box[3] * high // height)
    part = np.s_[top:bottom, left:right]
    if (high, wide) == (height, width):
        made = source[part].copy()
    else:
        across, down = width / wide, height / high
        x, y = math.floor(left * across), math.floor(top * down)
        right_edge, low_edge = math.ceil(right * across), math.ceil(bottom * down)
        needed = np.ascontiguousarray(source[y:low_edge, x:right_edge])
        # Pillow would weigh the channels of RGBA with alpha.
        picture = Image.frombuffer("RGBX", needed.shape[1::-1], needed, "raw", "RGBX", 0, 1)
        room = left * across - x, top * down - y, right * across - x, bottom * down - y
        inside = (*room[:2], min(room[2], needed.shape[1]), min(room[3], needed.shape[0]))
        size = right - left, bottom - top
        made = np.array(picture.resize(size, Image.Resampling.BOX, inside))
    if ground is None:
        made[..., 3] = 255
    else:
        made = straight(made, ground)
    target[part] = made
    return left, top, right, bottom


def sample_count(reel: Reel, rate: Rate) -> int:
    """How many frames a film has at `rate` frames a second."""
    return max(1, round(reel.duration * rate))


def resting(reel: Reel, last: float) -> float:
    """How long (seconds) the last picture, begun at `last`, stands before the next round."""
    return max(REST, reel.duration - last)


def _source(number: int, count: int, reel: Reel, rate: Rate) -> int:
    """The frame of the reel that a sampled frame shows; the last ones go together."""
    if number == count - 1:
        return reel.frame_count - 1
    return min(round(number * reel.fps / rate), reel.frame_count - 1)
