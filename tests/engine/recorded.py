"""Which files were recorded, and how ours is compared with them."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import numpy as np

from lstmviz.load import check_against, load_network
from lstmviz.load.run import run

FIXTURES = Path(__file__).parents[1] / "load" / "fixtures"


def names(kind: str) -> list[str]:
    """The names of the recorded cases."""
    with tarfile.open(FIXTURES / f"{kind}.tar.xz") as archive:
        return sorted(name[:-4] for name in archive.getnames() if name.endswith(".npz"))


def agrees(path: Path, float64: float, float32: float, **options: Any) -> None:
    """Run the network of a file in both precisions and compare all that its framework gave."""
    name = path.name.split(".")[0]
    with np.load(path.with_name(f"{name}.npz"), allow_pickle=False) as stored:
        data = {key: stored[key] for key in stored.files}
    network = load_network(path, **options)
    initial = {key: data[key] for key in ("h", "c") if key in data} or None
    outputs = {key: value for key, value in data.items() if key.startswith(("y", "last"))}
    assert "y" in outputs
    for dtype, tolerance in (("float64", float64), ("float32", float32)):
        trace = run(data["x"].astype(dtype), network=network, initial=initial, dtype=dtype)
        for value in outputs.values():
            check_against(trace, value, tolerance)
