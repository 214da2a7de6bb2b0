"""Every operation of the tape against finite differences, and the refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lstmviz.engine.backward.autodiff import _SLOPES, Tape, Value
from lstmviz.engine.model import functions
from lstmviz.errors import UsageError

A = np.array([[0.3, 1.7, 2.2], [0.9, 0.4, 3.1]])
B = np.array([1.2, 0.7, 2.9])
STEP = 1e-6


def derivative(function: Callable[..., Any], arrays: list[Any], k: int, weights: Any) -> Any:
    """Of Σ weights · function, by central differences."""
    slopes = np.empty_like(arrays[k])
    for place in np.ndindex(slopes.shape):
        sides = []
        for step in (STEP, -STEP):
            moved = [array.copy() for array in arrays]
            moved[k][place] += step
            sides.append((weights * function(*moved)).sum())
        slopes[place] = (sides[0] - sides[1]) / (2 * STEP)
    return slopes


def assert_differentiated(function: Callable[..., Any], *arrays: Any) -> None:
    tape = Tape()
    leaves = [tape.leaf(array) for array in arrays]
    result = function(*leaves)
    plain = function(*arrays)
    np.testing.assert_array_equal(result.array, plain)
    weights = np.random.default_rng(0).normal(size=np.shape(plain))
    gradient = tape.pull([(result, weights)])
    for k, leaf in enumerate(leaves):
        expected = derivative(function, list(arrays), k, weights)
        np.testing.assert_allclose(gradient(leaf), expected, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("operation", _SLOPES, ids=lambda one: one.__name__)
def test_every_operation(operation: np.ufunc) -> None:
    operands = len(_SLOPES[operation])
    assert_differentiated(operation, *(A, B)[:operands])
    if operands == 2:
        assert_differentiated(operation, B, A)


@pytest.mark.parametrize(
    "function",
    [
        lambda a, b: a @ (b[:, None] * b),
        lambda a, b: b @ a.T,
        lambda a, b: 2 - a[0] / b,
        lambda a, b: a[..., 1:] * b[:2] + a[1, 0],
        lambda a, b: (a - a.mean(axis=-1, keepdims=True)) * b,
        lambda a, b: np.sum(a, axis=0) * np.mean(b),
        lambda a, b: a * (a > 1) + (-b) ** 2,
        lambda a, b: np.where(a > 1, a * b, 0.5) + np.where(b > 1, 2.0, b),
        lambda a, b: np.clip(a, 0.5, 2) * np.ones_like(b),
        lambda a, b: a / np.max(a, axis=-1, keepdims=True) + b.max(),
    ],
)
def test_everything_an_equation_may_do(function: Callable[..., Any]) -> None:
    assert_differentiated(function, A, B)


@pytest.mark.parametrize("name", ["sigmoid", "complement", "tanh", "relu"])
def test_the_nonlinearities_of_the_papers(name: str) -> None:
    assert_differentiated(getattr(functions, name), np.array([-30, -3, -0.2, 0.2, 3, 30.0]))


@pytest.mark.parametrize(("v", "slope"), [(0.0, 0.25), (-40.0, np.exp(-40)), (40.0, np.exp(-40))])
def test_the_slope_of_sigmoid_is_right_in_the_middle_and_far_out(v: float, slope: float) -> None:
    tape = Tape()
    leaf = tape.leaf(np.array([v]))
    gradient = tape.pull([(functions.sigmoid(leaf), np.ones(1))])  # type: ignore[arg-type, list-item]
    np.testing.assert_allclose(gradient(leaf), [slope], rtol=1e-14)


def test_the_slope_of_tanh_keeps_its_digits_far_out() -> None:
    tape = Tape()
    leaf = tape.leaf(np.array([15.0]))
    gradient = tape.pull([(np.tanh(leaf), np.ones(1))])  # type: ignore[call-overload]
    np.testing.assert_allclose(gradient(leaf), [4 * np.exp(-30)], rtol=1e-12)


def test_relu_has_no_slope_at_0() -> None:
    tape = Tape()
    leaf = tape.leaf(np.zeros(1))
    gradient = tape.pull([(functions.relu(leaf), np.ones(1))])  # type: ignore[arg-type, list-item]
    assert gradient(leaf).tolist() == [0.0]


def test_what_does_not_matter_has_the_gradient_0() -> None:
    tape = Tape()
    leaf, other = tape.leaf(A), tape.leaf(B)
    assert tape.pull([(leaf * 2, A)])(other).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("function", "what"),
    [
        (np.cbrt, "cbrt"),
        (np.cumsum, "cumsum"),
        (lambda v: np.where(v, v, 0), "where"),
        (np.asarray, "plain array"),
        (lambda v: np.maximum.accumulate(v), "maximum"),
        (lambda v: v @ np.ones(3), "no matrix"),
    ],
)
def test_what_cannot_be_differentiated_says_what_can(
    function: Callable[..., Any], what: str
) -> None:
    with pytest.raises(UsageError, match=f"{what}.*differentiated here; write it with .*tanh"):
        function(Value(Tape(), B))
