"""Following an ONNX graph forward from its recurrent nodes, through what makes an answer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.model.activations import Activation
from lstmviz.engine.model.network import Merge
from lstmviz.engine.model.readout import Pooling
from lstmviz.load.onnx.constants import Constants
from lstmviz.load.onnx.functions import ACTIVATIONS, ALONG, Patterns, clipped, function_of
from lstmviz.load.onnx.graph import Node
from lstmviz.load.onnx.operators import FOLDED, MOVED, axes_of, size_of
from lstmviz.load.onnx.picked import (
    MOST,
    OTHER,
    NotUnderstoodError,
    Picked,
    Stage,
    Ticks,
    activated,
    added,
    joined,
    multiplied,
    reduced,
    scaled,
    shifted,
)

Values = NDArray[Any]

_MINUS = np.full((), -1, np.float32)
_DEEPEST = 120  # nodes from an answer back to the recurrent ones
_POOLED: Mapping[str, Pooling] = {
    "ReduceMean": "mean",
    "ReduceMax": "max",
    "ReduceSum": "sum",
    "GlobalAveragePool": "mean",
    "GlobalMaxPool": "max",
    "AveragePool": "mean",
    "MaxPool": "max",
}


@dataclass(frozen=True)
class Last:
    """The last recurrent layer: one node, or one for each direction, and how they are merged."""

    nodes: tuple[Node, ...]
    ways: tuple[tuple[str, ...], ...]  # the directions of each node
    hidden: int
    merge: Merge
    below: tuple[tuple[Node, int, int], ...]  # the nodes below it: directions, and units of each
    fed: str  # what goes into the first layer
    inputs: int  # the number of values that do

    @property
    def all_ways(self) -> tuple[str, ...]:
        """Its directions."""
        return tuple(way for ways in self.ways for way in ways)


class NotReadError(Exception):
    """A node stands in the way; `args` has what to call it."""


@dataclass(frozen=True)
class Unknown:
    """A value that does not depend on the recurrent layer, nor is it stored."""

    shape: tuple[int, ...] | None = None


Value = Picked | Values | Unknown


def entrance(
    constants: Constants, last: Last, sizes: tuple[Any, Any]
) -> Iterator[tuple[list[Any], tuple[int, ...]]]:
    """The shape of what the model is given, as it must be for the first layer; and as declared."""
    for name, shape in before(constants, last, sizes):
        if name in constants.graph.inputs:
            yield shape, constants.graph.inputs[name]


def before(
    constants: Constants, last: Last, sizes: tuple[Any, Any]
) -> Iterator[tuple[str, list[Any]]]:
    """The values on the way to the first layer, backward, with their shapes."""
    name, shape = last.fed, [*sizes, last.inputs]
    if last.nodes[0].given.get("layout"):
        shape[:2] = reversed(shape[:2])
    for _ in range(_DEEPEST):
        yield name, shape
        node = constants.makers.get(name)
        if node is None:
            return
        if node.op in ("Identity", "Cast", "Dropout", "DequantizeLinear", "QuantizeLinear"):
            pass
        elif node.op == "Transpose":
            turned = node.given.get("perm") or range(len(shape))[::-1]
            shape = [shape[list(turned).index(k)] for k in range(len(shape))]
        elif node.op == "ReverseSequence" or _steps_back(constants, node):
            pass
        elif node.op == "Gather" and node.given.get("axis", 0) == 0 and len(shape) == 3:
            shape, name = shape[:-1], node.inputs[1]
            continue
        else:
            return
        name = node.inputs[0]


def _steps_back(constants: Constants, node: Node) -> bool:
    """Whether it is a slice from an end to the beginning."""
    steps = constants.value(node.inputs[4]) if node.op == "Slice" and node.input(4) else None
    return steps is not None and steps.size == 1 and steps.item() == -1


class Walk:
    """The values of a graph for an input of so many ticks."""

    def __init__(self, constants: Constants, last: Last, after: set[str], count: int) -> None:
        """`after` are the names of what is made of the layer's outputs."""
        self.after, self.patterns = after, Patterns(constants, after)
        self.constants, self.last = constants, last
        self.notes: list[str] = []
        self.values: dict[str, Value] = {}
        batch = 1
        for shape, declared in entrance(constants, last, ("ticks", "batch")):
            told = [n for size, n in zip(shape, declared, strict=False) if size == "batch"]
            batch = told[0] if told and told[0] else 1
        for name, shape in before(constants, last, (count, batch)):
            self.values[name] = Unknown(tuple(shape))
        outputs = last.hidden * len(last.all_ways)
        forward = last.hidden * last.all_ways.count("forward")
        if count * batch * outputs > MOST:
            raise NotReadError("more steps than can be followed")
        ticks = Ticks(count, forward, outputs)
        stage = Stage(ticks, outputs)
        memory = replace(stage, memory=True)
        for node, many, units in last.below:  # PyTorch joins the states of all layers
            size = (batch, many, units) if node.given.get("layout") else (many, batch, units)
            row, when = np.full(size, OTHER), np.zeros(size, int)
            for name, kind in zip(node.outputs[1:], (stage, memory), strict=False):
                if name:
                    self.values[name] = Picked(kind, when, row)
        first = 0
        for node, ways in zip(last.nodes, last.ways, strict=True):
            self._give(node, ways, stage, memory, first, batch)
            first += len(ways) * last.hidden

    def _give(
        self, node: Node, ways: Sequence[str], stage: Stage, memory: Stage, first: int, batch: int
    ) -> None:
        """The outputs of a recurrent node: those of all ticks, and the states at the end."""
        ticks, hidden = stage.ticks, self.last.hidden
        row = first + np.arange(len(ways) * hidden).reshape(len(ways), 1, hidden)
        of = np.arange(batch)[:, None] * ticks.each
        shape = (ticks.count, len(ways), batch, hidden)
        when = of + np.arange(ticks.count)[:, None, None, None]
        every = Picked(stage, np.broadcast_to(when, shape), np.broadcast_to(row, shape))
        ends = [
            ticks.end
            if len(self.last.all_ways) == 2
            else (ticks.count - 1 if way == "forward" else 0)
            for way in ways
        ]
        when = of + np.array(ends)[:, None, None]
        end = Picked(stage, np.broadcast_to(when, shape[1:]), np.broadcast_to(row, shape[1:]))
        if node.given.get("layout"):
            every = every.moved(lambda part: part.transpose(2, 0, 1, 3))
            end = end.moved(lambda part: part.transpose(1, 0, 2))
        values = (every, end, replace(end, stage=memory))
        for name, value in zip(node.outputs, values, strict=False):
            if name:
                self.values[name] = value

    def value(self, name: str, depth: int = 0) -> Value:
        """The value of that name.

        Raises:
            NotReadError: it is made of what the layer gives, in a way that is not understood.
        """
        if name not in self.values:
            self.values[name] = self._made(name, depth)
        return self.values[name]

    def _made(self, name: str, depth: int) -> Value:
        node = self.constants.makers.get(name)
        stored = None if name in self.after else self.patterns.number(name)
        if stored is not None:
            return stored
        if depth > _DEEPEST and name in self.after:
            raise NotReadError(f"a chain of more than {_DEEPEST} nodes")
        if node is None or depth > _DEEPEST:
            return Unknown()
        if node.op in ("Loop", "Scan") and self._repeats(node):
            raise NotReadError(_title(node))
        if node.op == "If":
            return self.value(self._side(node, name, depth), depth + 1)
        pattern = self.patterns.of(node) if name in self.after else None
        if pattern is not None:
            x = self.value(pattern.of, depth + 1)
            return pattern.applied(x) if isinstance(x, Picked) else Unknown()
        values = [self.value(given, depth + 1) if given else None for given in node.inputs]
        try:
            return self._computed(node, name, values)
        except (NotUnderstoodError, ValueError, IndexError, KeyError, TypeError):
            # What NumPy refuses is of a shape that the graph does not have for these ticks.
            if any(isinstance(value, Picked) for value in values):
                raise NotReadError(_title(node)) from None
            return Unknown()

    def _repeats(self, loop: Node) -> bool:
        """Whether a loop has the layer in it, or reads it from within."""
        inside = (node for node in self.constants.graph.nodes if loop.name in node.path)
        outputs = {name for node in self.last.nodes for name in node.outputs if name}
        return any(outputs & {*node.inputs, *node.outputs} for node in inside)

    def _side(self, node: Node, name: str, depth: int) -> str:
        """What an If gives: of the branch that the layer is in, or that is taken."""
        at = 1 + node.outputs.index(name)
        sides = {True: node.input(at), False: node.input(at + len(node.outputs))}
        for branch in self.last.nodes[0].branches:
            if branch.condition == node.inputs[0]:
                return sides[branch.taken]
        taken = self.value(node.inputs[0], depth + 1)
        if isinstance(taken, np.ndarray) and taken.size == 1:
            return sides[bool(taken.any())]
        if any(isinstance(self.value(side, depth + 1), Picked) for side in sides.values()):
            raise NotReadError(_title(node))
        return sides[True]

    def _computed(self, node: Node, name: str, values: list[Value | None]) -> Value:
        if node.op == "Shape":
            shape = None if values[0] is None else values[0].shape
            if shape is None:
                return Unknown()
            return np.array(shape[node.given.get("start", 0) : node.given.get("end")], np.int64)
        known = [value for value in values if isinstance(value, np.ndarray)]
        if not any(isinstance(value, Picked) for value in values):
            return self._folded(node, name, values, known)
        if any(isinstance(value, Unknown) for value in values):
            raise NotUnderstoodError
        return self._applied(node, name, values)

    def _folded(
        self, node: Node, name: str, values: list[Value | None], known: list[Values]
    ) -> Value:
        """What an operator makes of numbers alone, such as the sizes of values."""
        if node.op == "ConstantOfShape" and known:
            return Unknown(tuple(int(n) for n in known[0]))
        if len(known) < len([value for value in values if value is not None]):
            return Unknown()
        if node.op not in FOLDED or size_of(node.op, node.given, known) > MOST:
            return Unknown()
        made = FOLDED[node.op]({"outputs": len(node.outputs), **node.given}, *values)
        return np.asarray(made[node.outputs.index(name)] if isinstance(made, list) else made)

    def _applied(self, node: Node, name: str, values: list[Any]) -> Value:
        op, given = node.op, node.given
        x: Any = values[0]
        if op == "Cast" and given.get("to") in (1, 10, 11, 16):
            same: Value = x
            return same
        if op in ("QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear"):
            self.notes.append("what the model rounds to few bits after its layers is not rounded")
            # Each of these is what stands behind the whole numbers: their scale is 1 then.
            values = [x, np.ones((), np.float32), np.zeros((), np.int64)]
            found: Value = values[node.outputs.index(name)]
            return found
        if op == "Concat":
            if not all(isinstance(value, Picked) for value in values):
                raise NotUnderstoodError
            return joined(values, given.get("axis", 1))
        if op == "ReverseSequence":
            return _reversed(node, x, values[1])
        if op in MOVED:
            return self._moved(node, name, x, values[1:])
        if op in _POOLED:
            return _reduced(node, x, values)
        if op in ALONG:
            axis = given.get("axis", -1 if node.opset >= 13 else 1)
            if node.opset < 13 and axis not in (-1, len(x.shape) - 1):
                raise NotUnderstoodError  # over all axes from there on
            return activated(x, Activation(ALONG[op]), axis)
        if op == "Clip":
            low, high = (
                value.item() if isinstance(value, np.ndarray) else given.get(key, ends)
                for value, key, ends in zip(
                    [*values[1:], None, None], ("min", "max"), (-math.inf, math.inf), strict=False
                )
            )
            clip = clipped("", low, high)
            if clip is None:
                raise NotUnderstoodError
            return clip.applied(x)
        function = function_of(node, values)
        if function is not None:
            return activated(x, function)
        return self._affine(node, values)

    def _moved(self, node: Node, name: str, x: Any, rest: list[Any]) -> Picked:
        if not isinstance(x, Picked) or any(isinstance(value, Picked) for value in rest):
            raise NotUnderstoodError
        if node.op == "Dropout":
            return x
        given = {"outputs": len(node.outputs), **node.given}
        if node.op in ("Expand", "Tile", "Gather"):
            shape = np.broadcast_to(np.int8(0), x.shape)
            if size_of(node.op, given, [shape, *rest]) > MOST:
                raise NotUnderstoodError
        made = x.moved(lambda part: MOVED[node.op](given, part, *rest))
        found: Picked = made[node.outputs.index(name)] if isinstance(made, list) else made
        return found

    def _affine(self, node: Node, values: list[Any]) -> Picked:
        op, given, name = node.op, node.given, node.title
        x: Any = values[0]
        other: Any = values[1] if len(values) > 1 else None
        if op in ("Add", "Sub") and isinstance(x, Picked) and isinstance(other, Picked):
            return added(x, scaled(other, _MINUS) if op == "Sub" else other)
        if op in ("Add", "Mul") and isinstance(other, Picked):
            x, other = other, x
        if not isinstance(x, Picked):
            if op == "Sub" and isinstance(other, Picked):
                return shifted(scaled(other, _MINUS), x)
            raise NotUnderstoodError
        if any(isinstance(value, Picked) for value in values if value is not x):
            raise NotUnderstoodError
        match op:
            case "Add":
                return shifted(x, other)
            case "Sub":
                return shifted(x, -other)
            case "Mul":
                return scaled(x, other)
            case "Div":
                return scaled(x, 1 / other)
            case "Neg":
                return scaled(x, _MINUS)
            case "MatMul":
                return multiplied(x, other, name)
            case "MatMulInteger":
                away = values[3] if len(values) > 3 else None
                return multiplied(x, _exact(other, np.ones((), np.float32), away), name)
            case "com.microsoft:DynamicQuantizeMatMul":
                scale, away, bias = [*values[2:], None, None][:3]
                made = multiplied(x, _exact(other, scale, away), name)
                return made if bias is None else shifted(made, bias)
            case "Gemm":
                return _gemm(x, other, values[2] if len(values) > 2 else None, given, name)
            case "com.microsoft:FusedMatMul" if not given.get("transA"):
                W = other.swapaxes(-1, -2) if given.get("transB") else other
                return multiplied(x, W * np.float32(given.get("alpha", 1)), name)
            case "com.microsoft:FusedGemm" if given.get("activation") in ACTIVATIONS:
                made = _gemm(x, other, values[2] if len(values) > 2 else None, given, name)
                return activated(made, Activation(ACTIVATIONS[given["activation"]][0]))
            case "BatchNormalization" if not given.get("training_mode"):
                return _normalised(x, values[1:], given.get("epsilon", 1e-5))
        raise NotUnderstoodError


def _reversed(node: Node, x: Any, lengths: Any) -> Picked:
    """All steps in the reverse order, where none of them is left as it is."""
    time = node.given.get("time_axis", 0)
    if not isinstance(x, Picked) or not isinstance(lengths, np.ndarray):
        raise NotUnderstoodError
    if not lengths.size or (lengths != x.shape[time]).any():
        raise NotUnderstoodError
    found: Picked = x.moved(lambda part: np.flip(part, time))
    return found


def _title(node: Node) -> str:
    return f"{node.name} ({node.op})" if node.name else node.op


def _reduced(node: Node, x: Any, values: list[Any]) -> Picked:
    op, given = node.op, node.given
    if not isinstance(x, Picked):
        raise NotUnderstoodError
    spatial = list(range(2, len(x.shape)))
    if op.startswith("Reduce"):
        axes = axes_of(given, values[1] if len(values) > 1 else None)
        if not axes and given.get("noop_with_empty_axes"):
            return x
        return reduced(x, _POOLED[op], axes or range(len(x.shape)), bool(given.get("keepdims", 1)))
    if not op.startswith("Global"):
        sizes = tuple(x.shape[axis] for axis in spatial)
        if tuple(given["kernel_shape"]) != sizes or any(given.get("pads", [])):
            raise NotUnderstoodError
    return reduced(x, _POOLED[op], spatial, keep=True)


def _exact(W: Values, scale: Values, away: Values | None) -> Values:
    """The numbers behind whole ones, with one scale, or one for each column."""
    whole: Values = W.astype(np.int64) - (0 if away is None else away.astype(np.int64))
    return whole.astype(np.float32) * scale


def _gemm(x: Picked, W: Values, bias: Values | None, given: Mapping[str, Any], name: str) -> Picked:
    if given.get("transA"):
        x = x.moved(np.transpose)
    W = W.T if given.get("transB") else W
    alpha, beta = (np.float32(given.get(key, 1.0)) for key in ("alpha", "beta"))
    made = multiplied(x, W if alpha == 1 else W * alpha, name)
    return made if bias is None else shifted(made, bias if beta == 1 else bias * beta)


def _normalised(x: Picked, numbers: Sequence[Values], epsilon: float) -> Picked:
    """A batch normalisation that has learnt: of channels, which stand on the second axis."""
    gamma, beta, mean, variance = (
        one.reshape(-1, *[1] * (len(x.shape) - 2)) for one in numbers[:4]
    )
    by = gamma / np.sqrt(variance + np.float32(epsilon))
    return shifted(scaled(x, by), beta - mean * by)
