"""One step of gradient descent on one weight, taken apart into what each tick adds to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.backward.gradients import gradients
from lstmviz.engine.backward.readout import ReadoutReplay
from lstmviz.engine.model.activations import log_softmax
from lstmviz.engine.model.functions import sigmoid
from lstmviz.engine.model.network import Direction, Network
from lstmviz.engine.model.readout import Readout
from lstmviz.errors import UsageError
from lstmviz.style.notation import Look, Notation
from lstmviz.trace.recording import Recording
from lstmviz.trace.trace import Trace

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class WeightStory:
    """A weight that learns from ever earlier ticks: new weight = weight - rate · gradient.

    Each reading of `readings` has one value. From the last tick to the first, `gradient` is
    the part of dL/d(weight) that comes through the tick, `step` is rate · gradient, and
    `weight` is what `weight_prev` becomes; `rate` is the same throughout. After the first tick
    it has learnt from all: that is the weight after one whole step of descent. `gathered` is what
    the parts up to there add up to, from the last tick on: after the first tick, dL/d(weight).
    `size` is how large the gradient is that comes back to the memory after each tick, ‖dL/dc‖ of
    an LSTM, ‖dL/dh‖ of a cell that has no other state; `loss` is L throughout. `norm` is the
    norm of all such parts in the matrix R, of which this weight is the one that the last tick
    moves most.

    `answered` tells whether L says how wrong an answer is, and not the sum of the outputs, and
    `direct` whether the error reaches earlier ticks also on other ways than back through time: by
    a readout that pools over time, or through layers above.
    """

    readings: Trace
    gate: str
    unit: int  # the weight's row among those of the gate, from 0
    source: int  # its column: the unit of the state before that it listens to
    value: float  # before learning
    learnt: float  # after
    rate: float
    loss: float
    answered: bool
    direct: bool


def weight_story(
    network: Network, trace: Trace, rate: float, *, target: float | None = None
) -> WeightStory:
    """Let the recurrent weight that the last tick moves most learn once, tick by tick.

    The loss is that of training: the cross-entropy between the network's answer at the end and
    `target`, a probability, or of several answers the number of the right one, from 0; without
    one, the side to which the answer leans, so that the step makes the network surer. A network
    that gives no probabilities has the sum of its outputs at the end for a loss. Of several layers
    it is the one that `trace` shows.

    >>> from lstmviz import run
    >>> from lstmviz.demo.networks import demo_network
    >>> network = demo_network("rnn")
    >>> told = weight_story(network, run("I liked it.", network=network), rate=0.1)
    >>> last = told.readings.at(-1)
    >>> last["weight_prev"][0] - 0.1 * last["gradient"][0] == last["weight"][0]
    True

    Raises:
        UsageError: the trace is not of the network, or rate or target is out of range.
    """
    if not 0 < rate < np.inf:
        raise UsageError(f"The learning rate is {rate}; give a number above 0.")
    loss, of = None, None
    readout = network.readout
    if readout is not None and (readout.of_two or readout.of_several):
        logits = _logits(network, trace)
        network = replace(network, readout=readout.before_probabilities)
        loss, of = _two(logits, target) if readout.of_two else _several(logits, target)
    felt = gradients(trace, network, of=of, at=network.answers_at, weights=["R"])

    number, direction = trace.shown
    layer = next(one for one in network.layers[number - 1] if one.direction == direction)
    parts = felt.weights["R"]
    latest_first = range(len(trace)) if direction == "backward" else range(len(trace))[::-1]
    last = np.abs(parts[latest_first[0]])
    row, column = np.unravel_index(np.argmax(last), last.shape)
    gradient = parts[:, row, column]
    start = float(layer.weights.R[row, column])
    weight, now = np.empty(len(trace)), start
    for tick in latest_first:
        now -= float(rate * gradient[tick])
        weight[tick] = now
    told = {"gradient": gradient, "step": rate * gradient, "weight": weight}
    told["gathered"] = _gathered(gradient, backward=direction == "backward")
    told["size"] = np.linalg.norm(felt[trace.memory], axis=1)
    told["norm"] = felt.norms("R")
    told["rate"] = np.full(len(trace), float(rate))
    told["loss"] = np.full(len(trace), felt.loss if loss is None else loss)
    # Learning walks against the reading, so that `weight_prev` is what the later tick left.
    against: Direction = "forward" if direction == "backward" else "backward"
    recording = Recording(
        {name: array[:, None] for name, array in told.items()},
        {"weight": np.array([start])},
        notation=Notation(looks=_LOOKS if of is not None else _LOOKS | {"loss": Look()}),
    )
    readings = replace(
        trace,
        network=replace(trace.network, hidden=1, depth=1, directions=1, dtype="float64"),
        recordings={(1, against): recording},
        output=None,
        shown=(1, against),
        made_by=None,
    )
    gate, unit = divmod(int(row), layer.hidden)
    return WeightStory(
        readings,
        layer.cell.gates[gate],
        unit,
        int(column),
        start,
        now,
        rate,
        float(told["loss"][0]),
        of is not None,
        number < network.depth or (readout is not None and not _at_end(readout)),
    )


_LOOKS = {
    "rate": Look(scale="gate"),  # it has no sign
    "size": Look(scale="size"),
    "loss": Look(scale="size"),
    **dict.fromkeys(("gradient", "gathered"), Look(scale="small")),
}


def _gathered(parts: Array, *, backward: bool) -> Array:
    """What the parts add up to, from the last tick that was read to each."""
    gathered: Array = np.cumsum(parts) if backward else np.cumsum(parts[::-1])[::-1]
    return gathered


def _at_end(readout: Readout) -> bool:
    """Whether a readout reads nothing but the last output."""
    return all(way in ("each", "last") for way in readout.poolings)


def another_answer(network: Network, trace: Trace) -> float | None:
    """A target to learn from: the other answer than the network gave, or of several the next."""
    readout = network.readout
    if readout is None or not (readout.of_two or readout.of_several):
        return None
    logits = _logits(network, trace)
    return float(logits[0] < 0) if readout.of_two else float(np.argsort(logits)[-2:][0])


def _logits(network: Network, trace: Trace) -> Array:
    """What the readout says at the end, before it is made to probabilities, (answers,)."""
    assert network.readout is not None
    plain = replace(network, readout=network.readout.before_probabilities)
    said: Array = ReadoutReplay(trace, plain).said[network.answers_at]
    return said


def _two(logits: Array, target: float | None) -> tuple[float, Array]:
    """The loss of one answer in log odds, and its derivative by them."""
    odds = float(logits[0])
    wanted = float(odds > 0) if target is None else target
    if not 0 <= wanted <= 1:
        raise UsageError(f"The target is {target}; give a probability from 0 to 1.")
    # Each from its own side, where 1 - σ would lose its digits.
    doubt, trust = sigmoid(np.array([-odds, odds])).tolist()
    loss = wanted * np.logaddexp(0, -odds) + (1 - wanted) * np.logaddexp(0, odds)
    return float(loss), np.array([(1 - wanted) * trust - wanted * doubt])


def _several(logits: Array, target: float | None) -> tuple[float, Array]:
    """The loss of several answers whose softmax is their probability, and its derivative."""
    wanted = int(logits.argmax()) if target is None else target
    if wanted not in range(len(logits)):
        raise UsageError(
            f"The target is {target}; give the number of an answer, 0 to {len(logits) - 1}."
        )
    slope = np.exp(log_softmax(logits)) - (np.arange(len(logits)) == wanted)
    return float(-log_softmax(logits)[int(wanted)]), slope
