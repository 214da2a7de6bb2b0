"""What is no network's file that can be read, by what it is, with the way out."""

from __future__ import annotations

import re
from pathlib import Path

from lstmviz.errors import UsageError

_AGAIN = "copy or download it again"
_KERAS = "save the Keras model that it was made of with model.save('model.keras')"
_ARRAYS = (
    "save its arrays by name with numpy.savez('arrays.npz', **arrays), and say with names= which "
    "is which"
)
_UNPACK = "unpack it, and name the network's file in it"
_SAVED_MODEL = (
    "it is of a SavedModel of TensorFlow, a graph in which no layers are left; load it where it "
    "was made, and save it with model.save('model.keras')"
)
_CHECKPOINT = (
    "it is of a checkpoint of TensorFlow, which is not read; load it where it was made, with "
    "model.load_weights, and save the model with model.save('model.keras')"
)
# What a file begins with, at a place of its first bytes.
_BEGINNINGS: tuple[tuple[int, bytes, str], ...] = (
    (
        0,
        b"version https://git-lfs.github.com/spec",
        "it is a pointer of Git LFS, not the file itself: run `git lfs pull` where it is from",
    ),
    (4, b"TFL3", f"it is a TFLite model, which has operations in the place of layers; {_KERAS}"),
    (0, b"\x08\x01\x12", _SAVED_MODEL),
    (0, b"model_checkpoint_path:", _CHECKPOINT),
    (0, b"\x1f\x8b", f"it is compressed by gzip: {_UNPACK}"),
    (0, b"\xfd7zXZ", f"it is compressed by xz: {_UNPACK}"),
    (0, b"BZh", f"it is compressed by bzip2: {_UNPACK}"),
    (0, b"\x28\xb5\x2f\xfd", f"it is compressed by zstd: {_UNPACK}"),
    (0, b"7z\xbc\xaf\x27\x1c", f"it is an archive of 7-Zip: {_UNPACK}"),
    (0, b"Rar!", f"it is an archive of RAR: {_UNPACK}"),
    (0, b"GGUF", "it is a language model in GGUF, which holds no RNN, LSTM or GRU"),
    (0, b"MATLAB 5.0 MAT", f"it is a file of MATLAB; read it with scipy.io.loadmat, and {_ARRAYS}"),
    (0, b"\x93NUMPY", f"it is one array of NumPy, and a network has several; {_ARRAYS}"),
    (4, b"ET12", "it is a program of ExecuTorch for devices; save the model's state_dict()"),
)
_SHARD = re.compile(r"(.+)-(\d{5})-of-(\d{5})\.(safetensors|bin)")
_TABLE = bytes.fromhex("57fb808b247547db")  # how an index of TensorFlow's ends


def refuse_foreign(start: bytes, path: Path) -> None:
    """Refuse what another program wrote, by the first bytes of a file, or its name.

    Raises:
        UsageError: it is such a file; the sentence says what to do.
    """
    told = _told(start, path)
    if told is not None:
        raise UsageError(told)


def _told(start: bytes, path: Path) -> str | None:
    name = path.name.lower()
    if not start:
        return f"it is empty; {_AGAIN}"
    if not start.strip(b"\0"):
        return f"it holds nothing but zeros, as a copy that was interrupted does; {_AGAIN}"
    for place, beginning, what in _BEGINNINGS:
        if start[place:].startswith(beginning):
            return what
    if start.lstrip().lower().startswith((b"<!doctype html", b"<html")):
        return (
            "it is a web page (HTML), not the network's file; download the file itself, by its "
            "link to raw data"
        )
    if re.fullmatch(r".+\.data-\d{5}-of-\d{5}", name) or _ends_as_table(path):
        return _CHECKPOINT
    if name.startswith("saved_model.pb"):
        return _SAVED_MODEL
    if name.endswith(".pb"):
        return f"it is a graph of TensorFlow, which has no layers; {_KERAS}"
    # A map of msgpack whose first key is a text.
    if 0x81 <= start[0] <= 0x8F and (0xA0 <= start[1:2][0] <= 0xBF if start[1:2] else False):
        return f"it is msgpack, as Flax writes its parameters; {_ARRAYS}"
    if (shard := _SHARD.fullmatch(name)) and int(shard[3]) > 1:
        return (
            f"it is one of {int(shard[3])} shards of a network, and the others hold the rest; "
            f"name '{shard[1]}.{shard[4]}.index.json' or the folder"
        )
    return None


def _ends_as_table(path: Path) -> bool:
    if not path.name.endswith(".index"):
        return False
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - len(_TABLE)))
        return file.read() == _TABLE


def json_told(path: Path, keys: set[str]) -> str:
    """What a file of JSON is, by the keys of its object, and where it belongs."""
    if {"class_name", "config"} <= keys:
        return (
            "it is the configuration of a Keras model, without weights; name the file of the "
            f"weights, and give config='{path.name}' beside it"
        )
    if path.name == "config.json" or {"model_type", "architectures"} & keys:
        return "it is a model's configuration, without weights; name its folder"
    return (
        "it is JSON, which holds no weights; a vocabulary is given with vocabulary=, and a "
        "tokenizer with tokens="
    )


def network_in(folder: Path) -> Path:
    """The file of a network in a folder of a model.

    Raises:
        UsageError: there is none, or several; or what is in it cannot be read.
    """
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    for name in _USUAL:
        if name in names:
            return folder / name
    if "saved_model.pb" in names:
        return folder / "saved_model.pb"  # refused by what it is
    found = [name for name in names if name.lower().endswith(_ENDINGS)]
    found = [name for name in found if not _SHARD.fullmatch(name)]
    if len(found) == 1:
        return folder / found[0]
    if found:
        few = ", ".join(f"'{name}'" for name in found[:8])
        raise UsageError(f"it is a folder with several networks; name the file itself: {few}")
    if "data.pkl" in names:
        raise UsageError(
            "it is a .pt file of PyTorch that was unpacked; name the .pt file, or pack the folder "
            "again with zip"
        )
    if "checkpoint" in names or any(name.endswith(".index") for name in names):
        raise UsageError(_CHECKPOINT)
    raise UsageError(
        "it is a folder without a network's file in it, which ends in "
        f"{', '.join(_ENDINGS[:-1])} or {_ENDINGS[-1]}"
    )


_USUAL = (
    "model.safetensors.index.json",
    "pytorch_model.bin.index.json",
    "model.safetensors",
    "pytorch_model.bin",
)
_ENDINGS = (
    ".safetensors.index.json",
    ".bin.index.json",
    ".safetensors",
    ".pt",
    ".pth",
    ".pt2",
    ".ckpt",
    ".bin",
    ".keras",
    ".h5",
    ".onnx",
    ".npz",
)
