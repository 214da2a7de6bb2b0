"""Memory of records is used again, but never while somebody can look at it."""

from __future__ import annotations

import ctypes
import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import lstmviz
from lstmviz.engine.forward.lent import FROM, MOST, lend
from lstmviz.engine.model.network import seeded


def place(array: NDArray[Any]) -> int:
    return int(array.ctypes.data)


def is_lent(array: Any) -> bool:
    while isinstance(array, np.ndarray):
        array = array.base
    return isinstance(array.obj if isinstance(array, memoryview) else array, ctypes.Array)


@pytest.mark.parametrize(
    "look", [lambda a: a[5:9], lambda a: a[:64].view(np.float32).reshape(2, -1).T]
)
def test_memory_comes_again_when_the_last_array_in_it_is_gone(
    look: Callable[[Any], Any],
) -> None:
    first = lend(FROM)
    first[...] = 9
    where, view = place(first), look(first)
    del first
    other = lend(FROM)
    assert place(other) != where
    view[...] = 7
    other[...] = 1
    assert (view == 7).all()
    del view
    again = lend(FROM)
    assert place(again) == where
    assert again[-1] == 9  # what the system gives is zero
    assert again.flags.writeable
    assert where % 64 == 0
    assert again.nbytes == FROM


def test_memory_of_another_size_is_given_up() -> None:
    lend(FROM)
    other, first = lend(FROM + 64), lend(FROM)
    assert (other.nbytes, first.nbytes) == (FROM + 64, FROM)
    assert [lend(size).nbytes for size in (0, 1)] == [0, 1]


def test_little_and_huge_memory_is_not_kept() -> None:
    for size in (FROM // 4, MOST + 1):
        tracemalloc.start()
        lend(size)
        left, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert left < size / 10 < most


@pytest.mark.slow
def test_a_batch_keeps_its_numbers_when_the_next_one_comes() -> None:
    network = seeded("lstm", 2, 64)
    random = np.random.default_rng(0)
    many = [random.normal(size=(150, 2)) for _ in range(32)]
    first = lstmviz.run_batch(many, network=network)
    kept, told = first[3]["i"], first[3]["i"].copy()
    assert is_lent(kept)
    del first
    second = lstmviz.run_batch([-x for x in many], network=network)
    assert is_lent(second[3]["i"])
    np.testing.assert_array_equal(kept, told)
    assert not kept.flags.writeable
    last = second[3]
    expected = lstmviz.run(-many[3], network=network)
    for name in last.names:
        np.testing.assert_allclose(last[name], expected[name], rtol=1e-9, atol=1e-12)
    del kept, second, last
    gc.collect()
    third = lstmviz.run_batch(many, network=network)
    np.testing.assert_array_equal(third[3]["i"], told)
