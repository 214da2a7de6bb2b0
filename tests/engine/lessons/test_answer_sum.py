"""An answer taken apart into products comes out as the network gave it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import lstmviz
from lstmviz.engine.lessons.answer_sum import answer_sum
from lstmviz.engine.model.activations import Activation
from lstmviz.engine.model.network import Network, seeded
from lstmviz.engine.model.readout import Dense, Readout
from lstmviz.errors import UsageError

WORDS = ("good", "bad", "not", "so")
TEXT = "good so not bad so good"


def dense(answers: int, inputs: int, activation: str = "linear") -> Dense:
    random = np.random.default_rng(answers + inputs)
    W = random.normal(size=(answers, inputs))
    return Dense(W, random.normal(size=answers), Activation(activation))


def network(readout: Readout, units: int = 4, **options: Any) -> Network:
    return replace(seeded("lstm", 3, units, vocabulary=WORDS, **options), readout=readout)


NETWORKS = {
    "one": network(Readout((dense(1, 4, "sigmoid"),))),
    "wide": network(Readout((dense(1, 40, "sigmoid"),)), 40),
    "classes": network(Readout((dense(6, 4, "softmax"),))),
    "chain": network(Readout((dense(9, 4, "relu"), dense(3, 9, "softmax")))),
    "mean": network(Readout((dense(1, 4, "tanh"),), "mean")),
    "max": network(Readout((dense(1, 4),), "max")),
    "both": network(Readout((dense(1, 8),), "last"), bidirectional=True),
    "stacked": network(Readout((dense(1, 4),)), depth=2),
}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("tick", [2, -1])
def test_products_the_rest_and_the_bias_make_the_sum(name: str, tick: int) -> None:
    of = NETWORKS[name]
    trace = lstmviz.run(TEXT, network=of)
    told = answer_sum(of, trace, tick, most=5)
    now = told.readings.at(0)
    product = np.asarray(now["product"])
    np.testing.assert_allclose(product, np.asarray(now[told.weighed]) * np.asarray(now["w"]))
    shown = product[list(told.units)].sum() + now["rest"][0] + now["b"][0]
    assert shown == pytest.approx(now["s"][0], abs=1e-12)
    assert of.readout is not None
    assert trace.output is not None
    last = of.readout.dense[-1].activation
    sums = np.zeros(len(trace.output[tick]))
    plain = replace(of, readout=of.readout.before_probabilities)
    if of.readout.of_several or of.readout.of_two:
        output = lstmviz.run(TEXT, network=plain).output
        assert output is not None
        sums = output[tick]
        assert sums[told.answer] == pytest.approx(now["s"][0])
    else:
        assert last(np.array([now["s"][0]]))[0] == pytest.approx(trace.output[tick][0])
    assert now["p"][0] == pytest.approx(trace.output[tick][told.answer])


def test_the_largest_products_stand_on_their_own() -> None:
    of = NETWORKS["wide"]
    told = answer_sum(of, lstmviz.run(TEXT, network=of), -1, most=8)
    sizes = np.abs(told.readings["product"][0])
    assert len(told.units) == 7
    assert told.left == 33
    assert {*told.units} == {*np.argsort(-sizes)[:7].tolist()}
    few = NETWORKS["one"]
    assert answer_sum(few, lstmviz.run(TEXT, network=few), -1, most=4).left == 0


def test_the_likeliest_answers_and_the_others_make_up_1() -> None:
    of = NETWORKS["classes"]
    trace = lstmviz.run(TEXT, network=of)
    told = answer_sum(of, trace, -1, most=8, top=3)
    assert trace.answer is not None
    assert told.likely == tuple(np.argsort(-trace.answer)[:3])
    now = told.readings.at(0)
    assert sum(now["shares"]) + now["others"][0] == pytest.approx(1)
    assert now["shares"][0] == max(trace.answer)


def test_a_further_layer_and_pooling_are_not_called_h() -> None:
    def weighed(name: str) -> str:
        of = NETWORKS[name]
        return answer_sum(of, lstmviz.run(TEXT, network=of), -1, most=8).weighed

    assert [weighed(name) for name in ("one", "both", "chain", "mean")] == ["h", "h", "v", "v"]


def test_a_network_without_a_readout_has_no_answer() -> None:
    bare = seeded("lstm", 3, 4, vocabulary=WORDS)
    with pytest.raises(UsageError, match="no readout"):
        answer_sum(bare, lstmviz.run(TEXT, network=bare), -1, most=8)
