"""A wide network costs no more than a narrow one: what is not shown is not made."""

from __future__ import annotations

from typing import Any

import pytest
from manim import Mobject

import lstmviz
from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.stage.story.discovery import find_story
from lstmviz.style.themes import theme_named

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("name", "readings"),
    [
        ("forget-gate", ["wx_f", "rh_f", "a_f"]),
        ("rnn-cell", ["wx_h", "rh_h", "a_h"]),
        ("gru-cell", ["kept", "added", "h"]),
    ],
)
def test_a_page_of_the_lens_makes_no_more_for_a_wide_network(
    name: str, readings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Mobject] = []
    build = Mobject.__init__

    def noted(self: Mobject, *args: Any, **options: Any) -> None:
        made.append(self)
        build(self, *args, **options)

    monkeypatch.setattr(Mobject, "__init__", noted)
    counts = []
    for hidden in (9, 400):
        story = find_story(name)
        trace = lstmviz.run([0.1, 0.2, -0.1], cell=story.cell, hidden=hidden)
        with canvas(theme_named("dark"), 320, 180, 15):
            told: Any = story(trace, outline=(), renderer=Walker())
            told.setup()
            made.clear()
            told.prepare_page(
                "sum", "ink", readings, ["+", "="], "h_t = c_t", [*readings, "h_prev"]
            )
            told.turn()
            for reading in readings:
                told.column(reading)
            counts.append(len(made))
    assert counts[1] <= counts[0] + 24, "as many as that may be marks of values beyond the scale"
