"""The embeddings of an ONNX graph: the matrices whose rows it takes, and by which numbers."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Matrix, real
from lstmviz.load.onnx.constants import PASSES, Constants
from lstmviz.load.onnx.graph import Graph, Node
from lstmviz.load.onnx.nodes import Nodes
from lstmviz.load.onnx.operators import ELEMENTWISE, FOLDED
from lstmviz.load.onnx.tensors import REAL

_CASTS = {"Cast": FOLDED["Cast"], "Identity": FOLDED["Identity"]}
_ROWS, _STEPS = 1_000_000, 32  # of an embedding, and of a calculation that chooses among them


class Embeddings:
    """The matrices of a graph whose rows a Gather takes."""

    def __init__(self, graph: Graph, constants: Constants, reader: Nodes) -> None:
        self.graph, self.constants, self.reader = graph, constants, reader
        self.chosen: dict[str, str] = {}  # what chooses rows, by how it is written

    def of(self, node: Node) -> Matrix | None:
        """The embedding whose rows a Gather takes."""
        name = node.input(0)
        if node.op != "Gather" or node.given.get("axis", 0) != 0:
            return None
        tensor = self.constants.stored.get(name)
        if tensor is not None and tensor.data_type in REAL:
            shape = tuple(tensor.dims)
            read = partial(self.reader.weight, name, name)
        else:
            try:
                value = self.constants.value(name)
            except UsageError:  # which is told where it matters
                return None
            after = self._scaled(node.outputs[0])
            if value is not None and value.dtype.kind in "iu" and after is not None:
                scale, zero = (self.constants.value(one) for one in (*after.inputs, "")[1:3])
                if scale is None or scale.size != 1:
                    return None
                rest = [scale] if zero is None else [scale, zero]
                value = FOLDED["DequantizeLinear"](after.given, value, *rest)
            if value is None or value.dtype.kind != "f":
                return None
            shape, read = value.shape, partial(real, value, name)
        return Matrix(name, *shape, read, True) if len(shape) == 2 else None

    def _scaled(self, name: str) -> Node | None:
        """The node that makes numbers of rows that are stored in few bits."""
        for _ in range(64):
            nodes = self.graph.takers.get(name, [])
            for node in nodes:
                if node.op == "DequantizeLinear":
                    return node
            after = next((node for node in nodes if node.op in PASSES), None)
            if after is None:
                break
            name = after.outputs[0]
        return None

    def all(self) -> list[Matrix]:
        """All of them, in the order of the graph."""
        found = (self.of(node) for node in self.graph.nodes)
        return list({matrix.name: matrix for matrix in found if matrix is not None}.values())

    def rows(self, name: str, rows: int) -> str:
        """What chooses the rows of an embedding: the input itself where each number is its row.

        Keras writes a calculation there by which numbers below 0 count from the end.
        """
        name = self.constants.through(name)
        if name in self.chosen:
            return self.chosen[name]
        self.chosen[name] = name
        tried = np.arange(rows).reshape(-1, 1)
        with suppress(UsageError, ValueError, TypeError, IndexError, KeyError):
            made = self._calculated(name, tried, {}) if rows <= _ROWS else None
            if made is not None and np.array_equal(made.ravel(), tried.ravel()):
                self.chosen[name] = next(iter(self.graph.inputs))
        return self.chosen[name]

    def _calculated(self, name: str, given: NDArray[Any], known: dict[str, Any]) -> Any:
        """A value when the model is given these numbers; None where that is not known."""
        if name not in known:
            known[name] = None  # until it is
            known[name] = self.constants.value(name)
            node = self.constants.makers.get(name)
            if name in self.graph.inputs:
                known[name] = given
            elif known[name] is None and node is not None and node.op in ELEMENTWISE | _CASTS:
                if len(known) > _STEPS:
                    return None
                values = [self._calculated(one, given, known) for one in node.inputs]
                if all(value is not None for value in values):
                    known[name] = FOLDED[node.op](node.given, *values)
        return known[name]
