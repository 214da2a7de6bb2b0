from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import lstmviz
from lstmviz.engine.inputs.find_tick import find_tick
from lstmviz.engine.model.network import seeded
from lstmviz.engine.model.tokenizers import Characters, WordPieces
from lstmviz.errors import UsageError
from lstmviz.trace.trace import Trace

SPECIAL = ("<unk>", "the", "</s>", "good", "[SEP]")


@pytest.fixture(scope="module")
def trace() -> Trace:
    return lstmviz.run("Good food, I don't say not good, but good.", cell="gru")


@pytest.mark.parametrize(
    ("at", "tick"),
    [
        (0, 0),
        (-1, 11),
        ("1", 0),
        ("12", 11),
        ("food", 1),
        (",", 2),
        ("good", 7),  # as it is written goes before another case
        ("Good", 0),
        ("GOOD", 0),
        ("good:1", 0),
        ("good:3", 10),
        ("don't", 4),
        ("don’t", 4),
        ("DON’T SAY", 4),
        ("not good", 6),
        ("not  good ,", 6),
        (",:2", 8),
    ],
)
def test_a_tick_is_found_by_what_a_person_writes(trace: Trace, at: int | str, tick: int) -> None:
    assert find_tick(trace, at) == tick


@pytest.mark.parametrize(("at", "tick"), [("</s>", 1), ("[SEP]", 3), ("good [SEP]", 2)])
def test_special_tokens_are_found(at: str, tick: int) -> None:
    network = seeded("gru", 2, 3, 1, vocabulary=SPECIAL)
    assert find_tick(lstmviz.run("the </s> good[SEP]", network=network), at) == tick


@pytest.mark.parametrize(
    ("at", "tick"),
    [
        ("␣", 1),
        (" ", 1),
        (" :2", 5),
        ("␣:2", 5),
        ("⏎", 9),
        ("\n", 9),
        ("cab", 6),
        ("CAB", 6),
        ("d c", 4),
        ("3", 2),
        ("a:3", 7),
    ],
)
def test_characters_are_found_alone_and_in_a_row(at: str, tick: int) -> None:
    letters = seeded("gru", 2, 3, vocabulary=(*"abcd \n",))
    network = replace(letters, tokenizer=Characters())
    assert find_tick(lstmviz.run("a bad cab\n", network=network), at) == tick


@pytest.mark.parametrize(
    ("at", "tick"), [("slowly", 1), ("·ly", 2), ("the slowly good", 0), ("good:1", 3)]
)
def test_words_in_pieces_are_found_whole(at: str, tick: int) -> None:
    pieces = seeded("gru", 2, 3, vocabulary=("[UNK]", "the", "slow", "##ly", "good"))
    network = replace(pieces, tokenizer=WordPieces())
    trace = lstmviz.run("the slowly good", network=network)
    assert find_tick(trace, at) == tick
    with pytest.raises(UsageError, match="no 'slow good'"):
        find_tick(trace, "slow good")
    with pytest.raises(UsageError, match="no token 9"):
        find_tick(trace, "9")


def test_a_text_of_digits_counts_steps_also_where_the_numbers_are_such() -> None:
    trace = lstmviz.run([3, 1, 2])
    assert [find_tick(trace, at) for at in ("1", "3", 2)] == [0, 2, 2]
    assert find_tick(lstmviz.run([0.5, 0.25]), "0.25") == 1


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        ("soup", "There is no 'soup' in the input; it has: Good, food"),
        ("soup:2", "There is no 'soup:2' in the input"),
        ("good:4", "“good” stands 3 × in the input; there is no number 4."),
        ("notgood", "There is no 'notgood'"),
        ("", "There is no ''"),
        ("0", "There is no word 0; the input has 12, counted from 1."),
        ("13", "There is no word 13"),
        ("9" * 5000, "There is no '9999"),
        ("good:" + "9" * 5000, "There is no 'good:9999"),
        (1.5, "at is 1.5; give the whole number of a tick"),
        (12, "There is no tick 12; the input has 12, from 0 to 11."),
    ],
)
def test_what_is_not_there_is_refused(trace: Trace, at: Any, sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        find_tick(trace, at)
    assert str(refused.value).startswith(sentence)
