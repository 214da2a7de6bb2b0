"""Animated WebP, without loss and with an alpha channel: for web pages and chats.

Pillow, which codes each picture here, was weighed for the whole file: it compares whole pictures,
in one process; that takes nearly twice the time, and the file is 14 % larger.

Source: RFC 9649, "WebP Image Format", 2.7 "Extended File Format".
"""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from lstmviz.export.common.format import Format
from lstmviz.export.common.parallel import FrameRange
from lstmviz.export.common.progress import Progress
from lstmviz.export.loops.changes import Change, Coded, LoopStyle, changes, coded_with_times
from lstmviz.reel.frame_store import Pixels
from lstmviz.reel.reel import Reel
from lstmviz.system.atomic_files import whole_file

_ANIMATED, _ALPHA = 2, 16
_REPLACES = 2  # instead of being blended with what was there
_LONGEST = (1 << 24) - 1  # milliseconds that the format counts
# Of libwebp: more of either takes half as long again for a thirtieth less.
_EFFORT = {"quality": 0, "method": 1}


FORMAT = Format(
    ".webp",
    "loop",
    "WebP without background",
    "web pages, sharper than a GIF",
    alpha=True,
    pillow=("webp",),
    order=1,
)


def export(
    reel: Reel,
    path: str | Path,
    *,
    transparent: bool = True,
    width: int | None = None,
    fps: int | None = None,
    jobs: int | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write a WebP that loops for ever, holds its last picture, and has no background.

    `width`, at most, is in pixels (960, less for a tall film), `fps` by default about 25.
    Without `transparent` the background stays. `jobs` processes share the work, by default as
    many as there are processors; the file is the same for every number of them.

    Raises:
        UsageError: a width, a rate or a number of jobs that is not possible.
        LstmvizError: the file could not be written, the reel is damaged.
    """
    look = LoopStyle.of(reel, width, fps, transparent)
    with whole_file(path, ".webp", force=force) as temporary, temporary.open("w+b") as file:
        file.write(b"RIFF\0\0\0\0WEBP")
        head = struct.pack("<I", _ANIMATED | _ALPHA) + _three(look.size[0] - 1, look.size[1] - 1)
        file.write(_chunk(b"VP8X", head))
        file.write(_chunk(b"ANIM", struct.pack("<IH", 0, 0)))  # it loops for ever
        for stands, change in coded_with_times(look, coded_range, jobs, progress):
            left, top, right, bottom = change.box
            replaces, data = change.data
            place = _three(left // 2, top // 2, right - left - 1, bottom - top - 1)
            control = _three(min(stands, _LONGEST)) + bytes([replaces])
            file.write(_chunk(b"ANMF", place + control + data))
        length = file.tell()
        file.seek(4)
        file.write(struct.pack("<I", length - 8))


def coded_range(task: tuple[LoopStyle, FrameRange]) -> list[Coded[tuple[int, bytes]]]:
    """Give the changes of a part of a film, compressed, and how each is put onto the others."""
    return [_compressed(change) for change in changes(*task, grid=2)]


def _compressed(change: Change) -> Coded[tuple[int, bytes]]:
    pixels, replaces = change.pixels, _REPLACES
    if change.before is not None:
        same = (pixels.view(np.uint32) == change.before.view(np.uint32))[..., 0]
        if (same | (pixels[..., 3] == 255)).all():
            # What is left as it was need not be seen, and is told in few bytes.
            pixels, replaces = np.where(same[..., None], np.uint8(0), pixels), 0
    return Coded(change.begin, change.box, (replaces, _packed(pixels)))


def _packed(pixels: Pixels) -> bytes:
    """The picture as the chunks of a WebP file, made by Pillow."""
    made = BytesIO()
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    picture.save(made, "webp", lossless=True, exact=True, **_EFFORT)
    return made.getvalue()[12:]  # behind the head of the file


def _three(*numbers: int) -> bytes:
    """Numbers of three bytes each."""
    return b"".join(number.to_bytes(3, "little") for number in numbers)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
