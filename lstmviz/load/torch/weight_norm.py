"""Weights that PyTorch's weight_norm keeps as a length and a direction, put together again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.load.common.contents import Tensor, listed, real

# The lengths and the directions: of torch.nn.utils.weight_norm, and of its parametrizations.
_PAIRS = (
    (re.compile(r"(?P<prefix>(?:.*\.)?)(?P<kind>weight\w*)_g"), "{prefix}{kind}_v"),
    (
        re.compile(r"(?P<prefix>(?:.*\.)?)parametrizations\.(?P<kind>weight\w*)\.original0"),
        "{prefix}parametrizations.{kind}.original1",
    ),
)


def without_weight_norm(tensors: Mapping[str, Tensor]) -> tuple[Mapping[str, Tensor], list[str]]:
    """The same tensors with each such pair as the weight g·v/‖v‖, and a note if there is one.

    Which axes ‖v‖ is over is told by g, which has one number along these.
    """
    pairs: dict[str, tuple[str, str, str]] = {}  # the length: the direction and the weight
    for name, g in tensors.items():
        for pattern, other in _PAIRS:
            if match := pattern.fullmatch(name):
                direction = other.format(**match.groupdict())
                v = tensors.get(direction)
                if v is not None and _fit(g.shape, v.shape):
                    weight = f"{match['prefix']}{match['kind']}"
                    pairs[name] = direction, name, weight
                    pairs[direction] = pairs[name]
    if not pairs:
        return tensors, []
    found: dict[str, Tensor] = {}
    computed = {weight for _, _, weight in pairs.values()}
    for name, tensor in tensors.items():
        if name in pairs:
            direction, length, weight = pairs[name]
            v = tensors[direction]
            found[weight] = Tensor(v.shape, partial(_weight, tensors[length], v, length, direction))
        elif name not in computed:  # whole modules keep what was computed last, too
            found[name] = tensor
    names = listed([f"'{name}'" for name in found if name in computed], 4)
    return found, [f"weight_norm: {names} computed as g·v/‖v‖ of the length and direction stored"]


def _fit(g: tuple[int, ...], v: tuple[int, ...]) -> bool:
    """Whether there is a length for each row or column of a matrix, or one for all."""
    if len(v) != 2 or not all(v):
        return False
    return g in ((), (v[0], 1), (1, v[1]))


def _weight(length: Tensor, direction: Tensor, *names: str) -> NDArray[Any]:
    g, v = (real(one.read(), name) for one, name in zip((length, direction), names, strict=True))
    wide = v.astype(np.float64)
    axes = tuple(axis for axis in range(2) if not g.ndim or g.shape[axis] == 1)
    norm = np.sqrt((wide * wide).sum(axis=axes, keepdims=True))
    with np.errstate(all="ignore"):  # whether weights are finite is looked at where they are used
        found: NDArray[Any] = (g * (wide / norm)).astype(v.dtype)
    return found
