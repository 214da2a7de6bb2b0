"""The clips and the JSON of a deck for those who present with manim-slides.

Source: manim-slides 5, `manim_slides.config.PresentationConfig`: paths are found from the folder
in which it is started, or whole.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from lstmviz.export.common.progress import Progress
from lstmviz.export.common.steps import cut
from lstmviz.export.video.h264 import Coding
from lstmviz.export.video.mp4 import write_clip
from lstmviz.reel.frame_store import Pixels
from lstmviz.reel.reel import Frame, Reel
from lstmviz.system.atomic_files import check_target, made_folder, whole_file

_LONGEST = 60  # letters of a step's name in that of a file


def deck(
    reels: Sequence[Reel],
    folder: str | Path,
    *,
    name: str = "deck",
    crf: float = 18,
    force: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Write a clip and its reverse for every step into a folder, and give the JSON beside them.

    Then `manim-slides present NAME --folder DIR` shows them, and `manim-slides convert NAME
    talk.html --folder DIR` makes a reveal.js deck; the folder is made if it is missing.

    Raises:
        UsageError: `crf` is not one of x264's.
        LstmvizError: the folder or a file could not be written, the reel is damaged.
    """
    place = Path(folder)
    path = place / f"{name}.json"
    clips = made_folder(place / "files" / name)
    check_target(path, force=force)
    coding = Coding(crf, "medium")
    slides: list[dict[str, object]] = []
    for number, reel in enumerate(reels):
        for step, frames in cut(reel):
            called = re.sub(r"[^\w.]+", "-", step.name)[:_LONGEST]
            stem = f"{len(slides) + 1:02}-{called}"
            forward, backward = clips / f"{stem}.mp4", clips / f"{stem}_reversed.mp4"
            size = (reel.height, reel.width, 4)
            kept: list[tuple[bytes, int]] = []
            write_clip(reel, forward, _keeping(frames, kept), coding, force=force)
            write_clip(reel, backward, _reversed(kept, size), coding, force=force)
            slides.append(
                {
                    "file": str(forward.resolve()),
                    "rev_file": str(backward.resolve()),
                    "loop": False,
                    "auto_next": False,
                    "notes": " ".join(filter(None, (step.caption, step.notes))),
                }
            )
            if progress is not None:
                progress((number + (step.last_frame + 1) / reel.frame_count) / len(reels))
    first = reels[0]
    description = {
        "slides": slides,
        "resolution": [first.width, first.height],
        "background_color": first.background,
    }
    with whole_file(path, ".json", force=force) as temporary:
        temporary.write_text(
            json.dumps(description, ensure_ascii=False, indent=2), encoding="utf-8"
        )
    return path


def _keeping(frames: Iterator[Frame], kept: list[tuple[bytes, int]]) -> Iterator[Frame]:
    """Pass frames on, and keep them: packed, as flat pictures need a fiftieth of their memory."""
    for frame in frames:
        kept.append((zlib.compress(frame.pixels.tobytes(), 1), frame.repeat))
        yield frame


def _reversed(kept: list[tuple[bytes, int]], shape: tuple[int, int, int]) -> Iterator[Frame]:
    number = 0
    for packed, repeat in reversed(kept):
        pixels: Pixels = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(shape)
        yield Frame(pixels, repeat, number)
        number += repeat
