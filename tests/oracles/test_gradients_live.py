"""Back-propagation through time against torch's autograd itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch_gradients  # first: it makes the modules below importable
from derivatives import assert_ticks_agree, assert_whole_agrees

ROUNDS = 5


def sizes(seed: int) -> dict[str, int]:
    ticks, inputs, units = np.random.default_rng(seed).integers(1, (13, 6, 8))
    return {"ticks": int(ticks), "inputs": int(inputs), "units": int(units)}


@pytest.mark.parametrize("seed", range(ROUNDS))
@pytest.mark.parametrize("cell", torch_gradients.CELLS)
def test_autograd_agrees_at_every_tick(cell: str, seed: int) -> None:
    assert_ticks_agree(cell, torch_gradients.tick_case(cell, **sizes(seed), seed=seed))


@pytest.mark.parametrize("seed", range(ROUNDS))
@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_autograd_agrees_through_layers_and_directions(cell: str, seed: int) -> None:
    assert_whole_agrees(cell, torch_gradients.whole_case(cell, **sizes(seed), seed=seed))
