"""From Python, too, nothing is replaced that lstmviz did not write, or that is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lstmviz
from lstmviz.engine.model.network import seeded
from lstmviz.errors import UsageError
from lstmviz.export.formats import export
from lstmviz.export.images.storyboard import storyboard
from lstmviz.reel.reel import Reel, ReelWriter, Step

pytestmark = pytest.mark.slow


@pytest.fixture
def reel(tmp_path: Path) -> Reel:
    with ReelWriter(tmp_path / "own.reel", width=64, height=36, fps=2) as writer:
        writer.write(np.full((36, 64, 4), 255, np.uint8), repeat=2)
        return writer.close([Step("a", "It begins.", 0, 1, 0, 1)])


def _written(reel: Reel, path: Path, **force: bool) -> Any:
    endings: dict[str, Callable[..., object]] = {
        ".npz": lambda: lstmviz.run([1, 2], record_to=path, **force),
        ".json": lambda: lstmviz.run([1, 2]).to_json(path, **force),
        ".csv": lambda: lstmviz.run([1, 2]).to_csv(path, **force),
        ".trace.npz": lambda: lstmviz.run([1, 2]).save(path, **force),
        ".network.npz": lambda: seeded("gru", 2, 3, 1).save(path, **force),
        ".copy.reel": lambda: reel.save(path, **force),
        ".sheet.png": lambda: storyboard(reel, path, **force),
    }
    write = endings.get("".join(path.suffixes), lambda: export(reel, path, **force))
    return write()


ENDINGS = (
    ".npz",
    ".json",
    ".csv",
    ".trace.npz",
    ".network.npz",
    ".copy.reel",
    ".sheet.png",
    ".mp4",
    ".gif",
    ".png",
    ".srt",
    ".vtt",
    ".webm",
    ".mov",
    ".webp",
    ".apng",
    ".pdf",
    ".pptx",
    ".html",
    ".reel",
)


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_not_ours_stays_until_it_is_forced(reel: Reel, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"film{ending}"
    path.write_bytes(b"mine")
    with pytest.raises(UsageError, match="was not written by lstmviz, or was changed since"):
        _written(reel, path)
    assert path.read_bytes() == b"mine"
    _written(reel, path, force=True)
    assert path.read_bytes() != b"mine"
    _written(reel, path)  # ours now


def test_every_format_is_tried() -> None:
    from lstmviz.export.formats import FORMATS

    assert set(FORMATS) <= set(ENDINGS)


def test_render_says_so_before_it_draws(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"mine")
    with pytest.raises(UsageError, match="force=True"):
        lstmviz.render("tanh", [tmp_path / "other.gif", path], quality="draft", cell="no such")
    assert path.read_bytes() == b"mine"


@pytest.mark.parametrize("force", [False, True])
def test_what_is_read_is_not_written(reel: Reel, tmp_path: Path, force: bool) -> None:
    network, check = tmp_path / "model.npz", tmp_path / "check.npy"
    seeded("gru", 1, 3, 1).save(network)
    np.save(check, np.zeros((2, 3)))
    before = [network.read_bytes(), check.read_bytes(), reel.path.read_bytes()]
    for write in (
        lambda: lstmviz.run([1, 2], network=network, record_to=network, force=force),
        lambda: lstmviz.run([1, 2], check=check, record_to=check, force=force),
        lambda: lstmviz.render("tanh", check.with_suffix(".npy"), check=check, force=force),
        lambda: reel.save(reel.path, force=force),
        lambda: export(reel, reel.path, force=force),
    ):
        with pytest.raises(UsageError, match="is also read"):
            write()
    assert [network.read_bytes(), check.read_bytes(), reel.path.read_bytes()] == before
