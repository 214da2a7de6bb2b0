"""A weight that learns, part by part, against one whole step of descent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lstmviz.demo.networks import demo_network
from lstmviz.demo.review import REVIEW
from lstmviz.engine.backward.gradients import gradients
from lstmviz.engine.lessons.weight_update import weight_story
from lstmviz.engine.model.network import Network, seeded
from lstmviz.errors import UsageError
from lstmviz.load.run import run


def loss(network: Network, target: float) -> float:
    output = run(REVIEW, network=network).output
    assert output is not None
    chance = 1 / (1 + np.exp(-output[-1, 0]))
    return float(-target * np.log(chance) - (1 - target) * np.log(1 - chance))


def moved(network: Network, row: int, column: int, step: float) -> Network:
    (layer,) = network.layers[0]
    R = layer.weights.R.astype(np.float64)
    R[row, column] += step
    return replace(network, layers=((replace(layer, weights=replace(layer.weights, R=R)),),))


@pytest.mark.parametrize("target", [0.0, 0.3, 1.0])
def test_the_steps_add_up_to_one_step_of_descent(target: float) -> None:
    network = demo_network("rnn")
    told = weight_story(network, run(REVIEW, network=network), 0.1, target=target)
    assert told.loss == pytest.approx(loss(network, target), rel=1e-9)
    (layer,) = network.layers[0]
    assert told.value == layer.weights.R[told.unit, told.source]

    sides = [loss(moved(network, told.unit, told.source, s), target) for s in (1e-5, -1e-5)]
    slope = (sides[0] - sides[1]) / 2e-5
    assert told.learnt == pytest.approx(told.value - 0.1 * slope, abs=1e-8)


def test_the_readings_follow_one_rule_from_the_last_tick_to_the_first() -> None:
    network = demo_network("rnn")
    trace = run(REVIEW, network=network)
    told = weight_story(network, trace, 0.5)
    readings = told.readings
    assert readings.tokens == trace.tokens
    assert readings.at(-1)["weight_prev"][0] == told.value
    assert readings.at(0)["weight"][0] == told.learnt
    for t in readings:
        assert t["step"][0] == 0.5 * t["gradient"][0]
        assert t["weight"][0] == t["weight_prev"][0] - t["step"][0]
        assert abs(t["gradient"][0]) <= t["norm"][0]
    np.testing.assert_array_equal(readings["weight_prev"][:-1], readings["weight"][1:])
    last = gradients(trace, network).weights["R"][-1]
    assert np.abs(last).argmax() == told.unit * 4 + told.source


def test_without_a_target_the_network_grows_surer() -> None:
    network = demo_network("rnn")
    told = weight_story(network, run(REVIEW, network=network), 0.5)
    surer = moved(network, told.unit, told.source, told.learnt - told.value)
    assert told.loss == pytest.approx(loss(network, 1.0), rel=1e-9)
    assert loss(surer, 1.0) < told.loss


def test_a_gated_cell_names_the_gate_and_a_network_without_answer_has_a_loss() -> None:
    network = seeded("lstm", 1, 3, bidirectional=True)
    trace = run([0.5, -1.0, 2.0], network=network)
    told = weight_story(network, trace.layer(1, "backward"), 0.1)
    assert told.gate in "figo"
    assert told.unit < 3
    weights = network.layers[0][1].gate(told.gate).R
    assert told.value == weights[told.unit, told.source]
    assert told.loss == pytest.approx(
        sum(trace.layer(1, way)["h"][-1].sum() for way in ("forward", "backward"))
    )
    assert told.readings.at(0)["weight_prev"][0] == told.value
    assert told.readings.at(-1)["weight"][0] == told.learnt


@pytest.mark.parametrize(("rate", "target", "what"), [(0, None, "rate is 0"), (1, 2, "target is")])
def test_what_makes_no_sense_is_refused(rate: float, target: float | None, what: str) -> None:
    network = demo_network("rnn")
    with pytest.raises(UsageError, match=what):
        weight_story(network, run("Good.", network=network), rate, target=target)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_what_is_told_of_the_way_back_is_that_of_the_gradients(cell: str) -> None:
    network = demo_network(cell)
    trace = run(REVIEW, network=network)
    told = weight_story(network, trace, 0.5, target=0.25)
    chance = 1 / (1 + np.exp(-log_odds(network)))
    felt = gradients(trace, replace(network, readout=network.readout.before_probabilities))  # type: ignore[union-attr]
    memory = felt["c" if cell == "lstm" else "h"] * (chance - 0.25)
    np.testing.assert_allclose(
        told.readings["size"][:, 0], np.linalg.norm(memory, axis=1), rtol=1e-9, atol=1e-12
    )
    gathered = told.readings["gathered"][:, 0]
    np.testing.assert_allclose(told.value - 0.5 * gathered, told.readings["weight"][:, 0])
    assert (told.readings["loss"] == told.loss).all()
    assert told.answered
    assert not told.direct


def log_odds(network: Network) -> float:
    plain = replace(network, readout=network.readout.before_probabilities)  # type: ignore[union-attr]
    output = run(REVIEW, network=plain).output
    assert output is not None
    return float(output[-1, 0])


def test_an_error_that_comes_from_above_as_well_is_known() -> None:
    network = demo_network("lstm")
    assert network.readout is not None
    pooled = replace(network, readout=replace(network.readout, pooling="mean"))
    trace = run("Good and cheap.", network=pooled)
    assert weight_story(pooled, trace, 0.1).direct
    stacked = seeded("gru", 1, 3, depth=2)
    trace = run([0.5, -1.0, 2.0], network=stacked)
    assert weight_story(stacked, trace.layer(1), 0.1).direct
    told = weight_story(stacked, trace.layer(2), 0.1)
    assert not told.direct
    assert not told.answered
