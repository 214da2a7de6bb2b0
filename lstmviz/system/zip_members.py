"""Members of zip archives, never more of them than the archive can honestly hold."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from lstmviz.errors import UsageError

_SMALL = 16 << 20  # bytes that any member may have
_DENSEST = 50  # weights do not shrink more than that
_DIRECTORY = 8 << 20  # bytes of the list of members: some 100,000 of them


class _Wary(io.BufferedReader):
    """A file of which no large piece is read as long as `most` is set."""

    most: int | None = _DIRECTORY

    def read(self, size: int | None = -1, /) -> bytes:
        if self.most is not None and size is not None and size > self.most:
            raise UsageError("its list of parts is longer than is sensible")
        return super().read(size)


class _Archive(zipfile.ZipFile):
    """An archive that closes its file, as one does that was opened by its name."""

    def __init__(self, path: Path) -> None:
        self._file = _Wary(io.FileIO(path))
        try:
            super().__init__(self._file)
        except BaseException:
            self._file.close()
            raise
        self._file.most = None

    def close(self) -> None:
        super().close()
        self._file.close()


def open_archive(path: Path) -> zipfile.ZipFile:
    """An archive, to be closed, whose list of members is of a sensible size.

    Raises:
        UsageError: the list is too long.
        zipfile.BadZipFile, OSError, ...: it is damaged.
    """
    return _Archive(path)


def read_member(
    archive: zipfile.ZipFile, name: str, most: int | None = None, *, small: int = _SMALL
) -> bytes:
    """The bytes of a member; one of `small` bytes may be as dense as it likes.

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
    # The others, which neither NumPy nor PyTorch writes, may ask for gigabytes to be unpacked.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UsageError(f"the part '{name}' is compressed in a way that is not read")
    stored = info.compress_type == zipfile.ZIP_STORED
    if (
        (stored and info.file_size != info.compress_size)
        or (not stored and info.file_size > max(small, _DENSEST * info.compress_size))
        or info.compress_size > _size(archive)
    ):
        raise UsageError(f"the part '{name}' claims {info.file_size} bytes, which it cannot hold")
    if most is not None and info.file_size > most:
        raise UsageError(f"the part '{name}' has {info.file_size} bytes, more than is sensible")
    with archive.open(info) as member:
        content = member.read(info.file_size)
    if len(content) != info.file_size:
        raise UsageError(f"the part '{name}' is cut off")
    return content


def _size(archive: zipfile.ZipFile) -> int:
    assert archive.fp is not None  # it is open
    return archive.fp.seek(0, io.SEEK_END)
