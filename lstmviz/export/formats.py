"""Every file that users want, each made from a reel alone: chosen by the file's ending."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lstmviz.errors import UsageError
from lstmviz.export.common.format import Format, formats, meant_by
from lstmviz.export.common.parallel import naming
from lstmviz.reel.reel import Reel
from lstmviz.system.atomic_files import check_target, refuse_inputs

FORMATS = formats()


def format_of(path: str | Path) -> Format:
    """Find the kind of output by the ending of `path`, in capitals or not.

    Raises:
        UsageError: the ending is missing or unknown; lists the known ones.
    """
    ending = Path(path).suffix
    found = FORMATS.get(ending.lower())
    if found is None:
        meant = meant_by(ending, FORMATS) if ending else ""
        what = f"ends in {ending}, which is no known format{meant}" if ending else "has no ending"
        raise UsageError(f"{path} {what}; choose one of {', '.join(FORMATS)}.")
    return found


def check(path: str | Path, **options: Any) -> None:
    """Say before the long work whether `export` could write `path` with these options.

    Raises:
        UsageError: an unknown ending, an option of another format, a missing folder.
        LstmvizError: the folder is not writable, the library of an extra is missing.
    """
    chosen = format_of(path)
    known = chosen.options()
    for name in options:
        if name not in known:
            takes = ", ".join(known)
            raise UsageError(f"A {chosen.ending} file has no option {name}; it takes: {takes}.")
    chosen.require()
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
