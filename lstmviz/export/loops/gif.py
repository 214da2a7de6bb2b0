"""Looping GIF with a palette of its own: small, and as sharp as the film.

Pillow was weighed: it makes a palette for each picture, which takes four times the time, and the
file is more than five times as large.
"""

from __future__ import annotations

import math
import os
import shutil
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np

from lstmviz.errors import UsageError
from lstmviz.export.common.format import Format
from lstmviz.export.common.parallel import FrameRange, shared
from lstmviz.export.common.progress import Progress, Tell, part_of
from lstmviz.export.loops.palette import Histogram, Indices, Palette, Seen, colours_of
from lstmviz.export.loops.sampling import (
    Rate,
    default_rate,
    parts_of,
    resting,
    sampled,
    size_of,
    usual_width,
)
from lstmviz.reel.frame_store import PictureWriter, read_pictures
from lstmviz.reel.reel import Reel
from lstmviz.system.atomic_files import whole_file
from lstmviz.system.temporary import folder

if TYPE_CHECKING:
    from av.video.codeccontext import VideoCodecContext

FORMAT = Format(
    ".gif",
    "loop",
    "GIF that holds its last picture",
    "chats, READMEs, Google Slides",
    encoders=("gif",),
)

_RATES = (50, 25, 20, 10)  # frames a second: GIF counts time in hundredths of a second
_HUNDREDTH = Fraction(1, 100)
LOOP_SIZE = 300_000  # bytes of a loop, unless another size is asked for
_LOOP_WIDTH = 1280  # pixels of its longer side
_SLOW = Fraction(25, 2)  # a picture every 8 hundredths of a second


Rung = tuple[int, Rate, int]  # the width, the rate and the colours of a look


@dataclass(frozen=True)
class Looks:
    """What the size of a GIF depends on: width and height in pixels, rate, colours."""

    size: tuple[int, int]
    rate: Rate
    colors: int

    def __str__(self) -> str:
        size = f"{self.size[0]}×{self.size[1]}"
        return f"{size}, {float(self.rate):g} pictures a second, {self.colors} colours"


def export(
    reel: Reel,
    path: str | Path,
    *,
    width: int | None = None,
    fps: int | None = None,
    colors: int | None = None,
    max_size: int | None = None,
    jobs: int | None = None,
    tell: Tell | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write a GIF that loops for ever and holds its last picture for two seconds at least.

    The film is never enlarged to `width` pixels (960, less for a tall one). `fps` is 50, 25, 20
    or 10, by default the one that leaves frames out most evenly. The palette of `colors` (2 to
    256, which is the default) is made from the whole film, and used without dithering: flat
    colours stay flat and small.

    With `max_size` (bytes) the best width, rate and palette whose file is not larger are
    looked for, among those that the other options leave free; `tell` is told the choice. A reel
    that is a loop has at most 300 kB by default, and keeps its size as long as it can.
    `jobs` processes share the work, by default as many as there are processors; the file is
    the same for every number of them.

    Raises:
        UsageError: a width, rate or number of colours that GIF does not have; even the
            poorest is too large; so many jobs are not possible.
        LstmvizError: the file could not be written, the reel is damaged.
    """
    if colors is not None and not 2 <= colors <= 256:
        raise UsageError(f"A GIF has 2 to 256 colours, not {colors}.")
    if fps is not None and fps not in _RATES:
        rates = ", ".join(map(str, _RATES))
        raise UsageError(f"A GIF cannot run at {fps} frames a second; choose one of {rates}.")
    usual = Looks(
        size_of(reel, usual_width(reel) if width is None else width),
        default_rate(reel.fps) if fps is None else fps,
        256 if colors is None else colors,
    )
    with whole_file(path, ".gif", force=force) as temporary:
        if max_size is None and reel.loops:
            max_size = LOOP_SIZE
        if max_size is None:
            _write(reel, temporary, usual, jobs, progress)
        else:
            rungs = (loop_ladder if reel.loops else ladder)(reel, width, fps, colors)
            _fit(reel, temporary, rungs, max_size, tell, jobs, progress)
    if progress is not None:
        progress(1.0)


def ladder(reel: Reel, width: int | None, fps: int | None, colors: int | None) -> list[Looks]:
    """The looks to choose from, from the poorest and smallest to the best and largest.

    What weighs least to the eye goes first on the way down: rates above the usual, pixels
    beyond those of a page, colours beyond 64, then size and rate in turn. A given width,
    rate or palette stays.
    """
    rate = default_rate(reel.fps)
    whole = min(reel.width, 1920)
    steps: list[Rung] = [
        (160, 10, 8),
        (240, 10, 16),
        (320, 10, 16),
        (320, 10, 32),
        (400, 10, 32),
        (480, 10, 32),
        (480, 10, 64),
        (560, rate, 32),
        (640, rate, 32),
        (640, rate, 64),
        (800, rate, 64),
        (960, rate, 64),
        (960, rate, 128),
        (960, rate, 256),
        (whole, rate, 256),
        *([(whole, 50, 256)] if reel.fps >= 50 else []),
    ]
    return _looks(reel, steps, width, fps, colors)


def loop_ladder(reel: Reel, width: int | None, fps: int | None, colors: int | None) -> list[Looks]:
    """The looks of a loop, from the poorest and smallest to the best and largest.

    One is looked at closely, over and over: it keeps its pixels, and with them its letters, the
    longest; what goes first are colours beyond 64 and then pictures a second.
    """
    rate = min(default_rate(reel.fps), 20)
    whole = min(reel.width, round(_LOOP_WIDTH * min(1.0, reel.width / reel.height)))
    share = whole / _LOOP_WIDTH
    slow: Rate = _SLOW if rate > _SLOW else rate
    few = [(160, 10, 16), (320, 10, 32), (480, 10, 48), (640, 10, 48), (800, 10, 64)]
    steps: list[Rung] = [
        *((max(1, round(share * wide)), number, many) for wide, number, many in few),
        (round(share * 960), 10, 64),
        (round(share * 960), slow, 64),
        (whole, 10, 48),
        (whole, 10, 64),
        (whole, slow, 64),
        (whole, slow, 128),
        (whole, rate, 64),
        (whole, rate, 128),
        (whole, rate, 256),
    ]
    return _looks(reel, steps, width, fps, colors)


def _looks(
    reel: Reel, steps: list[Rung], width: int | None, fps: int | None, colors: int | None
) -> list[Looks]:
    """The looks of a ladder, each once; what is asked for stays."""
    looks = [
        Looks(
            size_of(reel, min(wide, reel.width) if width is None else width),
            number if fps is None else fps,
            many if colors is None else colors,
        )
        for wide, number, many in steps
    ]
    return list(dict.fromkeys(looks))


def _fit(
    reel: Reel,
    path: Path,
    rungs: list[Looks],
    most: int,
    tell: Tell | None,
    jobs: int | None,
    progress: Progress | None,
) -> None:
    """Write the best that fits: half of what is left to try falls away each time."""
    low, high = 0, len(rungs)  # the rungs below `low` fit, those from `high` on do not
    rounds = math.ceil(math.log2(len(rungs) + 1))
    smallest = 0
    tried = 0
    with folder() as place:
        best, attempt = place / "best.gif", place / "attempt.gif"
        while low < high:
            middle = (low + high) // 2
            part = part_of(progress, tried / rounds, 1 / rounds)
            _write(reel, attempt, rungs[middle], jobs, part)
            tried += 1
            if attempt.stat().st_size <= most:
                os.replace(attempt, best)
                low = middle + 1
            else:
                smallest = attempt.stat().st_size
                high = middle
        if not low:
            raise UsageError(
                f"Even a GIF of {rungs[0]} has {math.ceil(smallest / 1000)} kB; allow more, or "
                "tell less of the story."
            )
        shutil.copyfile(best, path)
    if tell is not None:
        tell(f"{rungs[low - 1]}")


def _write(
    reel: Reel, path: Path, looks: Looks, jobs: int | None, progress: Progress | None
) -> None:
    first, second = (part_of(progress, begun, 0.5) for begun in (0, 0.5))
    with folder() as place:
        parts = parts_of(reel, looks.rate)
        tasks = [(part, _Task(reel, looks, part, place / f"{part[0]}")) for part in parts]
        counted = list(shared(_counted, tasks, reel, jobs, first))
        histogram = Histogram()
        for seen, _ in counted:
            histogram.take(seen)
        palette = Palette.of(histogram, looks.colors)
        painted = [(part, (task, palette)) for part, task in tasks]
        packets = list(shared(coded_range, painted, reel, jobs, second))
        last = max(begin for _, begin in counted)
        rest = round(100 * resting(reel, float(last / looks.rate)))
        options = {"loop": "0", "final_delay": str(rest)}
        with av.open(path, "w", format="gif", options=options) as film:
            stream = film.add_stream("gif", rate=looks.rate)
            _prepare(stream.codec_context, looks)
            film.start_encoding()
            for shown, data in chain.from_iterable(packets):
                packet = av.Packet(data)
                packet.stream = stream
                packet.pts = packet.dts = shown
                packet.time_base = _HUNDREDTH
                packet.is_keyframe = not shown
                film.mux(packet)


@dataclass(frozen=True)
class _Task:
    """A part of a film, and where its pictures lie as they are shown at this rate and size."""

    reel: Reel
    looks: Looks
    part: FrameRange
    pictures: Path


def _counted(task: _Task) -> tuple[Seen, int]:
    """How much each colour is seen in a part, and the frame at which its last picture begins.

    That is 0 where what stood before stands on. Its pictures are written down on the way, after
    the one that stands when it begins.
    """
    histogram = Histogram()
    (first, stop), (width, height) = task.part, task.looks.size
    looked_at = max(first - 1, 0), stop
    shown = np.zeros((height, width), np.int32)
    last = 0
    writer = PictureWriter(task.pictures, width, height)
    try:
        samples = sampled(task.reel, task.looks.rate, task.looks.size, part=looked_at)
        for number, sample in enumerate(samples):
            if number:
                writer.write(sample.pixels, sample.begin - looked_at[0] - writer.frame_count, [])
            writer.write(sample.pixels, 1, sample.changed if number else None)
            begin = max(sample.begin, first)
            last = sample.begin if sample.begin >= first else 0
            for left, top, right, bottom in sample.changed:
                part = np.s_[top:bottom, left:right]
                colours = colours_of(sample.pixels[part])
                if number:
                    histogram.add(shown[part], begin - stop)
                histogram.add(colours, stop - begin)
                shown[part] = colours
        writer.write(sample.pixels, stop - looked_at[0] - writer.frame_count, [])
        writer.close()
    finally:
        writer.abort()
    return histogram.seen(), last


def coded_range(given: tuple[_Task, Palette]) -> list[tuple[int, bytes]]:
    """Each different picture of a part in the colours of a palette, and when it is shown."""
    task, palette = given
    looks = task.looks
    first, _ = task.part
    start = max(first - 1, 0)
    context: VideoCodecContext = av.CodecContext.create("gif", "w")
    _prepare(context, looks)
    shown: Indices | None = None
    packets = []
    for number, _, pixels, changed in read_pictures(task.pictures):
        begin = start + number
        new = shown is None
        if shown is None:
            shown = np.zeros(pixels.shape[:2], np.uint8)
        for left, top, right, bottom in changed or [(0, 0, *looks.size)]:
            part = np.s_[top:bottom, left:right]
            indices = palette.indices(colours_of(pixels[part]))
            # Pictures that differed before the palette may be the same after it.
            new = new or not np.array_equal(indices, shown[part])
            shown[part] = indices
        if new:
            picture = _picture(shown, palette)
            picture.pts = int(begin * 100 // looks.rate)
            picture.time_base = _HUNDREDTH
            coded = [(packet.pts or 0, bytes(packet)) for packet in context.encode(picture)]
            # What stands when the part begins is there already.
            packets += coded if begin >= first else []
    return packets


def _prepare(context: VideoCodecContext, looks: Looks) -> None:
    context.width, context.height = looks.size
    context.pix_fmt = "pal8"
    context.time_base = _HUNDREDTH


def _picture(indices: Indices, palette: Palette) -> av.VideoFrame:
    """A frame of its own: the encoder keeps the last one."""
    height, width = indices.shape
    picture = av.VideoFrame(width, height, "pal8")
    pixels, colours = (np.asarray(memoryview(plane)) for plane in picture.planes)
    pixels.reshape(height, -1)[:, :width] = indices
    colours[: palette.plane.size] = palette.plane.ravel()
    return picture
