"""Pictures with alpha in a QuickTime film, without loss: run-length coded, held ones once.

PyAV is imported when the first film is opened, so that the nouns of a reel stay cheap.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lstmviz.quicktime import Broken

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.stream import VideoStream

Pixels = npt.NDArray[np.uint8]  # (height, width, 4): red, green, blue, alpha

_KEY_EVERY = 60  # pictures; what a look at a single one must decode at most


class PictureWriter:
    """Write pictures, each for some frames, into the film at `path` (its ending is free)."""

    def __init__(self, path: Path, width: int, height: int, fps: int) -> None:
        import av

        self.frame_count = 0
        self._tick = Fraction(1, fps)
        self._last: Pixels | None = None
        self._waiting: list[Packet[VideoStream]] = []
        self._begun = 0
        self._container = av.open(path, "w", format="mov")
        self._stream = self._container.add_stream("qtrle", rate=fps)
        self._stream.width, self._stream.height = width, height
        self._stream.pix_fmt = "argb"
        self._stream.codec_context.gop_size = _KEY_EVERY
        self._stream.codec_context.time_base = self._tick
        self._stream.time_base = self._tick

    def write(self, pixels: Pixels, repeat: int) -> None:
        """Add a picture for `repeat` frames; one equal to the last only lengthens that one."""
        import av

        if self._last is None:
            self._last = pixels.copy()
        elif _equal(self._last, pixels):
            self.frame_count += repeat
            return
        else:
            np.copyto(self._last, pixels)
        self._mux()
        picture = av.VideoFrame.from_numpy_buffer(pixels, format="rgba").reformat(format="argb")
        picture.pts = self._begun = self.frame_count
        picture.time_base = self._tick
        self._waiting = self._stream.encode(picture)
        self.frame_count += repeat

    def close(self) -> None:
        """Write what waits, and the index."""
        self._mux()
        self._container.mux(self._stream.encode())
        self._container.close()

    def abort(self) -> None:
        """Let go of the file, whatever state it is in."""
        with suppress(Exception):
            self._container.close()

    def _mux(self) -> None:
        # A picture waits for the next one: only then is it known how long it stands.
        for packet in self._waiting:
            packet.duration = self.frame_count - self._begun
            self._container.mux(packet)
        self._waiting = []


def read_pictures(path: Path, fps: int, start: int = 0) -> Iterator[tuple[int, Pixels]]:
    """Give each picture with the number of the frame at which it begins.

    With `start`, begins at the last key frame that is not after that frame.

    Raises:
        Broken: the film cannot be read, or ends before its index says.
    """
    import av

    seen = 0
    try:
        with av.open(path, format="mov") as container:
            stream = container.streams.video[0]
            if start and stream.time_base is not None:
                offset = int(Fraction(start, fps) / stream.time_base)
                container.seek(offset, stream=stream, backward=True)
            for picture in container.decode(stream):
                if picture.pts is None or picture.time_base is None or picture.is_corrupt:
                    raise Broken
                seen += 1
                number = round(picture.pts * picture.time_base * fps)
                yield number, np.asarray(picture.to_ndarray(format="rgba"), np.uint8)
            if not start and seen != stream.frames:
                raise Broken
    except (av.FFmpegError, OSError, IndexError) as error:
        raise Broken from error


def _equal(one: Pixels, other: Pixels) -> bool:
    # Comparing whole pixels costs a quarter of comparing bytes.
    return bool((one.view(np.uint32) == other.view(np.uint32)).all())
