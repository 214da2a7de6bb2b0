"""The walk of one layer along time, with everything that its equations name written down."""

from __future__ import annotations

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
    flat = x.reshape(-1, x.shape[-1])
    of_x = (flat @ parts.W.T + parts.b).reshape(*x.shape[:-1], -1)

    before = {f"{s}_prev": initial[s] for s in cell.state}
    # A state whose initial value is narrower than the batch is the same for all of it.
    for s, key in zip(cell.state, before, strict=True):
        width = before[key].shape[-1]
        before[key] = np.ascontiguousarray(
            np.broadcast_to(initial[s], (*x.shape[1:-1], width)), dtype=x.dtype
        )
    carried = [(s, f"{s}_prev") for s in cell.state]
    records: dict[str, Array] = {}
    for tick in range(len(x)):
        moment = Moment(parts, of_x[tick], {"x": x[tick], **before})
        cell.equations(moment)
        values = moment.__dict__
        if not records:
            records = {
                name: np.empty((len(x), *np.shape(values[name])), x.dtype) for name in cell.names
            }
            size = len(values)
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
    if layer.direction == "backward":
        return {"x": x[::-1], **{name: record[::-1] for name, record in records.items()}}
    return {"x": x, **records}
