"""Networks: parts that fit, files that hold."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lstmviz.engine.model.activations import Activation
from lstmviz.engine.model.cell import Cell
from lstmviz.engine.model.cells import CELLS, find_cell
from lstmviz.engine.model.network import Layer, Network, Weights, seeded
from lstmviz.engine.model.readout import Readout
from lstmviz.errors import UsageError


def whole() -> Network:
    plain = seeded(
        "lstm-peephole", 3, 4, 1, depth=2, bidirectional=True, vocabulary=("<unk>", "good", "bad")
    )
    readout = Readout.of((np.ones((1, 8)), np.zeros(1)))
    return Network(
        plain.layers, plain.embedding, plain.vocabulary, readout, "title", "where it came from"
    )


def test_saving_and_loading_keeps_everything(tmp_path: Path) -> None:
    network, path = whole(), tmp_path / "n.npz"
    network.save(path)
    loaded = Network.load(path)
    assert (loaded.title, loaded.origin) == ("title", "where it came from")
    assert loaded.vocabulary == network.vocabulary
    np.testing.assert_array_equal(loaded.embedding, network.embedding)
    assert loaded.readout is not None
    np.testing.assert_array_equal(loaded.readout.dense[0].W, network.readout.dense[0].W)
    for level, other in zip(network.layers, loaded.layers, strict=True):
        for layer, again in zip(level, other, strict=True):
            assert (layer.cell, layer.direction) == (again.cell, again.direction)
            assert layer.weights.arrays().keys() == again.weights.arrays().keys()
            for name, array in layer.weights.arrays().items():
                np.testing.assert_array_equal(array, again.weights.arrays()[name])
    assert [p.name for p in tmp_path.iterdir()] == ["n.npz"]


def test_the_file_is_as_documented(tmp_path: Path) -> None:
    whole().save(tmp_path / "n.npz")
    with np.load(tmp_path / "n.npz", allow_pickle=False) as stored:
        meta = json.loads(str(stored["meta"]))
        assert {"embedding", "readout.0.W", "readout.0.b"} <= set(stored.files)
        assert "layers.1.backward.p_o" in stored.files
    assert (meta["format"], meta["version"]) == ("lstmviz-network", 1)
    assert meta["layers"][0][1] == {"cell": "lstm-peephole", "direction": "backward"}


def test_float32_stays_float32(tmp_path: Path) -> None:
    layer = seeded("gru", 2, 3).layers[0][0]
    Network(((Layer(layer.cell, layer.weights.astype(np.float32)),),)).save(tmp_path / "n.npz")
    assert Network.load(tmp_path / "n.npz").layers[0][0].weights.R.dtype == np.float32


def change(path: Path, arrays: dict[str, object], **meta: object) -> None:
    with np.load(path, allow_pickle=False) as stored:
        kept = {name: stored[name] for name in stored.files}
    description = {**json.loads(str(kept.pop("meta"))), **meta}
    kept.update(arrays)
    kept = {name: value for name, value in kept.items() if value is not None}
    np.savez(path, meta=np.array(json.dumps(description)), **kept)


@pytest.mark.parametrize(
    ("arrays", "meta", "sentence"),
    [
        ({"layers.0.forward.W": None}, {}, "is missing"),
        ({"layers.0.forward.W": np.zeros((16, 9))}, {}, "takes 9 inputs|takes 3 inputs"),
        ({"layers.0.forward.R": np.full((16, 4), np.nan)}, {}, "not a finite number"),
        ({"layers.0.forward.R": np.array(["a"])}, {}, "not a finite number"),
        ({"embedding": np.zeros((2, 3))}, {}, "The embedding has the shape"),
        ({"readout.0.b": np.zeros(2)}, {}, "A dense layer has the shapes"),
        ({}, {"version": 2}, "version 2, but this lstmviz reads version 1"),
        ({}, {"format": "lstmviz-trace"}, "is not a network"),
        ({}, {"layers": []}, "A network needs layers"),
        ({}, {"layers": 5}, "not a whole network"),
        ({}, {"layers": [[3]]}, "a layer is no object"),
        ({}, {"layers": [3 * [{}]]}, "list of lists of one or two"),
        ({}, {"layers": [[{"cell": ["lstm"], "direction": "forward"}]]}, "'cell' is no text"),
        (
            {},
            {
                "layers": [
                    [
                        {
                            "cell": "lstm-peephole",
                            "direction": "forward",
                            "functions": {
                                "tanh": {"name": "tanh", "parameters": {"a": "x"}, "clip": None}
                            },
                        }
                    ]
                ]
            },
            "numbers as parameters",
        ),
        ({}, {"vocabulary": [1, 2, 3]}, "'vocabulary' is no text"),
        ({}, {"length": float("inf")}, "'length' is no whole number"),
        ({}, {"notes": "a"}, "'notes' is no list"),
        ({}, {"merges": [["sum"], "sum"]}, "'merges' is no text"),
        ({"readout.0.b": None}, {}, "the weight '0.b' is missing"),
        ({}, {"layers": [[{"cell": "lstn", "direction": "forward"}]]}, "no cell 'lstn'"),
    ],
)
def test_a_file_that_does_not_hold_together_is_refused(
    tmp_path: Path, arrays: dict[str, object], meta: dict[str, object], sentence: str
) -> None:
    path = tmp_path / "n.npz"
    whole().save(path)
    change(path, {}, title="still good")
    assert Network.load(path).title == "still good"
    change(path, arrays, **meta)
    with pytest.raises(UsageError, match=sentence):
        Network.load(path)


def test_layers_must_fit_each_other() -> None:
    one, other = seeded("rnn", 3, 4).layers[0][0], seeded("rnn", 5, 4).layers[0][0]
    with pytest.raises(UsageError, match="Layer 2 takes 5 inputs, but 4 come in"):
        Network(((one,), (other,)))
    with pytest.raises(UsageError, match="forward, then a backward"):
        Network(((one, one),))
    with pytest.raises(
        UsageError, match="1 words but no embedding, and for one-hot words the network takes 3"
    ):
        Network(((one,),), vocabulary=("a",))


def test_seeded_weights_depend_on_the_seed_alone() -> None:
    for cell in CELLS:
        one, same, other = (seeded(cell, 3, 4, seed).layers[0][0].weights for seed in (7, 7, 8))
        for name, array in one.arrays().items():
            np.testing.assert_array_equal(array, same.arrays()[name])
            assert not np.array_equal(array, other.arrays()[name])
    assert seeded("lstm", 1, 1, 5).title == "untrained (random weights, seed 5)"


@pytest.mark.parametrize(("name", "value"), [("inputs", 0), ("hidden", -1), ("seed", -1)])
def test_sizes_are_checked(name: str, value: int) -> None:
    with pytest.raises(UsageError, match=f"{name} is {value}"):
        seeded(**{"cell": "lstm", "inputs": 2, "hidden": 2, "seed": 0, name: value})  # type: ignore[arg-type]


def test_arrays_are_read_only_and_copies() -> None:
    W = np.zeros((2, 3))
    weights = Weights(W, np.zeros((2, 2)), np.zeros(2), np.zeros(2))
    W[0, 0] = 5
    assert weights.W[0, 0] == 0
    with pytest.raises(ValueError, match="read-only"):
        weights.W[0, 0] = 1
    with pytest.raises(TypeError):
        weights.extras["p_i"] = W  # type: ignore[index]


def test_a_gate_gives_its_rows() -> None:
    layer = seeded("lstm", 3, 4).layers[0][0]
    gate = layer.gate("g")
    np.testing.assert_array_equal(gate.W, layer.weights.W[8:12])
    np.testing.assert_array_equal(gate.rb, layer.weights.rb[8:12])
    with pytest.raises(UsageError, match="no gate 'z'; its gates are: f, i, g, o"):
        layer.gate("z")


def test_a_network_can_be_copied() -> None:
    again = copy.deepcopy(whole())
    assert again.layers[1][1].cell.name == "lstm-peephole"
    np.testing.assert_array_equal(again.embedding, whole().embedding)
    np.testing.assert_array_equal(
        again.layers[0][0].weights.extras["p_o"], whole().layers[0][0].weights.extras["p_o"]
    )


@pytest.mark.parametrize("kind", CELLS, ids=lambda kind: kind.name)
def test_a_network_of_every_cell_goes_to_another_process(kind: Cell) -> None:
    network = seeded(kind, 2, 3, 4, depth=2)
    again = pickle.loads(pickle.dumps(network))
    assert network.travels
    assert again.digest() == network.digest()
    assert [layer.cell for _, layer in again.each_layer()] == [kind, kind]
    assert again.source == network.source


def test_a_configured_cell_goes_to_another_process() -> None:
    hard = find_cell("lstm").configured({"sigmoid": Activation("hard_sigmoid")})
    network = seeded(hard, 2, 3)
    again = pickle.loads(pickle.dumps(network))
    assert again.cell.spelt == hard.spelt != find_cell("lstm").spelt
    assert again.digest() == network.digest() != seeded("lstm", 2, 3).digest()
    own = seeded(find_cell("lstm").configured({"sigmoid": lambda v: v}), 2, 3)
    assert not own.travels


def test_a_digest_is_that_of_the_weights() -> None:
    one = seeded("gru", 2, 3, 4)
    assert one.digest() == seeded("gru", 2, 3, 4).digest() != seeded("gru", 2, 3, 5).digest()
    told = replace(one, readout=Readout.of((np.ones((1, 3)), np.zeros(1))))
    assert told.digest() != one.digest()


def test_each_is_said_in_a_line() -> None:
    network = seeded("lstm", 3, 5, depth=2, bidirectional=True, vocabulary=("a", "b"))
    readout = Readout.of((np.ones((2, 10)), np.zeros(2)))
    named = replace(network, title="mine", readout=readout)
    assert repr(named) == (
        "Network(lstm both ways 3 → 5, lstm both ways 10 → 5, 2 tokens, "
        "answer dense 10 → 2, 'mine')"
    )
    assert repr(network.layers[1][1]) == "Layer(lstm, backward, 10 → 5 units)"
    assert repr(network.layers[0][0].weights) == "Weights(W (20, 3), R (20, 5), b (20,), rb (20,))"
    bare = replace(network, vocabulary=None, embedding=np.ones((7, 3)))
    assert "10 → 5, 7 rows" in repr(bare)
    one = seeded("gru", 200, 300)
    assert repr(one).startswith("Network(gru forward 200 → 300, 'untrained")
    assert "\n" not in repr(one)
    projected = seeded("lstm-projected", 3, 5).layers[0][0]
    assert "W_hr (5, 5)" in repr(projected.weights)
