"""Steps that are masked are passed over: every state is carried over them, in both directions."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import lstmviz
from lstmviz.engine.backward.gradients import gradients, jacobian_norms
from lstmviz.engine.forward.layers import initial_states
from lstmviz.engine.forward.unroll import unroll
from lstmviz.engine.inputs.encode import feed
from lstmviz.engine.model.masks import Mask
from lstmviz.engine.model.network import Network, seeded
from lstmviz.engine.model.readout import Readout
from lstmviz.errors import UsageError
from lstmviz.load.run import run, run_batch
from lstmviz.trace.directions import merged
from lstmviz.trace.trace import Trace

Array = NDArray[np.floating]
WORDS = ("<pad>", "the", "soup", "was", "good")


def carried_over(network: Network, x: Array, masked: NDArray[np.bool_]) -> Array:
    """What goes out of the last layer at each step, (time, width), one step after another.

    At a masked step a layer hands on what it handed on before, and its states stay.
    """
    for (number, level), merge in zip(enumerate(network.layers, 1), network.merges, strict=True):
        outputs = []
        for layer in level:
            state = dict(initial_states(network, None, (), x.dtype)[number, layer.direction])
            given_out = np.zeros((len(x), layer.outputs))
            last = np.zeros(layer.outputs)
            steps = range(len(x)) if layer.direction == "forward" else range(len(x))[::-1]
            for step in steps:
                if not masked[step]:
                    made = unroll(layer, x[step : step + 1], state)
                    state = {name: made[name][0] for name in state}
                    last = made[layer.cell.output][0]
                given_out[step] = last
            outputs.append(given_out)
        x = merged(outputs, merge)
    return x


@settings(max_examples=40, deadline=None)
@given(
    masked=st.lists(st.booleans(), min_size=1, max_size=12).filter(lambda m: not all(m)),
    cell=st.sampled_from(["lstm", "gru", "gru-reset-before", "rnn", "lstm-peephole"]),
    depth=st.integers(1, 3),
    bidirectional=st.booleans(),
    value=st.sampled_from([0.0, -1.0, 0.1]),
    seed=st.integers(0, 99),
)
@pytest.mark.slow
def test_all_states_are_carried_over_masked_steps(
    masked: list[bool], cell: str, depth: int, bidirectional: bool, value: float, seed: int
) -> None:
    network = seeded(cell, 3, 4, seed, depth=depth, bidirectional=bidirectional)
    network = replace(network, mask=Mask("values", value))
    x = np.random.default_rng(seed).normal(size=(len(masked), 3))
    x[masked] = value
    x[0, 0] = value  # one value alone masks nothing
    where = (x == value).all(axis=1)
    trace = run(x, network=network)
    expected = carried_over(network, x, where)
    last = [trace.layer(depth, layer.direction)["h"] for layer in network.layers[-1]]
    np.testing.assert_allclose(merged(last, "concat"), expected[~where], rtol=1e-10, atol=1e-12)
    assert trace.skipped == tuple(np.flatnonzero(where))
    np.testing.assert_array_equal(trace.steps, np.flatnonzero(~where))
    assert lstmviz.check_against(trace, expected).largest < 1e-10
    assert lstmviz.check_against(trace, expected[~where]).largest < 1e-10
    with pytest.raises(lstmviz.LstmvizError, match="not the framework's"):
        lstmviz.check_against(trace, expected + 0.01)


def masked_network() -> tuple[Network, Array, Network, Array]:
    """A network with a mask and an input, and the same without them."""
    plain = seeded("lstm", 2, 3, 5, depth=2, bidirectional=True)
    random = np.random.default_rng(1)
    plain = replace(plain, readout=Readout.of((random.normal(size=(2, 6)), np.ones(2))))
    x = random.normal(size=(7, 2))
    x[[0, 3, 4]] = 0
    return replace(plain, mask=Mask("values", 0.0)), x, plain, x[[1, 2, 5, 6]]


def test_derivatives_are_those_without_the_masked_steps() -> None:
    network, x, plain, kept = masked_network()
    ours, theirs = gradients(x, network), gradients(kept, plain)
    assert ours.loss == theirs.loss
    for name in ("x", "c", "h", "f"):
        np.testing.assert_array_equal(ours[name], theirs[name])
    np.testing.assert_array_equal(ours.total("R"), theirs.total("R"))
    trace = run(x, network=network)
    for name, norms in jacobian_norms(trace, network).items():
        np.testing.assert_array_equal(norms, jacobian_norms(run(kept, network=plain), plain)[name])

    # And against what the carried states say: dL/dx of a step by differences.
    for step, tick in ((1, 0), (5, 2)):
        moved = [x.copy(), x.copy()]
        moved[0][step, 1] += 1e-6
        moved[1][step, 1] -= 1e-6
        loss = [_answer(network, one) for one in moved]
        first = gradients(x, network).readings.layer(1)["x"][tick, 1]
        first += gradients(x, network).readings.layer(1, "backward")["x"][tick, 1]
        assert first == pytest.approx((loss[0] - loss[1]) / 2e-6, rel=1e-6)


def _answer(network: Network, x: Array) -> float:
    assert network.readout is not None
    out = carried_over(network, x, (x == 0).all(axis=1))
    return float((out @ network.readout.dense[0].W.T + network.readout.dense[0].b)[-1].sum())


def test_it_is_said_and_each_step_is_called_as_before() -> None:
    network, x, _, _ = masked_network()
    trace = run(x, network=network)
    assert trace.network.notes == (
        "3 of the 7 steps are masked (all values are 0) and passed over, as Keras does",
    )
    assert [token.text for token in trace.tokens] == ["t=2", "t=3", "t=6", "t=7"]
    one = run(x[2:4], network=network)
    assert one.network.notes[0].startswith("1 of the 2 steps is masked")
    none = run(x[1:3], network=network)
    assert (none.network.notes, none.skipped) == ((), ())


def test_an_input_that_is_masked_whole_is_refused() -> None:
    network, x, _, _ = masked_network()
    with pytest.raises(UsageError, match=r"all of the 3 steps.*all values are 0.*give at least"):
        run(np.zeros((3, 2)), network=network)
    with pytest.raises(UsageError, match=r"Sequence 2: .*all of the 2 steps"):
        run_batch([x, np.zeros((2, 2))], network=network)


def test_padding_is_a_row_of_the_embedding() -> None:
    plain = seeded("gru", 3, 4, 2, vocabulary=WORDS)
    network = replace(plain, mask=Mask("row", 0))
    rows = run([0, 2, 0, 4], network=network)
    np.testing.assert_array_equal(rows["h"], run([2, 4], network=plain)["h"])
    assert [token.text for token in rows.tokens] == ["soup", "good"]
    assert rows.network.notes[1:] == (
        "2 of the 4 steps are masked (row 0 of the embedding) and passed over, as Keras does",
    )
    words = run("the soup was good", network=network)
    np.testing.assert_array_equal(words["h"], run("the soup was good", network=plain)["h"])
    # Vectors go past the embedding, and so past its mask.
    assert run(np.zeros((2, 3)), network=network).skipped == ()
    with pytest.raises(UsageError, match="no embedding"):
        replace(plain, embedding=None, vocabulary=None, mask=Mask("row", 0))


def test_what_is_compared_has_the_precision_of_the_weights() -> None:
    plain = seeded("rnn", 1, 2, 0)
    layer = plain.layers[0][0]
    small = replace(layer, weights=layer.weights.astype(np.float32))
    x = np.float32([-0.1, 1.0]).astype(np.float64)
    for layers, skipped in ((layer, ()), (small, (0,))):
        network = Network(((layers,),), mask=Mask("values", -0.1))
        assert run(x, network=network).skipped == skipped


def test_masks_are_kept_in_files_and_sent_to_workers(tmp_path: Path) -> None:
    network, x, _, _ = masked_network()
    network.save(tmp_path / "n.npz")
    trace = run(x, network=network)
    loaded = Network.load(tmp_path / "n.npz")
    assert loaded.mask == network.mask == pickle.loads(pickle.dumps(network.mask))
    assert run(x, network=loaded).digest() == trace.digest()
    trace.save(tmp_path / "t.npz")
    recorded = run(x, network=network, record_to=tmp_path / "r.npz")
    for one in (
        Trace.load(tmp_path / "t.npz"),
        pickle.loads(pickle.dumps(trace)),
        recorded,
        trace.layer(1),
        run_batch([x[1:3], x], network=network)[1],
    ):
        assert one.skipped == (0, 3, 4)
        assert one.tokens == trace.tokens
        np.testing.assert_allclose(one.layer(2)["h"], trace["h"], rtol=1e-12)
    assert '"skipped": [0, 3, 4]' in trace.to_json()
    assert trace.digest() != replace(trace, skipped=()).digest()
    assert "skipped" not in run(x[1:3], network=network).to_json()


@pytest.mark.parametrize("skipped", [(1, 0), (2, 2), (-1,), (3,)])
def test_a_trace_skips_steps_of_its_own_input(skipped: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="skips steps"):
        replace(run([0.5, 1.0]), skipped=skipped)


@pytest.mark.parametrize(
    "of",
    [
        ("row", "x"),
        ("values", None),
        ("step", 0),
        ("values", True),
        ("values", float("nan")),
        ("values", 10**400),
    ],
)
def test_a_mask_is_a_rule_and_a_number(of: tuple[str, object]) -> None:
    with pytest.raises(UsageError, match="A mask is of values or of a row"):
        Mask(*of)  # type: ignore[arg-type]


def test_many_masked_steps_are_looked_through_in_pieces() -> None:
    network, _, _, _ = masked_network()
    x = np.random.default_rng(0).normal(size=(40_000, 2))
    x[::3] = 0
    x[20_000:39_000] = 0
    kept = x[(x != 0).any(axis=1)]
    fed = feed(x, network)
    assert len(fed.rows) == len(fed.tokens) == len(kept)
    for part in (slice(0, 9), slice(13_000, 14_000), slice(5, 5), slice(0, len(kept))):
        np.testing.assert_array_equal(fed.rows[part], kept[part])
    assert fed.skipped == tuple(np.flatnonzero((x == 0).all(axis=1)))
