"""The functions that nodes compute of values: one node, or several as exporters write them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.model.activations import Activation
from lstmviz.errors import UsageError
from lstmviz.load.onnx.constants import Constants
from lstmviz.load.onnx.graph import Node
from lstmviz.load.onnx.picked import Picked, activated, scaled, shifted

# Activations by their operators, with the parameters that they have and their defaults.
ACTIVATIONS: Mapping[str, tuple[str, Mapping[str, float]]] = {
    "Relu": ("relu", {}),
    "Tanh": ("tanh", {}),
    "Sigmoid": ("sigmoid", {}),
    "LeakyRelu": ("leaky_relu", {"alpha": 0.01}),
    "Elu": ("elu", {"alpha": 1.0}),
    "ThresholdedRelu": ("thresholded_relu", {"alpha": 1.0}),
    "HardSigmoid": ("hard_sigmoid", {"alpha": 0.2, "beta": 0.5}),
    "HardSwish": ("hard_silu", {}),
    "Softsign": ("softsign", {}),
    "Softplus": ("softplus", {}),
    "Exp": ("exponential", {}),
    "Mish": ("mish", {}),
    "com.microsoft:Gelu": ("gelu", {}),
}
ALONG = {"Softmax": "softmax", "LogSoftmax": "log_softmax"}


def function_of(node: Node, values: list[Any]) -> Activation | None:
    """The activation of a node, with its parameters."""
    op, given = node.op, node.given
    if op == "Gelu" and given.get("approximate", "none") == "none":
        return Activation("gelu")
    if op == "Selu" and not given.keys() & {"alpha", "gamma"}:
        return Activation("selu")
    if op == "PRelu" and isinstance(values[1], np.ndarray) and values[1].size == 1:
        return Activation("leaky_relu", (("alpha", float(values[1].item())),))
    name, parameters = ACTIVATIONS.get(op, ("", {}))
    if not name:
        return None
    return Activation(
        name, tuple((key, float(given.get(key, default))) for key, default in parameters.items())
    )


@dataclass(frozen=True)
class Pattern:
    """A function of a value, times a number and plus another."""

    of: str  # the value's name
    function: Activation
    by: float = 1.0
    plus: float = 0.0

    def applied(self, x: Picked) -> Picked:
        """The function's value."""
        made = activated(x, self.function)
        if self.by != 1:
            made = scaled(made, np.full((), self.by, np.float32))
        return shifted(made, np.full((), self.plus, np.float32)) if self.plus else made


def clipped(of: str, low: float, high: float) -> Pattern | None:
    """The value between two numbers."""
    top = high >= float(np.finfo(np.float32).max)
    if low == 0 and (top or high == 6):
        return Pattern(of, Activation("relu" if top else "relu6"))
    if not (math.isfinite(low) and math.isfinite(high) and low < high) or top:
        return None
    wide = high - low
    line = (("alpha", 1 / wide), ("beta", 0.0 - low / wide))
    return Pattern(of, Activation("hard_sigmoid", line), wide, low)


class Patterns:
    """The functions in a graph that several nodes make together."""

    def __init__(self, constants: Constants, after: set[str]) -> None:
        """`after` are the names of what is made of a recurrent layer's outputs."""
        self.constants, self.after = constants, after

    def of(self, node: Node) -> Pattern | None:
        """A function that several nodes make together, as exporters write it."""
        if node.op == "Mul" and len(node.inputs) == 2:
            for name, gate in (node.inputs, node.inputs[::-1]):
                maker = self.constants.makers.get(gate)
                if maker is not None and maker.op == "Sigmoid" and maker.inputs[0] == name:
                    return Pattern(name, Activation("silu"))
                if self._is_erf(gate, name):
                    return Pattern(name, Activation("gelu"), 2.0)
                half = self._with_number("Mul", name)
                if half is not None and half[1] == 0.5 and self._is_erf(gate, half[0]):
                    return Pattern(half[0], Activation("gelu"))
        if node.op in ("Max", "Min") and len(node.inputs) == 2:
            outer = self._with_number(node.op, node.outputs[0])
            if outer is None:
                return None
            inner = self._with_number("Min" if node.op == "Max" else "Max", outer[0])
            if inner is not None:
                low, high = (outer[1], inner[1]) if node.op == "Max" else (inner[1], outer[1])
                return clipped(inner[0], low, high)
            return clipped(outer[0], outer[1], math.inf) if node.op == "Max" else None
        return None

    def _with_number(self, op: str, name: str) -> tuple[str, float] | None:
        """The value and the number that a node of that operator takes."""
        node = self.constants.makers.get(name)
        if node is None or node.op != op or len(node.inputs) != 2:
            return None
        for value, other in (node.inputs, node.inputs[::-1]):
            number = None if other in self.after else self.number(other)
            if number is not None and number.size == 1:
                return value, float(number.item())
        return None

    def _is_erf(self, name: str, of: str) -> bool:
        """Whether a value is 1 + erf(v/√2), which is twice the normal distribution."""
        plus = self._with_number("Add", name)
        erf = self.constants.makers.get(plus[0]) if plus is not None and plus[1] == 1 else None
        if erf is None or erf.op != "Erf":
            return False
        for op, number in (("Div", math.sqrt(2)), ("Mul", math.sqrt(0.5))):
            inner = self._with_number(op, erf.inputs[0])
            if (
                inner is not None
                and inner[0] == of
                and math.isclose(inner[1], number, rel_tol=1e-5)
            ):
                return True
        return False

    def number(self, name: str) -> NDArray[Any] | None:
        """A stored array; None where it is none, or cannot be made."""
        try:
            return self.constants.value(name)
        except (UsageError, ValueError, IndexError, KeyError, TypeError):
            return None
