"""From an input to a Trace: choose the network, read the words, walk the layers."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lstmviz.engine.cell import Cell
from lstmviz.engine.cells import find_cell
from lstmviz.engine.inputs import as_numbers
from lstmviz.engine.network import Network, seeded
from lstmviz.engine.recurrence import unroll
from lstmviz.engine.words import distinct, look_up, tokenise
from lstmviz.errors import UsageError
from lstmviz.trace import Description, Direction, Recording, Token, Trace

Array = NDArray[np.floating[Any]]
Initial = Mapping[str, ArrayLike] | tuple[ArrayLike, ...] | ArrayLike

WORD_VALUES = 4  # length of a word's vector in an untrained network


def run(
    input: str | ArrayLike,
    *,
    cell: str | Cell | None = None,
    network: Network | str | Path | None = None,
    hidden: int | None = None,
    seed: int | None = None,
    initial: Initial | None = None,
    dtype: str = "float64",
) -> Trace:
    """Run a network over a sentence or numbers and keep everything that it computes.

    A sentence runs on the trained network of the cell that comes with lstmviz (an LSTM
    unless `cell` says otherwise); where there is none, or when `hidden` or `seed` is given,
    on random weights. Numbers, (time,) or (time, features), run on random weights. The
    trace's `network.title` says which it was. `network` is one of your own, or its file.
    `hidden` is 4 and `seed` 0 unless given. `initial` is a state by name ("h", "c") or in the
    cell's order: (units,), or (layers·directions, units) for several.

    >>> trace = run([0.1, 0.5, -1])
    >>> trace.network.title
    'untrained (random weights, seed 0)'
    >>> trace["f"].shape  # three ticks, four units
    (3, 4)
    >>> trace.at("0.5")["f"][0]
    0.56...

    Raises:
        UsageError: something in the input or the options cannot be used; it says what.
    """
    if dtype not in ("float64", "float32"):
        raise UsageError(f"dtype is {dtype!r}; choose float64 or float32.")
    if isinstance(network, (str, Path)):
        network = Network.load(network)
    if network is not None:
        _refuse_contradiction(network, cell, hidden)
    kind = cell if isinstance(cell, Cell) else find_cell(cell or "lstm")

    if isinstance(input, str):
        texts = tokenise(input)
        if network is None:
            network = _network_for_words(kind, texts, hidden, seed)
        if network.embedding is None or network.vocabulary is None:
            raise UsageError(
                "The network reads numbers, not words; give numbers or another network."
            )
        rows, known = look_up(texts, network.vocabulary)
        x: Array = network.embedding[rows]
        tokens = tuple(Token(*pair) for pair in zip(texts, known, strict=True))
    else:
        x = as_numbers(input)
        if network is None:
            network = seeded(kind, x.shape[1], *_sizes(hidden, seed))
        if x.shape[1] != network.inputs:
            raise UsageError(
                f"The input has {x.shape[1]} features at each tick, but the network takes "
                f"{network.inputs}; give (time, {network.inputs})."
            )
        texts = [f"{v[0]:g}" for v in x] if x.shape[1] == 1 else [f"t={k}" for k in range(len(x))]
        tokens = tuple(Token(text) for text in texts)

    with np.errstate(over="ignore", invalid="ignore"):
        x = x.astype(dtype)
        recordings, output = run_network(network, x, initial)
    _refuse_overflow(recordings, dtype)
    description = Description(
        network.cell.name, network.hidden, network.inputs, network.depth, network.directions,
        network.title, network.origin, dtype,
    )  # fmt: skip
    return Trace(
        tokens,
        "words" if isinstance(input, str) else "numbers",
        description,
        {key: Recording(*parts) for key, parts in recordings.items()},
        output,
    )


Recorded = dict[tuple[int, Direction], tuple[dict[str, Array], dict[str, Array]]]


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
    count = sum(len(level) for level in network.layers)
    given = _initial_by_name(initial, network, count)
    recorded: Recorded = {}
    index = 0
    for number, level in enumerate(network.layers, start=1):
        outputs = []
        for layer in level:
            start = {
                state: _initial_state(given.get(state), state, layer.hidden, index, count, x)
                for state in layer.cell.state
            }
            values = unroll(layer, x, start)
            recorded[number, layer.direction] = (values, start)
            outputs.append(values[layer.cell.output])
            index += 1
        x = outputs[0] if len(outputs) == 1 else np.concatenate(outputs, axis=-1)
    if network.readout is None:
        return recorded, None
    W, b = network.readout
    return recorded, (x @ W.T + b).astype(x.dtype)


def _initial_by_name(initial: Initial | None, network: Network, count: int) -> dict[str, Array]:
    states = network.cell.state
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
    given: Array | None, name: str, units: int, index: int, count: int, x: Array
) -> Array:
    """The state of one layer and direction: (..., units), zero unless given."""
    batch = x.shape[1:-1]
    if given is None:
        given = np.zeros(units)
    elif given.shape in ((count, units), (count, *batch, units)):
        given = given[index]
    elif count > 1 or given.shape not in ((units,), (*batch, units)):
        wanted = f"({units},)" if count == 1 else f"({count}, {units}), a row per layer and way"
        raise UsageError(f"The initial {name} has the shape {given.shape}; give {wanted}.")
    state: Array = given.astype(x.dtype)
    return state


def _network_for_words(
    cell: Cell, texts: list[str], hidden: int | None, seed: int | None
) -> Network:
    trained = files("lstmviz.engine.demo") / f"{cell.name}.npz"
    if hidden is None and seed is None and trained.is_file():
        # Imported here: the demo networks are made with this module.
        from lstmviz.engine.demo import demo_network

        return demo_network(cell.name)
    hidden, seed = _sizes(hidden, seed)
    return seeded(cell, WORD_VALUES, hidden, seed, vocabulary=distinct(texts))


def _sizes(hidden: int | None, seed: int | None) -> tuple[int, int]:
    return (4 if hidden is None else hidden), (0 if seed is None else seed)


def _refuse_contradiction(network: Network, cell: str | Cell | None, hidden: int | None) -> None:
    name = cell.name if isinstance(cell, Cell) else cell
    if name is not None and name != network.cell.name:
        raise UsageError(
            f"The network is of {network.cell.name} cells, not of {name}; leave the cell out."
        )
    if hidden is not None and hidden != network.hidden:
        raise UsageError(f"The network has {network.hidden} units, not {hidden}; leave hidden out.")


def _refuse_overflow(recordings: Recorded, dtype: str) -> None:
    for values, _ in recordings.values():
        for name, array in values.items():
            bad = ~np.isfinite(array).all(axis=-1)
            if bad.any():
                raise UsageError(
                    f"At tick {int(np.argmax(bad))}, {name} grows beyond {dtype}; "
                    "give smaller numbers."
                )
