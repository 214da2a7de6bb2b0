"""What is said of the package itself: its address, and what adds to it."""

from __future__ import annotations

import re
import sys
import tomllib
from email.message import Message
from importlib import metadata
from pathlib import Path

import pytest

import lstmviz
from lstmviz.system.package import address, install, install_extra

SOURCE = Path(lstmviz.__file__).parent
ROOT = SOURCE.parent
URLS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]


def test_a_library_comes_to_the_python_that_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("ours", "others"):
        (tmp_path / folder).mkdir()
        pip = tmp_path / folder / "pip"
        pip.touch()
        pip.chmod(0o755)
    python = tmp_path / "ours" / "python"
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setenv("PATH", str(tmp_path / "ours"))
    assert install("h5py>=3.11", "onnx") == "pip install 'h5py>=3.11' onnx"
    monkeypatch.setenv("PATH", str(tmp_path / "others"))
    assert install("onnx") == f"{python} -m pip install onnx"


def test_an_extra_is_told_by_its_libraries() -> None:
    assert install_extra("slides").endswith("pip install 'python-pptx>=1.0'")
    told = install_extra("networks")
    assert [word in told for word in ("h5py", "onnx", "manim")] == [True, True, False]


def test_no_advice_names_a_package_that_is_not_ours_to_give() -> None:
    for file in SOURCE.rglob("*.py"):
        assert not re.search(r"pip install[^.\n]*lstmviz", file.read_text(encoding="utf-8")), file


def test_the_address_is_that_of_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Message()
    assert address() == URLS.get("Repository")
    told["Project-URL"] = "Changes, https://example.org/changes"
    monkeypatch.setattr(metadata, "metadata", lambda _: told)
    assert address() is None
    told["Project-URL"] = "Repository, https://example.org/lstmviz"
    assert address() == "https://example.org/lstmviz"


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_pages_clone_from_the_address_once_there_is_one(page: str) -> None:
    cloned = re.findall(r"git clone (\S+)", (ROOT / page).read_text(encoding="utf-8"))
    assert cloned
    assert set(cloned) == {URLS.get("Repository", "ADDRESS")}
