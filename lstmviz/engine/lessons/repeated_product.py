"""The same multiplication at every step, with tanh after it or without.

What a recurrent network would do to its state if nothing held it, and what tanh changes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lstmviz.engine.inputs.read import as_numbers
from lstmviz.engine.model.cell import cell
from lstmviz.engine.model.functions import tanh
from lstmviz.engine.model.moment import Moment
from lstmviz.engine.model.network import Layer, Network, Weights
from lstmviz.engine.run import run_network
from lstmviz.errors import UsageError
from lstmviz.trace.tokens import Token
from lstmviz.trace.trace import Trace

Array = NDArray[np.floating[Any]]


@cell(gates="v", state="v")
def multiplied(t: Moment) -> None:
    """A vector that is multiplied at every step."""
    t.a = t.recurrent("v", t.v_prev)
    t.v = t.a


@cell(gates="v", state="v")
def multiplied_and_squashed(t: Moment) -> None:
    """A vector that is multiplied and goes through tanh at every step."""
    t.a = t.recurrent("v", t.v_prev)
    t.v = tanh(t.a)


def repeated(vector: ArrayLike, steps: int, *, squash: bool, factor: float = 3.0) -> Trace:
    """Multiply a vector by a factor at every step, and `squash` it with tanh if asked to.

    The readings are `v_prev`, `a` = factor · v_prev, and `v`: tanh(a), or a itself; each
    (steps, len(vector)). The tokens are the numbers of the steps, from 1.

    >>> repeated([0.5, -1.0], 3, squash=False)["v"].tolist()
    [[1.5, -3.0], [4.5, -9.0], [13.5, -27.0]]
    >>> repeated([0.5, -1.0], 3, squash=True).at(-1)["v"][0]
    0.9947...

    Raises:
        UsageError: there is no step or no finite number, or the numbers grow beyond float64.
    """
    if steps < 1:
        raise UsageError(f"steps is {steps}; it must be at least 1.")
    start = np.atleast_1d(np.asarray(vector, dtype=np.float64))
    if start.ndim != 1 or not start.size or not np.isfinite([*start, factor]).all():
        raise UsageError("A vector and a factor of finite numbers are needed.")
    units = len(start)
    none = np.zeros(units)
    weights = Weights(np.zeros((units, 1)), factor * np.eye(units), none, none)
    kind = multiplied_and_squashed if squash else multiplied
    network = Network(
        ((Layer(kind, weights),),), title=f"× {factor:g} at every step", origin="lstmviz"
    )
    trace = run_network(network, as_numbers(np.zeros(steps)), initial={"v": start})
    return replace(trace, tokens=tuple(Token(str(step)) for step in range(1, steps + 1)))
