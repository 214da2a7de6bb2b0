"""The walk along time, for cells of any kind."""

from __future__ import annotations

import numpy as np
import pytest

import lstmviz
from lstmviz.engine.model.cell import Cell, cell
from lstmviz.engine.model.cells import CELLS
from lstmviz.engine.model.functions import tanh
from lstmviz.engine.model.moment import Moment
from lstmviz.engine.model.network import seeded

RANDOM = np.random.default_rng(0)


@cell(gates="a b", state="h m", name="bare")
def bare(t: Moment) -> None:
    """A cell whose states are the sums themselves, and of which one gate sees no state."""
    t.q = tanh(t.input("b", t.x))
    t.m = 0.5 * t.m_prev + t.q
    t.h = t.affine("a", t.x, t.h_prev)


@cell(gates="a", state="h", name="unsummed")
def unsummed(t: Moment) -> None:
    """A cell that adds nothing up by `affine`."""
    t.h = tanh(t.input("a", t.x) * t.recurrent("a", t.h_prev))


@cell(gates="a", state="h", name="weighed")
def weighed(t: Moment) -> None:
    """A cell of which one reading is a weight, the same at every tick and in every sequence."""
    t.p = t.param("p")
    t.h = tanh(t.affine("a", t.x, t.p * t.h_prev))


@pytest.mark.parametrize("units", [3, 150])  # within one look at the numbers, and in many
def test_a_state_may_be_the_sum_itself(units: int) -> None:
    network = seeded(bare, 2, units)
    w = network.layers[0][0].weights
    x = RANDOM.normal(size=(23, 2))
    h = np.zeros(units)
    rows = []
    for row in x:
        h = w.W[:units] @ row + w.b[:units] + w.R[:units] @ h + w.rb[:units]
        rows.append(h)
    many = [x[:length] for length in (23, 12, 17) for _ in range(11)]
    for trace in (lstmviz.run(x, network=network), *lstmviz.run_batch(many, network=network)):
        np.testing.assert_allclose(trace["h"], rows[: len(trace)], rtol=1e-9)
        np.testing.assert_array_equal(trace["a_a"], trace["h"])


@pytest.mark.parametrize("kind", [*CELLS, bare, unsummed, weighed], ids=lambda kind: kind.name)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_wide_batch_is_the_runs_one_by_one(kind: Cell, dtype: str) -> None:
    network = seeded(kind, 3, 70, bidirectional=True)
    many = [RANDOM.normal(size=(length, 3)) for length in (9, 11, 7) for _ in range(11)]
    # Random weights of a projection let the rounding of float32 grow.
    near = {"rtol": 1e-9, "atol": 1e-12} if dtype == "float64" else {"rtol": 1e-3, "atol": 1e-3}
    together = lstmviz.run_batch(many, network=network, dtype=dtype)
    for one, x in list(zip(together, many, strict=True))[::8]:
        alone = lstmviz.run(x, network=network, dtype=dtype)
        for way in ("forward", "backward"):
            told, expected = one.layer(1, way), alone.layer(1, way)  # type: ignore[arg-type]
            for name in told.names:
                np.testing.assert_allclose(told[name], expected[name], **near, err_msg=name)


def test_only_readings_that_others_do_not_stand_for_are_looked_at() -> None:
    kinds = {kind.name: kind for kind in CELLS}
    assert kinds["lstm"].telling == {"a_f", "a_i", "a_g", "a_o", "c", "h"}
    assert kinds["rnn-relu"].telling == {"a_h", "h"}
    for number in (1e300, -1e300):
        network = seeded("rnn-relu", 1, 2)
        with pytest.raises(lstmviz.UsageError, match=r"Sequence 2: at tick 1, x grows beyond"):
            lstmviz.run_batch([[1, 2], [3, number]], network=network, dtype="float32")
