"""Which units and features of a trace are shown."""

from __future__ import annotations

import numpy as np

from lstmviz.trace.units import hot_features


def test_of_one_hot_values_those_are_shown_that_are_hot_nearby() -> None:
    rows = [0, 5, 5, 3, 7, 1]
    values = np.eye(9)[rows]
    assert hot_features(values, 2, 1) == (5,)
    assert hot_features(values, 2, 2) == (3, 5)
    assert hot_features(values, 0, 9) == (0, 1, 3, 5, 7)
    assert hot_features(values * 2, 0, 9) == ()
    assert hot_features(values + np.eye(9)[rows[::-1]], 0, 9) == ()
