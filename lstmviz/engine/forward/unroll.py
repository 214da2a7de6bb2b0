"""The walk of one layer along time, with everything that its equations name written down."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from lstmviz.engine.forward import blas_threads as threads
from lstmviz.engine.forward.lent import lend
from lstmviz.engine.model.moment import Moment, Parts, Room
from lstmviz.engine.model.network import Layer
from lstmviz.errors import UsageError
from lstmviz.trace.readings import Readings, Sum

Array = NDArray[np.floating[Any]]
Shapes = Mapping[str, tuple[int, ...]]

PIECE = 2**21  # bytes of readings that are made at a time: they stay in the processor's cache
LEAST = 8  # ticks of a piece, so that its products with W are no small ones
WIDE = 2**20  # weights that are used as they are for a FEW rows: to lay them out takes longer
FEW = 100
# W x + b and R h + rb of all gates at once, and their sum: as a Moment calls them.
OF_X, OF_H, SUM = "_of_x", "_of_h", "_sum"


def walk(
    layer: Layer,
    pieces: Iterable[Array],
    initial: Mapping[str, Array],
    room: Callable[[Shapes, Array], dict[str, Array]],
    rows: int,
) -> Iterator[tuple[dict[str, Array], slice, bool]]:
    """Run a layer over a sequence that comes in pieces, and give the records of each.

    A piece is (time, ..., inputs), in the order in which the layer reads, whatever its direction.
    For each, `room` is asked for the arrays to write into, (time, ..., width) each: it gets
    the shapes (..., width) of one tick, by name, and the piece. These are `x`, what all gates
    have in one array (OF_X, OF_H), and what else the equations record; `readings_of`
    finds all readings in them. `initial` has an array (..., units) for each state. The
    arithmetic is done in the dtype of the pieces. There are about `rows` ticks of all sequences
    together. Of a batch (time, sequences, inputs) the last
    sequences may end with a piece: the next one then has fewer of them. The records come as
    often as some ticks of them have been written, with the places of these ticks in the piece,
    and whether their readings are finite: so it is seen while they are in the processor's cache.

    Raises:
        UsageError: the equations record other names or shapes at one tick than at another.
    """
    cell = layer.cell
    carried = [(s, f"{s}_prev") for s in cell.state]
    together = {name for gate in cell.summed for name in _together(layer, gate)}
    names = [name for name in cell.names if name not in together]
    parts: Parts | None = None
    before: dict[str, Array] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    # Where what all gates have is made: it is copied into the records from the processor's cache.
    # The rooms of a tick take turns, as a state may be a part of what stands in one.
    of_x_room = np.empty(0)
    rooms: list[Room | None] = []
    done = size = few = 0
    for x in pieces:
        if parts is None:
            w = layer.weights.astype(x.dtype)
            wide = rows < FEW and max(w.W.size, w.R.size) >= WIDE
            parts = Parts(cell.gates, w.W, w.R, w.b, w.rb, w.extras, as_they_are=wide)
            before = {prev: _spread(initial[s], x) for s, prev in carried}
            # The first tick is computed twice: its shapes tell what must be written down.
            moment = Moment(parts, x[0] @ parts.W.T + parts.b, {"x": x[0], **before})
            cell.equations(moment)
            values, size = moment.__dict__, len(moment.__dict__)
            shapes = {name: values[name].shape for name in names if name in values}
            for name in (OF_X, OF_H) if cell.summed else (OF_X,):
                shapes[name] = (*x.shape[1:-1], len(parts.b))
            shapes["x"] = x.shape[1:]
            of_x_room = np.empty((x[..., 0].size, len(parts.b)), x.dtype)
            if cell.summed:
                rooms = [parts.room(x.shape[1:-1]) for _ in range(2)]
            # What else is at work in the cache takes as much of it.
            few = max(_ticks_in_cache(layer, x.dtype, math.prod(x.shape[1:-1])) // 2, 1)
        elif x.ndim > 2:
            before = {prev: value[: x.shape[1]] for prev, value in before.items()}
            shapes = {name: (x.shape[1], *shape[1:]) for name, shape in shapes.items()}
            rooms = [parts.room(x.shape[1:-1]) for _ in rooms]
        records = room(shapes, x)
        records["x"][...] = x

        # One product for all ticks and gates: (time·batch, inputs) x (inputs, gates·units).
        of_x = parts.of_x(x, of_x_room)

        written = [(name, records[name]) for name in (*names, OF_H) if name in records]
        telling = [records[name] for name in ("x", *names) if name in {"x", *cell.telling}]
        shown = 0
        for tick in range(len(x)):
            place = rooms[(done + tick) % 2] if rooms else None
            moment = Moment(parts, of_x[tick], {"x": x[tick], **before}, place)
            cell.equations(moment)
            values = moment.__dict__
            try:
                if len(values) != size or (values[SUM] is None and cell.summed):
                    raise KeyError
                for name, record in written:
                    record[tick] = values[name]
            except (KeyError, ValueError):
                raise UsageError(
                    f"The cell '{cell.name}' records other names or shapes at tick {done + tick} "
                    "than before; its equations must record the same at every tick."
                ) from None
            before = {prev: values[s] for s, prev in carried}
            if tick + 1 in (shown + few, len(x)):
                ticks = slice(shown, tick + 1)
                records[OF_X][ticks] = of_x[ticks]
                new = [record[ticks] for record in telling]
                if cell.summed:  # a sum is finite only if its parts are
                    new.append(values[SUM] if few == 1 else of_x[ticks] + records[OF_H][ticks])
                yield records, ticks, _are_finite(new)
                shown = tick + 1
        done += len(x)


def readings_of(layer: Layer, records: Mapping[str, Array]) -> Readings:
    """All readings by name, `x` first, in the equations' order, of what `walk` wrote down."""
    units = layer.hidden
    found: dict[str, Array | Sum] = {**records}
    for k, gate in enumerate(layer.cell.gates):
        if gate in layer.cell.summed:
            of_x, of_h = (records[key][..., k * units : (k + 1) * units] for key in (OF_X, OF_H))
            found |= {f"wx_{gate}": of_x, f"rh_{gate}": of_h}
            if SUM in _together(layer, gate).values():
                found[f"a_{gate}"] = Sum(of_x, of_h)
    return Readings({name: found[name] for name in ("x", *layer.cell.names)})


def _are_finite(arrays: Iterable[Array]) -> bool:
    return all(np.isfinite(array).all() for array in arrays)


def _together(layer: Layer, gate: str) -> dict[str, str]:
    """The readings of a gate that stand in an array of all gates, and in which."""
    found = {f"wx_{gate}": OF_X, f"rh_{gate}": OF_H, f"a_{gate}": SUM}
    if f"pc_{gate}" in layer.cell.names:  # a peephole comes on top of the sum
        del found[f"a_{gate}"]
    return found


def unroll(layer: Layer, x: Array, initial: Mapping[str, Array]) -> dict[str, Array]:
    """Run a layer over `x` (time, ..., inputs) and give all readings, (time, ..., units) each.

    As `walk`, at once. A backward layer starts at the last tick; its readings, too, stand at
    the tick of the input that they belong to.

    Raises:
        UsageError: the equations record other names or shapes at one tick than at another.
    """
    backward = layer.direction == "backward"
    if backward:
        x = x[::-1]
    step = ticks_at_once(layer, x.dtype, math.prod(x.shape[1:-1]))
    starts = iter(range(0, len(x), step))
    records: dict[str, Array] = {}

    def room(shapes: Shapes, piece: Array) -> dict[str, Array]:
        if not records:
            records.update(blank(shapes, len(x), x.dtype))
        start = next(starts)
        return {name: array[start : start + step] for name, array in records.items()}

    pieces = (x[k : k + step] for k in range(0, len(x), step))
    with threads.for_products(layer.weights.R.size * math.prod(x.shape[1:-1])):
        for _ in walk(layer, pieces, initial, room, rows=math.prod(x.shape[:-1])):
            pass
    found = readings_of(layer, records)
    return {name: array[::-1] if backward else array for name, array in found.items()}


def ticks_at_once(layer: Layer, dtype: DTypeLike, sequences: int = 1) -> int:
    """How many ticks of a layer make a piece."""
    return max(_ticks_in_cache(layer, dtype, sequences), LEAST)


def _ticks_in_cache(layer: Layer, dtype: DTypeLike, sequences: int) -> int:
    """How many ticks of a layer have room in the processor's cache, one at least."""
    names = len(layer.cell.names) + len(layer.cell.gates)
    a_tick = (names * layer.hidden + layer.inputs) * np.dtype(dtype).itemsize * max(sequences, 1)
    return max(PIECE // a_tick, 1)


def blank(
    shapes: Shapes, ticks: int, dtype: DTypeLike, *, by_tick: bool = False
) -> dict[str, Array]:
    """An empty array (time, ...) for each name, all in one piece of memory.

    The system gives one large piece much faster than many smaller ones. Each array stands by
    itself, or all of a tick stand together, `by_tick`: a page of the memory is then written
    while it still is in the processor's cache, where the system has just cleared it.
    """
    rows = 1 if by_tick else ticks
    sizes = {name: rows * math.prod(shape) for name, shape in shapes.items()}
    width, item = sum(sizes.values()), np.dtype(dtype).itemsize
    memory = lend(ticks // rows * width * item).view(dtype).reshape(ticks // rows, width)
    records: dict[str, Array] = {}
    start = 0
    for name, size in sizes.items():
        records[name] = memory[:, start : start + size].reshape(ticks, *shapes[name])
        start += size
    return records


def _spread(state: Array, x: Array) -> Array:
    """A state (..., units) for each sequence of the batch."""
    shape = (*x.shape[1:-1], state.shape[-1])
    return np.ascontiguousarray(np.broadcast_to(state, shape), dtype=x.dtype)
