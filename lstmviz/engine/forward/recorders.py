"""Where the readings of a run are written down: in memory, or in a file as it goes."""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from lstmviz.engine.forward.unroll import Shapes, blank, readings_of
from lstmviz.engine.model.network import Layer, Network
from lstmviz.errors import LstmvizError
from lstmviz.npz.mapped import mapping, view
from lstmviz.npz.writer import GrowingNpz, Member
from lstmviz.trace.file import member
from lstmviz.trace.readings import Readings
from lstmviz.trace.recording import Direction

Array = NDArray[np.floating[Any]]
Key = tuple[int, Direction]


class InMemory:
    """A book of sequences, the longest first, in memory that they share."""

    def __init__(self, network: Network, lengths: Sequence[int], dtype: DTypeLike) -> None:
        self._layers = _layers(network)
        self._lengths, self._dtype = lengths, dtype
        self._records: dict[Key, dict[str, Array]] = {}  # (time, [sequences,] width) each
        self._said: dict[int, Array] = {}

    def room(self, key: Key, shapes: Shapes, start: int, ticks: int) -> dict[str, Array]:
        """Give the arrays (ticks, ..., width) for what a layer reads from its `start`th tick on."""
        own = self._records.get(key)
        if own is None:
            several = len(self._lengths) > 1
            own = blank(shapes, self._lengths[0], self._dtype, by_tick=several)
            self._records[key] = own
        going_on = sum(length > start for length in self._lengths)
        part: tuple[slice, ...] = (slice(start, start + ticks),)
        if len(self._lengths) > 1:
            part = (*part, slice(going_on))
        return {name: array[part] for name, array in own.items()}

    def keep(self, key: Key, start: int) -> None:
        """Nothing is left to do: what was written stands where it stays."""

    def outputs(self, key: Key, k: int, ticks: slice) -> Array:
        """Give back what a layer handed on for a sequence, (time, outputs), in order of time."""
        layer = self._layers[key]
        return self._of_one(key, k, self._records[key][layer.cell.output])[ticks]

    def say(self, k: int, ticks: slice, said: Array) -> None:
        """Keep what the readout said of a sequence, (time, answers)."""
        if k not in self._said:
            self._said[k] = np.empty((self._lengths[k], said.shape[1]), said.dtype)
        self._said[k][ticks] = said

    def written(self, k: int) -> tuple[dict[Key, Readings], Array | None]:
        """All of a sequence, (time, units) each, and what the readout said of it."""
        found: dict[Key, Readings] = {}
        for key, own in self._records.items():
            for array in own.values():
                array.setflags(write=False)
                if array.base is not None:
                    array.base.setflags(write=False)
            of_one = {name: self._of_one(key, k, array) for name, array in own.items()}
            found[key] = readings_of(self._layers[key], of_one)
        said = self._said.get(k)
        if said is not None:
            said.setflags(write=False)
        return found, said

    def _of_one(self, key: Key, k: int, array: Array) -> Array:
        own = array[: self._lengths[k], k] if len(self._lengths) > 1 else array
        return own[::-1] if key[1] == "backward" else own


class InFile:
    """A book of one sequence in an .npz file that grows; `path` is what errors call it."""

    def __init__(
        self, network: Network, ticks: int, dtype: DTypeLike, file: IO[bytes], path: str | Path
    ) -> None:
        self.npz = GrowingNpz(file)
        self._layers = _layers(network)
        self._ticks, self._dtype, self._file, self._path = ticks, np.dtype(dtype), file, path
        self._piece: dict[str, Array] = {}
        self._members: dict[Key | None, dict[str, Member]] = {}

    def room(self, key: Key, shapes: Shapes, start: int, ticks: int) -> dict[str, Array]:
        """Give the arrays (ticks, width) for what a layer reads from its `start`th tick on."""
        wanted = {name: (ticks, *shape) for name, shape in shapes.items()}
        if wanted != {name: array.shape for name, array in self._piece.items()}:
            self._piece = blank(shapes, ticks, self._dtype)
        return self._piece

    def keep(self, key: Key, start: int) -> None:
        """Write what stands in them to the file.

        Raises:
            LstmvizError: the disk has not room enough for all that this layer will compute.
        """
        readings: Mapping[str, Array] = readings_of(self._layers[key], self._piece)
        if key[1] == "backward":
            start = self._ticks - start - len(readings["x"])
            readings = {name: array[::-1] for name, array in readings.items()}
        self._write(key, start, readings)

    def outputs(self, key: Key, k: int, ticks: slice) -> Array:
        """Give back what a layer handed on, (time, outputs), in order of time."""
        return self._members[key][self._layers[key].cell.output].get(ticks.start, ticks.stop)

    def say(self, k: int, ticks: slice, said: Array) -> None:
        """Keep what the readout said, (time, answers)."""
        self._write(None, ticks.start, {"output": said})

    def written(self) -> tuple[dict[Key, Readings], Array | None]:
        """All that was written, mapped, and what the readout said."""
        self._file.flush()
        whole = mapping(self._file.name)
        found: dict[Key | None, dict[str, Array]] = {
            key: {
                name: view(whole, room.values_at, room.dtype, room.shape)
                for name, room in own.items()
            }
            for key, own in self._members.items()
        }
        said = found.pop(None, {}).get("output")
        return {key: Readings(own) for key, own in found.items() if key is not None}, said

    def _write(self, key: Key | None, start: int, values: Mapping[str, Array]) -> None:
        own = self._members.get(key)
        if own is None:
            shapes = {name: (self._ticks, *array.shape[1:]) for name, array in values.items()}
            self._refuse_small_disk(
                sum(math.prod(shape) for shape in shapes.values()) * self._dtype.itemsize
            )
            own = self._members[key] = {
                name: self.npz.room(_place(key, name), shape, self._dtype)
                for name, shape in shapes.items()
            }
        for name, array in values.items():
            own[name].put(start, array)

    def _refuse_small_disk(self, needed: int) -> None:
        # Better at once than after hours; a disk that others fill is noticed when it happens.
        free = shutil.disk_usage(Path(self._file.name).parent).free
        if needed > free:
            raise LstmvizError(
                f"{self._path} needs {_size(needed)} more, but the disk has {_size(free)} free; "
                "make room or choose another place."
            )


def _layers(network: Network) -> dict[Key, Layer]:
    return {(number, layer.direction): layer for number, layer in network.each_layer()}


def _place(key: Key | None, name: str) -> str:
    return name if key is None else member(*key, "values", name)


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
