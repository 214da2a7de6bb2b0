"""How the readings of a trace are written."""

from __future__ import annotations

import numpy as np

from lstmviz.style.notation import Notation
from lstmviz.trace.trace import Trace


def notation_of(trace: Trace) -> Notation:
    """Give the notation of the layer that a trace shows."""
    if trace.weighed:
        return Notation(trace.cell, trace.weighed, trace.names)
    # A file of an earlier version: what R h is where h is 0, that is its bias.
    first = trace.at(0 if trace.shown[1] == "forward" else -1)
    products = (name for name in trace.names if name.startswith("rh_") or name == "past")
    begun = any(start.any() for start in trace.initial.values())
    biased = begun or any(np.any(first[name].value) for name in products)
    return Notation(trace.cell, {}, trace.names, biased)
