"""The files that tests/oracles/make_networks.py recorded, unpacked."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder with the files of torch, onnx, keras3 or keras2."""
    folders: dict[str, Path] = {}

    def unpack(kind: str) -> Path:
        if kind not in folders:
            folders[kind] = tmp_path_factory.mktemp(kind)
            with tarfile.open(FIXTURES / f"{kind}.tar.xz") as archive:
                archive.extractall(folders[kind], filter="data")
        return folders[kind]

    return unpack
