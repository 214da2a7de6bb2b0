"""Temporary files and folders: each goes with its owner, and what a killed owner left goes later.

Each is locked for as long as the process lives that made it: the system lets go of a lock however
a process ends. So one whose lock is free is nobody's, and goes when another one is made beside it.
Its name says on which machine it was made, since not every shared folder passes locks on: what
another machine left goes after a day.
"""

from __future__ import annotations

import errno
import os
import platform
import re
import secrets
import shutil
import sys
import tempfile
import time
import weakref
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from lstmviz.errors import LstmvizError

# What a disk says that takes no more.
DISK = {errno.ENOSPC, errno.EFBIG, errno.EIO, errno.EROFS, getattr(errno, "EDQUOT", errno.ENOSPC)}

_NAME = re.compile(r"\.?lstmviz-([0-9a-f]{8})-[0-9a-f]{12}(\..*)?", re.DOTALL)
_LOCK = ".lock"  # the file in a folder whose lock stands for the folder's
_ABANDONED = 24 * 3600  # seconds
_ROOM = 2**20  # bytes that fit where there is room
_swept: set[tuple[int, Path]] = set()  # the folders that a process has looked through


class Temporary:
    """A temporary file or folder at `path`.

    It goes when `remove` is called, when nobody holds this any more, or when the process ends;
    copies of the process do not take it away.
    """

    def __init__(self, path: Path, lock: int | None) -> None:
        self.path = path
        self._gone = weakref.finalize(self, _let_go, path, lock, os.getpid())

    def remove(self) -> None:
        """Take it away, now."""
        self._gone()


def temporary_file(folder: Path, ending: str) -> Temporary:
    """Make an empty file of the usual permissions, hidden in a folder.

    Raises:
        OSError: it cannot be made.
    """
    _sweep(folder)
    while True:
        path = folder / f".{_new_name()}{ending}"
        with _whole(path):
            lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
            if sys.platform == "win32":  # where no open file can be renamed
                os.close(lock)
                return Temporary(path, None)
            if _held(lock, path):
                return Temporary(path, lock)


def temporary_folder(within: Path | None = None) -> Temporary:
    """Make a folder among the temporary ones of the system, or hidden within another one.

    Raises:
        OSError: it cannot be made.
    """
    place = Path(tempfile.gettempdir()) if within is None else within
    _sweep(place)
    while True:
        path = place / f"{'' if within is None else '.'}{_new_name()}"
        with _whole(path):
            path.mkdir(0o700)
            lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
            if _held(lock, path / _LOCK):
                return Temporary(path, lock)


def is_temporary(path: Path) -> bool:
    """Tell whether a path lies in a temporary folder, so that nobody asked for it by its name."""
    names = path.parent.parts
    return any(_NAME.fullmatch(name) and not name.startswith(".") for name in names)


def has_room(folder: Path) -> bool:
    """Tell whether a folder takes a file of some size."""
    with suppress(OSError), tempfile.TemporaryFile(dir=folder) as file:
        file.write(bytes(_ROOM))
        file.flush()
        return True
    return False


def no_room(error: OSError) -> LstmvizError:
    """Give the error that there is no place for temporary files, and what to do."""
    reason = (error.strerror or str(error)).lower()
    try:
        where = f" in {tempfile.gettempdir()}"
    except OSError:  # it says where it looked
        where = ""
    return LstmvizError(
        f"There is no place for temporary files{where} ({reason}); set TMPDIR to a folder with "
        "room."
    )


def remove(path: Path) -> None:
    """Take a file or a whole folder away, as far as that is possible."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    """Take away what was begun in this block, whatever ends it early, and whenever."""
    try:
        yield
    except BaseException:
        remove(path)
        raise


@cache
def _host() -> str:
    return f"{zlib.crc32(platform.node().encode()):08x}"


def _new_name() -> str:
    return f"lstmviz-{_host()}-{secrets.token_hex(6)}"


def _held(lock: int, path: Path) -> bool:
    """Lock what was just made; tell whether it is still there, and no other took it for left."""
    taken = _taken(lock)
    if taken is not False and path.exists():
        return True
    os.close(lock)
    return False


def _taken(lock: int) -> bool | None:
    """Lock a file for this process and its copies; None where this disk has no locks."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return False if error.errno in (errno.EAGAIN, errno.EACCES) else None
    return True


def _sweep(folder: Path) -> None:
    """Remove what killed processes left in a folder, the first time that this one uses it."""
    if (os.getpid(), folder) in _swept:
        return
    _swept.add((os.getpid(), folder))
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in list(entries):
            named = _NAME.fullmatch(entry.name)
            if named:
                with suppress(OSError):
                    _remove_if_left(entry, ours=named[1] == _host())


def _remove_if_left(entry: os.DirEntry[str], *, ours: bool) -> None:
    path = Path(entry.path)
    within = entry.is_dir(follow_symlinks=False)
    locks = ours and (within or sys.platform != "win32")
    age = time.time() - entry.stat(follow_symlinks=False).st_mtime
    if not locks and age < _ABANDONED:
        return
    lock = os.open(path / _LOCK if within else path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    try:
        left = _taken(lock)
        if left:
            remove(path)  # while nobody else can take it
    finally:
        os.close(lock)
    if left:
        remove(path)  # Windows removes no open file


def _let_go(path: Path, lock: int | None, owner: int) -> None:
    if lock is not None:
        os.close(lock)
    if os.getpid() == owner:
        remove(path)


@contextmanager
def place_for(path: str | Path | None) -> Iterator[tuple[Path, Callable[[object], object]]]:
    """Give where the reel is written; a temporary folder lives as long as the reel it keeps."""
    if path is not None:
        yield Path(path), lambda reel: None
        return
    made = _made()
    try:
        yield made.path / "film.reel", lambda reel: weakref.finalize(reel, made.remove)
    except BaseException:
        made.remove()
        raise


@contextmanager
def folder(within: Path | None = None) -> Iterator[Path]:
    """Give a temporary folder that goes away at the end, if need be within another one.

    Raises:
        LstmvizError: there is no room for temporary files, or no longer.
    """
    made = _made() if within is None else temporary_folder(within)
    try:
        yield made.path
    except OSError as error:
        if within is None and error.errno in DISK and not has_room(made.path):
            raise no_room(error) from error
        raise
    finally:
        made.remove()


def _made() -> Temporary:
    try:
        return temporary_folder()
    except OSError as error:
        raise no_room(error) from error
