"""Animated PNG, without loss and with an alpha channel: for web pages and chats.

Source: Portable Network Graphics, third edition (W3C), "Animation information".
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image

from lstmviz.export import Progress
from lstmviz.export.sampling import rate_of, resting, sampled, scaled, size_of, usual_width
from lstmviz.files import whole_file
from lstmviz.lossless import Pixels
from lstmviz.reel import Reel

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# A frame replaces what was there, alpha included: decoders do not agree on blending.
_STAYS, _REPLACES = 0, 0
_LONGEST = 65535

Box = tuple[int, int, int, int]  # left, top, right, bottom


def export(
    reel: Reel,
    path: str | Path,
    *,
    transparent: bool = True,
    width: int | None = None,
    fps: int | None = None,
    progress: Progress | None = None,
) -> None:
    """Write an animated PNG that loops for ever, holds its last picture, and has no background.

    `width`, at most, is in pixels (960, less for a tall film), `fps` by default about 25.
    Without `transparent` the background stays.

    Raises:
        UsageError: a width or rate that is not possible.
        LstmvizError: the file could not be written, the reel is damaged.
    """
    rate = rate_of(reel, fps)
    size = size_of(reel, usual_width(reel) if width is None else width)
    ground = reel.background if transparent else None
    pictures = (
        (number, scaled(pixels, size, ground)) for number, pixels in sampled(reel, rate, progress)
    )
    with whole_file(path, ".apng") as temporary, temporary.open("w+b") as file:
        file.write(_SIGNATURE)
        _chunk(file, b"IHDR", struct.pack(">2I5B", *size, 8, 6, 0, 0, 0))
        counted = file.tell()
        _chunk(file, b"acTL", struct.pack(">2I", 0, 0))
        frames = turn = 0
        for begin, until, box, pixels in _changes(pictures):
            stands = _held(begin, until, rate) if until else _rest(reel, begin / rate)
            left, top, right, bottom = box
            control = (right - left, bottom - top, left, top, stands, 1000, _STAYS, _REPLACES)
            _chunk(file, b"fcTL", struct.pack(">5I2H2B", turn, *control))
            turn += 1
            data = _compressed(pixels[top:bottom, left:right])
            if frames:
                _chunk(file, b"fdAT", struct.pack(">I", turn) + data)
                turn += 1
            else:
                _chunk(file, b"IDAT", data)
            frames += 1
        _chunk(file, b"IEND", b"")
        file.seek(counted)
        _chunk(file, b"acTL", struct.pack(">2I", frames, 0))


def _held(begin: int, until: int, rate: int) -> int:
    """Milliseconds, of which the format counts no more than 65535."""
    return min((until - begin) * 1000 // rate, _LONGEST)


def _rest(reel: Reel, begin: float) -> int:
    return min(round(1000 * resting(reel, begin)), _LONGEST)


def _changes(
    pictures: Iterator[tuple[int, Pixels]],
) -> Iterator[tuple[int, int | None, Box, Pixels]]:
    """Each new picture: when it begins and ends (the last: None), and the part that is new."""
    before: Pixels | None = None
    held: tuple[int, Box, Pixels] | None = None
    for begin, pixels in pictures:
        box = _difference(before, pixels)
        if box is None:
            continue
        if held is not None:
            yield held[0], begin, held[1], held[2]
        before, held = pixels, (begin, box, pixels)
    if held is not None:
        yield held[0], None, held[1], held[2]


def _difference(before: Pixels | None, pixels: Pixels) -> Box | None:
    height, width = pixels.shape[:2]
    if before is None:
        return 0, 0, width, height
    changed = (before.view(np.uint32) != pixels.view(np.uint32))[..., 0]
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _compressed(pixels: Pixels) -> bytes:
    """The picture as PNG data, filtered and compressed by Pillow."""
    made = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(made, "png", compress_level=9)
    content = made.getvalue()
    data, position = [], len(_SIGNATURE)
    while position < len(content):
        (length,) = struct.unpack_from(">I", content, position)
        if content[position + 4 : position + 8] == b"IDAT":
            data.append(content[position + 8 : position + 8 + length])
        position += length + 12
    return b"".join(data)


def _chunk(file: IO[bytes], kind: bytes, content: bytes) -> None:
    whole = kind + content
    file.write(struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole)))
