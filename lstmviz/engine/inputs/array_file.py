"""The array of a .npy file, or of an .npz file that has one."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from lstmviz.errors import UsageError, brief
from lstmviz.npz.npy import read_header, read_npy
from lstmviz.system.zip_members import open_archive, read_member

MAPPED_FROM = 2**20  # bytes of a .npy file: a larger one is read where it is looked at
_DAMAGED = (
    ValueError,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)


def read_array(path: Path) -> NDArray[Any]:
    """The array of a .npy file, a large one read where it is looked at, or that of an .npz file.

    Raises:
        UsageError: it cannot be read, is damaged, or has several arrays, or objects.
    """
    try:
        return _only(path) if zipfile.is_zipfile(path) else read_npy(path, MAPPED_FROM)
    except UsageError:
        raise
    except _DAMAGED as error:
        if isinstance(error, OSError) and error.strerror:
            why = f"cannot be read: {error.strerror.lower()}"
        else:
            why = "is damaged or no array of numbers; save it with numpy.save"
        raise UsageError(f"{path} {why}.") from error


def _only(path: Path) -> NDArray[Any]:
    with open_archive(path) as archive:
        names = [name.removesuffix(".npy") for name in archive.namelist()]
        if "meta" in names:
            raise UsageError(
                f"{path} is a trace or a network of lstmviz, no input; give a network as network=, "
                "and a trace in place of both (--trace, or Trace.load in Python)."
            )
        if len(names) != 1:
            told = brief(", ".join(names), 100)
            raise UsageError(
                f"{path} holds {len(names)} arrays ({told}); save one of them with numpy.save."
            )
        try:
            content = read_member(archive, archive.namelist()[0])
        except UsageError as error:
            raise UsageError(f"{path} is not read: {error}; save it with numpy.save.") from None
        return read_header(io.BytesIO(content), len(content)).array(content)
