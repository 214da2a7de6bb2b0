"""The numbers in an ONNX graph that do not depend on its input: stored, or made of stored ones."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.errors import UsageError
from lstmviz.load.onnx.graph import Graph, Node
from lstmviz.load.onnx.operators import FOLDED, size_of, whole
from lstmviz.load.onnx.tensors import decoded

Values = NDArray[Any]

_DEEPEST = 64  # steps from a weight back to what is stored
_AGAIN = 16  # times that the bytes of a file may be made into others
_RANK = 8  # axes of a value whose shape is not known

# Nodes that hand the values on as they are, in another shape or not.
PASSES = {
    "Transpose",
    "Squeeze",
    "Unsqueeze",
    "Reshape",
    "Identity",
    "Dropout",
    "Cast",
    "Flatten",
    "Element",
    "QuantizeLinear",
    "DequantizeLinear",
}
_HANDED_ON = {"Identity", "Cast", "Dropout"}
_RESHAPED = {"Unsqueeze", "Squeeze", "Reshape"}
# What leaves zeros zeros, of whatever shape.
_ZEROS = {
    "Expand",
    "Tile",
    "Slice",
    "Identity",
    "Cast",
    "Unsqueeze",
    "Squeeze",
    "Reshape",
    "Transpose",
    "Gather",
}


class Constants:
    """The values in a graph that do not depend on its input."""

    def __init__(self, graph: Graph, folder: Path, most: int) -> None:
        """`most` is the number of values that any of them may have."""
        self._folder, self._most = folder, most
        self._left = _AGAIN * most  # bytes that may be made
        self._values: dict[tuple[str, bool], Values | None] = {}
        self._zeros: dict[str, bool] = {}
        self.graph = graph
        self.stored, self.makers = graph.stored, graph.makers

    def value(self, name: str, depth: int = 0, *, alone: bool = False) -> Values | None:
        """The array of that name; None when it depends on the input, or on unusual nodes.

        With `alone`, sizes that are not known are 1, as a batch of one sequence has it: that is
        what the states that a network starts from are made by.
        """
        # Kept, as a node may use a value twice, and its makers theirs, and so on.
        key = (name, alone)
        if key not in self._values:
            self._values[key] = self._made(name, depth, alone)
        return self._values[key]

    def _made(self, name: str, depth: int, alone: bool) -> Values | None:
        if depth > _DEEPEST or not name:
            return None
        if name in self.stored:
            return decoded(self.stored[name], self._folder)
        node = self.makers.get(name)
        if node is None:
            return None
        match node.op:
            case "Constant":
                return self._constant(node)
            case "Shape":
                return self._shape(node, depth, alone)
            case "ConstantOfShape":
                return self._filled(node, depth, alone)
            case "If":
                side = self.side(node, name)
                return None if side is None else self.value(side, depth + 1, alone=alone)
            case "Carried":
                same = self.passed(node.inputs[1]) == name  # every step gets it as it was
                return self.value(node.inputs[0], depth + 1, alone=alone) if same else None
        act = FOLDED.get(node.op)
        if act is None:
            return None
        values = [
            self.value(given, depth + 1, alone=alone) if given else None for given in node.inputs
        ]
        if alone and node.op in ("Expand", "Tile") and values[0] is not None and values[1] is None:
            return values[0]
        if any(value is None for value, given in zip(values, node.inputs, strict=True) if given):
            return None
        arrays = [value for value in values if value is not None]
        self._check(name, size_of(node.op, node.given, arrays))
        made = act({"outputs": len(node.outputs), **node.given}, *values)
        if isinstance(made, list):
            made = made[node.outputs.index(name)]
        self._left -= made.nbytes if made.base is None else 0
        if self._left < 0:
            raise UsageError("its weights are made of more values than the file has")
        return np.asarray(made)

    def _check(self, name: str, size: int) -> None:
        if size > self._most:
            raise UsageError(f"'{name}' is made of more values than the file has")

    def side(self, node: Node, name: str) -> str | None:
        """What an output of an If is, where it is known which of its branches is taken."""
        taken = self.value(node.inputs[0])
        if taken is None or taken.size != 1:
            return None
        at = 1 + node.outputs.index(name)
        return node.input(at if taken.any() else at + len(node.outputs)) or None

    def passed(self, name: str, *, reshaped: bool = False) -> str:
        """The value that nodes only hand on under this name; perhaps in another shape."""
        through = _HANDED_ON | _RESHAPED if reshaped else _HANDED_ON
        for _ in range(_DEEPEST):
            node = self.makers.get(name)
            if node is None or node.op not in through:
                break
            name = node.inputs[0]
        return name

    def through(self, name: str) -> str:
        """The value that nodes only hand on under this name, in another shape or not."""
        for _ in range(_DEEPEST):
            node = self.makers.get(name)
            if node is None or node.op not in PASSES:
                break
            name = node.inputs[0]
        return name

    def _shape(self, node: Node, depth: int, alone: bool) -> Values | None:
        given = node.inputs[0]
        shape: tuple[int, ...] | None = None
        if given in self.stored:
            shape = tuple(self.stored[given].dims)
        elif (value := self.value(given, depth + 1, alone=alone)) is not None:
            shape = value.shape
        elif alone:
            shape = (1,) * _RANK
        if shape is None:
            return None
        cut = slice(node.given.get("start", 0), node.given.get("end"))
        return np.array(shape[cut], np.int64)

    def _filled(self, node: Node, depth: int, alone: bool) -> Values | None:
        shape = self.value(node.inputs[0], depth + 1, alone=alone)
        if shape is None:
            return None
        self._check(node.outputs[0], math.prod(whole(shape)))
        one = self._filling(node)
        return np.broadcast_to(one.reshape(()), whole(shape))

    def _filling(self, node: Node) -> Values:
        given = node.given.get("value")
        return np.zeros(1, np.float32) if given is None else decoded(given, self._folder)

    def zero(self, name: str, depth: int = 0) -> bool:
        """Whether a value is 0 whatever its shape: how exporters write empty states."""
        if name not in self._zeros:
            self._zeros[name] = depth <= _DEEPEST and self._is_zero(name, depth + 1)
        return self._zeros[name]

    def _is_zero(self, name: str, depth: int) -> bool:
        node = self.makers.get(name)
        if node is not None and node.op == "ConstantOfShape":
            return not self._filling(node).any()
        if node is not None and node.op in _ZEROS:
            return self.zero(node.inputs[0], depth)
        if node is not None and node.op in ("Concat", "Mul"):
            zeros = [self.zero(given, depth) for given in node.inputs]
            return all(zeros) if node.op == "Concat" else any(zeros)
        value = self.value(name)
        return value is not None and not value.any()

    def quantised(self, name: str) -> bool:
        """Whether a value was rounded to few bits and is made of these."""
        for _ in range(_DEEPEST):
            node = self.makers.get(name)
            if node is None or node.op == "DequantizeLinear" or node.op not in FOLDED:
                return node is not None and node.op == "DequantizeLinear"
            name = node.inputs[0]
        return False

    def _constant(self, node: Node) -> Values | None:
        given = node.given
        if "value" in given:
            return decoded(given["value"], self._folder)
        for key, kind in (
            ("value_float", np.float32),
            ("value_int", np.int64),
            ("value_floats", np.float32),
            ("value_ints", np.int64),
        ):
            if key in given:
                return np.array(given[key], kind)
        return None
