"""A cache on the disk, of a limited size, safe between processes.

`diskcache` was weighed: it copies every file that it takes in and gives out, which for a film of
200 MB takes a quarter of a second and the room twice over, where a link takes neither.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import shutil
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmviz.errors import LstmvizError, UsageError
from lstmviz.system.temporary import remove
from lstmviz.system.texts import json_of

if TYPE_CHECKING:
    pass


LIMIT = 4_000_000_000  # bytes; some hours of film


_PLACE = "LSTMVIZ_CACHE"


CODED = ".coded"  # the parts of a film, coded for more than one kind of file


_REEL, _READS, _SLICES, _NOTE = ".reel", ".reads", ".slices", ".note"


_OURS = (_REEL, _READS, _SLICES, _NOTE, CODED)


_LIMIT_FILE = "limit"


_ABANDONED = 24 * 3600  # seconds after which a half-written file belongs to nobody


_LOG = logging.getLogger("lstmviz")


@dataclass(frozen=True)
class Cache:
    """A folder of films by key; several processes may use it at once."""

    folder: Path

    @classmethod
    def usual(cls) -> Cache:
        """Give the user's cache: where `LSTMVIZ_CACHE` says, or where the system keeps caches.

        Raises:
            UsageError: `LSTMVIZ_CACHE` names a file.
        """
        from platformdirs import user_cache_path

        folder = Path(os.environ.get(_PLACE) or user_cache_path("lstmviz", appauthor=False))
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{_PLACE} names {folder}, which is not a folder; name a folder.")
        return cls(folder.absolute())

    @property
    def limit(self) -> int:
        """How many bytes it may hold."""
        try:
            return int((self.folder / _LIMIT_FILE).read_text(encoding="ascii"))
        except (OSError, ValueError):
            return LIMIT

    def set_limit(self, size: int) -> None:
        """Let it hold so many bytes from now on, and remove what is too much.

        Raises:
            LstmvizError: its folder cannot be written to.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / _LIMIT_FILE).write_text(str(size), encoding="ascii")
        except OSError as error:
            raise _unwritable(self.folder, error) from error
        self.trim()

    def fetch(self, key: str, place: Path, kind: str = _REEL) -> bool:
        """Put the film with a key at `place`, where nothing must be yet; tell if there was one."""
        for kept in self.folder.glob(f"{key}-*{kind}"):
            with suppress(OSError):
                _share(kept, place)
                if kept.name == _file_name(key, place, kind):
                    os.utime(kept)
                    return True
                place.unlink()  # the disk has lost something of it
                kept.unlink()
        return False

    def keep(self, key: str, film: Path, kind: str = _REEL) -> None:
        """Keep a film under its key, and no longer the slices that it was made of."""
        with self._trying():
            self.folder.mkdir(parents=True, exist_ok=True)
            if film.stat().st_size <= self.limit:
                _place(film, self.folder / _file_name(key, film, kind))
            self.trim()
        shutil.rmtree(self._slices(key), ignore_errors=True)

    def fetch_slices(self, key: str, place: Path) -> None:
        """Put the finished slices of a film whose drawing was broken off into a folder."""
        with suppress(OSError):
            for kept in self._slices(key).iterdir():
                if not kept.name.startswith("."):
                    _share(kept, place / kept.name)

    def keep_slice(self, key: str, piece: Path) -> None:
        """Keep a finished slice, until the film is."""
        with self._trying():
            folder = self._slices(key)
            folder.mkdir(parents=True, exist_ok=True)
            _place(piece, folder / piece.name)

    def reads(self, key: str) -> tuple[Path, ...] | None:
        """Give the files that a story was seen to read; None if it was never seen."""
        try:
            paths = tuple(Path(name) for name in self.noted(key, _READS))
            return None if any("\0" in str(path) for path in paths) else paths
        except TypeError:
            return None

    def note_reads(self, key: str, paths: Sequence[Path]) -> None:
        """Note which files a story was seen to read."""
        self.note(key, [str(path) for path in paths], _READS)

    def noted(self, key: str, kind: str = _NOTE) -> Any:
        """Give what was noted under a key; None where nothing was, or it cannot be read."""
        try:
            return json_of((self.folder / f"{key}{kind}").read_bytes())
        except (OSError, ValueError):
            return None

    def note(self, key: str, told: object, kind: str = _NOTE) -> None:
        """Note something under a key, in the place of what was noted before."""
        with self._trying():
            self.folder.mkdir(parents=True, exist_ok=True)
            note = self.folder / f".{secrets.token_hex(6)}"
            note.write_text(json.dumps(told), encoding="utf-8")
            os.replace(note, self.folder / f"{key}{kind}")

    def usage(self) -> tuple[int, int]:
        """Count the films, and the bytes of everything."""
        entries = list(self._entries())
        films = sum(path.suffix == _REEL for _, path, _ in entries)
        return films, sum(size for _, _, size in entries)

    def trim(self) -> None:
        """Remove what was not used for longest, until the limit is kept."""
        entries = sorted(self._entries())
        too_much = sum(size for _, _, size in entries) - self.limit
        now = time.time()
        for used, path, size in entries:
            abandoned = path.name.startswith(".") and now - used > _ABANDONED
            if too_much > 0 or abandoned:
                remove(path)
                too_much -= size

    def clear(self) -> int:
        """Remove everything but the limit, and give the bytes that were freed."""
        entries = list(self._entries())
        for _, path, _ in entries:
            remove(path)
        left = sum(size for _, path, size in entries if path.exists())
        if left:
            raise LstmvizError(f"Not all of the cache could be removed; look into {self.folder}.")
        return sum(size for _, _, size in entries)

    def _slices(self, key: str) -> Path:
        return self.folder / f"{key}{_SLICES}"

    def _entries(self) -> Iterator[tuple[float, Path, int]]:
        """When each was used last, where it is, and its size; only what is the cache's own."""
        with suppress(OSError):
            for path in self.folder.iterdir():
                if path.suffix not in _OURS and not path.name.startswith("."):
                    continue
                with suppress(OSError):
                    inside = [path, *path.iterdir()] if path.is_dir() else [path]
                    known = [each.stat() for each in inside]
                    size = sum(stat.st_size for stat in known)
                    yield max(stat.st_mtime for stat in known), path, size

    def _trying(self) -> Trying:
        return Trying(self.folder)


class Trying:
    """What fails in this block is said once, and does no harm."""

    said = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, OSError):
            return False
        if not Trying.said:
            _LOG.warning("%s Films are not kept.", _unwritable(self.folder, error))
            Trying.said = True
        return True


def _file_name(key: str, film: Path, kind: str) -> str:
    """Name a film by its key and a checksum of its content."""
    sum_ = 0
    with film.open("rb") as file:
        while data := file.read(1 << 20):
            sum_ = zlib.crc32(data, sum_)
    return f"{key}-{sum_:08x}{kind}"


def _share(source: Path, target: Path) -> None:
    """Let a file be at a second place, too: at no cost where the disk allows it."""
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:  # another disk, or one without links
        shutil.copyfile(source, target)


def _place(source: Path, target: Path) -> None:
    """Let a file be at `target`, too, whole or not at all; another one there is replaced."""
    temporary = target.with_name(f".{secrets.token_hex(6)}")
    try:
        _share(source, temporary)
        os.replace(temporary, target)
        os.utime(target)
    finally:
        temporary.unlink(missing_ok=True)


def _unwritable(folder: Path, error: OSError) -> LstmvizError:
    reason = (error.strerror or str(error)).lower()
    return LstmvizError(
        f"The cache {folder} cannot be written to ({reason}); "
        f"set {_PLACE} to a folder that can, or use cache=False."
    )
