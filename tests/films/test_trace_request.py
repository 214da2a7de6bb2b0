"""A saved trace, and the network that made it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lstmviz import Trace, UsageError, run
from lstmviz.demo.network_of import network_of
from lstmviz.demo.networks import demo_network
from lstmviz.engine.model.network import seeded
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
