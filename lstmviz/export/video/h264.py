"""H.264 encoding: each picture once, however long it stands, and only what changed converted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import av
from av.codec.context import Flags
from av.video.frame import PictureType

from lstmviz.errors import UsageError
from lstmviz.export.common.yuv import Repainted, tag
from lstmviz.export.video.skip_frames import ENCODER, SkipFrames, Stream, Unit

if TYPE_CHECKING:
    from av.video.codeccontext import VideoCodecContext

    from lstmviz.reel.reel import Frame, Reel

PRESETS = (
    "ultrafast",
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
    "slower",
    "veryslow",
)
# Drawings are flat, with sharp edges: little of the adaptive quantiser, finer chroma and no
# smoothing between blocks keep hues and edges better, in fewer bytes.
_LOOK = (
    "aq-mode=1:aq-strength=0.4:chroma-qp-offset=-6:no-psy=1:no-deblock=1:subme=0:"
    "mbtree=1:rc-lookahead=20:scenecut=0:b-adapt=0"
)
_DELAY = 1  # frames by which decoding is ahead of showing, where B pictures are used


@dataclass(frozen=True)
class Coding:
    """How a film is coded: x264's quality and preset."""

    crf: float
    preset: str

    def __post_init__(self) -> None:
        if not 0 <= self.crf <= 51:
            raise UsageError(f"crf {self.crf} is outside 0 (best) to 51 (smallest).")
        if self.preset not in PRESETS:
            raise UsageError(
                f"There is no preset {self.preset}; choose one of {', '.join(PRESETS)}."
            )


def prepare(context: VideoCodecContext, reel: Reel, coding: Coding) -> None:
    """Set an encoder up for the pictures of a reel; the format needs even sizes."""
    context.width = reel.width + reel.width % 2
    context.height = reel.height + reel.height % 2
    context.pix_fmt = "yuv420p"
    context.framerate = Fraction(reel.fps)
    context.time_base = Fraction(1, reel.fps)
    context.thread_count = 1  # films are cut into parts, which are coded side by side
    context.flags |= Flags.global_header
    context.options = {
        "preset": coding.preset,
        "crf": str(coding.crf),
        "profile": "high",
        "x264-params": f"{ENCODER}:{_LOOK}",
    }
    tag(context)


def coded(reel: Reel, frames: Iterable[Frame], coding: Coding) -> Iterator[Unit]:
    """Code frames of a reel that follow each other, from a key frame on."""
    context: VideoCodecContext = av.CodecContext.create("libx264", "w")
    prepare(context, reel, coding)
    context.open()
    standing: SkipFrames | None = None
    for batch in _packets(context, frames):
        if standing is None:
            assert context.extradata is not None
            stream = Stream.read(context.extradata)
            standing = SkipFrames(stream, batch[1], _DELAY if stream.order_bits else 0)
        yield from standing.after(*batch)
    if standing is not None:
        yield from standing.rest()


def _packets(
    context: VideoCodecContext, frames: Iterable[Frame]
) -> Iterator[tuple[bytes, int, int]]:
    """Give the coded pictures, each with the frame that it begins at and how many it stands."""
    places: list[tuple[int, int]] = []
    repainted = Repainted("yuv420p")
    for frame in frames:
        picture = repainted(frame.pixels, frame.changed)
        picture.pts = len(places)
        picture.time_base = context.time_base
        # What stands is repeated from a reference, which a B picture is not.
        held = frame.repeat > 1 and places
        picture.pict_type = PictureType.P if held else PictureType.NONE
        places.append((frame.number, frame.repeat))
        for packet in context.encode(picture):
            yield bytes(packet), *places[packet.pts or 0]
    for packet in context.encode(None):
        yield bytes(packet), *places[packet.pts or 0]
