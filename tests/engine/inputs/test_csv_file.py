"""Tables of text: what parts their cells, how they are encoded, and what in them is no feature."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstmviz.engine.inputs.csv_file import kind_of_text, read_csv
from lstmviz.engine.inputs.read import read_input
from lstmviz.engine.inputs.series import Series
from lstmviz.engine.inputs.wanted import Wanted
from lstmviz.errors import UsageError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data.csv"


def _read(path: Path, content: str, encoding: str = "utf-8") -> Series:
    path.write_text(content, encoding=encoding, newline="")
    found = read_csv(path)
    return found if isinstance(found, Series) else Series(found)


@pytest.mark.parametrize(
    "content",
    [
        "temp,hum\n0.1,0.5\n-0.2,0.4\n",
        "temp;hum\n0.1;0.5\n-0.2;0.4\n",
        "temp;hum\n0,1;0,5\n-0,2;0,4\n",
        "temp|hum\n0.1|0.5\n-0.2|0.4\n",
        "sep=;\r\ntemp;hum\r\n0,1;0,5\r\n-0,2;0,4\r\n",
        "temp\thum\n0,1\t0,5\n−0,2\t0,4\n",
        "temp hum\n0.1 0.5\n-0.2  0.4\n",
        "# temp hum\n0.1 0.5\n-0.2  0.4\n",
        'temp,hum\n"0,1","0,5"\n"-0,2","0,4"\n',
        '\ufefftemp,hum\r\n"0.1","0.5"\r\n"-0.2","0.4"\r\n',
        "# made by a logger\ntemp, hum\n0.1, 0.5\n-0.2, 0.4\n",
        "temp,hum,\n0.1,0.5,\n-0.2,0.4,\n",
        "temp,hum,,\n0.1,0.5,,\n\n-0.2,0.4\n,,,\n",
        "temp;hum\n°C;%\n0,1;0,5\n-0,2;0,4\n",
        "temp,hum\n10%,0.5\n-20%,0.4\n",
    ],
)
def test_usual_dialects(path: Path, content: str) -> None:
    found = _read(path, content)
    np.testing.assert_array_equal(found, [[0.1, 0.5], [-0.2, 0.4]])
    assert (found.features, found.times) == (("temp", "hum"), ())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings_that_show_themselves(path: Path, encoding: str) -> None:
    found = _read(path, "Wärme,hum\n0.1,0.5\n-0.2,0.4\n", encoding)
    assert (found.features, found.notes) == (("Wärme", "hum"), ())


def test_other_text_is_taken_for_windows_1252_and_that_is_said(path: Path) -> None:
    found = _read(path, "Wärme €\n1\n", "cp1252")
    assert found.features == ("Wärme €",)
    (note,) = found.notes
    assert note.startswith("the text is not in UTF-8 and is read as Windows-1252; if letters")


@pytest.mark.parametrize(
    ("content", "number"),
    [
        ("a;b\n1.234,5;2\n", 1234.5),
        ("a;b\n1.234.567;2\n", 1234567),
        ("a;b\n1 234,5;2\n", 1234.5),
        ("a;b\n1\u202f234,5;2\n", 1234.5),
        ('a,b\n"1,234.5",2\n', 1234.5),
        ('a,b\n"1,234",2.5\n', 1234),
        ("a\tb\n1'234.5\t2\n", 1234.5),
        ("a\tb\n-1,5e3\t2\n", -1500),
        ("a;b\n3;1\n" + "3;2\n" * 100 + "0,5;2\n", 3),  # the first comma stands far below
    ],
)
def test_marks_of_thousands_and_decimals(path: Path, content: str, number: float) -> None:
    found = _read(path, content)
    assert found.values[0, 0] == number
    assert found.notes == ()


@pytest.mark.parametrize(
    ("content", "number", "told"),
    [
        ("a;b\n1,234;2,345\n", 1.234, "the commas are read as in 1,234 as 1.234"),
        ('a,b\n"1,234",2\n', 1234, "the commas are read as in 1,234 as 1234"),
        ("a\n10%\n", 0.1, "percent signs are read as hundredths"),
        (
            "1,0.1\n2,0.2\n3,0.4\n",
            1,
            "the first column counts from 1 to 3 and is read as a feature",
        ),
        ("0,1\n0.5,0.2\n", 0, "row 1 counts from 0 to 1 and is read as numbers"),
        ("a,b\nm,s\n1,2\n", 1, "row 2 has the units and is left out"),
    ],
)
def test_what_may_be_meant_otherwise_is_told(
    path: Path, content: str, number: float, told: str
) -> None:
    found = _read(path, content)
    assert found.values[0, 0] == number
    assert any(note.startswith(told) for note in found.notes)


@pytest.mark.parametrize(
    ("content", "features"),
    [
        ("2019,2020\n0.1,0.5\n0.2,0.4\n", ("2019", "2020")),
        ("0,1,2\n0.1,0.5,0.3\n", ("0", "1", "2")),
        ("temp,1,2\n0.1,0.5,3\n", ("temp", "1", "2")),
        ("2024-01,2024-02\n0.1,0.5\n", ("2024-01", "2024-02")),
        ("1,2\n3,4\n", ()),
        ("o,0.5\n0.1,0.4\n", None),
    ],
)
def test_names_that_are_numbers(path: Path, content: str, features: tuple[str, ...] | None) -> None:
    if features is None:
        with pytest.raises(UsageError, match="row 1, column 1 is 'o', not a finite number"):
            _read(path, content)
    else:
        assert _read(path, content).features == features


D = "2024-01-02"


@pytest.mark.parametrize(
    ("content", "features", "times"),
    [
        (",temp\n0,0.1\n1,0.5\n", ("temp",), ("0", "1")),
        ("index,temp\n7,0.1\n9,0.5\n", ("temp",), ("7", "9")),
        ("Unnamed: 0,temp\n0,0.1\n1,0.5\n", ("temp",), ("0", "1")),
        ("t,0\n1,0.5\n2,0.4\n", ("0",), ("1", "2")),
        ("temp hum\na 0.1 0.5\nb 0.2 0.4\n", ("temp", "hum"), ("a", "b")),
        ("temp,Year\n0.1,2019\n0.5,2020\n", ("temp",), ("2019", "2020")),
        ("month,temp\nJan,0.1\nFeb,0.5\n", ("temp",), ("Jan", "Feb")),
        ("date,temp\n2024-01-02,1.5\n2024-01-03,2\n", ("temp",), ("2024-01-02", "2024-01-03")),
        ("when,temp\n1/2/2024 3:04 PM,1.5\n", ("temp",), ("1/2/2024 3:04 PM",)),
        ("2.1.2024;0,5\n3.1.2024;0,6\n", (), ("2.1.2024", "3.1.2024")),
        ("day;at;temp\n2.1.2024;10:00;5\n", ("temp",), ("2.1.2024 10:00",)),
        ("10:00:00 0.5\n10:00:01 0.6\n", (), ("10:00:00", "10:00:01")),
        ("date,hour,a\n2024-01-02,0,5\n2024-01-02,1,6\n", ("a",), (f"{D} 00:00", f"{D} 01:00")),
        ("Datum;Stunde;a\n2.1.2024;24;0,5\n", ("a",), ("2.1.2024 24:00",)),
        ("date,time,a\n2024-01-02,30,5\n2024-01-02,1830,6\n", ("a",), (f"{D} 00:30", f"{D} 18:30")),
        ("No,year,month,day,hour,a\n1,2024,1,2,3,5\n", ("a",), (f"{D} 03:00",)),
        ("year,month,a\n2024,11,5\n2024,12,6\n", ("a",), ("2024-11", "2024-12")),
        ("年,月,日,a\n2024,1,2,0.5\n", ("a",), (D,)),
        ("date,hour,a\n2024-01-02,0.5,5\n", ("hour", "a"), (D,)),
        ("year,day,a\n2024,2,5\n", ("day", "a"), ("2024",)),
        ("date,a\n45293,5\n45294.5,6\n", ("a",), (f"{D} 00:00:00", "2024-01-03 12:00:00")),
        ("mes;a\nenero;5\nfebrero;6\n", ("a",), ("enero", "febrero")),
        ("date,temp\n20240102,5\n", ("temp",), ("2024-01-02",)),
        ("timestamp,temp\n1700000000,5\n", ("temp",), ("2023-11-14 22:13:20",)),
        ("timestamp,temp\n1700000000000,5\n", ("temp",), ("2023-11-14 22:13:20",)),
        (",date,temp\n0,2024-01-02,1.5\n1,2024-01-03,2\n", ("temp",), ("2024-01-02", "2024-01-03")),
        ("index,b\n0.1,1\n0.2,2\n", ("index", "b"), ()),
        ("hour,b\n3,1\n1,2\n", ("hour", "b"), ()),
        ("t\n1\n2\n", ("t",), ()),
    ],
)
def test_times_and_indices_are_the_time_axis(
    path: Path, content: str, features: tuple[str, ...], times: tuple[str, ...]
) -> None:
    found = _read(path, content)
    assert (found.features, found.times) == (features, times)
    told = ("is the time axis", "together are the time axis")
    assert any(one in note for note in found.notes for one in told) == bool(times)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("date,a\n2024-01-03,1\n2024-01-02,2\n", "date goes back in row 3 (2024-01-02)"),
        ("t,a\n1,1\n2,1\n2,2\n", "t stands twice in row 4 (2)"),
        (
            "date,a\n01/02/2024,1\n02/01/2024,2\n",
            "date: in 01/02/2024 the day is taken to stand second, as the dates go on then",
        ),
        ("d,a\n01/02/2024,1\n02/02/2024,2\n", "d: in 01/02/2024 the day is taken to stand first"),
        ("d,a\n01/02/2024,1\n02/13/2024,2\n", None),  # the day is second
        ("d,a\n01.02.2024,1\n02.03.2024,2\n", None),
        (
            "d,a\n13/02/2024,1\n02/14/2024,2\n",
            "d: the day stands first in 13/02/2024 and second in 02/14/2024; write all in one way",
        ),
        (
            "t,id,a\n1,1,1\n1,2,1\n2,1,2\n2,2,2\n",
            "t stands twice in row 3 (1); if several series stand below each other, give each a "
            "column of its own",
        ),
        (
            "date,a\n2024-01-02,1\n2024-01-03,2\nTotal,3\nMean,2\n",
            "date in row 4 is 'Total', which is no time (as in 1 more); it is read as a tick: "
            "leave it out of the table if it is a total or a remark",
        ),
        ("date,a\nearly,1\nlate,2\n", None),
    ],
)
def test_times_that_do_not_go_on_or_are_none_are_told(
    path: Path, content: str, told: str | None
) -> None:
    notes = _read(path, content).notes
    assert notes[1:] == (() if told is None else (told,))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("a;b\n0,1;0.5\n", r"row 2, column 2 \(b\) is '0\.5', but elsewhere decimals have a comma"),
        ("a;b\n1;0.5\n" * 1 + "0,1;2\n", r"'0,1', but elsewhere decimals have a point|a comma"),
        ("a,b\n1_0,2\n", r"row 2, column 1 \(a\) is '1_0', text and no number; name the features"),
        (
            "a,b\n10%,2\n20,3\n",
            r"row 3, column 1 \(a\) is '20', but above it numbers have a percent",
        ),
        (
            "city,a\nRome,1\n",
            r"column 1 \(city\) is 'Rome', text and no number; name the features in columns=",
        ),
        ("a,b,c\n2024-01-02,2024-01-03,1\n", r"column 2 \(b\) is '2024-01-03', times and no"),
        ("date,a\n2024-01-02,1\n,2\n", r"row 3 has no time in column 1 \(date\)"),
        ("a,b\n1,2\n3,4,5\n", "row 3 has 3 columns, the first has 2"),
        ("a,b\n1,2,3,4\n5,6,7,8\n", "row 1 names 2 of 4 columns"),
        ("date\n2024-01-02\n", "no column beside its times"),
        ("a,b\n1,\n", r"row 2, column 2 \(b\) is empty; mend it, or fill gaps with fill="),
        (
            "a,b\n1,n/a\n",
            r"row 2, column 2 \(b\) is 'n/a', a gap; mend it, or fill gaps with fill=",
        ),
    ],
)
def test_what_is_not_clear_is_refused(path: Path, content: str, sentence: str) -> None:
    path.write_text(content)
    with pytest.raises(UsageError, match=sentence):
        read_csv(path)


@pytest.mark.parametrize(
    ("columns", "features", "values"),
    [
        ("c,a", ("c", "a"), [3, 1]),
        ("3,1", ("c", "a"), [3, 1]),
        ("B", ("b",), [2]),
        (["c"], ("c",), [3]),
        ([0, -2], ("a", "c"), [1, 3]),
    ],
)
def test_columns_are_chosen_in_their_order(
    path: Path, columns: str | list[str | int], features: tuple[str, ...], values: list[float]
) -> None:
    path.write_text("a,b,c,city\n1,2,3,Rome\n")
    found = read_csv(path, Wanted(columns))
    assert isinstance(found, Series)
    assert found.features == features
    np.testing.assert_array_equal(found, [values])


@pytest.mark.parametrize(("first", "then"), [("0.5", "0,5"), ("0,5", "0.5")])
def test_decimals_far_below_are_written_in_one_way(path: Path, first: str, then: str) -> None:
    path.write_text("a;b\n" + "3;1\n" * 100 + f"{first};1\n{then};2\n")
    with pytest.raises(UsageError, match=rf"row 103, column 1 \(a\) is '{then}', but elsewhere"):
        read_csv(path)


def test_a_column_may_be_named_as_the_time_or_as_a_feature(path: Path) -> None:
    path.write_text("year,city,a\n2019,Rome,1\n2020,Oslo,2\n")
    found = read_csv(path, Wanted(time="city", columns="year,a"))
    assert isinstance(found, Series)
    assert (found.features, found.times, found.notes) == (("year", "a"), ("Rome", "Oslo"), ())


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"columns": "d"}, r"has no column 'd'; it has a, b, a"),
        ({"columns": "4"}, "has no column 4; it has 3, counted from 1"),
        ({"columns": [3]}, "has no column 3; it has 3, from 0"),
        ({"columns": "a"}, r"has several columns a \(1, 3\); give the number"),
        ({"columns": "b,2"}, "column 2 is named twice"),
        ({"columns": ""}, "columns= is empty"),
        ({"columns": [1.5]}, "1.5 is no column"),
        ({"columns": "2", "time": "b"}, r"column 2 \(b\) is the time and cannot be a feature"),
        ({"fill": "meen"}, r"fill= is 'meen' \(did you mean 'mean'\?\); choose one of forward"),
    ],
)
def test_what_is_not_there_cannot_be_wanted(
    path: Path, wanted: dict[str, str], sentence: str
) -> None:
    path.write_text("a,b,a\n1,2,3\n")
    with pytest.raises(UsageError, match=sentence):
        read_csv(path, Wanted(**wanted))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fill", "filled"),
    [
        ("forward", [1, 1, 1, 4]),
        ("linear", [1, 2, 3, 4]),
        ("zero", [1, 0, 0, 4]),
        ("mean", [1, 2.5, 2.5, 4]),
    ],
)
def test_gaps_are_filled_and_told(path: Path, fill: str, filled: list[float]) -> None:
    path.write_text("a,b\n1,2\n,4\nNaN,6\n4,8\n")
    found = read_csv(path, Wanted(fill=fill))
    assert isinstance(found, Series)
    np.testing.assert_array_equal(found.values[:, 0], filled)
    assert found.notes == (f"2 gaps are filled ({fill}): a in rows 3, 4",)


def test_gaps_that_nothing_can_fill_are_refused(path: Path) -> None:
    path.write_text("a,b\n,\n3,\n")
    with pytest.raises(UsageError, match="row 2, a is empty, with nothing before it"):
        read_csv(path, Wanted("a", fill="forward"))
    with pytest.raises(UsageError, match="b holds gaps alone"):
        read_csv(path, Wanted("b", fill="mean"))


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("0.1 0.5\n0.2 0.4\n", True),
        ("temp hum\n0.1 0.5\n0.2 0.4\n", True),
        ("temp\n0.1\n0.2\n", True),
        ("2024-01-02;0,5\n2024-01-03;0,6\n", True),
        ("The food was great,\nbut the waiter was rude.\n", False),
        ("Great food!\n10 10\n", False),
        ("Hello\n1 2 3\n4 5 6\n", False),
        ("Weather of Berlin\nday;temp\n2024-01-02;0,5\n2024-01-03;0,6\n", True),
        ("Dear Ann,\nthe menu, please\nsoup, bread\n", False),
        ("I saw 3 cats\nand 5 dogs\n", False),
        ("1 2", False),
        ("temp,hum\n0.1,0.5\n", True),
        ("温度，湿度\n0.1，0.5\n0.2，0.4\n", True),
        ("We won, they lost\n3,1\n", False),
        ("We won\n3 1\n", False),
    ],
)
def test_a_text_of_columns_is_told_from_words(text: str, table: bool) -> None:
    assert (kind_of_text(text) == "table") == table


NAMES, ROWS = ("temp", "rain", "wind"), (("1", "2", "3"), ("4", "5", "6"))


@pytest.mark.parametrize("mark", [" ", "\t", ",", ";", "|", ", ", "  ", "；"])
def test_a_text_with_names_above_numbers_is_a_table(tmp_path: Path, mark: str) -> None:
    text = "\n".join(mark.join(cells) for cells in (NAMES, *ROWS))
    (tmp_path / "data.txt").write_text(text, encoding="utf-8")
    for given in (str(tmp_path / "data.txt"), text):
        found = read_input(given)
        assert isinstance(found, Series)
        assert found.features == NAMES
        assert found.values.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert read_input(text.replace("\n", " ")) == text.replace("\n", " ")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("temp rain\n1 2\n", "it may be a table of one row or a text; save it as .csv if it is a"),
        ("city,temp,rain\nRome,1,2\nParis,3,4\n", "'Rome', text and no number; name the features"),
        ("temp rain wind\n1 2 3\n4 5\n", "row 3 has 2 columns, the first has 3; give each row"),
        ("temp,rain\n1,2\n3,x\n5,6\n", "row 3, column 2 .rain. is 'x', not a finite number; mend"),
        ("temp rain\n1 2\n3 4\nsource: own\n", "row 4, column 1 .temp. is 'source:'"),
        ("temp\n1\n2\nx\n4\n", "is 'x', not a finite number"),
    ],
)
def test_what_is_nearly_a_table_is_no_text_in_silence(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "data.txt").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=rf"data.txt: .*{told}.*write it on one line if it is a"):
        read_input(str(tmp_path / "data.txt"))


def test_a_table_of_columns_beside_text_is_read_where_columns_are_chosen(tmp_path: Path) -> None:
    path = tmp_path / "data.txt"
    path.write_text("city temp rain\nRome 1 2\nParis 3 4\n", encoding="utf-8")
    found = read_input(str(path), columns="rain,temp")
    assert isinstance(found, Series)
    assert found.values.tolist() == [[2, 1], [4, 3]]
    with pytest.raises(UsageError, match=r"^[^ ]*data.txt has no column 'wind'"):
        read_input(str(path), columns="wind")
    path.write_text("It was 5 of 5.\nGreat!\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"data.txt: columns= belongs to a table of numbers"):
        read_input(str(path), columns="wind")


@pytest.mark.parametrize(
    "text",
    [
        "I paid 20 for 2 of them\nin 2023.\n",
        "The food was great,\nbut 3 waiters were rude.\n",
        "Buy:\n1 milk\n2 eggs\n3 pears\n",
        "1. milk\n2. eggs\n",
        "Never again\n1\n",
        "Great food!\n10 10\n",
        "one two three\nfour five six\n",
        "On 2023-01-02 we came,\nat 10:00 we left.\n",
        "Rooms 1 2 3\nwere clean.\n",
    ],
)
def test_sentences_with_digits_stay_sentences(tmp_path: Path, text: str) -> None:
    (tmp_path / "data.txt").write_text(text, encoding="utf-8")
    assert read_input(str(tmp_path / "data.txt")) == text
    assert read_input(text) == text


@pytest.mark.parametrize("content", [b"a,b\n1,\x81\x8d\n", b"\xff\xfea", b"\0" * 50, b"a\0b,1\n"])
def test_bytes_that_are_no_text_are_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(UsageError, match="data.csv"):
        read_csv(path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            "year,month,a\n2024,11,1\n" + "2024,12,1\n" * 70 + "2024,13,1\n",
            "row 73 has the time '2024 13'",
        ),
        ("date,s,a\n2024-01-02,x,1\n2024-01-02,y,1\n", "give each a column of its own first"),
        ("country,1990,1991\nDE,1.5,2\nFR,2,3\n", "if the times go across, swap rows and columns"),
    ],
)
def test_tables_of_another_shape_are_refused_with_the_way_out(
    path: Path, content: str, told: str
) -> None:
    path.write_text(content)
    with pytest.raises(UsageError, match=told):
        read_csv(path)


@pytest.mark.parametrize(
    ("content", "values", "told"),
    [
        ("a;b\n1.000;2.500\n", [[1, 2.5]], "the points are read as in 1.234 as 1.234, not as 1234"),
        ("a;b\n1.000;0.500\n", [[1, 0.5]], ""),
        ("a;b\n1.000;2.5\n", [[1, 2.5]], ""),
        ("a,b\n1.000,2.500\n", [[1, 2.5]], ""),
        ("a;b\n(1,5);2\n3;4\n", [[-1.5, 2], [3, 4]], "brackets are read as negative: (1,5)"),
        ("a;b\n–1,5;2\n", [[-1.5, 2]], ""),
        ("a;b\n１．５;2\n", [[1.5, 2]], ""),
        ("a;b\n1.5;2;3\n2;3;4\n", [[1.5, 2, 3], [2, 3, 4]], "row 1 has one name fewer than"),
        ("a,a\n1,2\n", [[1, 2]], "the same name; they are told apart as a (2)"),
    ],
)
def test_what_may_be_read_otherwise_is_noted(
    path: Path, content: str, values: list[list[float]], told: str
) -> None:
    found = _read(path, content)
    assert found.values.tolist() == values
    assert told in " ".join(found.notes)
    assert bool(found.notes) == bool(told)


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ("1.5 -9999 2", "-9999 in a (row 3) looks like the mark of a gap"),
        ("1.5 -9999.0 2 -9999 -9999.0 -9999", "-9999 in a (rows 3, 5, 6, …) looks"),
        ("-999 -999", "-999 in a (rows 2, 3)"),
        ("1 2 9.96921e36", "9.96921e+36 in a (row 4)"),
        ("20 21 -99.9", "-99.9 in a"),
        ("1013 999 1005", ""),
        ("-9000 -9999 -8000", ""),
        ("-99 60 70", ""),
        ("999 999", ""),
    ],
)
def test_numbers_that_mark_gaps_are_told(path: Path, column: str, told: str) -> None:
    found = _read(path, "\n".join(["a,b", *(f"{cell},1" for cell in column.split())]))
    assert told in " ".join(found.notes)
    assert bool(found.notes) == bool(told)


@pytest.mark.parametrize("gap", ["-9999", -9999, "\u22129999.0, -99.9", (-9999.0, -99.9)])
def test_numbers_are_gaps_where_that_is_said(path: Path, gap: Any) -> None:
    path.write_text("index,a,b\n-9999,1,2\n-9998,-9999,4\n-9997,3,-99.9\n")
    several = gap not in ("-9999", -9999)
    found = read_csv(path, Wanted("a,b", "index", "linear", gap=gap))
    assert isinstance(found, Series)
    assert found.times == ("-9999", "-9998", "-9997")
    np.testing.assert_array_equal(found.values[:, 0], [1, 2, 3])
    assert found.values[2, 1] == (4 if several else -99.9)
    filled = "2 gaps are filled (linear): a in row 3; b in row 4" if several else "1 gap is filled"
    assert filled in " ".join(found.notes)
    assert ("-99.9 in b (row 4) looks like" in " ".join(found.notes)) != several
    with pytest.raises(UsageError, match=r"row 3, column 2 \(a\) is -9999, a gap as gap= says"):
        read_csv(path, Wanted(gap=gap))


def test_a_mark_of_gaps_is_a_number_and_stands_somewhere(path: Path) -> None:
    path.write_text("a,b\n1,2\n3,4\n")
    found = read_csv(path, Wanted(gap=-999, fill="mean"))
    assert isinstance(found, Series)
    assert found.notes == ("no number of the features is -999, which marks gaps",)
    for odd in ("none", "", (), float("nan"), "1,", [None]):
        with pytest.raises(UsageError, match="give the number that stands for a gap, as in gap=-"):
            Wanted(gap=odd)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "number", "way"),
    [
        ("t,a\n0,0\n1,\n10,10\n", 1, "linear over time, whose steps are uneven"),
        ("t,a\n0,0\n5,\n10,10\n", 5, "linear"),
        ("date,a\n2024-01-01,0\n2024-01-02,\n2024-01-11,10\n", 1, "linear over time"),
        ("date,a\n01/02/2024,0\n02/02/2024,\n11/02/2024,10\n", 1, "linear over time"),
        ("month,a\n2024-01,0\n2024-02,\n2024-03,10\n", 5, "linear"),
        ("at,a\n10:00,0\n10:06,\n11:00,10\n", 1, "linear over time"),
        ("time,a\n0,0\n9,\n3,10\n", 5, "linear"),  # goes back
        ("week,a\n2024W01,0\n2024W02,\n2024W09,10\n", 5, "linear"),
        ("a,b\n0,1\n,1\n10,1\n", 5, "linear"),
    ],
)
def test_a_gap_is_filled_over_time_where_that_is_known(
    path: Path, content: str, number: float, way: str
) -> None:
    path.write_text(content)
    found = read_csv(path, Wanted(fill="linear"))
    assert isinstance(found, Series)
    assert found.values[1, 0] == pytest.approx(number)
    assert f"1 gap is filled ({way}" in found.notes[-1]
    assert ("uneven" in found.notes[-1]) == ("over" in way)


def test_long_names_are_kept_whole(path: Path) -> None:
    names = ["the temperature " * 6 + tail for tail in ("above", "below")]
    assert _read(path, f"{','.join(names)}\n1,2\n").features == tuple(names)


def test_hours_that_count_on_are_no_time_of_the_day(path: Path) -> None:
    found = _read(path, "date,hour,a\n2024-01-01,0,1\n2024-01-01,24,2\n2024-01-01,48,3\n")
    assert found.features == ("hour", "a")
    assert any("date stands twice in row 3" in note for note in found.notes)


def test_years_beside_a_text_are_names(path: Path) -> None:
    content = "country,2020,2021\nDE,1,2\nFR,3,4\n"
    with pytest.raises(UsageError, match="name the features in columns=, as in 2020,2021; if the"):
        _read(path, content)
    found = read_csv(path, Wanted(columns="2020,2021"))
    assert isinstance(found, Series)
    assert (found.features, found.values.tolist()) == (("2020", "2021"), [[1, 2], [3, 4]])


def test_years_above_whole_numbers_may_be_names(path: Path) -> None:
    told = "row 1 counts from 2020 to 2021 and is read as numbers; remove it if these are the names"
    for rows, notes in (("1,2\n3,4\n", [told]), ("2022,2024\n2021,2023\n", [])):
        found = _read(path, f"2020,2021\n{rows}")
        assert [one[: len(told)] for one in found.notes] == notes
        assert len(found.values) == 3
