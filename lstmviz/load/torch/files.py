"""PyTorch's files in all of their formats, and other pickles of arrays, without PyTorch."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Contents
from lstmviz.load.torch import state_dict as named
from lstmviz.load.torch.arrays import Arrays
from lstmviz.load.torch.exported import WEIGHTS, read_exported
from lstmviz.load.torch.legacy import LEGACY, Stored, is_tar, read_stream, read_tar
from lstmviz.load.torch.modules import Tree, read_tree
from lstmviz.load.torch.pickles import Made, read_pickle
from lstmviz.load.torch.script import Script
from lstmviz.system.zip_members import open_archive, read_member

_PICKLE = 256 << 20  # bytes: far more than the names of any network's tensors
_HOW = "save the weights alone with torch.save(model.state_dict(), 'model.pt')"


def read(path: Path, nonlinearity: str | Mapping[str, str] | None = None) -> Contents:
    """The contents of a file of torch.save, torch.jit.save, torch.export.save or pickle.dump.

    Whole modules are read as data: their weights and plain attributes, and no name in the file
    is ever looked up.

    Raises:
        UsageError: it holds no weights by name, or is hostile.
    """
    kind, tree = read_file_tree(path)
    found = named.contents(kind, tree.tensors, nonlinearity, tree.modules, tree.words)
    if not tree.tensors:
        raise UsageError(f"it holds no tensors by name; {_HOW}")
    return found


def read_file_tree(path: Path) -> tuple[str, Tree]:
    """What kind of file it is, and the tensors and modules in it.

    Raises:
        UsageError: it is none of PyTorch's, or hostile.
    """
    with path.open("rb") as file:
        start = file.read(512)
    if start.startswith(b"PK"):
        return _zipped(path)
    if start.startswith(LEGACY):
        stored = read_stream(lambda: path.open("rb"), path.stat().st_size)
    elif is_tar(start):
        stored = read_tar(path)
    else:
        with path.open("rb") as file:
            stored = Stored(read_pickle(file), _nowhere)
    return _kind(stored.value, start), _tree(stored, path)


def _zipped(path: Path) -> tuple[str, Tree]:
    archive = open_archive(path)  # open as long as there are storages to be read
    names = archive.namelist()
    root = names[0].partition("/")[0] + "/" if names and "/" in names[0] else ""
    order = ">" if _optional(archive, f"{root}byteorder") == b"big" else "<"
    if f"{root}{WEIGHTS}" in names:
        tensors, modules = read_exported(archive, root, path, order)
        return "exported PyTorch program", Tree(tensors, modules)
    pickles = [name for name in names if name.count("/") == 1 and name.endswith("/data.pkl")]
    root = pickles[0].removesuffix("data.pkl") if len(pickles) == 1 else ""
    if not root:
        raise UsageError(
            "it is a zip archive, but not of torch.save: unpack it, and name the network's file "
            "in it"
        )
    order = ">" if _optional(archive, f"{root}byteorder") == b"big" else "<"
    script = f"{root}constants.pkl" in names

    def stored(name: str) -> Stored:
        value = read_pickle(io.BytesIO(read_member(archive, f"{root}{name}.pkl", _PICKLE)))
        return Stored(value, lambda key: read_member(archive, f"{root}{name}/{key}"), order)

    found = stored("data")
    if not script:
        return _kind(found.value, b""), _tree(found, path)
    tree = _tree(found, path, Script(archive, root))
    if not tree.tensors:  # frozen: its weights are constants, which have lost their names
        tree = _tree(stored("constants"), path)
    return "TorchScript program", tree


def _tree(stored: Stored, path: Path, script: Script | None = None) -> Tree:
    arrays = Arrays(stored, path.stat().st_size)
    return read_tree(stored.value, arrays.tensor, script.attributes if script else lambda made: {})


def _kind(value: Any, start: bytes) -> str:
    """What a file is, in a few words."""
    if isinstance(value, Made):
        return "whole PyTorch module"
    if isinstance(value, dict) and "pytorch-lightning_version" in value:
        return "Lightning checkpoint"
    plain = start[:1] == b"\x80" and not start.startswith(LEGACY)
    return "pickle of arrays" if plain else "PyTorch state dict"


def _nowhere(key: str) -> bytes:
    raise UsageError(f"it speaks of the storage '{key}', which lies elsewhere; {_HOW}")


def _optional(archive: zipfile.ZipFile, name: str) -> bytes:
    return read_member(archive, name, 16) if name in archive.namelist() else b""
