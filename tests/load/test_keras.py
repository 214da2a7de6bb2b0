"""Keras's files, of Keras 2 and 3, against what Keras computed."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from recorded import agrees, names

from lstmviz.errors import UsageError
from lstmviz.load import inspect_file, load_network
from lstmviz.load.detect import read_file
from lstmviz.load.parts import in_a_row
from lstmviz.load.run import run

pytestmark = pytest.mark.slow  # a process reads each file of HDF5

Unpacked = Callable[[str], Path]
KINDS = ("keras3", "keras2")
# All in the newest format; in the others, those that are laid out in their own way.
OTHERS = {"words", "functions", "no-bias", "cells", "many", "graph", "gru-before-states"}
CASES = [
    (name, ending)
    for name in names("keras3")
    for ending in (".keras", ".h5", ".weights.h5")
    if ending == ".keras" or name in OTHERS
]


def config_of(path: Path) -> dict[str, Any]:
    """The option that a file of weights alone needs."""
    if not path.name.endswith(".weights.h5"):
        return {}
    return {"config": path.with_name(path.name.replace(".weights.h5", ".json"))}


@pytest.mark.parametrize(("name", "ending"), CASES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.few(14)
def test_keras_agrees(unpacked: Unpacked, kind: str, name: str, ending: str) -> None:
    path = unpacked(kind) / f"{name}{ending}"
    # A chain of many functions multiplies the rounding of the first.
    tolerances = (1e-8, 1e-4) if name == "functions" else (1e-10, 1e-5)
    agrees(path, *tolerances, **config_of(path))


def test_both_versions_have_the_same_cases() -> None:
    assert names("keras3") == names("keras2")
    assert len(names("keras3")) >= 20


@pytest.mark.parametrize(("kind", "slope"), [("keras3", "0.166667"), ("keras2", "0.2")])
def test_the_hard_sigmoid_is_that_of_its_version(unpacked: Unpacked, kind: str, slope: str) -> None:
    found = inspect_file(unpacked(kind) / "functions.keras").parts[0].layers[0]
    assert found.activations["shown"] == "relu"
    assert found.activations["f"] in (f"hard_sigmoid (alpha {slope})", "hard_sigmoid")
    assert ("alpha" in found.activations["f"]) == (kind == "keras3")


@pytest.mark.parametrize("kind", KINDS)
def test_the_version_is_known_by_the_options_where_it_is_not_told(
    unpacked: Unpacked, tmp_path: Path, kind: str
) -> None:
    # As a user has it who takes the configuration out of the .keras file of the same model.
    with zipfile.ZipFile(unpacked(kind) / "functions.keras") as archive:
        archive.extract("config.json", tmp_path)
    assert "registered_name" in (tmp_path / "config.json").read_text()
    agrees(unpacked(kind) / "functions.weights.h5", 1e-8, 1e-4, config=tmp_path / "config.json")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ending", [".weights.h5", ".h5"])
@pytest.mark.few(1)
def test_a_hard_sigmoid_is_that_of_weights_and_configuration_together(
    unpacked: Unpacked, tmp_path: Path, kind: str, ending: str
) -> None:
    own, other = unpacked(kind), unpacked(KINDS[1 - KINDS.index(kind)])
    path = alone(own / f"functions{ending}", tmp_path / f"m{ending}")
    with zipfile.ZipFile(own / "functions.keras") as archive:
        bare = json.loads(archive.read("config.json"))
    for config in (own / "functions.json", own / "functions.keras", bare):
        slope = load_network(path, config=config).layers[0][0].cell.spelt["f"]
        assert slope == ("hard_sigmoid (alpha 0.166667)" if kind == "keras3" else "hard_sigmoid")
    # Only the older layout has the version beside the weights, which then contradicts.
    for config in (other / "functions.json", other / "functions.keras"):
        if ending == ".h5":
            with pytest.raises(UsageError, match="told in two ways"):
                load_network(path, config=config)


@pytest.mark.parametrize("version", ["1.2.2", "2.4.0", "2.2.4-tf"])
def test_a_hard_sigmoid_of_no_version_is_refused(unpacked: Unpacked, version: str) -> None:
    config = {
        "class_name": "Sequential",
        "config": {
            "layers": [
                {
                    "class_name": "LSTM",
                    "config": {
                        "name": "lstm",
                        "units": 3,
                        "recurrent_activation": "hard_sigmoid",
                    },
                }
            ]
        },
    }
    weights = unpacked("keras2") / "functions.weights.h5"
    with pytest.raises(UsageError, match=r"not the same in Keras 2 and in Keras 3.*config="):
        load_network(weights, config=config)
    told = load_network(weights, config={**config, "keras_version": version})
    assert told.cell.spelt["f"] == "hard_sigmoid"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.few(1)
def test_what_was_read_is_told(unpacked: Unpacked, kind: str) -> None:
    folder = unpacked(kind)
    backwards = load_network(folder / "backwards.keras")
    assert [layer.direction for _, layer in backwards.each_layer()] == [
        "backward",
        "backward",
        "forward",
        "backward",
    ]
    assert any("goes backwards" in note for note in backwards.notes)
    for mode in ("concat", "sum", "ave", "mul"):
        assert load_network(folder / f"both-ways-{mode}.h5").merges == (mode, "concat")
    words = inspect_file(folder / "words.keras")
    assert words.embeddings == (("embedding", 7, 5),)
    assert words.parts[0].embedding == "embedding"
    assert [layer.cell for layer in words.parts[0].layers] == ["lstm", "gru", "gru", "rnn"]
    graph = load_network(folder / "graph.keras")
    assert [layer.cell.name for _, layer in graph.each_layer()] == ["lstm", "lstm", "gru", "gru"]
    assert (
        len(
            load_network(folder / "many.weights.h5", **config_of(folder / "many.weights.h5")).layers
        )
        == 12
    )


def test_weights_alone_take_their_configuration(unpacked: Unpacked) -> None:
    path = unpacked("keras3") / "words.weights.h5"
    assert "config= with" in str(inspect_file(path))
    # The .keras file of the same model has the configuration, too.
    assert load_network(path, config=unpacked("keras3") / "words.keras").depth == 3
    with pytest.raises(UsageError, match="no valid JSON"):
        load_network(path, config=_broken(unpacked("keras3")))
    with pytest.raises(UsageError, match="there is no file"):
        load_network(path, config="nowhere.json")


def _broken(folder: Path) -> Path:
    (folder / "broken.json").write_text("{")
    return folder / "broken.json"


def test_words_are_looked_up(unpacked: Unpacked) -> None:
    vocabulary = ["", "[UNK]", "the", "soup", "was", "not", "good"]
    trace = run(
        "The soup was good", network=unpacked("keras3") / "words.keras", vocabulary=vocabulary
    )
    numbers = run([2, 3, 4, 6], network=unpacked("keras3") / "words.keras")
    np.testing.assert_array_equal(trace["h"], numbers["h"])


def changed(source: Path, target: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """The same .keras or .h5 file with another configuration."""
    if source.suffix == ".h5":

        def configure(file: Any) -> None:
            config = json.loads(file.attrs["model_config"])
            change(config)
            file.attrs["model_config"] = json.dumps(config)

        return h5(target, configure, source)
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "config.json":
                config = json.loads(content)
                change(config)
                content = json.dumps(config).encode()
            new.writestr(name, content)
    return target


def layer(config: dict[str, Any], kind: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        one for one in config["config"]["layers"] if one["class_name"] == kind
    )
    return found


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda c: layer(c, "LSTM")["config"].update(units=5), "5 units of LSTM need"),
        (lambda c: layer(c, "LSTM")["config"].update(units=True), "how many units"),
        (lambda c: layer(c, "LSTM")["config"].update(activation="sin"), "'sin' is none"),
        (
            lambda c: layer(c, "LSTM")["config"].update(
                activation={"class_name": "Lambda", "config": "import os"}
            ),
            "'Lambda' is none",
        ),
        (lambda c: layer(c, "LSTM")["config"].update(use_bias=False), "1 weights more"),
        (lambda c: layer(c, "LSTM").update(class_name="GRU"), "the kernel of its GRU is missing"),
        (lambda c: layer(c, "LSTM").update(class_name="ConvLSTM1D"), "none that lstmviz can run"),
        (
            lambda c: layer(c, "LSTM").update(module="mine", class_name="MyLSTM"),
            "of somebody's own making",
        ),
        (
            lambda c: layer(c, "Bidirectional")["config"].update(merge_mode="max"),
            "merge_mode is 'max'",
        ),
        (
            lambda c: layer(c, "Bidirectional")["config"]["layer"]["config"].update(
                reset_after=False
            ),
            "its bias has the shape",
        ),
        (lambda c: layer(c, "Embedding")["config"].update(input_dim=8), "unlike the"),
        (lambda c: c["config"].update(layers=[]), "no SimpleRNN, LSTM or GRU"),
        (lambda c: c["config"].update(layers=3), "no list of layers"),
        (lambda c: c.update(class_name="MyModel", config={}), "whose layers only its code knows"),
        (lambda c: c.clear(), "describes no Keras model"),
    ],
)
@pytest.mark.few(5)
def test_a_configuration_that_does_not_fit_is_refused(
    unpacked: Unpacked, tmp_path: Path, change: Callable[[dict[str, Any]], None], sentence: str
) -> None:
    path = changed(unpacked("keras3") / "words.keras", tmp_path / "m.keras", change)
    try:
        told = str(inspect_file(path))
    except UsageError as error:
        told = str(error)
    assert sentence in told.replace("needs", "need"), told


def test_what_stands_between_is_told(unpacked: Unpacked, tmp_path: Path) -> None:
    def dense(config: dict[str, Any]) -> None:
        layer(config, "Dropout").update(class_name="Dense")

    path = changed(unpacked("keras3") / "words.keras", tmp_path / "m.keras", dense)
    with pytest.raises(UsageError, match=r"2 recurrent parts: 'first' .*, 'simple_rnn'"):
        load_network(path)
    network = load_network(path, part="simple_rnn")
    assert any("'dropout' (Dense), which is not run" in note for note in network.notes)
    assert load_network(path, part="first").embedding is not None


@pytest.mark.parametrize("ending", [".keras", ".h5"])
@pytest.mark.few(1)
def test_single_layers_of_a_chain_are_chosen(unpacked: Unpacked, ending: str) -> None:
    path = unpacked("keras3") / f"words{ending}"
    whole = load_network(path)
    assert load_network(path, part="simple_rnn").depth == whole.depth == 3
    for number, part in enumerate(("first", "bidirectional", "simple_rnn:3")):
        alone = load_network(path, part=part)
        (mine,), (theirs, *_) = alone.layers, whole.layers[number:]
        for one, other in zip(mine, theirs, strict=True):
            np.testing.assert_array_equal(one.weights.R, other.weights.R)
        assert (alone.embedding is None) == (number > 0)
        assert any("made by" in note for note in alone.notes) == (number > 0)
    np.testing.assert_array_equal(
        load_network(path, part="simple_rnn:2").layers[0][1].weights.R,
        load_network(path, part="bidirectional").layers[0][1].weights.R,
    )
    names = ["first", "bidirectional"]
    some = load_network(path, part=names)
    assert (some.depth, some.embedding is None) == (2, False)
    assert not any("made by" in note for note in some.notes)
    every = load_network(path, part=[*names, "simple_rnn"])
    assert (every.depth, every.notes) == (3, whole.notes)
    with pytest.raises(UsageError, match="is not fed by 'bidirectional', but by 'embedding'"):
        load_network(path, part=["bidirectional", "first"])


def test_numbers_in_names_join_nothing_that_something_else_feeds(unpacked: Unpacked) -> None:
    first, second, _ = read_file(unpacked("keras3") / "words.keras").inner
    numbered = [replace(first, name="lstm_1"), replace(second, name="lstm_2")]
    assert in_a_row(numbered) == numbered
    assert in_a_row([numbered[0], replace(numbered[1], fed_by="batch_normalization")]) == []


def test_a_layer_within_time_distributed_is_a_part(unpacked: Unpacked, tmp_path: Path) -> None:
    def wrap(config: dict[str, Any]) -> None:
        inner = layer(config, "SimpleRNN")
        inner["config"]["return_sequences"] = False
        wrapped = {"class_name": "TimeDistributed", "config": {"name": "each", "layer": {**inner}}}
        inner.clear()
        inner.update(wrapped)

    path = changed(unpacked("keras3") / "words.h5", tmp_path / "m.h5", wrap)
    network = load_network(path, part="each")
    assert (network.cell.name, network.inputs) == ("rnn", 6)
    assert any("'each' reads the inner sequence of each step" in note for note in network.notes)


def test_layers_with_others_between_are_no_one_network(unpacked: Unpacked, tmp_path: Path) -> None:
    def dense(config: dict[str, Any]) -> None:
        layer(config, "Dropout").update(class_name="BatchNormalization")

    path = changed(unpacked("keras3") / "words.keras", tmp_path / "m.keras", dense)
    with pytest.raises(UsageError, match="'bidirectional' is not fed by 'first', but by 'dr"):
        load_network(path, part=["first", "bidirectional"])


def h5(path: Path, change: Callable[[Any], None], source: Path) -> Path:
    """The same .h5 file, changed."""
    shutil.copy(source, path)
    with h5py.File(path, "r+") as file:
        change(file)
    return path


def test_nothing_outside_the_file_is_read(unpacked: Unpacked, tmp_path: Path) -> None:
    kernel = "layers/lstm/cell/vars/0"
    source = unpacked("keras3") / "many.weights.h5"
    config = unpacked("keras3") / "many.json"
    (tmp_path / "secret").write_bytes(bytes(10_000))
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["secret"] = np.zeros((3, 8))

    def link(file: Any) -> None:
        del file[kernel]
        file[kernel] = h5py.ExternalLink(str(tmp_path / "other.h5"), "secret")

    def soft(file: Any) -> None:
        del file[kernel]
        file[kernel] = h5py.SoftLink("/layers/lstm_1/cell/vars/0")

    def external(file: Any) -> None:
        del file[kernel]
        file.create_dataset(kernel, (3, 8), "f8", external=[(str(tmp_path / "secret"), 0, 192)])

    def virtual(file: Any) -> None:
        del file[kernel]
        layout = h5py.VirtualLayout((3, 8), "f8")
        layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "secret", (3, 8))
        file.create_virtual_dataset(kernel, layout)

    for change, sentence in (
        (link, "links are not followed"),
        (soft, "links are not followed"),
        (external, "stored in another file"),
        (virtual, "stored in another file"),
    ):
        with pytest.raises(UsageError, match=sentence):
            load_network(h5(tmp_path / "m.weights.h5", change, source), config=config)


def test_sizes_are_checked_before_anything_is_made(unpacked: Unpacked, tmp_path: Path) -> None:
    kernel = "layers/embedding/vars/0"

    def claim(file: Any) -> None:
        del file[kernel]
        file.create_dataset(kernel, (1 << 36, 5), "f8", chunks=(1 << 10, 5), compression="gzip")

    config = json.loads((unpacked("keras3") / "words.json").read_text())
    layer(config, "Embedding")["config"]["input_dim"] = 1 << 36
    path = h5(tmp_path / "m.weights.h5", claim, unpacked("keras3") / "words.weights.h5")
    assert path.stat().st_size < 100_000
    with pytest.raises(UsageError, match="claims 2748779069440 bytes, but the file has 0"):
        load_network(path, config=config)


@pytest.mark.parametrize(("array", "name"), [(1, "recurrent_kernel"), (2, "bias")])
def test_an_array_that_is_missing_is_no_zero(
    unpacked: Unpacked, tmp_path: Path, array: int, name: str
) -> None:
    def drop(file: Any) -> None:
        for number in range(array, 3):
            del file[f"layers/lstm_3/cell/vars/{number}"]

    path = h5(tmp_path / "m.weights.h5", drop, unpacked("keras3") / "many.weights.h5")
    found = inspect_file(path, config=unpacked("keras3") / "many.json")
    assert any(f"the {name}" in why and "LSTM is missing" in why for why in found.unusable)


def test_bfloat16_is_read(unpacked: Unpacked, tmp_path: Path) -> None:
    kernel = "layers/lstm/cell/vars/0"
    values = np.arange(24, dtype=np.float32).reshape(3, 8)

    def store(file: Any) -> None:
        del file[kernel]
        bits = (values.view(np.uint32) >> 16).astype(np.uint16)
        file.create_dataset(kernel, data=bits).attrs["dtype"] = "bfloat16"

    path = h5(tmp_path / "m.weights.h5", store, unpacked("keras3") / "many.weights.h5")
    network = load_network(path, config=unpacked("keras3") / "many.json")
    np.testing.assert_array_equal(network.layers[0][0].gate("i").W, values.T[:2])


def alone(source: Path, target: Path) -> Path:
    """The weights of an .h5 file without its configuration, as save_weights writes them."""

    def strip(file: Any) -> None:
        file.attrs.pop("model_config", None)

    return h5(target, strip, source)


@pytest.mark.parametrize("ending", [".weights.h5", ".h5"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["many", "graph"])
@pytest.mark.few(2)
def test_layers_are_found_by_their_order_whatever_they_are_called(
    unpacked: Unpacked, tmp_path: Path, name: str, kind: str, ending: str
) -> None:
    # As Keras does: a second model in the same session has names that belong to other layers.
    config = unpacked(kind) / f"{name}.json"
    shifted = re.sub(r'"(lstm|gru)_(\d+)"', r'"\1_1\2"', config.read_text())
    shifted = shifted.replace("a_late_one", "early").replace("z_early_one", "a_late_one")
    assert shifted != config.read_text()
    (tmp_path / "other.json").write_text(shifted)
    path = alone(unpacked(kind) / f"{name}{ending}", tmp_path / f"m{ending}")
    one = load_network(path, config=tmp_path / "other.json")
    other = load_network(path, config=config)
    assert len(one.layers) == (12 if name == "many" else 4)
    for (_, mine), (_, theirs) in zip(one.each_layer(), other.each_layer(), strict=True):
        np.testing.assert_array_equal(mine.weights.R, theirs.weights.R)


def test_early_files_leave_out_every_second_number(unpacked: Unpacked, tmp_path: Path) -> None:
    # Keras 2.12 counted each layer with weights twice: lstm, lstm_2, lstm_4, ...
    def rename(file: Any) -> None:
        for number in range(11, 0, -1):
            file.move(f"layers/lstm_{number}", f"_layer_checkpoint_dependencies/lstm_{2 * number}")
        file.move("layers/lstm", "_layer_checkpoint_dependencies/lstm")
        del file["layers"]

    source, config = unpacked("keras2") / "many.weights.h5", unpacked("keras2") / "many.json"
    one = load_network(h5(tmp_path / "m.weights.h5", rename, source), config=config)
    other = load_network(source, config=config)
    for (_, mine), (_, theirs) in zip(one.each_layer(), other.each_layer(), strict=True):
        np.testing.assert_array_equal(mine.weights.R, theirs.weights.R)


def test_another_models_configuration_is_refused(unpacked: Unpacked, tmp_path: Path) -> None:
    path = alone(unpacked("keras3") / "many.h5", tmp_path / "m.h5")
    with pytest.raises(UsageError, match=r"has 4 layers with weights \(embedding, .* file 12"):
        load_network(path, config=unpacked("keras3") / "words.json")


@pytest.mark.parametrize("name", ["last-output.keras", "last-output.h5"])
@pytest.mark.few(1)
def test_a_file_that_is_cut_off_is_refused(unpacked: Unpacked, tmp_path: Path, name: str) -> None:
    content = (unpacked("keras3") / name).read_bytes()
    path = tmp_path / name
    for length in range(0, len(content), max(1, len(content) // 12)):
        path.write_bytes(content[:length])
        with pytest.raises(UsageError, match=path.stem):
            load_network(path)


def test_a_zip_without_its_parts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.keras"
    for parts in (["config.json"], ["model.weights.h5"], ["config.json", "model.weights.h5"]):
        with zipfile.ZipFile(path, "w") as archive:
            for part in parts:
                archive.writestr(part, b"{}")
        with pytest.raises(UsageError, match=r"m\.keras"):
            load_network(path)
    made = io.BytesIO()
    with h5py.File(made, "w") as file:
        file.attrs["keras_version"] = "2.3.0"
    (tmp_path / "m.h5").write_bytes(made.getvalue())
    with pytest.raises(UsageError, match="none; pass the model's configuration"):
        load_network(tmp_path / "m.h5")
