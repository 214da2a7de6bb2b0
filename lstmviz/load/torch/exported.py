"""PyTorch's .pt2, which torch.export writes: weights by name, and a graph in JSON."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Tensor
from lstmviz.load.torch.arrays import Arrays
from lstmviz.load.torch.legacy import Stored
from lstmviz.load.torch.modules import Module
from lstmviz.load.torch.storages import Storage
from lstmviz.system.zip_members import read_member

WEIGHTS = "data/weights/model_weights_config.json"
_JSON = 64 << 20  # bytes; a graph tells the place in the source code of each of its nodes
# The types of numbers by their places in the enumeration of torch.export's schema.
_KINDS = {
    1: "u1",
    2: "i1",
    3: "i2",
    4: "i4",
    5: "i8",
    6: "f2",
    7: "f4",
    8: "f8",
    12: "u1",
    13: "bf",
}


def read_exported(
    archive: zipfile.ZipFile, root: str, path: Path, order: str
) -> tuple[dict[str, Tensor], dict[str, Module]]:
    """The tensors of an exported program, and which of its RNNs are of tanh and of relu.

    Raises:
        UsageError: it is damaged.
    """
    folder = f"{root}{WEIGHTS.rpartition('/')[0]}/"
    arrays = Arrays(
        Stored(None, lambda name: read_member(archive, folder + name), order), path.stat().st_size
    )
    tensors = {}
    for name, told in _json(archive, root + WEIGHTS)["config"].items():
        meta = told["tensor_meta"]
        kind = _KINDS.get(meta["dtype"])
        if kind is None or told.get("use_pickle"):
            continue
        shape, strides = (
            tuple(one.get("as_int") for one in meta[key]) for key in ("sizes", "strides")
        )
        storage = Storage(str(told["path_name"]), kind)
        offset = meta["storage_offset"]["as_int"]
        tensors[name] = arrays.view(name, storage, offset, shape, strides)
    graphs = [name for name in archive.namelist() if name.startswith(f"{root}models/")]
    modules = _modules(_json(archive, graphs[0])) if len(graphs) == 1 else {}
    return tensors, modules


def _json(archive: zipfile.ZipFile, name: str) -> Any:
    try:
        return json.loads(read_member(archive, name, _JSON))
    except RecursionError:
        raise UsageError(f"the part '{name}' is nested too deeply") from None


def _modules(model: Any) -> dict[str, Module]:
    """The nonlinearity of each RNN, as the nodes of the graph call it."""
    graph = model["graph_module"]
    named = {
        spec["parameter"]["arg"]["name"]: spec["parameter"]["parameter_name"]
        for spec in graph["signature"]["input_specs"]
        if "parameter" in spec
    }
    modules = {}
    for node in graph["graph"]["nodes"]:
        _, _, kind = str(node["target"]).partition("aten.rnn_")
        kind = kind.partition(".")[0].removesuffix("_cell")
        if kind not in ("tanh", "relu"):
            continue
        for given in node["inputs"]:
            given = given["arg"]
            first = (given.get("as_tensors") or [given.get("as_tensor")])[0]
            name = named.get(first["name"]) if isinstance(first, dict) else None
            if name is not None:
                modules[name.rpartition(".")[0]] = Module("torch.nn.RNN", {"nonlinearity": kind})
    return modules
