"""What is run, and a saved trace with the network that made it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import lstmviz
from lstmviz import Trace, run
from lstmviz.demo.network_of import network_of
from lstmviz.demo.networks import demo_network
from lstmviz.engine.model.network import seeded
from lstmviz.errors import LstmvizError, UsageError
from lstmviz.films.trace_request import TraceRequest

INPUT = [[1.0, 2.0], [0.5, -1.0]]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A folder with a network, and a trace of it."""
    seeded("lstm", 2, 3, 4, depth=2).save(tmp_path / "net.npz")
    run(INPUT, network=tmp_path / "net.npz", dtype="float32").save(tmp_path / "trace.npz")
    return tmp_path


def test_both_together_are_as_a_new_trace(kept: Path) -> None:
    request = TraceRequest(saved=kept / "trace.npz", network=kept / "net.npz", layer=1)
    made = request.trace(input="good")
    assert made.shown == (1, "forward")
    assert made.digest() == Trace.load(kept / "trace.npz").layer(1).digest()
    assert network_of(made).digest() == seeded("lstm", 2, 3, 4, depth=2).digest()


@pytest.mark.parametrize("other", ["lstm", "gru", "seed"])
def test_another_network_is_refused(kept: Path, other: str) -> None:
    network = seeded("lstm", 2, 3, 5, depth=2) if other == "seed" else demo_network(other)
    with pytest.raises(UsageError, match="not of this network"):
        TraceRequest(saved=kept / "trace.npz", network=network).trace(input="good")


def test_what_a_trace_has_already_is_refused(kept: Path) -> None:
    for given in ({"vocabulary": ["a"]}, {"hidden": 3}, {"network": "lstm", "input": "good"}):
        with pytest.raises(UsageError, match="A trace is given"):
            TraceRequest(saved=kept / "trace.npz", **given).trace(input="good")  # type: ignore[arg-type]


def test_what_is_recorded_speaks_of_the_layer_that_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "deep.npz"
    asked = TraceRequest(input=np.ones((5, 2)), network=seeded("gru", 2, 3, 1, depth=2), layer=1)
    made = asked.trace(input="", record_to=path)
    kept = lstmviz.Trace.load(path)
    assert made.shown == kept.shown == (1, "forward")
    np.testing.assert_array_equal(made["h"], kept["h"])
    np.testing.assert_array_equal(made["h"], asked.trace(input="")["h"])


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (TraceRequest(input=[0.1, 0.2], layer=2), UsageError),
        (TraceRequest(input=[0.1, 0.2], check=np.ones((2, 4))), LstmvizError),
    ],
    ids=["no such layer", "other numbers"],
)
def test_what_is_refused_leaves_no_file(
    tmp_path: Path, asked: TraceRequest, error: type[Exception]
) -> None:
    with pytest.raises(error):
        asked.trace(input="", record_to=tmp_path / "x.npz")
    assert not list(tmp_path.iterdir())
