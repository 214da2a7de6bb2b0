"""Which boxes of a history are below 0 is seen without colours as well."""

from __future__ import annotations

import pytest
from manim import Rectangle

import lstmviz
from lstmviz.stage.mobjects.history import History
from lstmviz.stage.mobjects.level import DASH, NEAR
from lstmviz.style.layout import WIDE
from lstmviz.style.theme import THEMES, contrast, mix
from lstmviz.style.themes import theme_named


@pytest.mark.parametrize("theme", THEMES)
def test_each_box_below_0_has_a_minus_in_it_and_no_other(theme: str) -> None:
    trace, look = lstmviz.run("Amazing , but I hated it"), theme_named(theme)
    units = range(trace.network.hidden)
    history = History(trace, ["f", "h"], 2, [units, units], look, WIDE.whole)
    below = trace["h"][:, list(units)] <= -NEAR
    assert 0 < below.sum() < below.size
    for word, expected in zip(history.words, below, strict=True):
        boxes = [each for each in word if type(each) is Rectangle]
        width = max(float(box.width) for box in boxes)
        dashes = [box for box in boxes if abs(box.width - DASH[0] * width) < 1e-6]
        assert len(dashes) == expected.sum()
        for dash in dashes:
            under = next(
                box for box in boxes if box is not dash and abs(box.get_y() - dash.get_y()) < 1e-6
            )
            fill = under.get_fill_color().to_hex()
            seen = mix(fill, dash.get_fill_color().to_hex(), dash.get_fill_opacity())
            assert contrast(seen, fill) >= 3.0
