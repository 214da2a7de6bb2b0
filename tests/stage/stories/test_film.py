"""The film: all stories in order, as one."""

from __future__ import annotations

import pytest
from manim import Scene

import lstmviz
from lstmviz.article.figures import FIGURES
from lstmviz.errors import UsageError
from lstmviz.stage.circuits.circuit import Circuit
from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.stage.stories.film import FilmStory
from lstmviz.stage.story.discovery import find_story
from lstmviz.stage.story.story import Story
from lstmviz.style.layout import layout_named
from lstmviz.style.picture import ASPECTS, picture_format
from lstmviz.style.theme import DARK

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["en", pytest.param("zh", marks=pytest.mark.verify)])
def told(request: pytest.FixtureRequest) -> Story:
    film = find_story("film")
    with canvas(DARK, 320, 180, 10):
        return film(lstmviz.run(film.input), lang=request.param, renderer=Walker()).rehearse()


def test_every_story_is_told_in_its_order(told: Story) -> None:
    names = [step.name.partition("/")[0] for step in told.steps]
    assert list(dict.fromkeys(names)) == [name for name in FIGURES if name != "film"]


def test_it_takes_six_to_eight_minutes(told: Story) -> None:
    assert 360 <= told.steps[-1].end <= 480


def test_each_story_is_a_chapter_with_a_name_of_its_own(told: Story) -> None:
    chapters = [step.chapter for step in told.steps if step.chapter]
    assert len(chapters) == len(set(chapters)) == len(FIGURES) - 1


def test_steps_follow_each_other_without_overlap(told: Story) -> None:
    for before, after in zip(told.steps, told.steps[1:], strict=False):
        assert before.last_frame < after.first_frame


class Two(FilmStory):
    """Two stories on one cell."""

    def construct(self) -> None:
        self.tell("forget-gate", chapter="one", until="memory", at=1)
        self.first = self._last
        self.tell("input-gate", chapter="two", until="question", at=1)


class Coded(FilmStory):
    """A story, and one that needs a higher lens where that stands under the cell."""

    def construct(self) -> None:
        self.tell("cell-state", chapter="one", until="memory", at=1)
        self.tell("lstm-code", chapter="two", until="memory", at=1)


def looked_at(film: type[FilmStory], aspect: str) -> tuple[FilmStory, list[list[str]], list[str]]:
    """Tell a film without drawing; give what stands on the stage in the middle of every move.

    And how circuits came and went: `FadeIn`, `FadeOut`.
    """
    seen: list[list[str]] = []
    turns: list[str] = []

    def look(scene: Scene) -> None:
        seen.append([type(each).__name__ for each in scene.mobjects])
        for animation in scene.animations or ():
            if isinstance(animation.mobject, Circuit):
                turns.append(type(animation).__name__)

    layout = layout_named(aspect)
    with canvas(DARK, *picture_format("draft", aspect=aspect)[:2], 10, layout):
        told = film(
            lstmviz.run("The tea was good."), outline=(), layout=layout, renderer=Walker(look)
        )
        told.setup()
        told.construct()
    return told, seen, turns


@pytest.mark.parametrize("aspect", ASPECTS)
def test_the_cell_of_one_figure_is_the_cell_of_the_next(aspect: str) -> None:
    film, seen, turns = looked_at(Two, aspect)
    first = next(k for k, names in enumerate(seen) if "LstmCircuit" in names)
    assert all("LstmCircuit" in names for names in seen[first:]), "the cell never leaves"
    assert not turns, "it stands from the first picture on"
    assert [step.name for step in film.steps] == ["forget-gate/memory", "input-gate/question"]


@pytest.mark.parametrize(("aspect", "stays"), [("16:9", True), ("4:3", True), ("1:1", False)])
def test_a_cell_that_would_jump_goes_before_the_next_one_comes(aspect: str, stays: bool) -> None:
    _, seen, turns = looked_at(Coded, aspect)
    assert max(names.count("LstmCircuit") for names in seen) == 1, "never two cells at once"
    assert turns == ([] if stays else ["FadeOut", "FadeIn"])


def test_numbers_are_refused_because_three_networks_read_the_same_words() -> None:
    with canvas(DARK, 320, 180, 10), pytest.raises(UsageError, match="give a sentence"):
        find_story("film")(lstmviz.run([0.1, 0.5]), renderer=Walker()).rehearse()
