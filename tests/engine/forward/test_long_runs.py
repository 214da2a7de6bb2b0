"""Long runs: in pieces, into a file, without filling the memory."""

from __future__ import annotations

import errno
import os
import pickle
import shutil
import tracemalloc
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import lstmviz
from lstmviz.engine.backward.gradients import gradients
from lstmviz.engine.forward import unroll as recurrence
from lstmviz.engine.model.cells import CELLS
from lstmviz.engine.model.network import Network, seeded
from lstmviz.engine.model.readout import Readout
from lstmviz.errors import LstmvizError, UsageError
from lstmviz.npz import format as npz
from lstmviz.npz.mapped import is_mapped
from lstmviz.npz.writer import Member
from lstmviz.trace.trace import Trace

pytestmark = pytest.mark.slow

RANDOM = np.random.default_rng(0)


def alike(one: Trace, other: Trace) -> None:
    """Both say the same, bit for bit."""
    assert (one.kind, one.network, one.shown, len(one)) == (
        other.kind,
        other.network,
        other.shown,
        len(other),
    )
    assert one.tokens == other.tokens
    assert list(one.recordings) == list(other.recordings)
    for key, recording in one.recordings.items():
        layers = one.layer(*key), other.layer(*key)
        assert layers[0].cell == layers[1].cell
        assert layers[0].activations == layers[1].activations
        assert layers[0].names == layers[1].names
        for name in [*layers[0].names, *(f"{state}_prev" for state in recording.initial)]:
            np.testing.assert_array_equal(layers[0][name], layers[1][name], err_msg=name)
            assert layers[0][name].dtype == layers[1][name].dtype
    if one.output is not None:
        np.testing.assert_array_equal(one.output, other["output"])
    assert (one.output is None) == (other.output is None)


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of 16 ticks or so, so that short runs have many."""
    monkeypatch.setattr(recurrence, "PIECE", 1)


@pytest.mark.parametrize("cell", [cell.name for cell in CELLS])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_run_in_pieces_is_that_of_one_piece(
    cell: str, bidirectional: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = seeded(cell, 3, 5, 1, depth=2, bidirectional=bidirectional)
    x = RANDOM.normal(size=(101, 3))
    whole = lstmviz.run(x, network=network)
    monkeypatch.setattr(recurrence, "PIECE", 1)
    pieces = lstmviz.run(x, network=network)
    for key in whole.recordings:
        one, other = whole.layer(*key), pieces.layer(*key)
        for name in one.names:
            # Other sizes of a product, other rounding.
            np.testing.assert_allclose(one[name], other[name], rtol=1e-11, atol=1e-13)


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("merge", ["concat", "sum", "mul"])
def test_a_recorded_run_is_the_run(tmp_path: Path, dtype: str, merge: str) -> None:
    plain = seeded("lstm", 3, 4, 1, depth=2, bidirectional=True)
    if merge != "concat":  # the second layer then has as many inputs as the first has units
        plain = Network(
            (plain.layers[0], seeded("gru", 4, 4, 2, bidirectional=True).layers[0]),
            merges=(merge, "concat"),  # type: ignore[arg-type]
        )
    network = Network(
        plain.layers,
        readout=Readout.of((RANDOM.normal(size=(2, 8)), np.ones(2))),
        merges=plain.merges,
        notes=("one note",),
    )
    x, initial = RANDOM.normal(size=(77, 3)), RANDOM.normal(size=(4, 4))
    path = tmp_path / "long.npz"
    recorded = lstmviz.run(x, network=network, initial=initial, dtype=dtype, record_to=path)
    alike(recorded, lstmviz.run(x, network=network, initial=initial, dtype=dtype))
    alike(recorded, Trace.load(path))
    assert os.listdir(tmp_path) == ["long.npz"]


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("cell", [cell.name for cell in CELLS])
def test_every_cell_can_be_recorded(tmp_path: Path, cell: str) -> None:
    x = RANDOM.normal(size=(50, 1))
    recorded = lstmviz.run(x, cell=cell, record_to=tmp_path / "long.npz")
    alike(recorded, lstmviz.run(x, cell=cell))


@pytest.mark.parametrize("text", ["So good, so zyzzyva bad!", "good food " * 3000])
def test_words_are_recorded_too(tmp_path: Path, text: str) -> None:
    recorded = lstmviz.run(text, record_to=tmp_path / "long.npz")
    alike(recorded, lstmviz.run(text))
    assert recorded.at("good").token.text == "good"


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trace, Network]:
    network = seeded("lstm", 3, 16, 0)
    path = tmp_path_factory.mktemp("long") / "long.npz"
    return lstmviz.run(RANDOM.normal(size=(20_000, 3)), network=network, record_to=path), network


def test_a_long_trace_stays_in_its_file(long: tuple[Trace, Network]) -> None:
    trace, _ = long
    assert all(is_mapped(trace[name]) for name in trace.names if name != "x")
    with pytest.raises(ValueError, match="read-only"):
        trace["f"][0, 0] = 1
    at = trace.at(19_999)
    np.testing.assert_array_equal(at["c_prev"], trace["c"][-2])
    np.testing.assert_array_equal(at.kept, np.asarray(at.f) * np.asarray(at.c_prev))
    assert trace.at("t=20000").tick == 19_999
    with pytest.raises(UsageError, match="no 't=20001' in the input .*; it has: t=1, .*, …"):
        trace.at("t=20001")
    sent = pickle.dumps(trace)
    assert len(sent) < 500_000  # of 43 MB: the input is small, and goes along
    alike(pickle.loads(sent), trace)
    alike(pickle.loads(pickle.dumps(trace.layer(1))), trace)


def test_numpy_reads_the_file(tmp_path: Path) -> None:
    path = tmp_path / "long.npz"
    trace = lstmviz.run(RANDOM.normal(size=(3000, 2)), record_to=path)
    with np.load(path) as stored:
        np.testing.assert_array_equal(stored["layers.1.forward.values.f"], trace["f"])


def test_a_number_that_is_not_finite_is_refused_where_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "long.npz"
    trace = lstmviz.run(RANDOM.normal(size=(20_000, 3)), hidden=16, record_to=path)
    value, whole = trace["f"][7000].tobytes(), path.read_bytes()
    assert whole.count(value) == 1
    path.write_bytes(whole.replace(value, np.full(16, np.nan).tobytes()))
    damaged = Trace.load(path)
    assert damaged.at(6999).f[0] == trace.at(6999).f[0]
    with pytest.raises(UsageError, match="f at tick 7000 does not"):
        damaged.at(7000)["f"]


def peak(ticks: int, folder: Path, cell: str, bidirectional: bool) -> int:
    """The most memory, in bytes, that a recorded run of numbers in a file takes."""
    network = seeded(cell, 7, 4, 0, depth=2, bidirectional=bidirectional)
    path = folder / f"{ticks}.npy"
    np.save(path, np.random.default_rng(1).normal(size=(ticks, 7)))
    x = np.load(path, mmap_mode="r")
    tracemalloc.start()
    try:
        trace = lstmviz.run(x, network=network, record_to=folder / "long.npz")
        assert len(trace) == ticks
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.verify
@pytest.mark.parametrize(("cell", "bidirectional"), [("lstm", False), ("gru", True)])
def test_memory_does_not_grow_with_time(
    tmp_path: Path, cell: str, bidirectional: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recurrence, "PIECE", 2**14)
    monkeypatch.setattr(npz, "MAPPED_FROM", 2**12)
    peak(100, tmp_path, cell, bidirectional)  # what is imported and cached
    short, longer = (peak(t, tmp_path, cell, bidirectional) for t in (3000, 12_000))
    readings = (tmp_path / "long.npz").stat().st_size
    assert longer < readings / 10
    assert longer < short + 2**14


def test_an_interrupted_run_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, put = tmp_path / "long.npz", Member.put
    path.write_text("older")

    def interrupted(self: Member, row: int, values: np.ndarray) -> None:
        if row > 5000:
            raise KeyboardInterrupt
        put(self, row, values)

    monkeypatch.setattr(Member, "put", interrupted)
    with pytest.raises(KeyboardInterrupt):
        lstmviz.run(RANDOM.normal(size=(20_000, 3)), hidden=16, record_to=path, force=True)
    assert os.listdir(tmp_path) == ["long.npz"]
    assert path.read_text() == "older"


def test_a_disk_that_fills_up_gets_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Member, "put", full)
    with pytest.raises(LstmvizError, match=r"long.npz could not be written \(no space left on"):
        lstmviz.run([1, 2], record_to=tmp_path / "long.npz")
    assert os.listdir(tmp_path) == []


def test_a_disk_that_is_too_small_is_noticed_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000))
    with pytest.raises(LstmvizError, match="needs 7 MB more, but the disk has 1 MB free"):
        lstmviz.run(np.ones(10_000), record_to=tmp_path / "long.npz")
    assert os.listdir(tmp_path) == []


def test_a_run_that_is_refused_leaves_no_file(tmp_path: Path) -> None:
    path, x = tmp_path / "long.npz", [0.1, 0.5, -1]
    with pytest.raises(LstmvizError, match="differ"):
        lstmviz.run(x, check=np.ones((3, 4)), record_to=path)
    with pytest.raises(UsageError, match="At tick 1, x grows beyond float32"):
        lstmviz.run([1, 1e300], dtype="float32", record_to=path)
    with pytest.raises(UsageError, match="does not exist; create it"):
        lstmviz.run(x, record_to=tmp_path / "none" / "long.npz")
    assert os.listdir(tmp_path) == []
    h = lstmviz.run(x)["h"]
    alike(lstmviz.run(x, check=h, record_to=path), lstmviz.run(x))


def test_a_backward_layer_is_refused_at_the_tick_where_it_runs_away() -> None:
    from lstmviz.cells.rnn import rnn_relu
    from lstmviz.engine.model.network import Layer, Weights

    weights = Weights(np.ones((1, 1)), np.full((1, 1), 1e200), np.zeros(1), np.zeros(1))
    network = Network(((Layer(rnn_relu, weights, "backward"),),))
    with pytest.raises(UsageError, match="At tick 7, rh_h grows beyond float64"):
        lstmviz.run(np.ones(10), network=network)


def test_gradients_of_a_recorded_trace(tmp_path: Path) -> None:
    network = seeded("gru", 2, 3, 1, bidirectional=True)
    x = RANDOM.normal(size=(40, 2))
    recorded = lstmviz.run(x, network=network, record_to=tmp_path / "long.npz")
    one, other = gradients(recorded, network), gradients(x, network)
    np.testing.assert_array_equal(one["h"], other["h"])
    np.testing.assert_array_equal(one.total("R"), other.total("R"))


def test_gradients_that_would_fill_the_memory_are_refused(
    long: tuple[Trace, Network], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lstmviz.engine.backward.gradients.MOST", 10**8)
    with pytest.raises(UsageError, match="each of 20000 ticks would be .* shorter input"):
        gradients(*long)


@pytest.mark.verify
def test_a_hundred_thousand_ticks() -> None:
    x = RANDOM.normal(size=(100_000, 2))
    trace = lstmviz.run(x, cell="gru", dtype="float32")
    assert len(trace) == 100_000
    assert trace.at("t=100000").tick == 99_999
    np.testing.assert_array_equal(trace.at(-1)["h_prev"], trace["h"][-2])
    tail = lstmviz.run(x[-500:], cell="gru", dtype="float32", initial=trace["h"][-501])
    np.testing.assert_allclose(tail["h"], trace["h"][-500:], atol=1e-5)
