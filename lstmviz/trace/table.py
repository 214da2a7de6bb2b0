"""A trace as a table: which of it is worth showing, and in which colours; for libraries, too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from lstmviz.style.notation import quantity, shown, written
from lstmviz.style.theme import DARK
from lstmviz.trace.units import refuse_missing_units, units_to_show

if TYPE_CHECKING:
    from lstmviz.style.notation import Scale
    from lstmviz.trace.protocol import TraceLike
    from lstmviz.trace.recording import Array

MOST_ROWS = 60  # of a page
MOST_ANSWERS = 4  # that are said


@dataclass(frozen=True)
class Group:
    """The columns of one reading: (time, units) values, and which units they are."""

    name: str
    scale: Scale
    values: Array  # (time, units)
    units: tuple[int, ...]
    names: tuple[str, ...] = ()  # what these are called, where they are no units

    @property
    def heads(self) -> tuple[str, ...]:
        """What stands above the columns: their names, or the numbers of the units from 1."""
        return self.names or tuple(str(unit + 1) for unit in self.units)


def groups_of(
    trace: TraceLike, names: Sequence[str] | None = None, units: Sequence[int] | None = None
) -> list[Group]:
    """Choose the columns: `names` (None: gates and states, ["all"]: all), `units` from 0.

    Raises:
        UsageError: the trace has no such reading or unit.
    """
    return [_group(trace, name, units) for name in _chosen(trace, names)]


@lru_cache(maxsize=1024)
def colours(value: float, scale: Scale) -> tuple[str, str]:
    """Give the colours of a value's digits and of their ground, those of the dark theme."""
    ground = DARK.value(value, scale)
    return DARK.on(ground), ground


def notes(trace: TraceLike, groups: Sequence[Group], choose: str = "") -> list[str]:
    """Say what a reader of the table must know; `choose` says how to see other units."""
    hidden = trace.network.hidden
    fewer = {len(g.units) for g in groups if trace[g.name].shape[1] == hidden} - {hidden}
    said = []
    if fewer:
        said.append(f"{min(fewer)} of {hidden} units{choose}.")
    if not all(token.known for token in trace.tokens):
        said.append("? marks a word that the network does not know.")
    if trace.answer is not None:
        said.append(f"The answer at the end: {answer_said(trace)}.")
    return said


def answer_said(trace: TraceLike) -> str:
    """What the network's readout says at the end, the likeliest first: `good 0.98, bad 0.02`."""
    assert trace.answer is not None
    kind, labels, values = trace.network.answer, trace.network.labels, trace.answer
    if kind == "log odds":
        values = 1 / (1 + np.exp(-values))
    elif kind in ("log_softmax", "log_sigmoid"):
        values = np.exp(values)
    probable = kind in ("log odds", "sigmoid", "log_sigmoid", "softmax", "log_softmax")
    if probable and len(values) == 1:
        if not labels:
            return f"a probability of {shown(float(values[0]), 'gate')}"
        values = np.array([1 - values[0], values[0]])
    order = np.argsort(-values, kind="stable") if probable else np.arange(len(values))
    names = [f"{labels[k]} " if labels else f"{k + 1}: " if len(values) > 1 else "" for k in order]
    told = [
        name + shown(float(values[k]), "gate" if probable else "free")
        for name, k in zip(names, order, strict=True)
    ]
    return ", ".join(told[:MOST_ANSWERS]) + (", …" if len(told) > MOST_ANSWERS else "")


def html(trace: TraceLike) -> str:
    """Write the gates and states as an HTML table with coloured cells, for a notebook."""
    groups = groups_of(trace)
    title = escape(f"{trace.network.title or trace.cell}, {len(trace)} ticks")
    names = "".join(
        f'<th scope="colgroup" colspan="{len(g.units)}" style="text-align:center">'
        f"{escape(g.name)}</th>"
        for g in groups
    )
    numbers = "".join(
        f'<th scope="col">{escape(head)}</th>' for group in groups for head in group.heads
    )
    rows = [_row(trace, groups, tick) for tick in range(min(len(trace), MOST_ROWS))]
    said = notes(trace, groups)
    if len(trace) > MOST_ROWS:
        said.append(f"The first {MOST_ROWS} of {len(trace)} ticks.")
    below = f"<p>{escape(' '.join(said))}</p>" if said else ""
    return (
        '<div style="overflow-x:auto"><table style="border-collapse:collapse;'
        'font-variant-numeric:tabular-nums">'
        f'<caption style="text-align:left">{title}</caption>'
        f"<thead><tr><td></td><td></td>{names}</tr><tr><td></td><td></td>{numbers}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>{below}</div>"
    )


def _row(trace: TraceLike, groups: Sequence[Group], tick: int) -> str:
    token = trace.tokens[tick]
    word = escape(written(token.text, trace.kind) + ("" if token.known else "?"))
    cells = []
    for group in groups:
        for value in group.values[tick].tolist():
            ink, ground = colours(round(value, 2), group.scale)
            cells.append(
                f'<td style="color:{ink};background:{ground};text-align:right">'
                f"{shown(value, group.scale)}</td>"
            )
    head = f'<td>{tick + 1}</td><th scope="row" style="text-align:left">{word}</th>'
    return f"<tr>{head}{''.join(cells)}</tr>"


def _chosen(trace: TraceLike, names: Sequence[str] | None) -> list[str]:
    if names == ["all"]:
        return list(trace.names)
    if names is not None:
        return list(dict.fromkeys(names))
    gates = [
        name
        for name in trace.names
        if quantity(name, cell=trace.notation).is_gate and f"a_{name}" in trace.names
    ]
    return [*gates, *reversed(list(trace.initial))]


def _group(trace: TraceLike, name: str, units: Sequence[int] | None) -> Group:
    values = trace[name]
    count = values.shape[1]
    # The same units of every reading, those whose output moves most, so that they compare.
    own = count != trace.network.hidden or name == "x"
    leading = values if own else trace[next(iter(trace.initial))]
    if units is not None and not own:
        refuse_missing_units(units, count)
        columns = tuple(units)
    else:
        columns = units_to_show(leading)
    scale = quantity(name, cell=trace.notation).scale
    called = trace.names_of(name)
    return Group(
        name, scale, values[:, columns], columns, tuple(called[k] for k in columns if called)
    )
