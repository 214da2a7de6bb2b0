"""A trace as a table in the terminal: words down, readings across, coloured by value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import IO, TYPE_CHECKING

import numpy as np
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from lstmviz.errors import UsageError
from lstmviz.notation import MINUS, quantity, shown
from lstmviz.stage.theme import DARK

if TYPE_CHECKING:
    from lstmviz.notation import Scale
    from lstmviz.trace import Array, Trace

WIDEST = 8  # units that are all printed
FEWEST = 4  # of a wider state
LONGEST = 20  # columns of a word


Line = list[tuple[str, str]]  # pieces of text, each with its style


@dataclass(frozen=True)
class Group:
    """The columns of one reading: (time, units) values, and which units they are."""

    name: str
    scale: Scale
    values: Array  # (time, units)
    units: tuple[int, ...]
    digits: int  # columns of a value

    @property
    def width(self) -> int:
        """Columns of the whole group."""
        return len(self.units) * (self.digits + 1) - 1


def print_table(
    trace: Trace, names: Sequence[str] | None, units: Sequence[int] | None, file: IO[str]
) -> None:
    """Print the readings of a trace; what is too wide for the terminal follows below.

    `names` are the readings (None: gates and states, ["all"]: all), `units` are from 0.
    In a pipe there are no colours, and lines are as long as they need to be.

    Raises:
        UsageError: the trace has no such reading or unit.
    """
    console = Console(file=file, highlight=False, emoji=False)
    groups = [_group(trace, name, units) for name in _chosen(trace, names)]
    label = _Label(trace)
    room = console.width - label.width if console.is_terminal else None
    minus = MINUS if _writable(MINUS, console.encoding) else "-"
    title: Line = [(trace.network.title or trace.cell, "bold")]
    for line in (title, *_notes(trace, groups), *_lines(label, groups, room)):
        pieces = [(text.replace(MINUS, minus), style) for text, style in line]
        if console.is_terminal:
            console.print(Text.assemble(*pieces), soft_wrap=True)
        else:  # rich takes ten times as long, for nothing
            file.write("".join(text for text, _ in pieces).rstrip() + "\n")


def _chosen(trace: Trace, names: Sequence[str] | None) -> list[str]:
    if names == ["all"]:
        return list(trace.names)
    if names is not None:
        return list(dict.fromkeys(names))
    gates = [
        name
        for name in trace.names
        if quantity(name, cell=trace.cell).is_gate and f"a_{name}" in trace.names
    ]
    return [*gates, *reversed(list(trace.initial))]


def _group(trace: Trace, name: str, units: Sequence[int] | None) -> Group:
    values = trace[name]
    count = values.shape[1]
    # The same units of every reading, those whose output moves most, so that they compare.
    own = count != trace.network.hidden
    leading = values if own else trace[next(iter(trace.initial))]
    if units is not None and not own:
        if max(units) >= count:
            raise UsageError(f"There is no unit {max(units) + 1}; the network has {count}.")
        columns = tuple(units)
    else:
        columns = tuple(range(count)) if count <= WIDEST else moving(leading, FEWEST)
    scale = quantity(name, cell=trace.cell).scale
    picked = values[:, columns]
    ends = [shown(float(value), scale) for value in (picked.min(), picked.max())]
    longest = max([4, *map(len, ends), *(len(str(unit + 1)) for unit in columns)])
    if np.abs(picked).max() >= 9.995:  # between the ends may stand longer ones, as 9.99 does
        longest = max(longest, *(len(shown(float(value), scale)) for value in picked.flat))
    return Group(name, scale, picked, columns, longest)


def moving(values: Array, count: int) -> tuple[int, ...]:
    """Choose the units of (time, units) values that move most over time, in their order."""
    start = np.zeros((1, values.shape[1]))
    travelled = np.abs(np.diff(values, axis=0, prepend=start)).sum(axis=0)
    return tuple(sorted(np.argsort(-travelled, kind="stable")[:count].tolist()))


def _notes(trace: Trace, groups: Sequence[Group]) -> list[Line]:
    notes = []
    hidden = trace.network.hidden
    fewer = {len(g.units) for g in groups if trace[g.name].shape[1] == hidden} - {hidden}
    if fewer:
        notes.append(f"{min(fewer)} of {hidden} units; choose others with --units.")
    if not all(token.known for token in trace.tokens):
        notes.append("? marks a word that the network does not know.")
    return [[(note, "dim")] for note in notes]


class _Label:
    """The first columns: the number and the word of a tick."""

    def __init__(self, trace: Trace) -> None:
        self.tokens = trace.tokens
        self.number = len(str(len(trace)))
        longest = max(cell_len(token.text) + (not token.known) for token in trace.tokens)
        self.word = min(longest, LONGEST)
        self.width = self.number + 1 + self.word

    def __call__(self, tick: int) -> Line:
        token = self.tokens[tick]
        room = self.word - (not token.known)
        text = token.text if cell_len(token.text) <= room else f"{token.text[: room - 1]}…"
        text = set_cell_size(text + ("" if token.known else "?"), self.word)
        return [(f"{tick + 1:>{self.number}}", "dim"), (f" {text}", "")]


def _lines(label: _Label, groups: Sequence[Group], room: int | None) -> Iterator[Line]:
    margin = " " * label.width
    for block in _blocks(groups, room):
        names, numbers = [(margin, "")], [(margin, "")]
        for group in block:
            units = " ".join(f"{unit + 1:>{group.digits}}" for unit in group.units)
            names += [("  ", ""), (f"{group.name:^{group.width}}", "bold")]
            numbers += [("  ", ""), (units, "dim")]
        yield []
        yield names
        yield numbers
        for tick in range(len(label.tokens)):
            line = label(tick)
            for group in block:
                line.append((" ", ""))
                for value in group.values[tick].tolist():
                    text = shown(value, group.scale)
                    line += [
                        (" ", ""),
                        (f"{text:>{group.digits}}", _style(round(value, 2), group.scale)),
                    ]
            yield line


def _blocks(groups: Sequence[Group], room: int | None) -> list[list[Group]]:
    """Part the groups into tables that fit side by side; each has at least one."""
    blocks: list[list[Group]] = []
    used = 0
    for group in groups:
        if blocks and (room is None or used + group.width + 2 <= room):
            blocks[-1].append(group)
            used += group.width + 2
        else:
            blocks.append([group])
            used = group.width + 2
    return blocks


@lru_cache(maxsize=1024)
def _style(value: float, scale: Scale) -> str:
    ground = DARK.value(value, scale)
    return f"{DARK.on(ground)} on {ground}"


def _writable(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
