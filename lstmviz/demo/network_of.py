"""Which network made a trace: a trace has the readings, not the weights."""

from __future__ import annotations

import re

from lstmviz.demo.networks import NAMES, demo_network
from lstmviz.engine.model.network import Network, seeded
from lstmviz.errors import UsageError
from lstmviz.trace.trace import Trace


def network_of(trace: Trace) -> Network:
    """Find the network that made a trace: one that comes with lstmviz, or random weights.

    >>> from lstmviz import run
    >>> network_of(run("I liked it.", cell="gru")).title
    'GRU trained on made-up reviews (4 units)'

    Raises:
        UsageError: it was another one, whose weights are not at hand.
    """
    made = trace.network
    for name in NAMES:
        if demo_network(name).title == made.title and demo_network(name).cell.name == made.cell:
            return demo_network(name)
    seed = re.search(r"random weights, seed (\d+)", made.title)
    if seed and made.depth == made.directions == 1:
        return seeded(made.cell, made.inputs, made.hidden, int(seed[1]))
    raise UsageError(
        "A trace does not hold the weights of its network, and gradients need them; choose a "
        f"network that comes with lstmviz ({', '.join(NAMES)}), or one of random weights."
    )
