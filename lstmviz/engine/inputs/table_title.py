"""What stands above the names of a table's columns: titles, notes of where it is from, groups."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from lstmviz.engine.inputs.cell_text import Kind, Marks, is_gap, kind_of, label_of
from lstmviz.errors import brief

Row = tuple[int, Sequence[Any]]  # where it stands, from 1, and its cells

_MOST = 20  # rows above the names
_TOLD = 80  # letters of them that are told
_VALUES = frozenset[Kind]({"number", "time"})


def without_title(rows: list[Row], marks: Marks) -> tuple[list[Row], list[str]]:
    """The rows from the names of the columns on, where these are clear, and what was left out.

    They are clear where every column of the numbers below has one, and the rows above have fewer
    cells. A row just above them, whose cells stand over several columns each, goes before the
    names: `temp` above `min` and `max` gives `temp min` and `temp max`.
    """
    place = _names(rows, marks)
    if not place:
        return rows, []
    line, names = rows[place]
    group, told = rows[place - 1], list[str]()
    above = rows[:place]
    if _is_group(group[1], names):
        above = rows[: place - 1]
        rows = [(line, _grouped(group[1], names)), *rows[place + 1 :]]
        told.append(f"row {group[0]} stands over several columns and goes before their names")
    else:
        rows = rows[place:]
    said = [label_of(cell) for _, cells in above for cell in cells if not is_gap(cell)]
    if said:
        first, last = above[0][0], above[-1][0]
        which = f"row {first} is" if first == last else f"rows {first} to {last} are"
        told.append(f"{which} above the names of the columns and left out: {_brief(said)}")
    return rows, told


def _brief(texts: Sequence[str]) -> str:
    return brief(", ".join(texts), _TOLD)


def _names(rows: list[Row], marks: Marks) -> int | None:
    """The place of the row of names below others, if there is such."""
    kinds = [_kinds(cells, marks) for _, cells in rows]
    widths = [len(each) for each in kinds if len(each) > 1]
    usual = max(dict.fromkeys(widths), key=widths.count, default=0)
    places = range(min(len(rows), _MOST + 1))
    # As R writes them, the names are one fewer: there is none above those of the rows.
    for width, place in itertools.product((usual, usual - 1), places):
        each = kinds[place]
        if width < 2 or len(each) != width or not _full(each):
            continue
        below = kinds[place + 1 :]
        first = next((k for k, one in enumerate(below) if _VALUES & {*one}), None)
        if first is None or first > 1 or len(below[first]) < width - 1:
            continue  # between them may be units
        if first == 1 and _recur(rows[place][1]) and _full(below[0]) and len(below[0]) == width:
            return place + 1
        fewer = all(_filled(above) < width for _, above in rows[:place])
        return place if fewer else None
    return None


def _full(kinds: Sequence[Kind]) -> bool:
    """Whether a row has a name for each column, but perhaps for one of times or of an index."""
    return {*kinds[1:]} <= {"text", "time"} and kinds[0] != "number" and "text" in kinds[1:]


def _kinds(cells: Sequence[Any], marks: Marks) -> list[Kind]:
    kinds = [kind_of(cell, marks) for cell in cells]
    while kinds and kinds[-1] == "gap":
        kinds.pop()
    return kinds


def _filled(cells: Sequence[Any]) -> int:
    return sum(not is_gap(cell) for cell in cells)


def _is_group(cells: Sequence[Any], names: Sequence[Any]) -> bool:
    """Whether cells stand over several columns each, so that they or the names below recur."""
    return _recur(cells) or (_filled(cells) > 1 and _recur(names))


def _recur(cells: Sequence[Any]) -> bool:
    texts = [label_of(cell) for cell in cells if not is_gap(cell)]
    return len({*texts}) < len(texts)


def _grouped(cells: Sequence[Any], names: Sequence[Any]) -> list[str]:
    found, group = [], ""
    first = next(k for k, cell in enumerate(cells) if not is_gap(cell))
    for k, name in enumerate(names):
        if k < len(cells) and not is_gap(cells[k]):
            group = label_of(cells[k])
        own = "" if is_gap(name) else label_of(name)
        found.append(own if k < first else f"{group} {own}".strip())
    return found
