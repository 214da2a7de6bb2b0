"""The cover inside a film file: a picture that folders and players show before it is played."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import av
from av.stream import Disposition

from lstmviz.export.common.png_writer import png

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.video.stream import VideoStream

    from lstmviz.reel.reel import Reel


def cover_stream(film: OutputContainer, reel: Reel) -> VideoStream:
    """Give a film that is not begun yet the place for a cover."""
    stream: VideoStream = film.add_stream("png", rate=1)
    stream.width, stream.height, stream.pix_fmt = reel.width, reel.height, "rgb24"
    stream.disposition = Disposition.attached_pic
    return stream


def write_cover(film: OutputContainer, stream: VideoStream, reel: Reel) -> None:
    """Put the last picture of a reel there, which shows what it comes to."""
    last = reel.frame(reel.frame_count - 1)
    packet = av.Packet(png(last[..., :3].copy()))
    packet.stream = stream
    packet.pts = packet.dts = 0
    packet.time_base = Fraction(1)
    film.mux(packet)
