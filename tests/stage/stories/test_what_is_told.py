"""What a picture shows is what its caption speaks of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from manim import VGroup

import lstmviz
from lstmviz.demo.review import REVIEW
from lstmviz.engine.lessons.plain_lstm import forward
from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.stage.mobjects.code import body_of
from lstmviz.stage.mobjects.column import Column, Number
from lstmviz.stage.story.discovery import find_story
from lstmviz.stage.story.story_errors import ToldEnough
from lstmviz.style.themes import theme_named
from lstmviz.trace.answers import ANSWER

pytestmark = pytest.mark.slow


class Ends(Walker):
    """Keeps the readings that stand on the stage at the end of each step."""

    def __init__(self) -> None:
        super().__init__()
        self.columns: dict[str, list[str]] = {}
        self.numbers: dict[str, list[Number]] = {}

    def step_ended(self, story: Any) -> None:
        name = story.steps[-1].name
        family = [m for each in story.mobjects for m in each.get_family()]
        self.columns[name] = [m.reading.name for m in family if isinstance(m, Column)]
        self.numbers[name] = [m for m in family if isinstance(m, Number)]


def told(name: str, **options: Any) -> tuple[Any, Ends]:
    story = find_story(name)
    with canvas(theme_named("dark"), 160, 90, 5):
        walked: Any = story(
            lstmviz.run(REVIEW, cell=options.pop("cell", story.cell)),
            renderer=Ends(),
            outline=(),
            **options,
        )
        walked.setup()
        walked.construct()
    return walked, walked.renderer


def written(ends: Ends, step: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for number in ends.numbers[step]:
        if number.reading.name == ANSWER:  # the needle's
            continue
        found.setdefault(number.reading.name, []).append(number.text)
    return found


def test_the_code_has_no_return_without_its_function() -> None:
    lines, assigned = body_of(forward)
    assert not [line for line in lines if "return" in line]
    assert lines[assigned["h"]].strip() == "h = o * tanh(c)"
    assert assigned["h"] == len(lines) - 1


def test_what_has_a_name_in_the_code_stays_until_it_has_another_value() -> None:
    _, ends = told("lstm-code")
    assert {"f", "i", "g"} <= {*ends.columns["c"]}
    assert {"f", "i", "g", "o", "c"} <= {*ends.columns["h"]}
    assert not {"f", "i", "g", "o"} & {*ends.columns["next"]}
    sum_of = written(ends, "c")
    assert [*map(len, (sum_of["kept"], sum_of["added"], sum_of["c"]))] == [4, 4, 4]


def test_the_code_is_told_at_a_word_whose_numbers_say_something() -> None:
    trace = lstmviz.run(REVIEW, cell="lstm")
    tick = find_story("lstm-code")(trace, renderer=Walker(), outline=()).now.tick
    assert trace.tokens[tick].text != "but"
    for name in ("f", "i", "g", "c", "o", "h"):
        assert np.abs(trace[name][tick]).mean() > 0.5


def test_the_wire_on_which_the_new_state_comes_in_has_its_name() -> None:
    story = find_story("rnn-cell")
    with canvas(theme_named("dark"), 160, 90, 5):
        walked: Any = story(lstmviz.run(REVIEW, cell="rnn"), renderer=Walker(), outline=())
        walked.until = "new"
        walked.setup()
        with pytest.raises(ToldEnough):
            walked.construct()
    label = walked.circuit["h_(t-1)"][0]
    assert label.source == "h_t"
    assert walked.circuit["h_(t-1)"] in walked.circuit.submobjects


@pytest.mark.parametrize("cell", ["gru", "gru-reset-before"])
@pytest.mark.few(1)
def test_where_the_reset_gate_is_told_it_is_shown(cell: str) -> None:
    _, ends = told("gru-cell", cell=cell)
    past = "past" if cell == "gru" else "h_prev"
    assert {*written(ends, "propose")} == {past, "r", "recalled"}
    assert {*written(ends, "made")} == {"a_n", "n"}


def test_one_word_passes_all_cells_of_the_title() -> None:
    story = find_story("title")
    with canvas(theme_named("dark"), 160, 90, 5):
        walked: Any = story(story.own_trace(), renderer=Walker(), outline=())
        walked.setup()
    words = {cell.now.token.text for cell in walked.cells.values()}
    assert len(words) == 1
    for cell in walked.cells.values():
        full = np.abs(cell.now.trace[cell.now.trace.memory]).sum(axis=1)
        assert full[cell.now.tick] > full.max() / 2
    assert {*walked.cells.values()} <= {*walked.mobjects}, "from the first picture on"


def test_a_bar_of_the_change_has_numbers_and_parts() -> None:
    story, ends = told("review-remembered")
    for step in ("all", "fade"):
        seen = written(ends, step)
        assert len(seen["moved"]) > len(story.lasting())
        assert {"written", "wiped"} <= {*seen}
    tallest = story.bars[story.now.tick]
    filled, hollow = tallest
    assert hollow.height > 10 * filled.height, "the turn wipes"
    assert hollow.get_fill_opacity() == 0
    assert isinstance(tallest, VGroup)
    first = story.bars[0]
    assert first[0].get_fill_opacity() == 1
    assert len(written(ends, "stay")["moved"]) == len(story.lasting())


def test_features_have_numbers_of_their_own_where_units_have_others() -> None:
    trace = lstmviz.run("the film was good", cell="rnn", hidden=150)
    story = find_story("rnn-cell")(trace, renderer=Walker(), outline=())
    assert story.names_of(story.now["h"]) == []
    assert story.names_of(story.now["x"]) == ["1", "2", "3", "4"]
    own = find_story("rnn-cell")(lstmviz.run(REVIEW, cell="rnn"), renderer=Walker(), outline=())
    assert own.names_of(own.now["x"]) == []
