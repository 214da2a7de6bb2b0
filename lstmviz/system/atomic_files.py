"""Files that appear whole or not at all, and never in the place of somebody else's.

`atomicwrites` was weighed: it is no longer kept up, and knows nothing of files that are not ours.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lstmviz.errors import LstmvizError, UsageError
from lstmviz.system import written
from lstmviz.system.temporary import DISK, Temporary, is_temporary, no_room, temporary_file

GONE = "The current folder is no longer there; change to another one and start again."


def check_target(path: str | Path, *, force: bool = False) -> Path:
    """Say at once whether a file can be written at `path`, and give its real path.

    Long work calls this before it starts. A link is followed, so that it stays a link. With
    `force` a file may be replaced that lstmviz did not write, or that was changed since.

    Raises:
        UsageError: the folder is missing, `path` is a folder or a device, or the file there stays.
        LstmvizError: the folder may not be written to.
    """
    given = Path(path)
    if not given.is_absolute() and folder_is_gone():
        raise UsageError(GONE)
    target = Path(os.path.realpath(given))
    if os.path.islink(target):
        raise UsageError(f"{given} is a link that leads in a circle; choose another path.")
    if os.path.isdir(target):
        raise UsageError(f"{given} is a folder; name a file in it.")
    # Replacing a device such as /dev/null by a file would harm the whole machine.
    if os.path.exists(target) and not os.path.isfile(target):
        raise UsageError(f"{given} is not an ordinary file; choose another path.")
    folder = target.parent
    if not folder.is_dir():
        named = f"{given.parent}"
        if os.path.islink(given) or os.path.islink(given.parent):
            named = f"{folder}, to which {given} leads,"
        reason = "is not a folder" if folder.exists() else "does not exist"
        raise UsageError(f"The folder {named} {reason}; create it or choose another path.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _not_writable(given)
    _refuse_loss(given, target, force)
    return target


def _refuse_loss(given: Path, target: Path, force: bool) -> None:
    """Refuse to replace what is not ours, and what was made read-only, whoever wrote it."""
    if not os.path.exists(target):
        return
    stat = target.stat()
    if not stat.st_mode & 0o222 or not os.access(target, os.W_OK):
        raise UsageError(f"{given} is read-only; make it writable, or choose another path.")
    # Of an empty file, as `mktemp` makes them, nothing is lost.
    if not force and stat.st_size and not written.is_known(target):
        raise UsageError(
            f"{given} was not written by lstmviz, or was changed since, and stays; choose another "
            "name, or replace it with force=True."
        )


def named_files(values: Iterable[object]) -> list[Path]:
    """Give the files that values name, if they are paths or texts, or `file.py:Name`."""
    found = []
    for value in values:
        if isinstance(value, str | Path):
            text = str(value)
            names = [text, text.rpartition(":")[0]] if ".py:" in text else [text]
            found += [Path(name) for name in names if os.path.isfile(name)]
    return found


def refuse_inputs(outputs: Iterable[str | Path], values: Iterable[object]) -> None:
    """Refuse to write a file that is also read, whatever names or links lead to it.

    `values` are what somebody gave; those that name a file are what is read.

    Raises:
        UsageError: an output is one of these files.
    """
    inputs = {_identity(path): path for path in named_files(values)}
    for output in outputs:
        if os.path.isfile(output) and (path := inputs.get(_identity(output))) is not None:
            same = "" if str(output) == str(path) else f", as {path},"
            raise UsageError(
                f"{output} is also read{same} and cannot be written, too; choose another path."
            )


def _identity(path: str | Path) -> tuple[int, int]:
    stat = os.stat(path)
    return stat.st_dev, stat.st_ino


def folder_is_gone() -> bool:
    """Tell whether the current folder was removed, in which nothing can be found any more."""
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False


def made_folder(path: Path) -> Path:
    """Make a folder where there is none yet, with those above it.

    Raises:
        UsageError: a file is in its place.
        LstmvizError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise UsageError(f"{path} is not a folder; choose another path.") from None
    except OSError as error:
        if folder_is_gone():
            raise UsageError(GONE) from None
        reason = (error.strerror or str(error)).lower()
        raise LstmvizError(
            f"The folder {path} cannot be made ({reason}); choose another place."
        ) from error
    return path


@contextmanager
def whole_file(
    path: str | Path, suffix: str | None = None, *, force: bool = False
) -> Iterator[Path]:
    """Give a temporary path beside `path` that becomes `path` when the block succeeds.

    Whatever ends the block early, Ctrl-C included, leaves neither the temporary file nor
    a half-written target; an older file at `path` then stays as it was. `suffix` is the
    ending of the temporary file (default: that of `path`), for writers that look at it. A file
    that somebody changes meanwhile stays, too, and the new one lies beside it.

    Raises:
        UsageError: as `check_target` with this `force`.
        LstmvizError: the file could not be written: no permission, disk full.
    """
    target = check_target(path, force=force)
    ending = target.suffix if suffix is None else suffix
    made: Temporary | None = None
    try:
        try:
            made = temporary_file(target.parent, ending)
        except PermissionError as error:
            raise _not_writable(Path(path)) from error
        yield made.path
        if not is_temporary(target):
            written.note(made.path)
        try:
            _refuse_loss(Path(path), target, force)
        except UsageError as error:
            beside = target.with_stem(f"{target.stem}-{secrets.token_hex(3)}")
            os.replace(made.path, beside)
            raise UsageError(f"{error} What would have replaced it is {beside}.") from None
        os.replace(made.path, target)
    except LstmvizError:
        raise
    except OSError as error:
        ours = made is None or str(error.filename or "") == str(made.path)
        if not ours and error.errno not in DISK:
            raise
        if is_temporary(target):
            raise no_room(error) from error
        reason = error.strerror or str(error)
        raise LstmvizError(
            f"{path} could not be written ({reason[:1].lower()}{reason[1:]}); "
            "mend that or choose another place."
        ) from error
    finally:
        if made is not None:
            made.remove()


def _not_writable(path: Path) -> LstmvizError:
    return LstmvizError(f"The folder {path.parent} is not writable; choose another path.")
