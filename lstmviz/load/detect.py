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
from lstmviz.load.common.contents import Contents
from lstmviz.load.foreign import foreign
from lstmviz.load.options import FileOptions
from lstmviz.load.torch import files as torch
from lstmviz.load.torch import safetensors
from lstmviz.system.zip_members import open_archive

ENDINGS = ".pt, .pth, .safetensors, .keras, .h5, .onnx or .npz"
_LONGEST = 2_000  # letters of what is said of a file; its own names are among them
_ARRAYS = re.compile(
    rb"\x80[\2-\5](\x95.{8})?\](\x94|q.)?\(?(c|\x8c.|X.{4})numpy", re.DOTALL
)  # a list
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
    nonlinearity = options.get("nonlinearity")
    kind = kind_of(path)
    if kind == "torch":
        return torch.read(path, nonlinearity)
    if kind == "safetensors":
        return safetensors.read(path, nonlinearity)
    if kind == "onnx":
        from lstmviz.load.onnx import files as onnx

        return onnx.read(path)
    from lstmviz.load.keras import files as keras

    if kind == "keras list":
        from lstmviz.load.keras import lists

        return lists.read(path)
    return keras.read(path, options.get("config"))


def kind_of(path: Path) -> str:
    """npz, torch, safetensors, keras, keras list or onnx.

    Raises:
        UsageError: the file is missing, empty or none of these.
    """
    if (known := foreign(path)) is not None:
        raise UsageError(known)
    if not path.is_file():
        what = f"{path} is no file" if path.exists() else f"There is no file {path}"
        raise UsageError(f"{what}; name a network's file, which ends in {ENDINGS}")
    with path.open("rb") as file:
        start = file.read(64)
    if not start:
        raise UsageError("it is empty")
    if start.startswith(b"PK\x03\x04"):
        with open_archive(path) as archive:
            names = archive.namelist()
        if "meta.npy" in names:
            return "npz"
        if "config.json" in names or "model.weights.h5" in names:
            return "keras"
        if names and all(re.fullmatch(r"arr_\d+\.npy", name) for name in names):
            return "keras list"
        if any(name.endswith(".npy") for name in names):
            raise UsageError("it is an .npz of arrays, but no network of lstmviz")
        return "torch"
    if start.startswith(_HDF5):
        return "keras"
    ending = path.suffix.lower()
    if start.startswith(torch.LEGACY):
        return "torch"
    if start[8:9] == b"{" or ending == ".safetensors":
        return "safetensors"
    if ending == ".onnx" or start[:1] == b"\x08":
        return "onnx"
    if _ARRAYS.match(start):
        return "keras list"
    if start[:1] == b"\x80" and ending in (".pt", ".pth", ".pkl", ".pickle", ".bin"):
        raise UsageError(
            "it is a pickle, but not of torch.save, and lstmviz runs nothing of a file; save "
            "the weights with torch.save(model.state_dict(), 'model.pt')"
        )
    raise UsageError(f"it is damaged or no network's file, which ends in {ENDINGS}")


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Make one sentence of whatever goes wrong in the block, the file's name first."""
    try:
        # Whether numbers are finite is looked at where they are used; NumPy need not warn.
        with np.errstate(all="ignore"):
            yield
    except UsageError as error:
        text = brief(str(error), _LONGEST).rstrip(".")
        raise UsageError(text + "." if str(path) in text else f"{path}: {text}.") from error
    except PermissionError as error:
        raise UsageError(f"{path} may not be read; change its permissions.") from error
    except MemoryError as error:
        raise UsageError(f"{path} needs more memory than there is.") from error
    except _DAMAGED as error:
        raise UsageError(f"{path} is damaged or not what its name says; save it again.") from error
