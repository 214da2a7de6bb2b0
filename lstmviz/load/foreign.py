"""Files of networks that cannot be read, each named for what it is, with the way out."""

from __future__ import annotations

import re
from pathlib import Path

_KERAS = "model.save('model.keras')"
_TABLE = b"\x57\xfb\x80\x8b\x24\x75\x47\xdb"  # what the tables of TensorFlow's checkpoints end with


def foreign(path: Path) -> str | None:
    """What a file or folder is that another framework wrote and that is not read; None if none."""
    if path.is_dir():
        if any((path / name).is_file() for name in ("saved_model.pb", "saved_model.pbtxt")):
            return _saved_model("it is")
        return _checkpoint("it has") if any(path.glob("*.index")) else None
    if not path.is_file():
        return None
    if path.name.startswith("saved_model.pb"):
        return _saved_model("it is of")
    with path.open("rb") as file:
        start = file.read(4096)
        file.seek(-min(8, path.stat().st_size), 2)
        end = file.read()
    if start[4:8] == b"TFL3":
        return (
            "it is a TFLite model, which has operations in the place of layers; give the Keras "
            f"model that it was made of, saved with {_KERAS}"
        )
    if end == _TABLE or re.search(r"\.data-\d{5}-of-\d{5}$", path.name):
        return _checkpoint("it is of")
    if start.lstrip()[:1] == b"{" and b'"class_name"' in start:
        return (
            "it is the configuration of a Keras model, without its weights; name the file of the "
            "weights, and this one with config="
        )
    if path.suffix.lower() == ".msgpack":
        return (
            "it is a msgpack file, as Flax writes it, which is not read; save the arrays by name, "
            "with numpy.savez('weights.npz', **arrays)"
        )
    return None


def _saved_model(what: str) -> str:
    return (
        f"{what} a SavedModel of TensorFlow, a graph in which no layers are left; load it where it "
        f"was made, and save it with {_KERAS}"
    )


def _checkpoint(what: str) -> str:
    return (
        f"{what} a checkpoint of TensorFlow, which is not read; load it where it was made, with "
        f"model.load_weights, and save the model with {_KERAS}"
    )
