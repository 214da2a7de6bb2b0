"""The project's own .npz files: arrays and a JSON description, never pickle."""

from __future__ import annotations

import json
import math
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.errors import UsageError
from lstmviz.files import whole_file
from lstmviz.mapped import MappedFile, is_mapped, mapping, view

Array = NDArray[np.floating[Any]]

_DAMAGED = (OSError, ValueError, EOFError, KeyError, NotImplementedError, RuntimeError,
            MemoryError, zipfile.BadZipFile, zlib.error, struct.error)  # fmt: skip

MAPPED_FROM = 2**20  # bytes: a smaller array is read at once, and checked


def write_npz(
    path: str | Path,
    meta: Mapping[str, Any],
    arrays: Mapping[str, Array],
    *,
    force: bool = False,
) -> None:
    """Write `arrays` and the JSON description `meta` to one file, whole or not at all.

    `meta` names its "format" and "version", which `read_npz` asks for. With `force` a file may
    be replaced that lstmviz did not write, or that was changed since.

    Raises:
        UsageError: the folder is missing, or a file there stays.
        LstmvizError: the place cannot be written to.
    """
    stored: dict[str, Any] = {"meta": meta_array(meta), **arrays}
    with whole_file(path, ".npz", force=force) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **stored)


def meta_array(meta: Mapping[str, Any]) -> NDArray[np.str_]:
    """A JSON description as the array that stands for it in a file."""
    return np.array(json.dumps(meta, ensure_ascii=False))


def read_npz(
    path: str | Path, kind: str, version: int, *, mapped: bool = False
) -> tuple[dict[str, Any], dict[str, Array]]:
    """The description and the arrays of a file that `write_npz` or a GrowingNpz made.

    `kind` is the format that the description must name, such as "lstmviz-trace". With `mapped`
    large arrays that are not compressed stay in the file: they are read, and can be checked,
    only where they are looked at.

    Raises:
        UsageError: the file is missing, damaged, of another kind or of another version, or
            holds something that is not a finite number.
    """
    what = kind.removeprefix("lstmviz-")
    if not Path(path).is_file():
        raise UsageError(f"There is no file {path}; name a {what} saved by lstmviz.")
    foreign = UsageError(f"{path} is not a {what} of lstmviz; make one with lstmviz and try again.")
    try:
        stored = np.load(path, allow_pickle=False)
        if not isinstance(stored, np.lib.npyio.NpzFile):
            raise foreign
        with stored:
            if "meta" not in stored:
                raise foreign
            meta = json.loads(str(stored["meta"][()]))
            if not isinstance(meta, dict) or meta.get("format") != kind:
                raise foreign
            if meta.get("version") != version:
                raise UsageError(
                    f"{path} is a {what} of version {meta.get('version')}, but this lstmviz "
                    f"reads version {version}; make it again or update lstmviz."
                )
            arrays = _mapped(path, stored) if mapped else {}
            for name in stored.files:
                if name != "meta" and name not in arrays:
                    arrays[name] = stored[name]
    except UsageError:
        raise
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
    return meta, arrays


def _mapped(path: str | Path, stored: np.lib.npyio.NpzFile) -> dict[str, Array]:
    """The arrays that can stay in the file, by name."""
    found: dict[str, Array] = {}
    whole: MappedFile | None = None
    archive = stored.zip
    assert archive is not None  # it is open
    for name in stored.files:
        info = archive.getinfo(f"{name}.npy")
        stays = info.compress_type == zipfile.ZIP_STORED and info.file_size >= MAPPED_FROM
        if name == "meta" or not stays:
            continue
        if whole is None:
            whole = mapping(path)
        # The directory's sizes of what stands before the values may differ from the true ones.
        before = bytes(whole[info.header_offset : info.header_offset + 30])
        head, names, extra = struct.unpack("<4s22x2H", before)
        if head != b"PK\3\4":
            raise zipfile.BadZipFile(f"{name} has no header")
        with archive.open(info) as text:
            version = np.lib.format.read_magic(text)
            reading = {
                (1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0,
            }
            shape, columns_first, dtype = reading[version](text)
            start = info.header_offset + 30 + names + extra + text.tell()
        if start + math.prod(shape) * dtype.itemsize > len(whole):
            raise EOFError(f"{name} ends too early")
        if not columns_first and dtype in (np.float32, np.float64):
            found[name] = view(whole, start, dtype, shape)
    return found
