"""What stands above the names of a table's columns: left out and told, or put before them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lstmviz.engine.inputs.csv_file import read_csv
from lstmviz.engine.inputs.series import Series
from lstmviz.errors import UsageError

DAYS = "2024-01-02,1.5,3\n2024-01-03,2,4\n"


def _read(folder: Path, content: str) -> Series:
    path = folder / "data.csv"
    path.write_text(content)
    found = read_csv(path)
    assert isinstance(found, Series)
    return found


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (f"Weather 2024\ndate,temp,hum\n{DAYS}", "row 1 is above the names of the columns and"),
        (f"Weather 2024,,\n,,\ndate,temp,hum\n{DAYS}", "rows 1 to 2 are above"),
        (f"Station: Berlin\nMade: 2024-01\n\ndate,temp,hum\n{DAYS}", "Station: Berlin, Made: 202"),
        (f'"A","B",\n\n"Updated","2024-06-28",\n\ndate,temp,hum\n{DAYS}', "A, B, Updated, 2024-06"),
        (f"Weather\ndate,temp,hum\n,°C,%\n{DAYS}", "left out: Weather"),
    ],
)
def test_a_title_above_the_names_is_left_out_and_told(
    tmp_path: Path, content: str, told: str
) -> None:
    found = _read(tmp_path, content)
    assert (found.features, found.times) == (("temp", "hum"), ("2024-01-02", "2024-01-03"))
    assert found.values.tolist() == [[1.5, 3], [2, 4]]
    assert any(told in note for note in found.notes)


@pytest.mark.parametrize(
    "above",
    [
        ",temp,,hum,\ndate,min,max,min,max\n",  # over several columns each
        "date,temp,temp,hum,hum\n,min,max,min,max\n",  # as pandas writes two levels
        "Weather\n,temp,,hum,\ndate,min,max,min,max\n",
    ],
)
def test_what_stands_over_several_columns_goes_before_their_names(
    tmp_path: Path, above: str
) -> None:
    found = _read(tmp_path, f"{above}2024-01-02,1,2,3,4\n2024-01-03,1,2,3,4\n")
    assert found.features == ("temp min", "temp max", "hum min", "hum max")
    assert "stands over several columns and goes before their names" in " ".join(found.notes)
    assert "units" not in " ".join(found.notes)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("Weather\n1,2,3\n4,5,6\n", "row 1 names 1 of 3 columns; name each, or if it is a title"),
        ("Weather\nB,2001,2002\nDE,2.5,3\n", "row 1 names 1 of 3 columns"),
        ("Station;12\ndate;temp\n2024-01-02;1,5\n", "row 1, column 1 is 'Station', text"),
    ],
)
def test_what_is_not_clearly_a_title_is_refused(tmp_path: Path, content: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        _read(tmp_path, content)
