"""How an answer comes about: the products of weights and values that a readout adds up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.backward.readout import outputs_of
from lstmviz.engine.model.network import Network
from lstmviz.engine.model.readout import Readout
from lstmviz.errors import UsageError
from lstmviz.style.notation import Look, Made, Notation
from lstmviz.trace.answers import answers_of
from lstmviz.trace.directions import merged
from lstmviz.trace.recording import Recording
from lstmviz.trace.trace import Trace

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class AnswerSum:
    """What the last dense layer of a readout adds up at a tick, for one of its answers.

    `readings` is a trace of this one tick. Its `h` (or `v`, where it is not one layer's h as it
    is) is what the layer weighs, `w` the weights, `product` their products; `b`, the bias, `s`, the
    sum, and `p`, what its function makes of it, have one value. `units` are those whose products
    are largest, in their order, and `rest` is the sum of all others. `likely` are answers, this
    one first, of which `sums` and `shares` have the sums and what the function makes of them;
    `others` is what is left of 1.
    """

    readings: Trace
    answer: int
    units: tuple[int, ...]
    likely: tuple[int, ...]

    @property
    def weighed(self) -> str:
        """The name of what is weighed."""
        return self.readings.notation.states[0]

    @property
    def left(self) -> int:
        """How many products are in the rest."""
        return len(self.readings["w"][0]) - len(self.units)


def answer_sum(network: Network, trace: Trace, tick: int, *, most: int, top: int = 3) -> AnswerSum:
    """Take the answer after a tick apart: of several answers that of the likeliest.

    At most `most` units stand on their own, and `top` answers are compared.

    >>> from lstmviz import demo_network, run
    >>> network = demo_network("lstm")
    >>> told = answer_sum(network, run("I liked it.", network=network), 3, most=8).readings
    >>> bool(abs(told["product"].sum() + told["b"].sum() - told["s"].sum()) < 1e-9)
    True

    Raises:
        UsageError: the network has no readout.
    """
    readout, answers = network.readout, answers_of(trace)
    if readout is None or answers is None:
        raise UsageError("The network has no readout, so it gives no answer.")
    tick %= len(trace)
    *before, last = readout.dense
    pooled = _pooled(network, readout, trace)[tick]
    weighed = reduce(lambda v, layer: layer.activation(v @ layer.W.T + layer.b), before, pooled)
    answer, said = answers.told_at(tick), answers.at(tick).value
    product = last.W[answer] * weighed
    sums = last.W @ weighed + last.b
    order = np.argsort(-np.abs(product), kind="stable")
    units = sorted(order[: most if len(product) <= most else most - 1].tolist())
    others = [k for k in np.argsort(-said, kind="stable").tolist() if k != answer]
    likely = (answer, *others[: top - 1])
    plain = not before and readout.pooling in ("each", "last")
    name = "h" if plain else "v"
    whole = {name: weighed, "w": last.W[answer], "product": product}
    single = {
        "b": last.b[answer],
        "s": sums[answer],
        "p": said[answer],
        "rest": product.sum() - product[units].sum(),
        "others": 1 - said[list(likely)].sum(),
    }
    several = {"sums": sums[list(likely)], "shares": said[list(likely)]}
    values: dict[str, Array] = {key: np.asarray(row)[None] for key, row in whole.items()}
    values |= {key: np.array([[float(value)]]) for key, value in single.items()}
    values |= {key: np.asarray(row)[None] for key, row in several.items()}
    states = (name, "s", "sums")
    recording = Recording(
        values,
        {state: np.zeros(values[state].shape[1]) for state in states},
        notation=_notation(states, probable=answers.kind != "value"),
    )
    readings = replace(
        trace,
        tokens=[trace.tokens[tick]],
        network=replace(trace.network, hidden=len(product), depth=1, directions=1),
        recordings={(1, "forward"): recording},
        output=None,
        shown=(1, "forward"),
        skipped=(),
        features=(),
        made_by=None,
    )
    return AnswerSum(readings, answer, tuple(units), likely)


def _pooled(network: Network, readout: Readout, trace: Trace) -> Array:
    """What the first dense layer reads after each tick, (time, inputs)."""
    outputs = outputs_of(trace, network, network.depth)
    if readout.pooling == "last" and len(outputs) == 2:
        outputs[1] = np.broadcast_to(outputs[1][:1], outputs[1].shape)
    return next(readout.pooled([merged(outputs, network.merges[-1])]))


def _notation(states: tuple[str, ...], *, probable: bool) -> Notation:
    scale: Any = "gate" if probable else "free"
    return Notation(
        states,
        {
            states[0]: Look("h", "free", f"{states[0]}_t"),
            "w": Look("ink", "free", "w"),
            "b": Look("ink", "free", "b"),
            "rest": Look("ink", "free"),
            "s": Look("ink", "free", "s"),
            "sums": Look("ink", "free"),
            "p": Look("ink", scale, "p"),
            "shares": Look("ink", scale),
            "others": Look("ink", scale),
        },
        made={"product": Made("×", ("w", states[0]))},
    )
