"""What onnxruntime makes of nested graphs, states, and weights of few bits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from onnx_texts import HEADS, NESTED, STATES, headed, model, recurrent, starting, written

from lstmviz.load import check_against, load_network
from lstmviz.load.run import run

Array = NDArray[Any]


def outputs_of(path: Path, **given: Any) -> list[Array]:
    """What onnxruntime gives for these inputs, of which it may need some only."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    needed = {one.name for one in session.get_inputs()}
    found: list[Array] = session.run(None, {k: v for k, v in given.items() if k in needed})
    return found


@pytest.mark.parametrize("where", NESTED)
def test_nested_nodes_agree(tmp_path: Path, where: str) -> None:
    start = np.array([[[0.4, -0.7]]], np.float32)
    path = written(tmp_path, model(NESTED[where], **recurrent(), start=start))
    x = np.random.default_rng(0).normal(size=(4, 1, 3)).astype(np.float32)
    # The state stands in the branches that are not asked for.
    on, off, steps = np.array(True), np.array(False), np.array(4, np.int64)
    expected = outputs_of(path, X=x, c=on, d=off, n=steps, go=on)[-1]
    check_against(run(x[:, 0], network=path), expected.reshape(4, 2), 1e-5)


@pytest.mark.parametrize("how", STATES)
def test_states_agree(tmp_path: Path, how: str) -> None:
    forward, backward = np.array([[[0.3, -0.2]], [[0.9, 0.1]]], np.float32)
    arrays = {**recurrent(op="GRU", ways=2), "forward": forward, "backward": backward}
    path = written(tmp_path, model(starting(STATES[how]), **arrays))
    x = np.random.default_rng(0).normal(size=(4, 1, 3)).astype(np.float32)
    (expected,) = outputs_of(path, X=x)
    check_against(run(x[:, 0], network=path), expected, 1e-5)


@pytest.mark.parametrize("per_channel", [False, True])
def test_a_quantised_lstm_is_near_its_own(tmp_path: Path, per_channel: bool) -> None:
    """onnxruntime rounds what comes in at every step, too: it is near, and no more.

    With weights of eight bits its sums saturate where the processor has no VNNI.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    class Reader(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.words = torch.nn.Embedding(7, 5)
            self.rnn = torch.nn.LSTM(5, 6, batch_first=True, bidirectional=True)

        def forward(self, rows: torch.Tensor) -> torch.Tensor:
            y: torch.Tensor = self.rnn(self.words(rows))[0]
            return y

    torch.manual_seed(0)
    rows = torch.randint(0, 7, (1, 5))
    whole, few = (str(tmp_path / name) for name in ("whole.onnx", "few.onnx"))
    torch.onnx.export(Reader().eval(), (rows,), whole, dynamo=False, input_names=["rows"])
    kind = QuantType.QInt8 if per_channel else QuantType.QUInt8
    quantize_dynamic(whole, few, per_channel=per_channel, reduce_range=True, weight_type=kind)
    assert "DynamicQuantizeLSTM" in {node.op_type for node in onnx.load(few).graph.node}
    (expected,) = outputs_of(Path(few), rows=rows.numpy())
    trace = run(rows[0].tolist(), network=load_network(few))
    check_against(trace, expected[0], 0.002)
    (exact,) = outputs_of(Path(whole), rows=rows.numpy())
    check_against(run(rows[0].tolist(), network=load_network(whole)), exact[0], 1e-5)


@pytest.mark.parametrize("name", HEADS)
def test_answers_agree(tmp_path: Path, name: str) -> None:
    path, _ = headed(tmp_path, HEADS[name])
    x = np.random.default_rng(0).normal(size=(6, 1, 3)).astype(np.float32)
    expected = outputs_of(path, X=x)[0].reshape(-1)
    trace = run(x[:, 0], network=path, dtype="float32")
    assert trace.output is not None
    assert trace.answer is not None
    ours = trace.answer if expected.size == trace.answer.size else trace.output.ravel()
    # A layer of few bits also rounds what comes in.
    np.testing.assert_allclose(ours, expected, rtol=0, atol=0.02 if "quantised" in name else 1e-5)
