"""What stands after the recurrent layers of a Keras model, and before them, as its graph says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Matrix, Output, Stack
from lstmviz.load.keras.cells import Stored
from lstmviz.load.keras.config import Entry, config_of_one
from lstmviz.load.keras.way import POOLINGS, Step, Way, step

Array = NDArray[np.floating[Any]]
Reader = Callable[[Entry], list[Stored]]

_MOST = 100  # layers that follow one another
_STEPS = 1_000  # layers in all ways together


def with_readout(
    stack: Stack,
    by_name: Mapping[str, Entry],
    after: Mapping[str, Sequence[Entry]],
    stored: Reader,
    major: int | None,
) -> Stack:
    """The stack with what follows it, or with the reason why that cannot be read.

    `after` gives the layers that read what one gives.
    """
    last = by_name[stack.last]
    ways, problems = _followed(stack, last, after, stored, major)
    if not ways:
        return replace(stack, unread=problems[0] if problems else "")
    notes = [f"one of the model's answers is not read: {problem}" for problem in problems]
    return replace(
        stack,
        answers=tuple(Output(name, way.told(), way.readout) for name, way in ways),
        assumed=(*stack.assumed, *notes),
    )


def rows_before(
    entry: Entry,
    by_name: Mapping[str, Entry],
    tables: Mapping[str, Matrix],
    stored: Reader,
    major: int | None,
) -> tuple[str, Matrix] | None:
    """The embedding whose rows a layer is fed, and the rows as what stands between makes them.

    None if no embedding does, or if that is more than a function of each row.
    """
    between: list[Entry] = []
    for _ in range(_MOST):
        if len(entry.sources) != 1 or any(entry.taken):
            return None
        entry = by_name[entry.sources[0]]
        if entry.name in tables:
            break
        between.insert(0, entry)
    else:
        return None
    table = tables[entry.name]
    way = Way(table.width, True, "each", masked=True)
    try:
        if not all(step(way, one, partial(stored, one), major) for one in between):
            return None
    except UsageError:
        return None
    if not (way.sequence and way.steps):
        return None

    def read_rows() -> Array:
        rows: Array = way.readout().dense_of(table.read())
        return rows

    names = " → ".join([table.name, *(step.name for step in way.steps)])
    return table.name, Matrix(names, table.rows, way.width, read_rows, True)


def _followed(
    stack: Stack,
    last: Entry,
    after: Mapping[str, Sequence[Entry]],
    stored: Reader,
    major: int | None,
) -> tuple[list[tuple[str, Way]], list[str]]:
    """What follows a layer up to each output of the model, in the order of these.

    Gives the output's layer with the way there, and why others cannot be read: a layer follows
    that is not understood, or several that read the same meet again.
    """
    config = config_of_one(last)
    start = Way(stack.outputs, bool(config.get("return_sequences")), "last", stack.mask is not None)
    start.backward = [found.direction for found in stack.levels[-1]] == ["backward"]
    if start.sequence:
        start.pooling = "each"
    found: list[tuple[int, str, Way]] = []
    problems: list[str] = []
    todo = [(last, start, 0)]
    met = set[str]()  # layers that put poolings side by side
    for _ in range(_STEPS):
        if not todo:
            break
        entry, way, number = todo.pop(0)
        readers = after.get(entry.name, ())
        if way.steps and (entry.output is not None or not readers):
            found.append((_MOST if entry.output is None else entry.output, entry.name, way))
        try:
            if readers and entry is last:
                _check_start(stack, last, way)
            if readers and number == _MOST:
                raise UsageError(f"more than {_MOST} layers follow")
        except UsageError as problem:
            problems.append(str(problem))
            continue
        if way.sequence and not way.steps:
            for joint in _joints(entry, after):
                met.add(joint.name)
                try:
                    joined = _joined(joint, readers, way, stored, major)
                    todo.append((joint, joined, number + 2))
                except UsageError as problem:
                    problems.append(str(problem))
        for reader in readers:
            if reader.name in met:
                continue
            try:
                todo.append((reader, _on(way, entry, reader, last, stored, major), number + 1))
            except UsageError as problem:
                problems.append(str(problem))
        if len(readers) > 1 and not found and not todo:
            problems.insert(0, f"several layers read what '{entry.name}' gives")
    found.sort(key=lambda one: one[0])
    return [(name, way) for _, name, way in found], [*dict.fromkeys(problems)]


def _on(
    way: Way, entry: Entry, reader: Entry, last: Entry, stored: Reader, major: int | None
) -> Way:
    """The way one layer on, to that which reads what an entry gives.

    Raises:
        UsageError: it is not understood.
    """
    what = f"'{reader.name}' ({reader.kind})"
    way = replace(way, steps=[*way.steps])
    if len(reader.sources) > 1:
        raise UsageError(f"{what} follows, which reads several layers or states")
    if any(reader.taken):
        if entry is not last or reader.taken != (1,) or last.kind not in ("LSTM", "GRU"):
            raise UsageError(f"{what} follows, which reads a state of '{entry.name}'")
        way.sequence, way.pooling = False, "last"  # its h
    if "LSTM" in reader.kind or "RNN" in reader.kind or reader.kind in ("GRU", "Bidirectional"):
        raise UsageError(f"{what} follows, which is a recurrent layer itself")
    if not step(way, reader, partial(stored, reader), major):
        raise UsageError(f"{what} follows, which is not understood")
    return way


def _joints(entry: Entry, after: Mapping[str, Sequence[Entry]]) -> list[Entry]:
    """The layers that put several poolings of an entry's outputs side by side, and nothing else."""
    pooled = {
        one.name
        for one in after.get(entry.name, ())
        if one.sources == (entry.name,)
        and not any(one.taken)
        and (one.kind in POOLINGS or one.last_step)
    }
    joints = {one.name: one for name in sorted(pooled) for one in after.get(name, ())}
    return [
        one
        for one in joints.values()
        if one.kind == "Concatenate"
        and one.ours
        and one.config.get("axis") in (-1, 1)
        and not any(one.taken)
        and len({*one.sources}) > 1
        and {*one.sources} <= pooled
    ]


def _joined(
    joint: Entry, readers: Sequence[Entry], way: Way, stored: Reader, major: int | None
) -> Way:
    """The way to a layer that puts side by side what these readers make of the outputs.

    Raises:
        UsageError: one of these looks at steps that are masked, or is not understood.
    """
    by_name = {one.name: one for one in readers}
    poolings = []
    for source in joint.sources:
        one, reader = replace(way, steps=[]), by_name[source]
        if not step(one, reader, partial(stored, reader), major) or one.sequence:
            raise UsageError(f"'{reader.name}' ({reader.kind}) follows, which is not understood")
        poolings.append(one.pooling)
    width = way.width * len(poolings)
    return replace(
        way,
        width=width,
        sequence=False,
        pooling="+".join(poolings),
        steps=[Step(joint.name, width)],
    )


def _check_start(stack: Stack, last: Entry, way: Way) -> None:
    """Refuse what no answer can be told of after each step."""
    if last.kind == "TimeDistributed":
        raise UsageError(f"'{last.name}' runs within TimeDistributed, over which more follows")
    if way.sequence:
        return
    if way.masked and config_of_one(last).get("zero_output_for_mask"):
        raise UsageError(f"'{last.name}' gives zeros where the last step is masked")
