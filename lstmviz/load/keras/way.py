"""The layers of a Keras model that follow one another, as steps on the way to an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.model.activations import Activation
from lstmviz.engine.model.readout import Dense, Pooling, Readout
from lstmviz.errors import UsageError
from lstmviz.load.keras.cells import Stored, activation, read
from lstmviz.load.keras.config import Entry, entry_within
from lstmviz.load.keras.feeding import passes

Array = NDArray[np.floating[Any]]

POOLINGS: Mapping[str, Pooling] = {"GlobalAveragePooling1D": "mean", "GlobalMaxPooling1D": "max"}
_ACTIVATIONS = ("Activation", "ReLU", "LeakyReLU", "ELU", "Softmax")
_LINEAR = Activation("linear")


@dataclass(frozen=True)
class Step:
    """One layer: W·v + b (W is a vector where each value is only scaled), or a function."""

    name: str
    width: int  # of what it gives
    affine: Callable[[], tuple[Array, Array]] | None = None
    function: Activation = _LINEAR


@dataclass
class Way:
    """What has been found from the recurrent layers on."""

    width: int
    sequence: bool  # whether there is a value for each step
    pooling: str  # as of a Readout
    masked: bool
    backward: bool = False  # whether the last layer reads so, and gives its outputs in that order
    steps: list[Step] = field(default_factory=list)

    def told(self) -> str:
        """The way in words."""
        names = {"last": "the last output", "max": "the largest over time"}
        names |= {"each": "the output" if "+" in self.pooling else "each output"}
        words = [" ‖ ".join(names.get(n, "the mean over time") for n in self.pooling.split("+"))]
        width = 0
        for step in self.steps:
            if step.affine is None and step.function == _LINEAR:
                continue
            sizes = f" → {step.width}" if step.affine is not None and step.width != width else ""
            function = "" if step.function == _LINEAR else f", {step.function}"
            words.append(f"'{step.name}'{sizes}{function}")
            width = step.width
        return ", then ".join(words)

    def readout(self) -> Readout:
        """The dense layers, with the scales between them folded into these."""
        dense: list[Dense] = []
        scale: tuple[Array, Array] | None = None  # of what comes next
        for step in self.steps:
            if step.affine is not None:
                W, b = step.affine()
                linear = dense[-1].activation == _LINEAR if dense else False
                if W.ndim == 2:
                    if scale is not None:
                        W, b = W * scale[0], b + W @ scale[1]
                    dense.append(Dense(W, b, name=step.name))
                    scale = None
                elif linear and scale is None:
                    before = dense[-1]
                    dense[-1] = replace(before, W=W[:, None] * before.W, b=W * before.b + b)
                else:
                    scale = (W, b) if scale is None else (W * scale[0], W * scale[1] + b)
            if step.function != _LINEAR:
                if scale is not None or not dense or dense[-1].activation != _LINEAR:
                    dense.append(_scaled(scale, step))
                    scale = None
                dense[-1] = replace(dense[-1], activation=step.function)
        if scale is not None or not dense:
            dense.append(_scaled(scale, self.steps[-1]))
        return Readout(tuple(dense), self.pooling)


def _scaled(scale: tuple[Array, Array] | None, step: Step) -> Dense:
    """A dense layer that scales each value alone."""
    W, b = (np.ones(step.width), np.zeros(step.width)) if scale is None else scale
    return Dense(np.diag(W), b, name=step.name)


def step(
    way: Way,
    entry: Entry,
    stored: Callable[[], list[Stored]],
    major: int | None,
    *,
    each: bool = False,
) -> bool:
    """Go one layer on; whether that was one which is understood. `each`: it is run step by step."""
    kind, config = entry.kind, entry.config
    if not entry.ours:
        return False
    if kind == "TimeDistributed":
        return way.sequence and step(way, entry_within(entry), stored, major, each=True)
    if passes(entry) and kind != "Masking":
        return True
    if kind == "Flatten":
        if way.sequence and not each:
            raise UsageError(
                f"'{entry.name}' (Flatten) follows, which joins the outputs of all steps"
            )
        return True
    if entry.last_step and way.sequence and not (each or way.masked or way.backward):
        way.sequence = False  # of both directions at the last step, which is no "last" output
        return True
    if kind in POOLINGS and not each:
        return _pool(way, entry)
    if kind in _ACTIVATIONS and not (kind == "Softmax" and way.masked):
        function = _function(kind, config, major)
        if function is None:
            return False
        way.steps.append(Step(entry.name, way.width, None, function))
        return True
    if kind == "Dense":
        way.steps.append(_dense(way, entry, stored(), major))
        way.width = way.steps[-1].width
        return True
    if kind == "BatchNormalization":
        way.steps.append(
            _normalised(way, entry, stored(), rank=3 if way.sequence and not each else 2)
        )
        return True
    return False


def _pool(way: Way, entry: Entry) -> bool:
    """Take the pooling over time to the front, where that changes nothing."""
    if not way.sequence or entry.config.get("data_format", "channels_last") != "channels_last":
        return False
    if entry.config.get("keepdims"):
        return False
    pooling = POOLINGS[entry.kind]
    if pooling == "max" and way.masked:
        raise UsageError(
            f"'{entry.name}' ({entry.kind}) follows, which also looks at steps that are masked"
        )
    linear = all(step.function == _LINEAR for step in way.steps)
    if way.steps and not (pooling == "mean" and linear):
        raise UsageError(
            f"'{entry.name}' ({entry.kind}) follows, which pools what '{way.steps[-1].name}' makes "
            "of the outputs"
        )
    way.sequence, way.pooling = False, pooling
    if not way.steps:  # so that there is an answer even if nothing follows
        way.steps.append(Step(entry.name, way.width))
    return True


def _function(kind: str, config: Mapping[str, Any], major: int | None) -> Activation | None:
    """The function that a layer of activations applies; None if it is not understood."""
    if kind == "Activation":
        return _named(config.get("activation"), major)
    if kind == "ELU":
        return _with_alpha("elu", config.get("alpha", 1.0))
    slope = config.get("negative_slope", config.get("alpha", 0.3))
    if kind == "LeakyReLU":
        return _with_alpha("leaky_relu", slope)
    if kind == "Softmax":
        return Activation("softmax") if config.get("axis", -1) in (-1, [-1]) else None
    slope = config.get("negative_slope") or 0.0
    if config.get("threshold") or (slope and config.get("max_value") is not None):
        return None
    if slope:
        return _with_alpha("leaky_relu", slope)
    plain = {None: "relu", 6: "relu6"}.get(config.get("max_value"))
    return None if plain is None else Activation(plain)


def _with_alpha(name: str, alpha: Any) -> Activation | None:
    number = isinstance(alpha, (int, float)) and not isinstance(alpha, bool)
    return Activation(name, (("alpha", float(alpha)),)) if number else None


def _named(told: Any, major: int | None) -> Activation:
    function = activation(told, major)
    return function if isinstance(function, Activation) else Activation(function.__name__)


def _dense(way: Way, entry: Entry, stored: Sequence[Stored], major: int | None) -> Step:
    config = entry.config
    units: Any = config.get("units")
    shapes = [one.shape for one in stored]
    wanted = [(way.width, units)] + [(units,)] * bool(config.get("use_bias", True))
    if shapes != wanted or config.get("quantization_config") or config.get("quantization_mode"):
        raise UsageError(
            f"'{entry.name}' (Dense) follows, whose weights have the shapes {shapes}, not {wanted}"
        )
    function = _named(config.get("activation"), major)

    def affine() -> tuple[Array, Array]:
        kernel, *bias = (read(one, entry.name) for one in stored)
        return kernel.T, bias[0] if bias else np.zeros(kernel.shape[1], kernel.dtype)

    return Step(entry.name, shapes[0][1], affine, function)


def _normalised(way: Way, entry: Entry, stored: Sequence[Stored], *, rank: int) -> Step:
    """A batch normalisation, which only scales and shifts when a network is used."""
    config, width = entry.config, way.width
    axis = config.get("axis", -1)
    axis = axis[0] if isinstance(axis, (list, tuple)) and len(axis) == 1 else axis
    scaled, shifted = bool(config.get("scale", True)), bool(config.get("center", True))
    epsilon = config.get("epsilon", 1e-3)
    if axis not in (-1, rank - 1) or not isinstance(epsilon, (int, float)):
        raise UsageError(f"'{entry.name}' (BatchNormalization) follows, over another axis")
    if [one.shape for one in stored] != [(width,)] * (2 + scaled + shifted):
        raise UsageError(f"'{entry.name}' (BatchNormalization) follows, whose weights do not fit")

    def affine() -> tuple[Array, Array]:
        arrays = [read(one, entry.name).astype(np.float64) for one in stored]
        gamma = arrays.pop(0) if scaled else np.ones(width)
        beta = arrays.pop(0) if shifted else np.zeros(width)
        mean, variance = arrays
        scale = gamma / np.sqrt(variance + epsilon)
        return scale, beta - mean * scale

    return Step(entry.name, width, affine)
