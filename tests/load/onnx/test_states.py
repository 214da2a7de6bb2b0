"""The states that an ONNX node starts from, however exporters make them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx_texts import STATES, model, recurrent, starting, written

from lstmviz.load import load_network


@pytest.mark.parametrize("how", STATES)
def test_states_are_made_as_the_graph_says(tmp_path: Path, how: str) -> None:
    forward, backward = np.array([[[0.3, -0.2]], [[0.9, 0.1]]], np.float32)
    arrays = {**recurrent(op="GRU", ways=2), "forward": forward, "backward": backward}
    network = load_network(written(tmp_path, model(starting(STATES[how]), **arrays)))
    assert network.notes == ()
    for layer, stored in zip(network.layers[0], (forward, backward), strict=True):
        np.testing.assert_array_equal(layer.initial["h"], stored[0])


@pytest.mark.parametrize("how", STATES)
def test_states_of_zeros_are_none(tmp_path: Path, how: str) -> None:
    zeros = np.zeros((1, 2), np.float32)
    arrays = {**recurrent(op="GRU", ways=2), "forward": zeros, "backward": zeros}
    network = load_network(written(tmp_path, model(starting(STATES[how]), **arrays)))
    assert network.notes == ()
    assert not any(layer.initial for layer in network.layers[0])


def test_zeros_of_a_shape_that_is_not_known_are_zeros(tmp_path: Path) -> None:
    made = """
        all = Shape (X)
        odd = CumSum (all, all)
        f = ConstantOfShape (odd)
        b = ConstantOfShape (odd)
        start = Concat <axis = 0> (f, b)
    """
    network = load_network(written(tmp_path, model(starting(made), **recurrent(op="GRU", ways=2))))
    assert network.notes == ()


@pytest.mark.parametrize(
    "made",
    ["start = RandomNormalLike (forward)", "start = Add (forward, X)", "start = Expand (X, X)"],
)
def test_states_that_depend_on_the_input_are_told(tmp_path: Path, made: str) -> None:
    arrays = {**recurrent(op="GRU", ways=2), "forward": np.ones((1, 2), np.float32)}
    network = load_network(written(tmp_path, model(starting(made), **arrays)))
    assert network.notes == (
        "the initial h of it is computed in the model; it is 0 here unless initial= gives it",
    )


def test_states_made_of_very_many_values_are_refused_before_they_are_made(tmp_path: Path) -> None:
    made = """
        size = Constant <value = int64[3] {2, 1000000, 1000000}> ()
        start = Expand (forward, size)
    """
    arrays = {**recurrent(op="GRU", ways=2), "forward": np.ones((1, 1), np.float32)}
    made_of = written(tmp_path, model(starting(made), **arrays))
    with pytest.raises(Exception, match="made of more values than the file has"):
        load_network(made_of)
