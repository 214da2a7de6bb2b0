"""Weights of Keras 2's CuDNNLSTM and CuDNNGRU, in the way of LSTM and GRU.

cuDNN has two biases, which follow each other in one array, and keeps each gate's matrix the other
way round: for the recurrent one that is its transpose, for that of the inputs its values in the
order of (units, inputs) under the shape (inputs, units).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_GATES = {"LSTM": 4, "GRU": 3}


def is_cudnn(kind: str, shapes: Sequence[tuple[int, ...]]) -> bool:
    """Whether a layer's kernels and bias, in an LSTM or GRU of whatever class, are cuDNN's."""
    gates = _GATES.get(kind)
    if gates is None or len(shapes) != 3 or len(shapes[1]) != 2:
        return False
    return shapes[2] == (2 * gates * shapes[1][0],)


def unpacked(kind: str, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    """Kernel, recurrent kernel and bias as an LSTM, or a GRU with reset_after, has them."""
    kernel, recurrent, bias = arrays
    gates = _GATES[kind]
    inputs, units = kernel.shape[0], recurrent.shape[0]
    of_inputs = [part.reshape(units, inputs).T for part in np.split(kernel, gates, axis=1)]
    of_units = [part.T for part in np.split(recurrent, gates, axis=1)]
    both = bias.reshape(2, gates * units)
    return [
        np.concatenate(of_inputs, axis=1),
        np.concatenate(of_units, axis=1),
        both.sum(axis=0) if kind == "LSTM" else both,
    ]
