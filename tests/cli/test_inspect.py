"""What `inspect` says of a network's file, and the command that it ends with."""

from __future__ import annotations

import json
import shlex
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstmviz import Cell, Network
from lstmviz.cli import main
from lstmviz.cli.errors import in_options
from lstmviz.cli.inspect import story_of
from lstmviz.engine.model.cells import CELLS
from lstmviz.engine.model.network import seeded
from lstmviz.engine.model.readout import Readout
from lstmviz.stage.story.discovery import find_story

from .conftest import Call

WORDS = ("good", "dull", "was", "<unk>", ".", "never")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a network of words and two of numbers."""
    monkeypatch.chdir(tmp_path)
    words = seeded("lstm", 3, 4, vocabulary=WORDS)
    readout = Readout.of((np.ones((1, 4)), np.zeros(1)))
    Network(words.layers, words.embedding, words.vocabulary, readout).save("words.npz")
    seeded("gru", 1, 4).save("one value.npz")
    seeded("rnn", 2, 4).save("two.npz")
    seeded("ugrnn", 9, 4).save("nine.npz")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "story"),
    [
        pytest.param("words.npz", "forget-gate", marks=pytest.mark.verify),
        pytest.param("one value.npz", "update-gate", marks=pytest.mark.verify),
        ("two.npz", "rnn-cell"),
    ],
)
@pytest.mark.slow
def test_it_ends_with_a_command_that_works(call: Call, folder: Path, name: str, story: str) -> None:
    *_, above, last = call("inspect", name).stdout.splitlines()
    assert above == "next:"
    program, command, told, *rest = shlex.split(last)
    assert (program, command, told) == ("lstmviz", "render", story)
    rest[rest.index("film.mp4")] = "sheet.png"
    call("storyboard", told, *rest, "--quality", "draft", "--quiet")
    assert (folder / "sheet.png").stat().st_size > 10_000


def test_it_says_of_which_file_many_features_come(call: Call, folder: Path) -> None:
    said = call("inspect", "nine.npz").stdout
    assert "lstmviz render hidden-state --network nine.npz --input series.csv -o film.mp4" in said
    assert "series.csv: a row per tick, 9 columns" in said
    assert "if it reads one-hot tokens: --vocab with all 9, and a text" in said


def test_it_says_the_answer(call: Call, folder: Path) -> None:
    assert "  its answer: dense 4 → 1" in call("inspect", "words.npz").stdout


def test_programs_read_json(call: Call, folder: Path) -> None:
    told = json.loads(call("inspect", "words.npz", "--json").stdout)
    assert told["parts"][0]["layers"][0]["cell"] == "lstm"
    assert told["vocabulary"] == len(WORDS)
    assert told["words"] == ["good", "dull", "was", "never"]
    assert told["next"] == [
        "lstmviz render forget-gate --network words.npz --input 'good dull was never' -o film.mp4"
    ]


def test_the_exit_code_is_1_where_nothing_can_be_run(call: Call, folder: Path) -> None:
    header = json.dumps({"fc.weight": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]}})
    (folder / "fc.safetensors").write_bytes(
        struct.pack("<Q", len(header)) + header.encode() + bytes(8)
    )
    said = call("inspect", "fc.safetensors", fails=1).stdout
    assert "nothing in it can be run" in said
    assert "cannot be used: it has no RNN, LSTM or GRU in it" in said
    assert "next" not in said


def test_what_lies_in_the_folder_of_a_model_is_proposed(call: Call, folder: Path) -> None:
    shapes = {"emb.weight": (3, 2), "rnn.weight_ih_l0": (8, 2), "rnn.weight_hh_l0": (8, 2)}
    (folder / "model").mkdir()
    header, begin = dict[str, Any](), 0
    for name, shape in shapes.items():
        size = 4 * int(np.prod(shape))
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, begin + size]}
        begin += size
    told = json.dumps(header).encode()
    content = struct.pack("<Q", len(told)) + told + bytes(begin)
    (folder / "model" / "model.safetensors").write_bytes(content)
    assert "--vocab vocabulary.txt" in call("inspect", "model").stdout
    (folder / "model" / "vocab.txt").write_text("<unk>\ngood\ndull\n")
    assert "--network model --vocab model/vocab.txt --input" in call("inspect", "model").stdout
    (folder / "model" / "tokenizer.json").write_text("{}")
    assert "--network model --tokens model/tokenizer.json" in call("inspect", "model").stdout


def test_parts_in_a_row_are_run_as_one_first(call: Call, folder: Path) -> None:
    shapes = {"rnn1.weight_ih": (8, 1), "rnn1.weight_hh": (8, 2)}
    shapes |= {"rnn2.weight_ih": (6, 2), "rnn2.weight_hh": (6, 2)}
    np.savez(folder / "row.npz", **{name: np.ones(shape) for name, shape in shapes.items()})
    said = call("inspect", "row.npz").stdout
    assert "run as one, unless a part is chosen: rnn1 → rnn2" in said
    command = "lstmviz render update-gate --network row.npz --input 0.1,0.5,-1 -o film.mp4"
    assert f"next:\n  {command}\nnext for part 'rnn1':" in said


def test_a_file_of_names_is_proposed_and_its_command(call: Call, folder: Path) -> None:
    np.savez(folder / "own.npz", Wxh=np.ones((3, 2)), Whh=np.ones((3, 3)), bh=np.ones(3))
    said = call("inspect", "own.npz", fails=1).stdout
    assert said.endswith("  lstmviz inspect own.npz --names names.toml\n")
    told = json.loads(call("inspect", "own.npz", "--json", fails=1).stdout)
    assert told["names"] in said
    (folder / "names.toml").write_text(told["names"])
    again = call("inspect", "own.npz", "--names", "names.toml").stdout
    assert "rnn, forward, 2 → 3 units" in again
    assert "lstmviz render rnn-cell --network own.npz --names names.toml --input" in again


def test_errors_speak_of_options(refused: Callable[..., str], folder: Path) -> None:
    said = refused("inspect", "words.npz", "--embedding", "e", "--head", "none")
    assert "leave out --embedding and --head" in said


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_the_story_that_it_names_can_be_told(cell: Cell) -> None:
    assert cell.name in find_story(story_of(tuple(cell.names))).fitting_cells()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("name one with part=.", "name one with --part."),
        ("try again with jobs=1.", "try again with --jobs 1."),
        (
            "replace it with force=True, or head='fc:last', not",
            "replace it with --force, or --head fc:last, not",
        ),
        ("or use cache=False.", "or use --no-cache."),
        ("say gap=-99.9, or gap=1e+20.", "say --gap -99.9, or --gap 1e+20."),
        ("another, with head='reg': the mean", "another, with --head reg: the mean"),
        (
            "words of vocabulary= and unknown= and other=.",
            "words of --vocab and --unknown and other=.",
        ),
        ("R=3 and x.part=y and 'part=': as they are", "R=3 and x.part=y and 'part=': as they are"),
    ],
)
def test_arguments_are_options_on_the_command_line(said: str, expected: str) -> None:
    assert in_options(said, main.commands["render"]) == expected
