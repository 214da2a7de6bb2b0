"""ProRes frames of pictures that follow each other: only the slices that changed are coded.

A ProRes frame is cut into slices, each up to eight macroblocks wide and one high, which know
nothing of each other; behind its header stands a table of their sizes. With a fixed quantiser
a slice depends on its own pixels alone. So of a picture that changes in places these are coded,
as small pictures that begin where slices begin, and their slices put into the frame before.

Source: SMPTE RDD 36, "Apple ProRes Bitstream Syntax and Decoding Process", 5.1 to 5.3.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lstmviz.export.common.yuv import cropped
from lstmviz.reel.rectangles import Rect, on_grid, united

if TYPE_CHECKING:
    import av
    from av.video.codeccontext import VideoCodecContext

_MACROBLOCK = 16  # pixels
_WIDE = 8 * _MACROBLOCK  # of a slice; at the right edge narrower ones make up the rest


@dataclass(frozen=True)
class ProResFrame:
    """A coded frame: its own header, that of its picture, and its slices row by row."""

    head: bytes
    picture: bytes
    slices: list[bytes]

    @classmethod
    def read(cls, data: bytes) -> ProResFrame:
        """Take a frame apart."""
        (length,) = struct.unpack_from(">H", data, 8)
        start = 8 + length
        table = start + (data[start] >> 3)
        (count,) = struct.unpack_from(">H", data, start + 5)
        at = table + 2 * count
        slices = []
        for size in struct.unpack_from(f">{count}H", data, table):
            slices.append(data[at : at + size])
            at += size
        return cls(data[:start], data[start:table], slices)

    def data(self) -> bytes:
        """Put it together again."""
        sizes = [len(each) for each in self.slices]
        table = struct.pack(f">{len(sizes)}H", *sizes)
        length = len(self.picture) + len(table) + sum(sizes)
        picture = self.picture[:1] + struct.pack(">I", length) + self.picture[5:]
        head = struct.pack(">I", len(self.head) + length) + self.head[4:]
        return b"".join((head, picture, table, *self.slices))


class ProResSlices:
    """Codes pictures that follow each other; `coder` opens an encoder for a size."""

    def __init__(self, coder: Callable[[int, int], VideoCodecContext]) -> None:
        self._coder = coder
        self._coders: dict[tuple[int, int], VideoCodecContext] = {}
        self._frame: ProResFrame | None = None

    def __call__(self, picture: av.VideoFrame, changed: Sequence[Rect] | None) -> bytes:
        """Code a picture, which equals the one before outside of the boxes `changed`."""
        if self._frame is None or changed is None:
            self._frame = self._coded(picture)
        else:
            slices = self._frame.slices.copy()
            size = picture.width, picture.height
            for box in united(on_grid(box, (_WIDE, _MACROBLOCK), size) for box in changed):
                self._put(slices, picture, box)
            self._frame = replace(self._frame, slices=slices)
        return self._frame.data()

    def _put(self, slices: list[bytes], picture: av.VideoFrame, box: Rect) -> None:
        """Code the slices of a box that begins and ends where slices do."""
        left, top, _, bottom = box
        new = self._coded(cropped(picture, box)).slices
        rows = -(-(bottom - top) // _MACROBLOCK)
        across = len(new) // rows
        whole = len(slices) // -(-picture.height // _MACROBLOCK)
        for row in range(rows):
            at = (top // _MACROBLOCK + row) * whole + left // _WIDE
            slices[at : at + across] = new[row * across : (row + 1) * across]

    def _coded(self, picture: av.VideoFrame) -> ProResFrame:
        size = picture.width, picture.height
        if size not in self._coders:
            self._coders[size] = self._coder(*size)
        coder = self._coders[size]
        picture.pts = 0
        picture.time_base = coder.time_base
        (packet,) = coder.encode(picture)
        return ProResFrame.read(bytes(packet))
