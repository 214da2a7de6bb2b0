"""H.264 of the parts of a film, coded side by side; a cache keeps them for other files of it.

A film as MP4, slides with a clip for each step, and a page that stops at each step hold the same
coded pictures: each part begins with a key frame, so that it stands for itself.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from lstmviz.export.common.parallel import FrameRange, shared
from lstmviz.export.video.h264 import Coding, coded
from lstmviz.export.video.skip_frames import Unit
from lstmviz.system.disk_cache import CODED
from lstmviz.system.hashing import exporters, file_key, key_of, package
from lstmviz.system.temporary import folder

if TYPE_CHECKING:
    from lstmviz.reel.reel import Reel
    from lstmviz.system.disk_cache import Cache

_COUNT = struct.Struct("<I")
_ENTRY = np.dtype([("size", "<u4"), ("key", "<u4"), ("shown", "<i8"), ("decoded", "<i8")])


def coded_parts(
    reel: Reel,
    coding: Coding,
    parts: Sequence[FrameRange],
    *,
    jobs: int | None = None,
    cache: Cache | None = None,
) -> Iterator[list[Unit]]:
    """Give the coded frames of each part of a film, in their order.

    They are made by so many processes, or taken from a cache, and are the same either way.

    Raises:
        UsageError: so many jobs are not possible.
        LstmvizError: a process was killed, the reel is damaged.
    """
    if cache is None:
        yield from _made(reel, coding, parts, jobs)
        return
    made_by = package(), exporters()
    key = key_of(*made_by, file_key(reel.path), float(coding.crf), coding.preset, list(parts))
    with folder() as place:
        kept = place / "parts"
        if cache.fetch(key, kept, CODED):
            with kept.open("rb") as file:
                for _ in parts:
                    yield _read(file)
            return
        with kept.open("wb") as file:
            for units in _made(reel, coding, parts, jobs):
                _write(file, units)
                yield units
        cache.keep(key, kept, CODED)


def _made(
    reel: Reel, coding: Coding, parts: Sequence[FrameRange], jobs: int | None
) -> Iterator[list[Unit]]:
    return shared(coded_range, [(part, (reel, coding, *part)) for part in parts], reel, jobs)


def coded_range(part: tuple[Reel, Coding, int, int]) -> list[Unit]:
    """Code some frames of a film, which begin with a key frame; run in a process of its own."""
    reel, coding, start, stop = part
    return list(coded(reel, reel.views(start, stop), coding))


def _write(file: BinaryIO, units: Sequence[Unit]) -> None:
    table = [(len(unit.data), unit.key, unit.shown, unit.decoded) for unit in units]
    file.write(_COUNT.pack(len(units)) + np.array(table, _ENTRY).tobytes())
    file.writelines(unit.data for unit in units)


def _read(file: BinaryIO) -> list[Unit]:
    (count,) = _COUNT.unpack(file.read(_COUNT.size))
    table = np.frombuffer(file.read(count * _ENTRY.itemsize), _ENTRY).tolist()
    return [Unit(file.read(size), shown, decoded, bool(key)) for size, key, shown, decoded in table]
