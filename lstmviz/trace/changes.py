"""How far each step moves the memory, and how much of that is written and how much is wiped."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lstmviz.style.notation import Look, Notation
from lstmviz.trace.recording import Recording
from lstmviz.trace.trace import Trace

MOVED, WRITTEN, WIPED = "moved", "written", "wiped"


def changes_of(trace: Trace) -> Trace:
    """Give the changes of a trace's memory as a trace: `moved`, `written` and `wiped` of each step.

    A step moves the memory by the length of c_t − c_(t−1). Each unit's part of it is wiped as far
    as its value goes towards 0, and written as far as it goes away from there; both add up to
    `moved`.
    """
    old, new = trace[f"{trace.memory}_prev"], trace[trace.memory]
    steps = np.abs(new - old)
    moved = np.linalg.norm(steps, axis=1, keepdims=True)
    through = old * new < 0
    parts = [
        (steps * np.where(through, size, np.maximum(size - other, 0.0))).sum(axis=1, keepdims=True)
        for size, other in ((np.abs(new), np.abs(old)), (np.abs(old), np.abs(new)))
    ]
    written, wiped = (part / np.maximum(moved, np.finfo(float).tiny) for part in parts)
    memory = trace.memory
    symbol = f"norm({memory}_t - {memory}_(t-1))"
    looks = {name: Look("ink", "size", symbol) for name in (MOVED, WRITTEN, WIPED)}
    recording = Recording(
        {MOVED: moved, WRITTEN: written, WIPED: wiped},
        {name: np.zeros(1) for name in looks},
        notation=Notation((*looks,), looks),
    )
    return replace(
        trace,
        network=replace(trace.network, hidden=1, depth=1, directions=1),
        recordings={(1, "forward"): recording},
        output=None,
        shown=(1, "forward"),
        features=(),
        made_by=None,
    )
