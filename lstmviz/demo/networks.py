"""The demo networks: small, really trained on made-up reviews, and shipped with the package."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from importlib.resources import as_file, files
from typing import Final

from lstmviz.engine.model.network import Network
from lstmviz.errors import UsageError
from lstmviz.trace.recording import Source

#: The names of the shipped networks.
NAMES: Final = ("rnn", "lstm", "gru", "lstm-unpenalised")


@lru_cache(maxsize=len(NAMES))
def demo_network(name: str) -> Network:
    """Load a shipped network: "rnn", "lstm", "gru" or "lstm-unpenalised".

    Each reads the words of short reviews (embedding of 4, 4 units, float32) and its readout
    gives the log odds that the review so far is in favour.

    Raises:
        UsageError: there is no demo network of this name.
    """
    if name not in NAMES:
        raise UsageError(
            f"There is no demo network '{name}'; give a trained network, or choose one of: "
            f"{', '.join(NAMES)}."
        )
    with as_file(files("lstmviz.demo") / f"{name}.npz") as path:
        return replace(Network.load(path), source=Source("demo", name))
