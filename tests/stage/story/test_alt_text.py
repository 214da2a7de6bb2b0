"""The description of a picture has every number that stands on it, and where it is told."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest
from filming import record

import lstmviz
from lstmviz.reel.reel import Reel, Step
from lstmviz.stage import Story
from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.stage.story.discovery import find_story
from lstmviz.style.notation import MINUS, read_back, shown
from lstmviz.style.theme import DARK
from lstmviz.trace.answers import answers_of
from lstmviz.trace.trace import Trace

pytestmark = pytest.mark.slow


class Told(Story):
    """A story of two steps."""

    needs = ("h",)

    def construct(self) -> None:
        with self.step("before", "Nothing is shown."):
            pass
        with self.step("state", "The state is shown."):
            self.add(self.column("h", numbers=True), self.column("c_prev", numbers=True))


@pytest.fixture(scope="module")
def trace() -> Trace:
    return lstmviz.run("good but dull", cell="lstm")


def told(trace: Trace, **options: object) -> Reel:
    return record(Told, trace, at="but", size=(160, 90), fps=2, stills=True, **options)  # type: ignore[arg-type]


def numbers(trace: Trace, name: str) -> str:
    scale = "signed" if name == "h" else "free"
    return ", ".join(shown(float(value), scale) for value in trace[name][1])


def answer(trace: Trace) -> str:
    said = answers_of(trace)
    assert said is not None
    number = shown(said.at(1)[0], "gate")
    return f"The answer so far, from blame (0) to praise (1): {number}."


def test_every_number_on_screen_is_told(trace: Trace) -> None:
    before, state = told(trace).steps
    assert before.alt == f"Nothing is shown. Word 2 of 3: “but”. {answer(trace)}"
    assert state.alt == (
        f"The state is shown. Word 2 of 3: “but”. {answer(trace)} "
        f"On screen: h = {numbers(trace, 'h')}; "
        f"c(t{MINUS}1) = {numbers(trace, 'c_prev')}."
    )
    assert state.caption == "The state is shown."


def test_in_chinese_and_of_numbers(trace: Trace) -> None:
    alt = told(trace, lang="zh").steps[1].alt
    assert re.search("这是第 2 个：“but”。 ?到这里的回答，[^。]*。 ?画面上：h = ", alt)
    series = lstmviz.run([0.5, -1.0, 0.25], hidden=2)
    steps = record(Told, series, at=1, size=(160, 90), fps=2, stills=True).steps
    assert "Step 2 of 3. On screen: h = " in steps[1].alt


@cache
def steps_of(name: str, lang: str = "en") -> dict[str, Step]:
    with canvas(DARK, 160, 90, 2):
        walked = find_story(name)(None, lang=lang, renderer=Walker()).rehearse()
    return {step.name: step for step in walked.steps_told}


@pytest.mark.verify
def test_the_picture_is_described() -> None:
    steps = steps_of("forget-gate")
    assert "The circuit of the LSTM; at work: forget. On screen: a_f = " in steps["squash"].alt
    assert "; at work: ×. " in steps["forget"].alt
    assert steps["history"].alt.endswith("Bands of boxes, a column for each step: f, c.")
    assert "drawn 4 times in a row" in steps_of("hidden-state")["chain"].alt
    assert "The curve of σ." in steps_of("sigmoid")["curve"].alt
    assert "LSTM 的电路图，正在工作的是：遗忘。" in steps_of("forget-gate", "zh")["squash"].alt


@pytest.mark.verify
def test_a_second_bias_is_told() -> None:
    trace = lstmviz.run([0.5, -1], hidden=3)
    reel = record(find_story("forget-gate"), trace, size=(160, 90), fps=2, stills=True)
    alt = reel.step("weigh").alt
    assert "W_f x + b_f = " in alt
    assert f"R_f h(t{MINUS}1) + b_Rf = " in alt


def test_what_has_no_symbol_is_called_as_in_the_picture() -> None:
    terms = {
        "en": ("new weight", "weight", "learning rate", "gradient"),
        "zh": ("新权重", "权重", "学习率", "梯度"),
    }
    for lang, (after, before, rate, gradient) in terms.items():
        alt = steps_of("gradient-update", lang)["move"].alt
        number = r"[+−]?\d\.\d+"
        assert re.search(
            rf"{after} = {number}; {before} = {number}; {rate} = {number}; {gradient} = {number}",
            alt,
        )


@pytest.mark.verify
def test_a_speaker_is_told_a_row_and_how_large_its_results_are() -> None:
    steps = steps_of("forget-gate")
    said = steps["forget"].notes
    row = re.search(r"Take unit (\d): (\S+) × (\S+) [=≈] (\S+)\. In symbols, c\(t−1\) × f ", said)
    assert row
    values = re.search(
        r"On screen: c\(t−1\) = (.*); f = (.*); f ⊙ c\(t−1\) = (.*)\.$", steps["forget"].alt
    )
    assert values
    old, gate, kept = (listed.split(", ") for listed in values.groups())
    unit = int(row[1]) - 1
    assert [text.lstrip("+") for text in (old[unit], gate[unit], kept[unit])] == [*row.groups()[1:]]
    numbers = [read_back(text) for text in kept]
    low, high = (kept[numbers.index(choose(numbers))] for choose in (min, max))
    assert f"f ⊙ c(t−1) lies between {low} (unit " in said
    assert f" and {high} (unit " in said
    assert steps["outcome"].caption.startswith(f"Unit {unit + 1} ")
    assert "以第 " in steps_of("forget-gate", "zh")["forget"].notes


def test_a_speaker_is_told_where_a_gate_is_least_open() -> None:
    steps, trace = steps_of("forget-gate"), find_story("forget-gate")(None).trace
    mean = trace["f"].mean(axis=1)
    least = trace.tokens[int(mean.argmin())].text
    assert f"f is lowest at “{least}” ({int(mean.argmin()) + 1})" in steps["history"].notes


def test_without_numbers_there_is_nothing_to_add(trace: Trace) -> None:
    before, state = told(trace).steps
    assert before.notes == f"Word 2 of 3: “but”. {answer(trace)}"
    assert state.notes.startswith(f"{before.notes} h lies between ")
    series = lstmviz.run([0.5, -1.0, 0.25], hidden=2)
    assert record(Told, series, at=1, size=(160, 90), fps=2, stills=True).steps[0].notes == ""


def test_captions_can_be_left_to_the_speaker(trace: Trace) -> None:
    written, silent = told(trace), told(trace, captions=False)
    assert (written.captions, silent.captions) == (True, False)
    assert [s.caption for s in silent.steps] == [s.caption for s in written.steps]
    below = slice(75, 86)  # where captions stand, of 90 rows
    for number in range(2):
        assert np.ptp(written.frame(number)[below, :, :3]) > 60
        assert np.ptp(silent.frame(number)[below, 30:130, :3]) < 60
