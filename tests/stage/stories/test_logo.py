"""A theme's logo stays where it is, in every step of every story."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from walking import DOTS, FILM, STORIES, trace_of

from lstmviz.stage import Story
from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.stage.story.discovery import find_story
from lstmviz.style.theme import Logo
from lstmviz.style.themes import theme_named

CLEARING = {"gates", "gru-cell", "update-gate"}  # a stage that is cleared in a way of its own


@pytest.mark.parametrize(
    "story",
    [
        pytest.param(name, marks=pytest.mark.slow if name in CLEARING else pytest.mark.verify)
        for name in STORIES
        if name != FILM
    ],
)
@pytest.mark.few(1)
def test_the_logo_is_there_at_the_end_of_every_step(story: str, tmp_path: Path) -> None:
    path = tmp_path / "logo.svg"
    path.write_text('<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0L9 0L9 9Z"/></svg>')
    theme = dataclasses.replace(theme_named("dark"), logo=Logo(path, "bottom-left", 0.4))
    missing: list[str] = []

    class Watching(Walker):
        def step_ended(self, story: Story) -> None:
            logo = story.logo
            assert logo is not None
            drawn = logo.family_members_with_points()
            if logo not in story.mobjects or not any(e.get_fill_opacity() > 0.99 for e in drawn):
                missing.append(story.steps[-1].name)

    with canvas(theme, 160, 90, 5):
        teller = find_story(story)
        teller(trace_of(story, "demo"), theme=theme, renderer=Watching(), outline=DOTS).render()
    assert not missing
