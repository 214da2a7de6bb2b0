"""The command understands people: other words, other cases, what is left out or too much."""

from __future__ import annotations

from collections.abc import Callable

import click
import pytest
from click.testing import Result

from lstmviz.cli import main
from lstmviz.cli.meant import COMMANDS, OPTIONS
from lstmviz.demo.networks import demo_network
from lstmviz.engine.model.cells import find_cell
from lstmviz.errors import UsageError
from lstmviz.export.common.format import endings, formats, meant_by, successors
from lstmviz.load.run import run
from lstmviz.style.language import language
from lstmviz.style.themes import theme_named
from lstmviz.system.suggest import named, nearest

Call = Callable[..., Result]
Refused = Callable[..., str]
EVERY = {each for command in main.commands.values() for p in command.params for each in p.opts}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("render tanh --text x", "--text: a text is --input"),
        ("render tanh --TEXT x", "a text is --input"),
        ("render tanh --size 5", "--quality, as in --quality 1080p, and its shape --aspect"),
        ("check tanh --size 5", "the shape of the picture is --aspect"),
        ("render tanh --resolution=4k", "the picture is --quality"),
        ("render tanh --format gif", "the ending of -o says the format"),
        ("render tanh --word but", "the word that is told is --at"),
        ("render tanh --background red", "--theme light, and --transparent"),
        ("check tanh --background red", "the colours are --theme"),
        ("render tanh --model a.pt", "a trained network is --network"),
        ("render tanh --language zh", "the language is --lang"),
        ("slides tanh --out a.pptx", "where to write is -o"),
        ("render tanh --LANG zh", "did you mean '--lang'?"),
        ("render tanh --asect 1:1", "did you mean '--aspect'?"),
        ("render tanh --zzz", "`lstmviz render --help` lists"),
        ("trace --framerate 3", "`lstmviz trace --help` lists"),
        ("rendr tanh", "did you mean 'render'?"),
        ("RENDR tanh", "did you mean 'render'?"),
        ("tanh", "type lstmviz render tanh"),
        ("forget_gate", "type lstmviz render forget_gate"),
        ("my_story.py", "type lstmviz render my_story.py"),
        ("deck tanh", "type lstmviz slides STORY"),
        ("qqq", "`lstmviz help` lists"),
        ("help rendr", "did you mean 'render'?"),
        ("list storyes", "did you mean 'stories'?"),
        ("render tanh --quality 1080", "did you mean '1080p'?"),
        ("render tanh --theme drak", "did you mean 'dark'?"),
        ("render tanh --cell LSMT", "did you mean 'lstm'?"),
        ("render tanh --lang eng", "did you mean 'en'?"),
        ("render tanh --network LTSM", "did you mean 'lstm'?"),
        ("trace --show ff", "did you mean 'f'?"),
        ("check tanh --at bux", "did you mean 'but'?"),
        ("render tanh --input Das Essen war gut", 'in quotes: --input "Das Essen war gut"'),
        ("render --input Das Essen war gut tanh", 'in quotes: --input "Das Essen war gut"'),
        ("trace --input Das Essen", 'in quotes: --input "Das Essen"'),
        ("render tanh sigmoid", "slides of all by `lstmviz slides`"),
        ("render tanh -o a.mp4 b.gif", "write it again for each: … -o b.gif"),
        ("list cells more", "more is more than `lstmviz list` takes"),
        ("slides tanh -o a.ppt", "write .pptx in its place"),
        ("render tanh -o a.AVI", "write .mp4 in its place"),
        ("render tanh -o a.mp5", "did you mean '.mp4'?"),
        ("still tanh -o a.jpg", "write .png in its place"),
        ("trace -o a.jsn", "did you mean '.json'?"),
        ("render tanh -o a.gif --max-size 2", "2 bytes are none; write a unit, as in 2MB"),
        ("render tanh -o a.gif --max-size 2kB", "no film fits into 2kB"),
        ("cache --limit 5", "write a unit, as in 5MB"),
    ],
)
def test_what_is_meant_is_said_in_one_sentence(call: Call, typed: str, meant: str) -> None:
    said = call(*_words(typed), fails=2).stderr
    assert meant in said
    assert said.count("Error: ") == 1


def _words(typed: str) -> list[str]:
    return typed.split()


def test_every_hint_names_options_and_commands_that_there_are() -> None:
    for typed, hints in OPTIONS.items():
        for said in hints:
            context = click.Context(main)
            for word in said.replace(",", " ").replace("`", " ").split():
                if word.startswith("-"):
                    assert word in EVERY or word == "--version", (typed, word, context)
        assert hints, typed
    for typed, meant in COMMANDS.items():
        assert typed not in main.commands
        assert meant.split()[0] in main.commands or meant == "--version"


def test_no_other_word_is_an_option_everywhere() -> None:
    for command in main.commands.values():
        have = {each for p in command.params for each in p.opts}
        assert not have & ({*OPTIONS} - {"--format", "--step", "--limit"}), command.name


def test_names_are_taken_in_capitals() -> None:
    assert find_cell("LSTM") is find_cell("lstm")
    assert theme_named("Dark") is theme_named("dark")
    assert language("ZH").code == "zh"
    assert demo_network("GRU") is demo_network("gru") or demo_network("GRU").title
    assert run("good", cell="Gru").cell == "gru"
    assert run("good", cell="GRU", network=demo_network("gru")).cell == "gru"
    with pytest.raises(UsageError, match="of gru cells, not of LSTM"):
        run("good", cell="LSTM", network=demo_network("gru"))


def test_names_on_the_command_line_are_taken_in_capitals(call: Call) -> None:
    plain = call("trace", "--cell", "gru", "--dtype", "float32", "--input", "good").stdout
    assert call("trace", "--cell", "GRU", "--dtype", "Float32", "--input", "good").stdout == plain


def test_a_name_in_another_case_is_one_only_if_no_other_is_like_it() -> None:
    assert named("A", ["a", "b"]) == "a"
    assert named("A", ["a", "A"]) == "A"
    assert named("Ab", ["ab", "AB"]) is None
    assert nearest("LSMT", ["rnn", "lstm"]) == " (did you mean 'lstm'?)"
    assert nearest("dense", ["Dense_1", "other"]) == " (did you mean 'Dense_1'?)"


def test_an_ending_names_one_that_is_written_for_what_it_did() -> None:
    assert {*successors().values()} <= {*formats()}
    assert not {*successors()} & {*formats()}
    assert meant_by(".avi", endings("deck")) == ""
    assert meant_by(".DOCX", endings("deck")) == " (write .pdf in its place)"


def test_help_is_that_of_the_command(call: Call) -> None:
    assert call("help").stdout == call("--help").stdout
    assert call("help", "Trace").stdout == call("trace", "--help").stdout
    assert "_LSTMVIZ_COMPLETE=zsh_source" in call("help", "completion").stdout


def test_a_section_of_the_list(call: Call) -> None:
    cells = call("list", "cells").stdout
    assert cells.startswith("Cells")
    assert cells in call("list").stdout
    assert "Stories" not in cells


def test_the_cache_is_cleared_by_a_word(call: Call) -> None:
    assert call("cache", "clear").stdout.startswith("Freed ")
