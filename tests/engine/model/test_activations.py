"""The functions that a configuration may choose; Keras and onnxruntime are compared elsewhere."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lstmviz.engine.model.activations import FUNCTIONS, Activation, activation
from lstmviz.engine.model.cells import CELLS, find_cell
from lstmviz.engine.model.network import Layer, Network, seeded
from lstmviz.errors import UsageError
from lstmviz.load.run import run

POINTS = np.array([-30.0, -4.0, -1.0, -0.3, 0.0, 0.2, 1.0, 5.0, 40.0])
BY_HAND = {
    "linear": lambda v: v,
    "affine": lambda v: v,
    "hard_sigmoid": lambda v: min(max(0.2 * v + 0.5, 0), 1),
    "leaky_relu": lambda v: v if v > 0 else 0.01 * v,
    "thresholded_relu": lambda v: v if v > 1 else 0,
    "elu": lambda v: v if v > 0 else math.exp(v) - 1,
    "softsign": lambda v: v / (1 + abs(v)),
    "softplus": lambda v: math.log1p(math.exp(v)),
    "exponential": math.exp,
    "silu": lambda v: v / (1 + math.exp(-v)),
    "gelu": lambda v: v * (1 + math.erf(v / math.sqrt(2))) / 2,
    "mish": lambda v: v * math.tanh(math.log1p(math.exp(v))),
    "log_sigmoid": lambda v: -math.log1p(math.exp(-v)),
    "hard_silu": lambda v: v * min(max(v / 6 + 0.5, 0), 1),
    "relu6": lambda v: min(max(v, 0), 6),
    "relu": lambda v: max(v, 0),
    "sigmoid": lambda v: 1 / (1 + math.exp(-v)),
    "tanh": math.tanh,
    "scaled_tanh": math.tanh,
    "selu": lambda v: 1.05070098 * (v if v > 0 else 1.67326324 * (math.exp(v) - 1)),
}


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if "softmax" not in name])
def test_each_function_is_what_its_name_says(name: str) -> None:
    for dtype in (np.float64, np.float32):
        ours = Activation(name)(POINTS.astype(dtype))
        assert ours.dtype == dtype
        theirs = [BY_HAND[name](float(v)) for v in POINTS.astype(dtype)]
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_softmax_adds_up() -> None:
    ours = Activation("softmax")(POINTS.reshape(3, 3))
    np.testing.assert_allclose(ours.sum(axis=-1), 1)
    np.testing.assert_allclose(ours[0] / ours[0, 2], np.exp(POINTS[:3] - POINTS[2]))


def test_parameters_and_clip() -> None:
    np.testing.assert_allclose(
        Activation("hard_sigmoid", (("alpha", 0.1), ("beta", 0.3)))(np.array([1.0])), 0.4
    )
    assert Activation("linear", clip=2.0)(np.array([-5.0, 1.0, 5.0])).tolist() == [-2, 1, 2]
    told = Activation("elu", (("alpha", 0.5),), 3.0)
    assert activation(told.description()) == told
    assert str(told) == "elu (alpha 0.5) of what is cut to ±3"
    assert activation(Activation("relu").description()) is FUNCTIONS["relu"]


@pytest.mark.parametrize(
    ("name", "parameters", "clip", "sentence"),
    [
        ("sin", (), None, "no activation 'sin'"),
        ("tanh", (("alpha", 1.0),), None, "no parameter 'alpha'"),
        ("elu", (("alpha", math.nan),), None, "not finite"),
        ("tanh", (), 0.0, "must be above 0"),
        ("tanh", (), math.inf, "not finite"),
    ],
)
def test_what_makes_no_sense_is_refused(
    name: str, parameters: tuple[tuple[str, float], ...], clip: float | None, sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        Activation(name, parameters, clip)


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_a_cell_tells_and_takes_its_functions(cell) -> None:  # type: ignore[no-untyped-def]
    applied = {name for name, made in cell.made.items() if made.by.isidentifier()}
    assert {*cell.activations} == applied >= {*cell.gates} > set()
    assert cell.configured({}) is cell
    assert cell.configured(dict(cell.functions)) is cell
    other = cell.configured({word: Activation("hard_sigmoid") for word in cell.functions})
    assert set(other.spelt.values()) == {"hard_sigmoid"}
    assert other.names == cell.names
    with pytest.raises(UsageError, match="has no function 'sin'"):
        cell.configured({"sin": np.sin})


def test_only_the_function_that_is_replaced_changes() -> None:
    network = seeded("lstm", 3, 4)
    layer = network.layers[0][0]
    x = np.random.default_rng(0).normal(size=(1, 3))
    plain = run(x, network=network)
    for word, changed in (("sigmoid", "fio"), ("tanh", "g"), ("squash", ("shown",))):
        cell = find_cell("lstm").configured({word: FUNCTIONS["softsign"]})
        other = run(x, network=Network(((Layer(cell, layer.weights),),)))
        assert {n for n in ("f", "i", "o", "g") if (other[n] != plain[n]).any()} <= {*changed}
        for name in changed:
            before = other["c"] if name == "shown" else other[f"a_{name}"]
            np.testing.assert_array_equal(other[name], FUNCTIONS["softsign"](before))
            assert other.activations[name] == "softsign"
