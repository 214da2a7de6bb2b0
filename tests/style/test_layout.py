"""The zones of the frame: what can be read there, and what has the room of the caption."""

from __future__ import annotations

import pytest

from lstmviz.style.layout import LAYOUTS, LEAST_EM, LINES, Layout, without_caption

every_shape = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)


@every_shape
def test_the_least_em_is_28_pixels_where_the_shorter_side_has_1080(layout: Layout) -> None:
    pixels = LINES / min(layout.frame.width, layout.frame.height)
    assert LEAST_EM <= layout.least * pixels < LEAST_EM + 0.1
    assert layout.letters > layout.least


@every_shape
def test_a_picture_without_captions_gives_their_room_to_the_stage(layout: Layout) -> None:
    bare = without_caption(layout)
    assert bare.lens.bottom == pytest.approx(layout.caption.bottom)
    assert bare.lens.height > layout.lens.height
    assert bare.stage.height > layout.stage.height
    assert bare.stage.bottom >= bare.lens.top or bare.beside
    assert without_caption(bare) == bare, "there is no more to give"
    assert bare.dots == layout.dots
