"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lstmviz.errors import LstmvizError, UsageError
from lstmviz.temporary import DISK, Temporary, is_temporary, no_room, temporary_file


def check_target(path: str | Path) -> Path:
    """Say at once whether a file can be written at `path`, and give its real path.

    Long work calls this before it starts. A link is followed, so that it stays a link.

    Raises:
        UsageError: the folder is missing, or `path` is a folder or a device.
        LstmvizError: the folder may not be written to.
    """
    given = Path(path)
    target = Path(os.path.realpath(given))
    if os.path.isdir(target):
        raise UsageError(f"{given} is a folder; name a file in it with -o.")
    # Replacing a device such as /dev/null by a file would harm the whole machine.
    if os.path.exists(target) and not os.path.isfile(target):
        raise UsageError(f"{given} is not an ordinary file; choose another with -o.")
    folder = target.parent
    if not folder.is_dir():
        reason = "is not a folder" if folder.exists() else "does not exist"
        raise UsageError(
            f"The folder {given.parent} {reason}; create it or choose another with -o."
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _not_writable(given)
    return target


@contextmanager
def whole_file(path: str | Path, suffix: str | None = None) -> Iterator[Path]:
    """Give a temporary path beside `path` that becomes `path` when the block succeeds.

    Whatever ends the block early, Ctrl-C included, leaves neither the temporary file nor
    a half-written target; an older file at `path` then stays as it was. `suffix` is the
    ending of the temporary file (default: that of `path`), for writers that look at it.

    Raises:
        UsageError: the folder is missing, or `path` is a folder or a device.
        LstmvizError: the file could not be written: no permission, disk full.
    """
    target = check_target(path)
    ending = target.suffix if suffix is None else suffix
    made: Temporary | None = None
    try:
        try:
            made = temporary_file(target.parent, ending)
        except PermissionError as error:
            raise _not_writable(Path(path)) from error
        yield made.path
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
            "mend that or choose another place with -o."
        ) from error
    finally:
        if made is not None:
            made.remove()


def _not_writable(path: Path) -> LstmvizError:
    return LstmvizError(f"The folder {path.parent} is not writable; choose another with -o.")
