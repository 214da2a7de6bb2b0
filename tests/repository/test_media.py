"""The gallery that the README shows: is it what the code draws, and is it small?"""

from __future__ import annotations

import copy
import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from lstmviz.article.figures import FIGURES
from lstmviz.reel.loop import LONGEST, SHORTEST

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
GALLERY = ROOT / "media" / "gallery"


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_gallery", ROOT / "tools/make_gallery.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_gallery"] = module
    spec.loader.exec_module(module)
    return module


tool = _tool()
# The film shows what the figures show, and takes as long as all of them.
EACH = [
    pytest.param(name, marks=pytest.mark.thorough if name == tool.FILM else pytest.mark.verify)
    for name in FIGURES
]


@pytest.mark.parametrize("name", EACH)
def test_the_gallery_is_what_the_code_draws(name: str) -> None:
    different = tool.differences(tool.recorded().get(name), tool.steps_of(name))
    assert not different, f"{name} has changed; run make gallery and look:\n" + "\n".join(different)


@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_moves_and_ends_as_it_is_known(name: str) -> None:
    """The file is of the same drawing as the record: compared at its last picture."""
    (known,) = (step["ends"] for step in tool.recorded()[name] if "loop" in step)
    with Image.open(GALLERY / f"{name}.gif") as film:
        assert film.size == (tool.WIDTH, tool.DRAWN[1] // 2)
        assert film.info["loop"] == 0
        count = getattr(film, "n_frames", 1)
        assert count >= (10 if name == tool.FILM else 20)
        first, seconds = coarse_of(film), film.info["duration"] / 1000
        for number in range(1, count):
            film.seek(number)
            seconds += film.info["duration"] / 1000
        last = coarse_of(film)
    assert np.array_equal(first, last)
    assert SHORTEST - 0.2 <= seconds <= LONGEST + 0.2
    off = np.abs(tool.unpacked(known).astype(float) - last)
    assert off.mean() < 4, off.mean()
    assert off.max() < 64, off.max()


def coarse_of(film: Image.Image) -> np.ndarray:
    picture = film.convert("RGB").resize(tool.SKETCH, Image.Resampling.BOX)
    return np.asarray(tool.coarse(np.asarray(picture)))


def test_it_is_small_and_holds_nothing_else() -> None:
    sizes = {path.name: path.stat().st_size for path in GALLERY.iterdir()}
    assert set(sizes) == {f"{name}.gif" for name in FIGURES} | {"gallery.json"}
    del sizes["gallery.json"]
    assert max(sizes.values()) < 300_000
    assert sum(sizes.values()) < 4_000_000


def test_the_readme_shows_every_figure_and_names_the_command() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"media/gallery/([\w-]+)\.gif", text)
    assert set(shown) == set(FIGURES)
    assert "make gallery" in text


def test_a_change_is_seen() -> None:
    known = tool.recorded()["tanh"]
    assert tool.differences(known, copy.deepcopy(known)) == []
    assert tool.differences(None, known) == ["it is not in the gallery"]
    assert "its steps were" in tool.differences(known, known[1:])[0]
    for field, value in (("caption", "Else."), ("seconds", 99.0)):
        changed = copy.deepcopy(known)
        changed[1][field] = value
        (what,) = tool.differences(known, changed)
        assert what.startswith(f"{known[1]['step']}: ")
    changed = copy.deepcopy(known)
    picture = tool.unpacked(known[0]["picture"]).copy()
    picture[9, 16] = 255 - picture[9, 16]
    changed[0]["picture"] = tool.packed(picture)
    (what,) = tool.differences(known, changed)
    assert "its picture is off" in what
    changed = copy.deepcopy(known)
    changed[2]["loop"] = "curve"
    (what,) = tool.differences(known, changed)
    assert "its loop is of curve" in what


def test_coarse_pictures_come_back() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (*tool.GRID, 3), dtype=np.uint8)
    assert np.array_equal(tool.unpacked(tool.packed(picture)), picture)
