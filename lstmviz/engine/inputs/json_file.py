"""The rows of a table in JSON: lists of rows, of objects, or columns, or a line for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.inputs.numbers import is_number
from lstmviz.engine.inputs.ready_tokens import ready_tokens
from lstmviz.engine.inputs.series import Series
from lstmviz.engine.inputs.table import series_of
from lstmviz.engine.inputs.table_head import Source
from lstmviz.engine.inputs.table_title import Row
from lstmviz.engine.inputs.wanted import ALL, Wanted, refuse_beside_text
from lstmviz.errors import UsageError, brief
from lstmviz.system.texts import json_of, lines_of, read_text
from lstmviz.trace.times import is_time

Array = NDArray[np.floating[Any]]

_LARGEST = 64 << 20  # bytes: what is read of them needs some ten times as much memory
_WRAPPED = ("data", "values", "rows", "records", "series")


def read_json(path: Path, wanted: Wanted = ALL) -> list[str] | Series | Array:
    """The series of a .json or .jsonl file, or its tokens if it is a list of texts.

    A table is a list of numbers, of lists or of objects; an object of columns (lists, or objects by
    row), or of rows; one with `columns`, `data` and perhaps `index`; or what else pandas writes.
    Of an object with other things beside its only table that is read. A .jsonl file has one row
    a line.

    Raises:
        UsageError: it cannot be read, is damaged, holds something else, or a value is no finite
            number; it says which.
    """
    text = read_text(path, str(path), _LARGEST)
    try:
        if path.suffix.lower() in (".jsonl", ".ndjson"):
            told: Any = [
                json_of(line, f"{path}, line {number},")
                for number, line in enumerate(lines_of(text), 1)
                if line.strip()
            ]
        else:
            told = json_of(text, str(path))
    except UsageError:  # which is a ValueError, too
        raise
    except ValueError:
        raise UsageError(f"{path} is no valid JSON; write it again with json.dump.") from None
    tokens = ready_tokens(told, str(path)) if isinstance(told, list) else None
    if tokens is not None:
        refuse_beside_text(wanted, str(path))
        return tokens
    notes: list[str] = []
    names, rows = _rows(told, path, notes)
    return series_of(rows, Source(str(path), names=names, notes=tuple(notes)), wanted)


def _rows(told: Any, path: Path, notes: list[str]) -> tuple[list[str] | None, Iterator[Row]]:
    """The names of the columns, if there are any, and the rows."""
    if isinstance(told, Mapping):
        inner = next((key for key in _WRAPPED if isinstance(told.get(key), list | Mapping)), None)
        if inner is not None and len(told) == 1 and isinstance(told[inner], Mapping):
            return _rows(told[inner], path, notes)
        beside = isinstance(told.get("columns"), list) or isinstance(told.get("schema"), Mapping)
        if inner is not None and isinstance(told[inner], list) and (len(told) == 1 or beside):
            return _split(told, told[inner], path, notes)
        if told and all(isinstance(one, Mapping) for one in told.values()):
            return _of_objects(told, notes)
        if told and all(isinstance(one, list | Mapping) for one in told.values()):
            return [str(name) for name in told], _columns(told, path)
        tables = [name for name, one in told.items() if _is_columns(one)]
        if len(tables) == 1:
            notes.append(f"the table '{brief(str(tables[0]), 40)}' of the file is read")
            return _rows(told[tables[0]], path, notes)
    elif isinstance(told, list) and told:
        if all(isinstance(one, Mapping) for one in told):
            names = list(dict.fromkeys(name for one in told for name in one))
            return names, ((k, [one.get(name) for name in names]) for k, one in enumerate(told, 1))
        if all(isinstance(one, list) for one in told):
            nested = all(one and all(isinstance(row, list) for row in one) for one in told)
            if nested and len(told) > 1:
                raise UsageError(
                    f"{path} holds {len(told)} sequences, one within the other; give one of them."
                )
            return None, enumerate(told[0] if nested else told, 1)
        if not any(isinstance(one, list | Mapping) for one in told):
            return None, ((k, [one]) for k, one in enumerate(told, 1))
    raise UsageError(
        f"{path} holds no table; write a list of rows, [[0.1, 0.5], …], a list of objects, or "
        'columns, {"temp": [0.1, …]}.'
    )


def _is_columns(told: Any) -> bool:
    """Whether something is an object of columns, all of them as long."""
    columns = list(told.values()) if isinstance(told, Mapping) else []
    return bool(columns) and all(
        isinstance(one, list) and len(one) == len(columns[0]) > 1 for one in columns
    )


def _of_objects(
    told: Mapping[str, Any], notes: list[str]
) -> tuple[list[str] | None, Iterator[Row]]:
    """Objects in an object: columns by row, or rows by column, as pandas writes either.

    Rows are those that are called by numbers or times.
    """
    within = list(dict.fromkeys(name for one in told.values() for name in one))
    inner, outer = _name_rows(within), _name_rows(told)
    if outer and not inner:
        rows, names = list(told), within
        cells = [[told[row].get(name) for name in names] for row in rows]
    else:
        rows, names = within, list(told)
        cells = [[told[name].get(row) for name in names] for row in rows]
        if inner == outer:
            some = brief(", ".join(map(str, names)), 60)
            notes.append(f"the outer names are taken for those of the columns: {some}")
    if rows == [str(k) for k in range(len(rows))]:
        return names, iter(list(enumerate(cells, 1)))
    listed = [[row, *each] for row, each in zip(rows, cells, strict=True)]
    return ["index", *names], iter(list(enumerate(listed, 1)))


def _name_rows(names: Iterable[str]) -> bool:
    return all(is_number(name) or is_time(name) for name in names)


def _split(
    told: Mapping[str, Any], rows: list[Any], path: Path, notes: list[str]
) -> tuple[list[str] | None, Iterator[Row]]:
    """Rows beside the names of their columns and what they are called, as pandas splits them."""
    named, inner = _rows(rows, path, notes)
    columns, index = told.get("columns"), told.get("index")
    names = [str(name) for name in columns] if isinstance(columns, list) else named
    if not isinstance(index, list) or len(index) != len(rows) or index == list(range(len(rows))):
        return names, inner
    if names is None:
        return None, inner
    return ["index", *names], ((k, [index[k - 1], *cells]) for k, cells in inner)


def _columns(told: Mapping[str, Any], path: Path) -> Iterator[Row]:
    columns = list(told.values())
    lengths = {name: len(one) for name, one in told.items()}
    if len(set(lengths.values())) > 1 or not all(isinstance(one, Sequence) for one in columns):
        raise UsageError(f"{path} has columns of unequal lengths; give each as many values.")
    yield from enumerate(map(list, zip(*columns, strict=True)), 1)
