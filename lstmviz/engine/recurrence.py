"""The walk of one layer along time, with everything that its equations name written down."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from lstmviz.engine.cell import Moment, Parts
from lstmviz.engine.network import Layer
from lstmviz.errors import UsageError

Array = NDArray[np.floating[Any]]

PIECE = 2**21  # bytes of readings that are made at a time: they stay in the processor's cache


def walk(
    layer: Layer, pieces: Iterable[Array], initial: Mapping[str, Array]
) -> Iterator[dict[str, Array]]:
    """Run a layer over a sequence that comes in pieces, and give the readings of each.

    A piece is (time, ..., inputs), in the order in which the layer reads, which `layer.direction`
    does not change here. The readings, (time, ..., units) each, start with `x` itself; the
    recorded names follow in the equations' order. They stand in memory that the next piece
    uses again. `initial` has an array (..., units) for each state. The arithmetic is done in
    the dtype of the pieces. Of a batch (time, sequences, inputs) the last sequences may end
    with a piece: the next one then has fewer of them.

    Raises:
        UsageError: the equations record other names or shapes at one tick than at another.
    """
    cell = layer.cell
    carried = [(s, f"{s}_prev") for s in cell.state]
    parts: Parts | None = None
    before: dict[str, Array] = {}
    widths: dict[str, int] = {}
    room = _Room()
    done = 0
    for x in pieces:
        if parts is None:
            w = layer.weights.astype(x.dtype)
            parts = Parts(cell.gates, w.W, w.R, w.b, w.rb, w.extras)
            before = {prev: _spread(initial[s], x) for s, prev in carried}
        elif x.ndim > 2:
            before = {prev: value[: x.shape[1]] for prev, value in before.items()}

        # One product for all ticks and gates: (time·batch, inputs) x (inputs, gates·units).
        of_x = x.reshape(-1, x.shape[-1]) @ parts.W.T
        of_x += parts.b
        of_x = of_x.reshape(*x.shape[:-1], -1)

        records: dict[str, Array] = {}
        for tick in range(len(x)):
            moment = Moment(parts, of_x[tick], {"x": x[tick], **before})
            cell.equations(moment)
            values = moment.__dict__
            if not widths:
                widths = {n: values[n].shape[-1] for n in cell.names if n in values}
                if cell.summed:
                    widths["_of_h"] = of_x.shape[-1]
                size = len(values)
            if not records:
                records = room.of(widths, x)
            try:
                if len(values) != size:
                    raise KeyError
                for name, record in records.items():
                    record[tick] = values[name]
            except (KeyError, ValueError):
                raise UsageError(
                    f"The cell '{cell.name}' records other names or shapes at tick {done + tick} "
                    "than before; its equations must record the same at every tick."
                ) from None
            before = {prev: values[s] for s, prev in carried}
        done += len(x)

        for gate in cell.summed:
            records[f"wx_{gate}"] = of_x[..., parts.rows[gate]]
            records[f"rh_{gate}"] = records["_of_h"][..., parts.rows[gate]]
        yield {"x": x, **{name: records[name] for name in cell.names}}


def unroll(layer: Layer, x: Array, initial: Mapping[str, Array]) -> dict[str, Array]:
    """Run a layer over `x` (time, ..., inputs) and give all readings, (time, ..., units) each.

    As `walk`, in one piece of memory. A backward layer starts at the last tick; its readings,
    too, stand at the tick of the input that they belong to.

    Raises:
        UsageError: the equations record other names or shapes at one tick than at another.
    """
    backward = layer.direction == "backward"
    if backward:
        x = x[::-1]
    step = ticks_at_once(layer, x.dtype, math.prod(x.shape[1:-1]))
    found: dict[str, Array] = {}
    for start, readings in zip(
        range(0, len(x), step),
        walk(layer, (x[k : k + step] for k in range(0, len(x), step)), initial),
        strict=True,
    ):
        if not found:
            shapes = {name: a.shape[1:] for name, a in readings.items() if name != "x"}
            found = {"x": x, **blank(shapes, len(x), x.dtype)}
        for name, array in readings.items():
            if name != "x":
                found[name][start : start + step] = array
    return {name: array[::-1] for name, array in found.items()} if backward else found


def ticks_at_once(layer: Layer, dtype: DTypeLike, sequences: int = 1) -> int:
    """How many ticks of a layer make a piece."""
    names = len(layer.cell.names) + len(layer.cell.gates)
    a_tick = (names * layer.hidden + layer.inputs) * np.dtype(dtype).itemsize * max(sequences, 1)
    return max(PIECE // a_tick, 16)


def blank(shapes: Mapping[str, tuple[int, ...]], ticks: int, dtype: DTypeLike) -> dict[str, Array]:
    """An empty array (time, ...) for each name, all in one piece of memory.

    The system gives one large piece much faster than many smaller ones.
    """
    sizes = {name: ticks * math.prod(shape) for name, shape in shapes.items()}
    memory = np.empty(sum(sizes.values()), dtype)
    records: dict[str, Array] = {}
    start = 0
    for name, size in sizes.items():
        records[name] = memory[start : start + size].reshape(ticks, *shapes[name])
        start += size
    return records


class _Room:
    """The memory of one piece, which the next piece of the same size has again."""

    def __init__(self) -> None:
        self._shape: tuple[int, ...] = ()
        self._records: dict[str, Array] = {}

    def of(self, widths: Mapping[str, int], x: Array) -> dict[str, Array]:
        """An array (time, ..., units) for each name."""
        if self._shape != x.shape:
            ticks, *batch = x.shape[:-1]
            # The readings of each sequence of a batch lie together: they are copied together.
            shapes = {n: (*batch[1:], width) for n, width in widths.items()}
            if batch:
                shapes = {n: (ticks, *shape) for n, shape in shapes.items()}
                made = blank(shapes, batch[0], x.dtype)
                self._records = {n: a.swapaxes(0, 1) for n, a in made.items()}
            else:
                self._records = blank(shapes, ticks, x.dtype)
            self._shape = x.shape
        return dict(self._records)


def _spread(state: Array, x: Array) -> Array:
    """A state (..., units) for each sequence of the batch."""
    shape = (*x.shape[1:-1], state.shape[-1])
    return np.ascontiguousarray(np.broadcast_to(state, shape), dtype=x.dtype)
