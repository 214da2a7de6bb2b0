"""The vocabulary that a layer within a Keras model has."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from lstmviz.load import load_network
from lstmviz.load.detect import read_file
from lstmviz.load.run import run

ROWS, WIDTH, UNITS = 6, 3, 2
TEXT = {"max_tokens": 6, "standardize": "lower", "split": "whitespace", "output_mode": "int"}


def layer(kind: str, **config: Any) -> dict[str, Any]:
    return {"class_name": kind, "config": {"name": kind.lower(), **config}}


def saved(path: Path, first: dict[str, Any], **assets: str) -> Path:
    """A .keras file of a layer that makes rows, an embedding and an LSTM."""
    random = np.random.default_rng(0)
    own = path.with_suffix(".weights.h5")
    with h5py.File(own, "w") as file:
        file["layers/embedding/vars/0"] = random.normal(size=(ROWS, WIDTH))
        for number, shape in enumerate([(WIDTH, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,)]):
            file[f"layers/lstm/cell/vars/{number}"] = random.normal(size=shape)
    layers = [first, layer("Embedding"), layer("LSTM", units=UNITS)]
    with zipfile.ZipFile(path, "w") as archive:
        config = {"class_name": "Sequential", "config": {"layers": layers}}
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", own.read_bytes())
        for name, text in assets.items():
            archive.writestr(f"assets/layers/{name}/vocabulary.txt", text)
    return path


@pytest.mark.parametrize(
    ("first", "assets", "words"),
    [
        (
            layer("TextVectorization", **TEXT),
            {"text_vectorization": "\n[UNK]\nthe\ngood\n"},
            ("", "[UNK]", "the", "good"),
        ),
        (
            layer("TextVectorization", **TEXT, vocabulary=["the", "good"]),
            {},
            ("", "[UNK]", "the", "good"),
        ),
        (layer("StringLookup"), {"string_lookup": "[UNK]\na\nb"}, ("[UNK]", "a", "b")),
        (layer("StringLookup", vocabulary=["[UNK]", "a"]), {}, ("[UNK]", "a")),
        (
            layer("StringLookup", vocabulary=["a"], mask_token="", num_oov_indices=2),
            {},
            ("", "[UNK]", "", "a"),
        ),
        (layer("IntegerLookup", vocabulary=[7, 9]), {}, ("-1", "7", "9")),
    ],
)
@pytest.mark.few(2)
@pytest.mark.slow
def test_it_is_found(
    tmp_path: Path, first: dict[str, Any], assets: dict[str, str], words: tuple[str, ...]
) -> None:
    path = saved(tmp_path / "m.keras", first, **assets)
    network = load_network(path)
    assert network.vocabulary == (*words, *[""] * (ROWS - len(words)))
    assert any(f"'{first['config']['name']}' (" in note for note in network.notes)
    trace = run(words[-1], network=network)
    np.testing.assert_array_equal(trace["h"], run([len(words) - 1], network=network)["h"])
    told = read_file(path).vectorization
    assert (told is None) == (first["class_name"] != "TextVectorization")
    if told is not None:
        assert told["standardize"] == "lower"


@pytest.mark.parametrize(
    ("first", "assets", "sentence"),
    [
        (layer("TextVectorization", **TEXT), {}, "its vocabulary is not in the file"),
        (
            layer("TextVectorization", **TEXT, output_sequence_length=4),
            {"text_vectorization": "\n[UNK]\nthe"},
            "cuts a text off after 4 tokens, or fills it up with row 0; so it is done here",
        ),
        (layer("StringLookup", vocabulary=list("abcdef")), {}, "has 7 words, but .* 6 rows"),
        (
            layer("StringLookup", vocabulary=["a"], num_oov_indices=3),
            {},
            "spreads unknown words over 3 rows",
        ),
    ],
)
@pytest.mark.slow
def test_what_differs_is_told(
    tmp_path: Path, first: dict[str, Any], assets: dict[str, str], sentence: str
) -> None:
    notes = load_network(saved(tmp_path / "m.keras", first, **assets)).notes
    assert re.search(sentence, " ".join(notes))


@pytest.mark.slow
def test_a_text_has_the_length_that_the_layer_gives_it(tmp_path: Path) -> None:
    first = layer("TextVectorization", **TEXT, output_sequence_length=4)
    words = ["", "[UNK]", "the", "good"]
    path = saved(tmp_path / "m.keras", first)  # whose vocabulary is not in it
    network = load_network(path, vocabulary=words)
    for text, rows in (("the Good", [2, 3, 0, 0]), ("the bad good the the", [2, 1, 3, 2])):
        trace = run(text, network=network)
        assert len(trace) == 4
        np.testing.assert_array_equal(trace["h"], run(rows, network=network)["h"])
    assert len(run("the", network=load_network(path, vocabulary=words, pad=2))) == 2


def test_a_word_with_a_line_end_of_another_kind_moves_no_row(tmp_path: Path) -> None:
    """Keras parts the file of a vocabulary at line feeds alone."""
    words = ("[UNK]", "a\u2028b", "c\x85", "d")
    path = saved(tmp_path / "m.keras", layer("StringLookup"), string_lookup="\n".join(words))
    found = load_network(path).vocabulary
    assert found is not None
    assert found[: len(words)] == words
