"""Files that cannot be read are named for what they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from lstmviz.errors import UsageError
from lstmviz.load import inspect_file, load_network

_TABLE = bytes(40) + bytes.fromhex("57fb808b247547db")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("m.tflite", b"\x1c\0\0\0TFL3\x14\0 \0", "it is a TFLite model"),
        ("folder/saved_model.pb", b"\x08\1\x12", "it is of a SavedModel of TensorFlow"),
        ("folder/ck.index", _TABLE, "it is of a checkpoint of TensorFlow"),
        ("folder/ck.data-00000-of-00001", b"\0\1\2", "it is of a checkpoint of TensorFlow"),
        ("m.json", b' {"class_name": "Sequential", "config": {}}', r"configuration .* config="),
        ("flax.msgpack", b"\x81\xa6params", "it is a msgpack file"),
    ],
)
def test_it_is_named(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    for read in (load_network, inspect_file):
        with pytest.raises(UsageError, match=sentence):
            read(path)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("saved_model.pb", "it is a SavedModel"), ("ck.index", "it has a checkpoint")],
)
def test_folders_are_named(tmp_path: Path, name: str, sentence: str) -> None:
    (tmp_path / name).write_bytes(b"\x08\1")
    with pytest.raises(UsageError, match=sentence):
        load_network(tmp_path)
