"""Many sequences side by side: each has the trace that it has alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lstmviz
from lstmviz.demo.networks import demo_network
from lstmviz.engine import run as running
from lstmviz.engine.forward import unroll as recurrence
from lstmviz.engine.model.cells import CELLS
from lstmviz.engine.model.network import Network, seeded
from lstmviz.engine.model.readout import Readout
from lstmviz.errors import UsageError
from lstmviz.trace.trace import Trace

SENTENCES = ["I will never buy it again.", "Great!", "The food was great, but the waiter was rude."]


def alike(one: Trace, other: Trace, tolerance: float = 1e-12) -> None:
    assert (one.kind, one.network, one.shown) == (other.kind, other.network, other.shown)
    assert one.tokens == other.tokens
    for key in one.recordings:
        layer, same = one.layer(*key), other.layer(*key)
        assert layer.names == same.names
        for name in layer.names:
            assert layer[name].dtype == same[name].dtype
            np.testing.assert_allclose(
                layer[name], same[name], rtol=tolerance, atol=tolerance, err_msg=f"{key} {name}"
            )
        for state, start in layer.initial.items():
            np.testing.assert_array_equal(start, same.initial[state])
    if one.output is not None:
        np.testing.assert_allclose(one.output, other["output"], rtol=tolerance, atol=tolerance)


@settings(max_examples=60, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 40), min_size=1, max_size=9),
    cell=st.sampled_from([cell.name for cell in CELLS]),
    depth=st.integers(1, 2),
    bidirectional=st.booleans(),
    dtype=st.sampled_from(["float64", "float32"]),
    own_states=st.booleans(),
    together=st.integers(1, 4),
    seed=st.integers(0, 99),
)
@pytest.mark.verify
def test_each_has_the_trace_that_it_has_alone(
    lengths: list[int],
    cell: str,
    depth: int,
    bidirectional: bool,
    dtype: str,
    own_states: bool,
    together: int,
    seed: int,
) -> None:
    random = np.random.default_rng(seed)
    network = seeded(cell, 3, 5, seed, depth=depth, bidirectional=bidirectional)
    answers = 5 * network.directions
    network = Network(
        network.layers, readout=Readout.of((random.normal(size=(2, answers)), np.ones(2)))
    )
    inputs = [random.normal(size=(length, 3)) for length in lengths]
    layers = depth * network.directions
    states = random.normal(size=(layers, len(lengths), 5) if own_states else (layers, 5))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recurrence, "PIECE", 1)
        patch.setattr(running, "TOGETHER", together)
        many = lstmviz.run_batch(inputs, network=network, initial={"h": states}, dtype=dtype)
    assert len(many) == len(inputs)
    for k, (x, trace) in enumerate(zip(inputs, many, strict=True)):
        initial = {"h": states[:, k] if own_states else states}
        alone = lstmviz.run(x, network=network, initial=initial, dtype=dtype)
        alike(trace, alone, 1e-12 if dtype == "float64" else 1e-5)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_sentences(cell: str) -> None:
    for text, trace in zip(SENTENCES, lstmviz.run_batch(SENTENCES, cell=cell), strict=True):
        alike(trace, lstmviz.run(text, cell=cell))
        assert trace.network.title == demo_network(cell).title


def test_random_weights_are_the_same_for_all() -> None:
    network = seeded("lstm", 4, 4, 0, vocabulary=("so", "good", "bad", "!"))
    for text, trace in zip(
        ("so good", "bad!"), lstmviz.run_batch(["so good", "bad!"], seed=0), strict=True
    ):
        alike(trace, lstmviz.run(text, network=network))
    one, other = lstmviz.run_batch([[1, 2, 3], [2]], hidden=3)
    alike(other, lstmviz.run([2], hidden=3))
    assert [token.text for token in one.tokens] == ["1", "2", "3"]


def test_the_traces_are_read_only_and_saved_as_any(tmp_path: Path) -> None:
    for number, trace in enumerate(lstmviz.run_batch(SENTENCES, cell="gru")):
        with pytest.raises(ValueError, match="read-only"):
            trace["h"][0, 0] = 1
        with pytest.raises(ValueError, match="WRITEABLE"):
            trace["h"].setflags(write=True)
        path = tmp_path / f"{number}.npz"
        trace.save(path)
        alike(Trace.load(path), trace, 0)


def test_a_very_long_one_does_not_make_room_for_all() -> None:
    assert running._groups([3, 50_000, 2, 30_000, 1]) == [[1, 3], [0, 2], [4]]


@pytest.mark.parametrize(
    ("inputs", "options", "sentence"),
    [
        ([], {}, "The batch is empty"),
        ("a sentence", {}, "list of sentences; for a single one use `run`"),
        (["good", " "], {}, "Sequence 2: The text is empty"),
        ([[1.0], [2.0, float("nan")]], {}, "Sequence 2: The input: row 2, column 1 is NaN"),
        ([[[1, 2]], [[1, 2, 3]]], {}, "Sequence 2 has 3 features at each tick, the first has 2"),
        ([[1, 2], "good"], {}, "Sequence 2 is of words, the first is not"),
        (["good", [1, 2]], {}, "Sequence 2 is of numbers, the first is not"),
        ([[1]], {"network": seeded("gru", 2, 3)}, "Sequence 1: .* 1 feature .* takes 2"),
        ([[1], [1, 1e300]], {"dtype": "float32"}, "Sequence 2: at tick 1, x grows beyond float32"),
        ([[1], [2]], {"initial": np.zeros((3, 4))}, r"initial h has the shape \(3, 4\)"),
        ([[1]], {"dtype": "float16"}, "choose float64 or float32"),
    ],
)
def test_wrong_batches_get_a_sentence(
    inputs: list[object], options: dict[str, object], sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        lstmviz.run_batch(inputs, **options)  # type: ignore[arg-type]
