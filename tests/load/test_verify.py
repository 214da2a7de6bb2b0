"""Verified, not believed: what differs from the framework is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import lstmviz
from lstmviz.engine.model.cells import find_cell
from lstmviz.engine.model.network import Network, Weights, seeded
from lstmviz.errors import LstmvizError, UsageError
from lstmviz.load import check_against, load_network

Unpacked = Callable[[str], Path]


def test_the_largest_difference_is_told(unpacked: Unpacked, tmp_path: Path) -> None:
    path = unpacked("torch") / "GRU-stacked.pt"
    with np.load(path.with_suffix(".npz"), allow_pickle=False) as data:
        x, h, y = data["x"], data["h"], data["y"]
    trace = lstmviz.run(x, network=path, initial={"h": h}, check=y)
    agreement = check_against(trace, y)
    assert agreement.largest < 1e-12
    assert str(agreement).startswith("the outputs of the last layer: the largest difference is")
    np.save(tmp_path / "y.npy", y + np.where(np.arange(len(y)) == 3, 0.01, 0.0)[:, None])
    with pytest.raises(LstmvizError, match=r"largest difference is 0.01, above 0.0001"):
        lstmviz.run(x, network=path, initial={"h": h}, check=tmp_path / "y.npy")
    lstmviz.run(x, network=path, initial={"h": h}, check=tmp_path / "y.npy", tolerance=0.02)
    with pytest.raises(LstmvizError, match="not the framework's"):
        lstmviz.run(x, network=path, check=y)  # without its initial states


def test_every_way_of_giving_outputs_is_known() -> None:
    network = seeded("lstm", 3, 4, depth=2, bidirectional=True)
    trace = lstmviz.run(np.random.default_rng(0).normal(size=(5, 3)), network=network)
    forward, backward = (trace.layer(2, way)["h"] for way in ("forward", "backward"))  # type: ignore[arg-type]
    y = np.concatenate([forward, backward], axis=1)
    last = np.concatenate([forward[-1], backward[0]])
    h = np.stack(
        [trace.layer(n, way)["h"][at] for n in (1, 2) for way, at in ENDS]  # type: ignore[arg-type]
    )
    for outputs, what in (
        (y, "the outputs of the last layer"),
        (y[None], "the outputs of the last layer"),
        (y[:, None], "the outputs of the last layer"),
        (np.stack([forward, backward], 1)[:, :, None], "the outputs of both directions"),
        (last, "the last output"),
        (last[None], "the last output"),
        (h, "the final h of each layer"),
        (h[:, None], "the final h of each layer"),
        (h[2:], "the final h of the last layer"),
    ):
        agreement = check_against(trace, outputs)
        assert agreement.compared == what
        assert agreement.largest == 0
        with pytest.raises(LstmvizError):
            check_against(trace, outputs[..., ::-1])


ENDS = (("forward", -1), ("backward", 0))


@pytest.mark.parametrize(
    ("outputs", "sentence"),
    [
        (np.zeros((3, 7)), r"shape \(3, 7\), but one sequence gives \(2, 4\)"),
        (np.zeros((0,)), "finite numbers, and at least one"),
        (np.full((2, 4), np.nan), "finite numbers"),
        (np.array([["a"]]), "hold no numbers"),
        ("none.npy", "There is no file none.npy"),
    ],
)
def test_outputs_that_cannot_be_compared_are_refused(outputs: object, sentence: str) -> None:
    trace = lstmviz.run([1.0, 2.0])
    with pytest.raises(UsageError, match=sentence):
        check_against(trace, outputs)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="tolerance is -1"):
        check_against(trace, np.zeros((2, 4)), -1)


def test_a_file_that_claims_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "y.npy"
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
    with pytest.raises(UsageError, match="no .npy array"):
        check_against(lstmviz.run([1.0]), path)
    np.save(path, np.array([{}]), allow_pickle=True)
    with pytest.raises(UsageError, match="no .npy array"):
        check_against(lstmviz.run([1.0]), path)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_a_wrong_order_of_gates_does_not_pass(cell: str) -> None:
    network = seeded(cell, 3, 4, 1, depth=1)
    layer = network.layers[0][0]
    x = np.random.default_rng(0).normal(size=(6, 3))
    y = lstmviz.run(x, network=network)["h"]
    for name, array in layer.weights.arrays().items():
        arrays = {**layer.weights.arrays(), name: np.roll(array, 4 if cell != "rnn" else 1, 0)}
        wrong = Network(((type(layer)(layer.cell, Weights(**arrays)),),))
        with pytest.raises(LstmvizError, match="not the framework's"):
            lstmviz.run(x, network=wrong, check=y)


def test_the_two_resets_of_a_gru_are_told_apart(unpacked: Unpacked) -> None:
    for name, other in (("GRU", "gru"), ("GRU-after", "gru-reset-before")):
        network = load_network(unpacked("onnx") / f"{name}.onnx")
        with np.load(unpacked("onnx") / f"{name}.npz", allow_pickle=False) as data:
            x, y = data["x"], data["y"]
        lstmviz.run(x, network=network, check=y)
        level = tuple(
            type(layer)(find_cell(other), layer.weights, layer.direction, layer.initial)
            for layer in network.layers[0]
        )
        with pytest.raises(LstmvizError, match="not the framework's"):
            lstmviz.run(x, network=Network((level,)), check=y)
