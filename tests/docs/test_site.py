"""The site of docs/: made as `make docs` makes it, without a warning, whole, and from disk."""

from __future__ import annotations

import importlib
import inspect
import re
import shlex
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click
import pytest
from sphinx.util.inventory import InventoryFile

import lstmviz
from lstmviz.article.figures import FIGURES, heading
from lstmviz.cli import main
from lstmviz.engine.model.cells import CELLS
from lstmviz.stage.story.discovery import find_story
from lstmviz.style.language import language

pytestmark = pytest.mark.verify

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
LOADED = {
    ("img", "src"),
    ("script", "src"),
    ("source", "src"),
    ("track", "src"),
    ("video", "poster"),
    ("iframe", "src"),
    ("link", "href"),
}

# One worker makes the site for all of these.


class Page(HTMLParser):
    """What stands in a page: its ids, what it loads, where it leads, and its text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.images: dict[str, dict[str, str]] = {}
        self.source = path.read_text(encoding="utf-8")
        self.text = ""
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids |= {given["id"]} if "id" in given else set()
        if tag != "link" or given.get("rel") in ("stylesheet", "icon", "preload"):
            self.loads += [value for name, value in given.items() if (tag, name) in LOADED]
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "img":
            self.images[given["src"]] = given

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def plain(self) -> str:
        return " ".join(self.text.split())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the recipe of `make docs`, but into another folder."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(r"^docs:.*\n\t(.*)$", makefile, re.MULTILINE)
    assert recipe is not None
    python, *words = shlex.split(recipe[1])
    assert python == "$(BIN)/python"
    assert {"-W", "-n"} <= set(words), "strict"
    folder = tmp_path_factory.mktemp("site")
    assert words[-3:] == ["build/doctrees", "docs", "build/docs"]
    words[-3:] = [str(folder / "doctrees"), str(DOCS), str(folder / "site")]
    warnings = folder / "warnings.txt"
    done = subprocess.run(
        [sys.executable, *words, "-w", str(warnings)],
        cwd=ROOT,
        timeout=300,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, warnings.read_text(encoding="utf-8")) == (0, ""), done.stderr
    return folder / "site"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Page]:
    found = [path for path in sorted(site.rglob("*.html")) if "_static" not in path.parts]
    return {path.relative_to(site).with_suffix("").as_posix(): Page(path) for path in found}


def test_every_page_is_there_and_in_the_list_at_the_side(pages: dict[str, Page]) -> None:
    sources = (*DOCS.rglob("*.md"), *DOCS.glob("*.ipynb"))
    names = {path.relative_to(DOCS).with_suffix("").as_posix() for path in sources}
    assert {
        "index",
        "gallery",
        "slides",
        "notebooks",
        "own-network",
        "own-story",
        "commands",
        "errata",
        "example",
        "python",
        "cells",
        "formats",
        "stage",
        "develop/index",
        "develop/add",
        "develop/stories",
        "develop/upkeep",
    } <= names
    assert names <= set(pages)
    for name in names - {"index"}:
        assert f"{name}.html" in pages["index"].links, name


def test_nothing_comes_from_elsewhere_and_nothing_is_missing(
    site: Path, pages: dict[str, Page]
) -> None:
    for name, page in pages.items():
        assert page.loads
        here = (site / name).parent
        for address in page.loads:
            parts = urlsplit(address)
            assert parts.scheme in ("", "data"), (name, address[:80])
            assert not parts.netloc, (name, address)
            if not parts.scheme:
                assert (here / unquote(parts.path)).is_file(), (name, address)
        for address in page.links:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue  # a reader may follow these; nothing is loaded
            target = (here / parts.path if parts.path else site / f"{name}.html").resolve()
            assert target.is_file(), (name, address)
            where = target.relative_to(site.resolve()).with_suffix("").as_posix()
            if parts.fragment and where in pages:
                assert unquote(parts.fragment) in pages[where].ids, (name, address)
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        for address in re.findall(r"(?:url\(|@import)\s*[\"']?([^\"')\s;]+)", text):
            assert not re.match(r"(https?:)?//", address), (sheet.name, address)


def test_the_gallery_shows_every_figure_with_its_command(
    site: Path, pages: dict[str, Page]
) -> None:
    gallery, words = pages["gallery"], language("en")
    lines = []
    for number, name in enumerate(FIGURES, start=1):
        assert name in gallery.ids
        title, _, more = heading(name, find_story(name), words).partition(": ")
        assert f"{number}. {title}" in gallery.plain
        assert more[1:] in gallery.plain
        picture = gallery.images[f"_images/{name}.gif"]
        assert picture["loading"] == "lazy"
        assert len(picture["alt"]) > len(title) + 20
        film = ROOT / "media" / "gallery" / f"{name}.gif"
        assert (site / "_images" / film.name).read_bytes() == film.read_bytes()
        lines.append(f"lstmviz render {name} -o {name}.mp4")
        assert lines[-1] in gallery.plain
    for line in lines:  # understood; that each story renders is tested with the scenes
        _, _, *rest = shlex.split(line)
        main.commands["render"].make_context("render", rest)


def test_every_command_and_option_is_described(pages: dict[str, Page]) -> None:
    page = pages["commands"]
    for name, command in main.commands.items():
        assert f"lstmviz-{name}" in page.ids
        described = " ".join(inspect.cleandoc(command.help or "").partition("\x08")[0].split())
        assert described.replace("`", "") in page.plain.replace("`", "")
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.help, (name, option.name)
                assert option.help.replace("`", "") in page.plain, (name, option.name)
                for spelt in (*option.opts, *option.secondary_opts):
                    assert f"cmdoption-lstmviz-{name}-{spelt.lstrip('-')}" in page.ids, spelt
        for argument in command.params:
            if isinstance(argument, click.Argument):
                assert argument.human_readable_name in page.plain


def test_every_public_name_is_described(site: Path) -> None:
    inventory = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="")
    names = {
        name for kind, named in inventory.data.items() if kind.startswith("py:") for name in named
    }
    assert {f"lstmviz.{name}" for name in lstmviz.__all__} - names == set()
    assert {
        "lstmviz.Reel.save",
        "lstmviz.Trace.to_dataframe",
        "lstmviz.stage.Story.step",
        "lstmviz.stage.CellStory.gather",
        "lstmviz.export_reel",
    } <= names


def test_every_cell_shows_the_equations_that_run(pages: dict[str, Page]) -> None:
    page = pages["cells"]
    for cell in CELLS:
        assert f"cell-{cell.name}" in page.ids
        assert cell.title in page.plain
        for line in inspect.getsource(cell.equations).splitlines():
            if line.strip().startswith("t."):
                assert " ".join(line.split()) in page.plain, line


def test_the_house_shows_every_room_with_what_it_says_of_itself(pages: dict[str, Page]) -> None:
    page = pages["develop/index"]
    rooms = [path for path in (ROOT / "lstmviz").iterdir() if (path / "__init__.py").is_file()]
    assert len(rooms) >= 12
    for room in rooms:
        first = importlib.import_module(f"lstmviz.{room.name}").__doc__.partition("\n")[0]
        assert len(first) <= 96, "the line must fit into the picture"
        assert f"{room.name}{first.rstrip('.')}" in page.plain
    order = [
        page.text.index(room) for room in ("The command line: ", "The pictures: ", "Runs networks")
    ]
    assert order == sorted(order)


def test_the_notebook_is_shown_with_what_it_gave(pages: dict[str, Page]) -> None:
    source = pages["example"].source
    assert re.search(r"<video controls muted [^>]*poster=\"data:image/png;base64,", source)
    assert "data:video/mp4;base64," in source
    assert source.count("background:#") > 100  # cells of the trace
    assert 'class="dataframe"' in source
    assert "Traceback" not in pages["example"].text
