"""Frame differences for looping pictures: what changed, and how long a picture stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Generic, TypeVar

from lstmviz.export.common.parallel import FrameRange, shared
from lstmviz.export.common.progress import Progress
from lstmviz.export.loops.sampling import (
    parts_of,
    rate_of,
    resting,
    sampled,
    size_of,
    usual_width,
)
from lstmviz.reel.frame_store import Pixels, words_of
from lstmviz.reel.rectangles import Differences, Rect, around
from lstmviz.reel.reel import Reel

_Made = TypeVar("_Made")


@dataclass(frozen=True)
class LoopStyle:
    """A film at a rate and size (width, height), freed of its ground if one is given."""

    reel: Reel
    rate: int
    size: tuple[int, int]
    ground: str | None

    @classmethod
    def of(cls, reel: Reel, width: int | None, fps: int | None, transparent: bool) -> LoopStyle:
        """Choose what is not asked for: the width in pixels, at most, and the rate.

        Raises:
            UsageError: a width or a rate that is not possible.
        """
        rate = rate_of(reel, fps)
        size = size_of(reel, usual_width(reel) if width is None else width)
        return cls(reel, rate, size, reel.background if transparent else None)


@dataclass(frozen=True)
class Change:
    """What is new in a picture: in which box, and what was there before, if anything."""

    begin: int
    box: Rect
    pixels: Pixels
    before: Pixels | None


@dataclass(frozen=True)
class Coded(Generic[_Made]):
    """A coded change, in which box it lies, and the frame at which it begins."""

    begin: int
    box: Rect
    data: _Made


def changes(look: LoopStyle, part: FrameRange, grid: int = 1) -> Iterator[Change]:
    """Each new picture of a part of a film, as what differs from the picture before it.

    Boxes begin at multiples of `grid` pixels, for formats that ask for it. Its arrays are good
    until the next one. The parts together give the changes of the whole.
    """
    first, stop = part
    shown: Pixels | None = None
    differences = Differences(*look.size)
    # What stands when the part begins belongs to the part before it.
    looked_at = max(first - 1, 0), stop
    for sample in sampled(look.reel, look.rate, look.size, ground=look.ground, part=looked_at):
        if shown is None:
            height, width = sample.pixels.shape[:2]
            shown = sample.pixels.copy()
            if not first:
                yield Change(sample.begin, (0, 0, width, height), shown, None)
            continue
        boxes = differences(words_of(sample.pixels), words_of(shown), sample.changed)
        if not boxes:
            continue
        box = around(*boxes)
        left, top, right, bottom = box[0] // grid * grid, box[1] // grid * grid, *box[2:]
        new, old = (each[top:bottom, left:right] for each in (sample.pixels, shown))
        yield Change(sample.begin, (left, top, right, bottom), new, old)
        old[:] = new


def coded_with_times(
    look: LoopStyle,
    code: Callable[[tuple[LoopStyle, FrameRange]], list[Coded[_Made]]],
    jobs: int | None,
    progress: Progress | None,
) -> Iterator[tuple[int, Coded[_Made]]]:
    """Give each change of a film, coded, with the time in milliseconds that it stands.

    The parts of the film are coded by so many processes.
    """
    tasks = [(part, (look, part)) for part in parts_of(look.reel, look.rate)]
    parts = shared(code, tasks, look.reel, jobs, progress)
    held: Coded[_Made] | None = None
    for change in chain.from_iterable(parts):
        if held is not None:
            yield _time(change.begin, look) - _time(held.begin, look), held
        held = change
    if held is not None:
        yield round(1000 * resting(look.reel, held.begin / look.rate)), held


def _time(frame: int, look: LoopStyle) -> int:
    return round(frame * 1000 / look.rate)
