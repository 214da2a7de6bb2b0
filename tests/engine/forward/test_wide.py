"""Wide networks: their weights are neither copied nor laid out anew for a few ticks."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import lstmviz
from lstmviz.engine.forward.unroll import FEW, WIDE, unroll
from lstmviz.engine.model.network import Network, Weights, seeded

RANDOM = np.random.default_rng(0)


@contextmanager
def peak() -> Iterator[Callable[[], int]]:
    """How many bytes there were at most at a time, of those that came in the block."""
    tracemalloc.start()
    try:
        yield lambda: tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module")
def wide() -> Network:
    units = 16
    while 4 * units**2 < WIDE:
        units *= 2
    return seeded("lstm", 2, units)


@pytest.mark.slow
def test_a_wide_network_is_loaded_without_a_copy(wide: Network, tmp_path: Path) -> None:
    wide.save(tmp_path / "small.npz")  # packed; larger ones are not
    np.savez(tmp_path / "wide.npz", **np.load(tmp_path / "small.npz"))
    size = wide.layers[0][0].weights.R.nbytes
    with peak() as most:
        loaded = Network.load(tmp_path / "wide.npz")
        assert most() < 1.5 * size
    np.testing.assert_array_equal(loaded.layers[0][0].weights.R, wide.layers[0][0].weights.R)


def test_a_few_ticks_need_no_second_copy_of_wide_weights(wide: Network) -> None:
    lstmviz.run([[0.1, 0.2]], network=wide)  # what is done once in a process
    with peak() as most:
        lstmviz.run(RANDOM.normal(size=(4, 2)), network=wide)
        assert most() < 0.5 * wide.layers[0][0].weights.R.nbytes


@pytest.mark.parametrize("kind", ["lstm", "lstm-peephole", "gru", "gru-reset-before"])
def test_few_ticks_are_computed_as_the_first_of_many(kind: str) -> None:
    units, inputs = 64, WIDE // 128
    layer = seeded(kind, inputs, units).layers[0][0]
    assert layer.weights.W.size >= WIDE
    x = RANDOM.normal(size=(FEW // 2, 2, inputs))
    start = {state: np.zeros(units) for state in layer.cell.state}
    few, many = unroll(layer, x[:3], start), unroll(layer, x, start)
    for name, values in few.items():
        np.testing.assert_allclose(values, many[name][:3], rtol=1e-9, atol=1e-12, err_msg=name)


def test_weights_are_copied_where_somebody_could_change_them() -> None:
    ours, loose = np.ones((4, 1)), bytearray(np.ones(4))
    borrowed = np.frombuffer(loose)
    borrowed.setflags(write=False)
    shut = np.ones(4)
    shut.setflags(write=False)
    weights = Weights(ours, np.ones((4, 1)), borrowed, shut)
    ours[:] = 2
    loose[:8] = bytes(np.full(1, 2.0))
    shut.setflags(write=True)
    shut[:] = 2
    for array in (weights.W, weights.b, weights.rb):
        assert (array == 1).all()
        assert not array.flags.writeable
    kept = np.frombuffer(bytes(np.ones(4)))
    assert Weights(ours, ours, kept, kept).b is kept
