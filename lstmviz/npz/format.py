"""The project's own .npz files: arrays and a JSON description, never pickle."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.errors import UsageError
from lstmviz.npz.mapped import MappedFile, is_mapped, mapping, view
from lstmviz.npz.npy import read_header
from lstmviz.npz.writer import GrowingNpz
from lstmviz.system.atomic_files import whole_file
from lstmviz.system.zip_members import open_archive, read_member

Array = NDArray[np.floating[Any]]

# What the standard library raises over damaged archives and descriptions; RuntimeError stands
# for JSON that is nested too deeply, NotImplementedError for archives of later kinds.
_DAMAGED = (
    OSError,
    ValueError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    MemoryError,
    zipfile.BadZipFile,
    zlib.error,
)

MAPPED_FROM = 2**20  # bytes: a smaller array is read at once, and checked
# Zeros compress a thousandfold, so that a small file may ask for any amount of memory: what is
# larger than this is written as it is, and refused if it is far larger than the file.
COMPRESSED = 128 << 20  # bytes of all arrays
COMPRESSED_META = 32 << 20  # bytes of the description
_DENSEST = 50
_MOST = 10_000  # arrays


def write_npz(
    path: str | Path,
    meta: Mapping[str, Any],
    arrays: Mapping[str, Array],
    *,
    force: bool = False,
) -> None:
    """Write `arrays` and the JSON description `meta` to one file, whole or not at all.

    `meta` names its "format" and "version", which `read_npz` asks for. Large arrays are not
    compressed. With `force` a file may be replaced that lstmviz did not write, or that was
    changed since.

    Raises:
        UsageError: the folder is missing, or a file there stays.
        LstmvizError: the place cannot be written to.
    """
    told = meta_array(meta)
    stored: dict[str, Any] = {"meta": told, **arrays}
    large = sum(array.nbytes for array in stored.values()) > COMPRESSED
    with whole_file(path, ".npz", force=force) as temporary, temporary.open("w+b") as file:
        if large or told.nbytes > COMPRESSED_META:
            growing = GrowingNpz(file)
            for name, array in stored.items():
                growing.add(name, array)
            growing.finish()
        else:
            np.savez_compressed(file, allow_pickle=False, **stored)


def meta_array(meta: Mapping[str, Any]) -> NDArray[np.str_]:
    """A JSON description as the array that stands for it in a file."""
    return np.array(json.dumps(meta, ensure_ascii=False))


def read_npz(
    path: str | Path, kind: str, version: int, parts: tuple[str, ...], *, mapped: bool = False
) -> tuple[dict[str, Any], dict[str, Array]]:
    """The description and the arrays of a file that `write_npz` or a GrowingNpz made.

    `kind` is the format that the description must name, such as "lstmviz-trace"; arrays whose
    names begin with none of `parts` are not read. With `mapped` large arrays that are not
    compressed stay in the file: they are read, and can be checked, only where they are looked
    at.

    Raises:
        UsageError: the file is missing, damaged, of another kind or of another version, or
            holds something that is not a finite number, or claims more than it can hold.
    """
    what, place = kind.removeprefix("lstmviz-"), Path(path)
    if not place.is_file():
        raise UsageError(f"There is no file {path}; name a {what} saved by lstmviz.")
    foreign = UsageError(f"{path} is not a {what} of lstmviz; make one with lstmviz and try again.")
    try:
        with place.open("rb") as file:
            if file.read(6) == b"\x93NUMPY":
                raise foreign
        with open_archive(place) as archive:
            names = archive.namelist()
            if "meta.npy" not in names:
                raise foreign
            meta = _meta(archive)
            if not isinstance(meta, dict) or meta.get("format") != kind:
                raise foreign
            if meta.get("version") != version:
                raise UsageError(
                    f"{path} is a {what} of version {_short(meta.get('version'))}, but this "
                    f"lstmviz reads version {version}; make it again or update lstmviz."
                )
            members = [n for n in dict.fromkeys(names) if n.startswith(parts) and n[-4:] == ".npy"]
            _refuse_bombs(archive, members, place.stat().st_size)
            arrays = _mapped(place, archive, members) if mapped else {}
            for member in members:
                if member[:-4] not in arrays:
                    arrays[member[:-4]] = _array(read_member(archive, member, small=COMPRESSED))
    except UsageError as error:
        if error is foreign or str(path) in str(error):
            raise
        raise UsageError(f"{path} is not a whole {what}: {error}; make it again.") from error
    except _DAMAGED as error:
        if isinstance(error, PermissionError):
            raise UsageError(f"{path} may not be read; change its permissions.") from error
        raise UsageError(f"{path} is damaged or not a {what} of lstmviz; make it again.") from error
    for name, array in arrays.items():
        good = array.dtype in (np.float32, np.float64)
        if not good or not (is_mapped(array) or np.isfinite(array).all()):
            raise UsageError(
                f"{path}: '{name}' holds something that is not a finite number; make it again."
            )
        if not array.size:
            raise UsageError(f"{path}: '{name}' is empty; make it again.")
    return meta, arrays


def _meta(archive: zipfile.ZipFile) -> Any:
    told = _array(read_member(archive, "meta.npy", small=COMPRESSED_META))
    if told.shape or told.dtype.kind != "U":
        raise ValueError("no description")
    # Not by NumPy, which fails over numbers that stand for no letter.
    order = "be" if told.dtype.byteorder == ">" else "le"
    return json.loads(told.tobytes().decode(f"utf-32-{order}").rstrip("\0"))


def _short(version: Any) -> str:
    """A version for a sentence, which a file may give as anything."""
    return str(version) if type(version) is int and abs(version) < 1000 else "an unknown kind"


def _array(content: bytes) -> NDArray[Any]:
    return read_header(io.BytesIO(content), len(content)).array(content)


def _refuse_bombs(archive: zipfile.ZipFile, members: list[str], size: int) -> None:
    if len(members) > _MOST:
        raise UsageError(f"it has {len(members)} arrays")
    claimed = sum(archive.getinfo(member).file_size for member in members)
    if claimed > max(COMPRESSED, _DENSEST * size):
        raise UsageError(f"it claims {claimed} bytes, which it cannot hold")


def _mapped(path: Path, archive: zipfile.ZipFile, members: list[str]) -> dict[str, Array]:
    """The arrays that can stay in the file, by name."""
    found: dict[str, Array] = {}
    whole: MappedFile | None = None
    for member in members:
        info = archive.getinfo(member)
        stays = info.compress_type == zipfile.ZIP_STORED and info.file_size >= MAPPED_FROM
        if not stays or info.flag_bits & 1:
            continue
        if whole is None:
            whole = mapping(path)
        # The directory's sizes of what stands before the values may differ from the true ones.
        before = bytes(whole[info.header_offset : info.header_offset + 30])
        if len(before) < 30 or before[:4] != b"PK\3\4":
            raise zipfile.BadZipFile(f"{member} has no header")
        names, extra = (int.from_bytes(before[at : at + 2], "little") for at in (26, 28))
        start = info.header_offset + 30 + names + extra
        with archive.open(info) as text:
            header = read_header(text, min(info.file_size, len(whole) - start))
        if not header.columns_first and header.dtype in (np.float32, np.float64):
            found[member[:-4]] = view(whole, start + header.size, header.dtype, header.shape)
    return found
