"""How the engine's time compares with that of PyTorch, both recording every gate.

    python benchmarks/engine.py

One LSTM layer over 1000 ticks, batch 1, 64 inputs, 128 units. The two run in turn, and the
medians are compared. PyTorch's side is written as one would write it by hand: a loop over
`torch.nn.LSTMCell` with its own weights; as the cell does not hand out its gates, they are
computed beside it from the same weights (all inputs in one product, one product a tick).
The rows "gates alone" drop the call of the cell and keep only the gates' own arithmetic: the
hardest opponent that records the same.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from lstmviz.engine.network import Weights, seeded
from lstmviz.engine.recurrence import unroll

TICKS, BATCH, INPUTS, UNITS = 1000, 1, 64, 128
TIMES = 15
TARGET = 0.6  # of the time of the loop over LSTMCell
MEASURE = "--measure"


def main() -> int:
    """Run once with one thread for both, then with as many as each takes by itself."""
    alone = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    codes = []
    for title, environment in (("one thread", alone), ("default threads", {})):
        print(f"{title}:", flush=True)
        command = [sys.executable, __file__, MEASURE]
        codes.append(subprocess.run(command, env={**os.environ, **environment}).returncode)
    return max(codes)


def measure() -> int:
    try:
        import torch
    except ImportError:
        torch = None
        print("  torch is missing: only the engine is timed; `make bench` installs it.")
    reached = True
    for dtype in ("float64", "float32"):
        layer = seeded("lstm", INPUTS, UNITS).layers[0][0]
        x = np.random.default_rng(0).normal(size=(TICKS, BATCH, INPUTS)).astype(dtype)
        start = {"h": np.zeros(UNITS, dtype), "c": np.zeros(UNITS, dtype)}
        ours = partial(unroll, layer, x, start)
        if torch is None:
            print(f"  {dtype}: lstmviz {_medians([ours])[0] * 1e3:.1f} ms")
            continue
        loops = {"LSTMCell + gates": True, "gates alone": False}
        theirs = [_torch_loop(torch, layer.weights, x, cell) for cell in loops.values()]
        if dtype == "float64":
            _compare(ours(), theirs[0]())
        mine, *others = _medians([ours, *theirs])
        for title, other in zip(loops, others, strict=True):
            ratio = mine / other
            print(
                f"  {dtype}: lstmviz {mine * 1e3:5.1f} ms, torch ({title}) {other * 1e3:6.1f} ms, "
                f"ratio {ratio:.2f}",
                flush=True,
            )
            reached &= ratio <= TARGET or not loops[title]
    return 0 if reached else 1


def _medians(functions: list[Callable[[], Any]]) -> list[float]:
    """The median seconds of each function; they run in turn, so that all see the same noise."""
    times: list[list[float]] = [[] for _ in functions]
    for _ in range(TIMES):
        for function, own in zip(functions, times, strict=True):
            begin = time.perf_counter()
            function()
            own.append(time.perf_counter() - begin)
    return [statistics.median(own[2:]) for own in times]


def _torch_loop(torch: Any, weights: Weights, x: np.ndarray, with_cell: bool) -> Callable[[], Any]:
    dtype = getattr(torch, str(x.dtype))
    f, i, g, o = np.split(np.arange(4 * UNITS), 4)
    order = np.concatenate([i, f, g, o])  # PyTorch stacks i, f, g, o
    cell = torch.nn.LSTMCell(INPUTS, UNITS, dtype=dtype)
    with torch.no_grad():
        for own, array in (
            (cell.weight_ih, weights.W), (cell.weight_hh, weights.R),
            (cell.bias_ih, weights.b), (cell.bias_hh, weights.rb),
        ):  # fmt: skip
            own.copy_(torch.tensor(array[order]))
    inputs = torch.tensor(x)
    names = "a_i i a_f f a_g g a_o o kept added c shown h".split()

    @torch.no_grad()
    def loop() -> dict[str, Any]:
        record = {name: torch.empty(TICKS, BATCH, UNITS, dtype=dtype) for name in names}
        h = c = torch.zeros(BATCH, UNITS, dtype=dtype)
        of_x = torch.nn.functional.linear(inputs, cell.weight_ih, cell.bias_ih)
        for t in range(TICKS):
            a = of_x[t] + torch.nn.functional.linear(h, cell.weight_hh, cell.bias_hh)
            a_i, a_f, a_g, a_o = a.chunk(4, dim=1)
            i, f, g, o = torch.sigmoid(a_i), torch.sigmoid(a_f), torch.tanh(a_g), torch.sigmoid(a_o)
            kept, added = f * c, i * g
            if with_cell:
                h, c = cell(inputs[t], (h, c))
                shown = torch.tanh(c)
            else:
                c = kept + added
                shown = torch.tanh(c)
                h = o * shown
            values = (a_i, i, a_f, f, a_g, g, a_o, o, kept, added, c, shown, h)
            for name, value in zip(names, values, strict=True):
                record[name][t] = value
        return record

    return loop


def _compare(ours: dict[str, np.ndarray], theirs: dict[str, Any]) -> None:
    for name, value in theirs.items():
        np.testing.assert_allclose(ours[name], value.numpy(), rtol=1e-9, atol=1e-11, err_msg=name)


if __name__ == "__main__":
    sys.exit(measure() if sys.argv[1:] == [MEASURE] else main())
