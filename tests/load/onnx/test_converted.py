"""Keras models as tf2onnx converts them, against what Keras itself answered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from recorded import names

from lstmviz.load import check_against, load_network
from lstmviz.load.run import run

Unpacked = Callable[[str], Path]
READ = {
    "words": "the last output, dense 4 → 1, sigmoid",
    "maximum": "the max over time, dense 8 → 5, relu → dense 5 → 1, sigmoid",
    "mean": "the mean over time, dense 4 → 2",
    "both-last": "the last output, dense 8 → 2",
    "both-summed": "the last output, dense 8 → 2",
    "both-averaged": "dense 8 → 2",
    "each": "dense 4 → 2, softmax",
    "layers": "the last output, dense 3 → 2, elu (alpha 1)",
    "gru": "the last output, dense 4 → 2",
    "distributed": "dense 4 → 2, softmax",
}


@pytest.mark.parametrize(
    ("version", "name"),
    [(version, name) for version in "23" for name in names(f"converted{version}")],
)
def test_the_answer_is_keras_own(unpacked: Unpacked, version: str, name: str) -> None:
    path = unpacked(f"converted{version}") / f"{name}.onnx"
    with np.load(path.with_suffix(".npz"), allow_pickle=False) as stored:
        x, answer = stored["x"], stored["answer"]
    network = load_network(path)
    assert network.notes == ()
    if name != "functions":
        assert str(network.readout) == READ[name]
    trace = run(x.tolist() if name == "words" else x, network=network)
    check_against(trace, answer, 1e-5)
    ours = trace.answer if answer.ndim == 1 else trace.output
    np.testing.assert_allclose(ours, answer, rtol=0, atol=1e-5)
