"""Multiplied by the factor at every step, really, with tanh and without."""

from __future__ import annotations

import numpy as np
import pytest

from lstmviz.engine.lessons.repeated_product import repeated
from lstmviz.errors import UsageError

START = [0.5, -0.02, 1.0]


def test_without_tanh_it_explodes() -> None:
    trace = repeated(START, 12, squash=False)
    expected = np.outer(3.0 ** np.arange(1, 13), START)
    np.testing.assert_allclose(trace["v"], expected, rtol=1e-14)
    np.testing.assert_array_equal(trace["a"], trace["v"])
    np.testing.assert_array_equal(trace["v_prev"][1:], trace["v"][:-1])
    np.testing.assert_array_equal(trace["v_prev"][0], START)


def test_with_tanh_it_stays_within_1() -> None:
    trace = repeated(START, 40, squash=True)
    assert np.abs(trace["v"]).max() < 1
    np.testing.assert_array_equal(trace["a"], 3 * trace["v_prev"])
    np.testing.assert_array_equal(trace["v"], np.tanh(trace["a"]))
    # It settles where v = tanh(3v).
    np.testing.assert_allclose(trace["v"][-1], np.tanh(3 * trace["v"][-1]), rtol=1e-12)


def test_steps_are_counted_from_1() -> None:
    trace = repeated([1], 3, squash=False, factor=-0.5)
    assert [token.text for token in trace.tokens] == ["1", "2", "3"]
    assert trace.at("2")["v"][0] == 0.25


@pytest.mark.parametrize("vector", [[], [[1.0]], [np.nan]])
def test_what_is_no_vector_is_refused(vector: list[float]) -> None:
    with pytest.raises(UsageError, match="A vector"):
        repeated(vector, 3, squash=True)


def test_no_steps_or_too_many_are_refused() -> None:
    with pytest.raises(UsageError, match="steps is 0"):
        repeated(START, 0, squash=True)
    with pytest.raises(UsageError, match="grows beyond float64"):
        repeated(START, 1000, squash=False)
