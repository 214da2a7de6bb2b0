"""Keras's masks: what its files say of them, against what Keras computed."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recorded import names

from lstmviz.engine.model.masks import Mask
from lstmviz.errors import UsageError
from lstmviz.load import check_against, inspect_file, load_network
from lstmviz.load.assemble import assemble
from lstmviz.load.detect import read_file
from lstmviz.load.run import run

pytestmark = pytest.mark.slow

Unpacked = Callable[[str], Path]
Change = Callable[[dict[str, Any]], None]


NAMES = names("masked3")
LAID_OUT_OTHERWISE = [name for name in NAMES if name.startswith(("stack", "graph"))]
CASES = [
    *(("masked3", name, ".keras") for name in NAMES),
    *(("masked2", name, ".keras") for name in (*LAID_OUT_OTHERWISE, "both-ways", "backwards")),
    *((kind, name, ".h5") for kind in ("masked3", "masked2") for name in LAID_OUT_OTHERWISE[::2]),
]


@pytest.mark.parametrize(("kind", "name", "ending"), CASES)
@pytest.mark.few(8)
def test_keras_agrees(unpacked: Unpacked, kind: str, name: str, ending: str) -> None:
    network = load_network(unpacked(kind) / f"{name}{ending}")
    words, value = name.endswith(("words", "within")), -0.25 if "values" in name else 0.0
    assert network.mask == (Mask("row", 0) if words else Mask("values", value))
    with np.load(unpacked(kind) / f"{name}.npz") as recorded:
        trace = run(recorded["x"], network=network)
        check_against(trace, recorded["y"], 1e-10)
        assert trace.skipped == ((0, 2, 5) if words else (0, 3, 5))


def test_it_is_told_before_it_is_run(unpacked: Unpacked) -> None:
    for name, told in (
        ("graph-values", "all values are -0.25"),
        ("stack-words", "row 0 of the embedding"),
    ):
        found = str(inspect_file(unpacked("masked3") / f"{name}.keras"))
        assert f"passes over the steps that are masked: {told}" in found


def test_both_versions_have_the_same_cases() -> None:
    assert names("masked3") == names("masked2")
    assert len(names("masked3")) >= 16


def changed(source: Path, target: Path, change: Change) -> Path:
    """The same .keras file with other layers."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "config.json":
                config = json.loads(content)
                by_class = {one["class_name"]: one for one in config["config"]["layers"]}
                change({**by_class, "config": config["config"]})
                content = json.dumps(config).encode()
            new.writestr(name, content)
    return target


def masking(value: object, name: str = "another") -> dict[str, Any]:
    return {"class_name": "Masking", "config": {"name": name, "mask_value": value}}


def insert(at: int, layer: dict[str, Any]) -> Change:
    return lambda c: c["config"]["layers"].insert(at, layer)


# The layers are InputLayer, Masking, Dropout, Bidirectional(LSTM), GRU.
DENSE = {"class_name": "Dense", "config": {"name": "between"}}


@pytest.mark.parametrize("kind", ["masked3", "masked2"])
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (insert(2, masking(0.5)), "'masking.*' masks steps, and another layer after it"),
        (lambda c: c["Masking"]["config"].update(mask_value="0"), "A mask is of values"),
        (insert(4, masking(0.0)), "2 recurrent parts: .*; choose one with part="),
    ],
)
def test_a_mask_that_cannot_be_honoured_is_refused(
    unpacked: Unpacked, tmp_path: Path, kind: str, change: Change, sentence: str
) -> None:
    path = changed(unpacked(kind) / "stack-values.keras", tmp_path / "m.keras", change)
    with pytest.raises(UsageError, match=sentence):
        load_network(path)


def test_the_same_mask_twice_is_one(unpacked: Unpacked, tmp_path: Path) -> None:
    path = changed(
        unpacked("masked3") / "stack-values.keras", tmp_path / "m.keras", insert(2, masking(-0.25))
    )
    assert load_network(path).mask == Mask("values", -0.25)


def test_a_mask_between_two_layers_begins_a_new_part(unpacked: Unpacked, tmp_path: Path) -> None:
    source = unpacked("masked2") / "stack-values.keras"
    path = changed(source, tmp_path / "m.keras", insert(4, masking(0.25)))
    first, second = (part.name for part in inspect_file(path).parts)
    assert load_network(path, part=first).mask == Mask("values", -0.25)
    assert load_network(path, part=second).mask == Mask("values", 0.25)
    with pytest.raises(UsageError, match="so they cannot be run as one network; choose one"):
        load_network(path, part=[first, second])


def test_a_mask_that_goes_through_another_layer_is_told(unpacked: Unpacked, tmp_path: Path) -> None:
    source = unpacked("masked3") / "stack-values.keras"
    path = changed(source, tmp_path / "m.keras", insert(2, DENSE))
    network = load_network(path)
    assert network.mask is None
    assert any("masks steps before 'between'" in note for note in network.notes)


def test_a_layer_that_turns_its_steps_round_hands_on_no_mask(
    unpacked: Unpacked, tmp_path: Path
) -> None:
    def turn(config: dict[str, Any]) -> None:
        gru = config["Sequential"]["config"]["layers"][-1]
        gru["config"]["go_backwards"] = True

    path = changed(unpacked("masked3") / "stack-within.keras", tmp_path / "m.keras", turn)
    with pytest.raises(UsageError, match=r"go_backwards turns the steps round.*without its mask"):
        load_network(path)


@pytest.mark.parametrize(
    ("change", "works"),
    [
        (lambda c: None, True),
        (lambda c: c["NotEqual"]["inbound_nodes"][0]["args"].__setitem__(1, 3), False),
        (lambda c: c["NotEqual"].update(class_name="Greater"), False),
        (lambda c: c["Embedding"]["config"].update(mask_zero=False), False),
    ],
)
def test_only_the_mask_of_the_layer_itself_is_known(
    unpacked: Unpacked, tmp_path: Path, change: Change, works: bool
) -> None:
    source = unpacked("masked3") / "graph-words.keras"
    path = changed(source, tmp_path / "m.keras", change)
    if works:
        assert load_network(path).mask == Mask("row", 0)
        return
    with pytest.raises(UsageError, match=r"has a mask that 'not_equal.*' makes.*leave out of the"):
        load_network(path)


@pytest.mark.parametrize("returns", [True, False])
def test_zeros_at_the_end_are_told(unpacked: Unpacked, tmp_path: Path, returns: bool) -> None:
    def change(config: dict[str, Any]) -> None:
        config["LSTM"]["config"]["return_sequences"] = returns

    network = load_network(
        changed(unpacked("masked3") / "zeros.keras", tmp_path / "m.keras", change)
    )
    assert any("gives zeros" in note for note in network.notes) != returns


def test_another_embedding_masks_nothing(unpacked: Unpacked) -> None:
    contents = read_file(unpacked("masked3") / "stack-words.keras")
    other = replace(contents.matrices[0], name="other", sure=False)
    both = replace(contents, matrices=(*contents.matrices, other))
    network = assemble(both, {"embedding": "other"}, title="", source="")
    assert network.mask is None
    assert network.notes == ("no step is masked, as 'embedding', which does that, is not used",)
