"""What `--input` may be: a sentence, numbers, a file of numbers."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lstmviz import run
from lstmviz.engine.inputs.read import as_numbers, read_input, read_inputs
from lstmviz.engine.inputs.series import Series
from lstmviz.errors import UsageError


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("0.1,0.5,-1", [0.1, 0.5, -1]), ("3", [3]), (" 1e-3 , +2 ", [0.001, 2])],
)
def test_a_list_of_numbers(text: str, numbers: list[float]) -> None:
    found = read_input(text)
    assert isinstance(found, np.ndarray)
    np.testing.assert_array_equal(found, np.array(numbers)[:, None])


@pytest.mark.parametrize(
    "text",
    [
        "3 stars, 2 of them good",
        "1, 2 and 3",
        "1_000",
        "",
        "Well, no.",
        "I read data.csv!",
        "In 1999, 3 cats, 2 dogs",
        "Hello, 5",
        "5, please",
        "Ready, 3, 2, 1, go!",
        "Yes,no,1",
        "3, 2, 1, 起飞。",
        "he/she loved it.",
        "either/or is fine",
        "and/or.",
        "3/4",
        "24/7",
        ":-/",
        "I read it in readme.txt today",
        "I kept it all in notes/readme.txt",
        "</s>",
        "<br/>",
        "这部电影很好/很坏，我喜欢",
        "1 2 3 go",
        "5\nc.txt",
        "I kept " + "very " * 60 + "much a.txt",
    ],
)
def test_a_sentence_stays_as_it_is(text: str) -> None:
    assert read_input(text) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("0.1,abc", "number 2 is 'abc', which is no number; mend it"),
        ("o.1,0.2,-1", "number 1 is 'o.1'"),
        ("0.1, 0.2, 1.2.3", "number 3 is '1.2.3'"),
        ("1,,2", "number 2 is empty"),
        ("0.5,1,", "number 3 is empty"),
        ("1," * 40 + "x", f"'{'1,' * 20}…', number 41 is 'x'"),
        ("0.1;0.5;", "number 3 is empty"),
        ("[0.1, 0.2, o.5]", "number 3 is 'o.5'"),
        ("0.1 0.5 1.2.3", "number 3 is '1.2.3'"),
    ],
)
def test_a_list_of_numbers_with_a_slip_is_refused(text: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_input(text)
    assert told in str(caught.value)
    assert ".txt" in str(caught.value)


# Endings of files, however they are spelt.
ENDINGS = (
    ".csv",
    ".npy",
    ".txt",
    ".tsv",
    ".tab",
    ".dat",
    ".xls",
    ".xlsx",
    ".ods",
    ".json",
    ".jsonl",
    ".npz",
    ".mat",
    ".h5",
    ".hdf5",
    ".parquet",
    ".pkl",
    ".pt",
    ".md",
    ".rtf",
    ".doc",
    ".docx",
    ".odt",
    ".pdf",
    ".htm",
    ".html",
    ".xml",
    ".log",
)


@given(st.text())
@example("x" * 300 + ". And so on")
@example("It broke. " * 2000 + "Never again")
@example("a\0b c")
@example("caf\udce9 au lait")
@example("nothing.else")
def test_whatever_is_no_file_no_path_and_no_number_is_a_sentence(text: str) -> None:
    stripped = text.strip()
    hints = "/" in text or "\\" in text or stripped.lower().endswith(ENDINGS)
    figures = any(character.isnumeric() for character in text) or "n" in text.lower()
    if not hints and not figures and not os.path.exists(stripped):
        assert read_input(text) == text


@given(st.lists(st.sampled_from(["and/or", "3", "0,5", "C:\\x", "./y", "a.txt", "~/z", "[1]"])))
def test_a_text_that_ends_as_a_sentence_is_one(words: list[str]) -> None:
    text = " ".join([*words, "is", "what", "we", "all", "saw", "there."])
    assert read_input(text) == text


@pytest.mark.parametrize(
    "path",
    [
        "review.txt",
        "./review.txt",
        "C:\\texts\\review.txt",
        "~/x",
        "and/or",
        "w/o",
        "Data.CSV",
        "my texts/review.txt",
        "C:\\my texts\\review.txt",
        "C:\\my texts\\review",
        "my data.csv",
        "/nowhere/my texts",
        "../nowhere/x",
        "影评/好.txt",
        "https://example.org/a",
        "model.pt",
    ],
)
def test_a_path_that_leads_nowhere_is_refused(path: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_input(path)
    assert str(caught.value) == (
        f"There is no file {path}; check the path, or if it is a sentence, end it with a full stop."
    )


def test_a_path_that_is_too_long_for_a_file_is_refused() -> None:
    for path in ("影" * 200 + "/x.txt", "a/" * 4000 + "x.txt"):
        with pytest.raises(UsageError, match="There is no file"):
            read_input(path)
    with pytest.raises(UsageError, match="There is no file"):
        read_inputs("x" * 300)


def test_a_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "texts").mkdir()
    monkeypatch.chdir(tmp_path)
    for name in ("texts", "texts/", str(tmp_path), "."):
        with pytest.raises(UsageError, match=" is a folder; check the path"):
            read_input(name)


def test_a_text_file_may_hold_numbers(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "numbers.txt"
    path.write_text("0,1 0,5\n", encoding="utf-8")
    np.testing.assert_array_equal(read_input(str(path)), [[0.1], [0.5]])
    assert "with decimal commas: 0.1 and 0.5" in caplog.text
    for sentence in ("and/or", "0.1,abc", "a.csv", "3/4"):
        path.write_text(sentence, encoding="utf-8")
        assert read_input(str(path)) == sentence
    path.write_text("1 nan", encoding="utf-8")
    with pytest.raises(UsageError, match=f"^{path}: "):
        read_input(str(path))
    path.write_text("temp hum\n0.1 0.5\n0.2 0.4\n", encoding="utf-16")
    found = read_input(str(path))
    assert isinstance(found, Series)
    assert found.features == ("temp", "hum")


@pytest.mark.parametrize("text", ["nan", "1,inf,2"])
def test_a_list_with_what_is_no_finite_number_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="row [12], column 1 is (NaN|infinite)"):
        read_input(text)


def test_csv(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("a,b\n1,2\n\n-3.5,4e2\n")
    np.testing.assert_array_equal(read_input(str(path)), [[1, 2], [-3.5, 400]])
    path.write_bytes(b"\xef\xbb\xbf1,2\r\n3,4\r\n")
    np.testing.assert_array_equal(read_input(str(path)), [[1, 2], [3, 4]])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("a,b\n1,2\n3,x\n", r"row 3, column 2 \(b\) is 'x', not"),
        ("1,2\n3,\n", "row 2, column 2 is empty"),
        ("1,2\nnan,3\n", "row 2, column 1 is 'nan', a gap"),
        ("1,2\n3\n", "row 2 has 1 column, the first has 2"),
        ("a,b\n", "holds no numbers"),
        ("", "holds no numbers"),
        (f"1,{'x' * 100_000}\n", r"column 2 is 'x{40}…', text"),
        ('1,"x\ny"\n', "column 2 is 'x y', text"),
        ('1,"' + "x" * 200_000, "is damaged"),
        ("1," * 10_000_000, "a line of 16777216 letters"),
    ],
    ids=lambda text: text[:12],
)
def test_a_csv_that_cannot_be_read_says_where(tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "data.csv"
    path.write_text(content)
    with pytest.raises(UsageError, match=sentence):
        read_input(str(path))


def test_npy(tmp_path: Path) -> None:
    path = tmp_path / "data.npy"
    np.save(path, np.arange(6.0).reshape(3, 2))
    np.testing.assert_array_equal(read_input(str(path)), [[0, 1], [2, 3], [4, 5]])
    np.save(path, np.arange(3))
    np.testing.assert_array_equal(read_input(str(path)), [[0], [1], [2]])


@pytest.mark.parametrize(
    ("array", "sentence"),
    [
        (np.array(["a", "b"]), "give real numbers"),
        (np.array([1 + 2j]), "give real numbers"),
        (np.zeros((2, 2, 2)), "3 axes"),
        (np.zeros((0, 2)), "empty"),
        (np.array(1.0), "0 axes"),
        (np.array([[1, 2], [3, np.nan]]), "row 2, column 2 is NaN"),
        (np.array([object()]), "damaged or no array"),
    ],
)
def test_an_npy_that_cannot_be_read(tmp_path: Path, array: np.ndarray, sentence: str) -> None:
    path = tmp_path / "data.npy"
    np.save(path, array, allow_pickle=True)
    with pytest.raises(UsageError, match=sentence):
        read_input(str(path))


@pytest.mark.parametrize(
    ("array", "told"),
    [
        (np.ones((3, 500)), "the array is read as 3 ticks of 500 features; if it is (features, ti"),
        (np.ones((1, 500)), "the array is read as 1 tick of 500 features"),
        (
            np.array([[1.5, -9999], [2, 3]]),
            "-9999 in column 2 (row 1) looks like the mark of a gap",
        ),
        (np.ones((30, 100)), ""),
        (np.ones((3, 12)), ""),
    ],
)
def test_an_array_that_may_be_meant_otherwise_is_noted(
    tmp_path: Path, array: np.ndarray, told: str
) -> None:
    np.save(tmp_path / "x.npy", array)
    found = read_input(str(tmp_path / "x.npy"))
    np.testing.assert_array_equal(np.asarray(found), array)
    notes = " ".join(getattr(found, "notes", ()))
    assert told in notes
    assert bool(notes) == bool(told)


def test_a_damaged_npy_and_an_archive_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.npy"
    for content in (b"\x93NUMPY", b"\x93NUMPY\1\0\x29\x23" + b"(" * 9001, b"", b"PK"):
        path.write_bytes(content)
        with pytest.raises(UsageError, match="damaged"):
            read_input(str(path))


def test_an_archive_of_one_array(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    np.savez_compressed(path, a=[0.1, 0.5])
    np.testing.assert_array_equal(np.asarray(read_input(str(path))), [[0.1], [0.5]])
    np.savez(path, a=np.zeros(2), b=np.zeros(2))
    with pytest.raises(UsageError, match=r"holds 2 arrays \(a, b\); save one of them"):
        read_input(str(path))
    run([0.1]).save(path, force=True)
    with pytest.raises(UsageError, match="a trace or a network of lstmviz"):
        read_input(str(path))
    np.savez_compressed(path, a=np.zeros(3 << 20))
    with pytest.raises(UsageError, match="which it cannot hold"):
        read_input(str(path))


def test_a_batch_of_one_is_one(tmp_path: Path) -> None:
    assert as_numbers(np.ones((1, 5, 2))).shape == (5, 2)
    with pytest.raises(UsageError, match=r"the shape \(3, 5, 2\); give one sequence"):
        as_numbers(np.ones((3, 5, 2)))


def test_columns_and_gaps_of_an_array(tmp_path: Path) -> None:
    path = tmp_path / "data.npy"
    np.save(path, [[1, 2], [np.nan, 4], [5, 6]])
    found = read_input(str(path), columns="2,1", fill="linear")
    assert isinstance(found, Series)
    np.testing.assert_array_equal(found, [[2, 1], [4, 3], [6, 5]])
    assert found.notes == ("1 gap is filled (linear): column 1 in row 2",)
    np.save(path, np.array([[1, 2], [-99.9, 4], [5, 6]], np.float32))
    found = read_input(str(path), gap=-99.9, fill="linear")
    np.testing.assert_array_equal(found, [[1, 2], [3, 4], [5, 6]])  # type: ignore[arg-type]


def test_typed_numbers_have_no_gaps_to_fill() -> None:
    with pytest.raises(UsageError, match="fill= fills gaps of a table"):
        read_input("1,2", fill="zero")
    with pytest.raises(UsageError, match="gap= marks gaps of a table"):
        read_input("1,2", gap=1)


@pytest.mark.parametrize("wanted", [{"columns": "a"}, {"time": "t"}, {"fill": "zero"}, {"gap": -1}])
def test_what_belongs_to_tables_is_refused_beside_a_sentence(wanted: dict[str, str]) -> None:
    (name,) = wanted
    with pytest.raises(UsageError, match=f"{name}= belongs to a table of numbers"):
        read_input("Never again.", **wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["old.xls", "sheet.ods"])
def test_other_kinds_of_sheets_have_a_way_out(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"any")
    with pytest.raises(UsageError, match="is not read; save its sheet as .xlsx or .csv"):
        read_input(str(tmp_path / name))


@pytest.mark.parametrize("name", ["none.csv", "none.npy"])
def test_a_missing_file_is_named(name: str) -> None:
    with pytest.raises(UsageError, match=f"no file {name}"):
        read_input(name)


def test_numbers_from_python() -> None:
    assert as_numbers([1, 2]).shape == (2, 1)
    assert as_numbers(np.zeros((2, 3), np.float32)).dtype == np.float32
    with pytest.raises(UsageError, match="unequal lengths"):
        as_numbers([[1, 2], [3]])
    with pytest.raises(UsageError, match="The input: row 3, column 2 is NaN"):
        as_numbers([[1, 2], [3, 4], [5, float("nan")]])


def test_a_text_file_is_read_and_another_file_is_not_taken_for_words(tmp_path: Path) -> None:
    (tmp_path / "review.txt").write_text("Never again.", encoding="utf-8")
    assert read_input(str(tmp_path / "review.txt")) == "Never again."
    (tmp_path / "page.md").write_text("Never again.", encoding="utf-8")
    with pytest.raises(UsageError, match="no file of input"):
        read_input(str(tmp_path / "page.md"))
    assert read_input("Never again.") == "Never again."


def test_a_large_npy_is_read_where_it_is_looked_at(tmp_path: Path) -> None:
    numbers = np.random.default_rng(0).normal(size=(60_000, 3))
    np.save(tmp_path / "long.npy", numbers)
    found = read_input(str(tmp_path / "long.npy"))
    assert isinstance(found, np.ndarray)
    base = found.base
    while base is not None and not isinstance(base, np.memmap):
        base = base.base
    assert base is not None
    np.testing.assert_array_equal(found, numbers)
    numbers[50_000, 1] = np.inf
    np.save(tmp_path / "long.npy", numbers)
    with pytest.raises(UsageError, match="row 50001, column 2 is infinite"):
        read_input(str(tmp_path / "long.npy"))


def test_a_file_of_inputs(tmp_path: Path) -> None:
    path = tmp_path / "many.txt"
    path.write_text("Never again.\n\n 1,2 \n", encoding="utf-8")
    text, numbers = read_inputs(path)
    assert text == "Never again."
    np.testing.assert_array_equal(numbers, [[1], [2]])
    path.write_text("Never again.\n1,nan\n", encoding="utf-8")
    with pytest.raises(UsageError, match="many.txt, line 2: The input: row 2, column 1 is NaN"):
        read_inputs(path)
    with pytest.raises(UsageError, match="no file none.txt"):
        read_inputs("none.txt")


def test_numbers_of_other_owners_are_taken_over() -> None:
    """The memory behind an array may belong to anything: bytes here, a tensor elsewhere."""
    owned = np.frombuffer(np.array([0.1, 0.5, -1.0]).tobytes())
    given = run(owned)
    expected = run([0.1, 0.5, -1.0])
    np.testing.assert_array_equal(given["h"], expected["h"])
    assert [token.text for token in given.tokens] == ["0.1", "0.5", "-1"]
