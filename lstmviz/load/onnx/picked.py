"""Values that depend on what a recurrent layer gives, followed element by element.

Instead of numbers, each element has where it comes from: from which tick, and which row of an
affine map of the layer's outputs (or of the last dense layer's) it is. So however a graph shapes,
turns, cuts and joins, what a dense layer reads is known exactly, and nothing has to be guessed
from the names of nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.model.activations import Activation
from lstmviz.engine.model.readout import Dense, Pooling

Array = NDArray[np.floating[Any]]
Whole = NDArray[np.integer[Any]]

MOST = 4_000_000  # elements of a value
OTHER = -1  # the row of an element that is none of the layer's


class NotUnderstoodError(Exception):
    """A step that no readout has."""


@dataclass(frozen=True)
class Ticks:
    """How an element's tick is written as a number: that of each sequence after the other's."""

    count: int  # of each sequence
    forward: int  # how many of the outputs, the first ones, are of the forward direction
    outputs: int

    @property
    def end(self) -> int:
        """Both directions when they have read everything: they stand at different ticks."""
        return self.count

    @property
    def pooled(self) -> int:
        """All ticks together."""
        return self.count + 1

    @property
    def each(self) -> int:
        """How many numbers a sequence takes."""
        return self.count + 2


@dataclass(frozen=True, eq=False)
class Stage:
    """An affine map of the layer's outputs, perhaps through dense layers: W·v + b."""

    ticks: Ticks
    width: int  # how many rows the map has
    dense: tuple[Dense, ...] = ()
    W: Array | None = None  # None: the values themselves
    b: Array | None = None  # None: zeros
    pooling: str = "each"  # as of a Readout
    name: str = ""  # of the node that multiplied
    memory: bool = False  # whether it is of the states c, which no readout has

    @cached_property
    def matrix(self) -> Array:
        """W, also where it only hands values on."""
        return np.eye(self.width, dtype=np.float32) if self.W is None else self.W

    @cached_property
    def bias(self) -> Array:
        """The bias of each row."""
        return np.zeros(self.width, self.matrix.dtype) if self.b is None else self.b

    def then(self, rows: Whole, activation: Activation) -> Stage:
        """The stage after a dense layer of these rows."""
        whole = _are_all(rows, self.width)  # a large matrix is not copied for nothing
        W = self.matrix if whole else self.matrix[rows]
        made = Dense(W, self.bias if whole else self.bias[rows], activation, self.name)
        return Stage(
            self.ticks, len(rows), (*self.dense, made), pooling=self.pooling, memory=self.memory
        )


@dataclass(frozen=True, eq=False)
class Picked:
    """An array whose elements are values of a stage at some ticks."""

    stage: Stage
    when: Whole  # the sequence and the tick, as `Ticks` has it
    row: Whole  # of the stage's map

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value in the model."""
        return self.when.shape

    def all_known(self) -> Picked:
        """The value itself; refused where an element of it is none of the layer's."""
        if (self.row == OTHER).any():
            raise NotUnderstoodError
        return self

    def moved(self, act: Callable[[Whole], Any]) -> Any:
        """What a function that only moves elements makes of it; a list for several."""
        when, row = act(self.when), act(self.row)
        if isinstance(when, list):
            return [replace(self, when=w, row=r) for w, r in zip(when, row, strict=True)]
        return replace(self, when=when, row=row)


def _are_all(rows: Whole, width: int) -> bool:
    """Whether these are all rows, one after the other."""
    return len(rows) == width and bool((rows == np.arange(width)).all())


def joined(parts: Sequence[Picked], axis: int) -> Picked:
    """Values side by side."""
    if any(part.stage is not parts[0].stage for part in parts):
        parts = _pooled_together(parts)
    stage = _same_stage(parts)
    when, row = (np.concatenate([getattr(p, x) for p in parts], axis) for x in ("when", "row"))
    return Picked(stage, when, row)


def _pooled_together(parts: Sequence[Picked]) -> list[Picked]:
    """Several poolings of what the layer gives, and its last output, as rows of one stage.

    Refused where anything was computed of one of them before.
    """
    ticks, ways, width = parts[0].stage.ticks, [], parts[0].stage.ticks.outputs
    found = []
    for number, part in enumerate(parts):
        stage = part.all_known().stage
        if stage.W is not None or stage.b is not None or stage.dense or stage.memory:
            raise NotUnderstoodError
        sequence, tick = np.divmod(part.when, ticks.each)
        at = {*tick.ravel().tolist()}
        last = at <= {ticks.count - 1, ticks.end} and ticks.forward == ticks.outputs
        if stage.width != width or not (last or at == {ticks.pooled}):
            raise NotUnderstoodError
        ways.append("each" if last else stage.pooling)
        found.append((sequence * ticks.each + ticks.pooled, part.row + number * width))
    joint = Stage(ticks, len(ways) * width, pooling="+".join(ways))
    return [Picked(joint, when, row) for when, row in found]


def _same_stage(parts: Sequence[Picked]) -> Stage:
    stage = parts[0].stage
    if any(part.stage is not stage for part in parts):
        raise NotUnderstoodError
    return stage


def at_one_tick(stage: Stage, when: Whole, row: Whole) -> Whole:
    """The tick of each vector along the last axis, of which all elements must be of one.

    Two directions that have read everything are at different ticks, and count as one.
    """
    if (when == when[..., :1]).all():
        return when[..., 0]
    ticks = stage.ticks
    if stage.dense or stage.pooling != "each":
        raise NotUnderstoodError
    reads = stage.matrix != 0
    forward, backward = reads[:, : ticks.forward].any(1), reads[:, ticks.forward :].any(1)
    sequence, tick = np.divmod(when, ticks.each)
    ended = (
        (tick == ticks.end)
        | ((tick == ticks.count - 1) & ~backward[row])
        | ((tick == 0) & ~forward[row])
    )
    if not (ended.all() and (sequence == sequence[..., :1]).all()):
        raise NotUnderstoodError
    at: Whole = sequence[..., 0] * ticks.each + ticks.end
    return at


def _pattern(row: Whole) -> Whole:
    """The rows that every vector along the last axis has, in this order."""
    vectors = row.reshape(-1, row.shape[-1])
    if not len(vectors) or (vectors != vectors[0]).any():
        raise NotUnderstoodError
    pattern: Whole = vectors[0]
    return pattern


def multiplied(value: Picked, W: Array, name: str) -> Picked:
    """The value times a matrix (inputs, answers)."""
    while W.ndim > 2 and W.shape[0] == 1 and value.row.ndim >= W.ndim:
        W = W[0]
    if W.ndim == 1:
        wide = multiplied(value, W[:, None], name)
        return replace(wide, when=wide.when[..., 0], row=wide.row[..., 0])
    if W.ndim != 2 or not value.shape or value.shape[-1] != len(W):
        raise NotUnderstoodError
    when = at_one_tick(value.stage, value.when, value.all_known().row)
    rows = _pattern(value.row)
    stage = value.stage
    if stage.W is not None and stage.name:  # one matrix after another: a layer of its own
        stage, rows = stage.then(rows, Activation("linear")), np.arange(len(rows))
    W = W.T
    if stage.W is None and _are_all(rows, stage.width):
        made = W
    elif stage.W is None:
        made = np.zeros((len(W), stage.width), W.dtype)
        np.add.at(made.T, rows, W.T)
    else:
        made = W @ stage.W[rows]
    b = None if stage.b is None else W @ stage.b[rows]
    _check(when.size * len(W))
    new = replace(stage, width=len(W), W=made, b=b, name=name)
    shape = (*when.shape, len(W))
    return Picked(
        new, np.broadcast_to(when[..., None], shape), np.broadcast_to(np.arange(len(W)), shape)
    )


def _check(size: int) -> None:
    if size > MOST:
        raise NotUnderstoodError


def shifted(value: Picked, numbers: Array) -> Picked:
    """The value plus numbers, which are the same at each tick."""
    value, by = _each_row(value, numbers)
    stage = value.stage
    return replace(value, stage=replace(stage, b=stage.bias + by))


def scaled(value: Picked, numbers: Array) -> Picked:
    """The value times numbers, which are the same at each tick."""
    value, by = _each_row(value, numbers)
    stage = value.stage
    _check(stage.width * stage.matrix.shape[1])
    b = None if stage.b is None else stage.b * by
    return replace(value, stage=replace(stage, W=stage.matrix * by[:, None], b=b))


def _each_row(value: Picked, numbers: Array) -> tuple[Picked, Array]:
    """The number for each row of the value's stage; the value in the shape of both."""
    shape = np.broadcast_shapes(value.shape, numbers.shape)
    _check(int(np.prod(shape)))
    value = value.moved(lambda part: np.broadcast_to(part, shape))
    spread = np.broadcast_to(numbers, shape).ravel()
    rows = value.all_known().row.ravel()
    by = np.zeros(value.stage.width, np.result_type(numbers, np.float32))
    by[rows] = spread
    if (by[rows] != spread).any():
        raise NotUnderstoodError
    return value, by


def added(one: Picked, other: Picked) -> Picked:
    """The sum of two values of the same tick."""
    stage = _same_stage([one, other])
    shape = np.broadcast_shapes(one.shape, other.shape)
    parts = [part.all_known().moved(lambda x: np.broadcast_to(x, shape)) for part in (one, other)]
    when, row = (np.stack([getattr(p, x) for p in parts], -1) for x in ("when", "row"))
    return _summed(stage, when, row)


def _summed(stage: Stage, when: Whole, row: Whole, by: float = 1.0) -> Picked:
    """The sums along the last axis, times a number."""
    at = at_one_tick(stage, when, row)
    kinds, which = np.unique(row.reshape(-1, row.shape[-1]), axis=0, return_inverse=True)
    _check(len(kinds) * stage.matrix.shape[1])
    W = stage.matrix[kinds].sum(1) * np.float32(by)
    b = None if stage.b is None else stage.b[kinds].sum(1) * np.float32(by)
    new = replace(stage, width=len(kinds), W=W, b=b)
    return Picked(new, at, which.reshape(at.shape))


def reduced(value: Picked, kind: Pooling, axes: Sequence[int], keep: bool) -> Picked:
    """The mean, maximum or sum over some axes: of all ticks, or of what stands at one."""
    along = sorted(axis % len(value.shape) for axis in axes)
    ends = tuple(range(-len(along), 0))
    shape = [n for k, n in enumerate(value.shape) if k not in along]
    when, row = (
        np.moveaxis(part, along, ends).reshape(*shape, -1)
        for part in (value.when, value.all_known().row)
    )
    made = _pooled(value.stage, when, row, kind)
    if keep:
        made = made.moved(lambda part: np.expand_dims(part, tuple(along)))
    return made


def _pooled(stage: Stage, when: Whole, row: Whole, kind: Pooling) -> Picked:
    count, ticks = when.shape[-1], stage.ticks
    if count == 1:
        return Picked(stage, when[..., 0], row[..., 0])
    sequence, tick = np.divmod(np.sort(when, axis=-1), ticks.each)
    every = (tick == np.arange(ticks.count)).all() if count == ticks.count else False
    if not every or (sequence != sequence[..., :1]).any():
        if kind == "max":
            raise NotUnderstoodError
        return _summed(stage, when, row, 1 / count if kind == "mean" else 1.0)
    if (row != row[..., :1]).any() or stage.dense or stage.pooling != "each":
        raise NotUnderstoodError
    if (kind == "sum" and stage.b is not None) or (kind == "max" and stage.W is not None):
        raise NotUnderstoodError  # what comes before is no longer the same after it
    at = sequence[..., 0] * ticks.each + ticks.pooled
    return Picked(replace(stage, pooling=kind), at, row[..., 0])


def activated(value: Picked, activation: Activation, axis: int | None = None) -> Picked:
    """The value through a function; along an axis, where it is one of all answers at once."""
    row, when = value.all_known().row, value.when
    if axis is None:
        if row.ndim and value.stage.ticks.forward < value.stage.ticks.outputs:
            with suppress(NotUnderstoodError):  # both directions at their ends, from here on
                when = at_one_tick(value.stage, when, row)[..., None] + np.zeros_like(row)
        kinds, first, which = np.unique(row, return_index=True, return_inverse=True)
        order = np.argsort(first)  # as they come, not as they are numbered
        place = np.argsort(order)[which].reshape(row.shape)
        return Picked(value.stage.then(kinds[order], activation), when, place)
    last = [np.moveaxis(part, axis, -1) for part in (when, row)]
    at = at_one_tick(value.stage, *last)
    rows = _pattern(last[1])
    if len(np.unique(rows)) != len(rows):
        raise NotUnderstoodError
    shape = (*at.shape, len(rows))
    return Picked(
        value.stage.then(rows, activation),
        np.moveaxis(np.broadcast_to(at[..., None], shape), -1, axis),
        np.moveaxis(np.broadcast_to(np.arange(len(rows)), shape), -1, axis),
    )
