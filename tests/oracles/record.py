"""Write what PyTorch and onnxruntime say to tests/engine/fixtures, for the tests of the engine.

    .oracles/bin/python tests/oracles/record.py

`make test` then compares with these values, without the frameworks.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from frameworks import ONNX_CELLS, TORCH_CELLS, Case, onnx_case, torch_case

FOLDER = Path(__file__).resolve().parents[1] / "engine" / "model" / "fixtures"
SIZES = {"ticks": 7, "batch": 2, "inputs": 3, "units": 5}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for seed, cell in enumerate(TORCH_CELLS):
        _write(f"torch.{cell}", torch_case(cell, **SIZES, seed=seed))
    for seed, cell in enumerate(("lstm", "gru")):
        case = torch_case(cell, **SIZES, seed=10 + seed, depth=2, bidirectional=True)
        _write(f"torch.{cell}.two-layers-both-ways", case)
    for seed, cell in enumerate(ONNX_CELLS):
        _write(f"onnx.{cell}", onnx_case(cell, **SIZES, seed=20 + seed))
        _write(
            f"onnx.{cell}.both-ways", onnx_case(cell, **SIZES, seed=40 + seed, bidirectional=True)
        )


def _write(name: str, case: Case) -> None:
    arrays = {
        f"{part}/{key}": array for part, values in case.items() for key, array in values.items()
    }
    np.savez_compressed(FOLDER / f"{name}.npz", allow_pickle=False, **arrays)


if __name__ == "__main__":
    main()
