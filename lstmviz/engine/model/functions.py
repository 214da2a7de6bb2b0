"""The nonlinearities of the papers, right at both ends in float32 and float64."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

_MANY = 512  # numbers from which on it pays to look whether exp overflows
_BLOCK = 2**13  # numbers that are in the processor's cache with all that is made of them
# tanh at the places of a table, so near each other that what lies between takes three terms: in
# float64, where NumPy has no vector instructions for it, this is more than twice as fast.
_A_UNIT = 128  # places
_FEW = 2**12  # numbers below which to look them up takes longer
_END = 22  # beyond which tanh is 1 in float64
_PLACES = np.tanh(np.arange(-_END * _A_UNIT, _END * _A_UNIT + 1) / _A_UNIT)


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
    """The hyperbolic tangent, from -1 to 1, to its last digits. Any shape; the dtype stays."""
    result: Array
    if type(v) is not np.ndarray or v.size < _FEW or v.dtype != np.float64:
        result = np.tanh(v)
    elif v.size <= _BLOCK:
        result = _by_table(v)
    else:
        flat, found = v.ravel(), np.empty(v.size)
        for start in range(0, v.size, _BLOCK):
            found[start : start + _BLOCK] = _by_table(flat[start : start + _BLOCK])
        result = found.reshape(v.shape)
    return result


def _by_table(v: Array) -> Array:
    """tanh(p + d) = (tanh p + tanh d) / (1 + tanh p · tanh d), p the nearest place of the table."""
    d = np.clip(v, -_END, _END)
    place = np.multiply(d, _A_UNIT)
    np.rint(place, out=place)
    with np.errstate(invalid="ignore"):  # a NaN has no place, and stays one
        index = place.astype(np.int32)
    index += _END * _A_UNIT
    found: Array = _PLACES.take(index, mode="clip")
    place *= 1 / _A_UNIT
    d -= place
    square = np.multiply(d, d, out=place)
    between = square * (2 / 15)
    between -= 1 / 3
    between *= square
    between *= d
    between += d
    below = np.multiply(found, between, out=d)
    below += 1.0
    found += between
    found /= below
    return found


def relu(v: Array) -> Array:
    """max(v, 0). Any shape; the dtype stays."""
    result: Array = np.maximum(v, 0.0)
    return result
