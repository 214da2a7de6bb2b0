"""The walk of one layer along time, with everything that its equations name written down."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.cell import Moment, Parts
from lstmviz.engine.network import Layer
from lstmviz.errors import UsageError

Array = NDArray[np.floating[Any]]


def unroll(layer: Layer, x: Array, initial: Mapping[str, Array]) -> dict[str, Array]:
    """Run a layer over `x` (time, ..., inputs) and give all readings, (time, ..., units) each.

    The result starts with `x` itself; the recorded names follow in the equations' order.
    `initial` has an array (..., units) for each state. The arithmetic is done in the dtype
    of `x`. A backward layer starts at the last tick; its readings, too, stand at the tick of
    the input that they belong to.

    Raises:
        UsageError: the equations record other names or shapes at one tick than at another.
    """
    cell = layer.cell
    if layer.direction == "backward":
        x = x[::-1]
    w = layer.weights.astype(x.dtype)
    parts = Parts(cell.gates, w.W, w.R, w.b, w.rb, w.extras)

    # One product for all ticks and gates: (time·batch, inputs) x (inputs, gates·units).
    of_x = x.reshape(-1, x.shape[-1]) @ parts.W.T
    of_x += parts.b
    of_x = of_x.reshape(*x.shape[:-1], -1)

    before = {
        f"{s}_prev": np.ascontiguousarray(
            np.broadcast_to(initial[s], (*x.shape[1:-1], initial[s].shape[-1])), dtype=x.dtype
        )
        for s in cell.state
    }
    carried = [(s, f"{s}_prev") for s in cell.state]
    records: dict[str, Array] = {}
    for tick in range(len(x)):
        moment = Moment(parts, of_x[tick], {"x": x[tick], **before})
        cell.equations(moment)
        values = moment.__dict__
        if not records:
            shapes = {name: values[name].shape for name in cell.names if name in values}
            if cell.summed:
                shapes["_of_h"] = of_x.shape[1:]
            records, size = _blank(shapes, x), len(values)
        try:
            if len(values) != size:
                raise KeyError
            for name, record in records.items():
                record[tick] = values[name]
        except (KeyError, ValueError):
            raise UsageError(
                f"The cell '{cell.name}' records other names or shapes at tick {tick} than "
                "before; its equations must record the same at every tick."
            ) from None
        before = {prev: values[s] for s, prev in carried}

    for gate in cell.summed:
        records[f"wx_{gate}"] = of_x[..., parts.rows[gate]]
        records[f"rh_{gate}"] = records["_of_h"][..., parts.rows[gate]]
    found = {"x": x, **{name: records[name] for name in cell.names}}
    if layer.direction == "backward":
        return {name: array[::-1] for name, array in found.items()}
    return found


def _blank(shapes: Mapping[str, tuple[int, ...]], x: Array) -> dict[str, Array]:
    """An empty array (time, ..., units) for each name, all in one piece of memory.

    The system gives one large piece much faster than many smaller ones.
    """
    sizes = {name: len(x) * math.prod(shape) for name, shape in shapes.items()}
    memory = np.empty(sum(sizes.values()), x.dtype)
    records: dict[str, Array] = {}
    start = 0
    for name, size in sizes.items():
        records[name] = memory[start : start + size].reshape(len(x), *shapes[name])
        start += size
    return records
