"""Every command that a page of docs/ or a help text prints does its work, as it is printed."""

from __future__ import annotations

import functools
import importlib
import inspect
import io
import json
import re
import shlex
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest
from click import Command
from click.testing import CliRunner

from lstmviz.cli import main
from lstmviz.films.render import record
from lstmviz.stage.story.telling import Telling
from lstmviz.style.look import FilmLook

if TYPE_CHECKING:
    from lstmviz.reel.reel import Reel
    from lstmviz.stage import Story
    from lstmviz.trace.trace import Trace

pytestmark = pytest.mark.verify

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
NETWORKS = ROOT / "tests" / "load" / "fixtures"
# As printed, but small: the environment sets what no option says.
SMALL = {
    f"LSTMVIZ_{command}_{option}": value
    for command in ("RENDER", "SLIDES", "STORYBOARD", "ARTICLE")
    for option, value in (("QUALITY", "draft"), ("FPS", "2"), ("PACE", "2"), ("ONLY", "title"))
}
# Cuts at blanks; knows as many words as model.pt.
TOKENIZER = """{"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
  "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "Whitespace"},
  "post_processor": null, "decoder": null, "model": {"type": "WordLevel", "unk_token": "<unk>",
  "vocab": {"<unk>": 0, "slowly": 1, ",": 2, "but": 3, "surely": 4, ".": 5}}}"""
# What installs, or comes from others; all else is ours, and is run.
OTHERS = (
    "make",
    "pip",
    ".venv/bin/pip",
    ".venv/bin/python",
    "python3",
    "apt-get",
    "manim-slides",
    "dask",
    ".",
)


def blocks(page: Path, language: str) -> list[str]:
    """The lines of a page's blocks in a language."""
    text = page.read_text(encoding="utf-8")
    found = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    return [line for block in found for line in block.splitlines()]


def examples(command: Command) -> list[str]:
    """The lines below `Examples:` in the help of a command."""
    text = inspect.cleandoc(command.help or "")
    below = re.search(r"\x08\nExamples?:\n(.*?)(\n\n|$)", text, re.DOTALL)
    return [line.strip() for line in below[1].splitlines()] if below else []


COMMANDS = {"lstmviz": main, **main.commands}
PRINTED = {
    # The page of the frameworks is walked beside them, in tests/oracles.
    **{
        page.relative_to(ROOT).as_posix(): blocks(page, "sh")
        for page in PAGES
        if page.name != "frameworks.md"
    },
    **{f"{name} --help": examples(command) for name, command in COMMANDS.items()},
}


def jobs() -> list[str]:
    """The list of films to make that a page shows."""
    found = [re.findall(r"```toml\n(.*?)```", page.read_text("utf-8"), re.DOTALL) for page in PAGES]
    return [block for blocks in found for block in blocks if "[[job]]" in block]


def small(text: str) -> str:
    """A file as it is printed, but for the quality."""
    return re.sub(r'"(720p|1080p)"', '"draft"', text)


def recorded(archive: str, name: str) -> bytes:
    """A file that a framework wrote, recorded by tests/oracles/make_networks.py."""
    with tarfile.open(NETWORKS / f"{archive}.tar.xz") as files:
        content = files.extractfile(name)
        assert content is not None
        return content.read()


def letters(path: Path, tokens: str) -> None:
    """A .keras file of an LSTM that is fed such letters, one-hot, and their rows beside it."""
    own, random = path.with_suffix(".weights.h5"), np.random.default_rng(0)
    with h5py.File(own, "w") as file:
        for number, shape in enumerate([(len(tokens), 16), (4, 16), (16,)]):
            file[f"layers/lstm/cell/vars/{number}"] = random.normal(size=shape)
    layers = [{"class_name": "LSTM", "config": {"name": "lstm", "units": 4}}]
    config = {"class_name": "Sequential", "config": {"layers": layers}}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", own.read_bytes())
    rows = {token: row for row, token in enumerate(tokens)}
    path.with_name("char2idx.json").write_text(json.dumps(rows), encoding="utf-8")


@pytest.fixture(scope="module")
def drawn_once() -> Callable[..., Reel]:
    """`record`, but what has been drawn with the same options is not drawn again."""
    films: dict[str, Reel] = {}

    @functools.wraps(record)
    def draw(
        story: type[Story], trace: Trace, telling: Telling, look: FilmLook, **options: Any
    ) -> Reel:
        told = {name: value for name, value in options.items() if name not in ("progress", "jobs")}
        key = repr((story.story_name(), trace.to_json(), telling, look, sorted(told.items())))
        if key not in films:
            films[key] = record(story, trace, telling, look, **options)
        return films[key]

    return draw


@pytest.fixture
def desk(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    drawn_once: Callable[..., Reel],
    lecturers_deck: Path,
) -> Path:
    """A folder with the files that pages and help texts speak of, the current one."""
    shutil.copytree(ROOT / "docs" / "examples", tmp_path / "docs" / "examples")
    story = (ROOT / "docs" / "examples" / "turning_point.py").read_text(encoding="utf-8")
    mine = story.replace("TurningPoint", "MyStory")
    (tmp_path / "my_scene.py").write_text(mine, encoding="utf-8")
    for archive, name, called in (
        ("torch", "checkpoint.pt", "model.pt"),  # an LSTM that reads 6 words
        ("keras3", "lstm-states.keras", "model.keras"),
        ("keras3", "lstm-states.weights.h5", "model.weights.h5"),
        ("keras3", "lstm-states.json", "model.json"),
        ("onnx", "GRU-after.onnx", "model.onnx"),
    ):
        (tmp_path / called).write_bytes(recorded(archive, name))
    words = '["<unk>", "the", "service", "was", "slow", "fast"]'
    (tmp_path / "vocab.json").write_text(words, encoding="utf-8")
    (tmp_path / "tokens.json").write_text('["the", "service", "was", "fast"]', encoding="utf-8")
    (tmp_path / "tokenizer.json").write_text(TOKENIZER, encoding="utf-8")
    letters(tmp_path / "charrnn.keras", "To be,rnt")
    # What model.onnx was given, and what onnx itself made of it.
    with np.load(io.BytesIO(recorded("onnx", "GRU-after.npz"))) as arrays:
        np.savetxt(tmp_path / "series.csv", arrays["x"], delimiter=",")
        np.save(tmp_path / "series.npy", arrays["x"])
        np.save(tmp_path / "outputs.npy", arrays["y"])
    spanish = ROOT / "lstmviz" / "style" / "languages" / "es.toml"
    shutil.copyfile(spanish, tmp_path / "es.toml")
    shutil.copyfile(lecturers_deck, tmp_path / "my.pptx")
    (tmp_path / "reviews.txt").write_text("Never again.\nI liked it, but it came late.\n")
    for job in jobs():
        (tmp_path / "jobs.toml").write_text(small(job), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for module in ("films.render", "article.article"):
        monkeypatch.setattr(importlib.import_module(f"lstmviz.{module}"), "record", drawn_once)
    return tmp_path


def outputs(words: list[str]) -> Iterator[Path]:
    """The files and folders that a command is told to write."""
    for option, value in pairwise(words):
        if option in ("-o", "--reveal", ">"):
            yield Path(value)


ENDS = {"lstmviz check --lang de.toml": 1}  # of a file that is yet to be filled in


@pytest.mark.parametrize("where", [name for name, lines in PRINTED.items() if lines])
def test_commands_work_as_printed(where: str, desk: Path) -> None:
    for line in PRINTED[where]:
        program, *words = shlex.split(line)
        assert program in ("lstmviz", *OTHERS), line
        if program != "lstmviz":
            continue
        arguments = words[: words.index(">")] if ">" in words else words
        # Other machines are not here, and what watches does not end: understood, but not run.
        if "tcp://" in line or arguments[0] == "watch":
            command = main.commands[arguments[0]]
            command.make_context(arguments[0], arguments[1:])
            continue
        result = CliRunner().invoke(main, arguments, env=SMALL)
        assert result.exit_code == ENDS.get(line, 0), (line, result.output, result.exception)
        if ">" in words:
            Path(words[-1]).write_text(small(result.stdout), encoding="utf-8")
        for path in outputs(words):
            first = path.with_stem(f"{path.stem}-1")  # where the files of several are numbered
            there = first if first.exists() else path
            assert there.is_dir() or there.stat().st_size > 100, line


def test_there_is_something_to_run() -> None:
    assert sum(map(len, PRINTED.values())) >= 40
    assert [name for name in COMMANDS if not PRINTED[f"{name} --help"]] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_is_to_be_installed_is_what_the_setup_installs(page: Path) -> None:
    setup = (ROOT / "tools" / "setup.sh").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    extras = re.search(r"optional-dependencies\](.*?)\n\[project", _project(), re.DOTALL)
    assert extras is not None
    for line in [*blocks(page, "bash"), *blocks(page, "sh")]:
        program, *words = shlex.split(line)
        assert program in ("lstmviz", *OTHERS), line
        if program == "make":
            assert re.search(rf"^{words[0]}:", makefile, re.MULTILINE), line
        if program == "apt-get":
            packages = [word for word in words if word[0] != "-"][1:]
            assert set(packages) <= set(setup.split()), line
    text = page.read_text(encoding="utf-8")
    for line in re.findall(r"`((?:sudo )?(?:apt-get|dnf|brew) install [^`]+)`", text):
        parts = [part for part in line.split() if not part.startswith("python3-")]
        assert set(parts) <= set(re.sub(r'[;<>$*"]', " ", setup).split()), line
    for extra in re.findall(r"(?:\.|lstmviz)\[([a-z,]+)\]", text):
        for name in extra.split(","):
            assert re.search(rf"^{name} = \[", extras[1], re.MULTILINE), extra


def _project() -> str:
    return (ROOT / "pyproject.toml").read_text(encoding="utf-8")
