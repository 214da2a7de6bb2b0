"""Where the picture changes the film moves, and no still is longer than its caption needs."""

from __future__ import annotations

import pytest
from walking import FILM, STORIES, Held, Walk, walk

from lstmviz.stage.mobjects.caption import reading_time
from lstmviz.stage.story.story import OPENING
from lstmviz.stage.story.unhurried import LEAD, STILL
from lstmviz.style.language import language

RATE = 30
LEAST = 0.45  # of the frames, in which something moves

WALKS = [
    pytest.param(story, lang, id=f"@{story}@{lang}", marks=mark)
    for story in STORIES
    if story != FILM
    for lang, mark in (("en", pytest.mark.slow), ("zh", pytest.mark.verify))
]


@pytest.fixture
def told(story: str, lang: str) -> Walk:
    return walk(story, "demo", "dark" if lang == "en" else "light", lang)


@pytest.mark.parametrize(("story", "lang"), WALKS)
def test_the_picture_moves_in_almost_half_of_the_frames(told: Walk) -> None:
    held = sum(still.frames for still in told.held)
    total = told.steps[-1].last_frame + 1
    assert 0 < held <= (1 - LEAST) * total, f"moves in {1 - held / total:.0%} of its frames"


@pytest.mark.parametrize(("story", "lang"), WALKS)
def test_no_still_is_longer_than_its_caption_needs(told: Walk, lang: str) -> None:
    for number, step in enumerate(told.steps):
        shown, *rest = [
            each for each in told.held if step.first_frame <= each.first <= step.last_frame
        ]
        begun = step.first_frame
        if number == 0 and told.story != "title":  # whose own picture is the title
            assert shown == Held(0, round(OPENING * RATE))
            begun, (shown, *rest) = shown.end, rest
        assert shown.frames == round(LEAD * RATE), step.name
        needs = reading_time(step.caption, language(lang).letters_per_second)
        for still in rest:
            assert still.frames <= round(STILL * RATE) or (still.end - begun) / RATE <= needs + 0.1
        assert (rest[-1].end - begun) / RATE >= needs - 0.1, "cut off before it has been read"
