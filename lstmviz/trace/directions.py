"""What the directions of a network's layers give together: merged outputs, and final states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from lstmviz.errors import UsageError
from lstmviz.trace.recording import Array, Direction, Recording

Merge = Literal["concat", "sum", "ave", "mul"]
Key = tuple[int, Direction]  # a layer, counted from 1, and its direction
_WAYS: tuple[Direction, ...] = ("forward", "backward")


def merged(outputs: Sequence[Array], merge: Merge) -> Array:
    """The outputs (..., units) of one or two directions as what the next layer sees."""
    if len(outputs) == 1:
        return outputs[0]
    forward, backward = outputs
    both: Array
    match merge:
        case "concat":
            both = np.concatenate(outputs, axis=-1)
        case "sum":
            both = forward + backward
        case "ave":
            both = (forward + backward) / 2
        case "mul":
            both = forward * backward
    return both


def handed_on(recordings: Mapping[Key, Recording], number: int, merge: Merge) -> Array:
    """What a layer hands on, (time, outputs): what the next one reads, or the network's answer.

    `merge` is that of the last layer.

    Raises:
        UsageError: there is no such layer.
    """
    depth = max(layer for layer, _ in recordings)
    if not 1 <= number <= depth:
        raise UsageError(f"There is no layer {number}; the network has {depth}, counted from 1.")
    above = [recordings[number + 1, way] for way in _WAYS if (number + 1, way) in recordings]
    if above:
        return above[0].values["x"]
    own = [recordings[number, way] for way in _WAYS if (number, way) in recordings]
    return merged([one.values[next(iter(one.initial))] for one in own], merge)


def final(recordings: Mapping[Key, Recording], state: str) -> Array:
    """A state after all has been read, a row for each layer and direction that has such a state.

    Raises:
        UsageError: no layer has it, or the layers are of several widths.
    """
    keys = sorted(recordings, key=lambda key: (key[0], _WAYS.index(key[1])))
    rows = [
        recordings[key].values[state][-1 if key[1] == "forward" else 0]
        for key in keys
        if state in recordings[key].initial
    ]
    if not rows:
        have = dict.fromkeys(name for one in recordings.values() for name in one.initial)
        raise UsageError(f"There is no state '{state}'; the layers have: {', '.join(have)}.")
    if len({row.shape for row in rows}) > 1:
        widths = ", ".join(str(len(row)) for row in rows)
        raise UsageError(
            f"The final {state} of the layers cannot be one array, as they have {widths} units; "
            f"choose a layer, as in trace.layer(1)['{state}'][-1]."
        )
    return np.stack(rows)
