"""Films and figures of recurrent networks, where every number is one that they computed."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

# Light, and imported at once: otherwise the module of this name, whenever it is loaded later,
# would take the place of the function.
from lstmviz.films.render import render

if TYPE_CHECKING:
    from lstmviz.engine.inputs.read import read_input
    from lstmviz.engine.model.cell import Cell, Moment, cell
    from lstmviz.engine.model.network import Layer, Network, Weights
    from lstmviz.engine.run import run, run_batch
    from lstmviz.errors import LstmvizError, UsageError
    from lstmviz.load import (
        Agreement,
        Inspection,
        check_against,
        from_keras,
        from_torch,
        inspect_file,
        load_network,
    )
    from lstmviz.trace.tokens import Token
    from lstmviz.trace.trace import Reading, Trace

__version__ = "0.1.0"

# Where each public name lives. They are imported when first asked for, so that `import
# lstmviz` is quick and those who compute or export need no Manim.
_HOMES = {
    "Agreement": "lstmviz.load",
    "Cell": "lstmviz.engine.model.cell",
    "Inspection": "lstmviz.load",
    "Layer": "lstmviz.engine.model.network",
    "LstmvizError": "lstmviz.errors",
    "Moment": "lstmviz.engine.model.cell",
    "Network": "lstmviz.engine.model.network",
    "Reading": "lstmviz.trace.trace",
    "Token": "lstmviz.trace.tokens",
    "Trace": "lstmviz.trace.trace",
    "UsageError": "lstmviz.errors",
    "Weights": "lstmviz.engine.model.network",
    "cell": "lstmviz.engine.model.cell",
    "check_against": "lstmviz.load",
    "from_keras": "lstmviz.load",
    "from_torch": "lstmviz.load",
    "inspect_file": "lstmviz.load",
    "load_network": "lstmviz.load",
    "read_input": "lstmviz.engine.inputs.read",
    "run": "lstmviz.engine.run",
    "run_batch": "lstmviz.engine.run",
}

__all__ = [
    "Agreement",
    "Cell",
    "Inspection",
    "Layer",
    "LstmvizError",
    "Moment",
    "Network",
    "Reading",
    "Token",
    "Trace",
    "UsageError",
    "Weights",
    "cell",
    "check_against",
    "from_keras",
    "from_torch",
    "inspect_file",
    "load_network",
    "read_input",
    "render",
    "run",
    "run_batch",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'lstmviz' has no attribute {name!r}")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
