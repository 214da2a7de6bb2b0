"""The nonlinearities of the papers, right at both ends in float32 and float64."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

_MANY = 512  # numbers from which on it pays to look whether exp overflows


def sigmoid(v: Array) -> Array:
    """σ(v) = 1 / (1 + exp(-v)), to full relative accuracy down to the smallest numbers.

    A tiny result comes from the quotient or straight from `exp`, never from a difference of two
    near-equal numbers. Far outside the range it is exactly 0 or 1. Any shape; the dtype stays.
    """
    if type(v) is np.ndarray and v.size >= _MANY and v.dtype.kind == "f":
        try:
            return _quotient(v)
        except FloatingPointError:
            pass  # exp(-v) is beyond the largest number somewhere
    # Both exponents are at most 0, so nothing overflows.
    below = np.exp(np.negative(np.abs(v))) + 1.0
    result: Array = np.exp(np.minimum(v, 0.0)) / below
    return result


def _quotient(v: Array) -> Array:
    """1 / (1 + exp(-v)) in one piece of memory; a FloatingPointError where exp overflows."""
    with np.errstate(over="raise"):
        result: Array = np.negative(v)
        np.exp(result, out=result)
    result += 1.0
    return np.divide(1.0, result, out=result)


def complement(v: Array) -> Array:
    """1 - σ(v), computed as σ(-v) so that it keeps its digits where σ(v) is near 1.

    Use it on a pre-activation: for a curve of 1 - f on a log scale, say. Any shape.
    """
    return sigmoid(np.negative(v))


def tanh(v: Array) -> Array:
    """The hyperbolic tangent, from -1 to 1. Any shape; the dtype stays."""
    result: Array = np.tanh(v)
    return result


def relu(v: Array) -> Array:
    """max(v, 0). Any shape; the dtype stays."""
    result: Array = np.maximum(v, 0.0)
    return result
