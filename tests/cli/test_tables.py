from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

import lstmviz
from lstmviz.cli.trace_table import print_table
from lstmviz.demo.networks import NAMES
from lstmviz.demo.review import REVIEW
from lstmviz.engine.model.cells import CELLS
from lstmviz.npz.mapped import is_mapped
from lstmviz.stage.story.discovery import stories
from lstmviz.style.language import languages
from lstmviz.style.notation import shown
from lstmviz.style.theme import THEMES
from lstmviz.trace.trace import Trace
from lstmviz.trace.units import moving

Call = Callable[..., Result]
Refused = Callable[..., str]


def rows(table: str) -> list[list[str]]:
    """The lines below the heading of a printed table, as their cells."""
    lines = table.splitlines()
    heading = next(k for k, line in enumerate(lines) if re.fullmatch(r"[ \d]+", line))
    return [line.split() for line in lines[heading + 1 :]]


def test_a_list_has_everything_with_a_line(call: Call) -> None:
    listed = call("list").stdout
    for story in stories():
        assert f"{story.name} " in listed
        assert story.summary in listed
    for cell in CELLS:
        assert re.search(rf"^  {cell.name} +{re.escape(cell.title)}$", listed, re.MULTILINE)
    for name in (*NAMES, *THEMES, *languages()):
        assert re.search(rf"^  {name}  +\S", listed, re.MULTILINE)


@pytest.mark.parametrize("cell", [cell.name for cell in CELLS])
def test_a_table_shows_the_values_of_the_trace(call: Call, cell: str) -> None:
    table = call("trace", "--cell", cell, "--input", "good but bad", "--show", "h").stdout
    trace = lstmviz.run("good but bad", cell=cell)
    scale = "free" if cell == "rnn-relu" else "signed"
    for tick, row in enumerate(rows(table)):
        expected = [shown(float(value), scale) for value in trace["h"][tick]]
        assert row == [str(tick + 1), trace.tokens[tick].text, *expected]
    assert len(rows(table)) == 3


@pytest.mark.parametrize(("cell", "names"), [("lstm", "f i o c h"), ("gru", "r z h"), ("rnn", "h")])
def test_without_show_come_the_gates_and_the_states(call: Call, cell: str, names: str) -> None:
    table = call("trace", "--cell", cell).stdout
    assert any(line.split() == names.split() for line in table.splitlines())
    texts = [token.text for token in lstmviz.run(REVIEW, cell=cell).tokens]
    assert [row[1] for row in rows(table)] == texts


def test_a_pipe_gets_one_plain_table(call: Call) -> None:
    table = call("trace", "--show", "all").stdout
    assert "\x1b" not in table
    assert len(rows(table)) == len(lstmviz.run(REVIEW))
    assert not [line for line in table.splitlines() if line != line.rstrip()]


def printed(trace: Trace, monkeypatch: pytest.MonkeyPatch, columns: int, **options: str) -> str:
    for name, value in {
        "FORCE_COLOR": "1",
        "COLUMNS": str(columns),
        "TERM": "xterm",
        "COLORTERM": "truecolor",
        **options,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    file = io.StringIO()
    print_table(trace, None, None, file)
    return file.getvalue()


def test_a_terminal_gets_colours_by_value(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = lstmviz.run("good but bad")
    text = printed(trace, monkeypatch, 200)
    value = float(trace["f"][1, 0])
    ground = THEMES["dark"].value(round(value, 2), "gate")
    red, green, blue = (int(ground[k : k + 2], 16) for k in (1, 3, 5))
    assert f"48;2;{red};{green};{blue}m{shown(value, 'gate')}\x1b" in text


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_what_is_too_wide_for_the_terminal_follows_below(
    monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    plain = re.sub(r"\x1b\[[0-9;]*m", "", printed(lstmviz.run("good 再见"), monkeypatch, columns))
    assert max(map(len, plain.splitlines())) <= columns
    found = [name for line in plain.splitlines() for name in line.split() if name in "fioch"]
    assert found == list("fioch")


def test_a_wide_network_shows_the_units_that_move_most(call: Call) -> None:
    table = call("trace", "--hidden", 20, "--input", "good but bad", "--show", "f,h").stdout
    trace = lstmviz.run("good but bad", hidden=20)
    units = moving(trace["h"], 4)
    assert "4 of 20 units" in table
    assert [str(unit + 1) for unit in (*units, *units)] in [s.split() for s in table.splitlines()]
    first = [shown(float(trace["f"][0, unit]), "gate") for unit in units]
    assert rows(table)[0][2:6] == first


def test_units_that_move_are_found() -> None:
    values = np.array([[0, 1, 0.5, 0.0], [0, -1, 0.4, 0.3], [0, 1, 0.5, 0.0]])
    assert moving(values, 2) == (1, 2)
    assert moving(values, 1) == (1,)


def test_chosen_units(call: Call) -> None:
    table = call("trace", "--input", "good but bad", "--show", "h", "--units", "4,2").stdout
    trace = lstmviz.run("good but bad")
    assert rows(table)[2][2:] == [shown(float(trace["h"][2, unit])) for unit in (3, 1)]
    assert "2 of 4 units" in table


def test_an_unknown_word_is_marked(call: Call) -> None:
    table = call("trace", "--input", "good zyzzyva", "--show", "h").stdout
    assert [row[1] for row in rows(table)] == ["good", "zyzzyva?"]
    assert "? marks a word that the network does not know." in table


def test_numbers_and_a_long_word(call: Call) -> None:
    table = call("trace", "--input", "0.5,-1", "--show", "x,h").stdout
    assert [row[1:3] for row in rows(table)] == [["0.5", "+0.50"], ["-1", "−1.00"]]
    assert "a" * 30 not in call("trace", "--input", "a" * 300).stdout


def test_large_values_keep_their_columns(call: Call) -> None:
    table = call("trace", "--input", "1234567,-3,0.5,9.99", "--show", "x,h").stdout
    lines = [line for line in table.splitlines() if re.match(r" *\d ", line)]
    assert len({len(line) for line in lines}) == 1
    assert "+1.2e6" in table


@pytest.mark.verify
def test_ten_thousand_words_from_standard_input(call: Call) -> None:
    table = call("trace", "--input", "-", stdin="the tea was good . " * 2000).stdout
    assert rows(table)[-1][:2] == ["10000", "."]


def test_a_trace_is_written(call: Call, mini: str) -> None:
    result = call("trace", "--input", "good but bad", "-o", "x.npz", "-o", "x.json", "-o", "x.csv")
    assert [line.split(" (")[0] for line in result.stdout.splitlines()] == [
        "Wrote x.npz",
        "Wrote x.json",
        "Wrote x.csv",
    ]
    trace = lstmviz.run("good but bad")
    np.testing.assert_array_equal(Trace.load("x.npz")["f"], trace["f"])
    assert json.loads(Path("x.json").read_text(encoding="utf-8"))["tokens"][1]["text"] == "but"
    assert len(Path("x.csv").read_text(encoding="utf-8").splitlines()) == 4
    assert call("trace", "-o", "y.npz", "--quiet").stdout == ""
    again = call("trace", "--trace", "x.npz").stdout
    assert again == call("trace", "--input", "good but bad").stdout


def test_single_precision_on_request(call: Call, mini: str) -> None:
    call("trace", "--dtype", "float32", "-o", "x.npz")
    assert Trace.load("x.npz")["h"].dtype == np.float32


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--show", "zz"], "There is no reading 'zz' in this lstm; choose one of: x,"),
        (["--units", "5"], "There is no unit 5; the network has 4"),
        (["--units", ""], "write units as 1,2"),
        (["--cell", "lsmt"], "There is no cell 'lsmt'"),
        (["--input", ""], "The text is empty"),
        (["--input", "1,nan"], "is NaN"),
        (["--hidden", "0"], "0 is not in the range"),
        (["--network", "none.npz"], "There is no network file none.npz"),
        (["--trace", "mini.py"], "mini.py is damaged or not a trace"),
        (["--trace", "x.npz", "--hidden", "3"], "leave out --hidden"),
        (["-o", "x.xlsx"], "choose one of .npz, .json, .csv"),
        (["-o", "nowhere/x.csv"], "nowhere does not exist"),
        (["--dtype", "float16"], "'float16' is not one of"),
    ],
)
def test_wrong_input_gets_one_sentence(
    refused: Refused, mini: str, arguments: list[str], sentence: str
) -> None:
    assert sentence in refused("trace", *arguments)
    assert [path.name for path in Path().iterdir()] == ["mini.py"]


@pytest.mark.slow
def test_a_minus_survives_a_terminal_without_it() -> None:
    command = [sys.executable, "-m", "lstmviz", "trace", "--input", "-1,2,-1"]
    done = subprocess.run(
        command, capture_output=True, timeout=60, env={**os.environ, "PYTHONIOENCODING": "ascii"}
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(b" -") > 3
    assert b"?" not in done.stdout


def test_a_file_of_inputs_is_printed_one_after_another(call: Call, tmp_path: Path) -> None:
    (tmp_path / "many.txt").write_text("good but bad\n\nNever again!\n")
    printed_ = call("trace", "--inputs", tmp_path / "many.txt", "--cell", "gru").stdout
    alone = [
        call("trace", "--input", text, "--cell", "gru").stdout
        for text in ("good but bad", "Never again!")
    ]
    assert printed_ == "\n".join(alone)


def test_a_file_of_inputs_becomes_numbered_files(call: Call, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((12, 1)))
    lines = ["0.1,0.5", str(tmp_path / "x.npy"), *["3"] * 8]
    (tmp_path / "many.txt").write_text("\n".join(lines))
    call(
        "trace",
        "--inputs",
        tmp_path / "many.txt",
        "-o",
        tmp_path / "a.npz",
        "-o",
        tmp_path / "b.csv",
        "--seed",
        "3",
    )
    made = sorted(path.name for path in tmp_path.iterdir() if path.suffix in (".npz", ".csv"))
    assert made == [
        f"{stem}"
        for part in ("a", "b")
        for stem in (
            f"{part}-{number:02}.{'npz' if part == 'a' else 'csv'}" for number in range(1, 11)
        )
    ]
    second = Trace.load(tmp_path / "a-02.npz")
    np.testing.assert_allclose(second["h"], lstmviz.run(np.ones(12), seed=3)["h"], rtol=1e-12)


@pytest.mark.parametrize(
    ("content", "options", "sentence"),
    [
        ("", [], "many.txt is empty; write a sentence, or numbers, a line"),
        ("good\nnone.csv\n", [], "many.txt, line 2: There is no file none.csv"),
        ("good\n1,2\n", [], "Sequence 2 is of numbers, the first is not"),
        ("good\n", ["--input", "bad"], "many inputs; leave out --input"),
        ("good\n", ["--trace", "t.npz"], "many inputs; leave out --trace"),
        ("good\n", ["--check", "h.npy"], "many inputs; leave out --check"),
    ],
)
def test_a_file_of_inputs_that_cannot_be_used(
    refused: Refused, tmp_path: Path, content: str, options: list[str], sentence: str
) -> None:
    (tmp_path / "many.txt").write_text(content)
    said = refused("trace", "--inputs", tmp_path / "many.txt", "-o", tmp_path / "a.npz", *options)
    assert sentence in said
    assert os.listdir(tmp_path) == ["many.txt"]


@pytest.mark.verify
def test_an_archive_is_written_as_the_run_goes(
    call: Call, refused: Refused, tmp_path: Path
) -> None:
    x = np.random.default_rng(0).normal(size=(20_000, 7))
    np.save(tmp_path / "x.npy", x)
    call(
        "trace",
        "--input",
        tmp_path / "x.npy",
        "--hidden",
        "8",
        "--layer",
        "1",
        "-o",
        tmp_path / "t.npz",
    )
    trace = Trace.load(tmp_path / "t.npz")
    assert is_mapped(trace["f"])
    np.testing.assert_array_equal(trace["h"], lstmviz.run(x, hidden=8)["h"])
    np.save(tmp_path / "check.npy", np.ones((20_000, 8)))
    refused(
        "trace",
        "--input",
        tmp_path / "x.npy",
        "--hidden",
        "8",
        "--check",
        tmp_path / "check.npy",
        "-o",
        tmp_path / "u.npz",
        fails=1,
    )
    assert not (tmp_path / "u.npz").exists()


def test_words_that_the_network_does_not_know_are_told(call: Call, tmp_path: Path) -> None:
    german = "Das Essen war sehr gut, the food"
    told = "5 of 7 words are unknown to this network: Das, Essen, war, sehr, …\n"
    assert call("trace", "--input", german).stderr == f"Note: {told}"
    saved = tmp_path / "german.npz"
    lstmviz.run(german).save(saved)
    assert call("trace", "--trace", saved).stderr == f"Note: {told}"
    (tmp_path / "many.txt").write_text(f"the food was good\n{german}\n", encoding="utf-8")
    said = call("trace", "--inputs", tmp_path / "many.txt").stderr
    assert said == f"Note: sequence 2: {told}"
    assert call("trace", "--input", "the food was sehr good").stderr == ""


def test_numbers_that_stand_for_words_are_told(call: Call) -> None:
    said = call("trace", "--network", "lstm", "--input", "5").stderr
    assert said == "Note: the numbers are taken for rows of the embedding: 5 for 'a'\n"


def test_standard_input_may_hold_numbers(call: Call) -> None:
    done = call("trace", "--input", "-", stdin="0,1 0,5\n")
    assert "random weights" in done.stdout
    assert done.stderr.startswith("Warning: '0,1 0,5' is read as 2 numbers with decimal commas")
    assert "made-up reviews" in call("trace", "--input", "-", stdin="and/or").stdout
