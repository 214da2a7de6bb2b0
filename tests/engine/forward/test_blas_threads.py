"""Small products are made by one thread, and afterwards all is as it was."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController, threadpool_limits

import lstmviz
from lstmviz.engine.forward import blas_threads as threads
from lstmviz.engine.model.cell import cell
from lstmviz.engine.model.functions import tanh
from lstmviz.engine.model.moment import Moment


@pytest.fixture
def count() -> Iterator[Callable[[], int]]:
    """How many threads NumPy's products may use: two here.

    Other tests may have loaded another library with products of its own (SciPy's), which is not
    limited when it came after the first run; NumPy's is the one with the fewest threads then.
    """
    libraries = ThreadpoolController().select(user_api="blas")

    def asked() -> int:
        return min(int(library["num_threads"]) for library in libraries.info())

    if not libraries.info():
        assert sys.platform != "linux", "NumPy's wheels for Linux bring OpenBLAS"
        pytest.skip("a library without threads that can be counted")
    with libraries.limit(limits=2):
        yield asked


def test_one_thread_makes_small_products_only(count: Callable[[], int]) -> None:
    with threads.for_products(threads.SMALL):
        assert count() == 1
    assert count() == 2
    with threads.for_products(threads.SMALL + 1):
        assert count() == 2
    with pytest.raises(KeyError), threads.for_products(1):
        raise KeyError
    assert count() == 2


def test_a_run_is_such_a_place(count: Callable[[], int]) -> None:
    seen = []

    @cell(gates="h", state="h")
    def watched(t: Moment) -> None:
        """A cell that looks how many threads there are."""
        seen.append(count())
        t.h = tanh(t.affine("h", t.x, t.h_prev))

    seen.clear()
    lstmviz.run([1, 2, 3], cell=watched)
    assert {*seen} == {1}
    assert count() == 2


def test_how_many_threads_there_are_changes_no_number() -> None:
    h = lstmviz.run([1, 2, 3])["h"]
    with threadpool_limits(3, user_api="blas"):
        np.testing.assert_array_equal(lstmviz.run([1, 2, 3])["h"], h)
