"""The readout, computed once more so that it can be differentiated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.backward.autodiff import Tape
from lstmviz.engine.model.network import Merge, Network
from lstmviz.trace.directions import merged
from lstmviz.trace.trace import Trace

Array = NDArray[np.floating[Any]]


class ReadoutReplay:
    """What a network says after each tick of a trace, in float64, on a tape."""

    def __init__(self, trace: Trace, network: Network) -> None:
        self._readout, self._merge = network.readout, network.merges[-1]
        self._outputs = outputs_of(trace, network, network.depth)
        last = self._readout is not None and self._readout.pooling == "last"
        self._ended = last and len(self._outputs) == 2
        if self._ended:  # the backward direction is read as it is when it has read everything
            forward, backward = self._outputs
            self._outputs = [forward, np.broadcast_to(backward[:1], backward.shape)]
        self._way = -1 if network.answers_at == 0 else 1  # in the order of reading
        self._given = merged(self._outputs, self._merge)[:: self._way]
        self.said: Array = self._given[:: self._way]  # (time, answers)
        if self._readout is not None:
            self._tape = Tape()
            self._leaf = self._tape.leaf(next(self._readout.pooled([self._given])))
            # A Value behaves like the array that the layers are written for.
            self._value: Any = self._readout.dense_of(cast("Any", self._leaf))
            self.said = self._value.array[:: self._way]

    def pull(self, chosen: Array) -> list[Array]:
        """From dL/d(said), (time, answers), to dL/d(output) of each direction, (time, units)."""
        back = chosen
        if self._readout is not None:
            back = self._tape.pull([(self._value, chosen[:: self._way])])(self._leaf)
            ways = self._readout.poolings
            parts = zip(ways, np.split(back, len(ways), axis=1), strict=True)
            pulled = [_pull_pooled(part, self._given, way) for way, part in parts]
            back = np.sum(pulled, axis=0)[:: self._way]
        shares = pull_merged(back, self._outputs, self._merge)
        if self._ended:
            at_end = np.zeros_like(shares[1])
            at_end[0] = shares[1].sum(axis=0)
            shares[1] = at_end
        return shares


def outputs_of(trace: Trace, network: Network, number: int) -> list[Array]:
    """What each direction of a layer gives, (time, units) in float64."""
    return [
        trace.layer(number, layer.direction)[layer.cell.output].astype(np.float64)
        for layer in network.layers[number - 1]
    ]


def pull_merged(back: Array, outputs: Sequence[Array], merge: Merge) -> list[Array]:
    """dL/d(output of each direction), from that by what `merged` makes of them."""
    if len(outputs) == 1:
        return [back]
    forward, backward = outputs
    match merge:
        case "concat":
            return np.split(back, [forward.shape[1]], axis=1)
        case "mul":
            return [back * backward, back * forward]
        case "ave":
            return [back / 2] * 2
        case "sum":
            return [back] * 2


def _pull_pooled(back: Array, given: Array, pooling: str) -> Array:
    """dL/d(what is pooled), (time, width), from that by what was pooled up to each tick."""
    match pooling:
        case "sum":
            return np.cumsum(back[::-1], axis=0)[::-1]
        case "mean":
            counts = np.arange(1, len(back) + 1)[:, None]
            return np.cumsum((back / counts)[::-1], axis=0)[::-1]
        case "max":
            pulled = np.zeros_like(given)
            top = np.maximum.accumulate(given, axis=0)
            rises = np.ones(given.shape, np.bool_)
            rises[1:] = given[1:] > top[:-1]
            ticks = np.arange(len(given))[:, None]
            highest = np.maximum.accumulate(np.where(rises, ticks, 0), axis=0)
            np.add.at(pulled, (highest, np.arange(given.shape[1])[None]), back)
            return pulled
    return back
