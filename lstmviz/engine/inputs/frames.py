"""Tables in memory, as pandas and polars have them, known by what they can do, not imported."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.inputs.read import wanted_of
from lstmviz.engine.inputs.series import Series
from lstmviz.engine.inputs.table import series_of
from lstmviz.engine.inputs.table_head import Source
from lstmviz.engine.inputs.wanted import ALL, Wanted, refuse_beside_text

Array = NDArray[np.floating[Any]]


def is_frame(given: Any) -> bool:
    """Whether something is a DataFrame or a Series, of pandas, polars or the like."""
    has = type(given)
    if hasattr(has, "columns"):
        return hasattr(has, "iloc") or hasattr(has, "get_columns")
    return hasattr(has, "name") and (hasattr(has, "iloc") or hasattr(has, "to_list"))


def series_of_frame(frame: Any, wanted: Wanted = ALL, where: str = "The input") -> Series | Array:
    """The series of a table in memory: columns are features, an index of times are the times.

    A column of times is the time axis, too, as in a file; an index that numbers the rows is none.

    Raises:
        UsageError: a value is no finite number; it says which, rows counted from 1.
    """
    if hasattr(type(frame), "columns"):
        names = [str(name) for name in frame.columns]
        pandas = hasattr(frame, "iloc")
        columns = [frame.iloc[:, k] for k in range(len(names))] if pandas else frame.get_columns()
    else:
        names, columns = [str(frame.name or "")], [frame]
    if names == [str(k) for k in range(len(names))]:  # numbered, not named
        names = [""] * len(names)
    index = getattr(frame, "index", None)
    if wanted.time is None and index is not None and not _numbers_rows(index):
        chosen = wanted.features(names, where)
        shifted = range(len(names)) if chosen is None else chosen
        wanted = replace(wanted, columns=[k + 1 for k in shifted], time=0)
        names, columns = [str(index.name or "index"), *names], [index, *columns]
    rows = enumerate(zip(*map(_values, columns), strict=True), 1)
    return series_of(rows, Source(where, names=names), wanted)


def narrowed(given: Any, wanted: Wanted) -> Any:
    """An input, of numbers, with the columns that are wanted.

    Raises:
        UsageError: it is a sentence, or there is no such column.
    """
    if not wanted:
        return given
    if isinstance(given, str):
        refuse_beside_text(wanted)
    if is_frame(given):
        return series_of_frame(given, wanted)
    if not isinstance(given, Series):
        return wanted_of(given, wanted)
    names = given.features or [""] * given.shape[1]
    rows = enumerate(given.values.tolist(), 1)
    found = series_of(rows, Source("The input", names=names), wanted)
    made = found if isinstance(found, Series) else Series(found)
    return replace(made, times=made.times or given.times, notes=(*given.notes, *made.notes))


def _numbers_rows(index: Any) -> bool:
    """Whether an index has no name and only numbers the rows from 0."""
    return index.name is None and index.tolist() == list(range(len(index)))


def _values(column: Any) -> list[Any]:
    found = column.to_list()
    return [" ".join(map(str, one)) if isinstance(one, tuple) else one for one in found]
