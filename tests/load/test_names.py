"""Arrays under foreign names: what a user says of them, and what shapes and names suggest."""

from __future__ import annotations

import pickle
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import lstmviz
from lstmviz.engine.model.network import Network, Weights, seeded
from lstmviz.errors import UsageError
from lstmviz.load import inspect_file, load_network

Arrays = dict[str, NDArray[Any]]
INPUTS, UNITS = 3, 5


def stacked(weights: Weights, gates: str, order: str) -> dict[str, NDArray[Any]]:
    """The weights of one layer with their gates in another order."""
    found = {}
    for name in ("W", "R", "b", "rb"):
        blocks = np.split(weights.arrays()[name], len(gates.split()))
        have = dict(zip(gates.split(), blocks, strict=True))
        found[name] = np.concatenate([have[gate] for gate in order.split()])
    return found


def by_gate(weights: Weights, gates: tuple[str, ...], name: str) -> Arrays:
    return dict(zip(gates, np.split(weights.arrays()[name], len(gates)), strict=True))


def with_one_bias(network: Network) -> Network:
    """The same network with all of its biases in b."""
    from dataclasses import replace

    level = [
        replace(one, weights=Weights(w.W, w.R, w.b + w.rb, np.zeros_like(w.rb)))
        for one in network.layers[0]
        for w in [one.weights]
    ]
    return replace(network, layers=(tuple(level),))


def pytorch_list(network: Network) -> Arrays:
    """Arrays without names, as somebody lists them."""
    found = []
    for (layer,) in network.layers:
        order = {"lstm": "i f g o", "gru": "r z n"}[layer.cell.name]
        found += stacked(layer.weights, " ".join(layer.cell.gates), order).values()
    return {f"arr_{k}": array for k, array in enumerate(found)}


def keras_like(network: Network) -> Arrays:
    """Columns are units, and a GRU has two biases in one array."""
    found: Arrays = {}
    for number, (layer,) in enumerate(network.layers):
        order = {"lstm": "i f g o", "gru": "z r n"}[layer.cell.name]
        w = stacked(layer.weights, " ".join(layer.cell.gates), order)
        bias = w["b"] if layer.cell.name == "lstm" else np.stack([w["b"], w["rb"]])
        found |= {f"rec/{number}/k": w["W"].T, f"rec/{number}/u": w["R"].T, f"rec/{number}/z": bias}
    return found


def gate_by_gate(network: Network) -> Arrays:
    ((layer,),) = network.layers
    found: Arrays = {}
    for name, called in (("W", "x2{}.weight"), ("R", "h2{}.weight"), ("b", "x2{}.bias")):
        for gate, array in by_gate(layer.weights, layer.cell.gates, name).items():
            found[called.format({"g": "c", "n": "n"}.get(gate, gate))] = array
    for gate, array in by_gate(layer.weights, layer.cell.gates, "rb").items():
        found[f"h2{ {'g': 'c'}.get(gate, gate) }.bias"] = array
    return found


def joined_gates(network: Network) -> Arrays:
    ((layer,),) = network.layers
    words = {"r": "reset", "z": "update", "n": "candidate", "f": "forget", "i": "input"}
    words |= {"o": "output", "g": "cell"}
    found: Arrays = {}
    for gate in layer.cell.gates:
        w = layer.gate(gate)
        found[f"{words[gate]}_gate.weight"] = np.concatenate([w.W, w.R], axis=1)
        found[f"{words[gate]}_gate.bias"] = w.b
    return found


def plain_rnn(network: Network) -> Arrays:
    ((layer,),) = network.layers
    w = layer.weights
    return {"Wxh": w.W, "Whh": w.R, "bh": w.b, "Why": np.ones((2, UNITS))}


def min_char_rnn(network: Network) -> Arrays:
    ((layer,),) = network.layers
    w = layer.weights
    arrays = {"Wxh": w.W, "Whh": w.R, "Why": np.ones((2, UNITS)), "bh": w.b[:, None]}
    return {**arrays, "by": np.ones((2, 1))}


def by_hand_joined(network: Network) -> Arrays:
    """Each gate one matrix over x and h, its bias a column."""
    ((layer,),) = network.layers
    found: Arrays = {}
    for gate in layer.cell.gates:
        w, letter = layer.gate(gate), {"g": "c"}.get(gate, gate)
        found |= {f"W{letter}": np.concatenate([w.W, w.R], axis=1), f"b{letter}": w.b[:, None]}
    return found


def by_module(network: Network) -> Arrays:
    ((layer,),) = network.layers
    w = layer.weights
    return {"x2h.weight": w.W, "x2h.bias": w.b, "h2h.weight": w.R, "h2h.bias": w.rb}


def tutorial_rnn(network: Network) -> Arrays:
    ((layer,),) = network.layers
    w = layer.weights
    both = np.concatenate([w.W, w.R], axis=1)
    return {"i2h.weight": both, "i2h.bias": w.b, "i2o.weight": np.ones((2, both.shape[1]))}


WAYS: dict[str, tuple[str, Callable[[Network], Arrays], bool, int]] = {
    "a list of PyTorch's": ("lstm", pytorch_list, False, 2),
    "a list, GRU": ("gru", pytorch_list, False, 2),
    "Keras": ("lstm", keras_like, True, 1),
    "Keras, GRU": ("gru", keras_like, False, 2),
    "gate by gate": ("lstm", gate_by_gate, False, 1),
    "gate by gate, GRU": ("gru", gate_by_gate, False, 1),
    "gates of what is joined": ("lstm", joined_gates, True, 1),
    "gates of what is joined, GRU": ("gru-reset-before", joined_gates, True, 1),
    "by hand": ("rnn", plain_rnn, True, 1),
    "columns for biases": ("rnn", min_char_rnn, True, 1),
    "columns for biases, by gate": ("lstm", by_hand_joined, True, 1),
    "a module for each product": ("gru", by_module, False, 1),
    "a tutorial": ("rnn", tutorial_rnn, True, 1),
}


def saved(folder: Path, ending: str, arrays: Mapping[str, NDArray[Any]]) -> Path:
    path = folder / f"arrays.{ending}"
    if ending == "npz":
        np.savez(path, **arrays)  # type: ignore[arg-type]
    else:
        path.write_bytes(pickle.dumps(dict(arrays)))
    return path


@pytest.mark.parametrize("ending", ["npz", "pkl"])
@pytest.mark.parametrize("way", WAYS)
def test_what_inspect_proposes_is_the_network(tmp_path: Path, way: str, ending: str) -> None:
    cell, written, one_bias, depth = WAYS[way]
    network = seeded(cell, INPUTS, UNITS, 4, depth=depth)
    network = with_one_bias(network) if one_bias else network
    arrays = written(network)
    path = saved(tmp_path, ending, arrays)
    found = inspect_file(path)
    assert found.names.strip() in str(found)
    assert "[[layer]]" in found.names
    names = tmp_path / "names.toml"
    names.write_text(found.names, encoding="utf-8")
    read = load_network(path, names=names)
    x = np.random.default_rng(1).normal(size=(6, INPUTS))
    ours, theirs = lstmviz.run(x, network=read), lstmviz.run(x, network=network)
    np.testing.assert_allclose(ours["h"], theirs["h"], rtol=0, atol=1e-12)
    assert read.notes[0] == "its arrays are taken for weights as names.toml says"
    again = inspect_file(path, names=names)
    assert again.parts[0].layers[0].cell == cell
    assert again.names == ""


def test_what_is_left_over_is_said(tmp_path: Path) -> None:
    arrays = plain_rnn(seeded("rnn", INPUTS, UNITS))
    for place in range(3):
        arrays[f"extra{place}"] = np.ones(UNITS)
    assert '# Not used: "extra' in inspect_file(saved(tmp_path, "npz", arrays)).names


def test_what_gives_the_answer_is_proposed_and_run(tmp_path: Path) -> None:
    network = with_one_bias(seeded("rnn", INPUTS, UNITS))
    arrays = min_char_rnn(network)
    arrays["Why"] = np.random.default_rng(2).normal(size=(2, UNITS))
    arrays["by"] = np.array([[0.5], [-0.5]])
    path = saved(tmp_path, "npz", arrays)
    told = inspect_file(path).names
    assert "# Not used" not in told
    names = tomllib.loads(told)
    assert names["head"] == {"W": "Why", "b": "by", "activation": "linear"}
    x = np.random.default_rng(1).normal(size=(4, INPUTS))
    read = load_network(path, names=names, labels="a,b")
    trace = lstmviz.run(x, network=read)
    expected = trace["h"] @ arrays["Why"].T + arrays["by"].T
    np.testing.assert_allclose(trace.output, expected, rtol=1e-12)  # type: ignore[arg-type]
    assert read.readout is not None
    assert read.readout.labels == ("a", "b")
    assert "its answer: 'Why' (5 → 2)" in str(inspect_file(path, names=names))
    assert load_network(path, names=names, head="none").readout is None


def test_heads_of_names_follow_one_another(tmp_path: Path) -> None:
    network = with_one_bias(seeded("rnn", INPUTS, UNITS))
    random = np.random.default_rng(3)
    arrays = {**plain_rnn(network), "Why": random.normal(size=(2 * UNITS, 4))}
    arrays |= {"U": random.normal(size=(3, 4)), "u": random.normal(size=(3, 1))}
    path = saved(tmp_path, "npz", arrays)
    names: dict[str, Any] = tomllib.loads(inspect_file(path).names)
    assert "head" not in names
    first = {"W": "Why", "transposed": True, "activation": "relu", "pooling": "mean+max"}
    names["head"] = [first, {"W": "U", "b": "u", "activation": "softmax"}]
    trace = lstmviz.run(np.ones((4, INPUTS)), network=load_network(path, names=names))
    pooled = np.concatenate([trace["h"].mean(0), trace["h"].max(0)])
    v = np.maximum(pooled @ arrays["Why"], 0) @ arrays["U"].T + arrays["u"][:, 0]
    np.testing.assert_allclose(trace.answer, np.exp(v) / np.exp(v).sum(), rtol=1e-12)  # type: ignore[arg-type]


def test_heads_in_a_row_are_remarks(tmp_path: Path) -> None:
    arrays = {**plain_rnn(seeded("rnn", INPUTS, UNITS)), "Why": np.ones((7, UNITS))}
    arrays |= {"d": np.ones(7), "V": np.ones((2, 7)), "e": np.ones(2)}
    told = inspect_file(saved(tmp_path, "npz", arrays)).names
    assert "head" not in tomllib.loads(told)
    assert '# If these give the answer:\n# [[head]]\n# W = "Why"\n# b = "d"' in told
    lines = [line.removeprefix("# ") for line in told.partition("the answer:\n")[2].splitlines()]
    assert [one["W"] for one in tomllib.loads("\n".join(lines))["head"]] == ["Why", "V"]


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ({"W": "Whi"}, r"the file has no array 'Whi' .did you mean"),
        (
            {"W": "Why", "transposed": True},
            "5 values come in, one for each row; transposed = false",
        ),
        (
            {"W": "Wxh"},
            r"'Wxh' has the shape \(5, 3\), but 5 values come in, one for each column; tr",
        ),
        ({"W": "Why", "b": "bh"}, r"b has 'bh' \(5,\), but W gives 2 answers"),
        ({"W": "Why", "activation": "relv"}, "There is no activation 'relv'"),
        ({"W": "Why", "activation": 2}, "There is no activation '2'"),
        ({"W": "Why", "pooling": "median"}, "pooling is each, last, mean, max or sum"),
        ({"W": "Why", "bias": "bh"}, "has 'bias', of which there is no use"),
        ([{"W": "Why"}, {"W": "Why", "pooling": "max"}], "head 2 has 'pooling'"),
        ([], "head is a table, or several"),
        (["Why"], "is no table; give it a W"),
    ],
)
def test_heads_that_do_not_fit_are_refused(tmp_path: Path, head: Any, said: str) -> None:
    arrays = plain_rnn(seeded("rnn", INPUTS, UNITS))
    path = saved(tmp_path, "npz", arrays)
    names = {**tomllib.loads(inspect_file(path).names), "head": head}
    with pytest.raises(UsageError, match=said):
        load_network(path, names=names)


def test_a_square_head_beside_turned_layers_says_which_way_round_it_is(tmp_path: Path) -> None:
    arrays = {name: array.T for name, array in plain_rnn(seeded("rnn", INPUTS, UNITS)).items()}
    arrays["Why"] = np.arange(UNITS * UNITS).reshape(UNITS, UNITS) / 50
    path = saved(tmp_path, "npz", arrays)
    names = tomllib.loads(inspect_file(path).names)
    assert names["layer"][0]["transposed"] is True
    with pytest.raises(UsageError, match="'Why' is square, so its shape does not tell"):
        load_network(path, names={**names, "head": {"W": "Why"}})
    for turned in (True, False):
        head = {"W": "Why", "transposed": turned}
        readout = load_network(path, names={**names, "head": head}).readout
        assert readout is not None
        np.testing.assert_array_equal(
            readout.dense[0].W, arrays["Why"].T if turned else arrays["Why"]
        )


def test_an_embedding_is_proposed(tmp_path: Path) -> None:
    arrays = pytorch_list(seeded("lstm", INPUTS, UNITS))
    path = saved(tmp_path, "npz", {"emb": np.ones((7, INPUTS)), **arrays})
    told = inspect_file(path).names
    assert tomllib.loads(told)["embedding"] == {"W": "emb"}
    network = load_network(path, names=tomllib.loads(told))
    assert network.embedding is not None
    assert len(network.embedding) == 7
    path = saved(tmp_path, "npz", {"E": np.ones((7, INPUTS)), **arrays})
    assert '# If words come in:\n# [embedding]\n# W = "E"' in inspect_file(path).names


def test_parts_of_weights_are_not_proposed_as_weights(tmp_path: Path) -> None:
    arrays = {"weight_ih_l0": np.ones((20, 3)), "weight_hh_l0_v": np.ones((20, 5))}
    found = inspect_file(saved(tmp_path, "npz", arrays))
    assert "remove that from the module" in str(found)
    assert found.names == ""


def test_arrays_with_names_of_pytorch_need_none(tmp_path: Path) -> None:
    arrays = {"rnn.weight_ih_l0": np.ones((4 * UNITS, INPUTS))}
    arrays["rnn.weight_hh_l0"] = np.ones((4 * UNITS, UNITS))
    path = saved(tmp_path, "npz", arrays)
    assert load_network(path).cell.name == "lstm"
    assert inspect_file(path).names == ""


@pytest.mark.parametrize(
    "arrays",
    [
        {"fc1.weight": (64, 32), "fc1.bias": (64,), "fc2.weight": (8, 64), "fc2.bias": (8,)},
        {"a": (3,)},
        {"conv": (8, 3, 3, 3)},
        {"w" * 500: (8, 2)},
    ],
)
def test_nothing_is_proposed_for_other_networks(
    tmp_path: Path, arrays: dict[str, tuple[int, ...]]
) -> None:
    path = saved(tmp_path, "pkl", {name: np.ones(shape) for name, shape in arrays.items()})
    assert inspect_file(path).names == ""
    with pytest.raises(UsageError, match="say with names= which is which"):
        load_network(path)


class TestWhatAUserSays:
    GATES = "f i g o"

    @pytest.fixture
    def both(self) -> Network:
        return seeded("lstm", INPUTS, UNITS, 2, depth=2, bidirectional=True)

    def arrays(self, both: Network) -> Arrays:
        return {
            f"{depth}.{layer.direction[0]}.{name}": array
            for depth, layer in both.each_layer()
            for name, array in layer.weights.arrays().items()
        }

    def table(self, depth: int) -> dict[str, Any]:
        def way(letter: str) -> dict[str, str]:
            return {name: f"{depth}.{letter}.{name}" for name in ("W", "R", "b", "rb")}

        return {"cell": "lstm", "gates": self.GATES, **way("f"), "backward": way("b")}

    def names(self, both: Network) -> dict[str, Any]:
        return {"layer": [self.table(depth) for depth, _ in enumerate(both.layers, start=1)]}

    def test_several_layers_and_directions(self, both: Network, tmp_path: Path) -> None:
        path = saved(tmp_path, "npz", self.arrays(both))
        read = load_network(path, names=self.names(both))
        x = np.random.default_rng(0).normal(size=(4, INPUTS))
        ours, theirs = lstmviz.run(x, network=read), lstmviz.run(x, network=both)
        for key, recording in theirs.recordings.items():
            np.testing.assert_array_equal(ours.recordings[key].values["h"], recording.values["h"])

    def test_projections_peepholes_functions_and_biases(self, tmp_path: Path) -> None:
        network = seeded("lstm-projected", INPUTS, UNITS)
        w = network.layers[0][0].weights
        path = saved(tmp_path, "npz", {**w.arrays(), "both": np.concatenate([w.R, w.W], axis=1)})
        table = {"cell": "lstm-projected", "gates": "f i g o", "W_hr": "W_hr", "b": "b", "rb": "rb"}
        for weights in ({"W": "W", "R": "R"}, {"WR": "both", "joined": "h x"}):
            read = load_network(path, names={"layer": [{**table, **weights}]})
            np.testing.assert_array_equal(read.layers[0][0].weights.W, w.W)
            np.testing.assert_array_equal(
                read.layers[0][0].weights.extras["W_hr"], w.extras["W_hr"]
            )
        peepholes = seeded("lstm-peephole", INPUTS, UNITS).layers[0][0].weights
        path = saved(tmp_path, "npz", peepholes.arrays())
        told = {"cell": "lstm-peephole", "gates": "f i g o", **{k: k for k in peepholes.arrays()}}
        told |= {"forget_bias": 1.0, "functions": {"tanh": "relu"}}
        (layer,) = load_network(path, names={"layer": [told]}).layers[0]
        assert set(layer.weights.extras) == set(peepholes.extras)
        np.testing.assert_array_equal(layer.gate("f").b, peepholes.b[:UNITS] + 1)
        np.testing.assert_array_equal(layer.gate("i").b, peepholes.b[UNITS : 2 * UNITS])
        assert layer.cell.spelt["g"] == "relu"

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            ({"cell": None}, "layer 1 needs a cell, such as 'lstm'"),
            ({"cell": "lst"}, "layer 1: There is no cell 'lst' .did you mean 'lstm'"),
            ({"Q": "1.f.W"}, "layer 1 has 'Q'.*of which there is no use; it takes: cell, gates"),
            ({"W": "1.f.w"}, r"no array '1.f.w' \(did you mean '1.f..'\?\); it has: 1.f.W"),
            ({"W": 3}, "layer 1: W must name an array of the file"),
            ({"gates": "i f g"}, "gates is 'i f g'; give the order .*, such as 'f i g o'"),
            ({"gates": None}, "say in which order it stacks them, such as gates = 'f i g o'"),
            ({"W": "1.f.b"}, r"'1.f.b' has the shape \(20,\), but W is a matrix"),
            ({"R": "2.f.W"}, "R has 20 rows and 10 columns, but lstm has 4 gates of 5 units"),
            ({"cell": "gru", "gates": "r z n"}, "has 20 rows.*gru needs 3·units; is it transposed"),
            ({"transposed": True}, "3 rows, when units are rows, and lstm needs 4·units"),
            ({"transposed": 1}, "transposed is true or false"),
            ({"b": "1.f.W"}, r"b has '1.f.W' \(20, 3\), but \(20,\) fits"),
            ({"W": {"f": "1.f.W"}}, "W needs an array for each of the gates f, i, g, o of lstm"),
            ({"WR": "1.f.W"}, "give W and R, or both in one as WR"),
            ({"merge": "max"}, "merge is one of concat, sum, ave, mul"),
            ({"direction": "up"}, "direction is forward or backward"),
            ({"direction": "backward"}, "backward is a table .*, beside those that read forward"),
            ({"backward": {"W": "1.b.W"}}, "layer 1, backward: R must name an array"),
            ({"backward": {"V": "1.b.W"}}, "layer 1, backward has 'V'"),
            ({"forget_bias": "1"}, "forget_bias is a number"),
            ({"functions": {"tan": "relu"}}, "layer 1: lstm has no function 'tan'"),
        ],
    )
    def test_what_does_not_fit_is_refused(
        self, both: Network, tmp_path: Path, change: dict[str, Any], sentence: str
    ) -> None:
        path = saved(tmp_path, "npz", self.arrays(both))
        names = self.names(both)
        names["layer"][0] |= change
        names["layer"][0] = {k: v for k, v in names["layer"][0].items() if v is not None}
        with pytest.raises(UsageError, match=sentence):
            load_network(path, names=names)

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("", "needs a table .*layer"),
            ("layer = 3", "needs a table .*layer"),
            ("layer = [3]", "layer 1 is no table"),
            ("[[layers]]", "has 'layers'.*did you mean 'layer'"),
            ("layer", "not valid TOML"),
            (
                '[[layer]]\ncell = "rnn"\nW = "a"\nR = "b"\n[embedding]\nW = "b"',
                "takes 3 values of",
            ),
            ('embedding = 3\n[[layer]]\ncell = "rnn"\nW = "a"\nR = "b"', "embedding. is no table"),
            ('[[layer]]\ncell = "rnn"\nWR = "b"', "none is left for what comes in"),
            ('[[layer]]\ncell = "rnn"\nWR = "a"', "none is left|has 5 rows"),
            ('[[layer]]\ncell="rnn"\nW="a"\nR="b"\n[[layer]]\ncell="rnn"\nW="a"\nR="b"', "layer 2"),
            ('[[layer]]\ncell="rnn"\nW="a"\nR="b[9]"', "no array 'b.9.'"),
        ],
    )
    def test_a_file_that_is_none_is_refused(self, tmp_path: Path, text: str, sentence: str) -> None:
        path = saved(tmp_path, "npz", {"a": np.ones((5, 3)), "b": np.ones((5, 5))})
        (tmp_path / "names.toml").write_text(text)
        with pytest.raises(UsageError, match=sentence):
            load_network(path, names=tmp_path / "names.toml")

    def test_other_files_need_none(self, tmp_path: Path) -> None:
        seeded("lstm", INPUTS, UNITS).save(tmp_path / "own.npz")
        with pytest.raises(UsageError, match="leave out names="):
            load_network(tmp_path / "own.npz", names={"layer": []})
