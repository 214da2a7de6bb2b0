"""Errors speak the language of where they appear: options on the command line, else arguments."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import lstmviz
from lstmviz.cli import main
from lstmviz.cli.errors import OF_PYTHON_ALONE, in_options

HOME = Path(lstmviz.__file__).parent
# What other programs call so, of whom an error speaks.
OF_OTHERS = {"circuit", "dynamo", "index_from", "reduce_range"}
FREE = ("cli", "demo/training", "export", "article/pages.py", "system/texts.py", "trace/table.py")


def sentences(path: Path) -> Iterator[str]:
    """The texts of a module that are no docstrings, whatever is put into them left out."""
    tree = ast.parse(path.read_text("utf-8"))
    parts = {
        id(one) for each in ast.walk(tree) if isinstance(each, ast.JoinedStr) for one in each.values
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            parts.add(id(node.value))
    for node in ast.walk(tree):
        if id(node) in parts:
            continue
        if isinstance(node, ast.JoinedStr):
            yield "".join(
                str(one.value) if isinstance(one, ast.Constant) else "…" for one in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.fixture(scope="module")
def told() -> list[tuple[str, str]]:
    """Every sentence of the library, and where it is."""
    found = []
    for path in sorted(HOME.rglob("*.py")):
        place = path.relative_to(HOME).as_posix()
        if not place.startswith(FREE):
            found += [(place, text) for text in sentences(path) if text.count(" ") > 2]
    return found


@pytest.mark.slow
def test_an_argument_in_a_sentence_is_an_option_or_said_to_be_of_python(
    told: list[tuple[str, str]],
) -> None:
    options = {
        one.name
        for command in main.commands.values()
        for one in command.params
        if isinstance(one, click.Option)
    }
    known = {*filter(None, options), *OF_PYTHON_ALONE, *OF_OTHERS}
    arguments = [
        (found[1], place, text)
        for place, text in told
        for found in re.finditer(r"(?<![\w.'\"<-])([a-z_]+)=(?![=\"])", text)
        if "<" not in text and ":" not in text[found.end() : found.end() + 2]
    ]
    assert len(arguments) > 60
    assert [one for one in arguments if one[0] not in known] == []


@pytest.mark.slow
def test_no_sentence_of_the_library_has_an_option_alone(told: list[tuple[str, str]]) -> None:
    options = [
        (place, text)
        for place, text in told
        if re.search(r"(?<![\w-])--[a-z]", text) and "lstmviz " not in text
    ]
    assert [one for one in options if "in Python" not in one[1]] == [
        one
        for one in options
        if one[0] == "batch/cluster.py"  # an option of dask's own
    ]


@pytest.mark.parametrize("command", ["render", "inspect", "trace"])
def test_what_only_python_has_is_said_to_be_of_python(command: str) -> None:
    said = in_options("they are 0 here unless initial= gives them", main.commands[command])
    assert said == "they are 0 here unless initial= of lstmviz.run, in Python, gives them"
