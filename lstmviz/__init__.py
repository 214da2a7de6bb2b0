"""Films and figures of recurrent networks, where every number is one that they computed."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

# Light, and imported at once: otherwise the module of this name, whenever it is loaded later,
# would take the place of the function.
from lstmviz.render import render

if TYPE_CHECKING:
    from lstmviz.engine.cell import Cell, Moment, cell
    from lstmviz.engine.inputs import read_input
    from lstmviz.engine.load import (
        Agreement,
        Inspection,
        check_against,
        from_keras,
        from_torch,
        inspect_file,
        load_network,
    )
    from lstmviz.engine.network import Layer, Network, Weights
    from lstmviz.engine.run import run, run_batch
    from lstmviz.errors import LstmvizError, UsageError
    from lstmviz.tokens import Token
    from lstmviz.trace import Reading, Trace

__version__ = "0.1.0"

# Where each public name lives. They are imported when first asked for, so that `import
# lstmviz` is quick and those who compute or export need no Manim.
_HOMES = {
    "Agreement": "lstmviz.engine.load",
    "Cell": "lstmviz.engine.cell",
    "Inspection": "lstmviz.engine.load",
    "Layer": "lstmviz.engine.network",
    "LstmvizError": "lstmviz.errors",
    "Moment": "lstmviz.engine.cell",
    "Network": "lstmviz.engine.network",
    "Reading": "lstmviz.trace",
    "Token": "lstmviz.tokens",
    "Trace": "lstmviz.trace",
    "UsageError": "lstmviz.errors",
    "Weights": "lstmviz.engine.network",
    "cell": "lstmviz.engine.cell",
    "check_against": "lstmviz.engine.load",
    "from_keras": "lstmviz.engine.load",
    "from_torch": "lstmviz.engine.load",
    "inspect_file": "lstmviz.engine.load",
    "load_network": "lstmviz.engine.load",
    "read_input": "lstmviz.engine.inputs",
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
