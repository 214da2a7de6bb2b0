"""The format `.reel`: the recorded film itself, for further export."""

from __future__ import annotations

from pathlib import Path

from lstmviz.export.common.format import Format
from lstmviz.reel.reel import Reel

FORMAT = Format(
    ".reel",
    "master",
    "all frames without loss",
    "making any of the others later",
)


def export(reel: Reel, path: str | Path, *, force: bool = False) -> None:
    """Keep the master itself."""
    reel.save(path, force=force)
