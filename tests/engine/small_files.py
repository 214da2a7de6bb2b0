"""Small files of weights, for tests of what is made of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np


def save(path: Path, **shapes: tuple[int, ...]) -> Path:
    """A .safetensors file with tensors of these shapes; dots are written as two underscores."""
    random = np.random.default_rng(0)
    header: dict[str, Any] = {}
    content = b""
    for name, shape in shapes.items():
        data = random.normal(size=shape).astype("<f4").tobytes()
        header[name.replace("__", ".")] = {
            "dtype": "F32",
            "shape": shape,
            "data_offsets": [len(content), len(content) + len(data)],
        }
        content += data
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + content)
    return path


def lstm(name: str, inputs: int, units: int) -> dict[str, tuple[int, ...]]:
    return {
        f"{name}__weight_ih_l0": (4 * units, inputs),
        f"{name}__weight_hh_l0": (4 * units, units),
    }
