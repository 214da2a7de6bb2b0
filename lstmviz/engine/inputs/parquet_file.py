"""The rows of a Parquet file, read with pyarrow, a few at a time."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.inputs.series import Series
from lstmviz.engine.inputs.table import series_of
from lstmviz.engine.inputs.table_head import Source
from lstmviz.engine.inputs.table_title import Row
from lstmviz.engine.inputs.wanted import ALL, Wanted
from lstmviz.errors import UsageError
from lstmviz.system.package import install_extra

Array = NDArray[np.floating[Any]]

_AT_ONCE = 4096  # rows
_MOST_CELLS = 2**27
_INDEX = "__index_level_"  # how pandas calls an index without a name


def read_parquet(path: Path, wanted: Wanted = ALL) -> Series | Array:
    """The series of a .parquet file.

    Raises:
        UsageError: pyarrow is missing, the file is damaged, has a column of lists or the like, or
            a value is no finite number; it says which.
    """
    if importlib.util.find_spec("pyarrow") is None:
        raise UsageError(
            f"{path} is of Parquet, which needs the package pyarrow; install it with: "
            f"{install_extra('tables')}, or save the table as .csv."
        )
    import pyarrow
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path, memory_map=False) as file:
            schema, ticks = file.schema_arrow, file.metadata.num_rows
            if ticks * max(len(schema.names), 1) > _MOST_CELLS:
                raise UsageError(f"{path} claims {ticks} rows, more than are sensible.")
            for field in schema:
                if pyarrow.types.is_nested(field.type) or pyarrow.types.is_binary(field.type):
                    raise UsageError(
                        f"{path}: column {field.name} holds {field.type}, no numbers; leave it out."
                    )
            names = ["index" if name.startswith(_INDEX) else name for name in schema.names]
            index = _index(schema)
            order = sorted(range(len(names)), key=lambda k: k not in index)
            source = Source(str(path), names=[names[k] for k in order])
            if len(index) == 1 and not any(_may_be_time(schema.field(k).type) for k in order[1:]):
                source, wanted = _timed(source, wanted)
            return series_of(_rows(file, order), source, wanted)
    except UsageError:
        raise
    except (pyarrow.ArrowException, OSError, ValueError, TypeError, OverflowError) as error:
        if isinstance(error, PermissionError):
            raise UsageError(f"{path} may not be read; change its permissions.") from None
        raise UsageError(f"{path} is damaged or no Parquet file; save it again.") from None


def _index(schema: Any) -> list[int]:
    """The columns, from 0, that were the index of a table of pandas."""
    told = schema.pandas_metadata or {}
    listed = told.get("index_columns", []) if isinstance(told, Mapping) else []
    given = [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
    return [k for k, name in enumerate(schema.names) if name in given or name.startswith(_INDEX)]


def _may_be_time(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_temporal(kind) or types.is_string(kind) or types.is_large_string(kind))


def _timed(source: Source, wanted: Wanted) -> tuple[Source, Wanted]:
    """What is wanted, with the first column as the times unless something else is asked for."""
    assert source.names is not None
    chosen = wanted.features(source.names, source.where) or ()
    if wanted.time is not None or 0 in chosen:
        return source, wanted
    note = f"{source.names[0]}, the index, is the time axis, not a feature"
    return replace(source, notes=(note,)), replace(wanted, time=0)


def _rows(file: Any, order: list[int]) -> Iterator[Row]:
    line = 0
    for batch in file.iter_batches(_AT_ONCE, use_threads=False):
        columns = [_values(batch.column(k)) for k in order]
        for line, cells in enumerate(zip(*columns, strict=True), line + 1):  # noqa: B020
            yield line, cells


def _values(column: Any) -> list[Any]:
    """The values of a column; those of a categorical one as they are written."""
    import pyarrow

    if pyarrow.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pyarrow.timestamp("us", column.type.tz), safe=False)
    values: list[Any] = column.to_pylist()
    return values
