"""The curve of σ says where it passes one half."""

import numpy as np
import pytest

from lstmviz.stage.mobjects.curve import Curve
from lstmviz.style.layout import layout_named
from lstmviz.style.picture import ASPECTS
from lstmviz.style.themes import theme_named


@pytest.mark.parametrize("aspect", ASPECTS)
def test_sigma_marks_its_middle_at_a_size_that_can_be_read(aspect: str) -> None:
    layout = layout_named(aspect)
    box = layout.whole.inset(0.5)
    look = (theme_named("dark"), box, layout.zoom, layout.least)
    curve = Curve("sigma", 3.0, "i", *look)
    point, name = curve.middle
    assert np.allclose(point.get_center()[:2], curve.at(0, 0.5))
    assert name.text == "σ(0) = 0.5"
    assert name.em >= layout.least - 1e-9
    assert name.get_right()[0] < curve.at(0, 0.5)[0]
    assert name.get_bottom()[1] > curve.at(0, 0.5)[1]
    assert not len(Curve("tanh", 3.0, "g", *look).middle)
