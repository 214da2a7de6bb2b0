"""Finding the network that made a trace."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lstmviz import Network, Trace, UsageError, cell, run
from lstmviz.demo.network_of import network_of
from lstmviz.demo.networks import NAMES, demo_network
from lstmviz.engine.model.cell import Moment
from lstmviz.engine.model.functions import tanh
from lstmviz.engine.model.network import seeded
from lstmviz.trace.recording import Source


def saved(trace: Trace, folder: Path) -> Trace:
    """The trace as its file has it: without the network."""
    trace.save(folder / "trace.npz")
    return Trace.load(folder / "trace.npz")


def older(trace: Trace) -> Trace:
    """The trace as an earlier version wrote it: the title alone says where it comes from."""
    return replace(trace, made_by=None, network=replace(trace.network, source=None))


def same(one: Network, other: Network) -> bool:
    return one.digest() == other.digest()


@pytest.mark.parametrize("name", NAMES)
def test_networks_that_come_with_lstmviz(name: str, tmp_path: Path) -> None:
    trace = run("I liked it", network=demo_network(name))
    assert trace.network.source == Source("demo", name)
    assert network_of(trace) is demo_network(name)
    assert network_of(saved(trace, tmp_path)) is demo_network(name)
    assert network_of(older(trace)) is demo_network(name)


@pytest.mark.parametrize("given", [[0.5, -1.0], [[1.0, 2.0, 3.0]], "I liked it"])
@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru-chung", "lstm-peephole", "lstm-projected"])
def test_random_weights(given: object, kind: str, tmp_path: Path) -> None:
    trace = run(given, cell=kind, hidden=3, seed=7)  # type: ignore[arg-type]
    assert trace.network.source == Source("seed", "7")
    for kept in (saved(trace, tmp_path), older(trace)):
        again = run(trace["x"], network=network_of(kept))
        assert np.array_equal(again["h"], trace["h"])


def test_random_weights_of_several_layers(tmp_path: Path) -> None:
    network = seeded("gru", 2, 3, 5, depth=2, bidirectional=True)
    trace = run([[1.0, 2.0], [0.0, -1.0]], network=network)
    assert same(network_of(saved(trace, tmp_path)), network)


def test_another_network_is_there_while_the_trace_is_new(tmp_path: Path) -> None:
    network = replace(seeded("rnn", 1, 4, 0), title="of my own", source=None)
    trace = run([1.0, 2.0], network=network)
    assert network_of(trace) is network
    assert network_of(trace.layer(1)) is network
    assert same(network_of(pickle.loads(pickle.dumps(trace))), network)
    assert network_of(run([1.0, 2.0], network=network, record_to=tmp_path / "t.npz")) is network
    with pytest.raises(UsageError, match=r"not hold the weights .*: network='FILE'\."):
        network_of(saved(trace, tmp_path))


def test_the_file_of_a_network_is_named(tmp_path: Path) -> None:
    seeded("lstm", 1, 2).save(tmp_path / "mine.npz")
    trace = run([1.0], network=tmp_path / "mine.npz")
    assert trace.network.source == Source("file", "mine.npz")  # not the folder
    with pytest.raises(UsageError, match=r"beside the trace: network='mine\.npz'\."):
        network_of(saved(trace, tmp_path))


def test_a_cell_of_ones_own_stays_in_its_process() -> None:
    @cell(gates="h", state="h", name="rnn")
    def other(t: Moment) -> None:
        """An RNN that forgets half."""
        t.h = 0.5 * tanh(t.affine("h", t.x, t.h_prev))

    network = seeded(other, 1, 2)
    trace = run([1.0, 2.0], network=network)
    assert not network.travels
    assert network_of(trace) is network
    assert pickle.loads(pickle.dumps(trace)).made_by is None


@pytest.mark.parametrize(
    "wrong", [{"hidden": 10**12}, {"inputs": 10**12}, {"depth": 10**9}, {"directions": 2}]
)
def test_nothing_is_made_by_sizes_that_are_not_those_of_the_readings(wrong: dict[str, int]) -> None:
    trace = run([1.0], cell="rnn", seed=1)
    with pytest.raises(UsageError, match="does not fit its readings"):
        network_of(replace(trace, made_by=None, network=replace(trace.network, **wrong)))  # type: ignore[arg-type]


@pytest.mark.parametrize(("kind", "name"), [("moon", "1"), ("seed", "-1"), ("seed", "９")])
def test_there_are_no_other_sources(kind: str, name: str) -> None:
    with pytest.raises(UsageError, match=r"seed"):
        Source(kind, name)  # type: ignore[arg-type]
