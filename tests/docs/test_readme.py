"""What the README promises can be typed as it is printed."""

from __future__ import annotations

import doctest
import re
import shlex
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from lstmviz.cli import main

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
LINES = [
    line for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines()
]
# As printed, but small: the environment sets what no option says.
SMALL = {
    f"LSTMVIZ_{command}_{option}": value
    for command in ("RENDER", "SLIDES")
    for option, value in (("QUALITY", "draft"), ("FPS", "2"), ("PACE", "2"))
}


def test_it_opens_with_a_film_and_the_two_commands() -> None:
    film, demo, test = (TEXT.index(mark) for mark in ("media/gallery/", "make demo", "make test"))
    assert film < demo < test < TEXT.index("## ")


def test_it_has_what_people_come_for_each_with_a_command() -> None:
    part = TEXT.partition("## What people come for")[2].partition("\n## ")[0]
    assert len(re.findall(r"^\*\*", part, re.MULTILINE)) == 10
    assert len(re.findall(r"```sh", part)) == 10


def test_its_pictures_and_pages_are_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (ROOT / target).exists(), target


@pytest.mark.verify
def test_its_commands_work_as_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lecturers_deck: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (jobs,) = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    shutil.copytree(ROOT / "docs" / "examples", tmp_path / "docs" / "examples")
    sample = tmp_path / "docs" / "examples" / "jobs.toml"
    assert sample.read_text(encoding="utf-8") == jobs
    small = jobs.replace('quality = "720p"', 'quality = "draft"\nfps = 2\npace = 2')
    assert small != jobs
    sample.write_text(small, encoding="utf-8")
    shutil.copyfile(lecturers_deck, "my.pptx")
    ran = 0
    for line in LINES:
        program, command, *rest = shlex.split(line)
        if Path(program).name != "lstmviz" or command == "article":  # test_article.py runs that one
            continue
        result = CliRunner().invoke(main, [command, *rest], env=SMALL)
        assert result.exit_code == 0, (line, result.output)
        for option, file in pairwise(rest):
            assert option != "-o" or Path(file).stat().st_size > 100, line
        ran += 1
    assert ran >= 8


def test_its_python_gives_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert tried >= 5
    assert failed == 0


@pytest.mark.verify
def test_manim_itself_renders_a_scene(tmp_path: Path) -> None:
    (line,) = [line for line in LINES if line.startswith("manim")]
    _, *arguments = shlex.split(line.replace("scenes/", f"{ROOT / 'scenes'}/"))
    done = subprocess.run(
        [sys.executable, "-m", "manim", *arguments, "--fps", "3", "--progress_bar", "none"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert [path.suffix for path in tmp_path.rglob("ForgetGate.*")].count(".mp4") == 1
