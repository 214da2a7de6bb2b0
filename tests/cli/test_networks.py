"""Networks of other frameworks on the command line, and cells of one's own."""

from __future__ import annotations

import dataclasses
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from small_files import lstm, save

import lstmviz
from lstmviz.cli import main
from lstmviz.films.trace_request import TraceRequest
from lstmviz.load.options import NAMES

from .conftest import Call

FIXTURES = Path(__file__).resolve().parents[1] / "load" / "fixtures"
CELL = '''from lstmviz import Moment, cell
from lstmviz.engine.model.functions import tanh


@cell(gates="h", state="h")
def leaky(t: Moment) -> None:
    """Leaky RNN: half of the old output stays."""
    t.h = 0.5 * t.h_prev + 0.5 * tanh(t.affine("h", t.x, t.h_prev))
'''


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with recorded networks, the current one."""
    for kind in ("torch", "keras3", "onnx"):
        with tarfile.open(FIXTURES / f"{kind}.tar.xz") as archive:
            archive.extractall(tmp_path, filter="data")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def series(path: Path, width: int) -> Path:
    np.save(path, np.random.default_rng(3).normal(size=(5, width)))
    return path


def test_inspect_says_what_is_in_a_file(call: Call, files: Path) -> None:
    said = call("inspect", "LSTM-stacked.pt").stdout
    assert "LSTM-stacked.pt: PyTorch" in said
    assert "lstm" in said
    assert "2 layers" in said or said.count("layer") >= 2
    assert "reset" in call("inspect", "GRU-after.onnx").stdout


def test_inspect_refuses_what_is_no_network(refused: Callable[..., str], files: Path) -> None:
    (files / "empty.pt").write_bytes(b"")
    assert "empty.pt" in refused("inspect", "empty.pt")
    assert "none.pt" in refused("inspect", "none.pt")


@pytest.mark.parametrize("name", ["LSTM-stacked.pt", "LSTM-stacked.safetensors", "GRU-after.onnx"])
@pytest.mark.slow
def test_a_network_of_another_framework_is_traced(call: Call, files: Path, name: str) -> None:
    network = lstmviz.load_network(name)
    x = series(files / "x.npy", network.inputs)
    call("trace", "--network", name, "--input", x, "-o", "t.npz", "--quiet")
    trace = lstmviz.Trace.load("t.npz")
    np.testing.assert_array_equal(trace["h"], lstmviz.run(np.load(x), network=network)["h"])


def test_layer_and_direction_choose_what_is_traced(
    call: Call, refused: Callable[..., str], files: Path
) -> None:
    name = "LSTM-stacked.pt"
    network = lstmviz.load_network(name)
    x = series(files / "x.npy", network.inputs)
    call("trace", "--network", name, "--input", x, "--layer", 1, "-o", "t.csv", "--quiet")
    text = (files / "t.csv").read_text(encoding="utf-8")
    assert text == lstmviz.run(np.load(x), network=network).layer(1, "forward").to_csv()
    assert "There is no layer 9" in refused(
        "trace", "--network", name, "--input", x, "--layer", 9, "-o", "u.csv"
    )


def test_numbers_are_checked_against_those_of_the_framework(
    call: Call, refused: Callable[..., str], files: Path
) -> None:
    name = "LSTM-stacked.pt"
    network = lstmviz.load_network(name)
    x = series(files / "x.npy", network.inputs)
    trace = lstmviz.run(np.load(x), network=network)
    outputs = [
        trace.layer(network.depth, way)["h"]
        for way in ("forward", "backward")[: network.directions]
    ]
    np.save("y.npy", np.concatenate(outputs, axis=1))
    said = call("trace", "--network", name, "--input", x, "--check", "y.npy").stderr
    assert "the largest difference is 0" in said
    np.save("z.npy", np.concatenate(outputs, axis=1) + 0.01)
    assert "not the framework's" in refused(
        "trace", "--network", name, "--input", x, "--check", "z.npy", fails=1
    )


@pytest.mark.slow
def test_a_film_of_a_network_of_pytorch(call: Call, files: Path) -> None:
    name = "LSTM-stacked.pt"
    x = series(files / "x.npy", lstmviz.load_network(name).inputs)
    call("storyboard", "forget-gate", "--network", name, "--input", x, "-o", "s.png", "--quiet")
    assert (files / "s.png").stat().st_size > 10_000


def test_what_says_more_of_a_file_needs_the_file(refused: Callable[..., str], files: Path) -> None:
    assert "Name the file of a network with --network" in refused("trace", "--vocab", "words.txt")


def test_all_that_a_file_does_not_say_can_be_asked_for() -> None:
    asked = {field.name for field in dataclasses.fields(TraceRequest)}
    for command in (main.commands["render"], main.commands["trace"], main.commands["inspect"]):
        assert set(NAMES) <= {option.name for option in command.params}
    assert set(NAMES) <= asked


def test_a_cell_of_one_s_own_is_traced(
    call: Call, refused: Callable[..., str], files: Path
) -> None:
    (files / "mine.py").write_text(CELL, encoding="utf-8")
    for name in ("mine.py:leaky", "mine.py"):
        call("trace", "--cell", name, "--input", "0.5,1", "--hidden", 2, "-o", "t.npz", "--quiet")
        assert lstmviz.Trace.load("t.npz").cell == "leaky"
    assert "its cells are: leaky" in refused("trace", "--cell", "mine.py:lossy", "--input", "1")


@pytest.mark.slow
def test_masked_steps_are_told(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with tarfile.open(FIXTURES / "masked3.tar.xz") as archive:
        archive.extract("lstm.keras", tmp_path, filter="data")
    monkeypatch.chdir(tmp_path)
    np.save("x.npy", np.array([[0, 0, 0], [1, 2, 3], [0, 0, 0]]))
    said = call("trace", "--network", "lstm.keras", "--input", "x.npy", "-o", "t.npz").stderr
    assert "Note: 2 of the 3 steps are masked (all values are 0) and passed over" in said
    assert lstmviz.Trace.load("t.npz").skipped == (0, 2)
    assert "masked: all values are 0" in call("inspect", "lstm.keras").stdout


@pytest.mark.parametrize("more", [(), ("--lang", "zh")])
@pytest.mark.few(1)
@pytest.mark.slow
def test_a_weight_of_a_network_of_ones_own_learns(
    call: Call, refused: Callable[..., str], files: Path, more: tuple[str, ...]
) -> None:
    x = str(series(files / "x.npy", 3))
    draw = ("storyboard", "gradient-update", "--quality", "draft", "-o", "sheet.png", *more)
    call(*draw, "--network", "LSTM-stacked.pt", "--input", x)
    if more:
        return
    call("trace", "--network", "LSTM-stacked.pt", "--input", x, "-o", "trace.npz")
    said = refused(*draw, "--trace", "trace.npz")
    assert "--network LSTM-stacked.pt" in said
    call(*draw, "--trace", "trace.npz", "--network", "LSTM-stacked.pt")
    assert "not of this network" in refused(
        *draw, "--trace", "trace.npz", "--network", "GRU-stacked.pt"
    )


def test_letters_are_read_and_shown_on_the_command_line(
    call: Call, refused: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "m.safetensors", **lstm("rnn", 4, 3))
    (tmp_path / "v.json").write_text('{"a": 0, "b": 1, " ": 2, "?": 3}')
    (tmp_path / "t.json").write_text('["b", "a", "c"]')
    of = ("trace", "--network", "m.safetensors", "--vocab", "v.json", "--show", "h")
    told = call(*of, "--input", "ab\tA", "--unknown", "?")
    assert [line.split()[1] for line in told.stdout.splitlines()[-4:]] == ["a", "b", "⇥?", "A"]
    assert "its 4 inputs are taken for one-hot tokens" in told.stderr
    assert "capitals are read as small letters" in told.stderr
    assert "no 'c'" in refused(*of, "--input", "c")
    assert "with --unknown" in refused(*of, "--input", "c")
    ready = call(*of, "--input", "t.json", "--unknown", "?")
    assert [line.split()[1] for line in ready.stdout.splitlines()[-3:]] == ["b", "a", "c?"]
    assert "--tokens is 'char'; give words, chars" in refused(
        *of, "--input", "a", "--tokens", "char"
    )
