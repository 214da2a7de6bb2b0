"""Texts of others are read within bounds, or refused in a sentence."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from lstmviz.errors import UsageError
from lstmviz.system.texts import json_of, read_text, said, short, toml_of, writable

TOML = r'''
# a comment with [[[[[[[[[[[[[[[[[[[[ and a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s
plain = "[[[[[[[[[[[[[[[[[[[[[[ \" ]] a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s"
long = """{{{{{{{{{{{{{{{{{{{{{{ \""" "quoted" """
raw = '\[[[[[[[[[[[[[[[[[[[[[[[['
several = [1.5, 2.5, 3.5, 1.5, 2.5, 3.5, 1.5, 2.5, 3.5, 1.5, 2.5, 3.5, 1.5, 2.5, 3.5, 1.5, 2.5, 3.5]
[a."b.c".d]
e = {f = [[1]]}
'''


def test_what_is_toml_is_read() -> None:
    read = toml_of(TOML, "It")
    assert read["a"]["b.c"]["d"]["e"] == {"f": [[1]]}
    assert len(read["several"]) == 18


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a = " + "[" * 5_000 + "]" * 5_000, "lists, tables or keys of more than 16 levels"),
        ("a = " + "{b = " * 5_000 + "1" + "}" * 5_000, "of more than 16 levels"),
        (".".join(["a"] * 20_000) + " = 1", "of more than 16 levels"),
        ("[" + " . ".join(['"a"'] * 20_000) + "]", "of more than 16 levels"),
        ("a = {" + ".".join(["b"] * 20_000) + " = 1}", "of more than 16 levels"),
        ("a = " + "9" * 5_000, "a number of too many digits"),
        ('a = "' + "\\" * 100_001, "is not valid TOML"),
        ('"""\\' * 50_000, "is not valid TOML"),
        ("a = 1\na = 2", "is not valid TOML: .*overwrite"),
        ("a =", r"is not valid TOML: Invalid value \(at end of document\)\.$"),
    ],
    ids=range(10),
)
def test_toml_that_would_take_long_or_is_none_is_refused_at_once(text: str, sentence: str) -> None:
    began = time.process_time()
    with pytest.raises(UsageError, match=f"^The list.*{sentence}"):
        toml_of(text, "The list")
    assert time.process_time() - began < 1


@pytest.mark.parametrize("text", ["[" * 100_000, "{", '{"a": ' + "9" * 5_000 + "}", "\0", ""])
def test_what_is_no_json_is_a_value_error_alone(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        json_of(text)


def test_files_are_read_up_to_a_size(tmp_path: Path) -> None:
    path = tmp_path / "it.txt"
    path.write_bytes("\ufeff门\r\n".encode())
    assert read_text(path, "It") == "门\n"
    path.write_bytes(b"x" * 2049)
    with pytest.raises(UsageError, match="It is larger than 2 kB; check"):
        read_text(path, "It", 2048)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="It is no text in UTF-8"):
        read_text(path, "It")
    for none in (tmp_path, tmp_path / "none", Path("a\0b"), tmp_path / ("x" * 300)):
        with pytest.raises(UsageError, match="It cannot be read: "):
            read_text(none, "It")


def test_what_no_file_can_hold_is_shown_replaced() -> None:
    assert writable("a\x00b\x0bc\x1bd\x85e\ud800f\uffffg\x7fh") == "a�b�c�d\x85e�f�g�h"
    assert writable("keeps\ttabs\nand 门 😀") == "keeps\ttabs\nand 门 😀"


def test_somebody_s_words_stay_short_and_on_one_line() -> None:
    assert said("a\nb\x1b") == "'a b�'"
    assert short("门") == "门"
    assert len(said("x" * 10_000)) < 70
