"""A deck's layouts are as wide as its slides, and written in the theme of its films."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

from lstmviz.export.common.palette import palette_png
from lstmviz.export.slides.master import new_deck
from lstmviz.style.theme import THEMES, contrast

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"


def colours(deck: Any) -> dict[str, str]:
    """The colours of a master by the roles that its slides give them."""
    from lxml import etree

    master = deck.slide_master
    (part,) = (r.target_part for r in master.part.rels.values() if r.reltype.endswith("/theme"))
    scheme = etree.fromstring(part.blob).find(f".//{A}clrScheme")
    known = {each.tag.removeprefix(A): f"#{each[0].get('val')}" for each in scheme}
    mapped = master._element.find(f"{P}clrMap").attrib
    return {role: known[name] for role, name in mapped.items()}


@pytest.mark.parametrize("name", THEMES)
def test_own_slides_can_be_read_on_the_ground_of_the_films(name: str) -> None:
    theme = THEMES[name]
    found = colours(new_deck(12192000, 6858000, theme.background))
    assert (found["bg1"], found["tx1"]) == (theme.background, theme.ink)
    assert contrast(found["tx2"], found["bg1"]) > 4.5
    assert found["accent1"] == theme.role("forget")


@pytest.mark.parametrize("size", [(12192000, 6858000), (9144000, 6858000), (6858000, 12192000)])
def test_titles_and_bodies_reach_across_the_slide(size: tuple[int, int]) -> None:
    deck = new_deck(*size, "#FFFFFF")
    assert (deck.slide_width, deck.slide_height) == size
    layout = deck.slide_layouts.get_by_name("Title and Content")
    assert layout is not None
    for shape in list(layout.placeholders)[:2]:
        assert shape.left + shape.width == pytest.approx(size[0] - shape.left, abs=2)
        assert shape.left < size[0] / 15
        assert shape.top + shape.height < size[1]


def test_few_colours_stay_and_of_many_the_ground_does() -> None:
    few = np.zeros((8, 8, 3), np.uint8)
    few[:4, :4] = (14, 17, 22)
    assert (shown(palette_png(few)) == few).all()
    many = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    many[:40] = (14, 17, 22)
    found = shown(palette_png(many))
    assert (found[:40] == (14, 17, 22)).all()
    assert np.abs(found.astype(float) - many).mean() < 20


def shown(content: bytes) -> np.ndarray:
    from io import BytesIO

    with Image.open(BytesIO(content)) as image:
        assert image.mode == "P"
        return np.asarray(image.convert("RGB"))
