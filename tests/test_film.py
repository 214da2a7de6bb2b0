"""The film: all figures in order, as one story."""

from __future__ import annotations

import pytest

import lstmviz
from lstmviz.article import FIGURES
from lstmviz.errors import UsageError
from lstmviz.film import FilmStory
from lstmviz.gallery import find_story
from lstmviz.stage.renderers import Walker, canvas
from lstmviz.stage.story import Story
from lstmviz.stage.theme import DARK

pytestmark = pytest.mark.xdist_group("film")


@pytest.fixture(scope="module", params=["en", "zh"])
def told(request: pytest.FixtureRequest) -> Story:
    film = find_story("film")
    with canvas(DARK, 320, 180, 10):
        return film(lstmviz.run(film.input), lang=request.param, renderer=Walker()).rehearse()


def test_every_figure_is_told_in_its_order(told: Story) -> None:
    names = [step.name.partition("/")[0] for step in told.steps]
    assert list(dict.fromkeys(names)) == [name for name in FIGURES if name != "film"]


def test_it_takes_five_to_seven_minutes(told: Story) -> None:
    assert 300 <= told.steps[-1].end <= 420


def test_each_figure_is_a_chapter_with_a_name_of_its_own(told: Story) -> None:
    chapters = [step.chapter for step in told.steps if step.chapter]
    assert len(chapters) == len(set(chapters)) == len(FIGURES) - 1


def test_steps_follow_each_other_without_overlap(told: Story) -> None:
    for before, after in zip(told.steps, told.steps[1:], strict=False):
        assert before.last_frame < after.first_frame


class Two(FilmStory):
    """Two figures on one cell."""

    def construct(self) -> None:
        self.tell("forget-gate", chapter="one", until="memory", at=1)
        self.first = self._last
        self.tell("input-gate", chapter="two", until="question", at=1)


def test_the_cell_of_one_figure_is_the_cell_of_the_next() -> None:
    seen: list[set[str]] = []

    def look(scene: Story) -> None:
        seen.append({type(each).__name__ for each in scene.mobjects})

    with canvas(DARK, 320, 180, 10):
        film = Two(lstmviz.run("The tea was good."), outline=(), renderer=Walker(look))
        film.setup()
        film.construct()
    first = next(k for k, names in enumerate(seen) if "LstmCircuit" in names)
    assert all("LstmCircuit" in names for names in seen[first:]), "the cell never leaves"
    assert [step.name for step in film.steps] == ["forget-gate/memory", "input-gate/question"]


def test_numbers_are_refused_because_three_networks_read_the_same_words() -> None:
    with canvas(DARK, 320, 180, 10), pytest.raises(UsageError, match="give a sentence"):
        find_story("film")(lstmviz.run([0.1, 0.5]), renderer=Walker()).rehearse()
