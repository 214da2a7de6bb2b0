"""What follows recurrent layers in ONNX models of PyTorch's exporters, against onnxruntime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
import torch_readouts as made
from torch_readouts import BOTH_WAYS, HEADS, STRANGE, Reader

from lstmviz.load import load_network
from lstmviz.load.onnx import files
from lstmviz.load.run import run

TICKS = 5


def exported(folder: Path, model: torch.nn.Module, *, dynamo: bool, free: bool = True) -> Path:
    """The model's file, of any number of ticks if `free`."""
    path = folder / "m.onnx"
    first = getattr(model, "first", True)
    x = torch.randn(1, TICKS, made.INPUTS) if first else torch.randn(TICKS, 1, made.INPUTS)
    time = 1 if first else 0
    options: dict[str, Any] = {"input_names": ["x"]}
    if dynamo and free:
        options["dynamic_shapes"] = ({time: torch.export.Dim("time", min=2, max=50)},)
    elif free:
        options["dynamic_axes"] = {"x": {time: "time"}}
    model.eval()
    torch.onnx.export(model, (x,), str(path), dynamo=dynamo, verbose=False, **options)
    return path


def answers_of(path: Path, x: Any) -> Any:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})[0]


def filled(model: Reader, seed: int) -> Reader:
    """The model with weights, and with means and variances of a normalisation that has learnt."""
    torch.manual_seed(seed)
    for norm in (model.norm, model.norm5):
        torch.nn.init.normal_(norm.running_mean)
        torch.nn.init.uniform_(norm.running_var, 0.5, 2.0)
        torch.nn.init.normal_(norm.weight)
        torch.nn.init.normal_(norm.bias)
    return model


def check(path: Path, pooling: str, *, first: bool = True, ticks: int = TICKS) -> None:
    (stack,) = files.read(path).stacks
    assert stack.answers, stack.unread
    readout = stack.answers[0].read()
    assert readout.pooling == pooling
    x = np.random.default_rng(1).normal(size=(ticks, made.INPUTS)).astype(np.float32)
    expected = answers_of(path, x[None] if first else x[:, None])
    trace = run(x, network=path, dtype="float32")
    if expected.dtype == np.int64:
        assert trace.answer is not None
        assert expected.ravel() == [np.argmax(trace.answer)]
        return
    expected = expected.squeeze()
    if pooling == "each" and expected.ndim == 2 and expected.shape[0] != ticks:
        expected = expected.T
    ours = trace.output if expected.shape[:1] == (ticks,) and expected.ndim > 1 else trace.answer
    np.testing.assert_allclose(np.squeeze(ours), expected, rtol=0, atol=2e-6)


@pytest.mark.parametrize("head", HEADS)
def test_heads_of_the_older_exporter(tmp_path: Path, head: str) -> None:
    number = list(HEADS).index(head)
    kind = ("LSTM", "GRU", "RNN")[number % 3]
    layers, first = 1 + number % 2, number % 5 > 0
    make, pooling = HEADS[head]
    model = filled(Reader(make, kind, layers, batch_first=first), number)
    free = head != "adaptive"
    path = exported(tmp_path, model, dynamo=False, free=free)
    check(path, pooling, first=first, ticks=8 if free else TICKS)


@pytest.mark.parametrize("head", [head for head in HEADS if head != "softplus"])  # taken apart
def test_heads_of_the_newer_exporter(tmp_path: Path, head: str) -> None:
    number = list(HEADS).index(head)
    kind = ("LSTM", "GRU")[number % 2]
    first = number % 5 > 0
    make, pooling = HEADS[head]
    model = filled(Reader(make, kind, 1 + number % 2, batch_first=first), number)
    # It may write the length of the example into a shape all the same, so that length is run.
    path = exported(tmp_path, model, dynamo=True, free=number % 3 > 0)
    check(path, pooling, first=first)


@pytest.mark.parametrize("dynamo", [False, True])
@pytest.mark.parametrize("head", BOTH_WAYS)
def test_heads_of_both_directions(tmp_path: Path, head: str, dynamo: bool) -> None:
    number = list(BOTH_WAYS).index(head)
    make, pooling = BOTH_WAYS[head]
    kind = ("LSTM", "GRU")[number % 2]
    model = filled(Reader(make, kind, 1 + number % 2, both=True), number)
    check(exported(tmp_path, model, dynamo=dynamo), pooling)


@pytest.mark.parametrize("head", STRANGE)
def test_what_no_readout_says_is_named(tmp_path: Path, head: str) -> None:
    make, named = STRANGE[head]
    path = exported(tmp_path, filled(Reader(make), 0), dynamo=False)
    (stack,) = files.read(path).stacks
    assert not stack.answers
    assert any(name in stack.unread for name in named.split("|")), stack.unread
    assert any(stack.unread in note for note in load_network(path).notes)
