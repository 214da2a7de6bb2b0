"""The wheel, built from the sdist and installed where the source tree is out of sight."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import av
import pytest

pytestmark = pytest.mark.verify

ROOT = Path(__file__).resolve().parents[2]

# One worker builds and installs for all of these.


def call(*command: str | Path, cwd: Path) -> str:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PYTHON") and name != "VIRTUAL_ENV"
    }
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=240,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    # `build` makes the wheel from the unpacked sdist: what the sdist lacks, the wheel lacks.
    call(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    (path,) = dist.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


@dataclass(frozen=True)
class Installed:
    python: Path
    lstmviz: Path
    site_packages: Path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """A clean environment that has the wheel, and sees the dependencies but not the source."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder)
    base = {"base": str(folder), "platbase": str(folder)}
    scripts = Path(sysconfig.get_path("scripts", "venv", base))
    site_packages = Path(sysconfig.get_path("purelib", "venv", base))
    python = scripts / Path(sys.executable).name
    call(
        *(sys.executable, "-m", "pip", "--python", python, "install", "--quiet"),
        *("--no-deps", "--no-index", wheel),
        cwd=folder,
    )
    # A folder added like this is searched, but the .pth files in it, which would lead to the
    # source tree of an editable install, are not read.
    dependencies = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (site_packages / "dependencies.pth").write_text("\n".join(sorted(dependencies)))
    return Installed(python, scripts / "lstmviz", site_packages)


def source_files(folder: str, pattern: str = "*") -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / folder).rglob(pattern)
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_nothing_but_the_package_lies_at_the_top(names: set[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"lstmviz"}
    assert len(tops) == 2


def test_every_file_of_the_package_is_in_the_wheel(names: set[str]) -> None:
    assert source_files("lstmviz") - names == set()


def test_every_scene_is_in_the_wheel(names: set[str]) -> None:
    scenes = {f"lstmviz/{name}" for name in source_files("scenes")}
    assert {f"lstmviz/scenes/{stem}.py" for stem in ("forget_gate", "tanh", "sigmoid")} <= scenes
    assert scenes - names == set()


@pytest.mark.parametrize(
    ("folder", "pattern", "least"),
    [
        ("style/fonts", "Noto*", 40),  # Latin and Chinese twice, maths, emoji, a script each
        ("style/fonts", "pages.txt", 1),  # which of them has what
        ("demo", "*.npz", 4),  # rnn, lstm, gru, and the LSTM without penalties
        ("", "*.toml", 2),  # English and Chinese
    ],
)
def test_data_is_in_the_wheel(names: set[str], folder: str, pattern: str, least: int) -> None:
    expected = source_files(f"lstmviz/{folder}", pattern)
    assert len(expected) >= least
    assert expected <= names


def test_the_wheel_stays_small(dist: Path) -> None:
    (path,) = dist.glob("*.whl")
    assert path.stat().st_size < 15e6


def test_the_licences_are_in_the_wheel(names: set[str]) -> None:
    licences = {name.split(".dist-info/licenses/")[-1] for name in names if "/licenses/" in name}
    assert licences == {"LICENSE", "lstmviz/style/fonts/OFL.txt"}


def test_the_sdist_has_what_its_tests_need(dist: Path) -> None:
    (path,) = dist.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "Makefile",
        "constraints.txt",
        "tools/setup.sh",
        "tests/repository/test_package.py",
    } <= names
    assert not {name for name in names if name.startswith((".venv", ".oracles", ".ci", "build"))}


def test_the_sdist_has_the_pages_but_not_their_films(dist: Path) -> None:
    (path,) = dist.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"docs/index.md", "docs/conf.py", "docs/example.ipynb", "README.md"} <= names
    assert not {name for name in names if name.endswith((".gif", ".mp4", ".html", ".pyc"))} - {
        "lstmviz/article/pages.html",
        "lstmviz/cli/watch.html",
        "lstmviz/export/slides/deck.html",
    }
    assert path.stat().st_size < 15e6


def test_the_package_comes_from_the_wheel(installed: Installed, tmp_path: Path) -> None:
    where = call(
        installed.python, "-c", "import lstmviz; print(lstmviz.__file__)", cwd=tmp_path
    ).strip()
    assert Path(where) == installed.site_packages / "lstmviz" / "__init__.py"
    assert not (installed.site_packages / "scenes").exists()


def test_the_installed_command_lists_the_stories(installed: Installed, tmp_path: Path) -> None:
    listed = call(installed.lstmviz, "list", cwd=tmp_path)
    for story in ("forget-gate", "tanh", "sigmoid"):
        assert story in listed


def test_the_installed_package_renders(installed: Installed, tmp_path: Path) -> None:
    command = ["render", "tanh", "--quality", "draft", "-o", "out.mp4"]
    call(installed.python, "-m", "lstmviz", *command, cwd=tmp_path)
    with av.open(str(tmp_path / "out.mp4")) as film:
        frames = sum(1 for _ in film.decode(video=0))
        size = (film.streams.video[0].width, film.streams.video[0].height)
    assert frames > 20
    assert min(size) >= 200
    assert {path.name for path in tmp_path.iterdir()} == {"out.mp4"}
