"""H.264 film in MP4, with colours that are right and settings that play everywhere."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
from av.subtitles.subtitle import SubtitleSet

from lstmviz.errors import UsageError
from lstmviz.export.common.format import Format
from lstmviz.export.common.parallel import parts_at_steps
from lstmviz.export.common.progress import Progress, metadata, part_of
from lstmviz.export.common.steps import parts, words_of
from lstmviz.export.common.subtitles import Cue, cues
from lstmviz.export.video.coded_parts import coded_parts
from lstmviz.export.video.cover import cover_stream, write_cover
from lstmviz.export.video.h264 import Coding, coded, prepare
from lstmviz.reel.atoms import atoms, check_whole
from lstmviz.reel.reel import Frame, Reel, Step
from lstmviz.system.atomic_files import whole_file

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.container.core import Chapter
    from av.subtitles.stream import SubtitleStream
    from av.video.stream import VideoStream

    from lstmviz.export.video.skip_frames import Unit
    from lstmviz.system.disk_cache import Cache

FORMAT = Format(
    ".mp4",
    "film",
    "H.264 film that plays everywhere, with chapters and subtitles inside",
    "everything: PowerPoint, browsers, video sites",
    encoders=("libx264", "mov_text"),
)

_MILLISECOND = Fraction(1, 1000)
# What is tried to stay within a size: text is soft at the last, and can still be read.
_COARSER = (21, 24, 27, 30, 33, 36)
_THRIFTY = "medium"
# Players style the text themselves; the encoder only needs a style that it knows.
_STYLES = b"""[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Bold, Italic, Underline, Alignment
Style: Default,Arial,16,&Hffffff,0,0,0,2

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


def export(
    reel: Reel,
    path: str | Path,
    *,
    crf: float = 18,
    preset: str = "superfast",
    max_size: int | None = None,
    jobs: int | None = None,
    cache: Cache | None = None,
    cover: bool = True,
    force: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write a film with chapters, subtitles that players offer, and the index at its front.

    `crf` is x264's quality, 0 (lossless) to 51; at 18 text is crisp. `preset` trades time
    for size. With `max_size` (bytes) it is the best quality whose file is not larger, if that of
    `crf` is. A picture of odd width or height gets one more column or row, as the format
    needs even ones. Each step begins with a key frame, so that players land on it exactly.
    The frame rate is constant. `jobs` processes share the work, by default as many as there
    are processors; the file is the same for every number of them. A `cache` keeps what is
    coded, for other files of the film. The last picture is the `cover`, which folders and
    players show; it is left out where another page holds the film.

    Raises:
        UsageError: `crf` or `preset` is not one of x264's, `jobs` is not possible, or no quality
            that can be looked at is within `max_size`; it says how much the coarsest takes.
        LstmvizError: the file could not be written, the reel is damaged.
    """
    rungs = [Coding(crf, preset)]
    if max_size is not None:
        rungs += [Coding(coarser, _THRIFTY) for coarser in _COARSER if coarser > crf]
    with whole_file(path, ".mp4", force=force) as temporary:
        for number, coding in enumerate(rungs):
            told = part_of(progress, number / len(rungs), 1 / len(rungs))
            _write_film(temporary, reel, coding, jobs, cache, cover, told)
            size = temporary.stat().st_size
            if max_size is None or size <= max_size:
                break
        else:
            raise UsageError(
                f"Even a coarse MP4 of this size of picture has {math.ceil(size / 1000)} kB; allow "
                "more, choose a lower quality, or tell less of the story."
            )
        if progress is not None:
            progress(1.0)


def _write_film(
    path: Path,
    reel: Reel,
    coding: Coding,
    jobs: int | None,
    cache: Cache | None,
    cover: bool,
    progress: Progress | None,
) -> None:
    made = coded_parts(reel, coding, parts_at_steps(reel), jobs=jobs, cache=cache)
    with _film(path, reel, coding) as (film, stream):
        film.metadata.update(metadata(reel))
        film.set_chapters(_chapters(reel))
        captions = cues(reel)
        texts = _subtitle_stream(film, words_of(reel)["code"]) if captions else None
        picture = cover_stream(film, reel) if cover else None
        film.start_encoding()
        if picture is not None:
            write_cover(film, picture, reel)
        if texts is not None:
            _write_subtitles(film, texts, captions)
        done = 0
        for units in made:
            _write(film, stream, units)
            done += len(units)
            if progress is not None:
                progress(done / reel.frame_count)
        film.close()
        _only_offered(path)


def clips(
    reel: Reel,
    folder: Path,
    *,
    crf: float = 18,
    preset: str = "superfast",
    jobs: int | None = None,
    cache: Cache | None = None,
    progress: Progress | None = None,
) -> list[tuple[Step, Path]]:
    """Write each step of a reel as a film of its own into a folder: `01.mp4`, `02.mp4`, …

    `jobs` and `cache` are as of `export`.

    Raises:
        UsageError: `crf` or `preset` is not one of x264's, `jobs` is not possible.
        LstmvizError: a file could not be written, the reel is damaged.
    """
    coding = Coding(crf, preset)
    written = []
    steps = parts(reel)
    bounds = [(step.first_frame, step.last_frame + 1) for step in steps]
    made = coded_parts(reel, coding, bounds, jobs=jobs, cache=cache)
    for number, (step, units) in enumerate(zip(steps, made, strict=True), start=1):
        path = folder / f"{number:02}.mp4"
        _write_clip(reel, path, units, coding, step.first_frame)
        written.append((step, path))
        if progress is not None:
            progress((step.last_frame + 1) / reel.frame_count)
    return written


def write_clip(
    reel: Reel, path: Path, frames: Iterable[Frame], coding: Coding, *, force: bool = False
) -> None:
    """Write some frames of a reel, counted from 0, as a film without words."""
    _write_clip(reel, path, coded(reel, frames, coding), coding, 0, force)


def _write_clip(
    reel: Reel, path: Path, units: Iterable[Unit], coding: Coding, start: int, force: bool = False
) -> None:
    with (
        whole_file(path, ".mp4", force=force) as temporary,
        _film(temporary, reel, coding) as (film, stream),
    ):
        film.start_encoding()
        _write(film, stream, units, start)


@contextmanager
def _film(path: Path, reel: Reel, coding: Coding) -> Iterator[tuple[OutputContainer, VideoStream]]:
    with av.open(path, "w", format="mp4", options={"movflags": "+faststart"}) as film:
        stream = film.add_stream("libx264", rate=reel.fps)
        # It codes nothing itself: its headers are those of the coders of the parts.
        prepare(stream.codec_context, reel, coding)
        yield film, stream
    check_whole(path)


def _write(
    film: OutputContainer, stream: VideoStream, units: Iterable[Unit], start: int = 0
) -> None:
    """Put coded frames into a film that begins at `start`."""
    tick = stream.codec_context.time_base
    for unit in units:
        packet = av.Packet(unit.data)
        packet.stream = stream
        packet.pts, packet.dts, packet.duration = unit.shown - start, unit.decoded - start, 1
        packet.time_base = tick
        packet.is_keyframe = unit.key
        film.mux(packet)


def _subtitle_stream(film: OutputContainer, code: str) -> SubtitleStream:
    stream = film.add_stream("mov_text")
    stream.codec_context.subtitle_header = _STYLES
    stream.codec_context.time_base = _MILLISECOND
    stream.time_base = _MILLISECOND
    stream.metadata["language"] = code
    return stream


def _write_subtitles(
    film: OutputContainer, stream: SubtitleStream, captions: Sequence[Cue]
) -> None:
    for number, cue in enumerate(captions):
        text = cue.text.replace("{", "(").replace("}", ")").replace("\n", r"\N")
        line = f"{number},0,Default,,0,0,0,,{text}".encode()
        length = cue.end - cue.start
        packet = stream.codec_context.encode_subtitle(SubtitleSet.create(line, 0, length))
        packet.pts = packet.dts = cue.start
        packet.duration = length
        packet.time_base = _MILLISECOND
        packet.stream = stream
        film.mux(packet)


def _only_offered(path: Path) -> None:
    """Let players show the subtitles on demand only; the muxer switches every first track on."""
    ((start, length),) = ((at, size) for kind, at, size in atoms(path) if kind == "moov")
    with path.open("r+b") as file:
        file.seek(start)
        index = file.read(length)
        for track in _inside(index, 0, length, b"trak"):
            if b"hdlr\0\0\0\0\0\0\0\0sbtl" in index[slice(*track)]:
                ((head, _),) = _inside(index, *track, b"tkhd")
                file.seek(start + head + 3)  # after the version: flags, of which 1 is "enabled"
                file.write(bytes([index[head + 3] & ~1]))


def _inside(index: bytes, start: int, end: int, kind: bytes) -> Iterator[tuple[int, int]]:
    """Where the content of each atom of a kind begins and ends, within a part of the index."""
    while start < end:
        length = int.from_bytes(index[start : start + 4])
        if index[start + 4 : start + 8] == kind:
            yield start + 8, start + length
        start += length


def _chapters(reel: Reel) -> list[Chapter]:
    """The chapters in frames, or the steps where a film has none; the first begins the film."""
    named = [step for step in reel.steps if step.chapter] or list(reel.steps)
    starts = [0, *(step.first_frame for step in named[1:]), reel.frame_count]
    return [
        {
            "id": number,
            "start": starts[number],
            "end": starts[number + 1],
            "time_base": Fraction(1, reel.fps),
            "metadata": {"title": step.chapter or " ".join(step.caption.split()) or step.name},
        }
        for number, step in enumerate(named)
    ]
