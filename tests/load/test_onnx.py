"""ONNX models, against what onnxruntime and PyTorch computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from recorded import agrees, names

from lstmviz.engine.model.network import Network
from lstmviz.errors import UsageError
from lstmviz.load import inspect_file, load_network
from lstmviz.load.run import run

Unpacked = Callable[[str], Path]
UNROLLED = "exported-RNN-dynamo"


@pytest.mark.parametrize("name", [name for name in names("onnx") if name != UNROLLED])
def test_onnxruntime_agrees(unpacked: Unpacked, name: str) -> None:
    agrees(unpacked("onnx") / f"{name}.onnx", 1e-5, 1e-5)


@pytest.mark.parametrize(
    ("name", "cell", "activations"),
    [
        ("LSTM", "lstm-peephole", {"f": "sigmoid", "g": "tanh", "shown": "tanh"}),
        ("LSTM-coupled", "lstm-coupled-peephole", {"i": "sigmoid"}),
        ("LSTM-clip", "lstm", {"f": "sigmoid of what is cut to ±0.4", "shown": "tanh"}),
        (
            "LSTM-functions",
            "lstm",
            {
                "o": "hard_sigmoid (alpha 0.3, beta 0.4)",
                "g": "softsign",
                "shown": "elu (alpha 0.8)",
            },
        ),
        ("GRU", "gru-reset-before", {"z": "sigmoid"}),
        ("GRU-after", "gru", {"n": "tanh"}),
        ("RNN-relu", "rnn-relu", {"h": "relu of what is cut to ±0.8"}),
        ("exported-GRU-dynamo", "gru", {}),
    ],
)
def test_the_variant_is_told(
    unpacked: Unpacked, name: str, cell: str, activations: dict[str, str]
) -> None:
    found = inspect_file(unpacked("onnx") / f"{name}.onnx").parts[0].layers[0]
    assert found.cell == cell
    assert activations.items() <= found.activations.items()
    trace = run(np.ones((2, found.inputs)), network=load_network(unpacked("onnx") / f"{name}.onnx"))
    assert activations.items() <= trace.layer(1, found.direction).activations.items()  # type: ignore[arg-type]


def test_alphas_go_to_those_that_take_them_in_turn(unpacked: Unpacked) -> None:
    backward = inspect_file(unpacked("onnx") / "LSTM-functions.onnx").parts[0].layers[1]
    assert backward.direction == "backward"
    assert backward.activations["g"] == "leaky_relu (alpha 0.05)"
    assert backward.activations["shown"] == "scaled_tanh (alpha 0.9, beta 0.7)"


def test_a_variant_survives_saving(unpacked: Unpacked, tmp_path: Path) -> None:
    for name in ("LSTM-functions", "GRU-functions", "LSTM-coupled", "lengths", "layout"):
        network = load_network(unpacked("onnx") / f"{name}.onnx")
        network.save(tmp_path / "n.npz")
        again = Network.load(tmp_path / "n.npz")
        x = np.random.default_rng(0).normal(size=(5, 3))
        one, other = run(x, network=network), run(x, network=again)
        for key, recording in one.recordings.items():
            for what, values in recording.values.items():
                np.testing.assert_array_equal(values, other.recordings[key].values[what])
        assert replace(one.network, source=other.network.source) == other.network


def test_layers_and_embedding_are_put_together(unpacked: Unpacked) -> None:
    for name in ("exported-LSTM", "exported-LSTM-dynamo", "exported-GRU"):
        network = load_network(unpacked("onnx") / f"{name}.onnx")
        assert (network.depth, network.directions) == (2, 2)
        assert network.embedding is not None
    learnt = load_network(unpacked("onnx") / "exported-LSTM.onnx").layers[1][1]
    assert learnt.initial["h"].any()


def test_an_unrolled_network_is_explained(unpacked: Unpacked) -> None:
    with pytest.raises(UsageError, match=r"unrolled.*dynamo=False"):
        load_network(unpacked("onnx") / f"{UNROLLED}.onnx")
    assert "nothing in it can be run" in str(inspect_file(unpacked("onnx") / f"{UNROLLED}.onnx"))


def test_sequence_lens_end_the_reading(unpacked: Unpacked) -> None:
    trace = run(np.zeros((5, 3)), network=load_network(unpacked("onnx") / "lengths.onnx"))
    assert len(trace) == 3
    assert trace.network.notes == ("the network reads 3 of the 5 ticks",)
    assert len(run(np.zeros((2, 3)), network=load_network(unpacked("onnx") / "lengths.onnx"))) == 2


def node_model(
    op: str = "RNN", *, units: int = 2, inputs: int = 3, change: Any = None, **attributes: Any
) -> onnx.ModelProto:
    gates = {"RNN": 1, "GRU": 3, "LSTM": 4}[op]
    random = np.random.default_rng(0)
    arrays = {
        "W": random.normal(size=(1, gates * units, inputs)).astype(np.float32),
        "R": random.normal(size=(1, gates * units, units)).astype(np.float32),
    }
    graph = helper.make_graph(
        [helper.make_node(op, ["X", "W", "R"], ["Y"], name="it", hidden_size=units, **attributes)],
        "g",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, [None, 1, inputs])],
        [helper.make_tensor_value_info("Y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    model = helper.make_model(graph)
    if change is not None:
        change(model.graph)
    return model


def refused(path: Path, model: onnx.ModelProto, sentence: str) -> None:
    path.write_bytes(model.SerializeToString())
    with pytest.raises(UsageError, match=sentence):
        load_network(path)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"direction": "sideways"}, "direction is 'sideways'"),
        ({"activations": ["Sin"]}, "activation 'Sin' is none"),
        ({"activations": ["Tanh", "Tanh"]}, "2 activations, but needs 1"),
        ({"activations": ["Affine"]}, "'Affine' lacks its activation_alpha"),
        ({"clip": -1.0}, "clip of tanh is -1"),
        ({"direction": "bidirectional"}, "do not fit"),
    ],
)
def test_attributes_that_make_no_sense_are_refused(
    tmp_path: Path, options: dict[str, Any], sentence: str
) -> None:
    refused(tmp_path / "m.onnx", node_model(**options), sentence)


def test_sizes_are_checked_before_anything_is_made(tmp_path: Path) -> None:
    def claim(graph: Any) -> None:
        graph.initializer[0].dims[2] = 1 << 40

    refused(tmp_path / "m.onnx", node_model(change=claim), "claims .* values, but has 24 bytes")

    def negative(graph: Any) -> None:
        graph.initializer[0].dims[2] = -3

    refused(tmp_path / "m.onnx", node_model(change=negative), "a kind or shape that no weight has")


def test_constants_that_grow_are_refused(tmp_path: Path) -> None:
    def grow(graph: Any) -> None:
        name = "W"
        for k in range(50):
            graph.node.insert(0, helper.make_node("Concat", [name, name], [f"W{k}"], axis=2))
            name = f"W{k}"
        graph.node[-1].input[1] = name

    refused(tmp_path / "m.onnx", node_model(change=grow), "made of more values than the file has")


@pytest.mark.parametrize(
    "location", ["../secret", "/etc/passwd", "a/../../secret", "..\\secret", "", ".", "link"]
)
def test_external_data_stays_in_the_folder(tmp_path: Path, location: str) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(bytes(1000))
    (folder / "link").symlink_to(tmp_path / "secret")

    def outside(graph: Any) -> None:
        tensor = graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        entry = tensor.external_data.add()
        entry.key, entry.value = "location", location

    refused(folder / "m.onnx", node_model(change=outside), "outside the model's folder")


def test_external_data_that_is_missing_or_short_is_told(unpacked: Unpacked, tmp_path: Path) -> None:
    path = tmp_path / "external.onnx"
    path.write_bytes((unpacked("onnx") / "external.onnx").read_bytes())
    with pytest.raises(UsageError, match="'external.data', which is missing; put that file"):
        load_network(path)
    content = (unpacked("onnx") / "external.data").read_bytes()
    (tmp_path / "external.data").write_bytes(content[:-1])
    with pytest.raises(UsageError, match="lies outside 'external.data'"):
        load_network(path)


def test_what_is_not_stored_is_told(tmp_path: Path) -> None:
    def given(graph: Any) -> None:
        graph.node[0].input.extend(["", "", "start"])
        graph.input.append(helper.make_tensor_value_info("start", TensorProto.FLOAT, [1, 1, 2]))

    path = tmp_path / "m.onnx"
    path.write_bytes(node_model(change=given).SerializeToString())
    assert load_network(path).notes == (
        "the initial h of it is given from outside; it is 0 here unless initial= gives it",
    )

    def without(graph: Any) -> None:
        del graph.initializer[0]
        graph.input.append(helper.make_tensor_value_info("W", TensorProto.FLOAT, [1, 2, 3]))

    refused(tmp_path / "m.onnx", node_model(change=without), "its W is an input of the model")

    def loop(graph: Any) -> None:
        graph.node[0].op_type = "Loop"

    refused(tmp_path / "m.onnx", node_model(change=loop), "exported as a loop")


def test_what_comes_before_is_told(tmp_path: Path) -> None:
    def before(graph: Any) -> None:
        graph.node.insert(0, helper.make_node("Relu", ["X"], ["X2"], name="relu"))
        graph.node[1].input[0] = "X2"

    path = tmp_path / "m.onnx"
    path.write_bytes(node_model(change=before).SerializeToString())
    assert "made by relu in the model, which is not run" in load_network(path).notes[0]


def test_an_input_that_the_model_turns_is_told(tmp_path: Path) -> None:
    def before(graph: Any) -> None:
        node = helper.make_node(
            "ReverseSequence", ["X", "lengths"], ["X2"], name="turn", time_axis=0, batch_axis=1
        )
        graph.node.insert(0, node)
        graph.node[1].input[0] = "X2"

    path = tmp_path / "m.onnx"
    path.write_bytes(node_model(change=before).SerializeToString())
    assert (
        "turned by turn, which is not run: give the last step first"
        in (load_network(path).notes[0])
    )


def test_two_nodes_that_read_both_ways_are_one_layer(tmp_path: Path) -> None:
    def pair(graph: Any, merge: str = "Concat") -> None:
        backward = helper.make_node(
            "RNN", ["X", "W", "R"], ["Y2"], name="back", hidden_size=2, direction="reverse"
        )
        more = {"axis": -1} if merge == "Concat" else {}
        graph.node.extend([backward, helper.make_node(merge, ["Y", "Y2"], ["Z"], **more)])

    for merge, ours in (("Concat", "concat"), ("Add", "sum"), ("Mul", "mul")):
        path = tmp_path / "m.onnx"
        model = node_model(change=lambda graph, merge=merge: pair(graph, merge))
        path.write_bytes(model.SerializeToString())
        network = load_network(path)
        assert [layer.direction for layer in network.layers[0]] == ["forward", "backward"]
        assert network.merges == (ours,)


@pytest.mark.parametrize("name", ["LSTM.onnx", "exported-GRU.onnx"])
def test_a_file_that_is_cut_off_is_refused(unpacked: Unpacked, tmp_path: Path, name: str) -> None:
    content = (unpacked("onnx") / name).read_bytes()
    path = tmp_path / name
    for length in range(0, len(content), max(1, len(content) // 60)):
        path.write_bytes(content[:length])
        with pytest.raises(UsageError, match=name):
            load_network(path)


def test_a_missing_reader_is_told_with_its_extra(
    unpacked: Unpacked, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util
    import sys

    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(UsageError, match=r"needs the package onnx; .*pip install .*onnx"):
        load_network(unpacked("onnx") / "LSTM.onnx")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"needs the package h5py; .*pip install .*onnx"):
        load_network(unpacked("keras3") / "words.keras")


@pytest.mark.parametrize(
    "content",
    [
        b"\x72\x00" * 400_000,  # properties
        b"\x10\x00" * 2_000_000,  # numbers
        b"\x3a\x80\xea\x30" + b"\x0a\x00" * 400_000,  # nodes of a graph
    ],
)
@pytest.mark.slow
def test_a_model_of_very_many_parts_is_refused_before_any_is_made(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(b"\x08\x07" + content)
    with pytest.raises(UsageError, match="m.onnx: it has more parts than any model has"):
        inspect_file(path)


@pytest.mark.parametrize("content", [b"\x80" * 20, b"\x0b", b"\x3a\x05\x0a\x01", b"\x3a\x7f"])
def test_a_model_whose_parts_do_not_end_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(b"\x08\x07" + content)
    with pytest.raises(UsageError, match="is damaged"):
        inspect_file(path)


def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(node_model().SerializeToString().replace(b"it", b"\xff\xfe"))
    with pytest.raises(UsageError, match="a name in it is no text in UTF-8"):
        load_network(path)


def test_weights_made_of_weights_again_and_again_are_refused(tmp_path: Path) -> None:
    weight = numpy_helper.from_array(np.ones((1, 4096, 4), np.float32), "w0")
    nodes = [helper.make_node("Add", [f"w{k}", f"w{k}"], [f"w{k + 1}"]) for k in range(40)]
    nodes.append(helper.make_node("LSTM", ["x", "w40", "w40"], ["y"]))
    path = tmp_path / "m.onnx"
    onnx.save(helper.make_model(helper.make_graph(nodes, "g", [], [], [weight])), path)
    assert "made of more values than the file has" in str(inspect_file(path))
