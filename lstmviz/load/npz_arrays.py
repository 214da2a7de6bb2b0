"""An .npz of arrays that anybody saved: by the names of PyTorch, or under any others."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Contents, Tensor
from lstmviz.load.torch import state_dict as named
from lstmviz.npz.npy import read_header
from lstmviz.system.zip_members import open_archive, read_member

_MOST = 100_000  # arrays


def read(path: Path, nonlinearity: str | Mapping[str, str] | None = None) -> Contents:
    """The contents of an .npz of arrays, of which those with PyTorch's names are layers.

    Raises:
        UsageError: it is damaged, or has too many arrays.
    """
    archive = open_archive(path)  # open as long as there are arrays to be read
    members = [name for name in dict.fromkeys(archive.namelist()) if name.endswith(".npy")]
    if len(members) > _MOST:
        raise UsageError(f"it has {len(members):,} arrays, more than any network")
    arrays = {}
    for member in members:
        with archive.open(member) as file:
            try:
                header = read_header(file, archive.getinfo(member).file_size)
            except ValueError:  # of objects, which only a pickle could make
                continue
        if header.dtype.kind in "fiub":
            arrays[member.removesuffix(".npy")] = Tensor(header.shape, _reader(archive, member))
    return named.contents("file of NumPy's arrays", arrays, nonlinearity)


def _reader(archive: zipfile.ZipFile, member: str) -> Callable[[], NDArray[Any]]:
    def read() -> NDArray[Any]:
        content = read_member(archive, member)
        return read_header(io.BytesIO(content), len(content)).array(content)

    return read
