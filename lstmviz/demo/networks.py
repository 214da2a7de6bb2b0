"""The demo networks: small, really trained on made-up texts, and shipped with the package."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from importlib.resources import as_file, files
from typing import Final

from lstmviz.demo.review import RECALL
from lstmviz.engine.model.network import Network
from lstmviz.errors import UsageError
from lstmviz.system.suggest import named, nearest
from lstmviz.trace.recording import Source

#: The names of the shipped networks.
NAMES: Final = (
    "rnn",
    "lstm",
    "gru",
    "lstm-unpenalised",
    "recall",
    "recall-gru",
    "recall-rnn",
)


@lru_cache(maxsize=len(NAMES))
def demo_network(name: str) -> Network:
    """Load a shipped network by its name, one of `NAMES`.

    Each has an embedding of 4 and 4 units, in float32. "rnn", "lstm", "gru" and
    "lstm-unpenalised" read the words of short reviews, and the readout gives the log odds that
    the review so far is in favour. "recall" (an LSTM), "recall-gru" and "recall-rnn" read
    letters: at a question mark the readout names the last one of a to d, else it is silent.

    Raises:
        UsageError: there is no demo network of this name.
    """
    known = named(name, NAMES)
    if known is None:
        raise UsageError(
            f"There is no demo network '{name}'{nearest(name, NAMES)}; give a trained network, or "
            f"choose one of: {', '.join(NAMES)}."
        )
    with as_file(files("lstmviz.demo") / f"{known}.npz") as path:
        return replace(Network.load(path), source=Source("demo", known))


def own_input(network: Network | None) -> str | None:
    """Give the text that a shipped network is shown with; None for all that read reviews."""
    source = None if network is None else network.source
    known = source is not None and source.kind == "demo" and source.name.startswith("recall")
    return RECALL if known else None


def sibling(name: str, cell: str) -> str:
    """Give the name of the network of another cell that learned the same as one that is shipped."""
    if not name.startswith("recall"):
        return cell
    return "recall" if cell == "lstm" else f"recall-{cell}"
