"""ONNX's operators that exporters make constants of, in NumPy.

Each takes a node's attributes, then its inputs, None where one is left out. How many values one
makes is known before it is made: a small file may ask for very many.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[Any]
Given = Mapping[str, Any]

# The types of Cast that are used here; BFLOAT16 becomes what NumPy has.
TYPES: Mapping[int, str] = {
    1: "f4",
    2: "u1",
    3: "i1",
    4: "u2",
    5: "i2",
    6: "i4",
    7: "i8",
    9: "b1",
    10: "f2",
    11: "f8",
    12: "u4",
    13: "u8",
    16: "f4",
}
_MANY = 1024  # pieces of a Split


def axes_of(given: Given, value: Values | None) -> list[int]:
    """The axes of Squeeze and its like: an attribute once, an input today."""
    if value is not None:
        return [int(axis) for axis in value.ravel()]
    return list(given.get("axes") or [])


def whole(value: Values) -> tuple[int, ...]:
    """A shape, or indices, as Python's numbers."""
    return tuple(int(n) for n in value.ravel())


def _unsqueeze(given: Given, x: Values, axes: Values | None = None) -> Values:
    found = axes_of(given, axes)
    rank = x.ndim + len(found)
    for axis in sorted(axis % rank for axis in found):
        x = np.expand_dims(x, axis)
    return x


def _squeeze(given: Given, x: Values, axes: Values | None = None) -> Values:
    return np.squeeze(x, tuple(axes_of(given, axes)) or None)


def _slice(
    given: Given,
    x: Values,
    starts: Values | None = None,
    ends: Values | None = None,
    axes: Values | None = None,
    steps: Values | None = None,
) -> Values:
    first = given["starts"] if starts is None else whole(starts)
    last = given["ends"] if ends is None else whole(ends)
    along = given.get("axes") if axes is None else whole(axes)
    by = [1] * len(first) if steps is None else whole(steps)
    cut = [slice(None)] * x.ndim
    for axis, one, other, step in zip(along or range(len(first)), first, last, by, strict=True):
        # Backward, what lies before the first is written as a large negative number.
        end = None if step < 0 and other < -x.shape[axis] else other
        cut[axis] = slice(one, end, step)
    return x[tuple(cut)]


def _reshape(given: Given, x: Values, shape: Values | None = None) -> Values:
    wanted = given["shape"] if shape is None else whole(shape)
    if given.get("allowzero"):
        return x.reshape(wanted)
    return x.reshape([x.shape[k] if n == 0 else int(n) for k, n in enumerate(wanted)])


def _flatten(given: Given, x: Values) -> Values:
    axis = given.get("axis", 1)
    axis += x.ndim if axis < 0 else 0
    return x.reshape(math.prod(x.shape[:axis]), -1)


def _concat(given: Given, *parts: Values) -> Values:
    return np.concatenate(parts, axis=given.get("axis", 1))


def _transpose(given: Given, x: Values) -> Values:
    return np.transpose(x, given.get("perm"))


def _cast(given: Given, x: Values) -> Values:
    return x.astype(TYPES[given["to"]], copy=False)


def _same(given: Given, x: Values, *rest: Values | None) -> Values:
    return x


def _gather(given: Given, x: Values, at: Values) -> Values:
    return np.take(x, at, axis=given.get("axis", 0))


def _expand(given: Given, x: Values, shape: Values) -> Values:
    return np.broadcast_to(x, np.broadcast_shapes(x.shape, whole(shape)))


def _tile(given: Given, x: Values, repeats: Values) -> Values:
    return np.tile(x, whole(repeats))


def _split(given: Given, x: Values, sizes: Values | None = None) -> list[Values]:
    axis = given.get("axis", 0)
    widths = given.get("split") if sizes is None else whole(sizes)
    if widths is None:
        count = given.get("num_outputs") or given["outputs"]
        each = -(-x.shape[axis] // count)
        widths = [each] * (count - 1)
    else:
        widths = widths[:-1]
    if len(widths) >= _MANY:
        raise ValueError("a Split into more pieces than any model has")
    return np.split(x, np.cumsum(widths).astype(int).tolist(), axis)


def _per_axis(given: Given, x: Values, numbers: Values | None) -> Values | None:
    """A scale or a zero point, in a shape that goes with what it is for."""
    if numbers is None or numbers.ndim != 1 or numbers.size == 1:
        if numbers is not None and numbers.ndim > 1:  # a number for each block
            axis = given.get("axis", 1)
            return np.repeat(numbers, given.get("block_size") or 1, axis)[
                tuple(slice(0, n) for n in x.shape)
            ]
        return None if numbers is None else numbers.reshape(())
    shape = [1] * x.ndim
    shape[given.get("axis", 1)] = numbers.size
    return numbers.reshape(shape)


def _dequantised(given: Given, x: Values, scale: Values, zero: Values | None = None) -> Values:
    by, away = _per_axis(given, x, scale), _per_axis(given, x, zero)
    whole_numbers = x.astype(np.int64) - (0 if away is None else away.astype(np.int64))
    made: Values = whole_numbers.astype(scale.dtype) * by
    return made


def _quantised(given: Given, x: Values, scale: Values, zero: Values | None = None) -> Values:
    kind = np.dtype(np.uint8 if zero is None else zero.dtype)
    by, away = _per_axis(given, x, scale), _per_axis(given, x, zero)
    moved = np.round(x / by) + (0 if away is None else away)
    return np.clip(moved, np.iinfo(kind).min, np.iinfo(kind).max).astype(kind)


def _reduced(act: Callable[..., Values]) -> Callable[..., Values]:
    def reduce(given: Given, x: Values, axes: Values | None = None) -> Values:
        along = tuple(axes_of(given, axes))
        if not along and given.get("noop_with_empty_axes"):
            return x
        return np.asarray(act(x, axis=along or None, keepdims=bool(given.get("keepdims", 1))))

    return reduce


def _l2(x: Values, **where: Any) -> Values:
    total: Values = np.sqrt(np.sum(np.square(x), **where))
    return total


def _plain(act: Callable[..., Any]) -> Callable[..., Values]:
    return lambda given, *values: np.asarray(act(*values))


def _divided(x: Values, y: Values) -> Values:
    return np.asarray(x // y if x.dtype.kind in "iu" else x / y)


_ACTS: Mapping[str, Callable[..., Any]] = {
    "Mul": np.multiply,
    "Add": np.add,
    "Sub": np.subtract,
    "Div": _divided,
    "Pow": np.power,
    "Neg": np.negative,
    "Sqrt": np.sqrt,
    "Reciprocal": np.reciprocal,
    "Abs": np.abs,
    "Where": np.where,
    "Equal": np.equal,
    "Greater": np.greater,
    "Less": np.less,
    "GreaterOrEqual": np.greater_equal,
    "LessOrEqual": np.less_equal,
    "Not": np.logical_not,
    "And": np.logical_and,
    "Or": np.logical_or,
}
ELEMENTWISE = {name: _plain(act) for name, act in _ACTS.items()}
REDUCED: Mapping[str, Callable[..., Values]] = {
    "ReduceSum": _reduced(np.sum),
    "ReduceMean": _reduced(np.mean),
    "ReduceMax": _reduced(np.max),
    "ReduceMin": _reduced(np.min),
    "ReduceProd": _reduced(np.prod),
    "ReduceL2": _reduced(_l2),
}
# What puts values elsewhere, and changes none of them.
MOVED: Mapping[str, Callable[..., Any]] = {
    "Identity": _same,
    "Dropout": _same,
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
    "Slice": _slice,
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Concat": _concat,
    "Transpose": _transpose,
    "Gather": _gather,
    "Expand": _expand,
    "Tile": _tile,
    "Split": _split,
}
FOLDED: Mapping[str, Callable[..., Any]] = {
    **MOVED,
    **ELEMENTWISE,
    **REDUCED,
    "Cast": _cast,
    "DequantizeLinear": _dequantised,
    "QuantizeLinear": _quantised,
}


def size_of(op: str, given: Given, values: list[Values]) -> int:
    """How many values an operator makes of these, before it does."""
    shapes = [value.shape for value in values]
    if op in ELEMENTWISE:
        return math.prod(np.broadcast_shapes(*shapes))
    if op == "Expand":
        return math.prod(np.broadcast_shapes(shapes[0], whole(values[1])))
    if op == "Tile":
        return values[0].size * math.prod(max(n, 0) for n in whole(values[1]))
    if op == "Gather":
        along: int = max(shapes[0][given.get("axis", 0)], 1)
        return values[0].size // along * values[1].size
    return sum(value.size for value in values)
