"""ProRes 4444 film in QuickTime, with an alpha channel: for Keynote and for cutting."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av

from lstmviz.export import Progress, metadata
from lstmviz.export.colour import Repainted, copied, tag
from lstmviz.files import whole_file
from lstmviz.quicktime import check_whole
from lstmviz.reel import Reel

_QUALITY = 8  # ProRes's own scale, 1 is best: twice as small as its default, and as good to see
_LAMBDA = 118  # by which FFmpeg multiplies such scales


def export(
    reel: Reel,
    path: str | Path,
    *,
    transparent: bool = True,
    progress: Progress | None = None,
) -> None:
    """Write a film without its background, in which a held picture is kept once.

    It is large (a megabyte a second and more), as programs that cut film want it. Without
    `transparent` the background stays.

    Raises:
        LstmvizError: the file could not be written, the reel is damaged.
    """
    with whole_file(path, ".mov") as temporary:
        options = {"movflags": "+faststart"}
        with av.open(temporary, "w", format="mov", options=options) as film:
            film.metadata.update(metadata(reel))
            stream = film.add_stream("prores_ks", rate=reel.fps)
            stream.width = reel.width + reel.width % 2
            stream.height = reel.height + reel.height % 2
            stream.pix_fmt = "yuva444p10le" if transparent else "yuv444p10le"
            stream.options = {
                "profile": "4444", "vendor": "apl0", "alpha_bits": "16", "threads": "0",
                "flags": "+qscale", "global_quality": str(_QUALITY * _LAMBDA),
            }  # fmt: skip
            stream.codec_context.time_base = Fraction(1, reel.fps)
            stream.time_base = Fraction(1, reel.fps)
            tag(stream.codec_context)
            repainted = Repainted(stream.pix_fmt, reel.background if transparent else None)
            for frame in reel.views():
                # The encoder works on several frames at once, and each must be its own.
                picture = copied(repainted(frame.pixels, frame.changed))
                picture.pts = frame.number
                picture.time_base = stream.codec_context.time_base
                for packet in stream.encode(picture):
                    packet.duration = frame.repeat
                    film.mux(packet)
                if progress is not None:
                    progress((frame.number + frame.repeat) / reel.frame_count)
            film.mux(stream.encode())
        check_whole(temporary)
