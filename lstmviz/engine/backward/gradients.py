"""Back-propagation through time, exactly, by the equations of whatever cell it is.

`gradients` says how a number that the network gives would change with everything that
was computed on the way; `jacobian_norms` how much of a state is still felt at the end.
Each tick is computed again from the states that the trace recorded, in float64, and
differentiated by `lstmviz.engine.backward.autodiff`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lstmviz.engine.backward.readout import ReadoutReplay, outputs_of, pull_merged
from lstmviz.engine.backward.replay import Replay
from lstmviz.engine.inputs.encode import taken
from lstmviz.engine.inputs.find_tick import find_tick
from lstmviz.engine.model.network import Layer, Network
from lstmviz.engine.run import run_network
from lstmviz.errors import UsageError
from lstmviz.trace.recording import Direction
from lstmviz.trace.trace import Trace

Array = NDArray[np.floating[Any]]
Arrays = dict[str, Array]

_ORDERS: Mapping[str, Any] = {"spectral": 2, "frobenius": None}  # as NumPy calls them
MOST = 2**34  # bytes of derivatives by the weights, which are kept for each tick


@dataclass(frozen=True, eq=False)
class Gradients:
    """The derivatives of one number L by all that a network computed; read-only.

    `readings` is a trace like the one that was differentiated, but its readings are dL/dh,
    dL/dc, dL/df and so on, and its initial states dL/dh₀ and the like; `gradients["c"]` is
    `readings["c"]`. It counts every way from the c of a tick to L, also that through the h of
    the same tick. `carried["c"]` holds that h fixed: it is what comes back to c from the next
    tick, or straight from L. For the output, h, both are the same.
    """

    loss: float  # L itself
    readings: Trace
    carried: Mapping[str, Array]  # (time, width) of each state
    weights: Mapping[str, Array]  # (time, *shape of the weight): what comes through each tick

    def __post_init__(self) -> None:
        for part in ("carried", "weights"):
            arrays = dict(getattr(self, part))
            for array in arrays.values():
                array.setflags(write=False)
            object.__setattr__(self, part, MappingProxyType(arrays))

    def __getitem__(self, name: str) -> Array:
        """dL/d(name) at each tick, (time, units)."""
        return self.readings[name]

    def total(self, name: str) -> Array:
        """dL/dW, for W, R, b, rb or a further weight, in the shape of the weight."""
        total: Array = self._weight(name).sum(axis=0)
        return total

    def norms(self, name: str) -> Array:
        """How large the part of dL/dW is that comes through each tick, (time,)."""
        # Each on its own: all at once would make room for all of their squares.
        rows = (part.reshape(1, -1) for part in self._weight(name))
        return np.array([np.linalg.norm(row, axis=1)[0] for row in rows])

    def _weight(self, name: str) -> Array:
        if name not in self.weights:
            raise UsageError(
                f"The layer has no weight '{name}'; choose one of: {', '.join(self.weights)}."
            )
        return self.weights[name]


def gradients(
    source: Trace | str | ArrayLike,
    network: Network,
    *,
    of: ArrayLike | None = None,
    at: int | str = -1,
    weights: Sequence[str] | None = None,
) -> Gradients:
    """Differentiate what a network says, by back-propagation through time.

    L is the readout at the tick `at`, the last unless it says otherwise (of probabilities that add
    up to 1 the greatest), or the sum of the last layer's outputs if there is no readout. `of`
    chooses another L = Σ of·output: (answers,) at that tick, or (time, answers). For a loss, give
    its derivative by the output.
    `source` is a trace of the network, or an input to run; the weights are those of the
    layer of which the trace speaks: all of them, or those that `weights` names, as of a wide
    network they take much memory. Everything is float64.

    >>> from lstmviz import demo_network
    >>> felt = gradients("I liked it, but never again.", demo_network("lstm"))
    >>> felt["c"].shape  # eight words and marks, four units
    (8, 4)
    >>> felt.total("R").shape  # four gates of four units
    (16, 4)

    Raises:
        UsageError: the trace is not of the network, or `of` has a wrong shape.
    """
    trace = source if isinstance(source, Trace) else run_network(network, taken(source, network))
    _refuse_other(trace, network)
    end = ReadoutReplay(trace, network)
    tick = find_tick(trace, at)
    if of is None and network.readout is not None and network.readout.of_several:
        of = np.arange(network.readout.answers) == end.said[tick].argmax()
    chosen = _chosen(of, end.said.shape, tick)

    shares = end.pull(chosen)  # dL/d(what each direction of a layer gives), (time, units)
    found: dict[tuple[int, Direction], _Felt] = {}
    for number in range(network.depth, 0, -1):
        level = network.layers[number - 1]
        for layer, share in zip(level, shares, strict=True):
            told = trace.layer(number, layer.direction)
            names = [*layer.weights.arrays()] if weights is None else weights
            names = names if told.shown == trace.shown else ()
            found[told.shown] = _back_through(layer, told, share, names)
        if number > 1:
            back = np.sum([found[number, one.direction].readings["x"] for one in level], axis=0)
            shares = pull_merged(
                back, outputs_of(trace, network, number - 1), network.merges[number - 2]
            )
    readings = replace(
        trace,
        network=replace(trace.network, dtype="float64"),
        recordings={
            key: replace(recording, values=found[key].readings, initial=found[key].initial)
            for key, recording in trace.recordings.items()
        },
        output=None if network.readout is None else chosen,
        made_by=None,
    )
    own = found[trace.shown]
    return Gradients(float((chosen * end.said).sum()), readings, own.carried, own.weights)


def jacobian_norms(
    trace: Trace,
    network: Network,
    *,
    norm: Literal["spectral", "frobenius"] = "spectral",
    initial: bool = False,
) -> dict[str, Array]:
    """How strongly the last state of a layer still depends on its state at each tick.

    Gives norms (time,) for each pair of states: "h" is ‖∂h_T/∂h_t‖, "h from c" is
    ‖∂h_T/∂c_t‖ and so on; and, of a cell with several states, "state" for the Jacobian of all
    of them side by side, [h; c], of which the others are blocks. T is the tick that the layer
    reads last. One state of the tick t is moved and the others are held fixed: for an LSTM
    ∂h_T/∂h_t holds c_t, and so misses most of what is remembered.

    The `spectral` norm is how much longer a change can get at most, the `frobenius` norm the root
    of the sum of all squares. With `initial` there is one number more, for the state that the
    layer starts from: before the others, or behind them of a layer that reads backward.

    >>> from lstmviz import demo_network, run
    >>> network = demo_network("lstm")
    >>> list(jacobian_norms(run("I liked it.", network=network), network))
    ['h', 'h from c', 'c from h', 'c', 'state']

    Raises:
        UsageError: the trace is not of the network, or there is no such norm.
    """
    if norm not in _ORDERS:
        raise UsageError(f"There is no norm {norm!r}; choose one of: {', '.join(_ORDERS)}.")
    _refuse_other(trace, network)
    layer = _shown_layer(trace, network)
    states = layer.cell.state
    before = [f"{state}_prev" for state in states]
    ends = np.cumsum([layer.width(state) for state in states])
    size = int(ends[-1])

    places = {
        state: slice(int(end) - layer.width(state), int(end))
        for state, end in zip(states, ends, strict=True)
    }
    norms: Arrays = {
        last if last == earlier else f"{last} from {earlier}": np.empty(len(trace) + 1)
        for last in states
        for earlier in states
    }
    if len(states) > 1:
        norms["state"] = np.empty(len(trace) + 1)

    def note(tick: int) -> None:
        blocks = [onward[places[last], places[earlier]] for last in states for earlier in states]
        for found, block in zip(norms.values(), [*blocks, onward], strict=False):
            found[tick] = np.linalg.norm(block, ord=_ORDERS[norm])

    backward = layer.direction == "backward"
    shift = 0 if backward else 1  # the initial state has the first place, or the last
    onward: Array = np.eye(size)  # ∂(states at T)/∂(states at t), a row per unit of the last
    for tick in _latest_first(layer, len(trace)):
        note(tick + shift)
        # Each row needs a copy of the tick of its own.
        copies = {n: np.broadcast_to(v := trace[n][tick], (size, len(v))) for n in ("x", *before)}
        replay = Replay(layer, copies)
        _refuse_difference(replay, trace, layer, tick)
        shares = np.split(onward, ends[:-1], axis=1)
        gradient = replay.pull(dict(zip(states, shares, strict=True)))
        onward = np.concatenate([gradient(state) for state in before], axis=1)
    if initial:
        note(-1 if backward else 0)
        return norms
    return {name: found[:-1] if backward else found[1:] for name, found in norms.items()}


def _refuse_too_much(ticks: int, weights: Mapping[str, Array]) -> None:
    needed = ticks * sum(array.size for array in weights.values()) * 8  # bytes, in float64
    if needed > MOST:
        raise UsageError(
            f"The derivatives by the weights at each of {ticks} ticks would be "
            f"{needed / 1e9:.0f} GB; differentiate a shorter input, or a smaller network."
        )


class _Felt(NamedTuple):
    """All derivatives of one layer."""

    readings: Arrays  # (time, units)
    initial: Arrays  # (units,)
    carried: Arrays  # (time, units)
    weights: Arrays  # (time, *shape)


def _back_through(layer: Layer, told: Trace, pushed: Array, wanted: Sequence[str]) -> _Felt:
    """The derivatives of a layer, from `pushed` (time, outputs), dL/d(its outputs) from above.

    The weights' parts are many numbers: only those that are `wanted` are made.
    """
    ticks, states, output = len(told), layer.cell.state, layer.cell.output
    arrays = {name: array for name, array in layer.weights.arrays().items() if name in wanted}
    _refuse_too_much(ticks, arrays)
    weights: Arrays = {name: np.empty((ticks, *array.shape)) for name, array in arrays.items()}
    readings: Arrays = {name: np.empty(told[name].shape) for name in told.names}
    carried: Arrays = {state: np.empty(told[state].shape) for state in states}
    back: Arrays = {state: np.zeros(layer.width(state)) for state in states}
    for tick in _latest_first(layer, ticks):
        names = ("x", *(f"{state}_prev" for state in states))
        replay = Replay(layer, {name: told[name][tick] for name in names})
        _refuse_difference(replay, told, layer, tick)
        back[output] = back[output] + pushed[tick]
        gradient = replay.pull(back)
        for state in states:
            carried[state][tick] = back[state]
        for name, array in (*readings.items(), *weights.items()):
            array[tick] = gradient(name)
        back = {state: gradient(f"{state}_prev") for state in states}
    return _Felt(readings, back, carried, weights)


def _shown_layer(trace: Trace, network: Network) -> Layer:
    number, direction = trace.shown
    return next(one for one in network.layers[number - 1] if one.direction == direction)


def _latest_first(layer: Layer, ticks: int) -> range:
    """The ticks against the order in which the layer reads them."""
    return range(ticks) if layer.direction == "backward" else range(ticks - 1, -1, -1)


def _chosen(of: ArrayLike | None, shape: tuple[int, ...], tick: int) -> Array:
    """dL/d(what the network says), (time, answers)."""
    chosen = np.zeros(shape)
    given = np.ones(shape[1]) if of is None else np.asarray(of, dtype=np.float64)
    if given.shape == shape:
        chosen[:] = given
    elif given.shape == shape[1:]:
        chosen[tick] = given
    else:
        raise UsageError(
            f"`of` has the shape {given.shape}; give ({shape[1]},), one number for each answer, "
            f"or {shape}, one for each tick, too."
        )
    return chosen


def _refuse_other(trace: Trace, network: Network) -> None:
    """A trace of other cells or sizes is not of this network; other weights show later."""
    found = {
        key: {"x": r.values["x"].shape[1], **{s: len(start) for s, start in r.initial.items()}}
        for key, r in trace.recordings.items()
    }
    expected = {
        (number, layer.direction): {
            "x": layer.inputs,
            **{state: layer.width(state) for state in layer.cell.state},
        }
        for number, layer in network.each_layer()
    }
    if found != expected or trace.cell != network.cell.name:
        raise UsageError(_NOT_OF_IT)


def refuse_other(trace: Trace, network: Network) -> None:
    """Refuse a trace of another network: of other cells or sizes, or of other values at its end.

    Raises:
        UsageError: it is of another one.
    """
    _refuse_other(trace, network)
    for number, layer in network.each_layer():
        told = trace.layer(number, layer.direction)
        names = ("x", *(f"{state}_prev" for state in layer.cell.state))
        replay = Replay(layer, {name: told[name][-1] for name in names})
        _refuse_difference(replay, told, layer, -1)


def _refuse_difference(replay: Replay, told: Trace, layer: Layer, tick: int) -> None:
    for state in layer.cell.state:
        # Room for the rounding of a trace in float32, and for nothing else.
        if not np.allclose(replay.array(state), told[state][tick], rtol=1e-3, atol=1e-4):
            raise UsageError(_NOT_OF_IT)


_NOT_OF_IT = (
    "The trace is not of this network: its cells, sizes or values differ; run the network again."
)
