"""From an input to a trace: choose or load the network, then run it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Unpack

from numpy.typing import ArrayLike

from lstmviz.demo.choose import network_for
from lstmviz.engine.forward.layers import Initial
from lstmviz.engine.inputs.encode import Given, taken
from lstmviz.engine.model.cell import Cell
from lstmviz.engine.model.cells import find_cell
from lstmviz.engine.model.network import Network
from lstmviz.engine.run import Run, named, recording, refuse_mixture, run_network_batch, title
from lstmviz.errors import UsageError
from lstmviz.load.options import PATHS, WITHOUT_FILE, FileOptions, check_options, refuse_options
from lstmviz.load.verify import check_against
from lstmviz.system.atomic_files import check_target, refuse_inputs
from lstmviz.trace.trace import Trace


def run(
    input: str | ArrayLike,
    *,
    cell: str | Cell | None = None,
    network: Network | str | Path | None = None,
    hidden: int | None = None,
    seed: int | None = None,
    initial: Initial | None = None,
    dtype: str = "float64",
    check: ArrayLike | str | Path | None = None,
    tolerance: float | None = None,
    record_to: str | Path | None = None,
    force: bool = False,
    **options: Unpack[FileOptions],
) -> Trace:
    """Run a network over a sentence or numbers and keep everything that it computes.

    A sentence runs on the trained network of the cell that comes with lstmviz (an LSTM
    unless `cell` says otherwise); where there is none, or when `hidden` or `seed` is given,
    on random weights. A list of texts is a list of tokens, each as it is. Numbers, (time,) or
    (time, features), run on random weights; they may be a `Series`, or a DataFrame or Series of
    pandas or polars, whose columns are the features and whose index of dates the times. The
    trace's `network.title` says which it was. `network` is one of your own, or its file: of
    lstmviz, PyTorch, Keras or ONNX; `vocabulary`, `part` and all other `options` of
    `load_network` belong to such a file. `hidden` is 4 and `seed` 0 unless given. `initial` is a
    state by name ("h", "c") or in the cell's order: (units,), or (layers·directions, units) for
    several, or (layers·directions, 1, units) as PyTorch has them.

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
    with running(
        input,
        cell=cell,
        network=network,
        hidden=hidden,
        seed=seed,
        initial=initial,
        dtype=dtype,
        record_to=record_to,
        force=force,
        **options,
    ) as made:
        if check is not None:
            check_against(made.trace, check, tolerance)
    return made.trace


@contextmanager
def running(
    input: str | ArrayLike,
    *,
    cell: str | Cell | None = None,
    network: Network | str | Path | None = None,
    hidden: int | None = None,
    seed: int | None = None,
    initial: Initial | None = None,
    dtype: str = "float64",
    record_to: str | Path | None = None,
    force: bool = False,
    **options: Unpack[FileOptions],
) -> Iterator[Run]:
    """Run a network as `run` does, for a block that looks at the trace before a file holds it.

    The file appears when the block ends well, and the run's `trace` is read from there then.
    """
    if record_to is not None:
        refuse_inputs([record_to], [network, *map(options.get, PATHS)])
        check_target(record_to, force=force)
    chosen = _chosen(cell, network, hidden, seed, dtype, options)
    given = taken(input, chosen)
    network = chosen or _usual([given], cell, hidden, seed)
    with recording(
        network, given, initial=initial, dtype=dtype, record_to=record_to, force=force
    ) as made:
        yield made


def run_batch(
    inputs: Sequence[str | ArrayLike],
    *,
    cell: str | Cell | None = None,
    network: Network | str | Path | None = None,
    hidden: int | None = None,
    seed: int | None = None,
    initial: Initial | None = None,
    dtype: str = "float64",
    **options: Unpack[FileOptions],
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
    chosen = _chosen(cell, network, hidden, seed, dtype, options)
    given = [
        named(title(number), lambda one: taken(one, chosen), one)
        for number, one in enumerate(many, start=1)
    ]
    refuse_mixture(given)
    network = chosen or _usual(given, cell, hidden, seed)
    return run_network_batch(network, given, initial=initial, dtype=dtype)


def _chosen(
    cell: str | Cell | None,
    network: Network | str | Path | None,
    hidden: int | None,
    seed: int | None,
    dtype: str,
    options: FileOptions,
) -> Network | None:
    """The network that was asked for; None where the one for such inputs is wanted."""
    if dtype not in ("float64", "float32"):
        raise UsageError(f"dtype is {dtype!r}; choose float64 or float32.")
    check_options(options)
    if seed is not None and network is not None:
        raise UsageError("The network has its weights; leave seed= out.")
    if network is not None and not isinstance(network, Network | str | Path):
        raise UsageError(
            f"network= is {type(network).__name__}; give a Network or its file. Modules and layers "
            "in memory become one with from_torch and from_keras."
        )
    if isinstance(network, (str, Path)):
        # Imported here: few runs need a loader.
        from lstmviz.load.assemble import load_network

        network = load_network(network, **options)
    else:
        refuse_options(options, WITHOUT_FILE)
    if network is not None:
        _refuse_contradiction(network, cell, hidden)
    return network


def _usual(
    given: Sequence[Given], cell: str | Cell | None, hidden: int | None, seed: int | None
) -> Network:
    """The network for such inputs."""
    kind = cell if isinstance(cell, Cell) else find_cell(cell or "lstm")
    return network_for(given, kind, hidden, seed)


def _refuse_contradiction(network: Network, cell: str | Cell | None, hidden: int | None) -> None:
    name = cell.name if isinstance(cell, Cell) else cell
    if name is not None and name.casefold() != network.cell.name:
        raise UsageError(
            f"The network is of {network.cell.name} cells, not of {name}; leave the cell out."
        )
    if hidden is not None and hidden != network.hidden:
        raise UsageError(f"The network has {network.hidden} units, not {hidden}; leave hidden out.")
