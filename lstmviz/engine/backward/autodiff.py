"""Reverse-mode differentiation of whatever equations a cell has, a few operations at a time.

A `Value` stands in for an array in a cell's equations. NumPy hands it each operation, it
notes the operation on its tape, and `Tape.pull` walks the tape backwards. So a cell is
differentiated from the very equations that run, and a cell of one's own is, too.
Source: Griewank & Walther 2008, Evaluating Derivatives, chapter 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray

from lstmviz.errors import UsageError

Array = NDArray[np.floating[Any]]
Pullback = Callable[[Array], Array]  # from dL/d(result) to dL/d(operand)


def _steepness(v: Array, _: Array) -> Array:
    """1 - tanh²(v), without the digits that the difference loses where tanh is near ±1."""
    e = np.exp(-2 * np.abs(v))
    slope: Array = 4 * e / (1 + e) ** 2
    return slope


# The derivative of each operation by each of its operands; `y` is its result.
_SLOPES: dict[np.ufunc, tuple[Callable[..., Any], ...]] = {
    np.add: (lambda a, b, y: 1.0, lambda a, b, y: 1.0),
    np.subtract: (lambda a, b, y: 1.0, lambda a, b, y: -1.0),
    np.multiply: (lambda a, b, y: b, lambda a, b, y: a),
    np.divide: (lambda a, b, y: 1 / b, lambda a, b, y: -y / b),
    np.power: (lambda a, b, y: b * a ** (b - 1), lambda a, b, y: y * np.log(a)),
    # A kink counts for the second operand here: relu'(0) = 0, as PyTorch has it ...
    np.maximum: (lambda a, b, y: a > b, lambda a, b, y: a <= b),
    # ... and for both here: `sigmoid` meets its kink at 0, where the halves make it smooth.
    np.minimum: (
        lambda a, b, y: (a < b) + 0.5 * (a == b),
        lambda a, b, y: (b < a) + 0.5 * (a == b),
    ),
    np.logaddexp: (lambda a, b, y: np.exp(a - y), lambda a, b, y: np.exp(b - y)),
    np.negative: (lambda v, y: -1.0,),
    np.positive: (lambda v, y: 1.0,),
    np.absolute: (lambda v, y: np.sign(v),),
    np.sign: (lambda v, y: 0.0,),
    np.square: (lambda v, y: 2 * v,),
    np.sqrt: (lambda v, y: 0.5 / y,),
    np.exp: (lambda v, y: y,),
    np.expm1: (lambda v, y: y + 1,),
    np.log: (lambda v, y: 1 / v,),
    np.log1p: (lambda v, y: 1 / (1 + v),),
    np.sin: (lambda v, y: np.cos(v),),
    np.cos: (lambda v, y: -np.sin(v),),
    np.arctan: (lambda v, y: 1 / (1 + v * v),),
    np.tanh: (_steepness,),
}

# Comparisons give plain arrays of truth values: `v * (v > 0)` is differentiated right.
_COMPARISONS = {
    np.greater,
    np.greater_equal,
    np.less,
    np.less_equal,
    np.equal,
    np.not_equal,
    np.isfinite,
    np.isnan,
}


class Value(NDArrayOperatorsMixin):
    """An array whose operations are noted on a tape."""

    __slots__ = ("array", "index", "sources", "tape")

    def __init__(
        self, tape: Tape, array: Array, sources: Iterable[tuple[Value, Pullback]] = ()
    ) -> None:
        self.tape, self.array, self.sources = tape, array, tuple(sources)
        self.index = len(tape.values)
        tape.values.append(self)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array."""
        return self.array.shape

    @property
    def ndim(self) -> int:
        """The number of its axes."""
        return self.array.ndim

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of its numbers."""
        return self.array.dtype

    @property
    def T(self) -> Value:
        """The array with its axes in reverse order."""
        return Value(self.tape, self.array.T, [(self, lambda g: g.T)])

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, key: Any) -> Value:
        def back(g: Array) -> Array:
            whole = np.zeros_like(self.array)
            np.add.at(whole, key, g)
            return whole

        return Value(self.tape, self.array[key], [(self, back)])

    def sum(
        self, axis: Any = None, dtype: None = None, out: None = None, *, keepdims: bool = False
    ) -> Value:
        """The sum over some axes; `numpy.sum` arrives here."""
        total = np.sum(self.array, axis=axis, keepdims=True)

        def back(g: Array) -> Array:
            return np.broadcast_to(np.reshape(g, total.shape), self.array.shape)

        shown = total if keepdims else np.sum(self.array, axis=axis)
        return Value(self.tape, np.asarray(shown), [(self, back)])

    def mean(
        self, axis: Any = None, dtype: None = None, out: None = None, *, keepdims: bool = False
    ) -> Value:
        """The mean over some axes; `numpy.mean` arrives here."""
        total = self.sum(axis, keepdims=keepdims)
        mean: Value = total / (self.array.size // max(total.array.size, 1))
        return mean

    def max(self, axis: Any = None, out: None = None, *, keepdims: bool = False) -> Value:
        """The greatest over some axes; where several are, each has its share of the slope."""
        top = np.max(self.array, axis=axis, keepdims=True)
        shares = (self.array == top) / np.sum(self.array == top, axis=axis, keepdims=True)

        def back(g: Array) -> Array:
            slopes: Array = shares * np.reshape(g, top.shape)
            return slopes

        shown = top if keepdims else np.max(self.array, axis=axis)
        return Value(self.tape, np.asarray(shown), [(self, back)])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        raise UsageError(f"The cell's equations make a plain array of a value, {_HINT}")

    def __array_function__(self, function: Any, types: Any, args: Any, more: Any) -> Any:
        if function not in _FUNCTIONS:
            raise UsageError(f"The cell's equations use numpy.{function.__name__}, {_HINT}")
        return _FUNCTIONS[function](*args, **more)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **more: Any) -> Any:
        arrays = [v.array if isinstance(v, Value) else v for v in operands]
        if method != "__call__" or more:
            raise UsageError(
                f"The cell's equations use numpy.{ufunc.__name__} with more arguments, {_HINT}"
            )
        if ufunc in _COMPARISONS:
            return ufunc(*arrays)
        result = ufunc(*arrays)
        backs: tuple[Any, ...]
        if ufunc is np.matmul:
            backs = _through_product(*arrays)
        elif ufunc in _SLOPES:
            backs = tuple(
                _through(slope, arrays, result, k) for k, slope in enumerate(_SLOPES[ufunc])
            )
        else:
            raise UsageError(f"The cell's equations use numpy.{ufunc.__name__}, {_HINT}")
        sources = [(v, b) for v, b in zip(operands, backs, strict=True) if isinstance(v, Value)]
        return Value(self.tape, result, sources)


def _where(condition: Any, a: Any, b: Any) -> Any:
    operands = [v for v in (a, b) if isinstance(v, Value)]
    if isinstance(condition, Value) or not operands:
        raise UsageError(f"The cell's equations choose by a number in numpy.where, {_HINT}")
    plain = [v.array if isinstance(v, Value) else v for v in (a, b)]

    def back(chosen: Any, shape: tuple[int, ...]) -> Pullback:
        return lambda g: _unbroadcast(np.where(chosen, g, 0.0), shape)

    masks = (np.asarray(condition), ~np.asarray(condition))
    sources = [
        (v, back(mask, v.shape))
        for v, mask in zip((a, b), masks, strict=True)
        if isinstance(v, Value)
    ]
    return Value(operands[0].tape, np.where(condition, *plain), sources)


_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.where: _where,
    np.clip: lambda v, low, high: np.minimum(np.maximum(v, low), high),
    np.sum: Value.sum,
    np.mean: Value.mean,
    np.max: Value.max,
    np.zeros_like: lambda v: np.zeros_like(v.array),
    np.ones_like: lambda v: np.ones_like(v.array),
    np.shape: lambda v: v.shape,
    np.ndim: lambda v: v.ndim,
}

_HINT = (
    "which cannot be differentiated here; write it with +, -, *, /, **, @, slices, sum, mean, "
    f"max, where, clip and: {', '.join(sorted(known.__name__ for known in _SLOPES))}."
)


class Tape:
    """The values of one evaluation, in the order in which they came to be."""

    def __init__(self) -> None:
        self.values: list[Value] = []

    def leaf(self, array: Array) -> Value:
        """A value that depends on nothing."""
        return Value(self, array)

    def pull(self, seeds: Iterable[tuple[Value, Array]]) -> Callable[[Value], Array]:
        """Walk back from dL/d(value) of some values; the result gives dL/d(any value).

        Leading axes are a batch: each row of the seeds is an L of its own as long as the
        rows of what was computed do not mix.
        """
        found: list[Array | None] = [None] * len(self.values)

        def add(value: Value, gradient: Array) -> None:
            sofar = found[value.index]
            found[value.index] = gradient if sofar is None else sofar + gradient

        for value, seed in seeds:
            add(value, seed)
        for value in reversed(self.values):
            gradient = found[value.index]
            if gradient is not None:
                for source, back in value.sources:
                    add(source, back(gradient))

        def gradient_of(value: Value) -> Array:
            gradient = found[value.index]
            return np.zeros_like(value.array) if gradient is None else gradient

        return gradient_of


def _through(slope: Callable[..., Any], arrays: list[Array], result: Array, k: int) -> Pullback:
    def back(g: Array) -> Array:
        return _unbroadcast(g * slope(*arrays, result), np.shape(arrays[k]))

    return back


def _unbroadcast(gradient: Array, shape: tuple[int, ...]) -> Array:
    """Sum over the axes along which an operand was repeated."""
    extra = gradient.ndim - len(shape)
    stretched = [k + extra for k, size in enumerate(shape) if size == 1]
    axes = (*range(extra), *(k for k in stretched if gradient.shape[k] != 1))
    total: Array = gradient.sum(axis=axes, keepdims=True) if axes else gradient
    return total.reshape(shape)


def _through_product(a: Array, b: Array) -> tuple[Pullback, Pullback]:
    """The way back through a (..., n) @ b (n, m)."""
    if np.ndim(b) != 2:
        raise UsageError(f"The cell's equations use a product by no matrix, {_HINT}")

    def rows(array: Array) -> Array:
        return array.reshape(-1, array.shape[-1])

    return (lambda g: g @ b.T), (lambda g: rows(a).T @ rows(g))
