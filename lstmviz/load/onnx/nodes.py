"""One RNN, LSTM or GRU node of an ONNX model: its attributes, weights and states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.model.activations import Activation, Function
from lstmviz.engine.model.cell import Cell
from lstmviz.engine.model.cells import find_cell
from lstmviz.engine.model.network import Direction, Weights
from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Found, listed, real, reordered
from lstmviz.load.onnx.constants import Constants
from lstmviz.load.onnx.graph import Node

Array = NDArray[np.floating[Any]]

ORDER = {"LSTM": "i o f g", "GRU": "z r n", "RNN": "h"}
QUANTISED = "com.microsoft:DynamicQuantizeLSTM"
KINDS = {**{op: op for op in ORDER}, QUANTISED: "LSTM"}  # what each recurrent node computes
_PEEPHOLES = "i o f"
_NAMES = {
    "relu": "relu",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "affine": "affine",
    "leakyrelu": "leaky_relu",
    "thresholdedrelu": "thresholded_relu",
    "scaledtanh": "scaled_tanh",
    "hardsigmoid": "hard_sigmoid",
    "elu": "elu",
    "softsign": "softsign",
    "softplus": "softplus",
}
_ALPHA = {"affine", "leaky_relu", "thresholded_relu", "scaled_tanh", "hard_sigmoid", "elu"}
_BETA = {"affine", "scaled_tanh", "hard_sigmoid"}
# The operator gives no numbers for these; onnxruntime takes 0, and that is no use to anybody.
# For ThresholdedRelu it takes 0, too, where ONNX says 1: so that one must be told as well.
_NEEDED = {"affine", "scaled_tanh", "thresholded_relu"}
# The words of our cells for the functions f, g, h of the operator, and its defaults.
_WORDS = {"LSTM": ("sigmoid", "tanh", "squash"), "GRU": ("sigmoid", "tanh"), "RNN": ("tanh",)}
_DEFAULTS = {"LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"], "RNN": ["Tanh"]}


class Nodes:
    """The recurrent nodes of a graph, read one by one."""

    def __init__(self, constants: Constants, inputs: set[str]) -> None:
        """`inputs` are the names of the values that the model is given when it runs."""
        self.constants, self.inputs = constants, inputs

    def weight(self, name: str, what: str) -> Array:
        """A stored array; a UsageError says where else it comes from."""
        value = self.constants.value(name)
        if value is None:
            how = "is an input of the model" if name in self.inputs else "is computed in the model"
            raise UsageError(f"its {what} {how}, so its numbers are not in the file")
        return real(value, name)

    def layer(self, name: str, node: Node) -> tuple[tuple[Found, ...], list[str], int | None]:
        """The directions of a node, what was assumed, and how many ticks it reads at most.

        Raises:
            UsageError: its weights are not in the file, or do not fit each other.
        """
        given = node.given
        op, inputs = KINDS[node.op], [*node.inputs, *[""] * 12]
        gates = len(ORDER[op].split())
        ways = _ways(given.get("direction", "forward"))
        if node.op == QUANTISED:
            W = self._dequantised("W", inputs[1], inputs[8], inputs[9])
            R = self._dequantised("R", inputs[2], inputs[10], inputs[11])
        else:
            W, R = self.weight(inputs[1], "W"), self.weight(inputs[2], "R")
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
            B = self.weight(inputs[3], "B")
        P = self.weight(inputs[7], "P") if op == "LSTM" and inputs[7] else None
        for what, value, shape in (
            ("B", B, (len(ways), 2 * gates * hidden)),
            ("P", P, (len(ways), 3 * hidden)),
        ):
            if value is not None and value.shape != shape:
                raise UsageError(f"{what} has the shape {value.shape}, but {shape} fits")
        states = {"h": inputs[5], **({"c": inputs[6]} if op == "LSTM" else {})}
        notes = self._rounded(name, node)
        initial = {
            state: value
            for k, (state, source) in enumerate(states.items(), start=1)
            if source
            and (
                value := self._state(
                    name, state, self._first(source, node, k), given, len(ways), hidden, notes
                )
            )
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

    def _dequantised(self, what: str, name: str, scale: str, zero: str) -> Array:
        """The numbers (directions, rows, columns) that stand behind an LSTM's whole ones.

        They are stored turned over, with a scale for each direction or for each row of it.
        """
        value, by = self.constants.value(name), self.weight(scale, f"scale of {what}")
        away = self.constants.value(zero) if zero else np.zeros((), np.int64)
        if value is None or away is None:
            raise UsageError(f"its {what} is computed in the model, so it is not in the file")
        if value.ndim != 3 or any(
            one.ndim > 2 or one.size not in (1, len(value), len(value) * value.shape[2])
            for one in (by, away)
        ):
            raise UsageError(f"{what} has the shape {value.shape}, which does not fit its scale")

        def along(one: Array) -> Array:
            return one if one.size == 1 else one.reshape(len(value), 1, -1)

        exact = (value.astype(np.int64) - along(away.astype(np.int64))).astype(by.dtype)
        return real((exact * along(by)).swapaxes(1, 2), name)

    def _rounded(self, name: str, node: Node) -> list[str]:
        """What is to be said of weights that were rounded to few bits."""
        text = (
            f"the weights of {name} are quantised, stored in a few bits each; they are used as the "
            "numbers that these stand for"
        )
        if node.op == QUANTISED:
            return [
                f"{text}; onnxruntime rounds what comes in at every step, too, so its own numbers "
                "are a little different (and far off on a processor without VNNI, where it "
                "saturates, unless it was quantised with reduce_range=True)"
            ]
        return [text] if any(map(self.constants.quantised, node.inputs[1:3])) else []

    def _first(self, source: str, node: Node, k: int) -> str:
        """The state before a loop's first step, where a node in it hands its own state on."""
        name = self.constants.passed(source, reshaped=True)
        maker = self.constants.makers.get(name)
        if maker is None or maker.op != "Carried" or len(node.outputs) <= k:
            return source
        again = self.constants.passed(maker.inputs[1], reshaped=True)
        return maker.inputs[0] if again == node.outputs[k] else source

    def _state(
        self,
        name: str,
        state: str,
        source: str,
        given: Mapping[str, Any],
        ways: int,
        hidden: int,
        notes: list[str],
    ) -> Array | None:
        """The state (directions, units) that a node starts from; None for zeros."""
        value = self.constants.value(source)
        if value is None and self.constants.zero(source):
            return None
        if value is None:
            value = self.constants.value(source, alone=True)
            if value is not None and (value.size % (ways * hidden) or not value.size):
                value = None  # one of the sizes taken for 1 is another
        if value is None:
            how = "given from outside" if source in self.inputs else "computed in the model"
            notes.append(
                f"the initial {state} of {name} is {how}; it is 0 here unless initial= gives it"
            )
            return None
        array = real(value, source)
        if array.ndim != 3 and array.size == ways * hidden:  # as a loop carries it
            array = array.reshape(ways, 1, hidden)
        elif given.get("layout", 0) == 1 and array.ndim == 3:
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


def _cells(op: str, given: Mapping[str, Any], ways: int, peepholes: bool) -> list[Cell]:
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


def _functions(given: Mapping[str, Any], defaults: list[str], count: int) -> list[Activation]:
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
    # A coupled cell has no gate for forgetting: the rows of f are left out.
    W, R, b, rb = (reordered(array, ORDER[op], cell.gates) for array in (W, R, *np.split(B, 2)))
    extras = {}
    if P is not None:
        parts = dict(zip(_PEEPHOLES.split(), np.split(P, 3), strict=True))
        extras = {name: parts[name[-1]] for name in cell.params}
    return Weights(W, R, b, rb, extras)
