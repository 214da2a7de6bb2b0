"""The readings of a trace as tables of pandas and xarray."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lstmviz.errors import LstmvizError
from lstmviz.system.package import install
from lstmviz.system.texts import unlike

if TYPE_CHECKING:
    import pandas
    import xarray

    from lstmviz.trace.protocol import TraceLike


def dataframe(trace: TraceLike) -> pandas.DataFrame:
    """Give a DataFrame: rows by tick and token, columns by reading and unit (all from 0).

    Features and answers that have names are called by them.

    Raises:
        LstmvizError: pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError:
        raise _missing("pandas") from None
    ticks = [(tick, token.text) for tick, token in enumerate(trace.tokens)]
    return pd.DataFrame(
        np.hstack([trace[name] for name in _all(trace)]),
        index=pd.MultiIndex.from_tuples(ticks, names=["tick", "token"]),
        columns=pd.MultiIndex.from_tuples(
            [(name, unit) for name in _all(trace) for unit in _entries(trace, name)],
            names=["reading", "unit"],
        ),
    )


def dataset(trace: TraceLike) -> xarray.Dataset:
    """Give a Dataset: a variable per reading, over `tick` and `unit` (the input: `feature`).

    Raises:
        LstmvizError: xarray is not installed.
    """
    try:
        import xarray as xr
    except ImportError:
        raise _missing("xarray") from None
    hidden = trace.network.hidden
    variables: dict[str, Any] = {}
    for name in _all(trace):
        values = trace[name]
        own = {"x": "feature", "output": "answer"}.get(name, f"{name}_unit")
        axis = "unit" if values.shape[1] == hidden and name not in ("x", "output") else own
        variables[name] = (("tick", axis), values)
    named = {
        axis: (axis, unlike(names))
        for axis, name in (("feature", "x"), ("answer", "output"))
        if name in variables and (names := trace.names_of(name))
    }
    return xr.Dataset(
        variables,
        coords={
            **named,
            "tick": np.arange(len(trace)),
            "token": ("tick", [token.text for token in trace.tokens]),
        },
        attrs={"cell": trace.cell, "title": trace.network.title, "origin": trace.network.origin},
    )


def _all(trace: TraceLike) -> list[str]:
    return [*trace.names, *(["output"] if trace.output is not None else [])]


def _entries(trace: TraceLike, name: str) -> Sequence[int | str]:
    return unlike(trace.names_of(name)) or range(trace[name].shape[1])


def _missing(library: str) -> LstmvizError:
    return LstmvizError(f"This needs {library}; install it: {install(library)}.")
