"""Captions say what is there: of this cell, of this input, and in forms that fit their numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import lstmviz
from lstmviz import Trace, UsageError, run
from lstmviz.engine.model.masks import Mask, Padding
from lstmviz.engine.model.network import Network, seeded
from lstmviz.stage import Story
from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.stage.story.discovery import find_story
from lstmviz.style.themes import theme_named
from lstmviz.trace.times import next_after

WORDS = ("<pad>", "the", "film", "was", "not", "good", ".")
TEXT = "the film was not good ."
PEEPHOLE, COUPLED = "peephole, too", "f is 1 − i"


def told(story: str, trace: Trace, **options: Any) -> Story:
    teller = find_story(story)
    teller.check_needs(trace)
    with canvas(theme_named("dark"), 427, 240, 2):
        walked = teller(trace, renderer=Walker(), outline=(), **options)
        walked.render()
    return walked


def captions(story: str, trace: Trace, **options: Any) -> dict[str, str]:
    return {step.name: step.caption for step in told(story, trace, **options).steps}


def net(cell: str, hidden: int = 3, **options: Any) -> Network:
    return seeded(cell, 2, hidden, 1, vocabulary=WORDS, **options)


@pytest.mark.parametrize(
    ("cell", "peephole", "coupled"),
    [("lstm", False, False), ("lstm-coupled-peephole", True, True)],
)
@pytest.mark.verify
def test_what_a_gate_sees_and_whether_the_memory_is_bounded_is_told_by_the_cell(
    cell: str, peephole: bool, coupled: bool
) -> None:
    trace = run(TEXT, network=net(cell))
    output = captions("output-gate", trace)
    assert ("sees the new memory, too" in output["weigh"]) == peephole
    assert (COUPLED in output["bound"]) == coupled
    assert ("any size" in output["bound"]) != coupled
    state = captions("cell-state", trace)
    assert (COUPLED in state["beyond"]) == coupled
    assert ("forget gate" in state["keep"]) != coupled
    entering = captions("input-gate", trace, at=3)
    assert ("the input gate sees the memory" in entering["weigh"]) == peephole
    assert ("forget gate" in entering["question"]) != coupled


@pytest.mark.slow
def test_a_memory_that_begins_outside_is_not_called_bounded() -> None:
    start = {"initial": (np.zeros(3), np.full(3, 5.0))}
    trace = run(TEXT, network=net("lstm-coupled"), **start)
    assert "any size" in captions("output-gate", trace)["bound"]


@pytest.mark.slow
def test_a_peephole_shows_in_what_the_forget_gate_weighs() -> None:
    walked = told("forget-gate", run(TEXT, network=net("lstm-peephole")))
    said = {step.name: step.caption for step in walked.steps}
    assert PEEPHOLE.replace("peephole", "the memory") in said["weigh"]
    assert "both" not in said["weigh"]


@pytest.mark.slow
def test_what_is_remembered_is_half_at_most_and_no_full_stop() -> None:
    for text, few in (("the film .", 1), ("good", 1), (TEXT, 2)):
        walked = told("review-remembered", run(text, network=net("lstm")))
        lasting = walked.lasting()  # type: ignore[attr-defined]
        assert 1 <= len(lasting) <= few
        assert "." not in [walked.trace.tokens[tick].text for tick in lasting]
        last = walked.steps[-1].caption
        assert ("This one word" in last) == (len(lasting) == 1)
    assert "Of 5 words, these 2 " in last or "This one word" in last


def test_of_marks_alone_one_is_remembered_all_the_same() -> None:
    walked = told("review-remembered", run([".", "."], network=net("lstm")))
    assert len(walked.lasting()) == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.slow
def test_padding_is_not_on_the_page_that_a_person_sees(side: str) -> None:
    network = replace(net("lstm"), padding=Padding(5, side))  # type: ignore[arg-type]
    trace = run("the film", network=network)
    assert [token.text for token in trace.tokens].count("<pad>") == 3
    walked = told("review", trace)
    page = walked.page  # type: ignore[attr-defined]
    assert [word.text for word in page.words.values()] == ["the", "film"]
    assert not any(getattr(mark, "text", "") == "…" for mark in page.marks)
    asked = told("review", trace, at=4 if side == "right" else 0)
    assert "<pad>" in [word.text for word in asked.page.words.values()]  # type: ignore[attr-defined]


@pytest.mark.verify
def test_units_that_stay_are_not_said_to_move() -> None:
    trace = run([0.0, 0.0], network=still_gru())
    said = captions("update-gate", trace, at=1)
    assert said["moves"].startswith("No unit moves far")
    assert said["stays"].startswith("All units reach their candidates")


def still_gru() -> Network:
    network = seeded("gru", 1, 2, 1)
    direction = network.layers[0][0]
    nothing = {
        name: np.zeros_like(value)
        for name, value in vars(direction.weights).items()
        if isinstance(value, np.ndarray)
    }
    return replace(
        network, layers=((replace(direction, weights=replace(direction.weights, **nothing)),),)
    )


@pytest.mark.slow
def test_the_learning_rate_has_no_sign() -> None:
    walked = told("gradient-update", run(TEXT, network=net("rnn")))
    numbers = walked.rule_numbers  # type: ignore[attr-defined]
    assert [number.text for number in numbers if number.reading.name == "rate"] == ["0.10"]


@pytest.mark.slow
def test_a_weight_that_stays_as_written_is_not_said_to_move() -> None:
    network = still_gru()
    said = captions("gradient-update", run([0.0, 0.0, 0.0], network=network))
    assert "the weight stays at " in said["move"]


@pytest.mark.slow
def test_a_series_is_told_in_steps_and_a_list_of_numbers_as_such() -> None:
    days = [f"2024-03-0{day}" for day in range(1, 8)]
    values = np.sin(np.arange(14)).reshape(7, 2)
    series = run(lstmviz.Series(values, ("wind", "rain"), days))
    for trace, page in ((series, "series"), (run([0.1, 0.5, -1.0, 0.3]), "numbers")):
        for story in ("review", "review-remembered"):
            said = captions(story, trace)
            assert page in said["page"]
            assert "word" not in " ".join(said.values())
    assert "step" in captions("cell-state", series)["history"].lower()


def test_the_next_time_that_can_be_told_is_named() -> None:
    assert next_after(["2024-03-01", "2024-03-04"], "2024-03-02") == "2024-03-04"
    assert next_after(["01.03.2024", "14.03.2024"], "02.03.2024") == "14.03.2024"
    assert next_after(["2024-03-01"], "2024-03-02") is None
    assert next_after(["a", "b"], "2024-03-02") is None
    x = np.ones((4, 2))
    x[1:3] = 0
    days = [f"2024-03-0{day}" for day in range(1, 5)]
    network = replace(seeded("lstm", 2, 3), mask=Mask("values", 0.0))
    trace = run(lstmviz.Series(x, ("a", "b"), days), network=network)
    with pytest.raises(UsageError, match=r"cannot be told; the next one that can is '2024-03-04'"):
        trace.at("2024-03-02")
    with pytest.raises(UsageError, match=r"cannot be told\.$"):
        trace.at("2024-03-05")
