"""Keras's weights without a configuration: what their shapes give away, and what they do not."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray

from lstmviz.errors import UsageError
from lstmviz.load import inspect_file, load_network
from lstmviz.load.run import run

Unpacked = Callable[[str], Path]
Array = NDArray[Any]


def weights(kind: str, inputs: int, units: int, bias: str = "one", seed: int = 0) -> list[Array]:
    """Kernel, recurrent kernel and bias of a layer, as Keras keeps them."""
    random = np.random.default_rng(seed)
    width = {"lstm": 4, "gru": 3, "rnn": 1}[kind] * units
    shapes: list[tuple[int, ...]] = [(inputs, width), (units, width)]
    shapes += {"one": [(width,)], "two": [(2, width)], "both": [(2 * width,)], "none": []}[bias]
    return [random.normal(size=shape) for shape in shapes]


def by_path(path: Path, layers: dict[str, Sequence[Array]], **called: str) -> Path:
    """A .weights.h5 file of these groups."""
    with h5py.File(path, "w") as file:
        for name, arrays in layers.items():
            group = file.create_group(f"{name}/vars")
            group.attrs["name"] = called.get(name.split("/")[-1], name.split("/")[-1])
            for number, array in enumerate(arrays):
                group[str(number)] = array
    return path


def by_name(path: Path, layers: dict[str, dict[str, Sequence[Array]]]) -> Path:
    """An older .h5 file: for each layer the arrays of its cells."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = list(layers)
        for layer, cells in layers.items():
            names = []
            for cell, arrays in cells.items():
                for leaf, array in zip(
                    ("kernel", "recurrent_kernel", "bias"), arrays, strict=False
                ):
                    leaf = "embeddings" if len(arrays) == 1 else leaf
                    names.append(f"{cell}/{leaf}:0")
                    file[f"{layer}/{names[-1]}"] = array
            file.create_group(layer) if layer not in file else None
            file[layer].attrs["weight_names"] = names
    return path


@pytest.mark.parametrize("kind", ["keras3", "keras2"])
@pytest.mark.parametrize("name", ["words", "graph"])
@pytest.mark.few(1)
@pytest.mark.slow
def test_the_numbers_are_those_of_the_configuration(
    unpacked: Unpacked, kind: str, name: str
) -> None:
    path = unpacked(kind) / f"{name}.weights.h5"
    whole = [
        layer for _, layer in load_network(path, config=path.with_name(f"{name}.json")).each_layer()
    ]
    guessed = [
        layer
        for part in inspect_file(path).parts
        for _, layer in load_network(path, part=part.name).each_layer()
    ]
    assert len(guessed) == len(whole) == 4
    for mine in guessed:
        theirs = next(one for one in whole if np.array_equal(one.weights.R, mine.weights.R))
        assert (mine.cell.name, mine.direction) == (theirs.cell.name, theirs.direction)
        assert mine.cell.spelt == theirs.cell.spelt
        for key, array in theirs.weights.arrays().items():
            np.testing.assert_array_equal(mine.weights.arrays()[key], array)


@pytest.mark.parametrize(
    ("kind", "bias", "cell"),
    [
        ("lstm", "one", "lstm"),
        ("lstm", "none", "lstm"),
        ("lstm", "both", "lstm"),  # of CuDNN
        ("gru", "one", "gru-reset-before"),
        ("gru", "two", "gru"),
        ("gru", "both", "gru"),
    ],
)
@pytest.mark.few(2)
@pytest.mark.slow
def test_shapes_tell_the_cell(tmp_path: Path, kind: str, bias: str, cell: str) -> None:
    arrays = weights(kind, 3, 2, bias)
    of_own = by_path(tmp_path / "m.weights.h5", {"reader/cell": arrays, "out": [np.ones((2, 1))]})
    older = by_name(tmp_path / "m.h5", {"reader": {"reader": arrays}, "drop": {}})
    for path in (of_own, older):
        network = load_network(path)
        assert (network.cell.name, network.inputs, network.hidden) == (cell, 3, 2)
        (note,) = network.notes
        assert note.startswith(f"'reader' is taken for {cell} of 2 units")
        assert "masked" in note


@pytest.mark.slow
def test_a_layer_without_a_class_of_its_own_is_found(tmp_path: Path) -> None:
    layers = {"e": [np.ones((7, 3))], "l/cell": weights("lstm", 3, 2), "d": [np.ones((2, 1))]}
    path = by_path(tmp_path / "m.weights.h5", layers, e="embedding_8")
    assert load_network(path, vocabulary=list("abcdefg")).embedding is not None
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        archive.writestr("config.json", '{"class_name": "MyModel", "config": {}}')
        archive.writestr("model.weights.h5", path.read_bytes())
    network = load_network(tmp_path / "m.keras")
    assert network.hidden == 2
    assert any("from_keras(layer) would tell" in note for note in network.notes)


@pytest.mark.slow
def test_a_dense_layer_that_fits_may_give_the_answer(tmp_path: Path) -> None:
    cell, dense = weights("lstm", 3, 2), [np.arange(6.0).reshape(2, 3), np.ones(3)]
    layers = {"layers/lstm/cell": cell, "layers/dense": dense}
    older = by_name(tmp_path / "m.h5", {"lstm": {"lstm": cell}, "dense": {"dense": dense}})
    for path in (by_path(tmp_path / "m.weights.h5", layers), older):
        readout = load_network(path, head="dense:softmax").readout
        assert readout is not None
        assert str(readout) == "dense 2 → 3, softmax"
        np.testing.assert_array_equal(readout.dense[0].W, dense[0].T)
        assert any("which function 'dense' has" in note for note in load_network(path).notes)


@pytest.mark.parametrize(
    ("layers", "sentence"),
    [
        ({"g/cell": weights("gru", 3, 2, "none")}, "a GRU without biases"),
        ({"r/cell": weights("rnn", 3, 2)}, "of a SimpleRNN, or of a cell of somebody's"),
        ({"r/cell": [np.ones((3, 5)), np.ones((2, 5))]}, r"of the shapes \(3, 5\), \(2, 5\)"),
        ({"d": [np.ones((3, 2)), np.ones(2)]}, r"these layers are in it: d; pass the model's"),
        (
            {
                "rnn/cell/cells/lstm_cell": weights("lstm", 3, 2),
                "rnn/cell/cells/gru_cell": weights("gru", 2, 2, "two"),
            },
            "the order of its cells is not in the file",
        ),
    ],
)
@pytest.mark.slow
def test_what_shapes_do_not_tell_is_refused(
    tmp_path: Path, layers: dict[str, list[Array]], sentence: str
) -> None:
    with pytest.raises(UsageError, match=f"{sentence}.*config=|{sentence}"):
        load_network(by_path(tmp_path / "m.weights.h5", layers))


def test_a_simple_rnn_is_known_by_its_class(tmp_path: Path) -> None:
    layers = {"layers/simple_rnn/cell": weights("rnn", 3, 2)}
    assert load_network(by_path(tmp_path / "m.weights.h5", layers)).cell.name == "rnn"


def saved(path: Path, arrays: Sequence[Array]) -> Path:
    if path.suffix == ".npz":
        np.savez(path, *arrays)
    else:
        path.write_bytes(pickle.dumps(list(arrays)))
    return path


@pytest.mark.parametrize("ending", [".npz", ".pkl"])
@pytest.mark.slow
def test_lists_of_weights_are_read(tmp_path: Path, ending: str) -> None:
    table, cell = np.arange(15.0).reshape(5, 3), weights("lstm", 3, 2)
    cell[0] = np.asfortranarray(cell[0].astype(np.float32))
    path = saved(tmp_path / f"w{ending}", [table, *cell, np.ones((2, 1)), np.ones(1)])
    whole = by_path(tmp_path / "m.weights.h5", {"layers/lstm/cell": cell})
    trace = run("b d", network=path, vocabulary=list("abcde"))
    expected = run(table[[1, 3]], network=whole)
    np.testing.assert_array_equal(trace["h"], expected["h"])
    assert "array 0" in str(inspect_file(path))


def test_directions_in_a_list_are_told_by_what_follows(tmp_path: Path) -> None:
    cell = weights("gru", 3, 2, "two")
    after = [np.ones((4, 1)), np.ones(1)]
    network = load_network(saved(tmp_path / "w.npz", [*cell, *cell, *after]))
    assert [layer.direction for _, layer in network.each_layer()] == ["forward", "backward"]
    after = [np.ones((2, 1)), np.ones(1)]
    with pytest.raises(UsageError, match="may be layers or directions; save the model whole"):
        load_network(saved(tmp_path / "v.npz", [*cell, *cell, *after]))


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ([np.ones((3, 2)), np.ones((2, 2)), np.ones(2)], "no RNN, LSTM or GRU in it"),
        ([np.ones(2), 1.0], "no RNN, LSTM or GRU in it"),
        ([np.array([None])], "no tensors by name"),
    ],
)
def test_what_is_no_list_of_weights_is_refused(tmp_path: Path, value: Any, sentence: str) -> None:
    path = tmp_path / "w.pkl"
    path.write_bytes(pickle.dumps(value))
    with pytest.raises(UsageError, match=sentence):
        load_network(path)


@pytest.mark.parametrize("kind", ["lstm", "gru"])
@pytest.mark.slow
def test_cudnns_weights_are_turned_round(tmp_path: Path, kind: str) -> None:
    """As cuDNN has them: for each gate a matrix (units, inputs), one (units, units), two biases."""
    random = np.random.default_rng(1)
    gates, inputs, units = (4, 3, 2) if kind == "lstm" else (3, 3, 2)
    W = random.normal(size=(gates, units, inputs))
    R = random.normal(size=(gates, units, units))
    b, rb = random.normal(size=(2, gates, units))
    # Keras writes W's values in their order under the shape (inputs, units), and R as it is.
    kernel = np.concatenate([one.reshape(inputs, units) for one in W], axis=1)
    recurrent = np.concatenate(list(R), axis=1)
    bias = np.concatenate([b.ravel(), rb.ravel()])
    name = "CuDNNLSTM" if kind == "lstm" else "CuDNNGRU"
    path = by_name(tmp_path / "m.h5", {"r": {"r": [kernel, recurrent, bias]}})
    layer = {"class_name": name, "config": {"name": "r", "units": units}}
    config = {"class_name": "Sequential", "config": {"layers": [layer]}}
    both = {"class_name": "Bidirectional", "config": {"name": "r", "layer": layer}}
    for told in (None, config):
        network = load_network(path, config=told)
        order = "ifgo" if kind == "lstm" else "zrn"
        for number, gate in enumerate(order):
            part = network.layers[0][0].gate(gate)
            np.testing.assert_array_equal(part.W, W[number])
            np.testing.assert_array_equal(part.R, R[number])
            np.testing.assert_allclose(part.b + part.rb, b[number] + rb[number], rtol=1e-15)
        if kind == "gru":
            np.testing.assert_array_equal(network.layers[0][0].gate("n").rb, rb[2])
    two = {
        "r": {"r/forward_r": [kernel, recurrent, bias], "r/backward_r": [kernel, recurrent, bias]}
    }
    path = by_name(tmp_path / "two.h5", two)
    config["config"]["layers"] = [both]
    assert len(load_network(path, config=config).layers[0]) == 2
