"""What follows Keras's recurrent layers, against what Keras computed."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recorded import names

from lstmviz.errors import UsageError
from lstmviz.load import inspect_file, load_network
from lstmviz.load.detect import read_file
from lstmviz.load.run import run

Unpacked = Callable[[str], Path]

TEXTS = ("text", "letters")
POOLED = {"mean": "mean", "mean-late": "mean", "mean-alone": "mean", "mean-masked": "mean"}
POOLED |= {"max": "max", "each": "each", "distributed": "each", "last-step": "each"}
# The others differ in nothing that the format of the file decides.
LAID_OUT_OTHERWISE = ("distributed", "nested", "frozen", "normalised", "rows", "last-step")
CASES = [
    pytest.param(kind, name, ending, marks=[pytest.mark.slow] * (kind == "answers2"))
    for kind in ("answers3", "answers2")
    for name in names(kind)
    if name not in TEXTS
    for ending in (".keras", ".h5")
    if (kind, ending) == ("answers3", ".keras") or name in LAID_OUT_OTHERWISE
]


def test_both_versions_have_the_same_cases() -> None:
    assert names("answers3") == names("answers2")
    assert {*POOLED, *LAID_OUT_OTHERWISE, *TEXTS} <= {*names("answers3")}


@pytest.mark.parametrize(("kind", "name", "ending"), CASES)
@pytest.mark.few(8)
@pytest.mark.slow
def test_the_answer_is_keras_own(unpacked: Unpacked, kind: str, name: str, ending: str) -> None:
    path = unpacked(kind) / f"{name}{ending}"
    network = load_network(path)
    assert network.readout is not None, network.notes
    assert network.readout.pooling == POOLED.get(name, "last")
    with np.load(path.with_suffix(".npz")) as recorded:
        output = run(recorded["x"], network=network).output
        assert output is not None
        answers = output if recorded["y"].ndim == 2 else output[-1]
        # Keras has the slope of a leaky ReLU in float32.
        limit = 1e-7 if name == "chain" else 1e-10
        np.testing.assert_allclose(answers, recorded["y"], rtol=0, atol=limit)


@pytest.mark.parametrize("kind", ["answers3", "answers2"])
@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.slow
def test_text_becomes_the_rows_that_keras_makes(unpacked: Unpacked, kind: str, name: str) -> None:
    path = unpacked(kind) / f"{name}.keras"
    network = load_network(path)
    with np.load(path.with_suffix(".npz")) as recorded:
        trace = run(str(recorded["text"]), network=network)
        assert network.vocabulary is not None
        rows = [network.vocabulary.index(moment.token.text) for moment in trace]
        np.testing.assert_array_equal(rows, recorded["rows"])
        assert trace.output is not None
        np.testing.assert_allclose(trace.output[-1], recorded["y"], rtol=0, atol=1e-10)


def test_scales_between_dense_layers_are_folded_into_them(unpacked: Unpacked) -> None:
    readout = load_network(unpacked("answers3") / "normalised.keras").readout
    assert readout is not None
    assert [str(layer) for layer in readout.dense] == ["dense 4 → 3, relu", "dense 3 → 2, tanh"]


@pytest.mark.parametrize("name", names("outputs"))
@pytest.mark.few(2)
@pytest.mark.slow
def test_each_of_several_outputs_is_chosen_by_its_layer(unpacked: Unpacked, name: str) -> None:
    path = unpacked("outputs") / f"{name}.keras"
    with np.load(path.with_suffix(".npz")) as recorded:
        told = {key: recorded[key] for key in recorded.files}
    x = told.pop("x")
    for key, answers in told.items():
        number, pooling, layer = key.split()
        chosen = [load_network(path, head=layer)] + [load_network(path)] * (number == "0")
        for network in chosen:
            assert network.readout is not None
            assert network.readout.pooling == pooling
            trace = run(x, network=network)
            ours = trace.output if answers.ndim == 2 else trace.answer
            np.testing.assert_allclose(ours, answers, rtol=0, atol=1e-5)


@pytest.mark.slow
def test_several_outputs_are_listed_and_the_first_is_taken(unpacked: Unpacked) -> None:
    path = unpacked("outputs") / "named.keras"
    assert (
        "the answer is 'mood'; the model gives 'tag', 'mean', too; head='tag' chooses that one"
    ) in load_network(path).notes
    told = str(inspect_file(path))
    assert "its answer is 'mood': the mean over time, then 'mean' → 4, tanh, then" in told
    assert "another, with head='tag': each output, then 'tag' → 3, softmax" in told
    with pytest.raises(UsageError, match="may name one of its outputs, 'mood' .* no 'mod'"):
        load_network(path, head="mod")
    odd = load_network(unpacked("outputs") / "odd.keras")
    assert any("'layer_normalization' (LayerNormalization) follows" in one for one in odd.notes)
    unread = load_network(unpacked("outputs") / "joined.keras")
    assert str(unread.readout).startswith("the mean over time ‖ the max over time, dense 16 → 3")


def change(source: Path, target: Path, **layers: Any) -> Path:
    """The same .keras file with other classes and options of layers, by their classes."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        config = json.loads(old.read("config.json"))
        for layer in config["config"]["layers"]:
            layer.update(class_name=layers.get(layer["class_name"], layer["class_name"]))
            layer["config"].update(layers.get(f"{layer['class_name']}_", {}))
        new.writestr("config.json", json.dumps(config))
        new.writestr("metadata.json", old.read("metadata.json"))
        new.writestr("model.weights.h5", old.read("model.weights.h5"))
    return target


@pytest.mark.parametrize(
    ("name", "layers", "reason"),
    [
        (
            "softmax",
            {"Dense": "MyDense"},
            r"'dense.*' \(MyDense\) follows, which is not understood",
        ),
        ("softmax", {"Dense_": {"units": 4}}, r"the shapes \[\(4, 3\), \(3,\)\], not \[\(4, 4\)"),
        ("softmax", {"Dense_": {"activation": "sin"}}, "activation 'sin' is none"),
        ("softmax", {"Dense_": {"quantization_config": {}, "units": 5}}, "whose weights have"),
        ("mean", {"GlobalAveragePooling1D": "Flatten"}, "joins the outputs of all steps"),
        ("mean", {"GlobalAveragePooling1D": "LSTM"}, "is a recurrent layer itself"),
        ("mean-late", {"GlobalAveragePooling1D": "GlobalMaxPooling1D"}, "pools what 'dense"),
        ("mean-masked", {"GlobalAveragePooling1D": "GlobalMaxPooling1D"}, "steps that are masked"),
        ("chain", {"LeakyReLU": "LayerNormalization"}, r"\(LayerNormalization\) follows"),
        ("normalised", {"BatchNormalization_": {"axis": 0}}, "over another axis"),
        ("normalised", {"BatchNormalization_": {"scale": False}}, "whose weights do not fit"),
    ],
)
@pytest.mark.few(4)
@pytest.mark.slow
def test_what_is_not_understood_is_named(
    unpacked: Unpacked, tmp_path: Path, name: str, layers: dict[str, Any], reason: str
) -> None:
    path = change(unpacked("answers3") / f"{name}.keras", tmp_path / "m.keras", **layers)
    stack = read_file(path).stacks[0]
    assert not stack.answers
    assert re.search(reason, stack.unread), stack.unread
