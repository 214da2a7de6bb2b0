"""A scene of a user's own, and a cluster."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from clusters import Cluster
from making import HELPER, SCENE


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    """Forget the helper, so that each test imports its own."""
    yield
    sys.modules.pop("helper", None)


@pytest.fixture
def mini(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A scene file with another that it imports; the current folder is one of its own."""
    folder, here = tmp_path / "scenes", tmp_path / "here"
    folder.mkdir()
    here.mkdir()
    (folder / "mini.py").write_text(SCENE, encoding="utf-8")
    (folder / "helper.py").write_text(HELPER, encoding="utf-8")
    monkeypatch.chdir(here)
    return str(folder / "mini.py")


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler without workers."""
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        yield made
    finally:
        made.end()
