"""Animated PNG, without loss and with an alpha channel: for web pages and chats.

Pillow was weighed: it takes a third more time, in one process, and the file is 22 % larger.

Source: Portable Network Graphics, third edition (W3C), "Animation information".
"""

from __future__ import annotations

import struct
from pathlib import Path

from lstmviz.export.common.format import Format
from lstmviz.export.common.parallel import FrameRange
from lstmviz.export.common.png_writer import SIGNATURE, chunk, deflated
from lstmviz.export.common.progress import Progress
from lstmviz.export.loops.changes import Coded, LoopStyle, changes, coded_with_times
from lstmviz.reel.reel import Reel
from lstmviz.system.atomic_files import whole_file

# A frame replaces what was there, alpha included: decoders do not agree on blending.
_STAYS, _REPLACES = 0, 0
_LONGEST = 65535  # milliseconds that the format counts
_EFFORT = 5  # of the compression, 1 to 9


FORMAT = Format(
    ".apng",
    "loop",
    "animated PNG without background",
    "web pages, sharper than a GIF",
    alpha=True,
    order=2,
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
    """Write an animated PNG that loops for ever, holds its last picture, and has no background.

    `width`, at most, is in pixels (960, less for a tall film), `fps` by default about 25.
    Without `transparent` the background stays. `jobs` processes share the work, by default as
    many as there are processors; the file is the same for every number of them.

    Raises:
        UsageError: a width, a rate or a number of jobs that is not possible.
        LstmvizError: the file could not be written, the reel is damaged.
    """
    look = LoopStyle.of(reel, width, fps, transparent)
    with whole_file(path, ".apng", force=force) as temporary, temporary.open("w+b") as file:
        file.write(SIGNATURE + chunk(b"IHDR", struct.pack(">2I5B", *look.size, 8, 6, 0, 0, 0)))
        counted = file.tell()
        file.write(chunk(b"acTL", struct.pack(">2I", 0, 0)))
        frames = turn = 0
        for stands, change in coded_with_times(look, coded_range, jobs, progress):
            left, top, right, bottom = change.box
            stands = min(stands, _LONGEST)
            control = (right - left, bottom - top, left, top, stands, 1000, _STAYS, _REPLACES)
            file.write(chunk(b"fcTL", struct.pack(">5I2H2B", turn, *control)))
            turn += 1
            if frames:
                file.write(chunk(b"fdAT", struct.pack(">I", turn) + change.data))
                turn += 1
            else:
                file.write(chunk(b"IDAT", change.data))
            frames += 1
        file.write(chunk(b"IEND", b""))
        file.seek(counted)
        file.write(chunk(b"acTL", struct.pack(">2I", frames, 0)))


def coded_range(task: tuple[LoopStyle, FrameRange]) -> list[Coded[bytes]]:
    """Give the changes of a part of a film, compressed."""
    return [
        Coded(change.begin, change.box, deflated(change.pixels, _EFFORT))
        for change in changes(*task)
    ]
