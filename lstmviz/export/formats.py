"""Every file that users want, each made from a reel alone: chosen by the file's ending."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lstmviz.errors import UsageError
from lstmviz.export.common.parallel import naming
from lstmviz.reel.reel import Reel
from lstmviz.system.atomic_files import check_target, refuse_inputs


@dataclass(frozen=True)
class Format:
    """A kind of output: its ending, what it is, and the function that makes it.

    `maker` is `module:function` and imported on use; the function takes a reel, a path and
    its own options by keyword.
    """

    ending: str
    description: str
    maker: str

    def function(self) -> Callable[..., None]:
        """Import the function that writes this kind of file."""
        module, _, name = self.maker.partition(":")
        function: Callable[..., None] = getattr(importlib.import_module(module), name)
        return function

    def options(self) -> tuple[str, ...]:
        """Name the options that `export` may be given for this kind of file."""
        parameters = inspect.signature(self.function()).parameters.values()
        return tuple(each.name for each in parameters if each.kind is each.KEYWORD_ONLY)


FORMATS = {
    each.ending: each
    for each in (
        Format(".mp4", "H.264 film that plays everywhere", "lstmviz.export.video.mp4:export"),
        Format(".gif", "looping GIF", "lstmviz.export.loops.gif:export"),
        Format(".png", "poster: the last frame of a step", "lstmviz.export.images.png:export"),
        Format(".srt", "subtitles for players", "lstmviz.export.common.subtitles:export"),
        Format(".vtt", "subtitles for web pages", "lstmviz.export.common.subtitles:export"),
        Format(".webm", "VP9 film for web pages", "lstmviz.export.video.webm:export"),
        Format(".mov", "film without background, for Keynote", "lstmviz.export.video.mov:export"),
        Format(".webp", "looping WebP without background", "lstmviz.export.loops.webp:export"),
        Format(".apng", "looping PNG without background", "lstmviz.export.loops.apng:export"),
        Format(".pdf", "handout: a page per step", "lstmviz.export.slides.pdf:export"),
        Format(".pptx", "slides: one per step", "lstmviz.export.slides.pptx:export"),
        Format(".html", "slides in one web page", "lstmviz.export.slides.html:export"),
        Format(".reel", "lossless master for further export", "lstmviz.export.formats:_copy"),
    )
}


def format_of(path: str | Path) -> Format:
    """Find the kind of output by the ending of `path`, in capitals or not.

    Raises:
        UsageError: the ending is missing or unknown; lists the known ones.
    """
    ending = Path(path).suffix
    found = FORMATS.get(ending.lower())
    if found is None:
        what = f"ends in {ending}, which is no known format" if ending else "has no ending"
        raise UsageError(f"{path} {what}; choose one of {', '.join(FORMATS)}.")
    return found


def check(path: str | Path, **options: Any) -> None:
    """Say before the long work whether `export` could write `path` with these options.

    Raises:
        UsageError: an unknown ending, an option of another format, a missing folder.
        LstmvizError: the folder is not writable.
    """
    chosen = format_of(path)
    known = chosen.options()
    for name in options:
        if name not in known:
            takes = ", ".join(known)
            raise UsageError(f"A {chosen.ending} file has no option {name}; it takes: {takes}.")
    check_target(path, force=bool(options.get("force")))


def export(reel: Reel, path: str | Path, **options: Any) -> Path:
    """Write the file that the ending of `path` asks for, whole or not at all, and give its path.

    Options differ by format, see the functions named in `FORMATS`; most take
    `progress`, a function that is told how much is done, from 0 to 1. With `force` a file may
    be replaced that lstmviz did not write, or that was changed since; no other option does that.

    Raises:
        UsageError: an unknown ending, an option of another format, a missing folder, a file
            that stays, the reel itself.
        LstmvizError: the folder is not writable, the disk is full, the reel is damaged, a process
            was killed and the one in its place, too.
    """
    refuse_inputs([path], [reel.path])
    check(path, **options)
    with naming(path):
        format_of(path).function()(reel, path, **options)
    return Path(path)


def _copy(reel: Reel, path: str | Path, *, force: bool = False) -> None:
    """Keep the master itself."""
    reel.save(path, force=force)
