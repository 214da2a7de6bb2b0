"""Subtitles carry every caption at its time, in lines that players can show."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.export.common.subtitles import cues, srt, vtt, wrapped
from lstmviz.export.formats import export
from lstmviz.reel.reel import Reel, Step

CHINESE = "这里第一个记忆单元保留了百分之九十八，因为遗忘门在这个词上几乎完全打开了（再次）。"
ENGLISH = "Here 98% of the first memory is kept, because the forget gate is wide open at this word."


def told(*steps: tuple[str, float, float]) -> Reel:
    return Reel(
        width=16,
        height=9,
        fps=60,
        background="#000000",
        title="",
        alt="",
        language="en",
        steps=tuple(Step(f"s{k}", *step, 0, 0) for k, step in enumerate(steps)),
        frame_count=600,
        path=Path("nowhere.reel"),
    )


def test_subrip(reel: Reel, tmp_path: Path) -> None:
    text = export(reel, tmp_path / "film.srt").read_text("utf-8")
    assert text == (
        "1\n00:00:00,000 --> 00:00:01,167\nHere 98% of it is kept.\n\n"
        "2\n00:00:02,333 --> 00:00:03,500\nThen <the word> & the next one change it.\n\n"
    )


def test_webvtt(reel: Reel, tmp_path: Path) -> None:
    text = export(reel, tmp_path / "film.VTT").read_text("utf-8")
    assert text.startswith("WEBVTT\n\n00:00:00.000 --> 00:00:01.167\nHere")
    assert "Then &lt;the word&gt; &amp; the next" in text


def test_no_text_looks_like_the_time_of_a_cue() -> None:
    (cue,) = cues(told(("a\n\n2\n00:00:01,000 --> 00:00:02,000", 0.0, 3.0)))
    assert srt([cue]).count("-->") == 1
    assert vtt([cue]).count("-->") == 1


def test_hours() -> None:
    (cue,) = cues(told(("late", 3661.5, 3662.25)))
    assert (cue.start, cue.end) == (3661500, 3662250)


def test_long_captions_come_in_parts_of_two_lines() -> None:
    parts = cues(told((ENGLISH + " " + ENGLISH, 1.0, 9.0), (CHINESE, 9.0, 12.0)))
    assert parts[0].start == 1000
    assert parts[-1].end == 12000
    assert all(one.end == other.start for one, other in pairwise(parts))
    assert all(part.text.count("\n") <= 1 for part in parts)
    english = [part.text.replace("\n", " ") for part in parts if part.start < 9000]
    assert " ".join(english) == ENGLISH + " " + ENGLISH
    assert "".join(part.text for part in parts if part.start >= 9000).replace("\n", "") == CHINESE


@pytest.mark.parametrize(("text", "most"), [(ENGLISH, 42), (CHINESE, 16)])
def test_lines_are_short_and_even(text: str, most: int) -> None:
    lines = wrapped(text)
    assert len(lines) == -(-len(text) // most)
    assert max(map(len, lines)) <= most
    assert min(map(len, lines)) >= most / 2


def test_punctuation_stays_with_its_word() -> None:
    for length in range(1, 40):
        for line in wrapped("字" * length + "，" + "（" + "字" * 20 + "）。"):
            assert line[0] not in "，）。"
            assert line[-1] != "（"


def test_words_stay_whole_in_mixed_text() -> None:
    lines = wrapped(
        "遗忘门 forget gate 保留了 0.98 的记忆，LSTM 的输出也随之改变，非常 remarkable。"
    )
    for word in ("forget", "gate", "0.98", "LSTM", "remarkable。"):
        assert any(word in line for line in lines)


def test_overlapping_and_empty_steps() -> None:
    reel = told(("one", 0.0, 2.0), ("two", 1.5, 1.5), ("  ", 1.5, 2.0), ("three", 1.5, 4.0))
    found = [(cue.text, cue.start, cue.end) for cue in cues(reel)]
    assert found == [("one", 0, 1500), ("three", 1500, 4000)]


@given(
    st.lists(
        st.tuples(st.text("ab 字，（é\n", max_size=150), st.floats(0, 5), st.floats(0, 5)),
        max_size=6,
    )
)
def test_no_cue_overlaps_another_whatever_the_steps(
    steps: list[tuple[str, float, float]],
) -> None:
    found = cues(told(*steps))
    assert all(cue.start < cue.end for cue in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    for cue in found:
        assert re.search(r"\S", cue.text)
        assert not any(line != line.strip() for line in cue.text.split("\n"))


@given(st.text("ab ,字，（）。", max_size=200))
def test_wrapping_loses_nothing(text: str) -> None:
    assert "".join("".join(wrapped(text)).split()) == "".join(text.split())


def test_no_captions_still_make_a_valid_file(reel: Reel, tmp_path: Path) -> None:
    silent = replace(reel, steps=())
    assert export(silent, tmp_path / "film.vtt").read_text() == "WEBVTT\n\n"
    assert export(silent, tmp_path / "film.srt").read_text() == ""
