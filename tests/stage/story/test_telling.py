from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lstmviz
from lstmviz.errors import UsageError
from lstmviz.stage.story.telling import Telling
from lstmviz.style.look import FilmLook


def test_a_telling_of_a_trace_names_its_tick_and_stays_so() -> None:
    trace = lstmviz.run("good but not good", hidden=12)
    telling = Telling(at="good:2", units=[0, 11], pace=2)
    found = telling.of(trace, FilmLook())
    assert found == Telling(at=3, units=(0, 11), pace=2)
    assert found.of(trace, FilmLook()) == found
    assert Telling().of(trace, FilmLook()) == Telling()
    assert Telling(units="1, 12") == Telling(units=np.array([0, 11])) == Telling(units=(0, 11))


@pytest.mark.parametrize(
    ("told", "aspect", "sentence"),
    [
        ({"units": range(9)}, "16:9", "Choose 1 to 8 different units, not 9."),
        ({"units": range(5)}, "1:1", "Choose 1 to 4 different units in a picture of this shape"),
        ({"units": [12]}, "16:9", "There is no unit 13; the network has 12"),
        ({"at": "soup"}, "16:9", "There is no 'soup'"),
        ({"units": "1;2"}, "16:9", "units is '1;2'; write them as 1,2, counted from 1."),
        ({"units": [0.5]}, "16:9", "units is [0.5]; give whole numbers"),
        ({"units": 2}, "16:9", "units is 2; give whole numbers"),
        ({"pace": 3}, "16:9", "A pace of 3 is not possible"),
    ],
)
def test_what_cannot_be_told_is_refused(told: dict[str, Any], aspect: str, sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        Telling(**told).of(lstmviz.run("good but bad", hidden=12), FilmLook(aspect=aspect))
    assert str(refused.value).startswith(sentence)
