"""The rows of a table in JSON: lists of rows, of objects, or columns, or a line for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.inputs.ready_tokens import ready_tokens
from lstmviz.engine.inputs.series import Series
from lstmviz.engine.inputs.table import series_of
from lstmviz.engine.inputs.table_head import Row, Source
from lstmviz.engine.inputs.wanted import ALL, Wanted, refuse_beside_text
from lstmviz.errors import UsageError
from lstmviz.system.texts import json_of, read_text

Array = NDArray[np.floating[Any]]

_LARGEST = 64 << 20  # bytes: what is read of them needs some ten times as much memory
_WRAPPED = ("data", "values", "rows", "records", "series")


def read_json(path: Path, wanted: Wanted = ALL) -> list[str] | Series | Array:
    """The series of a .json or .jsonl file, or its tokens if it is a list of texts.

    A table is a list of numbers, of lists or of objects; an object of columns (lists, or objects by
    row); or one with `columns`, `data` and perhaps `index`. A .jsonl file has one row a line.

    Raises:
        UsageError: it cannot be read, is damaged, holds something else, or a value is no finite
            number; it says which.
    """
    text = read_text(path, str(path), _LARGEST)
    try:
        if path.suffix.lower() in (".jsonl", ".ndjson"):
            told: Any = [json_of(line) for line in text.splitlines() if line.strip()]
        else:
            told = json_of(text)
    except ValueError:
        raise UsageError(f"{path} is no valid JSON; write it again with json.dump.") from None
    tokens = ready_tokens(told, str(path)) if isinstance(told, list) else None
    if tokens is not None:
        refuse_beside_text(wanted, str(path))
        return tokens
    names, rows = _rows(told, path)
    return series_of(rows, Source(str(path), names=names), wanted)


def _rows(told: Any, path: Path) -> tuple[list[str] | None, Iterator[Row]]:
    """The names of the columns, if there are any, and the rows."""
    if isinstance(told, Mapping):
        inner = next((key for key in _WRAPPED if isinstance(told.get(key), list)), None)
        if inner is not None and (len(told) == 1 or isinstance(told.get("columns"), list)):
            return _split(told, told[inner], path)
        if told and all(isinstance(one, list | Mapping) for one in told.values()):
            return [str(name) for name in told], _columns(told, path)
    elif isinstance(told, list) and told:
        if all(isinstance(one, Mapping) for one in told):
            names = list(dict.fromkeys(name for one in told for name in one))
            return names, ((k, [one.get(name) for name in names]) for k, one in enumerate(told, 1))
        if all(isinstance(one, list) for one in told):
            batch = len(told) == 1 and told[0] and all(isinstance(one, list) for one in told[0])
            return None, enumerate(told[0] if batch else told, 1)
        if not any(isinstance(one, list | Mapping) for one in told):
            return None, ((k, [one]) for k, one in enumerate(told, 1))
    raise UsageError(
        f"{path} holds no table; write a list of rows, [[0.1, 0.5], …], a list of objects, or "
        'columns, {"temp": [0.1, …]}.'
    )


def _split(
    told: Mapping[str, Any], rows: list[Any], path: Path
) -> tuple[list[str] | None, Iterator[Row]]:
    """Rows beside the names of their columns and what they are called, as pandas splits them."""
    named, inner = _rows(rows, path)
    columns, index = told.get("columns"), told.get("index")
    names = [str(name) for name in columns] if isinstance(columns, list) else named
    if not isinstance(index, list) or len(index) != len(rows) or index == list(range(len(rows))):
        return names, inner
    if names is None:
        return None, inner
    return ["index", *names], ((k, [index[k - 1], *cells]) for k, cells in inner)


def _columns(told: Mapping[str, Any], path: Path) -> Iterator[Row]:
    columns = list(told.values())
    if all(isinstance(one, Mapping) for one in columns):
        keys = list(columns[0])
        for k, key in enumerate(keys, 1):
            yield k, [one.get(key) for one in columns]
        return
    lengths = {name: len(one) for name, one in told.items()}
    if len(set(lengths.values())) > 1 or not all(isinstance(one, Sequence) for one in columns):
        raise UsageError(f"{path} has columns of unequal lengths; give each as many values.")
    yield from enumerate(map(list, zip(*columns, strict=True)), 1)
