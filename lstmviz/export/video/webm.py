"""VP9 film in WebM, for web pages: with an alpha channel if it is to lie on their ground."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
from av.video.frame import PictureType

from lstmviz.errors import UsageError
from lstmviz.export.common.format import Format
from lstmviz.export.common.parallel import FrameRange, parts_at_steps, shared
from lstmviz.export.common.progress import Progress, metadata
from lstmviz.export.common.transparency import views
from lstmviz.export.common.yuv import Repainted, tag
from lstmviz.reel.reel import Reel
from lstmviz.system.atomic_files import whole_file
from lstmviz.system.temporary import folder

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.video.stream import VideoStream

FORMAT = Format(
    ".webm",
    "film",
    "VP9 film, with a transparent ground if asked for",
    "web pages (Chromium, Firefox)",
    alpha=False,
    encoders=("libvpx-vp9",),
    order=1,
)

_SAME = {"fflags": "+bitexact"}  # no number in the file is drawn by chance


def export(
    reel: Reel,
    path: str | Path,
    *,
    transparent: bool = False,
    crf: float = 20,
    jobs: int | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write a film in which a held picture is kept once; each step begins with a key frame.

    With `transparent` the background is left out (Chromium, Firefox and OBS show it so;
    Safari wants a .mov). `crf` is the quality, 0 (best) to 63. `jobs` processes share the work,
    by default as many as there are processors; the file is the same for every number of them.

    Raises:
        UsageError: `crf` is not one of VP9's, `jobs` is not possible.
        LstmvizError: the file could not be written, the reel is damaged.
    """
    if not 0 <= crf <= 63:
        raise UsageError(f"crf {crf} is outside 0 (best) to 63 (smallest).")
    look = _Look(reel, "yuva420p" if transparent else "yuv420p", crf)
    with (
        whole_file(path, ".webm", force=force) as temporary,
        av.open(temporary, "w", format="webm", options=_SAME) as film,
        folder() as place,
    ):
        film.metadata.update(metadata(reel))
        stream: VideoStream | None = None
        tick = Fraction(1, reel.fps)
        tasks = [(part, (look, part, place / f"{part[0]}.webm")) for part in parts_at_steps(reel)]
        for coded, start in shared(coded_range, tasks, reel, jobs, progress):
            with av.open(coded) as opened:
                if stream is None:
                    stream = film.add_stream_from_template(opened.streams.video[0])
                    if transparent:
                        stream.metadata["alpha_mode"] = "1"
                for packet in opened.demux(video=0):
                    if packet.pts is None or packet.time_base is None:  # the end
                        continue
                    packet.pts = packet.dts = start + round(packet.pts * packet.time_base / tick)
                    packet.time_base, packet.duration = tick, 1
                    packet.stream = stream
                    film.mux(packet)
            coded.unlink()


@dataclass(frozen=True)
class _Look:
    """A film, how its pixels are kept, and how well."""

    reel: Reel
    kind: str
    crf: float

    @property
    def transparent(self) -> bool:
        return self.kind.startswith("yuva")


def coded_range(task: tuple[_Look, FrameRange, Path]) -> tuple[Path, int]:
    """Write a part of a film, from 0 on, as a file that holds what is to be seen through, too.

    Give it and the frame at which it begins.
    """
    look, (start, stop), path = task
    reel = look.reel
    with av.open(path, "w", format="webm") as film:
        stream = _stream(film, look)
        repainted = Repainted(look.kind)
        last, picture = start, None
        for frame in views(reel, (start, stop), transparent=look.transparent):
            picture = repainted(frame.pixels, frame.changed)
            picture.time_base = stream.codec_context.time_base
            last = frame.number
            picture.pts = last - start
            picture.pict_type = PictureType.NONE if last > start else PictureType.I
            film.mux(stream.encode(picture))
        if picture is not None and last < stop - 1 and stop == reel.frame_count:
            # The end of a film is that of its last picture: shown again, it stands long enough.
            picture.pts = stop - 1 - start
            picture.pict_type = PictureType.NONE
            film.mux(stream.encode(picture))
        film.mux(stream.encode())
    return path, start


def _stream(film: OutputContainer, look: _Look) -> VideoStream:
    reel = look.reel
    stream = film.add_stream("libvpx-vp9", rate=reel.fps)
    stream.width = reel.width + reel.width % 2
    stream.height = reel.height + reel.height % 2
    stream.pix_fmt = look.kind
    stream.options = {
        # For drawings its quick ways are as good and small as its careful ones.
        "crf": str(look.crf),
        "b": "0",
        "deadline": "realtime",
        "cpu-used": "8",
        "tune-content": "screen",
        # Blocks that differ by less than this from what stands there are not coded anew.
        "static-thresh": "100",
        "lag-in-frames": "0",  # looking ahead takes memory, and finds nothing
        # A picture that is never shown has no alpha to go with it.
        **({"auto-alt-ref": "0"} if look.transparent else {}),
    }
    stream.codec_context.time_base = Fraction(1, reel.fps)
    stream.codec_context.thread_count = 1  # parts are coded side by side
    tag(stream.codec_context)
    return stream
