"""Several stories as the slides of one talk: the format is chosen by the file's ending."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lstmviz.errors import UsageError
from lstmviz.export.common.format import endings, formats, meant_by
from lstmviz.export.common.parallel import naming
from lstmviz.export.common.progress import Progress
from lstmviz.reel.reel import Reel
from lstmviz.system.atomic_files import check_target

if TYPE_CHECKING:
    from lstmviz.system.disk_cache import Cache


def check(path: str | Path, *, force: bool = False) -> None:
    """Say before the long work whether slides could be written to `path`.

    Raises:
        UsageError: an ending that slides do not have, a missing folder, a file that stays.
        LstmvizError: the folder is not writable, python-pptx is missing.
    """
    known = endings("deck")
    ending = Path(path).suffix.lower()
    if ending not in known:
        raise UsageError(
            f"Slides cannot become {path}{meant_by(ending, known)}; choose one of "
            f"{', '.join(known)}."
        )
    check_target(path, force=force)
    formats()[ending].require()


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
    chosen = formats()[Path(path).suffix.lower()]
    given = {"title": title, "jobs": jobs, "cache": cache, "force": force, "progress": progress}
    taken = chosen.options("deck")
    with naming(path):
        chosen.function("deck")(reels, path, **{k: v for k, v in given.items() if k in taken})
    return Path(path)
