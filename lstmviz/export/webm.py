"""VP9 film in WebM, for web pages: with an alpha channel if it is to lie on their ground."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import PictureType

from lstmviz.errors import UsageError
from lstmviz.export import Progress, metadata
from lstmviz.export.colour import Repainted, tag
from lstmviz.files import whole_file
from lstmviz.reel import Reel


def export(
    reel: Reel,
    path: str | Path,
    *,
    transparent: bool = False,
    crf: float = 18,
    progress: Progress | None = None,
) -> None:
    """Write a film in which a held picture is kept once; each step begins with a key frame.

    With `transparent` the background is left out (Chromium, Firefox and OBS show it so;
    Safari wants a .mov). `crf` is the quality, 0 (best) to 63.

    Raises:
        UsageError: `crf` is not one of VP9's.
        LstmvizError: the file could not be written, the reel is damaged.
    """
    if not 0 <= crf <= 63:
        raise UsageError(f"crf {crf} is outside 0 (best) to 63 (smallest).")
    keys = {step.first_frame for step in reel.steps}
    kind = "yuva420p" if transparent else "yuv420p"
    with whole_file(path, ".webm") as temporary, av.open(temporary, "w", format="webm") as film:
        film.metadata.update(metadata(reel))
        stream = film.add_stream("libvpx-vp9", rate=reel.fps)
        stream.width = reel.width + reel.width % 2
        stream.height = reel.height + reel.height % 2
        stream.pix_fmt = kind
        stream.options = {
            # For drawings its quick ways are as good and small as its careful ones.
            "crf": str(crf), "b": "0", "deadline": "realtime", "cpu-used": "6", "row-mt": "1",
            "tune-content": "screen",
            # A picture that is never shown has no alpha to go with it.
            **({"auto-alt-ref": "0"} if transparent else {}),
        }  # fmt: skip
        stream.codec_context.time_base = Fraction(1, reel.fps)
        tag(stream.codec_context)
        if transparent:
            stream.metadata["alpha_mode"] = "1"
        last, picture = 0, None
        repainted = Repainted(kind, reel.background if transparent else None)
        for frame in reel.views():
            picture = repainted(frame.pixels, frame.changed)
            picture.time_base = stream.codec_context.time_base
            shown = range(frame.number, frame.number + frame.repeat)
            for last in sorted({frame.number, *keys.intersection(shown)}):
                picture.pts = last
                picture.pict_type = PictureType.I if last in keys else PictureType.NONE
                film.mux(stream.encode(picture))
            if progress is not None:
                progress((frame.number + frame.repeat) / reel.frame_count)
        if picture is not None and last < reel.frame_count - 1:
            # The end of a film is that of its last picture: shown again, it stands long enough.
            picture.pts = reel.frame_count - 1
            picture.pict_type = PictureType.NONE
            film.mux(stream.encode(picture))
        film.mux(stream.encode())
