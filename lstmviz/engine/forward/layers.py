"""The layers of a network, one upon another: what each starts from, reads and hands on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from lstmviz.engine.forward import blas_threads as threads
from lstmviz.engine.forward.unroll import (
    Shapes,
    readings_of,
    ticks_at_once,
    unroll,
    walk,
)
from lstmviz.engine.model.network import Layer, Network
from lstmviz.errors import UsageError
from lstmviz.trace.directions import Key, Merge, merged

Array = NDArray[np.floating[Any]]
Initial = Mapping[str, ArrayLike] | tuple[ArrayLike, ...] | ArrayLike
Recorded = dict[Key, tuple[dict[str, Array], dict[str, Array]]]


class Rows(Protocol):
    """What is read at each tick: an array (time, inputs), or what gives slices like one."""

    def __len__(self) -> int: ...
    def __getitem__(self, ticks: slice, /) -> Array: ...


class Book(Protocol):
    """Where the records of `walk` are written down, piece by piece, in the layers' own order."""

    def room(self, key: Key, shapes: Shapes, start: int, ticks: int) -> dict[str, Array]:
        """Give the arrays (ticks, ..., width) for what a layer reads from its `start`th tick on."""

    def keep(self, key: Key, start: int) -> None:
        """Keep what has been written into them."""

    def outputs(self, key: Key, k: int, ticks: slice) -> Array:
        """Give back what a layer handed on for a sequence, (time, outputs), in order of time."""

    def say(self, k: int, ticks: slice, said: Array) -> None:
        """Keep what the readout said of a sequence, (time, answers)."""


def run_network(
    network: Network, x: Array, initial: Initial | None = None
) -> tuple[Recorded, Array | None]:
    """Run all layers over `x` (time, ..., inputs), in the dtype of `x`.

    Gives, for each (layer from 1, direction), the readings (time, ..., units) and the
    initial states by name; and the readout (time, ..., answers), None if there is none.
    A backward layer's readings stand at the tick of the input that they belong to; the
    outputs of both directions go side by side into the next layer. `initial` as in `run`.

    Raises:
        UsageError: an initial state is unknown or has a wrong shape.
    """
    starts = initial_states(network, initial, x.shape[1:-1], x.dtype)
    recorded: Recorded = {}
    for number, level in enumerate(network.layers, start=1):
        outputs = []
        for layer in level:
            start = starts[number, layer.direction]
            values = unroll(layer, x, start)
            recorded[number, layer.direction] = (values, start)
            outputs.append(values[layer.cell.output])
        x = merged(outputs, network.merges[number - 1])
    if network.readout is None:
        return recorded, None
    if network.readout.pooling == "last" and len(outputs) == 2:
        outputs[1] = np.broadcast_to(outputs[1][:1], outputs[1].shape)
        x = merged(outputs, network.merges[-1])
    if network.answers_at == 0:  # what is pooled is what was read so far, from the end
        return recorded, next(network.readout.answer([x[::-1]]))[::-1]
    return recorded, next(network.readout.answer([x]))


def record(
    network: Network,
    inputs: Sequence[Rows],
    book: Book,
    starts: Mapping[Key, Mapping[str, Array]],
    dtype: DTypeLike,
    titles: Sequence[str] = ("",),
) -> None:
    """Run all layers over sequences, the longest first, and write all that they compute down.

    `starts` as of `initial_states`: (units,), or (sequences, units) where they differ. `titles`
    are what an error calls the sequences. A layer goes over the whole of each sequence before
    the next one begins, which reads what it wrote.

    Raises:
        UsageError: a reading grows beyond the dtype.
    """
    lengths = [len(rows) for rows in inputs]
    step = 1
    for number, level in enumerate(network.layers, start=1):
        for layer in level:
            step = ticks_at_once(layer, dtype, len(inputs))
            _record_layer(
                layer,
                (number, layer.direction),
                inputs,
                book,
                starts,
                dtype,
                partial(_pieces, lengths, step),
                titles,
            )
        keys: list[Key] = [(number, layer.direction) for layer in level]
        handed_on = [
            _Outputs(book, keys, k, network.merges[number - 1], length)
            for k, length in enumerate(lengths)
        ]
        inputs = handed_on
    if network.readout is not None:
        for k, rows in enumerate(handed_on):
            rows.ended = network.readout.pooling == "last"
            parts = [slice(t, min(t + step, len(rows))) for t in range(0, len(rows), step)]
            way = -1 if network.answers_at == 0 else 1  # in the order of reading
            parts = parts[::way]
            answers = network.readout.answer(rows[ticks][::way] for ticks in parts)
            for ticks, said in zip(parts, answers, strict=True):
                book.say(k, ticks, said[::way])


def _record_layer(
    layer: Layer,
    key: Key,
    inputs: Sequence[Rows],
    book: Book,
    starts: Mapping[Key, Mapping[str, Array]],
    dtype: DTypeLike,
    pieces: Callable[[], Iterator[tuple[int, int, int]]],
    titles: Sequence[str],
) -> None:
    backward = layer.direction == "backward"
    asked = pieces()

    def room(shapes: Shapes, x: Array) -> dict[str, Array]:
        return book.room(key, shapes, next(asked)[0], len(x))

    def ticks_of(k: int, start: int, stop: int) -> slice:
        """Where a sequence has what the layer reads as its `start`th to `stop`th tick."""
        length = len(inputs[k])
        return slice(length - stop, length - start) if backward else slice(start, stop)

    def read() -> Iterator[Array]:
        for start, stop, count in pieces():
            rows = [inputs[k][ticks_of(k, start, stop)] for k in range(count)]
            x = rows[0] if len(inputs) == 1 else np.stack(rows, axis=1)
            yield (x[::-1] if backward else x).astype(dtype, copy=False)

    # Only what the inputs and the weights are can be too large; NumPy need not warn.
    product = layer.weights.R.size * len(inputs)
    rows = sum(len(one) for one in inputs)
    with np.errstate(over="ignore", invalid="ignore"), threads.for_products(product):
        done = 0
        for records, ticks, finite in walk(layer, read(), starts[key], room, rows):
            # The sum of a gate that is no reading may be infinite.
            if not finite and (found := _overflow(readings_of(layer, records), ticks)):
                name, place, k = found
                where = f"{titles[k]}: at" if titles[k] else "At"
                tick = done + place
                raise UsageError(
                    f"{where} tick {len(inputs[k]) - 1 - tick if backward else tick}, "
                    f"{name} grows beyond {np.dtype(dtype)}; give smaller numbers."
                )
            if ticks.stop == len(records["x"]):
                book.keep(key, done)
                done += ticks.stop


class _Outputs:
    """What a layer's directions handed on for a sequence, as the rows that the next layer reads."""

    def __init__(self, book: Book, keys: Sequence[Key], k: int, merge: Merge, length: int) -> None:
        self._book, self._keys, self._k, self._length = book, keys, k, length
        self._merge: Merge = merge
        self.ended = False  # whether the backward direction is seen as it is at its end

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, ticks: slice, /) -> Array:
        outputs = [self._book.outputs(key, self._k, ticks) for key in self._keys]
        if self.ended and len(outputs) == 2:
            end = self._book.outputs(self._keys[1], self._k, slice(0, 1))
            outputs[1] = np.broadcast_to(end, outputs[1].shape)
        return merged(outputs, self._merge)


def initial_states(
    network: Network, initial: Initial | None, batch: tuple[int, ...], dtype: DTypeLike
) -> dict[Key, dict[str, Array]]:
    """The state that each layer starts from, (units,) or (*batch, units): given, its own, or zero.

    Raises:
        UsageError: an initial state is unknown or has a wrong shape.
    """
    given = _initial_by_name(initial, network)
    # An array of several states has a row for each layer that has such a state.
    holders = {
        state: [id(layer) for _, layer in network.each_layer() if state in layer.cell.state]
        for state in given
    }
    return {
        (number, layer.direction): {
            state: _initial_state(
                layer, state, given.get(state), holders.get(state, []), batch
            ).astype(dtype)
            for state in layer.cell.state
        }
        for number, layer in network.each_layer()
    }


def _initial_by_name(initial: Initial | None, network: Network) -> dict[str, Array]:
    states = tuple(
        dict.fromkeys(state for _, layer in network.each_layer() for state in layer.cell.state)
    )
    if initial is None:
        return {}
    if not isinstance(initial, Mapping):
        if isinstance(initial, tuple):
            if len(initial) > len(states):
                raise UsageError(
                    f"{len(initial)} initial states are given; {network.cell.name} has "
                    f"{len(states)}: {', '.join(states)}."
                )
            initial = dict(zip(states, initial, strict=False))
        else:
            initial = {states[0]: initial}
    for name in initial:
        if name not in states:
            raise UsageError(
                f"There is no initial state '{name}'; {network.cell.name} has: {', '.join(states)}."
            )
    found: dict[str, Array] = {}
    for name, value in initial.items():
        try:
            found[name] = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError):
            raise UsageError(f"The initial {name} holds no numbers; give real numbers.") from None
        if not np.isfinite(found[name]).all():
            raise UsageError(f"The initial {name} holds NaN or infinity; give finite numbers.")
    return found


def _initial_state(
    layer: Layer, name: str, given: Array | None, holders: Sequence[int], batch: tuple[int, ...]
) -> Array:
    """The state of one layer and direction: (..., units), its own or zero unless given."""
    units, count = layer.width(name), len(holders)
    if given is None:
        given = layer.initial.get(name, np.zeros(units))
    elif given.shape == (count, 1, units) and batch != (1,):  # PyTorch's, of one sequence
        given = given[holders.index(id(layer)), 0]
    elif given.shape in ((count, units), (count, *batch, units)):
        given = given[holders.index(id(layer))]
    elif count > 1 or given.shape not in ((units,), (*batch, units)):
        wanted = f"({units},)" if count == 1 else f"({count}, {units}), a row per layer and way"
        wanted += f", or PyTorch's ({count}, 1, {units})"
        raise UsageError(f"The initial {name} has the shape {given.shape}; give {wanted}.")
    return given


def _pieces(lengths: Sequence[int], step: int) -> Iterator[tuple[int, int, int]]:
    """Parts of at most `step` ticks in which as many sequences go on: first, end and how many."""
    start, count = 0, len(lengths)
    while count:
        stop = min(start + step, lengths[count - 1])
        yield start, stop, count
        start = stop
        while count and lengths[count - 1] == start:
            count -= 1


def _overflow(readings: Mapping[str, Array], ticks: slice) -> tuple[str, int, int] | None:
    """The first reading that is not finite at some ticks, where, and of which sequence."""
    for name, array in readings.items():
        new = array[ticks]
        bad = ~np.isfinite(new).all(axis=-1).reshape(len(new), -1)  # (time, sequences)
        if bad.any():
            k = int(np.argmax(bad.any(axis=0)))
            return name, ticks.start + int(np.argmax(bad[:, k])), k
    return None
