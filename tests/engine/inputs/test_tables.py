"""Tables that are no text: JSON, sheets of Excel, Parquet, and those in memory."""

from __future__ import annotations

import datetime
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyarrow
import pytest
from pyarrow import parquet

from lstmviz.engine.inputs.frames import is_frame, series_of_frame
from lstmviz.engine.inputs.read import read_input, read_inputs
from lstmviz.engine.inputs.series import Series
from lstmviz.engine.inputs.wanted import Wanted
from lstmviz.errors import UsageError

DAYS = ("2024-01-02", "2024-01-03")


def _told(found: Any) -> tuple[list[Any], tuple[str, ...], tuple[str, ...]]:
    if not isinstance(found, Series):
        return found.tolist(), (), ()
    return found.values.tolist(), found.features, tuple(found.times)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ([0.1, 0.5], ([[0.1], [0.5]], (), ())),
        ([[1, 2], [3, 4]], ([[1, 2], [3, 4]], (), ())),
        ([[[1, 2], [3, 4]]], ([[1, 2], [3, 4]], (), ())),
        ([["a", "b"], [1, 2]], ([[1, 2]], ("a", "b"), ())),
        ([{"date": DAYS[0], "b": 1}, {"b": "2", "date": DAYS[1]}], ([[1], [2]], ("b",), DAYS)),
        ({"a": [1, 2], "b": [3, 4]}, ([[1, 3], [2, 4]], ("a", "b"), ())),
        ({"a": {"0": 1, "1": 2}}, ([[1], [2]], ("a",), ())),
        ({"columns": ["a"], "index": DAYS, "data": [[1], [2]]}, ([[1], [2]], ("a",), DAYS)),
        ({"data": [{"a": 1}]}, ([[1]], ("a",), ())),
        ({"data": {"a": [1, 2]}}, ([[1], [2]], ("a",), ())),
        ({"a": {DAYS[0]: 1, DAYS[1]: 2}}, ([[1], [2]], ("a",), DAYS)),
        (
            {DAYS[0]: {"a": 1, "b": 3}, DAYS[1]: {"a": 2, "b": 4}},
            ([[1, 3], [2, 4]], ("a", "b"), DAYS),
        ),
        ({"0": {"a": 1, "b": 3}, "1": {"a": 2, "b": 4}}, ([[1, 3], [2, 4]], ("a", "b"), ())),
        ({"schema": {"fields": []}, "data": [{"a": 1, "t": 5}]}, ([[1]], ("a",), ("5",))),
    ],
)
def test_usual_forms_of_json(tmp_path: Path, content: object, expected: Any) -> None:
    path = tmp_path / "data.json"
    path.write_text(json.dumps(content))
    assert _told(read_input(str(path))) == expected


def test_the_only_table_of_an_answer_is_read_and_told(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    hourly = {"time": ["2024-01-01T00:00", "2024-01-01T01:00"], "t": [1.5, 2]}
    path.write_text(json.dumps({"lat": 52.5, "units": {"t": "C"}, "hourly": hourly}))
    found = read_input(str(path))
    assert _told(found) == ([[1.5], [2]], ("t",), tuple(hourly["time"]))
    assert isinstance(found, Series)
    assert found.notes[0] == "the table 'hourly' of the file is read"


def test_objects_of_which_the_rows_are_not_clear_are_told(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_text('{"a": {"x": 1, "y": 2}, "b": {"x": 3, "y": 4}}')
    found = read_input(str(path))
    assert _told(found) == ([[1, 3], [2, 4]], ("a", "b"), ("x", "y"))
    assert isinstance(found, Series)
    assert found.notes[0] == "the outer names are taken for those of the columns: a, b"


def test_the_index_of_a_parquet_file_is_the_times(tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    frame = pd.DataFrame({"a": [1.0, 2.0]}, index=pd.Index([9, 5], name="station"))
    frame.to_parquet(path)
    found = read_input(str(path))
    assert _told(found) == ([[1], [2]], ("a",), ("9", "5"))
    assert isinstance(found, Series)
    assert found.notes[0] == "station, the index, is the time axis, not a feature"
    assert _told(read_input(str(path), columns="station,a"))[0] == [[9, 1], [5, 2]]
    frame["when"] = DAYS
    frame.to_parquet(path)
    assert _told(read_input(str(path))) == ([[9, 1], [5, 2]], ("station", "a"), DAYS)


def test_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text('{"a": 1}\n\n{"a": 2}\n')
    assert _told(read_input(str(path))) == ([[1], [2]], ("a",), ())
    path.write_text('{"a": 1}\n{"a": 1, "a": 2}\n')
    with pytest.raises(UsageError, match=r"data.jsonl, line 2, has 'a' twice in one object"):
        read_input(str(path))


def test_a_letter_that_ends_lines_elsewhere_ends_no_row(tmp_path: Path) -> None:
    for odd in "\u2028\u2029\x85\x0b\x0c\x1c":
        named = f"te{odd}mp"
        for name, text in (
            ("data.jsonl", f'{{"{named}": 1}}\n{{"{named}": 2}}\n'),
            ("data.csv", f"{named},b\n1,2\r3,4\r\n5,6\n"),
            ("data.txt", f"{named},b\n1,2\n3,4\n5,6\n"),
        ):
            if name == "data.jsonl" and odd < " ":
                continue  # which JSON takes in no text
            (tmp_path / name).write_bytes(text.encode("utf-8"))
            found = read_input(str(tmp_path / name))
            assert isinstance(found, Series)
            assert found.features[0].split() == ["te", "mp"]
            assert len(found) == (2 if name == "data.jsonl" else 3)
        many = tmp_path / "many.txt"
        many.write_text(f"Not{odd}good.\nNever again.\n", encoding="utf-8")
        assert read_inputs(many) == [f"Not{odd}good.", "Never again."]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "no valid JSON"),
        ('{"a": [1, 2], "b": [3, 4], "a": [5, 6]}', "data.json has 'a' twice in one object"),
        ('[{"a": 1}, {"a": 1, "a": 2}]', "has 'a' twice in one object; leave one of them out"),
        ("[" * 100_000, "no valid JSON"),
        ('{"a": 1}', "holds no table; write a list of rows"),
        ("[]", "holds no table"),
        ("[[]]", "holds no numbers"),
        ('"hi"', "holds no table"),
        ('{"a": [1], "b": [1, 2]}', "columns of unequal lengths"),
        ('[{"a": 1, "b": 2}, {"a": 3}]', r"row 2, column 2 \(b\) is empty"),
        ("[[1, null]]", "row 1, column 2 is empty"),
        ("[NaN]", "row 1, column 1 is NaN"),
        ("[[1, 2], [3]]", "row 2 has 1 column, the first has 2"),
        ("[1, [2]]", "holds no table"),
        ("[[[1, 2], [3, 4]], [[1, 2], [3, 4]]]", "holds 2 sequences, one within the other; give o"),
        ('{"a": {"b": [1, 2]}, "c": {"d": [1, 2]}, "e": 5}', "holds no table"),
        ("[1" + "0" * 400 + "]", "not a finite number"),
    ],
)
def test_other_json_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "data.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=sentence):
        read_input(str(path))


def _book(path: Path, *rows: list[Any], sheets: tuple[str, ...] = ()) -> str:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name in sheets:
        book.create_sheet(name)
    book.save(path / "data.xlsx")
    return str(path / "data.xlsx")


def test_a_sheet_of_excel(tmp_path: Path) -> None:
    days = [datetime.datetime(2024, 1, day) for day in (2, 3)]
    name = _book(
        tmp_path, [], [None, "date", "a", "b"], [None, days[0], 1, "2"], [None, days[1], 3]
    )
    with pytest.raises(UsageError, match=r"row 4, column 3 \(b\) is empty"):
        read_input(name)
    found = read_input(name, fill="zero")
    assert _told(found) == ([[1, 2], [3, 0]], ("a", "b"), DAYS)
    name = _book(tmp_path, [None, "t", "h"], [0, 0.7, 0.5], [1, 0.2, 0.4])  # as pandas writes it
    assert _told(read_input(name)) == ([[0.7, 0.5], [0.2, 0.4]], ("t", "h"), ("0", "1"))
    hours = [datetime.timedelta(hours=hour) for hour in (1, 30)]
    name = _book(tmp_path, ["passed", "h"], [hours[0], 0.5], [hours[1], 0.4])
    assert _told(read_input(name)) == ([[0.5], [0.4]], ("h",), ("1:00:00", "1 day, 6:00:00"))
    name = _book(tmp_path, ["a"], [1], sheets=("Notes",))
    found = read_input(name)
    assert isinstance(found, Series)
    assert found.notes == ("the sheet Sheet is read, and Notes is not; choose with sheet=",)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([], "holds no numbers"),
        ([["a"], ["=1+1"]], r"cell A2 of the sheet Sheet is a formula \(=1\+1\) that has not been"),
        ([["a", "b"], [1, 2], [3, "=B2"]], "open the file in a spreadsheet"),
        ([["a", "b"], [1, "x"]], r"row 2, column 2 \(b\) is 'x', text"),
        ([["a"], [1], [], [2]], r"row 3, column 1 \(a\) is empty"),
        ([[None, "a"], *[[None, 1]] * 70, [1, 2]], "row 72 begins left of the first"),
    ],
)
def test_a_sheet_that_cannot_be_used(tmp_path: Path, rows: list[list[Any]], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        read_input(_book(tmp_path, *rows))


def test_the_first_sheet_with_a_table_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["Weather"], ["version", 1.2], ["made", datetime.date(2024, 1, 1)]):
        book.active.append(row)
    for name, number in (("Data", 1.5), ("More", 2.5)):
        sheet = book.create_sheet(name)
        for row in ([name], [], ["a", "b"], [number, 2], [3, 4]):
            sheet.append(row)
    book.save(path := tmp_path / "data.xlsx")
    found = read_input(str(path))
    assert isinstance(found, Series)
    assert _told(found) == ([[1.5, 2], [3, 4]], ("a", "b"), ())
    assert found.notes == (
        "the sheet Data is read, and Sheet, More are not; choose with sheet=",
        "rows 1 to 2 are above the names of the columns and left out: Data",
    )
    assert _told(read_input(str(path), sheet="more"))[0] == [[2.5, 2], [3, 4]]
    with pytest.raises(UsageError, match=r"has no sheet 'Dta' \(did you mean 'Data'\?\); it has"):
        read_input(str(path), sheet="Dta")


def test_formulas_that_a_spreadsheet_computed_are_values_and_empty_ones_gaps(
    tmp_path: Path,
) -> None:
    path = Path(_book(tmp_path, ["a", "b"], [1, "=A2"], [3, "=A3"]))
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name).decode() for name in archive.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"]
    members["xl/worksheets/sheet1.xml"] = sheet.replace("<v></v>", "<v>7</v>", 1).replace(
        "<v />", "<v>7</v>", 1
    )
    assert members["xl/worksheets/sheet1.xml"] != sheet
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(UsageError, match=r"row 3, column 2 \(b\) is empty"):
        read_input(str(path))
    assert _told(read_input(str(path), fill="forward"))[0] == [[1, 7], [3, 7]]


def test_a_sheet_that_claims_too_much_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (40 << 20))
    with pytest.raises(UsageError, match="bomb.xlsx is not read: it claims 41943040 bytes"):
        read_input(str(path))
    path.write_bytes(b"\xd0\xcf\x11\xe0 and no more")
    with pytest.raises(UsageError, match="an old file of Office, or has a password; save it as"):
        read_input(str(path))
    path.write_bytes(b"PK\3\4 and no more")
    with pytest.raises(UsageError, match="bomb.xlsx is damaged or no .xlsx"):
        read_input(str(path))


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    frame = pd.DataFrame({"a": [1.0, None], "b": [3, 4]}, index=pd.to_datetime(DAYS))
    frame.to_parquet(path)
    assert _told(read_input(str(path), columns="b")) == ([[3], [4]], ("b",), DAYS)
    with pytest.raises(UsageError, match=r"row 2, column 2 \(a\) is empty"):
        read_input(str(path))
    parquet.write_table(pyarrow.table({"a": [[1.0], [2.0]]}), path)
    with pytest.raises(UsageError, match="column a holds list<"):
        read_input(str(path))
    path.write_bytes(b"PAR1 and no more PAR1")
    with pytest.raises(UsageError, match="damaged or no Parquet file"):
        read_input(str(path))


def test_a_parquet_file_is_read_a_few_rows_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    parquet.write_table(pyarrow.table({"a": np.arange(10_000.0)}), path)
    np.testing.assert_array_equal(read_input(str(path)), np.arange(10_000.0)[:, None])


@pytest.mark.parametrize("library", ["openpyxl", "pyarrow"])
def test_what_is_not_installed_is_said(
    tmp_path: Path, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    path = tmp_path / {"openpyxl": "data.xlsx", "pyarrow": "data.parquet"}[library]
    path.write_bytes(b"any")
    with pytest.raises(UsageError, match=rf"needs the package {library}; .*install .*{library}"):
        read_input(str(path))


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (pd.DataFrame({"a": [1, 2]}, pd.to_datetime(DAYS)), ([[1], [2]], ("a",), DAYS)),
        (pd.DataFrame({"a": [1, 2]}, ["x", "y"]), ([[1], [2]], ("a",), ("x", "y"))),
        (pd.DataFrame({"a": [1, 2], "b": [3, 4]}), ([[1, 3], [2, 4]], ("a", "b"), ())),
        (pd.DataFrame({"year": [2019, 2020], "b": [3, 4]}), ([[3], [4]], ("b",), ("2019", "2020"))),
        (pd.DataFrame([[1, 2], [3, 4]]), ([[1, 2], [3, 4]], (), ())),
        (pd.Series([1, 2], name="a"), ([[1], [2]], ("a",), ())),
        (
            pd.Series([1, 2], pd.period_range("2024-01", periods=2, freq="M")),
            ([[1], [2]], (), ("2024-01", "2024-02")),
        ),
    ],
)
def test_pandas(frame: Any, expected: Any) -> None:
    assert is_frame(frame)
    assert _told(series_of_frame(frame)) == expected


def test_a_table_in_memory_chooses_and_fills_as_a_file_does() -> None:
    frame = pd.DataFrame({"a": [1, np.nan], "b": [3, 4]}, pd.to_datetime(DAYS))
    assert _told(series_of_frame(frame, Wanted("b"))) == ([[3], [4]], ("b",), DAYS)
    with pytest.raises(UsageError, match=r"The input: row 2, column 2 \(a\) is NaN"):
        series_of_frame(frame)
    found = series_of_frame(frame, Wanted(["a"], fill="forward"))
    assert _told(found) == ([[1], [1]], ("a",), DAYS)


class _Polars:
    """What polars' frames have of what is asked for."""

    def __init__(self, **columns: list[Any]) -> None:
        self._columns = columns

    @property
    def columns(self) -> list[str]:
        return list(self._columns)

    def get_columns(self) -> list[Any]:
        return [_Column(name, values) for name, values in self._columns.items()]


class _Column:
    def __init__(self, name: str, values: list[Any]) -> None:
        self._name, self._values = name, values

    @property
    def name(self) -> str:
        return self._name

    def to_list(self) -> list[Any]:
        return self._values


def test_frames_without_an_index() -> None:
    frame = _Polars(day=[datetime.date(2024, 1, 2), datetime.date(2024, 1, 3)], a=[1, 2])
    assert is_frame(frame)
    assert is_frame(_Column("a", [1]))
    assert _told(series_of_frame(frame)) == ([[1], [2]], ("a",), DAYS)
    assert _told(series_of_frame(_Column("a", [1, 2]))) == ([[1], [2]], ("a",), ())
    assert not any(map(is_frame, (np.eye(2), [1], "x", 3, Series(np.eye(2)))))
