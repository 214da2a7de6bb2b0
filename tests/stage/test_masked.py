"""Steps that are masked are shown as skipped, where they were."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from lstmviz import Trace, run
from lstmviz.engine.model.masks import Mask
from lstmviz.engine.model.network import seeded
from lstmviz.errors import UsageError
from lstmviz.stage.mobjects.input_strip import Strip
from lstmviz.style.language import language, languages
from lstmviz.style.layout import WIDE
from lstmviz.style.theme import DARK


def masked(places: list[int], count: int) -> Trace:
    x = np.random.default_rng(1).normal(size=(count, 2))
    x[places] = 0
    network = replace(seeded("lstm", 2, 3), mask=Mask("values", 0.0))
    return run(x, network=network)


def strip_of(trace: Trace, tick: int = 0, lang: str = "en") -> Strip:
    words = language(lang)
    return Strip(
        trace, tick, DARK, WIDE.strip, lambda count: words.say("masked steps", count=count)
    )


def said(strip: Strip) -> list[tuple[str, float]]:
    beside = [each for each in strip.submobjects if hasattr(each, "text")]
    return [(each.text, float(each.get_x())) for each in beside if "mask" in each.text]


def test_they_stand_between_the_steps_that_are_read() -> None:
    strip = strip_of(masked([0, 1, 4, 6], 7))
    (before, at), (one, between), (after, end) = said(strip)
    assert (before, one, after) == ("2 masked", "1 masked", "1 masked")
    x = {tick: float(chip.get_x()) for tick, chip in strip.chips.items()}
    assert at < x[0] < x[1] < between < x[2] < end
    edges = [(float(each.get_left()[0]), float(each.get_right()[0])) for each in strip]
    edges.sort()
    assert all(right < left for (_, right), (left, _) in pairwise(edges))


def test_a_long_strip_with_masked_steps_stays_in_its_box() -> None:
    trace = masked([*range(3), *range(40, 60, 2)], 90)
    for tick in (0, 37, len(trace) - 1):
        strip = strip_of(trace, tick)
        assert tick in strip.chips
        assert strip.get_left()[0] >= WIDE.strip.left - 0.05
        assert strip.get_right()[0] <= WIDE.strip.right + 0.05


def test_nothing_is_said_where_none_is() -> None:
    assert said(strip_of(masked([], 4))) == []


@pytest.mark.parametrize("lang", languages())
def test_it_is_said_in_each_language(lang: str) -> None:
    assert "3" in language(lang).say("masked steps", count=3)


def test_a_step_that_is_masked_cannot_be_told() -> None:
    with pytest.raises(UsageError, match="Steps that are masked are passed over"):
        masked([1], 3).at("t=2")
    with pytest.raises(UsageError, match=r"it has: t=1, t=2, t=3\.$"):
        masked([], 3).at("t=9")
