"""How the engine's time compares with that of PyTorch, both recording every gate.

    python benchmarks/engine.py

One LSTM layer with 64 inputs and 128 units: over 1000 ticks, over 100,000, and over 64 sequences
of 1000 side by side; and one with 256 units over 32 sequences of 100. The two run in turn, and the
quickest runs are compared: with one thread by the processor's time, which other work on the
machine lengthens least, else by the clock. Each run is the second of two, so that neither waits
for a system (or the host of a virtual machine) that has to find its gigabytes first.

PyTorch's side is written as one would write it by hand: a loop over `torch.nn.LSTMCell` with its
own weights; as the cell does not hand out its gates, they are computed beside it from the same
weights (all inputs in one product, one product a tick). The rows "gates alone" drop the call of
the cell and keep only the gates' own arithmetic: the hardest opponent that records the same.
Ours is `unroll` for the short sequence, and for the others what users call: `run` and
`run_batch`, with their checks and traces. Last come the time and the peak memory of long runs,
kept in memory and recorded to a file; the file's time is that of the disk, too.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import lstmviz
from lstmviz.engine.forward.unroll import unroll
from lstmviz.engine.model.network import Network, Weights, seeded

INPUTS, UNITS = 64, 128
MEASURE, PEAK = "--measure", "--peak"
LONG = 100_000
# Ticks, sequences, units, how often each side runs, and what part of the time of the loop over
# LSTMCell is to be reached.
CASES = (
    (1000, 1, UNITS, 11, 0.6),
    (LONG, 1, UNITS, 1, 0.6),
    (1000, 64, UNITS, 5, 0.6),
    (100, 32, 256, 25, 0.7),
)
LOOPS = {"LSTMCell + gates": True, "gates alone": False}


def main() -> int:
    """Run once with one thread for both, then with as many as each takes by itself."""
    alone = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    codes = []
    for title, environment in (("one thread", alone), ("default threads", {})):
        print(f"{title}:", flush=True)
        codes.append(_again(environment, MEASURE))
    print("peak memory, one thread:", flush=True)
    codes += [
        _again(alone, PEAK, where, str(ticks))
        for where in ("memory", "file")
        for ticks in (LONG // 4, LONG)
    ]
    return max(codes)


def _again(environment: Mapping[str, str], *arguments: str) -> int:
    command = [sys.executable, __file__, *arguments]
    return subprocess.run(command, env={**os.environ, **environment}).returncode


def measure() -> int:
    try:
        import torch
    except ImportError:
        torch = None
        print("  torch is missing: only the engine is timed; `make bench` installs it.")
    reached = True
    for ticks, batch, units, times, target in CASES:
        for dtype in ("float64", "float32"):
            title = f"{ticks} ticks × {batch}, {units} units, {dtype}"
            network = seeded("lstm", INPUTS, units)
            x = np.random.default_rng(0).normal(size=(ticks, batch, INPUTS)).astype(dtype)
            ours = _ours(network, x)
            if torch is None:
                print(f"  {title}: lstmviz {_quickest([ours], times)[0] * 1e3:.1f} ms")
                continue
            weights = network.layers[0][0].weights
            theirs = [_torch_loop(torch, weights, x, cell) for cell in LOOPS.values()]
            if dtype == "float64" and ticks < LONG:
                _compare(ours(), theirs[0]())
            mine, *others = _quickest([ours, *theirs], times)
            for loop, other in zip(LOOPS, others, strict=True):
                ratio = mine / other
                print(
                    f"  {title}: lstmviz {mine * 1e3:7.1f} ms, torch ({loop}) "
                    f"{other * 1e3:7.1f} ms, ratio {ratio:.2f}",
                    flush=True,
                )
                reached &= ratio <= target or not LOOPS[loop]
    return 0 if reached else 1


def _ours(network: Network, x: np.ndarray) -> Callable[[], Any]:
    ticks, batch, _ = x.shape
    if ticks == LONG:
        return partial(lstmviz.run, x[:, 0], network=network, dtype=str(x.dtype))
    if batch > 1:
        many = [np.ascontiguousarray(x[:, k]) for k in range(batch)]
        return partial(lstmviz.run_batch, many, network=network, dtype=str(x.dtype))
    start = {state: np.zeros(network.hidden, x.dtype) for state in network.cell.state}
    return partial(unroll, network.layers[0][0], x, start)


def peak(where: str, ticks: int) -> int:
    """Print how much memory one run needs beyond its input."""
    network = seeded("lstm", INPUTS, UNITS)
    x = np.random.default_rng(0).normal(size=(ticks, INPUTS))
    lstmviz.run(x[:10], network=network)
    before = _peak()
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        to = Path(folder) / "long.npz" if where == "file" else None
        trace = lstmviz.run(x, network=network, record_to=to)
        seconds = time.perf_counter() - begin
        print(
            f"  {len(trace)} ticks in {where}: {seconds:.1f} s, {_peak() - before:.0f} MB",
            flush=True,
        )
        del trace
    return 0


def _peak() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1e6 if sys.platform == "darwin" else 1e3
    )


def _quickest(functions: list[Callable[[], Any]], count: int) -> list[float]:
    """The fewest seconds of each function; they run in turn, so that all see the same noise."""
    alone = os.environ.get("OPENBLAS_NUM_THREADS") == "1"
    clock = time.process_time if alone else time.perf_counter
    times: list[list[float]] = [[] for _ in functions]
    for _ in range(count):
        for function, own in zip(functions, times, strict=True):
            function()
            begin = clock()
            function()
            own.append(clock() - begin)
    return [min(own) for own in times]


def _torch_loop(torch: Any, weights: Weights, x: np.ndarray, with_cell: bool) -> Callable[[], Any]:
    dtype = getattr(torch, str(x.dtype))
    units = len(weights.b) // 4
    f, i, g, o = np.split(np.arange(4 * units), 4)
    order = np.concatenate([i, f, g, o])  # PyTorch stacks i, f, g, o
    cell = torch.nn.LSTMCell(INPUTS, units, dtype=dtype)
    with torch.no_grad():
        for own, array in (
            (cell.weight_ih, weights.W),
            (cell.weight_hh, weights.R),
            (cell.bias_ih, weights.b),
            (cell.bias_hh, weights.rb),
        ):
            own.copy_(torch.tensor(array[order]))
    inputs = torch.tensor(x)
    ticks, batch = x.shape[:2]
    names = "a_i i a_f f a_g g a_o o kept added c shown h".split()

    @torch.no_grad()
    def loop() -> dict[str, Any]:
        record = {name: torch.empty(ticks, batch, units, dtype=dtype) for name in names}
        h = c = torch.zeros(batch, units, dtype=dtype)
        of_x = torch.nn.functional.linear(inputs, cell.weight_ih, cell.bias_ih)
        for t in range(ticks):
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


def _compare(ours: Any, theirs: dict[str, Any]) -> None:
    for name, value in theirs.items():
        mine = np.stack([t[name] for t in ours], 1) if isinstance(ours, tuple) else ours[name]
        np.testing.assert_allclose(mine, value.numpy(), rtol=1e-9, atol=1e-11, err_msg=name)


if __name__ == "__main__":
    if sys.argv[1:] == [MEASURE]:
        sys.exit(measure())
    sys.exit(peak(sys.argv[2], int(sys.argv[3])) if sys.argv[1:2] == [PEAK] else main())
