"""A loop of a story: short, small, with one caption or none, and its last picture first."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from manim import RIGHT, Create, Square
from PIL import Image

import lstmviz
from lstmviz.errors import UsageError
from lstmviz.films.render import record
from lstmviz.reel.loop import CHAPTERS, LONGEST, SHORTEST, chosen
from lstmviz.reel.reel import Reel
from lstmviz.stage import FilmStory, Story
from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.stage.story.discovery import find_story, stories
from lstmviz.stage.story.telling import Telling
from lstmviz.style.look import FilmLook

pytestmark = pytest.mark.slow

LOOK: dict[str, Any] = {"size": (480, 270), "fps": 10}


class Mini(Story):
    """A story of three steps."""

    needs = ("h",)
    cell = "gru"
    input = "good but dull"
    loop_of: ClassVar[str] = "move"

    def construct(self) -> None:
        square = Square()
        with self.step("read", "It reads “{word}”."):
            self.play(Create(square), run_time=0.8)
        with self.step("move", "It moves on."):
            self.play(square.animate.shift(RIGHT), run_time=0.8)
        with self.step("think", "Then h is {h[0]}."):
            self.add(self.column("h"))


class Several(Mini):
    """The same, with a loop of two steps."""

    loop_of = "read:move"


class Silent(Mini):
    """The same, which does not say what its loop is of."""

    loop_of = ""


def loop(story: type[Story], of: str | bool = True, **how: Any) -> Reel:
    """Make a loop of a story, small and quick."""
    return record(story, story.own_trace(), Telling(loop=of, **how), FilmLook(**LOOK), jobs=1)


@pytest.mark.parametrize(
    ("story", "of", "name", "caption"),
    [
        (Mini, True, "move", "It moves on."),
        (Mini, "read", "read", "It reads “but”."),
        (Mini, "2", "move", "It moves on."),
        (Several, True, "read:move", ""),
        (Silent, True, "read", "It reads “but”."),
    ],
)
def test_it_is_of_the_step_that_is_asked_for_or_that_the_story_says(
    story: type[Story], of: str | bool, name: str, caption: str
) -> None:
    reel = loop(story, of, at="but")
    assert SHORTEST <= reel.duration <= LONGEST
    assert (reel.steps[0].name, reel.steps[0].caption) == (name, caption)
    assert reel.captions == bool(caption)
    first, second = reel.frame(0), reel.frame(8)
    assert np.array_equal(first, reel.frame(reel.frame_count - 1))
    assert not np.array_equal(first, second)
    below = slice(int(first.shape[0] * 0.8), None)
    for frame in reel.views():
        assert np.array_equal(frame.pixels[below], first[below]) or not caption, (
            "the caption stands from the first picture to the last"
        )


def test_a_gif_of_it_goes_round_for_ever_and_is_small(tmp_path: Path) -> None:
    reel = lstmviz.render(Mini, tmp_path / "mini.gif", loop=True, quality="draft", fps=20, jobs=1)
    with Image.open(tmp_path / "mini.gif") as film:
        assert film.info["loop"] == 0
        assert film.size == (reel.width, reel.height), "the letters keep their size"
        first = np.asarray(film.convert("RGB")).copy()
        seconds = film.info["duration"] / 1000
        for number in range(1, getattr(film, "n_frames", 1)):
            film.seek(number)
            seconds += film.info["duration"] / 1000
        assert np.array_equal(first, np.asarray(film.convert("RGB")))
    assert seconds == pytest.approx(reel.duration, abs=0.1)
    assert (tmp_path / "mini.gif").stat().st_size < 300_000


def test_steps_that_are_not_there_are_refused_before_anything_is_drawn() -> None:
    told: list[object] = []
    with pytest.raises(UsageError, match="no step nix to make a loop of; there are: read, move"):
        record(
            Mini,
            Mini.own_trace(),
            Telling(loop="nix"),
            FilmLook(**LOOK),
            jobs=1,
            progress=told.append,
        )
    assert told == []


@pytest.mark.parametrize("ending", [".png", ".pdf", ".pptx", ".html", ".srt"])
def test_what_would_not_move_is_refused(tmp_path: Path, ending: str) -> None:
    with pytest.raises(UsageError, match=r"A loop moves, and .* would not: write it as \.mp4"):
        lstmviz.render(Mini, [tmp_path / f"a{ending}", tmp_path / "a.gif"], loop="move")


def test_loop_is_true_a_step_or_nothing() -> None:
    said = [Telling(loop=each).loop for each in (None, False, True, "erase", 3)]
    assert said == [None, None, "", "erase", "3"]


NAMES = [each.name for each in stories()]


@pytest.mark.verify
@pytest.mark.parametrize("name", [name for name in NAMES if name != "film"])
def test_every_story_that_comes_along_says_of_which_of_its_steps_a_loop_is(name: str) -> None:
    story = find_story(name)
    with canvas(FilmLook().theme, 480, 270, 10):
        told = story(None, renderer=Walker()).rehearse().steps_told
    assert story.loop_of
    assert chosen(told, story.loop_of)


def test_the_film_shows_what_its_chapters_come_to() -> None:
    assert issubclass(find_story("film"), FilmStory)
    assert find_story("film").loop_of == CHAPTERS
