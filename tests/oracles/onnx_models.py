"""Random ONNX models of one recurrent node with any attributes, and what onnxruntime says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Array = NDArray[np.floating[Any]]

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
FUNCTIONS = {"LSTM": 3, "GRU": 2, "RNN": 1}
WAYS = {"forward": 1, "reverse": 1, "bidirectional": 2}
ACTIVATIONS = {  # name -> how many of alpha and beta it takes
    "Sigmoid": "",
    "Tanh": "",
    "Relu": "",
    "Softsign": "",
    "Softplus": "",
    "Affine": "ab",
    "LeakyRelu": "a",
    "ThresholdedRelu": "a",
    "ScaledTanh": "ab",
    "HardSigmoid": "ab",
    "Elu": "a",
}


def weights(
    op: str,
    inputs: int,
    units: int,
    direction: str,
    random: np.random.Generator,
    *,
    bias: bool = True,
    states: bool = True,
    peepholes: bool = False,
    batch: int = 1,
) -> dict[str, Array]:
    """Random W, R, B, initial_h and so on of a node, in float32."""
    ways, rows = WAYS[direction], GATES[op] * units
    shapes = {"W": (ways, rows, inputs), "R": (ways, rows, units)}
    if bias:
        shapes["B"] = (ways, 2 * rows)
    if states:
        shapes["initial_h"] = (ways, batch, units)
    if states and op == "LSTM":
        shapes["initial_c"] = (ways, batch, units)
    if peepholes and op == "LSTM":
        shapes["P"] = (ways, 3 * units)
    return {
        name: (random.normal(size=shape) * 0.6).astype(np.float32) for name, shape in shapes.items()
    }


def model(
    op: str,
    stored: Mapping[str, Array],
    attributes: Mapping[str, Any],
    *,
    lengths: list[int] | None = None,
    given: tuple[str, ...] = (),
) -> onnx.ModelProto:
    """A model of one node whose weights are initializers, except those in `given`."""
    units = stored["R"].shape[2]
    ways = stored["W"].shape[0]
    layout = attributes.get("layout", 0)
    names = ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"]
    have = {"X", *stored, *(["sequence_lens"] if lengths else [])}
    inputs = [name if name in have else "" for name in names]
    if op != "LSTM":
        inputs = inputs[:6]
    tensors = []
    for name, array in stored.items():
        if name not in given:
            if layout and name.startswith("initial"):
                array = array.swapaxes(0, 1)
            tensors.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
    if lengths:
        tensors.append(numpy_helper.from_array(np.array(lengths, np.int32), "sequence_lens"))
    outputs = ["Y", "Y_h"] + (["Y_c"] if op == "LSTM" else [])
    float_, info = TensorProto.FLOAT, helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node(op, inputs, outputs, name="node", hidden_size=units, **attributes)],
        "graph",
        [
            info("X", float_, [None, None, stored["W"].shape[2]]),
            *(info(name, float_, stored[name].shape) for name in given),
        ],
        [info(name, float_, [None] * (4 if name == "Y" else 3)) for name in outputs],
        tensors,
    )
    assert ways in (1, 2)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    onnx.checker.check_model(made)
    return made


def outputs_of(made: onnx.ModelProto | Path, x: Array, **given: Array) -> list[Array]:
    """What onnxruntime gives for x (time, batch, inputs): Y, Y_h and perhaps Y_c."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    source = str(made) if isinstance(made, Path) else made.SerializeToString()
    session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    found: list[Array] = session.run(None, {session.get_inputs()[0].name: x, **given})
    return found


def random_attributes(op: str, direction: str, random: np.random.Generator) -> dict[str, Any]:
    """Any attributes of the operator, at random."""
    found: dict[str, Any] = {"direction": direction}
    if random.random() < 0.6:
        names, alphas, betas = [], [], []
        for _ in range(FUNCTIONS[op] * WAYS[direction]):
            name = str(random.choice(list(ACTIVATIONS)))
            names.append(name)
            if "a" in ACTIVATIONS[name]:
                alphas.append(float(np.float32(random.uniform(0.1, 0.9))))
            if "b" in ACTIVATIONS[name]:
                betas.append(float(np.float32(random.uniform(0.1, 0.9))))
        found["activations"] = names
        # Without numbers onnxruntime takes 0 for these, whatever the operator's definition says.
        if {*names} & {"Affine", "ScaledTanh", "ThresholdedRelu"} or random.random() < 0.6:
            if alphas:
                found["activation_alpha"] = alphas
            if betas:
                found["activation_beta"] = betas
    if random.random() < 0.4:
        found["clip"] = float(np.float32(random.uniform(0.2, 1.5)))
    if op == "LSTM" and random.random() < 0.4:
        found["input_forget"] = 1
    if op == "GRU":
        found["linear_before_reset"] = int(random.integers(2))
    return found
