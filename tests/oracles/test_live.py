"""The engine against PyTorch and onnxruntime themselves; `make oracles` installs both.

A framework that cannot be imported is a failure here, not a reason to skip.
"""

from __future__ import annotations

import numpy as np
import pytest
from frameworks import ONNX_CELLS, TORCH_CELLS, onnx_case, torch_case
from layouts import assert_agrees, from_onnx, from_torch
from record import FOLDER, SIZES

ROUNDS = 8


def sizes(seed: int) -> dict[str, int]:
    random = np.random.default_rng(seed)
    names = ("ticks", "batch", "inputs", "units")
    return {
        name: int(size) for name, size in zip(names, random.integers(1, (13, 4, 8, 8)), strict=True)
    }


@pytest.mark.parametrize("seed", range(ROUNDS))
@pytest.mark.parametrize("cell", TORCH_CELLS)
def test_pytorch_agrees(cell: str, seed: int) -> None:
    case = torch_case(cell, **sizes(seed), seed=seed)
    x, initial = case["data"].pop("x"), case["data"]
    assert_agrees(from_torch(cell, case["weights"]), x, initial, case["expected"], 1e-10)


@pytest.mark.parametrize("seed", range(ROUNDS))
@pytest.mark.parametrize("cell", TORCH_CELLS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_pytorch_agrees_on_stacks(cell: str, seed: int, bidirectional: bool) -> None:
    depth = 1 + seed % 3
    case = torch_case(
        cell, **sizes(100 + seed), seed=seed, depth=depth, bidirectional=bidirectional
    )
    x, initial = case["data"].pop("x"), case["data"]
    assert_agrees(from_torch(cell, case["weights"]), x, initial, case["expected"], 1e-10)


@pytest.mark.parametrize("seed", range(ROUNDS))
@pytest.mark.parametrize("cell", ONNX_CELLS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_onnxruntime_agrees(cell: str, seed: int, bidirectional: bool) -> None:
    case = onnx_case(cell, **sizes(200 + seed), seed=seed, bidirectional=bidirectional)
    x, initial = case["data"].pop("x"), case["data"]
    assert_agrees(from_onnx(cell, case["weights"]), x, initial, case["expected"], 1e-5)


@pytest.mark.parametrize("cell", TORCH_CELLS)
def test_the_recorded_values_are_those_of_today(cell: str) -> None:
    with np.load(FOLDER / f"torch.{cell}.npz", allow_pickle=False) as recorded:
        case = torch_case(cell, **SIZES, seed=TORCH_CELLS.index(cell))
        for part, values in case.items():
            for name, value in values.items():
                np.testing.assert_allclose(recorded[f"{part}/{name}"], value, rtol=0, atol=1e-12)
