"""Which reader a file needs: its first bytes tell, its name only helps with the sentence."""

from __future__ import annotations

import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from lstmviz.errors import UsageError, brief
from lstmviz.load import npz_arrays
from lstmviz.load.common.contents import Contents
from lstmviz.load.foreign import json_told, network_in, refuse_foreign
from lstmviz.load.keras.lists import keras_list
from lstmviz.load.names.mapped import with_names
from lstmviz.load.options import FileOptions
from lstmviz.load.torch import files as torch
from lstmviz.load.torch import safetensors, shards
from lstmviz.load.torch.legacy import CUT_OFF, LEGACY, is_tar
from lstmviz.system.zip_members import open_archive

ENDINGS = ".pt, .pth, .safetensors, .keras, .h5, .onnx or .npz"
_LONGEST = 2_000  # letters of what is said of a file; its own names are among them
_HDF5 = b"\x89HDF\r\n\x1a\n"

# What Python's own readers and h5py raise over damaged files.
_DAMAGED = (
    OSError,
    ValueError,
    EOFError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    NotImplementedError,
    RuntimeError,
    MemoryError,
    OverflowError,
    struct.error,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
)


def read_file(path: Path, options: FileOptions | None = None) -> Contents:
    """The contents of a file of PyTorch, Keras or ONNX, with the options of `load_network`.

    Call it within `told`.
    """
    options = options or FileOptions()
    contents = _read(path, options)
    names = options.get("names")
    return contents if names is None else with_names(contents, names)


def _read(path: Path, options: FileOptions) -> Contents:
    nonlinearity = options.get("nonlinearity")
    kind = kind_of(path)
    if kind == "torch":
        return keras_list(torch.read(path, nonlinearity))
    if kind == "safetensors":
        return safetensors.read(path, nonlinearity)
    if kind == "shards":
        return shards.read(path, nonlinearity)
    if kind == "arrays":
        return keras_list(npz_arrays.read(path, nonlinearity))
    if kind == "onnx":
        from lstmviz.load.onnx import files as onnx

        return onnx.read(path)
    from lstmviz.load.keras import files as keras

    return keras.read(path, options.get("config"))


def kind_of(path: Path) -> str:
    """npz, arrays, torch, safetensors, shards, keras or onnx.

    Raises:
        UsageError: the file is missing, empty or none of these.
    """
    if not path.is_file():
        raise UsageError(f"There is no file {path}; name a network's file, which ends in {ENDINGS}")
    with path.open("rb") as file:
        start = file.read(512)
    refuse_foreign(start, path)
    if start.startswith(b"PK\x03\x04"):
        try:
            with open_archive(path) as archive:
                names = archive.namelist()
        except zipfile.BadZipFile:
            raise UsageError(f"its list of parts, at its end, is missing; {CUT_OFF}") from None
        if "meta.npy" in names:
            return "npz"
        if "config.json" in names or "model.weights.h5" in names:
            return "keras"
        if any(name.endswith(".npy") for name in names):
            return "arrays"
        return "torch"
    if start.startswith(_HDF5):
        return "keras"
    if start.lstrip()[:1] == b"{":
        index = shards.read_index(path)
        if index is not None and "weight_map" in index:
            return "shards"
        if index is not None:
            raise UsageError(json_told(path, {*index}))
    ending = path.suffix.lower()
    if start.startswith(LEGACY) or is_tar(start):
        return "torch"
    if start[8:9] == b"{" or ending == ".safetensors":
        return "safetensors"
    if ending == ".onnx" or start[:1] == b"\x08":
        return "onnx"
    if start[:1] == b"\x80" and start[1:2] in b"\2\3\4\5":
        return "torch"
    raise UsageError(f"it is damaged or no network's file, which ends in {ENDINGS}")


def file_of(path: Path) -> Path:
    """The file of a network itself, also where the folder of its model is named.

    Raises:
        UsageError: the folder has none, or several.
    """
    return network_in(path) if path.is_dir() else path


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Make one sentence of whatever goes wrong in the block, the file's name first."""
    try:
        # Whether numbers are finite is looked at where they are used; NumPy need not warn.
        with np.errstate(all="ignore"):
            yield
    except UsageError as error:
        text = brief(str(error), _LONGEST).rstrip(".")
        named = re.search(rf"(^|[\s'\"]){re.escape(str(path))}($|[\s'\",:;])", text)
        raise UsageError(f"{text}." if named else f"{path}: {text}.") from error
    except PermissionError as error:
        raise UsageError(f"{path} may not be read; change its permissions.") from error
    except MemoryError as error:
        raise UsageError(f"{path} needs more memory than there is.") from error
    except _DAMAGED as error:
        raise UsageError(f"{path} is damaged or not what its name says; save it again.") from error
