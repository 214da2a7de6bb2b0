"""Members of zip archives, never more of them than the archive can honestly hold."""

from __future__ import annotations

import zipfile

from lstmviz.errors import UsageError

_SMALL = 16 << 20  # bytes that any member may have
_DENSEST = 50  # weights do not shrink more than that


def read_member(archive: zipfile.ZipFile, name: str, most: int | None = None) -> bytes:
    """The bytes of a member.

    Raises:
        UsageError: it is missing, or claims more than it can hold (a zip bomb), or than `most`.
        zipfile.BadZipFile, OSError, ...: it is damaged.
    """
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise UsageError(f"the part '{name}' is missing") from None
    if info.flag_bits & 1:
        raise UsageError(f"the part '{name}' is encrypted")
    stored = info.compress_type == zipfile.ZIP_STORED
    if (stored and info.file_size != info.compress_size) or (
        not stored and info.file_size > max(_SMALL, _DENSEST * info.compress_size)
    ):
        raise UsageError(f"the part '{name}' claims {info.file_size} bytes, which it cannot hold")
    if most is not None and info.file_size > most:
        raise UsageError(f"the part '{name}' has {info.file_size} bytes, more than is sensible")
    with archive.open(info) as member:
        content = member.read(info.file_size)
    if len(content) != info.file_size:
        raise UsageError(f"the part '{name}' is cut off")
    return content
