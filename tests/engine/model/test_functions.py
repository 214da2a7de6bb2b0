"""The nonlinearities, at both ends."""

from __future__ import annotations

import math
import warnings
from decimal import Decimal, localcontext

import numpy as np
import pytest

from lstmviz.engine.model.functions import complement, relu, sigmoid, tanh


def exact(v: float) -> float:
    with localcontext() as context:
        context.prec = 60
        return float(1 / (1 + (-Decimal(v)).exp()))


@pytest.mark.parametrize("count", [101, 1501])  # few numbers, and many
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sigmoid_keeps_its_digits_as_far_as_numbers_go(dtype: type, count: int) -> None:
    info = np.finfo(dtype)
    last = -math.log(float(info.max)) + 1  # beyond it results are denormal
    v = np.concatenate([np.linspace(last, 40, count), [-1e-30, 0, 1e-30]]).astype(dtype)
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("error")
        ours = sigmoid(v)
    assert ours.dtype == dtype
    expected = np.array([exact(float(x)) for x in v])
    np.testing.assert_allclose(ours.astype(float), expected, rtol=4 * float(info.eps))


@pytest.mark.parametrize(("count", "digits"), [(50, 0), (1000, 2)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sigmoid_is_still_right_among_the_denormals(dtype: type, count: int, digits: int) -> None:
    info = np.finfo(dtype)
    least = float(info.smallest_subnormal)
    v = np.linspace(math.log(least), math.log(float(info.tiny)), count).astype(dtype)
    ours = sigmoid(v).astype(float)
    expected = np.array([exact(float(x)) for x in v])
    assert (ours > 0).sum() >= 0.96 * count
    np.testing.assert_allclose(ours, expected, rtol=digits * float(info.eps), atol=1.01 * least)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sigmoid_ends_at_exactly_0_and_1_without_a_warning(dtype: type) -> None:
    with np.errstate(all="raise", under="ignore"):
        v = np.array([-np.inf, -1e30, -1e4, 1e4, 1e30, np.inf], dtype)
        for times in (1, 200):
            np.testing.assert_array_equal(sigmoid(np.tile(v, times)), [0, 0, 0, 1, 1, 1] * times)
    assert np.isnan(sigmoid(np.array([np.nan], dtype))).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_complement_keeps_its_digits_where_1_minus_the_gate_loses_them(dtype: type) -> None:
    v = np.array([5, 20, 60], dtype)
    expected = [exact(-float(x)) for x in v]
    np.testing.assert_allclose(
        complement(v).astype(float), expected, rtol=4 * float(np.finfo(dtype).eps)
    )
    assert complement(v).dtype == dtype
    assert (1 - sigmoid(v))[2] == 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_tanh_and_relu(dtype: type) -> None:
    v = np.array([-2, -0.5, 0, 0.5, 2], dtype)
    np.testing.assert_allclose(tanh(v), [math.tanh(x) for x in v], rtol=1e-6)
    np.testing.assert_array_equal(relu(v), [0, 0, 0, 0.5, 2])
    assert tanh(v).dtype == relu(v).dtype == dtype


@pytest.mark.parametrize("count", [5_000, 30_001])
def test_tanh_of_many_numbers_keeps_its_digits(count: int) -> None:
    sizes = np.concatenate([np.geomspace(5e-324, 1e308, count), np.linspace(0, 25, count)])
    v = np.concatenate([sizes, -sizes, [np.inf, -np.inf, 0.0]])
    before = v.copy()
    with np.errstate(all="raise", under="ignore"):
        ours = tanh(v)
    np.testing.assert_array_equal(v, before)
    np.testing.assert_allclose(ours, np.tanh(v), rtol=6e-16, atol=1e-323)
    assert np.abs(ours).max() == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ours = tanh(np.append(v, np.nan))
    assert np.isnan(ours[-1])
    assert np.isfinite(ours[:-1]).all()
    assert tanh(v[: 4 * count].reshape(4, -1)).shape == (4, count)


def test_what_comes_in_stays_as_it_is() -> None:
    v = np.linspace(-3, 3, 7)
    before = v.copy()
    sigmoid(v), tanh(v), relu(v), complement(v)
    np.testing.assert_array_equal(v, before)
    assert sigmoid(np.zeros((2, 3, 4))).shape == (2, 3, 4)
