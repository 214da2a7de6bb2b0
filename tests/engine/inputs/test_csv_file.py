"""Tables of numbers: what parts their cells, and what in them is no feature."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lstmviz.engine.inputs.csv_file import read_csv
from lstmviz.errors import UsageError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data.csv"


@pytest.mark.parametrize(
    "content",
    [
        "temp,hum\n0.1,0.5\n-0.2,0.4\n",
        "temp;hum\n0.1;0.5\n-0.2;0.4\n",
        "temp;hum\n0,1;0,5\n-0,2;0,4\n",
        "0,1\t0,5\n−0,2\t0,4\n",
        "0.1 0.5\n-0.2  0.4\n",
        '\ufeff"0.1","0.5"\r\n"-0.2","0.4"\r\n',
        "# made by a logger\n0.1, 0.5\n-0.2, 0.4\n",
    ],
)
def test_usual_ways_of_parting_cells(
    path: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_text(content, encoding="utf-8", newline="")
    np.testing.assert_array_equal(read_csv(path), [[0.1, 0.5], [-0.2, 0.4]])
    assert caplog.text == ""


@pytest.mark.parametrize("name", ["", "index", "Unnamed: 0"])
def test_a_column_that_numbers_the_rows_is_left_out_and_told(
    path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_text(f"{name},temp,hum\n0,0.1,0.5\n1,0.2,0.4\n")
    np.testing.assert_array_equal(read_csv(path), [[0.1, 0.5], [0.2, 0.4]])
    assert "the first column numbers the rows and is left out" in caplog.text


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("t,temp\n1,0.1\n2,0.2\n3,0.4\n", "column counts from 1 to 3 and is read as a feature"),
        ("0,0.1\n1,0.2\n2,0.4\n", "column counts from 0 to 2 and is read as a feature"),
        ("2019,2020\n0.1,0.5\n0.2,0.4\n", "row 1 counts from 2019 to 2020 and is read as numbers"),
        ("a;b\n1,234;2,345\n", "commas are read as decimal points"),
    ],
)
def test_what_may_be_no_feature_is_told(
    path: Path, content: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_text(content)
    read_csv(path)
    assert told in caplog.text


@pytest.mark.parametrize("content", ["index,b\n0.1,1\n0.2,2\n", "0\n1\n2\n", "a,b\n5,1\n5,2\n"])
def test_other_columns_are_features(
    path: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_text(content)
    read_csv(path)
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("a;b\n0,1;0.5\n", r"row 2, column 2 is '0\.5', but above it decimals have a comma"),
        ("a;b\n0.1;0,5\n", "row 2, column 2 is '0,5', but above it decimals have a point"),
        ('a,b\n"1,234",2\n', "row 2, column 1 is '1,234', not a finite number"),
        ("t,0\n1,0.5\n", "row 1, column 1 is 't'"),
        ("0.1,0.5,\n0.2,0.4,\n", "row 1, column 3 is ''"),
        ("date,close\n2024-01-02,1.5\n", "row 2, column 1 is '2024-01-02'"),
    ],
)
def test_what_is_not_clear_is_refused(path: Path, content: str, sentence: str) -> None:
    path.write_text(content)
    with pytest.raises(UsageError, match=sentence):
        read_csv(path)
