"""Finding the network that made a trace."""

from __future__ import annotations

import numpy as np
import pytest

from lstmviz import UsageError, run
from lstmviz.demo.network_of import network_of
from lstmviz.demo.networks import NAMES, demo_network
from lstmviz.engine.model.network import seeded


@pytest.mark.parametrize("name", NAMES)
def test_networks_that_come_with_lstmviz(name: str) -> None:
    assert network_of(run("I liked it", network=demo_network(name))) is demo_network(name)


@pytest.mark.parametrize("given", [[0.5, -1.0], [[1.0, 2.0, 3.0]], "I liked it"])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru-chung", "lstm-peephole"])
def test_random_weights(given: object, cell: str) -> None:
    trace = run(given, cell=cell, hidden=3, seed=7)  # type: ignore[arg-type]
    again = run(trace["x"], network=network_of(trace))
    assert np.array_equal(again["h"], trace["h"])


def test_another_network_is_not_at_hand() -> None:
    from dataclasses import replace

    network = replace(seeded("rnn", 1, 4, 0), title="of my own")
    with pytest.raises(UsageError, match="does not hold the weights"):
        network_of(run([1.0, 2.0], network=network))
