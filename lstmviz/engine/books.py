"""Where the readings of a run are written down: in memory, or in a file as it goes."""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.errors import LstmvizError
from lstmviz.growing import GrowingNpz, Member
from lstmviz.mapped import mapping, view
from lstmviz.trace import Direction, member

Array = NDArray[np.floating[Any]]
Key = tuple[int, Direction]


class InMemory:
    """A book of one sequence in memory."""

    def __init__(self, ticks: int) -> None:
        self._ticks = ticks
        self._arrays: dict[str, Array] = {}

    def write(self, key: Key | None, ticks: slice, values: Mapping[str, Array]) -> None:
        """Keep what a layer, or the readout (None), computed at some ticks, (time, units) each."""
        for name, array in values.items():
            place = _place(key, name)
            if place not in self._arrays:
                self._arrays[place] = np.empty((self._ticks, *array.shape[1:]), array.dtype)
            self._arrays[place][ticks] = array

    def read(self, key: Key, name: str, ticks: slice) -> Array:
        """Give back what was written."""
        return self._arrays[_place(key, name)][ticks]

    def arrays(self) -> dict[str, Array]:
        """All that was written, (time, units) by the name that a trace's file has for it."""
        for array in self._arrays.values():
            array.setflags(write=False)
        return self._arrays


class InFile:
    """A book of one sequence in an .npz file that grows; `path` is what errors call it."""

    def __init__(self, ticks: int, file: IO[bytes], path: str | Path) -> None:
        self.npz = GrowingNpz(file)
        self._ticks, self._file, self._path = ticks, file, path
        self._members: dict[str, Member] = {}

    def write(self, key: Key | None, ticks: slice, values: Mapping[str, Array]) -> None:
        """Keep what a layer, or the readout (None), computed at some ticks, (time, units) each.

        Raises:
            LstmvizError: the disk has not room enough for all that this layer will compute.
        """
        if any(_place(key, name) not in self._members for name in values):
            shapes = {name: (self._ticks, *array.shape[1:]) for name, array in values.items()}
            self._refuse_small_disk(
                sum(math.prod(shapes[name]) * a.dtype.itemsize for name, a in values.items())
            )
            for name, array in values.items():
                place = _place(key, name)
                self._members[place] = self.npz.room(place, shapes[name], array.dtype)
        for name, array in values.items():
            self._members[_place(key, name)].put(ticks.start, array)

    def read(self, key: Key, name: str, ticks: slice) -> Array:
        """Give back what was written."""
        return self._members[_place(key, name)].get(ticks.start, ticks.stop)

    def arrays(self) -> dict[str, Array]:
        """All that was written, mapped, by the name that a trace's file has for it."""
        self._file.flush()
        whole = mapping(self._file.name)
        return {
            name: view(whole, member.values_at, member.dtype, member.shape)
            for name, member in self._members.items()
        }

    def _refuse_small_disk(self, needed: int) -> None:
        # Better at once than after hours; a disk that others fill is noticed when it happens.
        free = shutil.disk_usage(Path(self._file.name).parent).free
        if needed > free:
            raise LstmvizError(
                f"{self._path} needs {_size(needed)} more, but the disk has {_size(free)} free; "
                "make room or choose another place."
            )


def _place(key: Key | None, name: str) -> str:
    return name if key is None else member(*key, "values", name)


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
