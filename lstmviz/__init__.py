"""Films and stills of recurrent networks, where every number is one that they computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lstmviz.api import (
        Agreement,
        Cell,
        Dense,
        Inspection,
        Layer,
        Look,
        LstmvizError,
        Moment,
        Network,
        Reading,
        Readout,
        Reel,
        Series,
        Token,
        Trace,
        UsageError,
        Weights,
        cell,
        check_against,
        demo_network,
        export_reel,
        from_keras,
        from_torch,
        gradients,
        insert_slides,
        inspect_file,
        jacobian_norms,
        load_network,
        make_article,
        read_input,
        relu,
        render,
        run,
        run_batch,
        sigmoid,
        tanh,
    )

__version__ = "0.1.0"

__all__ = [
    "Agreement",
    "Cell",
    "Dense",
    "Inspection",
    "Layer",
    "Look",
    "LstmvizError",
    "Moment",
    "Network",
    "Reading",
    "Readout",
    "Reel",
    "Series",
    "Token",
    "Trace",
    "UsageError",
    "Weights",
    "cell",
    "check_against",
    "demo_network",
    "export_reel",
    "from_keras",
    "from_torch",
    "gradients",
    "insert_slides",
    "inspect_file",
    "jacobian_norms",
    "load_network",
    "make_article",
    "read_input",
    "relu",
    "render",
    "run",
    "run_batch",
    "sigmoid",
    "tanh",
]


def __getattr__(name: str) -> Any:
    """Import what is public when it is first asked for: `import lstmviz` is quick."""
    if name not in __all__:
        raise AttributeError(f"module 'lstmviz' has no attribute {name!r}")
    from lstmviz import api

    value = getattr(api, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
