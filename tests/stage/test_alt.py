"""The description of a picture has every number that stands on it, and where it is told."""

from __future__ import annotations

import numpy as np
import pytest

import lstmviz
from lstmviz.notation import MINUS, shown
from lstmviz.reel import Reel
from lstmviz.render import record
from lstmviz.stage import Story
from lstmviz.trace import Trace


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


def test_every_number_on_screen_is_told(trace: Trace) -> None:
    before, state = told(trace).steps
    assert before.alt == "Nothing is shown. Word 2 of 3: “but”."
    assert state.alt == (
        f"The state is shown. Word 2 of 3: “but”. On screen: h = {numbers(trace, 'h')}; "
        f"c(t{MINUS}1) = {numbers(trace, 'c_prev')}."
    )
    assert state.caption == "The state is shown."


def test_in_chinese_and_of_numbers(trace: Trace) -> None:
    assert "这是第 2 个：“but”。画面上：h = " in told(trace, lang="zh").steps[1].alt.replace(
        " 画", "画"
    )
    series = lstmviz.run([0.5, -1.0, 0.25], hidden=2)
    steps = record(Told, series, at=1, size=(160, 90), fps=2, stills=True).steps
    assert "Step 2 of 3. On screen: h = " in steps[1].alt


def test_captions_can_be_left_to_the_speaker(trace: Trace) -> None:
    written, silent = told(trace), told(trace, captions=False)
    assert (written.captions, silent.captions) == (True, False)
    assert [s.caption for s in silent.steps] == [s.caption for s in written.steps]
    below = slice(75, 86)  # where captions stand, of 90 rows
    for number in range(2):
        assert np.ptp(written.frame(number)[below, :, :3]) > 60
        assert np.ptp(silent.frame(number)[below, 30:130, :3]) < 60
