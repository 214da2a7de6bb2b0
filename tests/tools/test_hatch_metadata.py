"""Before anything is built, the cure is told where a library could not be compiled."""

from __future__ import annotations

import runpy
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOOK = runpy.run_path(str(ROOT / "tools" / "hatch_metadata.py"))
missing: Callable[[], list[str]] = HOOK["missing"]


def update() -> None:
    HOOK["CustomMetadataHook"](str(ROOT), {}).update({})


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of Debian with nothing on it: the folder of its commands."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("LSTMVIZ_BUILD_ANYWAY", raising=False)
    # A Python that has neither library: this one, and without what is installed in it.
    there = tmp_path / "python"
    there.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n')
    monkeypatch.setattr(sys, "executable", str(there))
    for tool in ("python", "apt-get"):
        command(tmp_path, tool)
    return tmp_path


def command(folder: Path, name: str, code: int = 0) -> None:
    path = folder / name
    if not path.exists():
        path.write_text(f"#!/bin/sh\nexit {code}\n")
    path.chmod(0o755)


def test_a_bare_machine_is_told_what_to_install(bare: Path) -> None:
    assert missing()[:2] == ["a C compiler", "pkg-config"]
    with pytest.raises(SystemExit, match="apt-get install .*libcairo2-dev") as told:
        update()
    first = str(told.value).strip().splitlines()[0]
    assert first.startswith("Install what is missing")


def test_headers_are_missed_one_by_one(bare: Path) -> None:
    command(bare, "cc")
    command(bare, "pkg-config", code=1)
    assert missing()[:2] == [f"the development files of {name}" for name in ("cairo", "pangocairo")]


def test_with_all_that_compiles_it_goes_on(bare: Path) -> None:
    for tool in ("gcc", "pkg-config"):
        command(bare, tool)
    assert [each for each in missing() if not each.startswith("Python")] == []


def test_what_is_installed_needs_no_compiler(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("cc") is None
    assert missing() == []
    update()


def test_who_knows_better_goes_on(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LSTMVIZ_BUILD_ANYWAY", "1")
    update()
