"""The forward pass of an LSTM in plain Python, as short as it can be written.

The film `lstm-code` shows the body of `forward` as it stands here; the engine's own cell
computes the same and keeps every value.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace

import numpy as np
from numpy import concatenate

from lstmviz.engine.model.functions import sigmoid as σ
from lstmviz.engine.model.functions import tanh
from lstmviz.engine.model.moment import Array
from lstmviz.engine.model.network import Layer
from lstmviz.errors import UsageError


def forward(
    xs: Iterable[Array], h: Array, c: Array, W: SimpleNamespace, b: SimpleNamespace
) -> tuple[Array, Array]:
    """Run an LSTM over inputs xs, from the states h and c (units,), and give the last ones.

    W and b hold the weights of each gate by its name: W.f (units, units + inputs) for h and
    x side by side, b.f (units,), and so on for i, g and o.
    """
    for x in xs:
        hx = concatenate([h, x])
        f = σ(W.f @ hx + b.f)
        i = σ(W.i @ hx + b.i)
        g = tanh(W.g @ hx + b.g)
        c = f * c + i * g
        o = σ(W.o @ hx + b.o)
        h = o * tanh(c)
    return h, c


def weights_by_name(layer: Layer) -> tuple[SimpleNamespace, SimpleNamespace]:
    """Give W and b of an LSTM layer as `forward` wants them; both biases are summed.

    Raises `UsageError` for a layer of another cell.
    """
    if layer.cell.name != "lstm":
        raise UsageError(f"The plain forward pass is that of lstm, not of {layer.cell.name}.")
    w = layer.weights
    gates = layer.cell.gates
    split = [np.split(part, len(gates)) for part in (np.hstack([w.R, w.W]), w.b + w.rb)]
    W, b = (SimpleNamespace(**dict(zip(gates, part, strict=True))) for part in split)
    return W, b
