"""ProRes 4444 film in QuickTime, with an alpha channel: for Keynote and for cutting."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av

from lstmviz.export.common.format import Format
from lstmviz.export.common.parallel import FrameRange, parts_at_steps, shared
from lstmviz.export.common.progress import Progress, metadata
from lstmviz.export.common.transparency import views
from lstmviz.export.common.yuv import Repainted, tag, tag_picture
from lstmviz.export.video.cover import cover_stream, write_cover
from lstmviz.export.video.prores import ProResSlices
from lstmviz.reel.atoms import check_whole
from lstmviz.reel.reel import Reel
from lstmviz.system.atomic_files import whole_file
from lstmviz.system.temporary import folder

if TYPE_CHECKING:
    from av.video.codeccontext import VideoCodecContext

FORMAT = Format(
    ".mov",
    "film",
    "ProRes film without background",
    "Keynote, cutting",
    alpha=True,
    encoders=("prores_ks",),
    order=2,
)

_QUALITY = 8  # ProRes's own scale, 1 is best: twice as small as its default, and as good to see
_LAMBDA = 118  # by which FFmpeg multiplies such scales


def export(
    reel: Reel,
    path: str | Path,
    *,
    transparent: bool = True,
    jobs: int | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write a film without its background, in which a held picture is kept once.

    It is large (a megabyte a second and more), as programs that cut film want it. Without
    `transparent` the background stays. `jobs` processes share the work, by default as many as
    there are processors; the file is the same for every number of them.

    Raises:
        UsageError: so many jobs are not possible.
        LstmvizError: the file could not be written, the reel is damaged.
    """
    look = _Look(reel, transparent)
    # The parts are as large as the film: they lie where that has room.
    with whole_file(path, ".mov", force=force) as temporary, folder(temporary.parent) as place:
        options = {"movflags": "+faststart"}
        with av.open(temporary, "w", format="mov", options=options) as film:
            film.metadata.update(metadata(reel))
            stream = film.add_stream("prores_ks", rate=reel.fps)
            stream.time_base = Fraction(1, reel.fps)
            look.prepare(stream.codec_context, reel.width, reel.height)
            cover = cover_stream(film, reel)
            film.start_encoding()
            write_cover(film, cover, reel)
            tasks = [(part, (look, part, place / f"{part[0]}")) for part in parts_at_steps(reel)]
            for frames, coded in shared(coded_range, tasks, reel, jobs, progress):
                with coded.open("rb") as file:
                    for number, repeat, size in frames:
                        packet = av.Packet(file.read(size))
                        packet.stream = stream
                        packet.pts = packet.dts = number
                        packet.duration = repeat
                        packet.time_base = Fraction(1, reel.fps)
                        packet.is_keyframe = True
                        film.mux(packet)
                coded.unlink()
        check_whole(temporary)


@dataclass(frozen=True)
class _Look:
    """A film, with its ground or without."""

    reel: Reel
    transparent: bool

    @property
    def kind(self) -> str:
        return "yuva444p10le" if self.transparent else "yuv444p10le"

    def prepare(self, context: VideoCodecContext, width: int, height: int) -> None:
        context.width = width + width % 2
        context.height = height + height % 2
        context.pix_fmt = self.kind
        context.framerate = Fraction(self.reel.fps)
        context.time_base = Fraction(1, self.reel.fps)
        context.thread_count = 1  # parts are coded side by side
        context.options = {
            "profile": "4444",
            "vendor": "apl0",
            "alpha_bits": "8",
            "flags": "+qscale",
            "global_quality": str(_QUALITY * _LAMBDA),
        }
        tag(context)

    def coder(self, width: int, height: int) -> VideoCodecContext:
        context: VideoCodecContext = av.CodecContext.create("prores_ks", "w")
        self.prepare(context, width, height)
        return context


def coded_range(task: tuple[_Look, FrameRange, Path]) -> tuple[list[tuple[int, int, int]], Path]:
    """Write the coded frames of a part of a film into a file.

    Give of each its number, for how many it stands and its length, and the file.
    """
    look, part, path = task
    reel = look.reel
    repainted = Repainted(look.kind)
    slices = ProResSlices(look.coder)
    frames = []
    with path.open("wb") as file:
        for frame in views(reel, part, transparent=look.transparent):
            picture = repainted(frame.pixels, frame.changed)
            tag_picture(picture)
            data = slices(picture, repainted.boxes)
            file.write(data)
            frames.append((frame.number, frame.repeat, len(data)))
    return frames, path
