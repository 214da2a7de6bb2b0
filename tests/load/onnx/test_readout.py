"""What follows the recurrent layers of an ONNX model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import helper
from onnx_texts import HEADS, PLAIN_HEAD, headed, model, recurrent, written

from lstmviz.errors import UsageError
from lstmviz.load import inspect_file, load_network
from lstmviz.load.run import run

Array = NDArray[Any]
X = np.random.default_rng(3).normal(size=(6, 3)).astype(np.float32)


def softmax(v: Array) -> Array:
    raised: Array = np.exp(v - v.max(-1, keepdims=True))
    return raised / raised.sum(-1, keepdims=True)


@pytest.mark.parametrize("name", HEADS)
def test_what_follows_is_read_as_the_graph_says(tmp_path: Path, name: str) -> None:
    head = HEADS[name]
    path, arrays = headed(tmp_path, head)
    network = load_network(path)
    assert network.readout is not None, network.notes
    assert str(network.readout) == head.told
    assert [note for note in network.notes if "rounds" not in note] == []
    trace = run(X, network=network)
    layers = [trace.layer(1, layer.direction)["h"] for layer in network.layers[-1]]
    expected = head.by_hand(layers, arrays)
    ours = trace.output if expected.ndim == 2 else trace.answer
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("two = Mul (y, y) answer = MatMul (two, V)", "Mul"),
        ("part = Gather <axis = 0> (y, zero) answer = MatMul (part, V)", "from the middle"),
        ("odd = Einsum <equation = 'tbh->tb'> (y) answer = Relu (odd)".replace("'", '"'), "Einsum"),
        ("[norm] n = LayerNormalization (y, scale) answer = MatMul (n, V)", "norm (LayerNorm"),
        (
            "a = Relu (y) m = ReduceMax <axes = [0]> (y) n = Gather <axis = 0> (a, zero) "
            "p = Unsqueeze <axes = [0]> (n) answer = Concat <axis = 2> (m, p)",
            "Concat",
        ),
        ("wide = Reshape (y, all) answer = MatMul (wide, V6)", "MatMul"),
        ("s = Softmax <axis = 0> (y) answer = MatMul (s, V)", "Softmax"),
        ("noise = RandomNormalLike (y) answer = MatMul (noise, V)", "RandomNormalLike"),
        ("a = Relu (y) m = ReduceMean <axes = [0]> (a) answer = MatMul (m, V)", "ReduceMean"),
        ("v = MatMul (y, V) answer = ReduceMax <axes = [0]> (v)", "ReduceMax"),
        ("t = Add (y, times) answer = MatMul (t, V)", "Add"),
    ],
)
def test_what_is_not_understood_is_named(tmp_path: Path, text: str, named: str) -> None:
    arrays = {
        **recurrent(),
        "V": np.ones((2, 2), np.float32),
        "V6": np.ones((12, 2), np.float32),
        "zero": np.array([0]),
        "all": np.array([1, -1]),
        "scale": np.ones(2, np.float32),
        "times": np.arange(6, dtype=np.float32).reshape(6, 1, 1),
    }
    fixed = PLAIN_HEAD.replace("float[t,1,3]", "float[6,1,3]").replace("BODY", text)
    path = written(tmp_path, model(fixed, **arrays))
    network = load_network(path)
    assert network.readout is None
    (note,) = network.notes
    assert note.startswith("no answer is read: ")
    assert named in note
    assert named in str(inspect_file(path))


def test_a_network_without_an_answer_has_none(tmp_path: Path) -> None:
    for text in ("answer = Identity (y)", "answer = Transpose <perm = [1, 0, 2]> (y)"):
        network = load_network(
            written(tmp_path, model(PLAIN_HEAD.replace("BODY", text), **recurrent()))
        )
        assert (network.readout, network.notes) == (None, ())


def test_names_of_answers_stand_in_the_file(tmp_path: Path) -> None:
    arrays = {**recurrent(), "V": np.array([[1, 2], [3, 4]], np.float32)}
    plain = PLAIN_HEAD.replace("BODY", "v = MatMul (y, V) answer = Softmax <axis = -1> (v)")
    made = model(plain, **arrays)
    assert load_network(written(tmp_path, made)).readout.labels == ()
    helper.set_model_props(made, {"class_names": "{0: 'bad', 1: 'good'}"})
    path = written(tmp_path, made)
    assert load_network(path).readout.labels == ("bad", "good")
    assert load_network(path, labels=["no", "yes"]).readout.labels == ("no", "yes")
    helper.set_model_props(made, {"class_names": '["a", "b", "c"]'})
    assert load_network(written(tmp_path, made)).readout.labels == ()
    zipped = PLAIN_HEAD.replace(
        "BODY",
        """end = Gather <axis = 0> (y, last)
        v = MatMul (end, V)
        p = Softmax <axis = -1> (v)
        answer = ai.onnx.ml.ZipMap <classlabels_strings = ["dull", "fun"]> (p)""",
    )
    network = load_network(written(tmp_path, model(zipped, **arrays, last=np.array(-1))))
    assert network.readout.labels == ("dull", "fun")
    assert network.readout.pooling == "last"


def test_one_of_several_answers_is_taken_and_said(tmp_path: Path) -> None:
    text = """g (float[t,1,3] X) => (int64[t,1] best, float[t,1,2] answer, float[t,1,1] other) {
        Y = RNN <hidden_size = 2> (X, W, R)
        axis = Constant <value = int64[1] {1}> ()
        y = Squeeze (Y, axis)
        answer = MatMul (y, V)
        best = ArgMax <axis = 2, keepdims = 0> (answer)
        other = MatMul (y, V1)
    }"""
    arrays = {**recurrent(), "V": np.eye(2, dtype=np.float32), "V1": np.ones((2, 1), np.float32)}
    path = written(tmp_path, model(text, **arrays))
    network = load_network(path)
    assert network.readout.answers == 2
    assert network.notes == (
        "the answer is 'answer'; the model gives 'other', too; head='other' chooses that one",
    )
    told = str(inspect_file(path))
    assert "its answer is 'answer': dense 2 → 2" in told
    assert "another, with head='other': dense 2 → 1" in told
    chosen = (
        "'best' is what ArgMax chooses of 'answer', whose values are shown: an index, and not they"
    )
    for name, answers, notes in (("answer", 2, ()), ("best", 2, (chosen,)), ("other", 1, ())):
        network = load_network(path, head=name)
        assert (network.readout.answers, network.notes) == (answers, notes)
    np.testing.assert_array_equal(network.readout.dense[0].W, np.ones((1, 2)))
    assert load_network(path, head="none").readout is None
    with pytest.raises(
        UsageError, match=r"'answer' \(dense 2 → 2\), 'other' .*there is no 'best2'"
    ):
        load_network(path, head="best2")
    only = text.replace(", float[t,1,2] answer, float[t,1,1] other", "")
    network = load_network(written(tmp_path, model(only, **arrays)))
    assert network.readout.answers == 2
    assert network.notes == ("what ArgMax chooses of the answers is not run",)


def test_what_of_several_answers_is_not_read_is_named(tmp_path: Path) -> None:
    text = """g (float[t,1,3] X) => (float[t,1,2] odd, float[t,1,2] answer) {
        Y = RNN <hidden_size = 2> (X, W, R)
        axis = Constant <value = int64[1] {1}> ()
        y = Squeeze (Y, axis)
        two = Mul (y, y)
        odd = MatMul (two, V)
        answer = MatMul (y, V)
    }"""
    arrays = {**recurrent(), "V": np.eye(2, dtype=np.float32)}
    network = load_network(written(tmp_path, model(text, **arrays)))
    assert network.readout is not None
    (note,) = network.notes
    assert note.startswith("the model's output 'odd' is not read: Mul follows ")


def test_each_branch_has_its_own_answer(tmp_path: Path) -> None:
    text = """g (float[t,1,3] X, bool c) => (float[t,1,1,2] answer) {
        y = If (c) <
            then_branch = a () => (float[t,1,1,2] Y1) {
                [one] Y1 = RNN <hidden_size = 2> (X, W, R)
            },
            else_branch = b () => (float[t,1,1,2] Y2) {
                [two] Y2 = RNN <hidden_size = 2> (X, W, R2)
            }
        >
        answer = MatMul (y, V)
    }"""
    arrays = {**recurrent(), "R2": recurrent(1)["R"], "V": np.array([[1, 2], [3, 4]], np.float32)}
    path = written(tmp_path, model(text, **arrays))
    for part in ("one", "two"):
        network = load_network(path, part=part)
        np.testing.assert_array_equal(network.readout.dense[0].W, arrays["V"].T)


def test_a_length_that_is_written_into_a_shape_is_found(tmp_path: Path) -> None:
    """PyTorch's newer exporter does that, and says that the length is free."""
    text = """shape = Constant <value = int64[3] {9, 1, 2}> ()
        z = Reshape (y, shape)
        end = Gather <axis = 0> (z, last)
        answer = MatMul (end, V)"""
    arrays = {**recurrent(), "V": np.eye(2, dtype=np.float32), "last": np.array(-1)}
    network = load_network(written(tmp_path, model(PLAIN_HEAD.replace("BODY", text), **arrays)))
    assert network.readout.pooling == "last"


def test_a_graph_that_asks_for_very_much_is_no_answer(tmp_path: Path) -> None:
    text = """many = Constant <value = int64[3] {100000, 100000, 1}> ()
        z = Tile (y, many)
        answer = MatMul (z, V)"""
    arrays = {**recurrent(), "V": np.eye(2, dtype=np.float32)}
    path = written(tmp_path, model(PLAIN_HEAD.replace("BODY", text), **arrays))
    assert "Tile follows" in load_network(path).notes[0]
