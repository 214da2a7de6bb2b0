"""Dense layers between an embedding and a recurrent layer."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from lstmviz.engine.model.masks import Mask
from lstmviz.load import load_network

V, WIDTH, UNITS = 4, 3, 2
RANDOM = np.random.default_rng(0)
KERNEL, BIAS = RANDOM.normal(size=(V, WIDTH)), RANDOM.normal(size=WIDTH)


def layer(kind: str, **config: Any) -> dict[str, Any]:
    return {"class_name": kind, "config": {"name": kind.lower(), **config}}


def saved(path: Path, *layers: dict[str, Any], place: str = "dense") -> Path:
    """A .keras file of the identity as an embedding, of these layers, and of an LSTM."""
    own = path.with_suffix(".weights.h5")
    with h5py.File(own, "w") as file:
        file["layers/embedding/vars/0"] = np.eye(V)
        file[f"layers/{place}/vars/0"], file[f"layers/{place}/vars/1"] = KERNEL, BIAS
        for number, shape in enumerate([(WIDTH, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,)]):
            file[f"layers/lstm/cell/vars/{number}"] = np.ones(shape)
    with zipfile.ZipFile(path, "w") as archive:
        config = {"class_name": "Sequential", "config": {"layers": layers}}
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", own.read_bytes())
    return path


@pytest.mark.parametrize(
    ("dense", "place", "made"),
    [
        (layer("Dense", units=WIDTH, activation="tanh"), "dense", np.tanh(KERNEL + BIAS)),
        (layer("Dense", units=WIDTH), "dense", KERNEL + BIAS),
        (
            layer("TimeDistributed", layer=layer("Dense", units=WIDTH, activation="linear")),
            "time_distributed/layer",
            KERNEL + BIAS,
        ),
    ],
)
@pytest.mark.slow
def test_one_hot_tokens_before_a_dense_layer_are_its_rows(
    tmp_path: Path, dense: dict[str, Any], place: str, made: Any
) -> None:
    layers = layer("Embedding"), layer("Dropout"), dense, layer("LSTM", units=UNITS)
    path = saved(tmp_path / "m.keras", *layers, place=place)
    network = load_network(path, vocabulary=["a", "b", "c", " "])
    np.testing.assert_allclose(network.embedding, made)
    assert not any("is not run" in note for note in network.notes)


def test_what_the_embedding_masks_stays_masked(tmp_path: Path) -> None:
    layers = layer("Embedding", mask_zero=True), layer("Dense", units=WIDTH)
    network = load_network(saved(tmp_path / "m.keras", *layers, layer("LSTM", units=UNITS)))
    np.testing.assert_allclose(network.embedding, KERNEL + BIAS)
    assert network.mask == Mask("row", 0)


def test_what_is_more_than_rows_is_told_not_to_be_run(tmp_path: Path) -> None:
    dense = layer("Dense", units=WIDTH, activation={"class_name": "mine"})
    path = saved(tmp_path / "m.keras", layer("Embedding"), dense, layer("LSTM", units=UNITS))
    network = load_network(path)
    assert network.embedding is None
    assert any("'dense' (Dense), which is not run" in note for note in network.notes)
