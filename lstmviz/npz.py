"""The project's own .npz files: arrays and a JSON description, never pickle."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.errors import UsageError
from lstmviz.files import whole_file

Array = NDArray[np.floating[Any]]

_DAMAGED = (OSError, ValueError, EOFError, KeyError, NotImplementedError, RuntimeError,
            MemoryError, zipfile.BadZipFile, zlib.error)  # fmt: skip


def write_npz(path: str | Path, meta: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
    """Write `arrays` and the JSON description `meta` to one file, whole or not at all.

    `meta` names its "format" and "version", which `read_npz` asks for.

    Raises:
        LstmvizError: the place cannot be written to.
    """
    stored: dict[str, Any] = {"meta": np.array(json.dumps(meta, ensure_ascii=False)), **arrays}
    with whole_file(path, suffix=".npz") as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **stored)


def read_npz(path: str | Path, kind: str, version: int) -> tuple[dict[str, Any], dict[str, Array]]:
    """The description and the arrays of a file that `write_npz` made.

    `kind` is the format that the description must name, such as "lstmviz-trace".

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
            arrays = {name: stored[name] for name in stored.files if name != "meta"}
    except UsageError:
        raise
    except _DAMAGED as error:
        if isinstance(error, PermissionError):
            raise UsageError(f"{path} may not be read; change its permissions.") from error
        raise UsageError(f"{path} is damaged or not a {what} of lstmviz; make it again.") from error
    for name, array in arrays.items():
        if array.dtype not in (np.float32, np.float64) or not np.isfinite(array).all():
            raise UsageError(
                f"{path}: '{name}' holds something that is not a finite number; make it again."
            )
    return meta, arrays
