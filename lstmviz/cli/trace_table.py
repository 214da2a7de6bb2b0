"""A trace as a table in the terminal: words down, readings across, coloured by value.

rich's own table was weighed: it cuts or folds what is wider than the terminal;
here it follows below.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import numpy as np
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from lstmviz.style.notation import MINUS, shown, visible
from lstmviz.trace.table import Group, colours, groups_of, notes

if TYPE_CHECKING:
    from lstmviz.style.notation import Scale
    from lstmviz.trace.trace import Trace

LONGEST = 20  # columns of a word
LONGEST_HEAD = 12  # letters of what a column is called


Line = list[tuple[str, str]]  # pieces of text, each with its style


@dataclass(frozen=True)
class Columns:
    """A group of the table, and how many columns of the terminal a value takes."""

    group: Group
    digits: int

    @property
    def width(self) -> int:
        """Columns of the whole group."""
        return len(self.group.units) * (self.digits + 1) - 1


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
    groups = groups_of(trace, names, units)
    label = _Label(trace)
    room = console.width - label.width if console.is_terminal else None
    minus = MINUS if _writable(MINUS, console.encoding) else "-"
    title: Line = [(trace.network.title or trace.cell, "bold")]
    said: list[Line] = [
        [(note, "dim")] for note in notes(trace, groups, "; choose others with --units")
    ]
    columns = [_columns(group) for group in groups]
    for line in (title, *said, *_lines(label, columns, room)):
        pieces = [(text.replace(MINUS, minus), style) for text, style in line]
        if console.is_terminal:
            console.print(Text.assemble(*pieces), soft_wrap=True)
        else:  # rich takes ten times as long, for nothing
            file.write("".join(text for text, _ in pieces).rstrip() + "\n")


def _columns(group: Group) -> Columns:
    values = group.values
    ends = [shown(float(value), group.scale) for value in (values.min(), values.max())]
    longest = max([4, *map(len, ends), *map(cell_len, _heads(group))])
    if np.abs(values).max() >= 9.995:  # between the ends may stand longer ones, as 9.99 does
        longest = max(longest, *(len(shown(float(value), group.scale)) for value in values.flat))
    return Columns(group, longest)


def _heads(group: Group) -> list[str]:
    """What stands above the columns of a group, where a name is cut if it is long."""
    return [
        head if cell_len(head) <= LONGEST_HEAD else f"{head[: LONGEST_HEAD - 1]}…"
        for head in group.heads
    ]


class _Label:
    """The first columns: the number and the word of a tick."""

    def __init__(self, trace: Trace) -> None:
        self.tokens = trace.tokens
        self.number = len(str(len(trace)))
        longest = max(cell_len(visible(token.text)) + (not token.known) for token in trace.tokens)
        self.word = min(longest, LONGEST)
        self.width = self.number + 1 + self.word

    def __call__(self, tick: int) -> Line:
        token = self.tokens[tick]
        room = self.word - (not token.known)
        text = visible(token.text)
        text = text if cell_len(text) <= room else f"{text[: room - 1]}…"
        text = set_cell_size(text + ("" if token.known else "?"), self.word)
        return [(f"{tick + 1:>{self.number}}", "dim"), (f" {text}", "")]


def _lines(label: _Label, columns: Sequence[Columns], room: int | None) -> Iterator[Line]:
    margin = " " * label.width
    for block in _blocks(columns, room):
        names, numbers = [(margin, "")], [(margin, "")]
        for part in block:
            units = " ".join(
                " " * (part.digits - cell_len(head)) + head for head in _heads(part.group)
            )
            names += [("  ", ""), (f"{part.group.name:^{part.width}}", "bold")]
            numbers += [("  ", ""), (units, "dim")]
        yield []
        yield names
        yield numbers
        for tick in range(len(label.tokens)):
            line = label(tick)
            for part in block:
                scale = part.group.scale
                line.append((" ", ""))
                for value in part.group.values[tick].tolist():
                    text = shown(value, scale)
                    line += [(" ", ""), (f"{text:>{part.digits}}", _style(value, scale))]
            yield line


def _blocks(columns: Sequence[Columns], room: int | None) -> list[list[Columns]]:
    """Part the columns into tables that fit side by side; each has at least one group."""
    blocks: list[list[Columns]] = []
    used = 0
    for part in columns:
        if blocks and (room is None or used + part.width + 2 <= room):
            blocks[-1].append(part)
            used += part.width + 2
        else:
            blocks.append([part])
            used = part.width + 2
    return blocks


def _style(value: float, scale: Scale) -> str:
    ink, ground = colours(round(value, 2), scale)
    return f"{ink} on {ground}"


def _writable(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
