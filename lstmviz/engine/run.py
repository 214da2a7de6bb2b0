"""From an input to a Trace: choose the network, read the words, walk the layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lstmviz.engine.cell import Cell
from lstmviz.engine.cells import find_cell
from lstmviz.engine.inputs import as_numbers
from lstmviz.engine.network import Layer, Merge, Network, seeded
from lstmviz.engine.recurrence import unroll
from lstmviz.engine.words import distinct, look_up, tokenise
from lstmviz.errors import UsageError
from lstmviz.trace import Description, Direction, Recording, Token, Trace

Array = NDArray[np.floating[Any]]
Initial = Mapping[str, ArrayLike] | tuple[ArrayLike, ...] | ArrayLike
Words = Sequence[str] | Mapping[str, int]  # a word per row, or the row of each word

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
    vocabulary: str | Path | Words | None = None,
    embedding: str | None = None,
    check: ArrayLike | str | Path | None = None,
    tolerance: float | None = None,
) -> Trace:
    """Run a network over a sentence or numbers and keep everything that it computes.

    A sentence runs on the trained network of the cell that comes with lstmviz (an LSTM
    unless `cell` says otherwise); where there is none, or when `hidden` or `seed` is given,
    on random weights. Numbers, (time,) or (time, features), run on random weights. The
    trace's `network.title` says which it was. `network` is one of your own, or its file: of
    lstmviz, PyTorch, Keras or ONNX; `vocabulary` and `embedding` belong to such a file, as in
    `load_network`. `hidden` is 4 and `seed` 0 unless given. `initial` is a state by name ("h",
    "c") or in the cell's order: (units,), or (layers·directions, units) for several.

    A network with an embedding also takes the numbers of its rows, (time,), for words. `check`
    is what the framework itself gave for this input, or its .npy file: the run is refused when
    they differ by more than `tolerance`, as in `check_against`.

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
        # Imported here: a loader needs what runs a network, and few runs need a loader.
        from lstmviz.engine.load import load_network

        network = load_network(network, vocabulary=vocabulary, embedding=embedding)
    elif vocabulary is not None or embedding is not None:
        raise UsageError("A vocabulary and an embedding's name belong to the file of a network.")
    if network is not None:
        _refuse_contradiction(network, cell, hidden)
    kind = cell if isinstance(cell, Cell) else find_cell(cell or "lstm")

    if isinstance(input, str):
        texts = tokenise(input)
        if network is None:
            network = _network_for_words(kind, texts, hidden, seed)
        if network.embedding is None:
            raise UsageError(
                "The network reads numbers, not words; give numbers or another network."
            )
        if network.vocabulary is None:
            raise UsageError(
                f"The network has an embedding of {len(network.embedding)} rows but no vocabulary; "
                "pass one with a word for each row, as JSON or as text with a word per line."
            )
        rows, known = look_up(texts, network.vocabulary, network.unknown)
        x: Array = network.embedding[rows]
        tokens = tuple(Token(*pair) for pair in zip(texts, known, strict=True))
    else:
        x = as_numbers(input)
        if network is None:
            network = seeded(kind, x.shape[1], *_sizes(hidden, seed))
        numbers = x
        if network.embedding is not None and x.shape[1] == 1 != network.inputs:
            x = network.embedding[_rows(x[:, 0], len(network.embedding))]
        if x.shape[1] != network.inputs:
            raise UsageError(
                f"The input has {x.shape[1]} features at each tick, but the network takes "
                f"{network.inputs}; give (time, {network.inputs})."
            )
        tokens = tuple(Token(text) for text in _texts(numbers, network))
    notes = network.notes
    if network.length is not None and network.length < len(x):
        notes = (*notes, f"the network reads {network.length} of the {len(x)} ticks")
        x, tokens = x[: network.length], tokens[: network.length]

    with np.errstate(over="ignore", invalid="ignore"):
        x = x.astype(dtype)
        recordings, output = run_network(network, x, initial)
    _refuse_overflow(recordings, dtype)
    description = Description(
        network.cell.name, network.hidden, network.inputs, network.depth, network.directions,
        network.title, network.origin, dtype, network.merges[-1], notes,
    )  # fmt: skip
    layers = {(n, layer.direction): layer for n, layer in network.each_layer()}
    trace = Trace(
        tokens,
        "words" if isinstance(input, str) else "numbers",
        description,
        {
            key: Recording(*parts, layers[key].cell.name, layers[key].cell.spelt)
            for key, parts in recordings.items()
        },
        output,
    )
    if check is not None:
        from lstmviz.engine.load import check_against

        check_against(trace, check, tolerance)
    return trace


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
    given = _initial_by_name(initial, network)
    # An array of several states has a row for each layer that has such a state.
    holders = {
        state: [id(layer) for _, layer in network.each_layer() if state in layer.cell.state]
        for state in given
    }
    recorded: Recorded = {}
    for number, level in enumerate(network.layers, start=1):
        outputs = []
        for layer in level:
            start = {
                state: _initial_state(layer, state, given.get(state), holders.get(state, []), x)
                for state in layer.cell.state
            }
            values = unroll(layer, x, start)
            recorded[number, layer.direction] = (values, start)
            outputs.append(values[layer.cell.output])
        x = merged(outputs, network.merges[number - 1])
    if network.readout is None:
        return recorded, None
    W, b = network.readout
    return recorded, (x @ W.T + b).astype(x.dtype)


def merged(outputs: Sequence[Array], merge: Merge) -> Array:
    """The outputs (..., units) of one or two directions as what the next layer sees."""
    if len(outputs) == 1:
        return outputs[0]
    forward, backward = outputs
    both: Array
    match merge:
        case "concat":
            both = np.concatenate(outputs, axis=-1)
        case "sum":
            both = forward + backward
        case "ave":
            both = (forward + backward) / 2
        case "mul":
            both = forward * backward
    return both


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
    layer: Layer, name: str, given: Array | None, holders: Sequence[int], x: Array
) -> Array:
    """The state of one layer and direction: (..., units), its own or zero unless given."""
    batch, units, count = x.shape[1:-1], layer.width(name), len(holders)
    if given is None:
        given = layer.initial.get(name, np.zeros(units))
    elif given.shape in ((count, units), (count, *batch, units)):
        given = given[holders.index(id(layer))]
    elif count > 1 or given.shape not in ((units,), (*batch, units)):
        wanted = f"({units},)" if count == 1 else f"({count}, {units}), a row per layer and way"
        raise UsageError(f"The initial {name} has the shape {given.shape}; give {wanted}.")
    state: Array = given.astype(x.dtype)
    return state


def _rows(numbers: Array, count: int) -> list[int]:
    """The embedding's rows that are meant by numbers, checked."""
    rows = numbers.astype(np.int64)
    bad = (rows != numbers) | (rows < 0) | (rows >= count)
    if bad.any():
        raise UsageError(
            f"The network's embedding has the rows 0 to {count - 1}, but tick "
            f"{int(np.argmax(bad))} asks for {numbers[bad][0]:g}; give words or numbers of rows."
        )
    return [int(row) for row in rows]


def _texts(x: Array, network: Network) -> list[str]:
    """What is written at each tick of numbers (time, features)."""
    if x.shape[1] > 1:
        return [f"t={k}" for k in range(len(x))]
    if network.inputs == 1 or network.vocabulary is None:
        return [f"{value:g}" for value in x[:, 0] + 0.0]  # no -0
    words = (network.vocabulary[int(row)] for row in x[:, 0])
    return [word or f"{row:g}" for word, row in zip(words, x[:, 0], strict=True)]


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
