"""Weights that PyTorch's pruning keeps as what they were and a mask, put together again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.load.common.contents import Tensor, listed, real

_KEPT = re.compile(r"(?P<weight>(?:.*\.)?(?:weight|bias)\w*)_orig")


def without_pruning(tensors: Mapping[str, Tensor]) -> tuple[Mapping[str, Tensor], list[str]]:
    """The same tensors with each that torch.nn.utils.prune cut as orig·mask, and a note."""
    found, gone = dict[str, Tensor](), set[str]()
    for name, kept in tensors.items():
        match = _KEPT.fullmatch(name)
        mask = tensors.get(f"{match['weight']}_mask") if match else None
        if match is not None and mask is not None and mask.shape == kept.shape:
            weight = match["weight"]
            found[weight] = Tensor(kept.shape, partial(_weight, (name, kept), mask))
            gone |= {name, f"{weight}_mask", weight}  # whole modules keep what was computed, too
    if not found:
        return tensors, []
    left = {name: tensor for name, tensor in tensors.items() if name not in gone}
    names = listed([f"'{name}'" for name in found], 4)
    return {**left, **found}, [f"pruned: {names} computed as orig·mask, of the two that are stored"]


def _weight(kept: tuple[str, Tensor], mask: Tensor) -> NDArray[Any]:
    W = real(kept[1].read(), kept[0])
    with np.errstate(all="ignore"):  # whether weights are finite is looked at where they are used
        found: NDArray[Any] = (W * mask.read()).astype(W.dtype)
    return found
