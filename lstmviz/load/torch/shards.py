"""A network in several files, and the index that says which of its tensors lies in which."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Contents, Tensor
from lstmviz.load.torch import state_dict as named
from lstmviz.load.torch.files import read_file_tree
from lstmviz.load.torch.safetensors import read_tensors

_LARGEST = 64 << 20  # bytes of the index
_MOST = 1_000  # files


def read_index(path: Path) -> Any:
    """The object of a file of JSON, or None.

    Raises:
        UsageError: it is larger than any index.
    """
    if path.stat().st_size > _LARGEST:
        raise UsageError("it is a longer text than any index of a network's files")
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def read(path: Path, nonlinearity: str | Mapping[str, str] | None = None) -> Contents:
    """The contents of all files that an index names, which lie beside it.

    Raises:
        UsageError: one of them is missing or lacks a tensor, or lies elsewhere.
    """
    index = read_index(path)
    places = index.get("weight_map") if index else None
    if not isinstance(places, dict) or not all(isinstance(name, str) for name in places.values()):
        raise UsageError("it says of no tensor in which file it lies")
    files = sorted({*places.values()})
    if len(files) > _MOST:
        raise UsageError(f"it names more than {_MOST:,} files")
    tensors: dict[str, Tensor] = {}
    for file in files:
        if Path(file).name != file or "\\" in file:
            raise UsageError(f"it names '{file}', but its files must lie beside it")
        beside = path.with_name(file)
        if not beside.is_file():
            raise UsageError(f"its part '{file}' is missing; copy or download it, too")
        held = _tensors(beside)
        for name in (name for name, where in places.items() if where == file):
            if name not in held:
                raise UsageError(f"'{name}' is not in '{file}'; copy or download all files again")
            tensors[name] = held[name]
    return named.contents(f"network in {len(files)} files", tensors, nonlinearity)


def _tensors(path: Path) -> dict[str, Tensor]:
    if path.suffix == ".safetensors":
        return read_tensors(path)
    _, tree = read_file_tree(path)
    return tree.tensors
