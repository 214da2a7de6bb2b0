"""What a network answers after each tick, as it is read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import lstmviz
from lstmviz.engine.model.activations import Activation
from lstmviz.engine.model.network import seeded
from lstmviz.engine.model.readout import Dense, Readout
from lstmviz.trace.answers import Answers, answers_of

WORDS = ("good", "bad", "not")


def answers(count: int, activation: str, **options: object) -> Answers:
    random = np.random.default_rng(2)
    dense = Dense(random.normal(size=(count, 4)), random.normal(size=count), Activation(activation))
    network = replace(
        seeded("gru", 2, 4, vocabulary=WORDS),
        readout=Readout((dense,), **options),  # type: ignore[arg-type]
    )
    found = answers_of(lstmviz.run("good not bad", network=network))
    assert found is not None
    return found


def test_log_odds_are_read_as_a_probability() -> None:
    said = answers_of(lstmviz.run("I hated it."))
    assert said is not None
    assert said.kind == "two"
    assert said.count == 1
    odds = said.trace.output
    assert odds is not None
    np.testing.assert_allclose(said.readings["answer"], 1 / (1 + np.exp(-odds)), rtol=1e-12)
    assert said.at(-1)[0] < 0.1
    assert said.sides == ("blame", "praise")


@pytest.mark.parametrize(
    ("activation", "count", "kind"),
    [
        ("sigmoid", 1, "two"),
        ("log_sigmoid", 1, "two"),
        ("sigmoid", 3, "several"),
        ("softmax", 3, "several"),
        ("log_softmax", 3, "several"),
        ("linear", 1, "value"),
        ("tanh", 2, "value"),
    ],
)
def test_an_answer_is_read_as_its_last_function_says(
    activation: str, count: int, kind: str
) -> None:
    said = answers(count, activation)
    assert said.kind == kind
    values = said.readings["answer"]
    if kind != "value":
        assert values.min() >= 0
        assert values.max() <= 1
    if "softmax" in activation:
        np.testing.assert_allclose(values.sum(axis=1), 1)
    for tick in range(3):
        np.testing.assert_array_equal(said.at(tick).value, values[tick])
        if kind == "several":
            assert said.told_at(tick) == values[tick].argmax()


def test_a_value_lies_between_the_ends_of_its_run() -> None:
    said = answers(2, "linear")
    told = said.told_at(0)
    assert np.ptp(said.readings["answer"], axis=0).argmax() == told
    least, most = said.range_of(told)
    values = said.readings["answer"][:, told]
    assert (least[told], most[told]) == (values.min(), values.max())
    assert values[least.tick] == values.min()


def test_without_a_readout_there_is_no_answer() -> None:
    assert answers_of(lstmviz.run([0.1, 0.5, -1.0])) is None
    said = answers(3, "softmax")
    assert [said.label(k) for k in range(3)] == ["1", "2", "3"]
    assert answers(1, "sigmoid").sides == ("0", "1")
    assert answers(1, "sigmoid", labels=("dull", "good")).sides == ("dull", "good")
