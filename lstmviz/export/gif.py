"""Looping GIF with a palette of its own: small, and as sharp as the film."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
from av.filter import Graph
from av.filter.context import FilterContext
from av.video.reformatter import Interpolation

from lstmviz.errors import UsageError
from lstmviz.export import Progress
from lstmviz.files import whole_file
from lstmviz.reel import Reel

_RATES = (50, 25, 20, 10)  # frames a second: GIF counts time in hundredths of a second
_HUNDREDTH = Fraction(1, 100)
_REST = 200  # hundredths of a second that the last picture stands at least, before the next round
# Against Lanczos: no ringing that would want colours of its own, a third smaller, 12 dB nearer.
_CRISP = Interpolation.AREA | Interpolation.FULL_CHR_H_INP | Interpolation.ACCURATE_RND


def export(
    reel: Reel,
    path: str | Path,
    *,
    width: int = 960,
    fps: int | None = None,
    colors: int = 256,
    progress: Progress | None = None,
) -> None:
    """Write a GIF that loops for ever and holds its last picture for two seconds at least.

    The film is never enlarged to `width` pixels. `fps` is 50, 25, 20 or 10, by default
    the one that leaves frames out most evenly. The palette of `colors` (2 to 256) is made
    from the whole film, and used without dithering: flat colours stay flat and small.

    Raises:
        UsageError: a width, rate or number of colours that GIF does not have.
        LstmvizError: the file could not be written, the reel is damaged.
    """
    if width < 1:
        raise UsageError(f"A GIF of {width} pixels of width is not possible.")
    if not 2 <= colors <= 256:
        raise UsageError(f"A GIF has 2 to 256 colours, not {colors}.")
    rate = default_rate(reel.fps) if fps is None else fps
    if rate not in _RATES:
        rates = ", ".join(map(str, _RATES))
        raise UsageError(f"A GIF cannot run at {rate} frames a second; choose one of {rates}.")
    width = min(width, reel.width)
    size = width, max(1, round(width * reel.height / reel.width))
    first = None if progress is None else (lambda done: progress(done / 2))
    second = None if progress is None else (lambda done: progress(0.5 + done / 2))
    palette, last = _palette(_pictures(reel, size, rate, first), colors)
    rest = max(_REST, round(reel.duration * 100) - last)
    pictures = _mapped(_pictures(reel, size, rate, second), palette)
    with whole_file(path, ".gif") as temporary:
        options = {"loop": "0", "final_delay": str(rest)}
        with av.open(temporary, "w", format="gif", options=options) as film:
            stream = film.add_stream("gif", rate=rate)
            stream.width, stream.height = size
            stream.pix_fmt = "pal8"
            stream.codec_context.time_base = _HUNDREDTH
            shown = b""
            for picture in pictures:
                content = bytes(picture.planes[0])
                # Pictures that differed before the palette may be the same after it.
                if content != shown:
                    film.mux(stream.encode(picture))
                shown = content
            film.mux(stream.encode())
    if progress is not None:
        progress(1.0)


def default_rate(fps: int) -> int:
    """The rate of the GIF of a film: 25 or 20 if they divide its rate evenly, else the nearest."""
    even = [rate for rate in (25, 20) if fps % rate == 0]
    nearest = [rate for rate in (25, 20, 10) if rate <= fps]
    return (even or nearest or [10])[0]


def _pictures(
    reel: Reel, size: tuple[int, int], rate: int, progress: Progress | None
) -> Iterator[av.VideoFrame]:
    """Each different picture that the GIF shows, opaque, with its time in hundredths."""
    count = max(1, round(reel.duration * rate))
    following = 0  # the frame of the GIF that is to be filled next
    for frame in reel.frames():
        begin = following
        while following < count and _source(following, count, reel, rate) < (
            frame.number + frame.repeat
        ):
            following += 1
        if following > begin:
            # The palette filters would take alpha for transparency, so it goes first.
            picture = (
                av.VideoFrame.from_numpy_buffer(frame.pixels, format="rgba")
                .reformat(*size, format="rgb24", interpolation=_CRISP)
                .reformat(format="bgra")
            )
            picture.pts = begin * 100 // rate
            picture.time_base = _HUNDREDTH
            yield picture
        if progress is not None:
            progress((frame.number + frame.repeat) / reel.frame_count)


def _source(number: int, count: int, reel: Reel, rate: int) -> int:
    """The frame of the reel that a frame of the GIF shows; the last ones go together."""
    if number == count - 1:
        return reel.frame_count - 1
    return min(round(number * reel.fps / rate), reel.frame_count - 1)


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
