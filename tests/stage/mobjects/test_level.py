"""A gate is drawn as a level as well as a tone: how far it is open is a length."""

from __future__ import annotations

import numpy as np
import pytest

import lstmviz
from lstmviz.stage.mobjects.column import Column
from lstmviz.stage.mobjects.history import History
from lstmviz.stage.mobjects.level import level_below, level_in
from lstmviz.stage.mobjects.value_row import ValueRow
from lstmviz.style.layout import WIDE, Box
from lstmviz.style.notation import quantity
from lstmviz.style.theme import DARK
from lstmviz.trace.trace import Trace


@pytest.fixture(scope="module")
def trace() -> Trace:
    return lstmviz.run([0.5, -1.0, 2.0], cell="lstm", hidden=3)


@pytest.mark.parametrize("numbers", [False, True])
def test_a_bar_in_the_box_of_a_gate_is_as_long_as_it_is_open(trace: Trace, numbers: bool) -> None:
    reading = trace.at(1)["f"]
    box = (1.0, 0.5) if numbers else None
    column = Column(reading, DARK, cell=trace.notation, box=box, numbers=numbers)
    shares = [bar.width / body.width for bar, body in zip(column.levels, column.boxes, strict=True)]
    np.testing.assert_allclose(shares, reading.value, atol=1e-6)
    lefts = {round(float(bar.get_left()[0]), 6) for bar in column.levels}
    assert lefts == {round(float(column.boxes[0].get_left()[0]), 6)}, "they begin at the left"


def test_the_bar_stays_clear_of_the_number(trace: Trace) -> None:
    column = Column(trace.at(1)["f"], DARK, cell=trace.notation, box=(1.0, 0.5), numbers=True)
    for bar, number in zip(column.levels, column.numbers, strict=True):
        assert bar.get_top()[1] < number.get_bottom()[1] - 0.012
    assert level_below(DARK, "forget", 0.5, (1.0, 0.3), (0, 0), 0.3) == [], "no room, no bar"


def test_tiles_of_a_gate_have_levels_in_a_row(trace: Trace) -> None:
    def bars(name: str) -> list[float]:
        look, box = quantity(name, cell=trace.notation), Box(0.0, 2.4, 0.0, 0.57)
        row = ValueRow(trace.at(1)[name], range(3), DARK, look, box, 0.26, widest=0.8)
        return [float(part.width) / (0.8 - 0.03) for part in row if part.height < 0.1]

    np.testing.assert_allclose(bars("f"), trace.at(1)["f"].value, atol=1e-6)
    assert not bars("g"), "a candidate is not open or shut"


def test_a_state_has_no_level(trace: Trace) -> None:
    assert not len(Column(trace.at(1)["h"], DARK, cell=trace.notation).levels)


def test_a_shut_gate_has_no_bar_and_an_open_one_fills_its_box() -> None:
    assert level_in(DARK, 0.0, (1.0, 0.5), (0, 0)) == []
    (bar,) = level_in(DARK, 1.0, (1.0, 0.5), (0, 0), up=True)
    assert bar.height == pytest.approx(0.5)


def test_rows_of_a_small_network_are_higher_in_its_history(trace: Trace) -> None:
    def tall(units: range) -> float:
        bands = History(trace, ["h"], 1, [units], DARK, WIDE.whole)
        return float(bands.words[0][0].height)

    assert tall(range(1)) > 1.5 * tall(range(3)) > 0
