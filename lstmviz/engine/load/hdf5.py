"""HDF5 files with suspicion: nothing outside the file is opened, nothing too large is made."""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.load.contents import from_bfloat16
from lstmviz.errors import UsageError

_SMALL = 16 << 20  # bytes that any array may have
_DENSEST = 50  # weights do not shrink more than that


class Hdf5:
    """An HDF5 file whose links stay inside it."""

    def __init__(self, source: Path | IO[bytes]) -> None:
        try:
            import h5py
        except ImportError:
            raise UsageError(
                "reading Keras files needs the package h5py; install it with: "
                "pip install 'lstmviz[networks]'"
            ) from None
        self._h5py = h5py
        # In memory, so that a path in the file that means another one beside it leads nowhere.
        inside = io.BytesIO(source.read_bytes()) if isinstance(source, Path) else source
        self.file = h5py.File(inside, "r")

    def find(self, path: str) -> Any | None:
        """The group or dataset at a path; None if there is none.

        Raises:
            UsageError: a link on the way leads elsewhere.
        """
        here: Any = self.file
        for name in path.split("/"):
            if not name:
                continue
            if not isinstance(here, self._h5py.Group) or name not in here:
                return None
            if not isinstance(here.get(name, getlink=True), self._h5py.HardLink):
                raise UsageError(f"'{path}' is a link, and links are not followed")
            here = here[name]
        return here

    def names(self, path: str) -> list[str]:
        """What a group holds, by name; nothing if there is no such group."""
        group = self.find(path)
        return [str(name) for name in group] if isinstance(group, self._h5py.Group) else []

    def attribute(self, path: str, name: str) -> Any:
        """An attribute of a group, which Keras cuts into pieces when it is long; None if absent."""
        group = self.find(path)
        if group is None:
            return None
        if name in group.attrs:
            return group.attrs[name]
        pieces: list[Any] = []
        while f"{name}{len(pieces)}" in group.attrs and len(pieces) < 10_000:
            pieces.append(group.attrs[f"{name}{len(pieces)}"])
        return np.concatenate(pieces) if pieces else None

    def text(self, path: str, name: str) -> str | None:
        """An attribute that is text."""
        value = self.attribute(path, name)
        if value is None:
            return None
        return value.decode() if isinstance(value, bytes) else str(value)

    def texts(self, path: str, name: str) -> list[str]:
        """An attribute that is a list of texts."""
        value = self.attribute(path, name)
        if value is None:
            return []
        return [one.decode() if isinstance(one, bytes) else str(one) for one in np.ravel(value)]

    def shape(self, path: str) -> tuple[int, ...]:
        """The shape of a dataset."""
        return tuple(int(n) for n in self._dataset(path).shape)

    def array(self, path: str) -> NDArray[Any]:
        """The values of a dataset.

        Raises:
            UsageError: it is missing, or claims more than the file has.
        """
        data = self._dataset(path)
        size, stored = data.size * data.dtype.itemsize, data.id.get_storage_size()
        if size > stored and (data.chunks is None or size > max(_SMALL, _DENSEST * stored)):
            raise UsageError(f"'{path}' claims {size} bytes, but the file has {stored} of them")
        if data.dtype.kind not in "fiubV" or data.dtype.hasobject:
            raise UsageError(f"'{path}' holds no numbers")
        values: NDArray[Any] = data[()]
        told = data.attrs.get("dtype")
        if told in ("bfloat16", b"bfloat16"):
            return from_bfloat16(np.ascontiguousarray(values).view(np.uint16).reshape(data.shape))
        return values

    def _dataset(self, path: str) -> Any:
        data = self.find(path)
        if not isinstance(data, self._h5py.Dataset) or data.shape is None:
            raise UsageError(f"'{path}' is missing")
        if data.is_virtual or data.external:
            raise UsageError(f"'{path}' is stored in another file, and such files are not read")
        return data
