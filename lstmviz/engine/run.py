"""From an input to a Trace: choose the network, read the words, walk the layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lstmviz.engine.forward.layers import Initial, Key, initial_states, record
from lstmviz.engine.forward.recorders import InFile, InMemory
from lstmviz.engine.inputs.encode import Feed, Given, feed, network_for, taken
from lstmviz.engine.model.cell import Cell
from lstmviz.engine.model.cells import find_cell
from lstmviz.engine.model.network import Network
from lstmviz.errors import UsageError
from lstmviz.system.atomic_files import check_target, refuse_inputs, whole_file
from lstmviz.trace.file import member, save_into
from lstmviz.trace.recording import Description, Recording
from lstmviz.trace.trace import Trace

Array = NDArray[np.floating[Any]]
Words = Sequence[str] | Mapping[str, int]  # a word per row, or the row of each word
T = TypeVar("T")
U = TypeVar("U")
States = Mapping[Key, Mapping[str, Array]]

TOGETHER = 64  # sequences of a batch that are run side by side


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
    record_to: str | Path | None = None,
    force: bool = False,
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

    `record_to` is a file (.npz) into which the readings are written as the run goes, whole or
    not at all, so that a long one does not fill the memory; the trace then reads them from
    there, as `Trace.load` does, where they are looked at. With `force` it may replace a file
    that lstmviz did not write, or that was changed since.

    >>> trace = run([0.1, 0.5, -1])
    >>> trace.network.title
    'untrained (random weights, seed 0)'
    >>> trace["f"].shape  # three ticks, four units
    (3, 4)
    >>> trace.at("0.5")["f"][0]
    0.56...

    Raises:
        UsageError: something in the input or the options cannot be used; it says what.
        LstmvizError: the file cannot be written, or the numbers differ from those to check.
    """

    if record_to is not None:
        refuse_inputs([record_to], [check])

    def checked(trace: Trace) -> Trace:
        if check is not None:
            from lstmviz.load import check_against

            check_against(trace, check, tolerance)
        return trace

    return run_and(
        checked, input, cell=cell, network=network, hidden=hidden, seed=seed, initial=initial,
        dtype=dtype, vocabulary=vocabulary, embedding=embedding, record_to=record_to,
        force=force,
    )  # fmt: skip


def run_and(
    finish: Callable[[Trace], Trace],
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
    record_to: str | Path | None = None,
    force: bool = False,
) -> Trace:
    """Run a network as `run` does, and let `finish` look at the trace before a file holds it."""
    if record_to is not None:
        refuse_inputs([record_to], [network, vocabulary])
        check_target(record_to, force=force)
    chosen = _chosen(cell, network, hidden, dtype, vocabulary, embedding)
    given = taken(input, chosen)
    network = chosen or _usual([given], cell, hidden, seed)
    fed = feed(given, network)
    states = initial_states(network, initial, (), dtype)
    if record_to is None:
        book = InMemory(network, [len(fed.rows)], dtype)
        record(network, [fed.rows], book, states, dtype)
        return finish(_trace(network, fed, states, book.arrays(0), dtype))
    with whole_file(record_to, ".npz", force=force) as temporary, temporary.open("w+b") as file:
        written = InFile(network, len(fed.rows), dtype, file, record_to)
        record(network, [fed.rows], written, states, dtype)
        trace = finish(_trace(network, fed, states, written.arrays(), dtype))
        save_into(trace, written.npz)
    return Trace.load(record_to)


def run_batch(
    inputs: Sequence[str | ArrayLike],
    *,
    cell: str | Cell | None = None,
    network: Network | str | Path | None = None,
    hidden: int | None = None,
    seed: int | None = None,
    initial: Initial | None = None,
    dtype: str = "float64",
    vocabulary: str | Path | Words | None = None,
    embedding: str | None = None,
) -> tuple[Trace, ...]:
    """Run one network over many sentences, or many sequences of numbers, side by side.

    Gives a trace for each, in their order: that of `run` for this input alone, but for the
    last digits of the rounding. They may be of different lengths. Without a `network`,
    random weights are the same for all; their words are those of all sentences. The options
    are those of `run`; each of the `initial` states is one for all sequences, as in `run`, or
    has a row for each: (sequences, units), or (layers·directions, sequences, units).

    >>> long, short = run_batch(["I will never buy it again.", "Great!"])
    >>> len(long), len(short)
    (7, 2)

    Raises:
        UsageError: there is no input, or one cannot be used; it says which, counted from 1.
    """
    if isinstance(inputs, str):
        raise UsageError("A batch is a list of sentences; for a single one use `run`.")
    many = list(inputs)
    if not many:
        raise UsageError("The batch is empty; give at least one sentence or sequence.")
    titles = [f"Sequence {number}" for number in range(1, len(many) + 1)]
    chosen = _chosen(cell, network, hidden, dtype, vocabulary, embedding)
    given = [_named(t, lambda m: taken(m, chosen), m) for t, m in zip(titles, many, strict=True)]
    _refuse_mixture(given)
    network = chosen or _usual(given, cell, hidden, seed)
    feeds = [_named(t, lambda g: feed(g, network), g) for t, g in zip(titles, given, strict=True)]
    states = initial_states(network, initial, (len(many),), dtype)

    traces: dict[int, Trace] = {}
    for group in _groups([len(one.rows) for one in feeds]):
        book = InMemory(network, [len(feeds[k].rows) for k in group], dtype)
        record(
            network, [feeds[k].rows for k in group], book, _states_of(states, group), dtype,
            [titles[k] for k in group],
        )  # fmt: skip
        for place, k in enumerate(group):
            own = _states_of(states, [k])
            traces[k] = _trace(network, feeds[k], own, book.arrays(place), dtype)
    return tuple(traces[k] for k in range(len(many)))


def _chosen(
    cell: str | Cell | None,
    network: Network | str | Path | None,
    hidden: int | None,
    dtype: str,
    vocabulary: str | Path | Words | None,
    embedding: str | None,
) -> Network | None:
    """The network that was asked for; None where the one for such inputs is wanted."""
    if dtype not in ("float64", "float32"):
        raise UsageError(f"dtype is {dtype!r}; choose float64 or float32.")
    if isinstance(network, (str, Path)):
        # Imported here: a loader needs what runs a network, and few runs need a loader.
        from lstmviz.load import load_network

        network = load_network(network, vocabulary=vocabulary, embedding=embedding)
    elif vocabulary is not None or embedding is not None:
        raise UsageError("A vocabulary and an embedding's name belong to the file of a network.")
    if network is not None:
        _refuse_contradiction(network, cell, hidden)
    return network


def _usual(
    given: Sequence[Given], cell: str | Cell | None, hidden: int | None, seed: int | None
) -> Network:
    """The network for such inputs."""
    kind = cell if isinstance(cell, Cell) else find_cell(cell or "lstm")
    return network_for(given, kind, hidden, seed)


def _trace(
    network: Network, fed: Feed, states: States, arrays: Mapping[str, Array], dtype: str
) -> Trace:
    """The trace of one sequence, of the arrays that were written into its book."""
    description = Description(
        network.cell.name, network.hidden, network.inputs, network.depth, network.directions,
        network.title, network.origin, dtype, network.merges[-1], (*network.notes, *fed.notes),
    )  # fmt: skip
    recordings: dict[Key, Recording] = {}
    for number, layer in network.each_layer():
        names = ("x", *layer.cell.names)
        recordings[number, layer.direction] = Recording.of_finite(
            {name: arrays[member(number, layer.direction, "values", name)] for name in names},
            states[number, layer.direction],
            layer.cell.name,
            layer.cell.spelt,
            layer.weighed,
        )
    return Trace(
        fed.tokens, fed.kind, description, recordings, arrays.get("output"), skipped=fed.skipped
    )


def _groups(lengths: Sequence[int]) -> list[list[int]]:
    """Which sequences are run side by side, the longest first: some of them, of similar length."""
    groups: list[list[int]] = []
    for k in sorted(range(len(lengths)), key=lambda k: -lengths[k]):
        if not groups or len(groups[-1]) == TOGETHER or 2 * lengths[k] < lengths[groups[-1][0]]:
            groups.append([])
        groups[-1].append(k)
    return groups


def _states_of(states: States, group: Sequence[int]) -> States:
    """The states of some sequences of a batch; those of one have no axis of sequences."""
    chosen = group[0] if len(group) == 1 else list(group)
    return {
        key: {name: a if a.ndim == 1 else a[chosen] for name, a in own.items()}
        for key, own in states.items()
    }


def _named(title: str, function: Callable[[T], U], given: T) -> U:
    """What a function makes of one input of a batch; its errors say of which one."""
    try:
        return function(given)
    except UsageError as error:
        raise UsageError(f"{title}: {error}") from error


def _refuse_mixture(given: Sequence[Given]) -> None:
    first = given[0]
    for number, other in enumerate(given, start=1):
        if isinstance(other, list) != isinstance(first, list):
            raise UsageError(
                f"Sequence {number} is of {'words' if isinstance(other, list) else 'numbers'}, "
                "the first is not; a batch is of sentences, or of numbers."
            )
        if not isinstance(other, list) and not isinstance(first, list):
            features, wanted = other.shape[1], first.shape[1]
            if features != wanted:
                raise UsageError(
                    f"Sequence {number} has {features} features at each tick, the first has "
                    f"{wanted}; give each as many."
                )


def _refuse_contradiction(network: Network, cell: str | Cell | None, hidden: int | None) -> None:
    name = cell.name if isinstance(cell, Cell) else cell
    if name is not None and name != network.cell.name:
        raise UsageError(
            f"The network is of {network.cell.name} cells, not of {name}; leave the cell out."
        )
    if hidden is not None and hidden != network.hidden:
        raise UsageError(f"The network has {network.hidden} units, not {hidden}; leave hidden out.")
