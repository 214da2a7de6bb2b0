"""The story of the answer: its bars add up, and its line is the answer after every word."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import lstmviz
from lstmviz.engine.model.activations import Activation
from lstmviz.engine.model.network import Network, seeded
from lstmviz.engine.model.readout import Dense, Readout
from lstmviz.errors import UsageError
from lstmviz.stage.check.check import check_story
from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.stage.mobjects.answer_line import AnswerLine
from lstmviz.stage.mobjects.column import Number
from lstmviz.stage.stories.sequence.verdict import OTHER, VerdictStory
from lstmviz.stage.story.discovery import find_story
from lstmviz.stage.story.telling import Telling
from lstmviz.style.layout import layout_named
from lstmviz.style.look import FilmLook
from lstmviz.style.picture import ASPECTS
from lstmviz.style.themes import theme_named
from lstmviz.trace.trace import Trace

WORDS = ("good", "bad", "not", "so")
TEXT = "good so not bad so good bad good"


def dense(answers: int, inputs: int, activation: str = "linear") -> Dense:
    random = np.random.default_rng(answers + inputs)
    W = random.normal(size=(answers, inputs))
    return Dense(W, random.normal(size=answers), Activation(activation))


def network(readout: Readout, units: int = 4, *, both: bool = False) -> Network:
    made = seeded("lstm", 3, units, vocabulary=WORDS, bidirectional=both)
    return replace(made, readout=readout, title="a classifier of my own")


NETWORKS = {
    "wide": network(Readout((dense(1, 128, "sigmoid"),), labels=("dull", "good")), 128),
    "classes": network(
        Readout((dense(6, 4, "softmax"),), labels=("a", "b", "c", "dear", "e", "f"))
    ),
    "chain": network(Readout((dense(9, 4, "relu"), dense(2, 9, "softmax")))),
    "mean": network(Readout((dense(1, 4, "tanh"),), "mean", labels=("temperature (°C)",))),
    "labels": network(Readout((dense(3, 4, "sigmoid"),))),
    "both": network(Readout((dense(1, 8, "sigmoid"),)), both=True),
}


def opened(trace: Trace, aspect: str = "16:9", **options: object) -> VerdictStory:
    kind = find_story("verdict")
    story = kind(trace, layout=layout_named(aspect), outline=(), renderer=Walker(), **options)  # type: ignore[arg-type]
    assert isinstance(story, VerdictStory)
    story.setup()
    return story


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.slow
def test_each_bar_begins_where_the_one_above_it_ends(name: str) -> None:
    story = opened(lstmviz.run(TEXT, network=NETWORKS[name]))
    table, at = story.table, story.at_hand
    end = table.zero
    for k, bar in enumerate(table.bars):
        row = table.rows[k]
        value = row.reading[row.unit]
        begin = bar.get_left()[0] if value >= 0 else bar.get_right()[0]
        assert begin + table.shift_of(k) == pytest.approx(end, abs=1e-6)
        end += value * table.scale_
    assert end == pytest.approx(table.zero + at["s"][0] * table.scale_, abs=1e-6)
    total = table.total["bar"]
    reach = total.get_right()[0] if at["s"][0] >= 0 else total.get_left()[0]
    assert reach == pytest.approx(end, abs=0.02)


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize("name", ["wide", "classes", "mean"])
@pytest.mark.slow
@pytest.mark.few(1)
def test_it_can_be_read_in_every_shape(name: str, aspect: str) -> None:
    trace = lstmviz.run(TEXT, network=NETWORKS[name])
    look = FilmLook(aspect=aspect, lang="zh" if name == "wide" else "en")
    assert check_story(find_story("verdict"), trace, look=look) == []


@pytest.mark.parametrize("name", ["chain", "labels", "both"])
@pytest.mark.verify
def test_other_readouts_can_be_read(name: str) -> None:
    trace = lstmviz.run(TEXT, network=NETWORKS[name])
    assert check_story(find_story("verdict"), trace, look=FilmLook(lang="es")) == []


def told(name: str) -> dict[str, str]:
    story = opened(lstmviz.run(TEXT, network=NETWORKS[name]))
    story.construct()
    return {step.name: step.caption for step in story.steps}


@pytest.mark.slow
def test_it_says_what_the_answer_is_made_of() -> None:
    assert "further layer" in told("chain")["state"]
    assert "9 numbers" in told("chain")["state"]
    assert "mean over time" in told("mean")["state"]
    assert "both directions" in told("both")["state"]
    assert told("mean")["answer"].startswith("tanh turns the sum into the answer")
    assert told("labels")["answer"].startswith("σ turns the sum of each answer")
    assert "Softmax" in told("classes")["answer"]
    assert "for good" in told("wide")["answer"]


@pytest.mark.slow
def test_the_line_goes_through_the_answers_and_dips_at_but() -> None:
    trace = lstmviz.run(find_story("verdict").input)
    story = opened(trace)
    story.construct()
    captions = {step.name: step.caption for step in story.steps}
    assert "“but”" in captions["line"]
    assert "falls" in captions["line"]
    answers, line = story.said, story.line
    assert isinstance(line, AnswerLine)
    points = np.array(line.lines[0].get_anchors())[:, :2]
    for tick in range(len(trace)):
        place = np.array(line.place(tick, answers.at(tick)[0]))
        assert np.abs(points - place).sum(axis=1).min() < 1e-6


@pytest.mark.slow
def test_our_own_review_is_compared_with_one_that_ends_the_other_way() -> None:
    for cell in ("lstm", "gru", "rnn"):
        ours = opened(lstmviz.run(find_story("verdict").input, cell=cell))
        assert ours.other is not None
        assert [token.text for token in ours.other.trace.tokens][:3] == OTHER.split()[:3]
        assert ours.said.at(-1)[0] > 0.9
        assert ours.other.at(-1)[0] < 0.1
    assert opened(lstmviz.run("I liked it.")).other is None
    asked = opened(lstmviz.run("I liked it."), compare="I hated it.")
    assert asked.other is not None
    assert asked.other.at(-1)[0] < 0.5
    assert "another text" in [step.caption for step in walked(asked).steps][-1]


def walked(story: VerdictStory) -> VerdictStory:
    story.construct()
    return story


def test_what_it_cannot_tell_it_refuses_in_a_sentence() -> None:
    verdict = find_story("verdict")
    with pytest.raises(UsageError, match="no readout; name its dense layer with head="):
        verdict.check_needs(lstmviz.run([0.1, 0.5]))
    with pytest.raises(UsageError, match="tells of one input alone; leave compare= out"):
        find_story("tanh")(lstmviz.run("good"), compare="bad")
    numbers = replace(seeded("gru", 1, 4), readout=Readout((dense(1, 4),)))
    with pytest.raises(UsageError, match="compare=: The network reads numbers, not words"):
        opened(lstmviz.run([0.1, 0.5, -1.0], network=numbers), compare="good")
    with pytest.raises(UsageError, match="compare=: The input is empty"):
        Telling(compare=[])


def test_a_second_text_is_part_of_how_a_story_is_told() -> None:
    trace = lstmviz.run("I liked it.")
    telling = Telling(compare="I hated it.").of(trace, FilmLook())
    assert telling.options(FilmLook())["compare"] == "I hated it."


@pytest.mark.slow
def test_the_header_is_about_the_text_that_is_told() -> None:
    kind = find_story("verdict")
    trace = kind.own_trace()
    seen: list[tuple[str, list[str], str]] = []

    class Watching(Walker):
        def step_ended(self, story: VerdictStory) -> None:
            needle = story.status.needle
            assert needle is not None
            assert {story.strip, story.status} <= {*story.mobjects}
            numbers = [each.text for each in needle.get_family() if isinstance(each, Number)]
            chips = " ".join(story.strip.chips[tick].text for tick in story.strip.chips)
            seen.append((story.steps[-1].name, numbers, chips))

    with canvas(theme_named("dark"), 1920, 1080, 30, layout_named("16:9")):
        story = kind(trace, outline=(), renderer=Watching())
        story.render()
    assert isinstance(story, VerdictStory)
    assert story.other is not None
    ends = [f"{answers.at(answers.end)[0]:.2f}" for answers in (story.said, story.other)]
    assert ends[0] != ends[1]
    by_name = {name: (numbers, chips) for name, numbers, chips in seen}
    assert by_name["line"][0] == [ends[0]]
    assert by_name["other"][0] == [ends[1]]
    assert "broke" in by_name["other"][1]
    assert "broke" not in by_name["line"][1]
    assert story.said.trace in story.sources


@pytest.mark.slow
def test_a_second_series_is_read_and_both_lines_have_one_scale() -> None:
    model = replace(seeded("gru", 2, 4), readout=Readout((dense(1, 4),)))
    x = np.random.default_rng(5).normal(size=(6, 2))
    times = tuple(f"2024-01-0{k}" for k in range(1, 7))
    other = lstmviz.Series(3 * x[::-1], ("a", "b"), times)
    telling = Telling(compare=other)
    story = opened(lstmviz.run(x, network=model), compare=telling.compare)
    assert story.other is not None
    assert story.other.trace.times == times
    np.testing.assert_array_equal(
        story.other.trace["h"], lstmviz.run(np.array(other), network=model)["h"]
    )
    captions = {step.name: step.caption for step in walked(story).steps}
    assert captions["other"].startswith("The same network reads another series; ")
    lines = [one for one in story.mobjects if isinstance(one, AnswerLine)]
    assert len(lines) == 2
    both = np.concatenate([story.trace.output, story.other.trace.output])  # type: ignore[list-item]
    for line in lines:
        assert line.place(0, both.max())[1] == pytest.approx(line.top)
        assert line.place(0, both.min())[1] == pytest.approx(line.bottom)


def test_second_inputs_are_the_same_where_what_is_in_them_is() -> None:
    x = np.arange(6.0).reshape(3, 2)
    one, same = Telling(compare=x), Telling(compare=x.tolist())
    assert one == same
    others = [
        x + 1e-9,
        lstmviz.Series(x, ("a", "b")),
        lstmviz.Series(x, times=("1", "2", "4")),
        ["a", "b"],
        ["ab"],
        "ab",
    ]
    told = [repr(Telling(compare=each)) for each in (x, *others)]  # type: ignore[arg-type]
    assert len({*told}) == len(told)
