"""From an input and a network to a trace: read the words, walk the layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.forward.layers import Initial, initial_states, record
from lstmviz.engine.forward.recorders import InFile, InMemory
from lstmviz.engine.inputs.encode import Given, feed
from lstmviz.engine.inputs.feed import Feed
from lstmviz.engine.inputs.series import Series
from lstmviz.engine.model.network import Network
from lstmviz.errors import UsageError
from lstmviz.system.atomic_files import whole_file
from lstmviz.trace.directions import Key
from lstmviz.trace.file import save_into
from lstmviz.trace.readings import Readings
from lstmviz.trace.recording import Description, Recording
from lstmviz.trace.trace import Trace

Array = NDArray[np.floating[Any]]
T = TypeVar("T")
U = TypeVar("U")
States = Mapping[Key, Mapping[str, Array]]

_NUMBERS = (np.ndarray, Series)
TOGETHER = 64  # sequences of a batch that are run side by side


@dataclass
class Run:
    """What a network computed; while its file is not whole, another `trace` may take its place."""

    trace: Trace


def run_network(network: Network, given: Given, *, initial: Initial | None = None) -> Trace:
    """Run a network over an input, words or numbers (time, features), and keep all of it.

    `initial` is that of `lstmviz.run`.

    Raises:
        UsageError: the network does not read such an input, or has no such state.
    """
    with recording(network, given, initial=initial) as run:
        return run.trace


@contextmanager
def recording(
    network: Network,
    given: Given,
    *,
    initial: Initial | None = None,
    dtype: str = "float64",
    record_to: str | Path | None = None,
    force: bool = False,
) -> Iterator[Run]:
    """Run a network and give what it computed, for a block in which that is looked at.

    When the block ends well, the file `record_to` appears with the trace of the run, which is
    read from there from then on; when it fails, there is no file. `initial`, `record_to` and
    `force` are those of `lstmviz.run`.

    Raises:
        UsageError: the network does not read such an input, or has no such state.
        LstmvizError: the file cannot be written.
    """
    fed = feed(given, network)
    states = initial_states(network, initial, (), dtype)
    if record_to is None:
        book = InMemory(network, [len(fed.rows)], dtype)
        record(network, [fed.rows], book, states, dtype)
        yield Run(_trace(network, fed, states, *book.written(0), dtype))
        return
    with whole_file(record_to, ".npz", force=force) as temporary, temporary.open("w+b") as file:
        written = InFile(network, len(fed.rows), dtype, file, record_to)
        record(network, [fed.rows], written, states, dtype)
        run = Run(_trace(network, fed, states, *written.written(), dtype))
        yield run
        save_into(run.trace, written.npz)
    run.trace = replace(Trace.load(record_to), made_by=network)


def run_network_batch(
    network: Network,
    given: Sequence[Given],
    *,
    initial: Initial | None = None,
    dtype: str = "float64",
) -> tuple[Trace, ...]:
    """Run a network over many inputs side by side, and give a trace for each, in their order.

    Each of the `initial` states is one for all, or has a row for each input.

    Raises:
        UsageError: the network does not read one of them; it says which, counted from 1.
    """
    titles = [title(number) for number in range(1, len(given) + 1)]
    feeds = [named(t, lambda g: feed(g, network), g) for t, g in zip(titles, given, strict=True)]
    states = initial_states(network, initial, (len(given),), dtype)

    traces: dict[int, Trace] = {}
    for group in _groups([len(one.rows) for one in feeds]):
        book = InMemory(network, [len(feeds[k].rows) for k in group], dtype)
        record(
            network,
            [feeds[k].rows for k in group],
            book,
            _states_of(states, group),
            dtype,
            [titles[k] for k in group],
        )
        for place, k in enumerate(group):
            own = _states_of(states, [k])
            traces[k] = _trace(network, feeds[k], own, *book.written(place), dtype)
    return tuple(traces[k] for k in range(len(given)))


def title(number: int) -> str:
    """Name an input of a batch, counted from 1."""
    return f"Sequence {number}"


def _trace(
    network: Network,
    fed: Feed,
    states: States,
    written: Mapping[Key, Readings],
    said: Array | None,
    dtype: str,
) -> Trace:
    """The trace of one sequence, of what was written into its book."""
    description = Description(
        network.cell.name,
        network.hidden,
        network.inputs,
        network.depth,
        network.directions,
        network.title,
        network.origin,
        dtype,
        network.merges[-1],
        (*network.notes, *fed.notes),
        network.source,
        "" if network.readout is None else network.readout.kind,
        () if network.readout is None else network.readout.labels,
        fed.folded,
    )
    recordings: dict[Key, Recording] = {}
    for number, layer in network.each_layer():
        recordings[number, layer.direction] = Recording.of_finite(
            written[number, layer.direction],
            states[number, layer.direction],
            layer.cell.name,
            layer.cell.spelt,
            layer.notation,
        )
    return Trace(
        fed.tokens,
        fed.kind,
        description,
        recordings,
        said,
        skipped=fed.skipped,
        features=fed.features,
        made_by=network,
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


def named(title: str, function: Callable[[T], U], given: T) -> U:
    """What a function makes of one input of a batch; its errors say of which one."""
    try:
        return function(given)
    except UsageError as error:
        raise UsageError(f"{title}: {error}") from error


def refuse_mixture(given: Sequence[Given]) -> None:
    """Refuse a batch of words and numbers, or of numbers of several widths."""
    first = given[0]
    for number, other in enumerate(given, start=1):
        if isinstance(other, _NUMBERS) != isinstance(first, _NUMBERS):
            raise UsageError(
                f"Sequence {number} is of {'numbers' if isinstance(other, _NUMBERS) else 'words'}"
                ", the first is not; a batch is of sentences, or of numbers."
            )
        if isinstance(other, _NUMBERS) and isinstance(first, _NUMBERS):
            features, wanted = other.shape[1], first.shape[1]
            if features != wanted:
                raise UsageError(
                    f"Sequence {number} has {features} features at each tick, the first has "
                    f"{wanted}; give each as many."
                )
