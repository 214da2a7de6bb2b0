"""Looping GIF with a palette of its own: small, and as sharp as the film."""

from __future__ import annotations

import math
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
from av.filter import Graph
from av.filter.context import FilterContext
from av.video.reformatter import Interpolation

from lstmviz.errors import UsageError
from lstmviz.export import Progress, Tell
from lstmviz.export.sampling import default_rate, resting, sampled, size_of, usual_width
from lstmviz.files import whole_file
from lstmviz.reel import Reel

_RATES = (50, 25, 20, 10)  # frames a second: GIF counts time in hundredths of a second
_HUNDREDTH = Fraction(1, 100)
# Against Lanczos: no ringing that would want colours of its own, a third smaller, 12 dB nearer.
_CRISP = Interpolation.AREA | Interpolation.FULL_CHR_H_INP | Interpolation.ACCURATE_RND


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
    palette, last = _palette(_pictures(reel, looks, first), looks.colors)
    rest = round(100 * resting(reel, last / 100))
    options = {"loop": "0", "final_delay": str(rest)}
    with av.open(path, "w", format="gif", options=options) as film:
        stream = film.add_stream("gif", rate=looks.rate)
        stream.width, stream.height = looks.size
        stream.pix_fmt = "pal8"
        stream.codec_context.time_base = _HUNDREDTH
        shown = b""
        for picture in _mapped(_pictures(reel, looks, second), palette):
            content = bytes(picture.planes[0])
            # Pictures that differed before the palette may be the same after it.
            if content != shown:
                film.mux(stream.encode(picture))
            shown = content
        film.mux(stream.encode())


def _pictures(reel: Reel, looks: Looks, progress: Progress | None) -> Iterator[av.VideoFrame]:
    """Each different picture that the GIF shows, opaque, with its time in hundredths."""
    for begin, pixels in sampled(reel, looks.rate, progress):
        # The palette filters would take alpha for transparency, so it goes first.
        picture = (
            av.VideoFrame.from_numpy_buffer(pixels, format="rgba")
            .reformat(*looks.size, format="rgb24", interpolation=_CRISP)
            .reformat(format="bgra")
        )
        picture.pts = begin * 100 // looks.rate
        picture.time_base = _HUNDREDTH
        yield picture


def _palette(pictures: Iterator[av.VideoFrame], colors: int) -> tuple[av.VideoFrame, int]:
    """The palette that fits all pictures best, itself a picture; and the last one's time."""
    first = next(pictures)
    graph = Graph()
    source, maker = _entry(graph, first), graph.add("palettegen", f"max_colors={colors}")
    sink = graph.add("buffersink")
    source.link_to(maker)
    maker.link_to(sink)
    graph.configure()
    last = 0
    for picture in chain([first], pictures):
        last = picture.pts or 0
        source.push(picture)
        # Asked for the palette, which is not ready yet, the filter takes the picture in;
        # else all pictures would wait in memory for the last one.
        list(_pulled(sink))
    source.push(None)
    return next(_pulled(sink)), last


def _mapped(pictures: Iterator[av.VideoFrame], palette: av.VideoFrame) -> Iterator[av.VideoFrame]:
    """The pictures in the colours of the palette."""
    first = next(pictures)
    graph = Graph()
    source, colours = _entry(graph, first), _entry(graph, palette)
    mapper, sink = graph.add("paletteuse", "dither=none"), graph.add("buffersink")
    source.link_to(mapper, 0, 0)
    colours.link_to(mapper, 0, 1)
    mapper.link_to(sink)
    graph.configure()
    for picture in (palette, None):
        colours.push(picture)
    for picture in chain([first], pictures, [None]):
        source.push(picture)
        # Pictures left in the sink would pile up in memory.
        yield from _pulled(sink)


def _entry(graph: Graph, like: av.VideoFrame) -> FilterContext:
    return graph.add_buffer(
        width=like.width, height=like.height, format=like.format, time_base=_HUNDREDTH
    )


def _pulled(sink: FilterContext) -> Iterator[av.VideoFrame]:
    while True:
        try:
            picture = sink.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        assert isinstance(picture, av.VideoFrame)
        yield picture
