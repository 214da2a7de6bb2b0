"""The functions that a configuration may put in the place of a cell's sigmoid and tanh."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.model.functions import relu, sigmoid, tanh
from lstmviz.errors import UsageError

Array = NDArray[np.floating[Any]]
Function = Callable[..., Array]


def linear(v: Array) -> Array:
    """The value itself."""
    result: Array = np.positive(v)  # a copy: a reading is not its own pre-activation
    return result


def affine(v: Array, alpha: float = 1.0, beta: float = 0.0) -> Array:
    """alpha·v + beta."""
    result: Array = alpha * v + beta
    return result


def hard_sigmoid(v: Array, alpha: float = 0.2, beta: float = 0.5) -> Array:
    """The line alpha·v + beta, cut at 0 and 1: 0.2 in Keras 2 and ONNX, 1/6 in Keras 3."""
    result: Array = np.clip(alpha * v + beta, 0.0, 1.0)
    return result


def leaky_relu(v: Array, alpha: float = 0.01) -> Array:
    """The value v, or alpha·v below 0."""
    return np.where(v >= 0.0, v, alpha * v)


def thresholded_relu(v: Array, alpha: float = 1.0) -> Array:
    """The value v, or 0 up to alpha."""
    return np.where(v > alpha, v, np.zeros_like(v))


def elu(v: Array, alpha: float = 1.0) -> Array:
    """The value v, or alpha·(exp(v) - 1) below 0."""
    return np.where(v > 0.0, v, alpha * np.expm1(np.minimum(v, 0.0)))


def selu(v: Array) -> Array:
    """The self-normalising ELU of Klambauer et al. 2017."""
    result: Array = 1.0507009873554805 * elu(v, 1.6732632423543772)
    return result


def scaled_tanh(v: Array, alpha: float = 1.0, beta: float = 1.0) -> Array:
    """alpha·tanh(beta·v)."""
    result: Array = alpha * np.tanh(beta * v)
    return result


def softsign(v: Array) -> Array:
    """v / (1 + |v|)."""
    result: Array = v / (1.0 + np.abs(v))
    return result


def softplus(v: Array) -> Array:
    """log(1 + exp(v)), which does not overflow."""
    return np.maximum(v, 0.0) + np.log1p(np.exp(-np.abs(v)))


def exponential(v: Array) -> Array:
    """exp(v)."""
    result: Array = np.exp(v)
    return result


def silu(v: Array) -> Array:
    """v·σ(v), also called swish."""
    return v * sigmoid(v)


def gelu(v: Array) -> Array:
    """v·Φ(v), with the exact normal distribution."""
    erf = np.frompyfunc(math.erf, 1, 1)
    cumulative: Array = 0.5 * (1.0 + erf(v / math.sqrt(2.0)).astype(v.dtype))
    return v * cumulative


def mish(v: Array) -> Array:
    """v·tanh(softplus(v))."""
    result: Array = v * np.tanh(softplus(v))
    return result


def log_sigmoid(v: Array) -> Array:
    """log σ(v)."""
    result: Array = -softplus(-v)
    return result


def hard_silu(v: Array) -> Array:
    """The value v times the line v/6 + 0.5, which is cut at 0 and 1."""
    result: Array = v * hard_sigmoid(v, 1 / 6)
    return result


def relu6(v: Array) -> Array:
    """The value v between 0 and 6."""
    return np.clip(v, 0.0, 6.0)


def softmax(v: Array) -> Array:
    """exp(v), scaled so that all units add up to 1."""
    raised = np.exp(v - v.max(axis=-1, keepdims=True))
    result: Array = raised / raised.sum(axis=-1, keepdims=True)
    return result


def log_softmax(v: Array) -> Array:
    """The logarithm of `softmax`."""
    shifted = v - v.max(axis=-1, keepdims=True)
    result: Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result


FUNCTIONS: Mapping[str, Function] = {
    function.__name__: function
    for function in (
        sigmoid,
        tanh,
        relu,
        linear,
        affine,
        hard_sigmoid,
        leaky_relu,
        thresholded_relu,
        elu,
        selu,
        scaled_tanh,
        softsign,
        softplus,
        exponential,
        silu,
        gelu,
        mish,
        log_sigmoid,
        hard_silu,
        relu6,
        softmax,
        log_softmax,
    )
}


@dataclass(frozen=True)
class Activation:
    """A function with its parameters, and perhaps a clip of what goes into it.

    Raises:
        UsageError: there is no such function or parameter, or a number is not finite.
    """

    name: str
    parameters: tuple[tuple[str, float], ...] = ()
    clip: float | None = None  # what goes in is cut to -clip … clip

    def __post_init__(self) -> None:
        if self.name not in FUNCTIONS:
            raise UsageError(
                f"There is no activation '{self.name}'; lstmviz has: {', '.join(FUNCTIONS)}."
            )
        numbers = [value for _, value in self.parameters]
        numbers += [] if self.clip is None else [self.clip]
        if not all(math.isfinite(number) for number in numbers):
            raise UsageError(f"The activation {self.name} has a parameter that is not finite.")
        if self.clip is not None and self.clip <= 0:
            raise UsageError(f"The clip of {self.name} is {self.clip:g}; it must be above 0.")
        takes = FUNCTIONS[self.name].__code__.co_varnames[1:3]
        for name, _ in self.parameters:
            if name not in takes:
                raise UsageError(f"The activation {self.name} has no parameter '{name}'.")

    def __call__(self, v: Array) -> Array:
        """The function of `v`; any shape, and the dtype stays."""
        if self.clip is not None:
            v = np.clip(v, -self.clip, self.clip)
        return FUNCTIONS[self.name](v, **dict(self.parameters))

    @property
    def plain(self) -> Function | None:
        """The bare function when nothing is added to it, else None."""
        return None if self.parameters or self.clip is not None else FUNCTIONS[self.name]

    def __str__(self) -> str:
        numbers = ", ".join(f"{name} {value:.6g}" for name, value in self.parameters)
        text = f"{self.name} ({numbers})" if numbers else self.name
        return text if self.clip is None else f"{text} of what is cut to ±{self.clip:g}"

    def description(self) -> dict[str, Any]:
        """All of it as JSON values; `described` reads them."""
        return {"name": self.name, "parameters": dict(self.parameters), "clip": self.clip}

    @classmethod
    def described(cls, told: Mapping[str, Any]) -> Activation:
        """The activation of a description.

        Raises:
            UsageError: it describes none.
        """
        try:
            parameters = tuple((str(k), float(v)) for k, v in told["parameters"].items())
            clip = None if told["clip"] is None else float(told["clip"])
            name = str(told["name"])
        except (KeyError, TypeError, AttributeError, OverflowError, ValueError):
            raise UsageError(
                "An activation has a name, numbers as parameters and a clip."
            ) from None
        return cls(name, parameters, clip)


def activation(described: Mapping[str, Any]) -> Function:
    """The function of a description that `Activation.description` gave.

    Raises:
        UsageError: it describes none.
    """
    made = Activation.described(described)
    return made.plain or made
