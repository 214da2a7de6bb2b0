"""Tables on the command line: which columns are read, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from lstmviz.trace.trace import Trace

Call = Callable[..., Result]
Refused = Callable[..., str]

TABLE = "date;temp;hum\n2024-01-02;0,5;1\n2024-01-03;;2\n2024-01-04;0,7;3\n"


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.csv").write_text(TABLE)
    return "data.csv"


def test_a_table_names_its_columns_and_times(call: Call, table: str) -> None:
    done = call("trace", "--input", table, "--fill", "linear", "--show", "x", "-o", "a.npz")
    assert "Note: date is the time axis, not a feature" in done.stderr
    assert "Note: 1 gap is filled (linear): temp in row 3" in done.stderr
    assert Trace.load("a.npz")["x"].tolist() == [[0.5, 1], [0.6, 2], [0.7, 3]]
    shown = call("trace", "--input", table, "--fill", "mean", "--show", "x").stdout.splitlines()
    assert shown[3].split() == ["temp", "hum"]
    assert shown[4].split() == ["1", "2024-01-02", "+0.50", "+1.00"]


def test_a_mark_of_gaps_is_told_and_can_be_said(call: Call, refused: Refused, table: str) -> None:
    Path(table).write_text("temp,hum\n1,2\n-9999,4\n3,6\n", encoding="utf-8")
    told = call("trace", "--input", table, "--show", "x").stderr
    assert "looks like the mark of a gap" in told
    assert "say --gap -9999, and --fill what fills them" in told
    call("trace", "--input", table, "--gap", "-9999", "--fill", "linear", "-o", "a.npz")
    assert Trace.load("a.npz")["x"].tolist() == [[1, 2], [2, 4], [3, 6]]
    told = refused("trace", "--input", table, "--gap", "-9999")
    assert told.startswith("data.csv: row 3, column 1 (temp) is -9999, a gap as --gap says; fill")
    assert "--gap belongs to a table" in refused("trace", "--input", "Great!", "--gap", "-1")


def test_columns_are_chosen_also_of_standard_input_and_of_many(call: Call, table: str) -> None:
    call("trace", "--input", "-", "--columns", "hum", "-o", "a.npz", stdin=TABLE)
    assert Trace.load("a.npz").features == ("hum",)
    call("trace", "--inputs", "-", "--columns", "3", "-o", "b.npz", stdin=f"{table}\n{table}\n")
    assert Trace.load("b-2.npz").features == ("hum",)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["--input", "data.csv"],
            "data.csv: row 3, column 2 (temp) is empty; mend it, or fill gaps",
        ),
        (
            ["--input", "data.csv", "--columns", "wind"],
            "data.csv has no column 'wind'; it has date,",
        ),
        (["--input", "Great!", "--columns", "a"], "--columns belongs to a table of numbers"),
        (["--fill", "zero"], "--fill belongs to a table of numbers"),
        (["--input", "data.csv", "--time", "no"], "data.csv has no column 'no'"),
    ],
)
def test_what_cannot_be_chosen_is_refused_in_options(
    refused: Refused, table: str, arguments: list[str], sentence: str
) -> None:
    assert refused("trace", *arguments).startswith(sentence)


def test_a_trace_has_its_columns_already(call: Call, refused: Refused, table: str) -> None:
    call("trace", "--input", table, "--columns", "hum", "-o", "a.npz")
    assert "leave out" in refused("trace", "--trace", "a.npz", "--columns", "hum")


def test_an_article_takes_no_columns_of_its_own_review(refused: Refused, table: str) -> None:
    told = refused("article", "--columns", "a", "-o", "article")
    assert told.startswith("--columns belongs to a table of numbers")
    assert not Path("article").exists()


@pytest.mark.slow
def test_jobs_choose_columns(call: Call, mini: str, table: str) -> None:
    Path("jobs.toml").write_text(
        f'[[job]]\nstory = "{mini}"\ninput = "data.csv"\ncolumns = ["hum", "temp,hum"]\n'
        'fill = "zero"\nquality = "draft"\nfps = 1\noutput = "{columns}.reel"\n'
    )
    call("batch", "jobs.toml", "-o", "films", "--quiet")
    assert sorted(path.name for path in Path("films").glob("*.reel")) == [
        "hum.reel",
        "temp-hum.reel",
    ]


def test_an_encoding_and_a_sheet_are_options(
    call: Call, refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    table = "日付,気温,湿度\n2024-01-02,1.5,2\n2024-01-03,2.5,3\n".encode("euc_jp")
    Path("data.csv").write_bytes(table)
    told = call("trace", "--input", "data.csv", "-o", "a.npz").stderr
    assert (
        "is read as GB 18030 (Chinese); if letters look wrong, name its encoding in --enc" in told
    )
    told = call("trace", "--input", "data.csv", "--encoding", "euc_jp", "-o", "b.npz").stderr
    assert "letters look wrong" not in told
    assert Trace.load("b.npz").features == ("気温", "湿度")
    given = call("trace", "--input", "-", "--encoding", "euc_jp", "-o", "c.npz", stdin=table)
    assert given.exit_code == 0
    assert Trace.load("c.npz").features == ("気温", "湿度")
    told = refused("trace", "--input", "data.csv", "--sheet", "Data")
    assert told.startswith("data.csv has no sheets: --sheet belongs to an .xlsx file")
    told = refused("trace", "--input", "data.csv", "--encoding", "klingon")
    assert told.startswith("--encoding is 'klingon', which is none that is known")
    assert "--encoding belongs to a table" in refused("trace", "--encoding", "gbk")
