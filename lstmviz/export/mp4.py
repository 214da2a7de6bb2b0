"""H.264 film in MP4, with colours that are right and settings that play everywhere."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
from av.video.frame import PictureType
from av.video.reformatter import Interpolation

from lstmviz.errors import UsageError
from lstmviz.export import Progress
from lstmviz.files import whole_file
from lstmviz.lossless import Pixels
from lstmviz.quicktime import check_whole
from lstmviz.reel import Reel

if TYPE_CHECKING:
    from av.container.core import Chapter

# Players guess the colours of an untagged film, and guess differently: 1 is BT.709 for
# matrix, primaries and transfer alike, and "limited" (16 to 235) for the range.
_BT709 = 1
_LIMITED = 1
# Without full chroma input every second column's colour is thrown away before filtering.
_CRISP = Interpolation.BICUBIC | Interpolation.FULL_CHR_H_INP | Interpolation.ACCURATE_RND
_PRESETS = (
    "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow",
)  # fmt: skip


def export(
    reel: Reel,
    path: str | Path,
    *,
    crf: float = 18,
    preset: str = "slow",
    progress: Progress | None = None,
) -> None:
    """Write a film with a constant frame rate, chapters, and the index at its front.

    `crf` is x264's quality, 0 (lossless) to 51; at 18 text is crisp. `preset` trades time
    for size. A picture of odd width or height gets one more column or row, as the format
    needs even ones. Each step begins with a key frame, so that players land on it exactly.

    Raises:
        UsageError: `crf` or `preset` is not one of x264's.
        LstmvizError: the file could not be written, the reel is damaged.
    """
    if not 0 <= crf <= 51:
        raise UsageError(f"crf {crf} is outside 0 (best) to 51 (smallest).")
    if preset not in _PRESETS:
        raise UsageError(f"There is no preset {preset}; choose one of {', '.join(_PRESETS)}.")
    tick = Fraction(1, reel.fps)
    keys = {step.first_frame for step in reel.steps}
    with whole_file(path, ".mp4") as temporary:
        with av.open(temporary, "w", format="mp4", options={"movflags": "+faststart"}) as film:
            film.metadata.update(_metadata(reel))
            stream = film.add_stream("libx264", rate=reel.fps)
            stream.width = reel.width + reel.width % 2
            stream.height = reel.height + reel.height % 2
            stream.pix_fmt = "yuv420p"
            stream.options = {
                "preset": preset,
                "tune": "animation",
                "crf": str(crf),
                "profile": "high",
                # Flat colours keep their hue within two levels, at a twentieth more in size.
                "x264-params": "chroma-qp-offset=-4",
            }
            context = stream.codec_context
            context.time_base = tick
            context.colorspace = context.color_primaries = context.color_trc = _BT709
            context.color_range = _LIMITED
            film.set_chapters(_chapters(reel))
            for frame in reel.frames():
                picture = _picture(frame.pixels)
                picture.time_base = tick
                for number in range(frame.number, frame.number + frame.repeat):
                    picture.pts = number
                    picture.pict_type = PictureType.I if number in keys else PictureType.NONE
                    film.mux(stream.encode(picture))
                    if progress is not None:
                        progress(number / reel.frame_count)
            film.mux(stream.encode())
        check_whole(temporary)
    if progress is not None:
        progress(1.0)


def _picture(pixels: Pixels) -> av.VideoFrame:
    height, width = pixels.shape[:2]
    if height % 2 or width % 2:
        pixels = np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    picture = av.VideoFrame.from_numpy_buffer(pixels, format="rgba")
    return picture.reformat(
        format="yuv420p",
        dst_colorspace="ITU709",
        dst_color_range="MPEG",
        interpolation=_CRISP,
    )


def _metadata(reel: Reel) -> dict[str, str]:
    known = {"title": reel.title, "comment": reel.alt}
    return {name: value for name, value in known.items() if value}


def _chapters(reel: Reel) -> list[Chapter]:
    """The chapters in frames; the first begins the film, whatever comes before its step."""
    named = [step for step in reel.steps if step.chapter]
    starts = [0, *(step.first_frame for step in named[1:]), reel.frame_count]
    return [
        {
            "id": number,
            "start": starts[number],
            "end": starts[number + 1],
            "time_base": Fraction(1, reel.fps),
            "metadata": {"title": step.chapter or ""},
        }
        for number, step in enumerate(named)
    ]
