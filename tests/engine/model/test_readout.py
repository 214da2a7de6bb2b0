"""From what the last layer gives to the network's answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstmviz import run, run_batch
from lstmviz.engine.backward.gradients import gradients
from lstmviz.engine.forward.layers import run_network
from lstmviz.engine.model.activations import Activation
from lstmviz.engine.model.network import Layer, Network, Weights, seeded
from lstmviz.engine.model.readout import Dense, Readout
from lstmviz.errors import UsageError
from lstmviz.load.verify import check_against

RANDOM = np.random.default_rng(5)
X = RANDOM.normal(size=(6, 3))
POOLINGS = ("each", "last", "mean", "max", "sum", "mean+max", "each+max+sum")
NumbersOf = dict[str, Any]


def told(pooling: Any, *, ways: int = 1, kind: str = "softmax") -> Network:
    """A network of two layers with a readout of two dense layers."""
    plain = seeded("lstm", 3, 4, 2, depth=2, bidirectional=ways == 2)
    width = 4 * ways * len(pooling.split("+"))
    dense = (
        Dense(RANDOM.normal(size=(5, width)), RANDOM.normal(size=5), Activation("tanh"), "fc1"),
        Dense(RANDOM.normal(size=(3, 5)), RANDOM.normal(size=3), Activation(kind)),
    )
    return replace(plain, readout=Readout(dense, pooling, ("bad", "so so", "good")))


def by_hand(network: Network, outputs: list[np.ndarray], ticks: int) -> np.ndarray:
    """The answer when the input ends after some ticks, from each direction's outputs."""
    assert network.readout is not None
    readout = network.readout
    seen = [one[:ticks] for one in outputs]
    if readout.pooling == "last" and len(outputs) == 2:
        seen[1] = np.repeat(outputs[1][:1], ticks, axis=0)
    whole = np.concatenate(seen, axis=1)
    pooled = {"mean": whole.mean(0), "max": whole.max(0), "sum": whole.sum(0)}
    v = np.concatenate([pooled.get(one, whole[-1]) for one in readout.pooling.split("+")])
    first, second = readout.dense
    v = second.W @ np.tanh(first.W @ v + first.b) + second.b
    return np.exp(v) / np.exp(v).sum()


@pytest.mark.parametrize("ways", [1, 2])
@pytest.mark.parametrize("pooling", POOLINGS)
def test_there_is_an_answer_after_each_tick(pooling: str, ways: int) -> None:
    network = told(pooling, ways=ways)
    made = run(X, network=network)
    outputs = [made.layer(2, layer.direction)["h"] for layer in network.layers[-1]]
    expected = [by_hand(network, outputs, ticks) for ticks in range(1, len(X) + 1)]
    assert made.output is not None
    assert made.answer is not None
    np.testing.assert_allclose(made.output, expected, rtol=1e-12)
    np.testing.assert_allclose(made.answer, expected[-1], rtol=1e-12)
    assert made.network.labels == ("bad", "so so", "good")
    assert made.network.answer == "softmax"


@pytest.mark.parametrize("ways", [1, 2])
@pytest.mark.parametrize("pooling", POOLINGS)
def test_it_is_the_same_side_by_side_and_in_pieces(
    pooling: str, ways: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = told(pooling, ways=ways)
    alone = run(X, network=network)
    for one in (*run_batch([X, X[:4], X], network=network)[::2],):
        np.testing.assert_allclose(one.output, alone.output, rtol=1e-12)
    _, said = run_network(network, np.stack([X, X], axis=1))
    assert said is not None
    np.testing.assert_allclose(said[:, 1], alone.output, rtol=1e-12)
    monkeypatch.setattr("lstmviz.engine.forward.layers.ticks_at_once", lambda *_: 2)
    np.testing.assert_allclose(run(X, network=network).output, alone.output, rtol=1e-12)


@pytest.mark.parametrize("kind", ["linear", "sigmoid", "softmax", "relu"])
@pytest.mark.parametrize("ways", [1, 2])
@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.few(14)
def test_it_is_differentiated(pooling: str, ways: int, kind: str) -> None:
    network = told(pooling, ways=ways, kind=kind)
    of = np.array([0.5, -1.0, 2.0])
    felt = gradients(X, network, of=of, at=4)
    layer = network.layers[-1][-1]

    def moved(by: float) -> float:
        W = np.array(layer.weights.b)
        W[1] += by
        w = layer.weights
        other = Layer(layer.cell, Weights(w.W, w.R, W, w.rb), layer.direction)
        levels = (*network.layers[:-1], (*network.layers[-1][:-1], other))
        output = run(X, network=replace(network, layers=levels)).output
        assert output is not None
        return float(output[4] @ of)

    told_of = gradients(
        run(X, network=network).layer(2, layer.direction), network, of=of, at=4, weights=["b"]
    )
    slope = (moved(1e-6) - moved(-1e-6)) / 2e-6
    assert felt.loss == pytest.approx(moved(0.0))
    assert told_of.total("b")[1] == pytest.approx(slope, rel=1e-5, abs=1e-9)


def test_the_likeliest_answer_is_differentiated_where_all_add_up_to_one() -> None:
    network = told("last")
    assert np.abs(gradients(X, network)["h"]).max() > 1e-4
    assert gradients(X, network).loss == pytest.approx(float(run(X, network=network).answer.max()))  # type: ignore[union-attr]


def test_a_network_keeps_its_readout(tmp_path: Path) -> None:
    network = told("mean")
    network.save(tmp_path / "net.npz")
    loaded = Network.load(tmp_path / "net.npz")
    assert str(loaded.readout) == str(network.readout)
    assert str(network.readout) == ("the mean over time, dense 4 → 5, tanh → dense 5 → 3, softmax")
    assert loaded.readout is not None
    assert loaded.readout.labels == ("bad", "so so", "good")
    assert loaded.digest() == network.digest() != replace(network, readout=None).digest()
    np.testing.assert_array_equal(run(X, network=loaded).output, run(X, network=network).output)


def test_the_answer_is_checked() -> None:
    network = told("max")
    made = run(X, network=network)
    assert made.answer is not None
    assert check_against(made, made.answer[None]).compared == "the answer"
    assert check_against(made, made.output).compared == "the answers at each tick"  # type: ignore[arg-type]


def test_only_backward_the_answer_stands_at_the_first_tick() -> None:
    plain = seeded("gru", 3, 4)
    back = Layer(plain.layers[0][0].cell, plain.layers[0][0].weights, "backward")
    dense = Dense(RANDOM.normal(size=(1, 4)), np.zeros(1), Activation("sigmoid"))
    made = run(X, network=Network(((back,),), readout=Readout((dense,), "last", ("no", "yes"))))
    assert made.answer is not None
    np.testing.assert_array_equal(made.answer, made.output[0])  # type: ignore[index]


@pytest.mark.parametrize("pooling", ["each", "mean", "max", "sum", "each+mean"])
def test_only_backward_what_is_pooled_is_what_was_read(
    pooling: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plain = seeded("gru", 3, 4)
    back = Layer(plain.layers[0][0].cell, plain.layers[0][0].weights, "backward")
    width = 4 * len(pooling.split("+"))
    dense = Dense(RANDOM.normal(size=(2, width)), np.zeros(2), Activation("tanh"))
    readout = Readout((dense,), pooling)
    network = Network(((back,),), readout=readout)
    forward = run(X[::-1], network=replace(plain, readout=readout))
    made = run(X, network=network)
    np.testing.assert_allclose(made.output, forward.output[::-1], rtol=1e-12)  # type: ignore[index]
    np.testing.assert_allclose(made.answer, forward.answer, rtol=1e-12)  # type: ignore[arg-type]
    of = np.array([0.5, -1.0])
    ours = gradients(made, network, of=of, at=0)
    theirs = gradients(forward, replace(plain, readout=readout), of=of, at=-1)
    assert ours.loss == pytest.approx(theirs.loss)
    np.testing.assert_allclose(ours["h"], theirs["h"][::-1], rtol=1e-9)
    monkeypatch.setattr("lstmviz.engine.forward.layers.ticks_at_once", lambda *_: 2)
    again = run(X, network=network, record_to=tmp_path / "t.npz")
    np.testing.assert_allclose(again.output, made.output, rtol=1e-12)
    _, said = run_network(network, np.stack([X, X], axis=1))
    np.testing.assert_allclose(said[:, 1], made.output, rtol=1e-12)  # type: ignore[index]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"dense": ()}, "needs a dense layer"),
        ({"pooling": "median"}, "not by 'median'"),
        ({"pooling": "mean+last"}, "not by 'mean.last'"),
        ({"pooling": "mean+"}, "not by 'mean.'"),
        ({"pooling": "mean+max+sum"}, "takes 4 values, but 3 poolings are joined before it"),
        ({"labels": ("a", "b")}, "There are 2 labels, but 3 answers; name each."),
        ({"dense": (Dense(np.ones((1, 2)), np.zeros(1)),) * 2}, "takes 2 values, but 1 come in"),
    ],
)
def test_what_does_not_fit_is_refused(given: NumbersOf, said: str) -> None:
    readout = told("each").readout
    assert readout is not None
    with pytest.raises(UsageError, match=said):
        replace(readout, **given)


def test_a_dense_layer_needs_its_bias() -> None:
    with pytest.raises(UsageError, match="has the shapes"):
        Dense(np.ones((3, 2)), np.zeros(2))
