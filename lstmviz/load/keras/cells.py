"""One Keras cell: what its options mean, and its weights in our order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.model.activations import FUNCTIONS, Activation, Function
from lstmviz.engine.model.cell import Cell
from lstmviz.engine.model.cells import find_cell
from lstmviz.engine.model.network import Direction, Weights
from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Found, real, reordered
from lstmviz.load.keras.cudnn import is_cudnn, unpacked

Array = NDArray[np.floating[Any]]

ORDER = {"LSTM": "i f g o", "GRU": "z r n", "SimpleRNN": "h"}
_SYNONYMS = {"swish": "silu", "hard_swish": "hard_silu", None: "linear"}


@dataclass(frozen=True)
class Stored:
    """An array of a file by its shape, read when asked for."""

    shape: tuple[int, ...]
    read: Callable[[], NDArray[Any]]


def found_cell(
    name: str,
    kind: str,
    config: Mapping[str, Any],
    stored: list[Stored],
    direction: Direction,
    major: int | None,
) -> Found:
    """One direction of a layer, of the class `kind`, with its configuration and its arrays.

    Raises:
        UsageError: they do not fit each other, or the configuration is beyond us.
    """
    units, gates = config.get("units"), len(ORDER[kind].split())
    kernel, recurrent = (one.shape for one in stored[:2])
    if type(units) is not int or units < 1:
        raise UsageError("its configuration does not say how many units it has")
    if len(kernel) != 2 or kernel[1] != gates * units or recurrent != (units, gates * units):
        raise UsageError(
            f"its weights have the shapes {kernel} and {recurrent}, but {units} units of {kind} "
            f"need (inputs, {gates * units}) and ({units}, {gates * units})"
        )
    if kernel[0] < 1:
        raise UsageError("it has no inputs")
    packed = is_cudnn(kind, [one.shape for one in stored])
    if packed and config.get("reset_after", True):
        cell = _cell(kind, config, True, major)
        weights = partial(_weights, name, kind, cell, tuple(stored), cudnn=True)
        return Found(name, cell, direction, kernel[0], units, units, weights)
    after = False
    if kind == "GRU":
        bias = stored[2].shape if len(stored) > 2 else None
        after = bool(config.get("reset_after", bias is not None and len(bias) == 2))
    if len(stored) > 2:
        shape = (2, gates * units) if after else (gates * units,)
        if stored[2].shape != shape:
            raise UsageError(f"its bias has the shape {stored[2].shape}, but {shape} fits")
    cell = _cell(kind, config, after, major)
    weights = partial(_weights, name, kind, cell, tuple(stored))
    return Found(name, cell, direction, kernel[0], units, units, weights)


def _cell(kind: str, config: Mapping[str, Any], after: bool, major: int | None) -> Cell:
    act = activation(config.get("activation", "tanh"), major)
    if kind == "SimpleRNN":
        return find_cell("rnn-relu" if act is FUNCTIONS["relu"] else "rnn").configured(
            {} if act is FUNCTIONS["relu"] else {"tanh": act}
        )
    gate = activation(config.get("recurrent_activation", "sigmoid"), major)
    if kind == "LSTM":
        return find_cell("lstm").configured({"sigmoid": gate, "tanh": act, "squash": act})
    return find_cell("gru" if after else "gru-reset-before").configured(
        {"sigmoid": gate, "tanh": act}
    )


def activation(told: Any, major: int | None) -> Function:
    """The function that a configuration names, as its version of Keras has it.

    Raises:
        UsageError: it is none that lstmviz knows, or somebody's own.
    """
    if isinstance(told, Mapping) and told.get("class_name") == "function":
        told = told.get("config")
    if not (told is None or isinstance(told, str)):
        what = told.get("class_name") if isinstance(told, Mapping) else told
        raise UsageError(f"its activation {what!r} is none that lstmviz can compute")
    name = _SYNONYMS.get(told, told or "")
    if name == "hard_sigmoid":
        if major is None:
            raise UsageError(
                "its hard_sigmoid is not the same in Keras 2 and in Keras 3, and which of them "
                "made it is not told, or told in two ways; give config= the model's .keras file, "
                "or write its keras_version into the configuration"
            )
        return FUNCTIONS[name] if major < 3 else Activation(name, (("alpha", 1 / 6),))
    if name == "leaky_relu":
        return Activation("leaky_relu", (("alpha", 0.2),))
    if name not in FUNCTIONS or name in ("affine", "scaled_tanh", "thresholded_relu"):
        raise UsageError(f"its activation '{told}' is none that lstmviz can compute")
    return FUNCTIONS[name]


def read(stored: Stored, name: str) -> Array:
    """The array in float32 or float64."""
    return real(stored.read(), name)


def _weights(
    name: str, kind: str, cell: Cell, stored: tuple[Stored, ...], *, cudnn: bool = False
) -> Weights:
    arrays = [read(one, name) for one in stored]
    kernel, recurrent, *more = unpacked(kind, arrays) if cudnn else arrays
    order = ORDER[kind]
    rows = kernel.shape[1]
    b = rb = np.zeros(rows, kernel.dtype)
    if more:
        b, rb = more[0] if more[0].ndim == 2 else (more[0], rb)
    W, R, b, rb = (reordered(array, order, cell.gates) for array in (kernel.T, recurrent.T, b, rb))
    return Weights(W, R, b, rb)
