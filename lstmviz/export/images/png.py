"""Still pictures: the last frame of a step, as poster or for a page."""

from __future__ import annotations

from pathlib import Path

from lstmviz.export.common.format import Format
from lstmviz.export.common.png_writer import png
from lstmviz.export.common.progress import Progress
from lstmviz.reel.alpha import straight
from lstmviz.reel.frame_store import Pixels
from lstmviz.reel.reel import Reel
from lstmviz.system.atomic_files import whole_file

FORMAT = Format(
    ".png",
    "still",
    "the last picture of a step",
    "posters, thumbnails",
    alpha=False,
)


def export(
    reel: Reel,
    path: str | Path,
    *,
    step: str | int | None = None,
    transparent: bool = False,
    force: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write the picture that a step ends with; without `step` that of the film.

    `step` is a name or a number, the first being 1. With `transparent` the background is
    left out.

    Raises:
        UsageError: there is no such step.
        LstmvizError: the file could not be written, the reel is damaged.
    """
    pixels = still(reel, step, transparent=transparent)
    with whole_file(path, ".png", force=force) as temporary:
        temporary.write_bytes(png(pixels))
    if progress is not None:
        progress(1.0)


def still(reel: Reel, step: str | int | None = None, *, transparent: bool = False) -> Pixels:
    """The picture that a step ends with, opaque or not; without `step` that of the film."""
    number = reel.frame_count - 1 if step is None else reel.step(step).last_frame
    pixels = reel.frame(number)
    if transparent:
        return straight(pixels, reel.background)
    # The colour is blended with the background already: opaque means to drop the alpha.
    return pixels[..., :3].copy()
