"""A deck whose every frame tells its own number by its grey, and a browser to show it."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from lstmviz import Reel  # as notebooks have it, which are shown its film
from lstmviz.export.formats import export
from lstmviz.export.slides import html
from lstmviz.reel.reel import ReelWriter, Step

COUNT = 60  # frames, of 30 a second; 20 to a step
GREY = 4  # levels from one frame to the next


def film(path: Path, *, captions: bool = False, language: str = "en") -> Reel:
    with ReelWriter(
        path, width=320, height=180, fps=30, title="A deck", language=language, captions=captions
    ) as writer:
        for number in range(COUNT):
            pixels = np.full((180, 320, 4), 255, np.uint8)
            pixels[..., :3] = number * GREY
            writer.write(pixels)
        return writer.close(
            [
                Step(
                    name,
                    f"The {name} caption.",
                    k * 20 / 30,
                    (k + 1) * 20 / 30,
                    k * 20,
                    k * 20 + 19,
                    alt=f"What the {name} step shows.",
                )
                for k, name in enumerate(("first", "second", "third"))
            ]
        )


@pytest.fixture(scope="session")
def reel(tmp_path_factory: pytest.TempPathFactory) -> Reel:
    return film(tmp_path_factory.mktemp("reel") / "film.reel")


@pytest.fixture(scope="session")
def deck(reel: Reel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(reel, tmp_path_factory.mktemp("deck") / "deck.html")


@pytest.fixture(scope="session")
def two(reel: Reel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("two")
    html.deck([reel, film(folder / "other.reel", language="zh")], folder / "two.html")
    return folder / "two.html"


@pytest.fixture(scope="session")
def driver() -> ModuleType:
    place = Path(__file__).parent / "chromium.py"
    spec = importlib.util.spec_from_file_location("chromium", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def browser(driver: ModuleType, tmp_path: Path) -> Iterator[object]:
    with driver.Chromium(tmp_path / "profile") as chromium:
        yield chromium
        assert chromium.problems == []
