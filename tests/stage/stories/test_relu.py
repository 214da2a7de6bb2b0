"""Where a cell has relu, the story of tanh draws its curve, and says what is true of it."""

from __future__ import annotations

import re

import numpy as np
import pytest
from walking import walked

import lstmviz
from lstmviz.stage.mobjects.curve import Curve
from lstmviz.stage.story.discovery import find_story
from lstmviz.style.language import language
from lstmviz.style.layout import layout_named
from lstmviz.style.picture import ASPECTS
from lstmviz.style.themes import theme_named
from lstmviz.trace.trace import Trace

INPUT = [[0.4, -1.2], [1.5, 0.3], [-0.9, 2.0]]


@pytest.mark.parametrize("largest", [2.0, 7.0, 43.0])
@pytest.mark.parametrize("aspect", ASPECTS)
def test_the_curve_of_relu_bends_at_0_and_has_room_for_every_value(
    aspect: str, largest: float
) -> None:
    layout = layout_named(aspect)
    box = layout.whole.inset(0.5)
    curve = Curve("relu", largest, "h", theme_named("dark"), box, layout.zoom, layout.least)
    assert curve.reach >= largest
    assert np.allclose(curve.line.get_start()[:2], curve.at(-curve.reach, 0))
    assert np.allclose(curve.line.get_end()[:2], curve.at(curve.reach, curve.reach))
    corners = np.array(curve.line.get_anchors())[:, :2]
    assert min(np.linalg.norm(corners - curve.at(0, 0), axis=1)) < 1e-6
    assert np.all((corners[:, 1] >= box.bottom) & (corners[:, 1] <= box.top))
    assert not len(curve.limits)
    assert 8 <= len(curve.ticks) <= 16


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "zh", "es"])
@pytest.mark.few(1)
def test_the_story_of_tanh_tells_of_relu_where_that_is_what_a_cell_has(lang: str) -> None:
    trace = lstmviz.run(INPUT, cell="rnn-relu", seed=1)
    told = walked(find_story("tanh"), trace, lang=lang)
    assert not told.findings, told.findings
    assert not any(re.search("tanh|[−-]1", step.caption) for step in told.steps[1:4])
    assert "relu" in told.steps[1].caption
    assert {key for key in told.patterns if "-" in key} >= {"curve-relu", "leave-relu", "all-relu"}
    assert "relu" in told.opening
    title = language(lang).word("The relu function: what is below 0 becomes 0")
    assert re.split("[:：]", title)[0] in told.opening


def run_with(low: bool, high: bool) -> Trace:
    """Run a cell of which the lowest sum is below 0 or not, and the highest."""
    for seed in range(100):
        trace = lstmviz.run([[1.0]], cell="rnn-relu", hidden=2, seed=seed)
        sums = trace["a_h"][0]
        if (sums.min() < 0, sums.max() < 0) == (low, high):
            return trace
    raise AssertionError("no such seed")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("low", "high", "keys"),
    [
        (True, False, {"far-relu", "near-relu"}),
        (False, False, {"far-relu", "near-kept"}),
        (True, True, {"far-cut", "near-relu"}),
    ],
)
@pytest.mark.few(1)
def test_what_is_said_of_the_highest_and_the_lowest_sum_is_true(
    low: bool, high: bool, keys: set[str]
) -> None:
    patterns = walked(find_story("tanh"), run_with(low, high)).patterns
    assert keys <= set(patterns)
