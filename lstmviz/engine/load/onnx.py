"""ONNX models: their RNN, LSTM and GRU nodes with every attribute, without onnxruntime."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.activations import Activation, Function
from lstmviz.engine.cell import Cell
from lstmviz.engine.cells import find_cell
from lstmviz.engine.load.contents import Contents, Found, Matrix, Stack, listed, real, reordered
from lstmviz.engine.load.tensors import Constants, attributes
from lstmviz.engine.network import Direction, Merge, Weights
from lstmviz.errors import UsageError

Array = NDArray[np.floating[Any]]

_ORDER = {"LSTM": "i o f g", "GRU": "z r n", "RNN": "h"}
_PEEPHOLES = "i o f"
_NAMES = {
    "relu": "relu", "tanh": "tanh", "sigmoid": "sigmoid", "affine": "affine",
    "leakyrelu": "leaky_relu", "thresholdedrelu": "thresholded_relu", "scaledtanh": "scaled_tanh",
    "hardsigmoid": "hard_sigmoid", "elu": "elu", "softsign": "softsign", "softplus": "softplus",
}  # fmt: skip
_ALPHA = {"affine", "leaky_relu", "thresholded_relu", "scaled_tanh", "hard_sigmoid", "elu"}
_BETA = {"affine", "scaled_tanh", "hard_sigmoid"}
# The operator gives no numbers for these; onnxruntime takes 0, and that is no use to anybody.
# For ThresholdedRelu it takes 0, too, where ONNX says 1: so that one must be told as well.
_NEEDED = {"affine", "scaled_tanh", "thresholded_relu"}
# The words of our cells for the functions f, g, h of the operator, and its defaults.
_WORDS = {"LSTM": ("sigmoid", "tanh", "squash"), "GRU": ("sigmoid", "tanh"), "RNN": ("tanh",)}
_DEFAULTS = {"LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"], "RNN": ["Tanh"]}
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
    try:
        model.ParseFromString(path.read_bytes())
    except DecodeError:
        raise UsageError("it is damaged or no ONNX model") from None
    if not model.graph.node or not model.ir_version:
        raise UsageError("it is no ONNX model, or one without nodes")
    beside = sum(one.stat().st_size for one in _beside(model, path.parent))
    return _Reader(model.graph, path.parent, path.stat().st_size + beside).contents()


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
        self.nodes: dict[str, Any] = {}  # recurrent nodes by name
        self.names: dict[str, str] = {}  # their names by what they put out
        for node in graph.node:
            if node.op_type in _ORDER and node.domain in ("", "ai.onnx") and node.output:
                name = node.name or next((out for out in node.output if out), "")
                while not name or name in self.nodes:
                    name += f"{node.op_type.lower()}_{len(self.nodes)}"
                self.nodes[name] = node
                self.names.update({out: name for out in node.output[:1] if out})

    def contents(self) -> Contents:
        levels: dict[str, tuple[Found, ...]] = {}
        notes: dict[str, list[str]] = {}
        lengths: dict[str, int | None] = {}
        unusable: list[str] = []
        for name, node in self.nodes.items():
            try:
                levels[name], notes[name], lengths[name] = self._layer(name, node)
            except UsageError as error:
                unusable.append(f"{name}: {error}")
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
        stacks = self._stacks(levels, notes, lengths, {matrix.name for matrix in matrices})
        return Contents("ONNX model", tuple(stacks), tuple(matrices), tuple(unusable))

    def _stacks(
        self,
        levels: dict[str, tuple[Found, ...]],
        notes: dict[str, list[str]],
        lengths: dict[str, int | None],
        embeddings: set[str],
    ) -> Iterator[Stack]:
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
            if embedding is not None and (
                embedding not in embeddings or any(len(levels[name]) > 2 for name in members)
            ):
                embedding = None
            yield Stack(
                chain[-1][0],
                tuple(tuple(f for name in one for f in levels[name]) for one in chain),
                tuple(pairs[one[0]][2] if len(one) > 1 else "concat" for one in chain),
                embedding,
                tuple(assumed),
                min(found, default=None),
            )

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

    def _source(self, name: str, pairs: dict[str, tuple[str, str, Merge]]) -> _Source:
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
            if node.op_type in _MERGES and len(node.input) == 2:
                sources = [self._source(given, {}) for given in node.input]
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
                found.append(Matrix(name, rows, width, partial(self._weight, name, name), True))
        return found

    def _weight(self, name: str, what: str) -> Array:
        value = self.constants.value(name)
        if value is None:
            how = "is an input of the model" if name in self.inputs else "is computed in the model"
            raise UsageError(f"its {what} {how}, so its numbers are not in the file")
        return real(value, name)

    def _layer(self, name: str, node: Any) -> tuple[tuple[Found, ...], list[str], int | None]:
        given = attributes(node)
        op, inputs = node.op_type, [*node.input, *[""] * 8]
        gates = len(_ORDER[op].split())
        ways = _ways(given.get("direction", "forward"))
        W, R = self._weight(inputs[1], "W"), self._weight(inputs[2], "R")
        if W.ndim != 3 or R.ndim != 3 or len(W) != len(ways) or not W.size:
            raise UsageError(f"W and R have the shapes {W.shape} and {R.shape}, which do not fit")
        hidden = R.shape[2]
        if (
            W.shape[1] != gates * hidden
            or R.shape != (len(ways), gates * hidden, hidden)
            or given.get("hidden_size", hidden) != hidden
        ):
            raise UsageError(
                f"W, R and hidden_size are {W.shape}, {R.shape} and {given.get('hidden_size')}, "
                "which do not fit each other"
            )
        B = np.zeros((len(ways), 2 * gates * hidden), W.dtype)
        if inputs[3]:
            B = self._weight(inputs[3], "B")
        P = self._weight(inputs[7], "P") if op == "LSTM" and inputs[7] else None
        for what, value, shape in (("B", B, (len(ways), 2 * gates * hidden)),
                                   ("P", P, (len(ways), 3 * hidden))):  # fmt: skip
            if value is not None and value.shape != shape:
                raise UsageError(f"{what} has the shape {value.shape}, but {shape} fits")
        states = {"h": inputs[5], **({"c": inputs[6]} if op == "LSTM" else {})}
        notes: list[str] = []
        initial = {
            state: value
            for state, source in states.items()
            if source
            and (value := self._state(name, state, source, given, len(ways), hidden, notes))
            is not None
        }
        length = self._length(name, inputs[4], notes)
        cells = _cells(op, given, len(ways), P is not None)
        found = tuple(
            Found(
                name,
                cell,
                way,
                W.shape[2],
                hidden,
                hidden,
                partial(_weights, op, cell, W[k], R[k], B[k], None if P is None else P[k]),
                {state: value[k] for state, value in initial.items()},
            )
            for k, (way, cell) in enumerate(zip(ways, cells, strict=True))
        )
        return found, notes, length

    def _state(
        self, name: str, state: str, source: str, given: dict[str, Any], ways: int, hidden: int,
        notes: list[str],
    ) -> Array | None:  # fmt: skip
        """The state (directions, units) that a node starts from; None for zeros."""
        value = self.constants.value(source)
        if value is None and self.constants.zero(source):
            return None
        if value is None:
            value = self.constants.value(source, spread=True)
        if value is None:
            how = "given from outside" if source in self.inputs else "computed in the model"
            notes.append(
                f"the initial {state} of {name} is {how}; it is 0 here unless initial= gives it"
            )
            return None
        array = real(value, source)
        if given.get("layout", 0) == 1 and array.ndim == 3:
            array = array.swapaxes(0, 1)
        if array.ndim != 3 or array.shape[::2] != (ways, hidden) or not array.size:
            raise UsageError(f"its initial {state} has the shape {array.shape}, which does not fit")
        if (array != array[:, :1]).any():
            notes.append(
                f"the initial {state} of {name} is stored for {array.shape[1]} sequences; that of "
                "the first is used"
            )
        return array[:, 0] if array.any() else None

    def _length(self, name: str, source: str, notes: list[str]) -> int | None:
        if not source:
            return None
        value = self.constants.value(source)
        if value is None:
            how = "given from outside" if source in self.inputs else "computed in the model"
            notes.append(f"the sequence_lens of {name} are {how}; all ticks are read")
            return None
        if value.ndim != 1 or not value.size or value.dtype.kind != "i" or value.min() < 1:
            raise UsageError("its sequence_lens hold no lengths of sequences")
        if value.max() != value.min():
            notes.append(f"{name} stores sequence_lens of several sequences; the first is used")
        return int(value[0])


def _ways(direction: str) -> tuple[Direction, ...]:
    match direction.lower():
        case "forward":
            return ("forward",)
        case "reverse":
            return ("backward",)
        case "bidirectional":
            return ("forward", "backward")
    raise UsageError(f"its direction is '{direction}', which no such node has")


def _cells(op: str, given: dict[str, Any], ways: int, peepholes: bool) -> list[Cell]:
    """The cell of each direction, with the functions that its attributes ask for."""
    words = _WORDS[op]
    functions = _functions(given, _DEFAULTS[op] * ways, len(words) * ways)
    if op == "LSTM":
        coupled = "-coupled" if given.get("input_forget", 0) else ""
        name = "lstm" + coupled + ("-peephole" if peepholes else "")
    elif op == "GRU":
        name = "gru" if given.get("linear_before_reset", 0) else "gru-reset-before"
    else:
        name = "rnn"
    cells = []
    for k in range(ways):
        own = dict(zip(words, functions[k * len(words) : (k + 1) * len(words)], strict=True))
        clip = given.get("clip")
        if clip is not None:
            # The cell state is not cut before `squash`, as onnxruntime does it, too.
            own = {
                word: one if word == "squash" else replace(one, clip=float(clip))
                for word, one in own.items()
            }
        if op == "RNN" and own["tanh"].name == "relu":
            cells.append(find_cell("rnn-relu").configured({"relu": _bare(own["tanh"])}))
        else:
            cells.append(find_cell(name).configured({w: _bare(one) for w, one in own.items()}))
    return cells


def _bare(one: Activation) -> Function:
    return one.plain or one


def _functions(given: dict[str, Any], defaults: list[str], count: int) -> list[Activation]:
    """The activations of a node; alphas and betas go, in turn, to those that take them."""
    names = given.get("activations") or defaults
    if len(names) != count:
        raise UsageError(f"it has {len(names)} activations, but needs {count}: {listed(names)}")
    alphas, betas = list(given.get("activation_alpha", [])), list(given.get("activation_beta", []))
    found = []
    for name in names:
        ours = _NAMES.get(name.lower())
        if ours is None:
            raise UsageError(f"its activation '{name}' is none that the operator knows")
        parameters = []
        for parameter, takers, numbers in (("alpha", _ALPHA, alphas), ("beta", _BETA, betas)):
            if ours in takers and numbers:
                parameters.append((parameter, float(numbers.pop(0))))
            elif ours in takers and ours in _NEEDED:
                raise UsageError(f"its activation '{name}' lacks its activation_{parameter}")
        found.append(Activation(ours, tuple(parameters)))
    return found


def _weights(op: str, cell: Cell, W: Array, R: Array, B: Array, P: Array | None) -> Weights:
    order = _ORDER[op]
    b, rb = np.split(B, 2)
    blocks: Callable[[Array], Array] = partial(_pick, order=order, cell=cell)
    extras = {}
    if P is not None:
        parts = dict(zip(_PEEPHOLES.split(), np.split(P, 3), strict=True))
        extras = {name: parts[name[-1]] for name in cell.params}
    return Weights(blocks(W), blocks(R), blocks(b), blocks(rb), extras)


def _pick(array: Array, order: str, cell: Cell) -> Array:
    """The rows of the cell's gates; a coupled cell has none for forgetting."""
    return reordered(array, order, cell.gates)
