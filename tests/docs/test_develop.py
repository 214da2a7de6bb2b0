"""The pages for those who carry on: what they name is there."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from lstmviz.stage import CellStory, Story

ROOT = Path(__file__).resolve().parents[2]
DEVELOP = ROOT / "docs" / "develop"
PAGES = [*sorted(DEVELOP.glob("*.md")), ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"]
PLACES = re.compile(r"`((?:lstmviz|scenes|tests|tools|docs|benchmarks|media|\.github)/[\w./-]*)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_files_that_are_named_are_there(page: Path) -> None:
    for place in PLACES.findall(page.read_text(encoding="utf-8")):
        assert (ROOT / place).exists(), place


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / link).exists(), link


def test_names_that_are_said_to_stand_in_a_file_do() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in DEVELOP.glob("*.md"))
    said = re.findall(r"`(\w+)`(?: of| in)?\s+\(?`((?:lstmviz|tools)/[\w/]+\.py)`", text)
    assert len(said) >= 6
    for name, place in said:
        assert re.search(rf"\b{name}\b", (ROOT / place).read_text(encoding="utf-8")), (name, place)


def test_every_word_of_a_story_in_a_cell_is_explained() -> None:
    words = {
        name
        for name, value in vars(CellStory).items()
        if inspect.isfunction(value) and not name.startswith("_") and name != "setup"
    }
    text = (DEVELOP / "stories.md").read_text(encoding="utf-8")
    of_cells, _, of_all = text.partition("has these of `Story`")
    assert explained(of_cells) == words
    assert len(explained(of_all)) >= 8
    assert all(name in vars(Story) for name in explained(of_all))


def explained(text: str) -> set[str]:
    """The words in the first columns of tables."""
    return set(re.findall(r"`(\w+)\(", "".join(re.findall(r"^\|[^|]*\|", text, re.MULTILINE))))
