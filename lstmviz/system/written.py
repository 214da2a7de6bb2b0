"""Which files lstmviz wrote, by what is in them: others, and changed ones, are not replaced.

Of each file that was written a line with the digest of its content is kept in the user's state
folder, or where `LSTMVIZ_CACHE` says: under whatever name a file lies now, it is known again. What
cannot be kept, or is forgotten after some ten thousand files, is no harm: the file is not replaced
without being asked for.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

_MOST = 2_000_000  # bytes of the list, after which its older half goes: 30,000 files


def note(path: Path) -> None:
    """Keep in mind that a file is, as it is now, one that lstmviz wrote."""
    with suppress(OSError):
        line = f"{_digest(path)}\n".encode()
        known = _list()
        known.parent.mkdir(parents=True, exist_ok=True)
        with known.open("ab", buffering=0) as file:
            file.write(line)
            too_long = file.tell() > _MOST
        if too_long:
            shorter = known.with_name(f".{secrets.token_hex(6)}")
            shorter.write_bytes(known.read_bytes()[-_MOST // 2 :])
            os.replace(shorter, known)


def is_known(path: Path) -> bool:
    """Tell whether a file is one that lstmviz wrote, and nobody changed."""
    with suppress(OSError):
        return _digest(path).encode() in _list().read_bytes()
    return False


def _list() -> Path:
    from platformdirs import user_state_path

    place = os.environ.get("LSTMVIZ_CACHE") or user_state_path("lstmviz", appauthor=False)
    return Path(place) / "written"


def _digest(path: Path) -> str:
    stat = path.stat()
    return _digest_as_of(path, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)


@lru_cache(maxsize=256)  # a file is looked at before the work, and when its place is taken
def _digest_as_of(path: Path, *_: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
