"""Weights that PyTorch's spectral_norm divides by their largest singular value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.load.common.contents import Tensor, listed, real

# What is divided, and the vectors by which: of torch.nn.utils.spectral_norm, and of its
# parametrizations.
_KINDS = (
    (re.compile(r"(?P<prefix>(?:.*\.)?)(?P<kind>weight\w*)_orig"), "{prefix}{kind}_"),
    (
        re.compile(r"(?P<prefix>(?:.*\.)?)parametrizations\.(?P<kind>weight\w*)\.original"),
        "{prefix}parametrizations.{kind}.0._",
    ),
)


def without_spectral_norm(tensors: Mapping[str, Tensor]) -> tuple[Mapping[str, Tensor], list[str]]:
    """The same tensors with each such matrix as W / (u·W·v), and a note if there is one."""
    found, gone = dict[str, Tensor](), set[str]()
    for name, W in tensors.items():
        for pattern, vectors in _KINDS:
            match = pattern.fullmatch(name)
            if match is None:
                continue
            beside = vectors.format(**match.groupdict())
            u, v = (tensors.get(f"{beside}{which}") for which in "uv")
            if u is not None and v is not None and _fit(W.shape, u.shape, v.shape):
                weight = f"{match['prefix']}{match['kind']}"
                found[weight] = Tensor(W.shape, partial(_weight, (name, W), u, v))
                gone |= {name, f"{beside}u", f"{beside}v", weight}
    if not found:
        return tensors, []
    left = {name: tensor for name, tensor in tensors.items() if name not in gone}
    names = listed([f"'{name}'" for name in found], 4)
    return {**left, **found}, [f"spectral_norm: {names} computed as W / (u·W·v), as in eval()"]


def _fit(W: tuple[int, ...], u: tuple[int, ...], v: tuple[int, ...]) -> bool:
    """Whether there is a number in u for each row, and in v for each column, or the reverse."""
    return len(W) == 2 and all(W) and (u + v in (W, W[::-1]))


def _weight(weight: tuple[str, Tensor], u: Tensor, v: Tensor) -> NDArray[Any]:
    W, rows, columns = (real(one.read(), weight[0]) for one in (weight[1], u, v))
    if len(rows) != len(W):
        rows, columns = columns, rows
    with np.errstate(all="ignore"):  # whether weights are finite is looked at where they are used
        wide = W.astype(np.float64)
        found: NDArray[Any] = (wide / (rows @ wide @ columns)).astype(W.dtype)
    return found
