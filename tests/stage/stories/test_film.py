"""The film: stories in order, as one."""

from __future__ import annotations

from typing import Any

import pytest
from manim import FadeIn, FadeOut, Scene

import lstmviz
from lstmviz.engine.model.network import seeded
from lstmviz.errors import UsageError
from lstmviz.stage.circuits.circuit import Circuit
from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.stage.mobjects.caption import Caption
from lstmviz.stage.mobjects.title_card import TitleCard
from lstmviz.stage.stories.film import FilmStory
from lstmviz.stage.story.discovery import find_story
from lstmviz.stage.story.story import Story
from lstmviz.style.layout import layout_named
from lstmviz.style.picture import ASPECTS, picture_format
from lstmviz.style.theme import DARK
from lstmviz.trace.trace import Trace

pytestmark = pytest.mark.slow
TEXT = "The tea was good."
REST = sorted({*ASPECTS} - {"16:9", "9:16"})
WORDS = ("The", "tea", "was", "good", ".")
ORDER = (
    "title review verdict sequence rnn-cell tanh gradient-update lstm-cell forget-gate input-gate "
    "cell-state output-gate lstm-code gru-cell remember"
)


@pytest.fixture(scope="module", params=["en", pytest.param("zh", marks=pytest.mark.verify)])
def told(request: pytest.FixtureRequest) -> Story:
    film = find_story("film")
    with canvas(DARK, 320, 180, 10):
        return film(lstmviz.run(film.input), lang=request.param, renderer=Walker()).rehearse()


@pytest.mark.verify
def test_the_stories_are_told_in_their_order(told: Story) -> None:
    names = [step.name.partition("/")[0] for step in told.steps]
    assert list(dict.fromkeys(names)) == ORDER.split()


@pytest.mark.verify
def test_it_takes_six_to_eight_minutes(told: Story) -> None:
    assert 360 <= told.steps[-1].end <= 480


def test_chapters_have_names_of_their_own(told: Story) -> None:
    chapters = [step.chapter for step in told.steps if step.chapter]
    assert len(chapters) == len(set(chapters)) == 14
    assert told.steps[0].chapter


def test_nothing_is_told_twice(told: Story) -> None:
    captions = [step.caption for step in told.steps]
    assert len(captions) == len(set(captions))
    assert len([step for step in told.steps if step.name.endswith("/join")]) == 1


def test_one_word_goes_through_all_gates_and_another_one_wipes_the_memory(told: Story) -> None:
    chapters: list[list[str]] = []
    for step in told.steps:
        chapters += [[]] if step.chapter else []
        place = next(part for part in told.trace.tokens if f"“{part.text}”" in step.alt)
        if step.name.startswith(("forget", "input", "cell-state", "output")):
            chapters[-1].append(place.text)
    words, wiping = [{*each} for each in chapters if each]
    assert words == {"perfectly"}
    assert wiping == {"but"}


def test_it_ends_with_what_is_to_be_remembered(told: Story) -> None:
    last = told.steps[-1]
    assert last.chapter == told.lang.word("what to remember")
    for name in ("RNN", "LSTM", "GRU"):
        assert f"{name}: " in last.alt


def test_steps_follow_each_other_without_overlap(told: Story) -> None:
    for before, after in zip(told.steps, told.steps[1:], strict=False):
        assert before.last_frame < after.first_frame


class Gates(FilmStory):
    """Four stories on one cell, which do not go into its gates."""

    _opened = True

    def construct(self) -> None:
        self.tell("forget-gate", chapter="one", until="forget", at=1)
        self.tell("input-gate", until="question", at=1)
        self.tell("cell-state", since="add", until="add", at=1)
        self.tell("output-gate", until="memory", at=1)


class Coded(FilmStory):
    """A story, and one that needs a higher lens where that stands under the cell."""

    def construct(self) -> None:
        self.tell("cell-state", chapter="one", until="memory", at=1)
        self.tell("lstm-code", chapter="two", until="memory", at=1)


class Parts(FilmStory):
    """Parts of a story, with steps that pass and with a step that is not there."""

    _opened = True

    def construct(self) -> None:
        self.tell("forget-gate", chapter="a verdict", until="squash", passing=("join",), at=1)
        self.tell("forget-gate", since="no such step", at=2)
        self.tell("forget-gate", since="history", at=1, empty=True)
        self.tell("forget-gate", chapter="the verdict", until="memory", at=2)


class Answered(FilmStory):
    """What a network answers, between two stories."""

    def construct(self) -> None:
        self.tell("sequence", chapter="one", until="line")
        self.tell("verdict", chapter="two", since="line", empty=True)
        self.tell("tanh", chapter="three", until="values")


def walked(
    film: type[FilmStory],
    trace: Trace | None = None,
    aspect: str = "16:9",
    renderer: Walker | None = None,
) -> FilmStory:
    layout = layout_named(aspect)
    with canvas(DARK, *picture_format("draft", aspect=aspect)[:2], 10, layout):
        told = film(
            trace or lstmviz.run(TEXT), outline=(), layout=layout, renderer=renderer or Walker()
        )
        told.setup()
        told.construct()
    return told


def looked_at(film: type[FilmStory], aspect: str) -> tuple[FilmStory, list[list[str]], list[str]]:
    """Tell a film without drawing; give what stands on the stage in the middle of every move.

    And how circuits came and went: `FadeIn`, `FadeOut`.
    """
    seen: list[list[str]] = []
    turns: list[str] = []

    def look(scene: Scene) -> None:
        seen.append([type(each).__name__ for each in scene.mobjects])
        for animation in scene.animations or ():
            if isinstance(animation.mobject, Circuit) and isinstance(animation, FadeIn | FadeOut):
                turns.append(type(animation).__name__)

    return walked(film, aspect=aspect, renderer=Walker(look)), seen, turns


@pytest.mark.parametrize(
    "aspect", ["16:9", "9:16", *(pytest.param(each, marks=pytest.mark.verify) for each in REST)]
)
@pytest.mark.few(1)
def test_the_circuit_stands_while_its_gates_are_told(aspect: str) -> None:
    film, seen, turns = looked_at(Gates, aspect)
    first = next(k for k, names in enumerate(seen) if "LstmCircuit" in names)
    for names in seen[first:]:
        assert names.count("LstmCircuit") == names.count("Lens") == names.count("Strip") == 1
    assert not turns, "it stands from the first picture on"
    assert [step.name for step in film.steps][-4:] == [
        *("forget-gate/forget", "input-gate/question", "cell-state/add", "output-gate/memory"),
    ]
    assert [step.chapter for step in film.steps if step.chapter] == ["one"]


def test_what_waits_in_the_circuit_goes_on_waiting() -> None:
    columns: list[int] = []

    def look(scene: Scene) -> None:
        if isinstance(scene, Story) and scene.story_name() == "input-gate":
            columns.append(len([m for m in scene.mobjects if type(m).__name__ == "Column"]))

    walked(Gates, renderer=Walker(look))
    assert columns, "the story is told"
    assert {*columns} == {1}, "what the forget gate kept neither leaves nor stands twice"


@pytest.mark.parametrize(("aspect", "stays"), [("16:9", True), ("4:3", True), ("1:1", False)])
def test_a_cell_that_would_jump_goes_before_the_next_one_comes(aspect: str, stays: bool) -> None:
    _, seen, turns = looked_at(Coded, aspect)
    assert max(names.count("LstmCircuit") for names in seen) == 1, "never two cells at once"
    assert turns == ([] if stays else ["FadeOut", "FadeIn"])


@pytest.fixture(scope="module")
def parts() -> FilmStory:
    return walked(Parts)


def test_steps_pass_or_are_left_out_as_the_film_says(parts: FilmStory) -> None:
    film = parts
    assert [step.name.partition("/")[2] for step in film.steps] == [
        *("memory", "weigh", "squash", "history", "memory"),
    ]
    first, again = (step.caption for step in film.steps if step.name.endswith("/memory"))
    assert "reaches" in first
    assert again.startswith("Another word")
    before, after = film.steps[:2]
    assert 0 < after.first_frame - before.last_frame < 10, "what passes takes less than a second"
    assert [step.chapter for step in film.steps] == ["A verdict", *[None] * 3, "The verdict"]


def test_titles_stand_large_where_the_stage_is_empty_and_below_the_circuit() -> None:
    titles: list[tuple[str, str]] = []

    class Reader(Walker):
        def hold(self, scene: Scene, count: int) -> None:
            assert isinstance(scene, Story)
            caption = scene._caption
            if isinstance(caption, Caption | TitleCard) and caption.text in ("one", "two", "three"):
                titles.append((caption.text, type(caption).__name__))

    walked(Coded, renderer=Reader())
    walked(Answered, renderer=Reader())
    below, card = "Caption", "TitleCard"
    assert titles == [
        *(("one", below), ("two", below), ("one", card), ("two", card), ("three", card)),
    ]


def test_the_dots_tell_the_way_through_a_chapter(parts: FilmStory) -> None:
    assert [len(parts._steps_of(number)) for number in range(4)] == [0, 0, 0, 0]
    parts.learn(parts.steps_told)
    assert [len(parts._steps_of(number)) for number in range(4)] == [0, 4, 1, 0]
    assert [(guest.steps_reached, len(guest._dots)) for _, guest in parts._guests] == [
        *(((4, 4), 4), ((1, 1), 1)),
    ]


def test_what_a_network_does_not_answer_is_not_told() -> None:
    bare = lstmviz.run(TEXT, network=seeded("lstm", 2, 3, 0, vocabulary=WORDS))
    assert [step.name for step in walked(Answered, bare).steps] == ["sequence/line", "tanh/values"]
    assert "verdict/line" in [step.name for step in walked(Answered).steps]


def test_the_gates_are_told_from_one_network() -> None:
    film = find_story("film")
    assert issubclass(film, FilmStory)
    with canvas(DARK, 160, 90, 10):
        for cell, own in (("lstm", True), ("lstm-peephole", True), ("lstm-coupled", False)):
            trace = lstmviz.run(TEXT, network=seeded(cell, 2, 3, 1, vocabulary=WORDS))
            teller = film(trace, outline=(), renderer=Walker())
            told = {id(teller.trace_for(find_story(name))) for name in film.together}
            assert len(told) == 1
            assert (id(trace) in told) == own


@pytest.mark.verify
@pytest.mark.parametrize(("cell", "text"), [("gru", "Good"), ("rnn", "It was good, but it broke.")])
def test_the_film_is_told_of_other_cells_and_of_one_word(cell: str, text: str) -> None:
    film = walked(find_story("film"), lstmviz.run(text, cell=cell))  # type: ignore[arg-type]
    assert film.steps[-1].name == "remember"
    assert all(step.caption for step in film.steps)


def test_numbers_are_refused_because_three_networks_read_the_same_words() -> None:
    with canvas(DARK, 320, 180, 10), pytest.raises(UsageError, match="give a sentence"):
        find_story("film")(lstmviz.run([0.1, 0.5]), renderer=Walker()).rehearse()


def test_a_word_is_said_to_wipe_the_memory_only_where_most_of_it_goes() -> None:
    film: Any = find_story("film")
    with canvas(DARK, 160, 90, 10):
        told = film(lstmviz.run(film.input), outline=(), renderer=Walker())
        wiped = told.wiping_word()
        assert told.trace.tokens[wiped].text == "but"
        assert told.trace["f"][wiped].max() < 0.2
        calm = film(lstmviz.run("The tea"), outline=(), renderer=Walker())
        assert calm.wiping_word() is None
        assert film(lstmviz.run("Good"), outline=(), renderer=Walker()).wiping_word() is None
