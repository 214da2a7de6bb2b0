"""What cannot be read is named for what it is, and a network in several files is read as one."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from small_files import lstm, save

from lstmviz.errors import UsageError
from lstmviz.load import inspect_file, load_network
from lstmviz.load.detect import CUT_OFF

Unpacked = Callable[[str], Path]


def npy() -> bytes:
    file = io.BytesIO()
    np.save(file, np.ones((8, 3)))
    return file.getvalue()


KINDS: dict[str, tuple[str, bytes, str]] = {
    "nothing": ("m.pt", b"", "it is empty; copy or download it again"),
    "zeros": ("m.pt", bytes(600), "nothing but zeros.* copy or download it again"),
    "a pointer": (
        "model.safetensors",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
        "pointer of Git LFS.* `git lfs pull`",
    ),
    "a page": ("m.pt", b"\n<!DOCTYPE html>\n<html></html>", "web page.*download the file itself"),
    "TensorFlow Lite": ("m.tflite", b"\x1c\0\0\0TFL3\x14\0 \0", "it is a TFLite model.*model.save"),
    "SavedModel": ("saved_model.pb", b"\x08\x01\x12\xee\xe8\x04\x0a", "SavedModel.*model.save"),
    "SavedModel as text": ("saved_model.pbtxt", b"saved_model_schema_version: 1", "SavedModel"),
    "a frozen graph": ("frozen.pb", b"\x0a\x10\x0a\x01x", "graph of TensorFlow.*model.save"),
    "a checkpoint": ("checkpoint", b'model_checkpoint_path: "ck"\n', "checkpoint of TensorFlow"),
    "its data": ("ck.data-00000-of-00001", bytes(7) + b"\1", "checkpoint of TensorFlow"),
    "its index": (
        "ck.index",
        bytes(30) + b"\1" + bytes.fromhex("57fb808b247547db"),
        "checkpoint of TensorFlow",
    ),
    "msgpack": ("flax.msgpack", b"\x81\xa6params\x81\xa1W\xc4\1\0", "msgpack.*numpy.savez"),
    "gzip": ("m.pt.gz", b"\x1f\x8b\x08\0", "compressed by gzip: unpack it"),
    "an array": ("W.npy", npy(), "one array of NumPy.*numpy.savez"),
    "MATLAB": ("m.mat", b"MATLAB 5.0 MAT-file, Platform", "scipy.io.loadmat"),
    "a configuration": (
        "model.json",
        b'{"class_name": "Sequential", "config": {}}',
        "configuration of a Keras model, without weights.* config='model.json'",
    ),
    "words": ("vocab.json", b'{"good": 0}', "JSON, which holds no weights; .* vocabulary="),
    "a shard": (
        "model-00001-of-00003.safetensors",
        b"\x02\0\0\0\0\0\0\0{}",
        "one of 3 shards.* 'model.safetensors.index.json' or the folder",
    ),
    "a picture": ("m.pt", b"GIF89a" + bytes(99), "damaged or no network's file"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_read_is_named(tmp_path: Path, kind: str) -> None:
    name, content, sentence = KINDS[kind]
    path = tmp_path / name
    path.write_bytes(content)
    for read in (load_network, inspect_file):
        with pytest.raises(UsageError, match=sentence) as told:
            read(path)
        assert str(told.value).startswith(f"{path}: ")


def test_an_archive_of_something_else_or_one_that_is_cut_off_is_told(
    unpacked: Unpacked, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "notes.zip", "w") as file:
        file.writestr("notes/a.txt", "words")
    with pytest.raises(UsageError, match="a zip archive, but not of torch.save: unpack it"):
        load_network(tmp_path / "notes.zip")
    content = (unpacked("torch") / "RNN-relu.pt").read_bytes()
    (tmp_path / "half.pt").write_bytes(content[: len(content) // 2])
    with pytest.raises(UsageError, match=f"list of parts, at its end, is missing; {CUT_OFF}"):
        load_network(tmp_path / "half.pt")


def sharded(folder: Path, places: dict[str, str]) -> Path:
    """A network whose tensors lie in these files, and its index."""
    shapes = {name.replace("__", "."): size for name, size in lstm("rnn", 3, 4).items()}
    for file in {*places.values()}:
        held = {name.replace(".", "__"): shapes[name] for name in places if places[name] == file}
        save(folder / file, **held)
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {}, "weight_map": places}))
    return index


PLACES = {
    "rnn.weight_ih_l0": "model-00001-of-00002.safetensors",
    "rnn.weight_hh_l0": "model-00002-of-00002.safetensors",
}


def test_a_network_in_several_files_is_read_as_one(tmp_path: Path) -> None:
    index = sharded(tmp_path, PLACES)
    for path in (index, tmp_path):
        network = load_network(path)
        assert (network.cell.name, network.inputs, network.hidden) == ("lstm", 3, 4)
        assert "network in 2 files" in str(inspect_file(path))
    one = save(tmp_path / "one.safetensors", rnn__weight_hh_l0=(16, 4))
    held = load_network(index).layers[0][0].weights.R
    np.testing.assert_array_equal(
        held[:4], np.frombuffer(one.read_bytes()[-256:], "<f4").reshape(16, 4)[4:8]
    )


def test_what_an_index_lacks_is_told(tmp_path: Path) -> None:
    index = sharded(tmp_path, PLACES)
    (tmp_path / PLACES["rnn.weight_hh_l0"]).unlink()
    with pytest.raises(UsageError, match="part 'model-00002-of-00002.safetensors' is missing"):
        load_network(index)
    places = {**PLACES, "rnn.weight_hh_l0": PLACES["rnn.weight_ih_l0"]}
    index.write_text(json.dumps({"weight_map": places}))
    with pytest.raises(UsageError, match="'rnn.weight_hh_l0' is not in 'model-00001"):
        load_network(index)
    for elsewhere in ("../secret.safetensors", "/etc/passwd", "a\\b"):
        index.write_text(json.dumps({"weight_map": {"w": elsewhere}}))
        with pytest.raises(UsageError, match="its files must lie beside it"):
            load_network(index)
    index.write_text(json.dumps({"weight_map": {"w": 3}}))
    with pytest.raises(UsageError, match="of no tensor in which file"):
        load_network(index)


def test_shards_of_pytorch_itself(unpacked: Unpacked, tmp_path: Path) -> None:
    from_one = load_network(unpacked("torch") / "RNN-relu.pt")
    content = (unpacked("torch") / "RNN-relu.pt").read_bytes()
    (tmp_path / "pytorch_model-00001-of-00001.bin").write_bytes(content)
    names = [f"{kind}_{way}_l0" for kind in ("weight", "bias") for way in ("ih", "hh")]
    index = {"weight_map": dict.fromkeys(names, "pytorch_model-00001-of-00001.bin")}
    (tmp_path / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    found = load_network(tmp_path)
    np.testing.assert_array_equal(found.layers[0][0].weights.W, from_one.layers[0][0].weights.W)


def test_the_folder_of_a_model_is_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a folder without a network's file in it"):
        load_network(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "lstm"}')
    with pytest.raises(UsageError, match="a model's configuration, without weights; name its fold"):
        load_network(tmp_path / "config.json")
    save(tmp_path / "model.safetensors", **lstm("rnn", 3, 4))
    assert load_network(tmp_path).inputs == 3
    save(tmp_path / "other.safetensors", **lstm("rnn", 2, 4))
    assert load_network(tmp_path).inputs == 3
    (tmp_path / "model.safetensors").rename(tmp_path / "first.safetensors")
    with pytest.raises(UsageError, match="several networks; .*: 'first.safetensors', 'other"):
        load_network(tmp_path)


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["saved_model.pb"], "SavedModel"),
        (["ck.index", "ck.data-00000-of-00001"], "checkpoint of TensorFlow"),
        (["data.pkl", "version"], "a .pt file of PyTorch that was unpacked"),
    ],
)
def test_folders_of_other_kinds_are_named(tmp_path: Path, names: list[str], sentence: str) -> None:
    for name in names:
        (tmp_path / name).write_bytes(b"\x08\x01\x12\0")
    with pytest.raises(UsageError, match=sentence):
        load_network(tmp_path)
