"""Numbers with names and times, as a value."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from lstmviz.engine.inputs.series import Series
from lstmviz.errors import UsageError


def test_a_series_stands_for_its_values() -> None:
    series = Series(np.eye(2), ("a", "b"), ("mon", "tue"))
    np.testing.assert_array_equal(series, np.eye(2))
    assert np.array(series, np.float32, copy=True).dtype == np.float32
    assert (series.shape, len(series)) == ((2, 2), 2)
    assert repr(series) == "Series(2 ticks, features a, b, mon to tue)"
    assert repr(Series(np.eye(2))) == "Series(2 ticks, 2 features)"
    with pytest.raises(dataclasses.FrozenInstanceError):
        series.times = ()  # type: ignore[misc]


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ((np.ones(2),), r"is \(time, features\), not of shape \(2,\)"),
        ((np.eye(2), ("a",)), r"of shape \(2, 2\) cannot have 1 names; give 2, or none"),
        ((np.eye(2), (), ("a", "b", "c")), "cannot have 3 times; give 2, or none"),
    ],
)
def test_parts_that_do_not_fit_are_refused(parts: tuple[object, ...], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        Series(*parts)  # type: ignore[arg-type]
