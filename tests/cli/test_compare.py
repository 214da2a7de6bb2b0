"""A second input on the command line: whatever `--input` takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from lstmviz.cli.films import telling_of
from lstmviz.engine.inputs.series import Series
from lstmviz.stage.story.telling import OtherInput

Call = Callable[..., Result]
Refused = Callable[..., str]


def test_a_file_is_read_with_what_is_wanted_of_a_table(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("date,temp,rain\n2024-01-02,1,2\n2024-01-03,-9999,4\n2024-01-04,3,6\n")
    said: list[str] = []
    given = {"compare": str(path), "columns": "temp", "fill": "linear", "gap": "-9999"}
    found = telling_of({**given, "pace": 2.0}, said.append)
    assert found.pace == 2
    assert isinstance(found.compare, OtherInput)
    assert isinstance(found.compare.given, Series)
    np.testing.assert_array_equal(found.compare.given.values, [[1], [2], [3]])
    assert "Note: compare=: date is the time axis, not a feature" in said
    assert telling_of({"compare": "I hated it."}, None).compare == "I hated it."


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ("none.csv", "--compare: There is no file none.csv"),
        ("0.1,0.5", "--compare: "),
    ],
)
def test_what_cannot_be_compared_is_refused(refused: Refused, other: str, sentence: str) -> None:
    told = refused("check", "verdict", "--input", "I liked it.", "--compare", other)
    assert told.startswith(sentence)


@pytest.mark.slow
def test_unknown_words_of_it_are_told(call: Call) -> None:
    told = call("check", "verdict", "--input", "I liked it.", "--compare", "qwert zuiop").stderr
    assert "Note: --compare: 2 of 2 words are unknown to this network: qwert, zuiop" in told
