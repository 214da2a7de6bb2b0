"""The code that the film shows computes what the trace holds."""

import numpy as np
import pytest

import lstmviz
from lstmviz.demo.networks import demo_network
from lstmviz.engine.lessons.plain_lstm import forward, weights_by_name
from lstmviz.engine.model.cells import find_cell
from lstmviz.engine.model.network import seeded


@pytest.mark.parametrize("ticks", [1, 2, 7])
def test_forward_gives_the_states_of_the_trace(ticks):
    network = seeded(find_cell("lstm"), inputs=3, hidden=5, seed=4)
    xs = np.random.default_rng(1).normal(size=(7, 3))
    start = (np.full(5, 0.3), np.full(5, -0.7))
    trace = lstmviz.run(xs, network=network, initial=start)
    h, c = forward(xs[:ticks], *start, *weights_by_name(network.layers[0][0]))
    np.testing.assert_allclose(h, trace["h"][ticks - 1], atol=1e-12)
    np.testing.assert_allclose(c, trace["c"][ticks - 1], atol=1e-12)


def test_forward_gives_the_states_of_the_demo_network():
    network = demo_network("lstm")
    trace = lstmviz.run("I will never buy it again.", network=network)
    zero = np.zeros(network.hidden)
    h, c = forward(trace["x"], zero, zero, *weights_by_name(network.layers[0][0]))
    np.testing.assert_allclose(h, trace["h"][-1], atol=1e-12)
    np.testing.assert_allclose(c, trace["c"][-1], atol=1e-12)


def test_another_cell_is_refused():
    with pytest.raises(lstmviz.UsageError, match="not of gru"):
        weights_by_name(demo_network("gru").layers[0][0])
