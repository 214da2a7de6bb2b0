"""Small products are made by one thread, and afterwards all is as it was."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import lstmviz
from lstmviz.engine.forward import blas_threads as threads
from lstmviz.engine.model.cell import cell
from lstmviz.engine.model.functions import tanh
from lstmviz.engine.model.moment import Moment


@pytest.fixture
def count() -> object:
    library = threads._library()
    if library is None:
        assert sys.platform != "linux", "NumPy's wheels for Linux bring OpenBLAS"
        pytest.skip("another library than OpenBLAS")
    before = library[0]()
    library[1](2)
    yield library[0]
    library[1](before)


def test_one_thread_makes_small_products_only(count) -> None:  # type: ignore[no-untyped-def]
    with threads.for_products(threads.SMALL):
        assert count() == 1
    assert count() == 2
    with threads.for_products(threads.SMALL + 1):
        assert count() == 2
    with pytest.raises(KeyError), threads.for_products(1):
        raise KeyError
    assert count() == 2


def test_a_run_is_such_a_place(count) -> None:  # type: ignore[no-untyped-def]
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


def test_without_the_library_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    h = lstmviz.run([1, 2, 3])["h"]
    monkeypatch.setattr(threads, "_library", lambda: None)
    np.testing.assert_array_equal(lstmviz.run([1, 2, 3])["h"], h)
