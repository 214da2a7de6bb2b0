"""Looping GIF with a palette of its own: small, and as sharp as the film."""

from __future__ import annotations

import math
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from lstmviz.errors import UsageError
from lstmviz.export import Progress, Tell
from lstmviz.export.palette import Histogram, Indices, Palette, colours_of
from lstmviz.export.sampling import (
    default_rate,
    resting,
    sample_count,
    sampled,
    size_of,
    usual_width,
)  # fmt: skip
from lstmviz.files import whole_file
from lstmviz.reel import Reel

_RATES = (50, 25, 20, 10)  # frames a second: GIF counts time in hundredths of a second
_HUNDREDTH = Fraction(1, 100)


@dataclass(frozen=True)
class Looks:
    """What the size of a GIF depends on: width and height in pixels, rate, colours."""

    size: tuple[int, int]
    rate: int
    colors: int

    def __str__(self) -> str:
        return (
            f"{self.size[0]}×{self.size[1]}, {self.rate} pictures a second, {self.colors} colours"
        )


def export(
    reel: Reel,
    path: str | Path,
    *,
    width: int | None = None,
    fps: int | None = None,
    colors: int | None = None,
    max_size: int | None = None,
    tell: Tell | None = None,
    progress: Progress | None = None,
) -> None:
    """Write a GIF that loops for ever and holds its last picture for two seconds at least.

    The film is never enlarged to `width` pixels (960, less for a tall one). `fps` is 50, 25, 20
    or 10, by default the one that leaves frames out most evenly. The palette of `colors` (2 to
    256, which is the default) is made from the whole film, and used without dithering: flat
    colours stay flat and small.

    With `max_size` (bytes) the best width, rate and palette whose file is not larger are
    looked for, among those that the other options leave free; `tell` is told the choice.

    Raises:
        UsageError: a width, rate or number of colours that GIF does not have; even the
            poorest is too large.
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
    with whole_file(path, ".gif") as temporary:
        if max_size is None:
            _write(reel, temporary, usual, progress)
        else:
            rungs = ladder(reel, width, fps, colors)
            _fit(reel, temporary, rungs, max_size, tell, progress)
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
    steps = [
        (160, 10, 8), (240, 10, 16), (320, 10, 16), (320, 10, 32), (400, 10, 32), (480, 10, 32),
        (480, 10, 64), (560, rate, 32), (640, rate, 32), (640, rate, 64), (800, rate, 64),
        (960, rate, 64), (960, rate, 128), (960, rate, 256), (whole, rate, 256),
        *([(whole, 50, 256)] if reel.fps >= 50 else []),
    ]  # fmt: skip
    looks = [
        Looks(
            size_of(reel, min(wide, whole) if width is None else width),
            number if fps is None else fps,
            many if colors is None else colors,
        )
        for wide, number, many in steps
    ]
    return list(dict.fromkeys(looks))


def _fit(
    reel: Reel, path: Path, rungs: list[Looks], most: int, tell: Tell | None,
    progress: Progress | None,
) -> None:  # fmt: skip
    """Write the best that fits: half of what is left to try falls away each time."""
    low, high = 0, len(rungs)  # the rungs below `low` fit, those from `high` on do not
    rounds = math.ceil(math.log2(len(rungs) + 1))
    smallest = 0
    tried = 0
    with tempfile.TemporaryDirectory(prefix="lstmviz-") as folder:
        best, attempt = Path(folder) / "best.gif", Path(folder) / "attempt.gif"
        while low < high:
            middle = (low + high) // 2
            begun = tried / rounds
            part = None if progress is None else _part(progress, begun, 1 / rounds)
            _write(reel, attempt, rungs[middle], part)
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


def _part(progress: Progress, begun: float, share: float) -> Progress:
    return lambda done: progress(begun + share * done)


def _write(reel: Reel, path: Path, looks: Looks, progress: Progress | None) -> None:
    first = None if progress is None else _part(progress, 0, 0.5)
    second = None if progress is None else _part(progress, 0.5, 0.5)
    histogram, last = _counted(reel, looks, first)
    palette = Palette(histogram, looks.colors)
    rest = round(100 * resting(reel, last / looks.rate))
    options = {"loop": "0", "final_delay": str(rest)}
    with av.open(path, "w", format="gif", options=options) as film:
        stream = film.add_stream("gif", rate=looks.rate)
        stream.width, stream.height = looks.size
        stream.pix_fmt = "pal8"
        stream.codec_context.time_base = _HUNDREDTH
        for begin, indices in _mapped(reel, looks, palette, second):
            picture = _picture(indices, palette)
            picture.pts = begin * 100 // looks.rate
            picture.time_base = _HUNDREDTH
            film.mux(stream.encode(picture))
        film.mux(stream.encode())


def _counted(reel: Reel, looks: Looks, progress: Progress | None) -> tuple[Histogram, int]:
    """How much each colour is seen in the film, and the frame at which its last picture begins."""
    histogram = Histogram()
    count = sample_count(reel, looks.rate)
    shown = np.zeros((looks.size[1], looks.size[0]), np.int32)
    last = 0
    for number, sample in enumerate(sampled(reel, looks.rate, looks.size, progress=progress)):
        last = sample.begin
        for left, top, right, bottom in sample.changed:
            part = np.s_[top:bottom, left:right]
            colours = colours_of(sample.pixels[part])
            if number:
                histogram.add(shown[part], last - count)
            histogram.add(colours, count - last)
            shown[part] = colours
    return histogram, last


def _mapped(
    reel: Reel, looks: Looks, palette: Palette, progress: Progress | None
) -> Iterator[tuple[int, Indices]]:
    """Each different picture in the colours of a palette, and the frame at which it begins."""
    shown = np.zeros((looks.size[1], looks.size[0]), np.uint8)
    for number, sample in enumerate(sampled(reel, looks.rate, looks.size, progress=progress)):
        new = not number
        for left, top, right, bottom in sample.changed:
            part = np.s_[top:bottom, left:right]
            indices = palette.indices(colours_of(sample.pixels[part]))
            # Pictures that differed before the palette may be the same after it.
            new = new or not np.array_equal(indices, shown[part])
            shown[part] = indices
        if new:
            yield sample.begin, shown


def _picture(indices: Indices, palette: Palette) -> av.VideoFrame:
    """A frame of its own: the encoder keeps the last one."""
    height, width = indices.shape
    picture = av.VideoFrame(width, height, "pal8")
    pixels, colours = (np.asarray(memoryview(plane)) for plane in picture.planes)
    pixels.reshape(height, -1)[:, :width] = indices
    colours[: palette.plane.size] = palette.plane.ravel()
    return picture
