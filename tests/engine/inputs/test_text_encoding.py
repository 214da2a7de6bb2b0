"""Texts in other encodings than UTF-8: their letters are read right, and it is said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lstmviz.engine.inputs.read import read_input
from lstmviz.engine.inputs.series import Series
from lstmviz.errors import UsageError


@pytest.mark.parametrize(
    ("encoding", "called", "names"),
    [
        ("gbk", "GB 18030", "日期 温度 湿度"),
        ("gbk", "GB 18030", "年份 价格"),  # all of it could be Korean
        ("gbk", "GB 18030", "股票 开盘价 成交量"),
        ("gb18030", "GB 18030", "温度（℃） 压强"),
        ("big5", "Big5", "日期 溫度 濕度"),
        ("shift_jis", "Shift-JIS", "日付 気温 湿度"),
        ("shift_jis", "Shift-JIS", "データ 売上"),
        ("shift_jis", "Shift-JIS", "ｱｲｳ 温度"),
        ("euc_jp", "EUC-JP", "データ 温度"),
        ("euc_kr", "EUC-KR", "날짜 기온 습도"),
        ("euc_kr", "EUC-KR", "지점 평균기온(℃) 일강수량(mm)"),
        ("cp1251", "Windows-1251", "дата температура влажность"),
        ("cp1251", "Windows-1251", "Дата Цена"),
        ("koi8_r", "KOI8-R", "Дата Цена"),
        ("cp866", "code page 866", "дата влажность"),
        ("cp1253", "Windows-1253", "έτος θερμοκρασία"),
        ("mac_roman", "Mac Roman", "Größe année T(°C)"),
        ("cp850", "code page 850", "Größe température"),
        ("cp1252", "Windows-1252", "größe T(°C) µg/m³"),
        ("cp1252", "Windows-1252", "Año São naïve ÉTÉ x±1"),
        ("cp1252", "Windows-1252", "Maß Niederschlag–Menge"),
    ],
)
def test_letters_above_columns_are_read_right(
    tmp_path: Path, encoding: str, called: str, names: str
) -> None:
    path, columns = tmp_path / "data.csv", names.split()
    rows = [",".join([f"{row}.5"] * len(columns)) for row in range(3)]
    path.write_text("\n".join([",".join(columns), *rows]), encoding=encoding)
    found = read_input(str(path))
    assert isinstance(found, Series)
    times = [name for name in columns if f"{name} is the time axis" in str(found.notes)]
    assert (*times, *found.features) == tuple(columns)
    assert f"read as {called}" in found.notes[0]
    assert "name its encoding in encoding=" in found.notes[0]


def test_an_encoding_that_is_named_decides_without_a_note(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("日付,気温\n2.5,1\n3.5,2\n", encoding="euc_jp")  # as likely Chinese
    found = read_input(str(path), encoding="EUC-JP")
    assert isinstance(found, Series)
    assert (found.features, found.notes) == (("日付", "気温"), ())


@pytest.mark.parametrize(
    ("content", "encoding", "told"),
    [
        (b"a\n1\n", "klingon", "encoding= is 'klingon', which is none that is known; give one"),
        (b"a\n1\n", "base64", "encoding= is 'base64', which is none that is known"),
        ("é\n1\n".encode("cp1252"), "utf-8", "is not a text in UTF-8; save it as UTF-8, or name"),
        (
            "größe;höhe\n".encode() + "1;\xb5\n".encode("latin-1"),
            None,
            "in UTF-8, but some bytes of it",
        ),
    ],
)
def test_what_is_in_no_such_encoding_is_refused(
    tmp_path: Path, content: bytes, encoding: str | None, told: str
) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=re.escape(told)):
        read_input(str(path), encoding=encoding)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"PK\3\4abc", "a workbook or an archive; end its name in .xlsx"),
        (b"\x1f\x8babc", "compressed (gzip); unpack it"),
        (b"\xd0\xcf\x11\xe0abc", "an old file of Office; save its sheet as .xlsx"),
    ],
)
def test_what_is_no_text_is_named(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    for encoding in (None, "latin-1"):
        with pytest.raises(
            UsageError, match=re.escape(f"is no text, whatever its ending says, but {told}")
        ):
            read_input(str(path), encoding=encoding)


def test_long_lines_are_cut_between_letters(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    columns = [f"x温度{number}" for number in range(1500)]
    path.write_text(",".join(columns) + "\n" + ",".join(["1.5"] * 1500), encoding="gbk")
    found = read_input(str(path))
    assert isinstance(found, Series)
    assert found.features[-1] == columns[-1]


def test_a_sentence_in_another_encoding_is_read_where_that_is_named(tmp_path: Path) -> None:
    path = tmp_path / "review.txt"
    path.write_text("味道很好，但是太慢。", encoding="gbk")
    with pytest.raises(UsageError, match="is read as GB 18030"):
        read_input(str(path))
    assert read_input(str(path), encoding="gbk") == "味道很好，但是太慢。"
    path.write_text("温度;湿度\n1;2\n3;4\n", encoding="gbk")
    found = read_input(str(path))
    assert isinstance(found, Series)
    assert found.features == ("温度", "湿度")


@pytest.mark.parametrize(
    ("name", "option", "told"),
    [
        ("data.csv", "sheet", "has no sheets: sheet= belongs to an .xlsx file"),
        ("data.npy", "sheet", "has no sheets"),
        ("data.npy", "encoding", "encoding= belongs to texts"),
        ("data.json", "encoding", "encoding= belongs to texts"),
        ("data.xlsx", "encoding", "encoding= belongs to texts"),
    ],
)
def test_what_a_file_does_not_have_is_refused(
    tmp_path: Path, name: str, option: str, told: str
) -> None:
    (tmp_path / name).touch()
    with pytest.raises(UsageError, match=re.escape(told)):
        read_input(str(tmp_path / name), **{option: "utf-8"})
    with pytest.raises(UsageError, match=f"{option}="):
        read_input("0.1,0.5", **{option: "utf-8"})
