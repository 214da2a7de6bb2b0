"""What is public is one list each for the package and the stage, and all of it is documented."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import lstmviz
import lstmviz.stage

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PUBLIC = {"lstmviz": lstmviz, "lstmviz.stage": lstmviz.stage}


def examples(text: str) -> str:
    """The Python of a page, whether it is run or only shown."""
    typed = re.findall(r"^(?:>>>|\.\.\.) (.*)$", text, re.MULTILINE)
    shown = re.findall(r"```python\n((?!>>>).*?)```", text, re.DOTALL)
    return "\n".join([*typed, *shown])


def shown() -> Iterator[tuple[str, str]]:
    """The Python of all pages, examples, the notebook and the scenes."""
    for page in [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]:
        yield page.name, examples(page.read_text(encoding="utf-8"))
    for file in [*sorted((DOCS / "examples").glob("*.py")), *sorted((ROOT / "scenes").glob("*"))]:
        if file.suffix == ".py":
            yield file.name, file.read_text(encoding="utf-8")
    notebook = json.loads((DOCS / "example.ipynb").read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            yield "example.ipynb", "".join(cell["source"])


def imported(source: str) -> Iterator[tuple[str, str]]:
    """Each name that Python code takes from lstmviz, and the module that it asks for it."""
    for line in re.findall(r"^ *((?:from|import) lstmviz.*)$", source, re.MULTILINE):
        (statement,) = ast.parse(line.strip()).body
        if isinstance(statement, ast.ImportFrom):
            for name in statement.names:
                yield str(statement.module), name.name
        elif isinstance(statement, ast.Import):
            for name in statement.names:
                assert name.name == "lstmviz", line
    for name in re.findall(r"\blstmviz\.(\w+)", re.sub(r"(?m)^ *(from|import) .*$", "", source)):
        if name != "stage":
            yield "lstmviz", name


def test_docs_examples_and_scenes_use_what_is_public() -> None:
    found = [(where, *each) for where, source in shown() for each in imported(source)]
    assert len(found) > 60
    assert [one for one in found if one[2] not in getattr(PUBLIC.get(one[1]), "__all__", ())] == []


@pytest.mark.parametrize("name", lstmviz.__all__)
def test_every_public_name_has_its_example(name: str) -> None:
    text = (DOCS / "python.md").read_text(encoding="utf-8")
    assert re.search(rf"^\.\. auto\w+:: lstmviz\.{name}$", text, re.MULTILINE)
    assert re.search(rf"\blstmviz\.{name}\b", examples(text))


def test_every_name_of_the_stage_has_its_line() -> None:
    text = (DOCS / "stage.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| \S.*\|$", text, re.MULTILINE)
    assert sorted(rows) == sorted(lstmviz.stage.__all__)


@pytest.mark.parametrize("where", PUBLIC)
def test_the_lists_are_sorted_and_everything_in_them_is_there(where: str) -> None:
    names = PUBLIC[where].__all__
    assert names == sorted(names)
    assert all(getattr(PUBLIC[where], name).__doc__ for name in names)
