"""Finds networks by the names that users type."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lstmviz.errors import UsageError

if TYPE_CHECKING:
    from lstmviz.engine.model.network import Network
from lstmviz.system.suggest import nearest


def find_network(name: str | Path) -> Network:
    """Load a network from its file, or one of those that come with lstmviz by its name.

    Raises:
        UsageError: there is no such network, or the file holds none.
    """
    from lstmviz.demo.networks import NAMES, demo_network
    from lstmviz.load import load_network

    if str(name) in NAMES:
        return demo_network(str(name))
    if not Path(name).exists():
        raise UsageError(
            f"There is no network file {name}{nearest(str(name), NAMES)}; check the path, or "
            f"name one that comes with lstmviz: {', '.join(NAMES)}."
        )
    return load_network(name)
