"""Animated WebP, without loss and with an alpha channel: for web pages and chats."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av

from lstmviz.export import Progress
from lstmviz.export.sampling import rate_of, resting, sampled, scaled, size_of, usual_width
from lstmviz.files import whole_file
from lstmviz.reel import Reel

_MILLISECOND = Fraction(1, 1000)


def export(
    reel: Reel,
    path: str | Path,
    *,
    transparent: bool = True,
    width: int | None = None,
    fps: int | None = None,
    progress: Progress | None = None,
) -> None:
    """Write a WebP that loops for ever, holds its last picture, and has no background.

    `width`, at most, is in pixels (960, less for a tall film), `fps` by default about 25.
    Without `transparent` the background stays.

    Raises:
        UsageError: a width or rate that is not possible.
        LstmvizError: the file could not be written, the reel is damaged.
    """
    rate = rate_of(reel, fps)
    size = size_of(reel, usual_width(reel) if width is None else width)
    ground = reel.background if transparent else None
    with (
        whole_file(path, ".webp") as temporary,
        av.open(temporary, "w", format="webp", options={"loop": "0"}) as film,
    ):
        stream = film.add_stream("libwebp_anim", rate=rate)
        stream.width, stream.height = size
        stream.pix_fmt = "bgra"
        stream.options = {"lossless": "1", "compression_level": "4"}
        stream.codec_context.time_base = _MILLISECOND
        picture, begin = None, 0
        for number, pixels in sampled(reel, rate, progress):
            picture = av.VideoFrame.from_ndarray(scaled(pixels, size, ground), format="rgba")
            picture.time_base = _MILLISECOND
            picture.pts = begin = round(number * 1000 / rate)
            film.mux(stream.encode(picture))
        if picture is not None:
            # The encoder ends with its last picture: shown again, it stands long enough.
            picture.pts = begin + round(1000 * resting(reel, begin / 1000))
            film.mux(stream.encode(picture))
        film.mux(stream.encode())
