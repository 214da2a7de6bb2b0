"""Files of films that are not wide: nothing is larger than what shows it, nothing is stretched."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lstmviz.export.formats import export
from lstmviz.export.slides.notebook import bundle
from lstmviz.reel.reel import Reel

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=[(90, 160), (160, 160), (160, 120)], ids=str)
def shaped(
    request: pytest.FixtureRequest,
    recorded: Callable[..., Reel],
    tmp_path_factory: pytest.TempPathFactory,
) -> Reel:
    """A short film of another shape."""
    path = tmp_path_factory.mktemp("shaped") / "film.reel"
    return recorded(path, 10, [(number, 1) for number in range(6)], request.param)


def test_slides_have_the_shape_of_the_film(shaped: Reel, tmp_path: Path) -> None:
    pptx = pytest.importorskip("pptx")
    deck: Any = pptx.Presentation(str(export(shaped, tmp_path / "deck.pptx")))
    assert max(deck.slide_width, deck.slide_height) == 12192000
    assert deck.slide_width / deck.slide_height == pytest.approx(shaped.width / shaped.height)
    for slide in deck.slides:
        for shape in list(slide.shapes)[1:]:
            assert (shape.width, shape.height) == (deck.slide_width, deck.slide_height)


def test_pages_have_the_shape_of_the_film(shaped: Reel, tmp_path: Path) -> None:
    content = export(shaped, tmp_path / "pages.pdf").read_bytes()
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
    assert len(boxes) == len(shaped.steps)
    for wide, high in boxes:
        assert max(float(wide), float(high)) == 960
        assert float(wide) / float(high) == pytest.approx(shaped.width / shaped.height)


def test_a_notebook_shows_a_film_no_higher_than_a_screen(
    shaped: Reel, recorded: Callable[..., Reel], tmp_path: Path
) -> None:
    width = shaped.width * 8
    large = recorded(tmp_path / "large.reel", 5, [(0, 3)], (width, shaped.height * 8))
    page = bundle(large)["text/html"]
    (shown,) = re.findall(r'<video [^>]*width="(\d+)"', page)
    assert int(shown) * large.height / large.width <= 641
    assert int(shown) <= width


@pytest.mark.parametrize("ending", [".gif", ".webp", ".apng"])
def test_a_loop_is_no_longer_than_a_page_on_its_longer_side(
    recorded: Callable[..., Reel], tmp_path: Path, ending: str
) -> None:
    tall = recorded(tmp_path / "tall.reel", 10, [(0, 3), (1, 3)], (720, 1280))
    with Image.open(export(tall, tmp_path / f"tall{ending}")) as picture:
        assert picture.size == (540, 960)
