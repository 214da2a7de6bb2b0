"""ONNX models: their RNN, LSTM and GRU nodes with every attribute, without onnxruntime."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.model.network import Merge
from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Contents, Found, Matrix, Stack
from lstmviz.load.onnx.constants import Constants
from lstmviz.load.onnx.nodes import ORDER, Nodes
from lstmviz.load.onnx.protobuf import check_parts

Array = NDArray[np.floating[Any]]

# Nodes that hand the values on as they are, in another shape or not.
_PASSES = {"Transpose", "Squeeze", "Unsqueeze", "Reshape", "Identity", "Dropout", "Cast", "Flatten"}
_MERGES: dict[str, Merge] = {"Concat": "concat", "Add": "sum", "Sum": "sum", "Mul": "mul"}
_MOST = 2**31 - 1  # bytes of a protobuf


def read(path: Path) -> Contents:
    """The contents of an .onnx file.

    Raises:
        UsageError: the package onnx is missing, or the file is none of a model.
    """
    try:
        from google.protobuf.message import DecodeError
        from onnx import ModelProto
    except ImportError:
        raise UsageError(
            "reading ONNX needs the package onnx; install it with: pip install 'lstmviz[networks]'"
        ) from None
    if path.stat().st_size > _MOST:
        raise UsageError("it is larger than an ONNX model can be")
    model = ModelProto()
    content = path.read_bytes()
    check_parts(content, ModelProto.DESCRIPTOR)
    try:
        model.ParseFromString(content)
    except DecodeError:
        raise UsageError("it is damaged or no ONNX model") from None
    if not model.graph.node or not model.ir_version:
        raise UsageError("it is no ONNX model, or one without nodes")
    if not _is_text(model):
        raise UsageError("it is damaged: a name in it is no text in UTF-8")
    beside = sum(one.stat().st_size for one in _beside(model, path.parent))
    return _Reader(model.graph, path.parent, path.stat().st_size + beside).contents()


def _is_text(message: Any) -> bool:
    """Whether all names in a message are texts: those that are not come as bytes."""
    for field, value in message.ListFields():
        many = value if field.is_repeated else [value]
        if field.type == field.TYPE_STRING and not all(isinstance(one, str) for one in many):
            return False
        if field.type == field.TYPE_MESSAGE and not all(map(_is_text, many)):
            return False
    return True


def _beside(model: Any, folder: Path) -> Iterator[Path]:
    """The files with external data that lie directly in the folder, for their sizes alone."""
    names = {
        entry.value
        for tensor in model.graph.initializer
        for entry in tensor.external_data
        if entry.key == "location"
    }
    for name in names:
        if (folder / Path(name).name).is_file():
            yield folder / Path(name).name


@dataclass(frozen=True)
class _Source:
    """What a value is: recurrent layers' output, an embedding, the model's input, or other."""

    kind: str  # layers, embedding, input, other
    names: tuple[str, ...] = ()
    merge: Merge = "concat"


class _Reader:
    def __init__(self, graph: Any, folder: Path, size: int) -> None:
        self.graph = graph
        self.constants = Constants(graph, folder, max(size, 1 << 16))
        self.inputs = {given.name for given in graph.input} - set(self.constants.stored)
        self.reader = Nodes(self.constants, self.inputs)
        self.nodes: dict[str, Any] = {}  # recurrent nodes by name
        self.names: dict[str, str] = {}  # their names by what they put out
        for node in graph.node:
            if node.op_type in ORDER and node.domain in ("", "ai.onnx") and node.output:
                name = node.name or next((out for out in node.output if out), "")
                while not name or name in self.nodes:
                    name += f"{node.op_type.lower()}_{len(self.nodes)}"
                self.nodes[name] = node
                self.names.update({out: name for out in node.output[:1] if out})

    def contents(self) -> Contents:
        levels: dict[str, tuple[Found, ...]] = {}
        notes: dict[str, list[str]] = {}
        lengths: dict[str, int | None] = {}
        broken: dict[str, str] = {}  # the reason by the node's name
        for name, node in self.nodes.items():
            try:
                levels[name], notes[name], lengths[name] = self.reader.layer(name, node)
            except UsageError as error:
                broken[name] = str(error)
        unusable: list[str] = []
        for node in self.graph.node:
            if node.op_type in ("Loop", "Scan"):
                unusable.append(
                    f"{node.name or node.op_type}: a {node.op_type}, which may be a recurrent "
                    "layer that was exported as a loop; load the file of PyTorch or Keras instead"
                )
            elif node.op_type in ("DynamicQuantizeLSTM", "QLinearLSTM"):
                unusable.append(f"{node.name}: its weights are quantised; export it unquantised")
        if not self.nodes and not unusable:
            unusable.append(
                "there is no RNN, LSTM or GRU node in it; an exporter may have unrolled the "
                "network, as PyTorch's newer one does with nn.RNN: load the .pt file instead, or "
                "export with dynamo=False"
            )
        matrices = self._matrices()
        stacks = self._stacks(levels, notes, lengths, {m.name for m in matrices}, broken)
        unusable += [f"{name}: {reason}" for name, reason in broken.items()]
        return Contents("ONNX model", tuple(stacks), tuple(matrices), tuple(unusable))

    def _stacks(
        self,
        levels: dict[str, tuple[Found, ...]],
        notes: dict[str, list[str]],
        lengths: dict[str, int | None],
        embeddings: set[str],
        broken: dict[str, str],
    ) -> list[Stack]:
        stacks = []
        pairs = self._pairs(levels)
        fed: dict[tuple[str, ...], _Source] = {}
        unit: tuple[str, ...]
        for name in levels:
            unit = pairs[name][:2] if name in pairs else (name,)
            fed[unit] = self._source(self.nodes[unit[0]].input[0], pairs)
        fathers = {source.names for source in fed.values() if source.kind == "layers"}
        for unit in fed:
            if unit in fathers:
                continue
            chain, at = [unit], fed[unit]
            while at.kind == "layers" and at.names in fed and at.names not in chain:
                chain.insert(0, at.names)
                at = fed[at.names]
            bad = next((name for name in at.names if name in broken), None)
            if bad is not None:
                broken[unit[0]] = f"it is fed by '{bad}', which cannot be used: {broken[bad]}"
                continue
            members = [name for one in chain for name in one]
            assumed = list(dict.fromkeys(note for name in members for note in notes[name]))
            if at.kind in ("other", "layers"):
                what = ", ".join(at.names)
                assumed.append(
                    f"what goes into {chain[0][0]} is made by {what} in the model, which is not "
                    "run: the input is that of the recurrent layer"
                )
            found = [length for name in members if (length := lengths[name]) is not None]
            embedding = at.names[0] if at.kind == "embedding" else None
            stacks.append(
                Stack(
                    chain[-1][0],
                    tuple(tuple(f for name in one for f in levels[name]) for one in chain),
                    tuple(pairs[one[0]][2] if len(one) > 1 else "concat" for one in chain),
                    embedding if embedding in embeddings else None,
                    tuple(assumed),
                    min(found, default=None),
                )
            )
        return stacks

    def _pairs(self, levels: dict[str, tuple[Found, ...]]) -> dict[str, tuple[str, str, Merge]]:
        """Forward and reverse nodes that read the same and are put together."""
        pairs: dict[str, tuple[str, str, Merge]] = {}
        for node in self.graph.node:
            if node.op_type not in _MERGES or len(node.input) != 2:
                continue
            sources = [self._source(given, pairs) for given in node.input]
            if any(s.kind != "layers" or len(s.names) != 1 for s in sources):
                continue
            one, other = (s.names[0] for s in sources)
            if one == other or one not in levels or other not in levels:
                continue
            ways = [tuple(found.direction for found in levels[name]) for name in (one, other)]
            same = self.nodes[one].input[0] == self.nodes[other].input[0] or (
                self._source(self.nodes[one].input[0], pairs)
                == self._source(self.nodes[other].input[0], pairs)
            )
            if ways == [("forward",), ("backward",)] and same:
                pairs[one] = pairs[other] = (one, other, _MERGES[node.op_type])
        return pairs

    def _source(
        self, name: str, pairs: dict[str, tuple[str, str, Merge]], *, merged: bool = True
    ) -> _Source:
        for _ in range(64):
            if name in self.names:
                return _Source("layers", (self.names[name],))
            if name in self.inputs:
                return _Source("input")
            node = self.constants.makers.get(name)
            if node is None:
                return _Source("other", (name,))
            if node.op_type in _PASSES and node.input:
                name = node.input[0]
                continue
            if node.op_type == "Gather" and node.input[0] in self.constants.stored:
                return _Source("embedding", (node.input[0],))
            if merged and node.op_type in _MERGES and len(node.input) == 2:
                # Not deeper than one: sums of sums of sums would take for ever.
                sources = [self._source(given, {}, merged=False) for given in node.input]
                names = tuple(n for s in sources for n in s.names)
                for pair in pairs.values():
                    if names == pair[:2]:
                        return _Source("layers", names, pair[2])
            return _Source("other", (node.name or node.op_type,))
        return _Source("other", (name,))

    def _matrices(self) -> list[Matrix]:
        gathered = {node.input[0] for node in self.graph.node if node.op_type == "Gather"}
        found = []
        for name, tensor in self.constants.stored.items():
            if name in gathered and len(tensor.dims) == 2 and tensor.data_type in (1, 10, 11, 16):
                rows, width = tensor.dims
                found.append(
                    Matrix(name, rows, width, partial(self.reader.weight, name, name), True)
                )
        return found
