"""From an input to a trace."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import lstmviz
from lstmviz.demo.networks import demo_network
from lstmviz.engine.model.cells import CELLS
from lstmviz.engine.model.network import Network, seeded
from lstmviz.engine.model.readout import Readout
from lstmviz.errors import UsageError

REVIEW = "The soup was great, but the zyzzyva came late again."


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_sentence_runs_on_the_trained_network(cell: str) -> None:
    trace = lstmviz.run(REVIEW, cell=cell)
    assert trace.kind == "words"
    assert trace.cell == cell
    assert trace.network.title == demo_network(cell).title
    assert "untrained" not in trace.network.title
    assert [token.text for token in trace.tokens if not token.known] == ["zyzzyva"]
    network = demo_network(cell)
    assert network.vocabulary is not None
    row = [word.casefold() for word in network.vocabulary].index("great")
    np.testing.assert_array_equal(trace.at("great")["x"], network.embedding[row])
    assert trace["output"].shape == (len(trace), 1)


def test_the_default_is_an_lstm() -> None:
    assert lstmviz.run(REVIEW).cell == lstmviz.run([1]).cell == "lstm"


@pytest.mark.parametrize("cell", [c.name for c in CELLS if c.name not in ("rnn", "lstm", "gru")])
def test_a_cell_without_a_trained_network_says_so(cell: str) -> None:
    trace = lstmviz.run(REVIEW, cell=cell)
    assert trace.network.title == "untrained (random weights, seed 0)"
    assert all(token.known for token in trace.tokens)
    assert trace["h"].shape == (len(trace), 4)


def test_a_word_has_one_vector_wherever_it_stands() -> None:
    trace = lstmviz.run("so good , SO bad", seed=3)
    np.testing.assert_array_equal(trace["x"][0], trace["x"][3])
    assert not np.array_equal(trace["x"][1], trace["x"][4])


def test_size_or_seed_ask_for_random_weights() -> None:
    assert lstmviz.run(REVIEW, seed=0).network.title == "untrained (random weights, seed 0)"
    wide = lstmviz.run(REVIEW, hidden=7)
    assert wide["f"].shape[1] == wide.network.hidden == 7


@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_readout_reads_the_last_layer(bidirectional: bool) -> None:
    plain = seeded("lstm", 2, 3, 0, depth=2, bidirectional=bidirectional)
    W = np.random.default_rng(0).normal(size=(2, 3 * plain.directions))
    network = Network(plain.layers, readout=Readout.of((W, np.array([10.0, -20.0]))))
    trace = lstmviz.run(np.ones((4, 2)), network=network)
    h = [trace["h"], trace.layer(2, "backward")["h"]] if bidirectional else [trace["h"]]
    expected = np.concatenate(h, axis=1) @ W.T + [10, -20]
    np.testing.assert_allclose(trace["output"], expected, rtol=1e-12)
    np.testing.assert_array_equal(trace.layer(1)["output"], trace["output"])


def test_numbers_run_on_random_weights() -> None:
    trace = lstmviz.run([0.1, 0.5, -1], hidden=3, seed=2)
    assert trace.kind == "numbers"
    assert trace["f"].shape == (3, 3)
    assert [token.text for token in trace.tokens] == ["0.1", "0.5", "-1"]
    assert lstmviz.run([-0.0, -1e-9]).tokens[0].text == "0"
    assert trace.network.title == "untrained (random weights, seed 2)"
    wide = lstmviz.run(np.zeros((5, 2)))
    assert wide["x"].shape == (5, 2)
    assert [token.text for token in wide.tokens] == ["t=1", "t=2", "t=3", "t=4", "t=5"]
    np.testing.assert_array_equal(lstmviz.run([1, 2])["h"], lstmviz.run([[1.0], [2.0]])["h"])


def test_the_same_call_gives_the_same_numbers() -> None:
    one, other = (lstmviz.run([0.3, -2], cell="gru", seed=9)["h"] for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_a_network_by_its_file(tmp_path: Path) -> None:
    network = seeded("gru", 2, 6, 4)
    network.save(tmp_path / "n.npz")
    x = np.random.default_rng(0).normal(size=(4, 2))
    trace = lstmviz.run(x, network=tmp_path / "n.npz")
    np.testing.assert_array_equal(trace["h"], lstmviz.run(x, network=network)["h"])
    assert (trace.cell, trace.network.hidden) == ("gru", 6)


def test_float32_is_computed_in_float32() -> None:
    x = np.random.default_rng(0).normal(size=(50, 3))
    narrow, wide = (lstmviz.run(x, hidden=8, dtype=d) for d in ("float32", "float64"))
    for name in narrow.names:
        assert narrow[name].dtype == np.float32
        assert wide[name].dtype == np.float64
        np.testing.assert_allclose(narrow[name], wide[name], atol=1e-5)
    assert not np.array_equal(narrow["h"], wide["h"])
    assert narrow.network.dtype == "float32"


def test_initial_states_in_each_form() -> None:
    x, h, c = [[0.5, 1.0]], np.array([0.1, 0.2, 0.3]), np.array([1.0, -1.0, 0.5])
    forms = [{"h": h, "c": c}, (h, c), {"h": h.tolist(), "c": c[None]}]
    first, *others = [lstmviz.run(x, hidden=3, initial=form) for form in forms]
    np.testing.assert_array_equal(first["h_prev"], [h])
    np.testing.assert_array_equal(first["c_prev"], [c])
    np.testing.assert_array_equal(first.initial["c"], c)
    np.testing.assert_array_equal(first["kept"], first["f"] * c)
    for other in others:
        np.testing.assert_array_equal(other["h"], first["h"])
    alone = lstmviz.run(x, hidden=3, initial=h)
    np.testing.assert_array_equal(alone["h_prev"], [h])
    np.testing.assert_array_equal(alone["c_prev"], np.zeros((1, 3)))
    zero = lstmviz.run(x, hidden=3)
    np.testing.assert_array_equal(zero["h_prev"], np.zeros((1, 3)))
    assert np.abs(zero["h"] - first["h"]).max() > 0.01


def test_initial_states_as_pytorch_gives_them() -> None:
    """(layers·directions, 1, units), the projected output with its own width."""
    random = np.random.default_rng(0)
    both = seeded("lstm", 2, 3, depth=2, bidirectional=True)
    x, h, c = random.normal(size=(4, 2)), *random.normal(size=(2, 4, 1, 3))
    flat = lstmviz.run(x, network=both, initial=(h[:, 0], c[:, 0]))
    same = lstmviz.run(x, network=both, initial=(h, c))
    np.testing.assert_array_equal(same["h"], flat["h"])
    np.testing.assert_array_equal(same.layer(1, "backward").initial["c"], c[1, 0])
    one = seeded("gru", 2, 3)
    single = lstmviz.run(x, network=one, initial=h[:1])
    np.testing.assert_array_equal(single["h_prev"][0], h[0, 0])
    for batch in ([x], [x, x[:2]]):
        many = lstmviz.run_batch(batch, network=both, initial=(h, c))
        np.testing.assert_allclose(many[0]["h"], flat["h"], atol=1e-12)
    with pytest.raises(UsageError, match=r"give \(4, 3\), a row per layer.*\(4, 1, 3\)"):
        lstmviz.run(x, network=both, initial=h[:3])


def test_initial_states_of_stacked_networks() -> None:
    network = seeded("lstm", 2, 3, 0, depth=2, bidirectional=True)
    h = np.arange(12.0).reshape(4, 3) / 10
    trace = lstmviz.run(np.ones((5, 2)), network=network, initial={"h": h})
    for index, (number, direction) in enumerate(trace.recordings):
        layer = trace.layer(number, direction)
        np.testing.assert_array_equal(layer.initial["h"], h[index])
        first = 0 if direction == "forward" else -1
        np.testing.assert_array_equal(layer["h_prev"][first], h[index])
    both = [trace.layer(1, way)["h"] for way in ("forward", "backward")]
    np.testing.assert_array_equal(trace.layer(2)["x"], np.concatenate(both, axis=1))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"input": ""}, "text is empty"),
        ({"input": []}, "is empty"),
        ({"input": [1, float("nan")]}, "row 2, column 1 is NaN"),
        ({"input": [[1, 2], [3, float("inf")]]}, "row 2, column 2 is infinite"),
        ({"input": np.zeros((2, 2, 2))}, "3 axes"),
        ({"input": [[1, 2], [3]]}, "unequal"),
        ({"input": [1], "cell": "lstn"}, "no cell 'lstn'"),
        ({"input": [1], "dtype": "float16"}, "choose float64 or float32"),
        ({"input": [1], "hidden": 0}, "hidden is 0"),
        ({"input": [1], "seed": -3}, "seed is -3"),
        ({"input": [1], "initial": {"z": [1]}}, "no initial state 'z'; lstm has: h, c"),
        ({"input": [1], "initial": [1, 2]}, r"initial h has the shape \(2,\); give \(4,\)"),
        ({"input": [1], "initial": [1, 2, 3, float("nan")]}, "holds NaN"),
        ({"input": [1], "initial": ["a"] * 4}, "holds no numbers"),
        ({"input": [1], "initial": (0, 0, 0)}, "3 initial states are given; lstm has 2"),
        ({"input": [1], "network": "none.npz"}, "no file none.npz"),
        ({"input": "a b", "network": seeded("gru", 2, 3)}, "reads numbers, not words"),
        ({"input": [1], "network": seeded("gru", 2, 3)}, "1 feature at.*takes 2"),
        ({"input": [[1, 2]], "network": seeded("gru", 2, 3), "cell": "rnn"}, "gru cells, not of"),
        ({"input": [[1, 2]], "network": seeded("gru", 2, 3), "hidden": 4}, "3 units, not 4"),
        ({"input": [1e300, 1], "dtype": "float32"}, "At tick 0, x grows beyond float32"),
        ({"input": [1e200] * 9, "cell": "rnn-relu", "seed": 1}, None),
    ],
)
def test_wrong_input_gets_a_sentence(arguments: dict[str, object], sentence: str | None) -> None:
    if sentence is None:
        lstmviz.run(**arguments)  # type: ignore[arg-type]
        return
    with pytest.raises(UsageError, match=sentence):
        lstmviz.run(**arguments)  # type: ignore[arg-type]


def test_a_network_that_runs_away_is_refused_at_its_tick() -> None:
    from lstmviz.cells.rnn import rnn_relu
    from lstmviz.engine.model.network import Layer, Weights

    weights = Weights(np.ones((1, 1)), np.full((1, 1), 1e200), np.zeros(1), np.zeros(1))
    network = Network(((Layer(rnn_relu, weights),),))
    with pytest.raises(UsageError, match="At tick 2, rh_h grows beyond float64"):
        lstmviz.run([1, 1, 1, 1], network=network)


@pytest.mark.slow
def test_ten_thousand_words() -> None:
    trace = lstmviz.run("good food " * 4999 + "came again", cell="gru")
    assert len(trace) == 10_000
    assert trace.at("again").tick == 9999
