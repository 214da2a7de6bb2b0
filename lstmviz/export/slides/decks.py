"""Several stories as the slides of one talk: the format is chosen by the file's ending."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lstmviz.errors import UsageError
from lstmviz.export.common.parallel import naming
from lstmviz.export.common.progress import Progress
from lstmviz.reel.reel import Reel
from lstmviz.system.atomic_files import check_target

if TYPE_CHECKING:
    from lstmviz.system.disk_cache import Cache

ENDINGS = (".pptx", ".html", ".pdf")


def check(path: str | Path, *, force: bool = False) -> None:
    """Say before the long work whether slides could be written to `path`.

    Raises:
        UsageError: an ending that slides do not have, a missing folder, a file that stays.
        LstmvizError: the folder is not writable, python-pptx is missing.
    """
    if Path(path).suffix.lower() not in ENDINGS:
        raise UsageError(f"Slides cannot become {path}; choose one of {', '.join(ENDINGS)}.")
    check_target(path, force=force)
    if Path(path).suffix.lower() == ".pptx":
        from lstmviz.export.slides.pptx import require

        require()


def deck(
    reels: Sequence[Reel],
    path: str | Path,
    *,
    title: str | None = None,
    jobs: int | None = None,
    cache: Cache | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Write the steps of the stories, one after the other, as slides, and give the path.

    Films are coded by so many `jobs`, and a `cache` keeps what is coded.

    Raises:
        UsageError: no stories, and whatever `check` says.
        LstmvizError: the folder is not writable, python-pptx is missing, a reel is damaged.
    """
    check(path, force=force)
    if not reels:
        raise UsageError("Slides need a story, and there is none.")
    ending = Path(path).suffix.lower()
    module = importlib.import_module(f"lstmviz.export.slides{ending}")
    films = {} if ending == ".pdf" else {"jobs": jobs, "cache": cache}
    with naming(path):
        module.deck(reels, path, title=title, force=force, progress=progress, **films)
    return Path(path)
