"""What follows the recurrent nodes of an ONNX model, read exactly as the graph says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.model.activations import Activation
from lstmviz.engine.model.network import Merge
from lstmviz.engine.model.readout import Dense, Pooling, Readout
from lstmviz.errors import UsageError
from lstmviz.load.onnx.constants import Constants
from lstmviz.load.onnx.graph import Node
from lstmviz.load.onnx.operators import FOLDED, MOVED, axes_of, size_of
from lstmviz.load.onnx.picked import (
    MOST,
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

_TRIED = (5, 7)  # ticks that the graph is followed for, where it takes any number
_DEEPEST = 200  # nodes from an answer back to the recurrent ones
# What makes a choice of the answers, or gives them names, and is not run.
_CHOICES = ("ArgMax", "TopK", "ai.onnx.ml:ZipMap")
# Activations by their operators, with the parameters that they have and their defaults.
_ACTIVATIONS: Mapping[str, tuple[str, Mapping[str, float]]] = {
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
_ALONG = {"Softmax": "softmax", "LogSoftmax": "log_softmax"}
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
    fed: str  # what goes into the first layer
    inputs: int  # the number of values that do

    @property
    def all_ways(self) -> tuple[str, ...]:
        """Its directions."""
        return tuple(way for ways in self.ways for way in ways)


@dataclass(frozen=True)
class Answer:
    """What a graph makes of its last recurrent layer."""

    readout: Readout | None
    name: str = ""  # of the graph's output
    others: tuple[str, ...] = ()  # further answers, which are not shown
    why: str = ""  # the first node that is not understood
    notes: tuple[str, ...] = ()


class _NotRead(Exception):
    """A node stands in the way; `args` has what to call it."""


@dataclass(frozen=True)
class _Unknown:
    """A value that does not depend on the recurrent layer, nor is it stored."""

    shape: tuple[int, ...] | None = None


_Value = Picked | Values | _Unknown


def answer_of(constants: Constants, last: Last) -> Answer:
    """The readout of a graph, or why there is none.

    The graph is followed with values of which only their place in time is known, for two
    numbers of ticks: what comes of both must be the same.
    """
    found: dict[str, Readout] = {}
    labels: dict[str, tuple[str, ...]] = {}
    notes: list[str] = []
    why = ""
    for name in constants.graph.outputs:
        try:
            made, names, said = _followed(constants, last, name)
        except _NotRead as problem:
            why = why or str(problem)
            continue
        if made is not None:
            found[name], labels[name] = made, names
            notes += said
    if not found:
        return Answer(None, why=why)
    name, first = next(iter(found.items()))
    others = tuple(other for other, one in found.items() if not _equal(first, one))
    names = next((labels[other] for other in found if labels[other]), ())
    if len(names) == (2 if first.of_two else first.answers):
        first = replace(first, labels=names)
    return Answer(first, name, others, notes=tuple(dict.fromkeys(notes)))


def _followed(
    constants: Constants, last: Last, name: str
) -> tuple[Readout | None, tuple[str, ...], list[str]]:
    """The readout that an output of the graph is; None when it is no such thing."""
    labels: tuple[str, ...] = ()
    node = constants.makers.get(name)
    notes = []
    for _ in range(_DEEPEST):
        if node is None or node.op not in (*_CHOICES, "Identity", "Cast", "Squeeze"):
            break
        if node.op == "ai.onnx.ml:ZipMap":
            given = node.given.get("classlabels_strings") or node.given.get("classlabels_int64s")
            labels = tuple(map(str, given or ()))
        elif node.op in _CHOICES:
            notes.append(f"what {node.title} chooses of the answers is not run")
        if node.op == "TopK" and node.outputs[0] != name:
            return None, (), []
        name = node.inputs[0]
        node = constants.makers.get(name)
    made = []
    for count in _counts(constants, last):
        walk = _Walk(constants, last, count)
        value = walk.value(name)
        if not isinstance(value, Picked):
            return None, (), []
        made.append(_readout(value, last, notes))
    notes += walk.notes
    first = made[0]
    for other in made[1:]:
        if (first is None) != (other is None) or (
            first is not None and other is not None and not _equal(first, other)
        ):
            raise _NotRead("a step that depends on how long the input is")
    return first, labels, notes


def _equal(one: Readout, other: Readout) -> bool:
    return (
        one.pooling == other.pooling
        and len(one.dense) == len(other.dense)
        and all(
            a.activation == b.activation and np.array_equal(a.W, b.W) and np.array_equal(a.b, b.b)
            for a, b in zip(one.dense, other.dense, strict=True)
        )
    )


def _readout(value: Picked, last: Last, notes: list[str]) -> Readout | None:
    """The readout that makes a value; None when it is what the layer gives, as it is."""
    stage, ticks = value.stage, value.stage.ticks
    if stage.W is None and stage.b is None and not stage.dense:
        return None  # whichever of them it is
    first = value.when // ticks.each == 0  # the first sequence
    when, row = value.when[first] % ticks.each, value.row[first]
    if not when.size:
        raise _NotRead("its last step")
    times = np.unique(when)
    pooling: Pooling
    if len(times) == ticks.count and times[-1] < ticks.count:
        order = np.argsort(when, kind="stable")
        if when.size % ticks.count:
            raise _NotRead("its last step")
        vectors = row[order].reshape(ticks.count, -1)
        if (vectors != vectors[0]).any():
            raise _NotRead("its last step")
        row, pooling = vectors[0], "each"
    elif len(times) > 1:
        raise _NotRead("its last step, which gives values of several ticks")
    else:
        pooling = _pooling(int(times[0]), stage, last)
    if len(row) != len(np.unique(row)):
        raise _NotRead("its last step, which gives values twice")
    dense = stage.dense
    whole = len(row) == stage.width and (row == np.arange(stage.width)).all()
    if stage.W is not None or stage.b is not None or (dense and not whole):
        dense = stage.then(row, Activation("linear")).dense
    if not dense:
        return None
    if stage.memory:
        raise _NotRead("what reads the cell state")
    return Readout((_merged(dense[0], last), *dense[1:]), pooling)


def _pooling(tick: int, stage: Stage, last: Last) -> Pooling:
    """How a readout says that the graph reads one tick, or all of them together."""
    ticks, ways = stage.ticks, last.all_ways
    if tick == ticks.pooled:
        return stage.pooling
    if tick == ticks.end:
        return "last"
    if ways == ("forward",) and tick == ticks.count - 1:
        return "last"
    if ways == ("backward",) and tick == 0:
        return "last"
    if len(ways) == 2 and tick == ticks.count - 1:
        return "each"
    raise _NotRead("a step that takes one output from the middle of its reading")


def _merged(first: Dense, last: Last) -> Dense:
    """A dense layer that reads both directions, as one of what they are merged to."""
    if last.merge == "concat" or len(last.all_ways) == 1:
        return first
    W = first.W
    one, other = W[:, : last.hidden], W[:, last.hidden :]
    if last.merge != "sum" or not np.array_equal(one, other):
        raise _NotRead("what merges the directions")
    return Dense(one, first.b, first.activation, first.name)


def _counts(constants: Constants, last: Last) -> tuple[int, ...]:
    """The numbers of ticks to follow the graph for: the only one that it takes, if that is so."""
    for shape, declared in _entrance(constants, last, ("ticks", "batch")):
        for size, told in zip(shape, declared, strict=False):
            if size == "ticks" and told:
                return (told,)
    return _TRIED


def _entrance(
    constants: Constants, last: Last, sizes: tuple[Any, Any]
) -> Iterator[tuple[list[Any], tuple[int, ...]]]:
    """The shape of what the model is given, as it must be for the first layer; and as declared."""
    for name, shape in _before(constants, last, sizes):
        if name in constants.graph.inputs:
            yield shape, constants.graph.inputs[name]


def _before(
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
        elif node.op == "Gather" and node.given.get("axis", 0) == 0 and len(shape) == 3:
            shape, name = shape[:-1], node.inputs[1]
            continue
        else:
            return
        name = node.inputs[0]


class _Walk:
    """The values of a graph for an input of so many ticks."""

    def __init__(self, constants: Constants, last: Last, count: int) -> None:
        self.constants, self.last = constants, last
        self.notes: list[str] = []
        self.values: dict[str, _Value] = {}
        batch = 1
        for shape, declared in _entrance(constants, last, ("ticks", "batch")):
            told = [n for size, n in zip(shape, declared, strict=False) if size == "batch"]
            batch = told[0] if told and told[0] else 1
        for name, shape in _before(constants, last, (count, batch)):
            self.values[name] = _Unknown(tuple(shape))
        outputs = last.hidden * len(last.all_ways)
        forward = last.hidden * last.all_ways.count("forward")
        if count * batch * outputs > MOST:
            raise _NotRead("more steps than can be followed")
        ticks = Ticks(count, forward, outputs)
        stage = Stage(ticks, outputs)
        first = 0
        for node, ways in zip(last.nodes, last.ways, strict=True):
            self._give(node, ways, stage, first, batch)
            first += len(ways) * last.hidden

    def _give(self, node: Node, ways: Sequence[str], stage: Stage, first: int, batch: int) -> None:
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
        memory = replace(end, stage=replace(stage, memory=True))
        for name, value in zip(node.outputs, (every, end, memory), strict=False):
            if name:
                self.values[name] = value

    def value(self, name: str, depth: int = 0) -> _Value:
        """The value of that name.

        Raises:
            _NotRead: it is made of what the layer gives, in a way that is not understood.
        """
        if name not in self.values:
            self.values[name] = self._made(name, depth)
        return self.values[name]

    def _made(self, name: str, depth: int) -> _Value:
        node = self.constants.makers.get(name)
        stored = self._stored(name)
        if stored is not None:
            return stored
        if node is None or depth > _DEEPEST:
            return _Unknown()
        if node.op == "If":
            return self.value(self._side(node, name, depth), depth + 1)
        values = [self.value(given, depth + 1) if given else None for given in node.inputs]
        try:
            return self._computed(node, name, values)
        except (NotUnderstoodError, ValueError, IndexError, KeyError, TypeError):
            # What NumPy refuses is of a shape that the graph does not have for these ticks.
            if any(isinstance(value, Picked) for value in values):
                raise _NotRead(_title(node)) from None
            return _Unknown()

    def _stored(self, name: str) -> Values | None:
        try:
            return self.constants.value(name)
        except (UsageError, ValueError, IndexError, KeyError, TypeError):
            return None

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
            raise _NotRead(_title(node))
        return sides[True]

    def _computed(self, node: Node, name: str, values: list[_Value | None]) -> _Value:
        if node.op == "Shape":
            shape = None if values[0] is None else values[0].shape
            if shape is None:
                return _Unknown()
            return np.array(shape[node.given.get("start", 0) : node.given.get("end")], np.int64)
        known = [value for value in values if isinstance(value, np.ndarray)]
        if not any(isinstance(value, Picked) for value in values):
            return self._folded(node, name, values, known)
        if any(isinstance(value, _Unknown) for value in values):
            raise NotUnderstoodError
        return self._applied(node, name, values)

    def _folded(
        self, node: Node, name: str, values: list[_Value | None], known: list[Values]
    ) -> _Value:
        """What an operator makes of numbers alone, such as the sizes of values."""
        if node.op == "ConstantOfShape" and known:
            return _Unknown(tuple(int(n) for n in known[0]))
        if len(known) < len([value for value in values if value is not None]):
            return _Unknown()
        if node.op not in FOLDED or size_of(node.op, node.given, known) > MOST:
            return _Unknown()
        made = FOLDED[node.op]({"outputs": len(node.outputs), **node.given}, *values)
        return np.asarray(made[node.outputs.index(name)] if isinstance(made, list) else made)

    def _applied(self, node: Node, name: str, values: list[Any]) -> _Value:
        op, given = node.op, node.given
        x = values[0]
        if op == "Cast" and given.get("to") in (1, 10, 11, 16):
            return x
        if op in ("QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear"):
            self.notes.append("what the model rounds to few bits after its layers is not rounded")
            # Each of these is what stands behind the whole numbers: their scale is 1 then.
            return (x, np.ones((), np.float32), np.zeros((), np.int64))[node.outputs.index(name)]
        if op == "Concat":
            if not all(isinstance(value, Picked) for value in values):
                raise NotUnderstoodError
            return joined(values, given.get("axis", 1))
        if op in MOVED:
            return self._moved(node, name, x, values[1:])
        if op in _POOLED:
            return _reduced(node, x, values)
        if op in _ALONG:
            axis = given.get("axis", -1 if node.opset >= 13 else 1)
            if node.opset < 13 and axis not in (-1, len(x.shape) - 1):
                raise NotUnderstoodError  # over all axes from there on
            return activated(x, Activation(_ALONG[op]), axis)
        function = _function(node, values)
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
        x, other = values[0], values[1] if len(values) > 1 else None
        if op in ("Add", "Sub") and isinstance(x, Picked) and isinstance(other, Picked):
            return added(x, scaled(other, np.float32(-1)) if op == "Sub" else other)
        if op == "Mul" and isinstance(x, Picked) and isinstance(other, Picked):
            return self._gated(node)
        if op in ("Add", "Mul") and isinstance(other, Picked):
            x, other = other, x
        if not isinstance(x, Picked):
            if op == "Sub" and isinstance(other, Picked):
                return shifted(scaled(other, np.float32(-1)), x)
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
                return scaled(x, np.float32(-1))
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
            case "com.microsoft:FusedGemm" if given.get("activation") in _ACTIVATIONS:
                made = _gemm(x, other, values[2] if len(values) > 2 else None, given, name)
                return activated(made, Activation(_ACTIVATIONS[given["activation"]][0]))
            case "BatchNormalization" if not given.get("training_mode"):
                return _normalised(x, values[1:], given.get("epsilon", 1e-5))
        raise NotUnderstoodError

    def _gated(self, node: Node) -> Picked:
        """A value times its own sigmoid, as SiLU is written."""
        for name, gate in (node.inputs, node.inputs[::-1]):
            maker = self.constants.makers.get(gate)
            value = self.values[name]
            if maker is not None and maker.op == "Sigmoid" and maker.inputs[0] == name:
                assert isinstance(value, Picked)
                return activated(value, Activation("silu"))
        raise NotUnderstoodError


def _title(node: Node) -> str:
    return f"{node.name} ({node.op})" if node.name else node.op


def _function(node: Node, values: list[Any]) -> Activation | None:
    """The activation of a node, with its parameters."""
    op, given = node.op, node.given
    if op == "Gelu" and given.get("approximate", "none") == "none":
        return Activation("gelu")
    if op == "Selu" and not given.keys() & {"alpha", "gamma"}:
        return Activation("selu")
    if op == "PRelu" and isinstance(values[1], np.ndarray) and values[1].size == 1:
        return Activation("leaky_relu", (("alpha", float(values[1].item())),))
    if op == "Clip":
        low, high = (
            value.item() if isinstance(value, np.ndarray) else given.get(key)
            for value, key in zip([*values[1:], None, None][:2], ("min", "max"), strict=True)
        )
        if low == 0 and high == 6:
            return Activation("relu6")
        if low == 0 and (high is None or high >= np.finfo(np.float32).max):
            return Activation("relu")
    name, parameters = _ACTIVATIONS.get(op, ("", {}))
    if not name:
        return None
    return Activation(
        name, tuple((key, float(given.get(key, default))) for key, default in parameters.items())
    )


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
    made = multiplied(x, W * np.float32(given.get("alpha", 1.0)), name)
    if bias is None:
        return made
    return shifted(made, bias * np.float32(given.get("beta", 1.0)))


def _normalised(x: Picked, numbers: Sequence[Values], epsilon: float) -> Picked:
    """A batch normalisation that has learnt: of channels, which stand on the second axis."""
    gamma, beta, mean, variance = (
        one.reshape(-1, *[1] * (len(x.shape) - 2)) for one in numbers[:4]
    )
    by = gamma / np.sqrt(variance + np.float32(epsilon))
    return shifted(scaled(x, by), beta - mean * by)
