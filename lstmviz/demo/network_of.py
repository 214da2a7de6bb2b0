"""Which network made a trace: a saved trace has the readings, not the weights."""

from __future__ import annotations

import re

from lstmviz.demo.networks import NAMES, demo_network
from lstmviz.engine.model.network import Network, seeded
from lstmviz.errors import UsageError, brief
from lstmviz.trace.recording import Description, Source
from lstmviz.trace.trace import Trace


def network_of(trace: Trace) -> Network:
    """Find the network that made a trace.

    A trace that has just been run has it still; from a file it is found where it came with
    lstmviz, or has random weights.

    >>> from lstmviz import run
    >>> network_of(run("I liked it.", cell="gru")).title
    'GRU trained on made-up reviews (4 units)'

    Raises:
        UsageError: it was another one, whose weights are not at hand.
    """
    if isinstance(trace.made_by, Network):
        return trace.made_by
    made = trace.network
    source = made.source or _told_by_title(made)
    if source is not None and source.kind == "demo" and source.name in NAMES:
        return demo_network(source.name)
    if source is not None and source.kind == "seed":
        _refuse_other_sizes(trace)
        return seeded(
            made.cell,
            made.inputs,
            made.hidden,
            int(source.name),
            depth=made.depth,
            bidirectional=made.directions == 2,
        )
    file = brief(source.name) if source is not None and source.kind == "file" else "FILE"
    raise UsageError(
        "A saved trace does not hold the weights of its network, which are needed here; give "
        f"its network beside the trace: network='{file}'."
    )


def _refuse_other_sizes(trace: Trace) -> None:
    """Refuse a description that is of other sizes than the readings: nothing is made by it."""
    made = trace.network
    inputs = {len(r.values["x"][0]) for (layer, _), r in trace.recordings.items() if layer == 1}
    units = {len(start) for r in trace.recordings.values() for start in r.initial.values()}
    if (inputs, units) != ({made.inputs}, {made.hidden}) or (
        len(trace.recordings) != made.depth * made.directions
    ):
        raise UsageError("The description of the trace's network does not fit its readings.")


def _told_by_title(made: Description) -> Source | None:
    """Tell where the weights came from, by a file of an earlier version."""
    for name in NAMES:
        network = demo_network(name)
        if network.title == made.title and network.cell.name == made.cell:
            return Source("demo", name)
    seed = re.search(r"random weights, seed (\d+)", made.title, re.ASCII)
    return Source("seed", seed[1]) if seed and made.depth == made.directions == 1 else None
