"""Small models in ONNX's own notation, with random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.parser
from numpy.typing import NDArray
from onnx import numpy_helper

Array = NDArray[Any]
HEAD = '<ir_version: 10, opset_import: ["": 17, "own": 1, "ai.onnx.ml": 3, "com.microsoft": 1]>\n'
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


def recurrent(
    seed: int = 0, op: str = "RNN", *, ways: int = 1, inputs: int = 3, units: int = 2
) -> dict[str, Array]:
    """W and R of a node of two units, or more, that reads three values."""
    random = np.random.default_rng(seed)
    rows = GATES[op] * units
    return {
        "W": random.normal(size=(ways, rows, inputs)).astype(np.float32),
        "R": random.normal(size=(ways, rows, units)).astype(np.float32),
    }


def model(text: str, **arrays: Array) -> onnx.ModelProto:
    """The model of a text, with these arrays stored in its graph."""
    made: onnx.ModelProto = onnx.parser.parse_model(HEAD + text)
    made.graph.initializer.extend(
        numpy_helper.from_array(np.asarray(array), name) for name, array in arrays.items()
    )
    return made


def written(folder: Path, made: onnx.ModelProto) -> Path:
    """The file of a model."""
    path = folder / "m.onnx"
    path.write_bytes(made.SerializeToString())
    return path
