"""Finds networks by the names that users type."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from lstmviz.errors import UsageError
from lstmviz.load.options import FileOptions, refuse_options
from lstmviz.system.suggest import named, nearest

if TYPE_CHECKING:
    from lstmviz.engine.model.network import Network


def find_network(name: str | Path, **options: Unpack[FileOptions]) -> Network:
    """Load a network from its file, or one of those that come with lstmviz by its name.

    The `options` are those of `load_network`.

    Raises:
        UsageError: there is no such network, or the file holds none.
    """
    from lstmviz.demo.networks import NAMES, demo_network
    from lstmviz.load import load_network

    known = named(str(name), NAMES)
    if known is not None and (known == str(name) or not Path(name).exists()):
        refuse_options(options, f"{known} comes with lstmviz and has all of itself; leave out")
        return demo_network(known)
    if not Path(name).exists():
        raise UsageError(
            f"There is no network file {name}{nearest(str(name), NAMES)}; check the path, or "
            f"name one that comes with lstmviz: {', '.join(NAMES)}."
        )
    return load_network(name, **options)
