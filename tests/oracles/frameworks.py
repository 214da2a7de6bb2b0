"""What PyTorch and onnxruntime say of a random layer: their weights, inputs and values."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "engine"))

Array = NDArray[np.floating[Any]]
Case = dict[str, dict[str, Array]]  # weights, data (x, and initial states), expected

TORCH_CELLS = ("lstm", "gru", "rnn", "rnn-relu", "lstm-projected")
ONNX_CELLS = (
    "lstm",
    "lstm-peephole",
    "gru",
    "gru-reset-before",
    "gru-chung",
    "rnn",
    "rnn-relu",
    "lstm-coupled",
    "lstm-coupled-peephole",
)


def torch_case(
    cell: str,
    ticks: int,
    batch: int,
    inputs: int,
    units: int,
    seed: int,
    *,
    depth: int = 1,
    bidirectional: bool = False,
) -> Case:
    """A random torch.nn.LSTM, GRU or RNN in float64, with what it computes."""
    torch.set_num_threads(1)
    random = torch.Generator().manual_seed(seed)
    kind = cell.split("-")[0]
    build = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}[kind]
    more: dict[str, Any] = {"nonlinearity": "relu"} if cell == "rnn-relu" else {}
    outputs = units
    if cell == "lstm-projected":
        units += 1  # there must be more units than outputs
        more = {"proj_size": outputs}
    module = build(inputs, units, depth, bidirectional=bidirectional, dtype=torch.float64, **more)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=random, dtype=torch.float64))
            parameter.mul_(_scale(cell))
    normal = lambda *shape: torch.randn(shape, generator=random, dtype=torch.float64)  # noqa: E731
    x = normal(ticks, batch, inputs)
    start = {"h": normal(depth * (1 + bidirectional), batch, outputs)}
    if kind == "lstm":
        start["c"] = normal(depth * (1 + bidirectional), batch, units)
    with torch.no_grad():
        state = (start["h"], start["c"]) if kind == "lstm" else start["h"]
        y, _ = module(x, state)
        if depth == 1 and not bidirectional:
            expected = _torch_steps(cell, module, x, start)
            torch.testing.assert_close(y, torch.stack(expected["h"]), rtol=1e-12, atol=1e-12)
            values = {f"1.forward.{k}": torch.stack(v).numpy() for k, v in expected.items()}
        else:
            values = {f"{depth}.forward.h": y[..., :outputs].numpy()}
            if bidirectional:
                values[f"{depth}.backward.h"] = y[..., outputs:].numpy()
    return {
        "weights": {name: value.numpy() for name, value in module.state_dict().items()},
        "data": {"x": x.numpy(), **{name: value.numpy() for name, value in start.items()}},
        "expected": values,
    }


def _scale(cell: str) -> float:
    """The size of the weights: rectified units must not grow until rounding is all there is."""
    return 0.3 if cell == "rnn-relu" else 0.7


def _torch_steps(cell: str, module: Any, x: Any, start: dict[str, Any]) -> dict[str, list[Any]]:
    """h and c as the module gives them tick by tick, and the gates by torch's own functions."""
    linear, sigmoid = torch.nn.functional.linear, torch.sigmoid
    found: dict[str, list[Any]] = {}

    def keep(**values: Any) -> None:
        for name, value in values.items():
            found.setdefault(name, []).append(value)

    h, c = start["h"], start.get("c")
    for x_t in x:
        of_x = linear(x_t, module.weight_ih_l0, module.bias_ih_l0)
        of_h = linear(h[0], module.weight_hh_l0, module.bias_hh_l0)
        if c is not None:
            a_i, a_f, a_g, a_o = (of_x + of_h).chunk(4, dim=-1)
            f, i, g, o = sigmoid(a_f), sigmoid(a_i), torch.tanh(a_g), sigmoid(a_o)
            keep(a_f=a_f, f=f, a_i=a_i, i=i, a_g=a_g, g=g, kept=f * c[0], added=i * g, a_o=a_o, o=o)
            _, (h, c) = module(x_t[None], (h, c))
            keep(c=c[0], shown=torch.tanh(c[0]), h=h[0])
            if cell == "lstm-projected":
                keep(full=o * torch.tanh(c[0]))
        elif cell == "gru":
            x_r, x_z, x_n = of_x.chunk(3, dim=-1)
            h_r, h_z, past = of_h.chunk(3, dim=-1)
            r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
            n = torch.tanh(x_n + r * past)
            keep(a_r=x_r + h_r, r=r, a_z=x_z + h_z, z=z, past=past, recalled=r * past)
            keep(a_n=x_n + r * past, n=n, kept=z * h[0], added=(1 - z) * n)
            _, h = module(x_t[None], h)
            keep(h=h[0])
        else:
            _, h = module(x_t[None], h)
            keep(a_h=of_x + of_h, h=h[0])
    return found


def onnx_case(
    cell: str,
    ticks: int,
    batch: int,
    inputs: int,
    units: int,
    seed: int,
    *,
    bidirectional: bool = False,
) -> Case:
    """A random ONNX LSTM, GRU or RNN node in float32, with what onnxruntime computes."""
    random = np.random.default_rng(seed)
    kind = cell.split("-")[0]
    gates = {"lstm": 4, "gru": 3, "rnn": 1}[kind]
    ways = 1 + bidirectional

    def normal(*shape: int) -> Array:
        return random.normal(size=shape).astype(np.float32)

    scale = np.float32(_scale(cell))
    weights = {
        "W": normal(ways, gates * units, inputs) * scale,
        "R": normal(ways, gates * units, units) * scale,
        "B": normal(ways, 2 * gates * units) * scale,
    }
    data = {"x": normal(ticks, batch, inputs), "h": normal(ways, batch, units)}
    if kind == "lstm":
        data["c"] = normal(ways, batch, units)
    if cell.endswith("peephole"):
        weights["P"] = normal(ways, 3 * units) * scale

    feeds = {"X": data["x"], **weights, "initial_h": data["h"]}
    if kind == "lstm":
        feeds["initial_c"] = data["c"]
    session = _session(cell, feeds, units, bidirectional)
    Y = session.run(None, feeds)[0]  # (time, directions, batch, units)
    expected = {f"1.{way}.h": Y[:, k] for k, way in enumerate(("forward", "backward")[:ways])}
    if kind == "lstm" and not bidirectional:
        # The node gives c after the last tick only: ask again for each beginning.
        last = [session.run(None, {**feeds, "X": data["x"][: t + 1]})[2] for t in range(ticks)]
        expected["1.forward.c"] = np.stack([c[0] for c in last])
    return {"weights": weights, "data": data, "expected": expected}


def _session(
    cell: str, feeds: dict[str, Array], units: int, bidirectional: bool
) -> onnxruntime.InferenceSession:
    kind = cell.split("-")[0]
    names = ["X", "W", "R", "B", "", "initial_h"]
    if kind == "lstm":
        names += ["initial_c"] + (["P"] if "P" in feeds else [])
    outputs = ["Y", "Y_h"] + (["Y_c"] if kind == "lstm" else [])
    attributes: dict[str, Any] = {
        "hidden_size": units,
        "direction": "bidirectional" if bidirectional else "forward",
    }
    if kind == "gru":
        attributes["linear_before_reset"] = int(cell == "gru")
    if "coupled" in cell:
        attributes["input_forget"] = 1
    if cell == "rnn-relu":
        attributes["activations"] = ["Relu"] * (1 + bidirectional)
    graph = helper.make_graph(
        [helper.make_node(kind.upper(), names, outputs, **attributes)],
        cell,
        [
            helper.make_tensor_value_info(
                name, TensorProto.FLOAT, ["ticks", *a.shape[1:]] if name == "X" else a.shape
            )
            for name, a in feeds.items()
        ],
        [
            helper.make_tensor_value_info(
                name, TensorProto.FLOAT, [None] * (4 if name == "Y" else 3)
            )
            for name in outputs
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    onnx.checker.check_model(model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
