"""What stands at each tick."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from lstmviz.trace.tokens import Steps, Token, counted_as, inside_padding, tokens_of, unknown_words


def test_steps_are_like_the_tuple_of_their_tokens() -> None:
    steps = Steps(5)
    told = tuple(Token(f"t={k + 1}") for k in range(5))
    assert steps == told
    assert told == steps
    assert steps != told[:4]
    assert steps != Steps(5, np.arange(5.0))
    assert len(steps) == 5
    assert tuple(steps) == told
    assert steps[-1] == told[-1]
    assert steps[1:4] == told[1:4]
    assert steps[::-2] == told[::-2]
    assert Token("t=3") in steps
    with pytest.raises(IndexError):
        steps[5]


def test_numbers_are_written_as_they_are() -> None:
    steps = Steps(3, np.array([0.1, -1.0, 12345678.0]))
    assert [token.text for token in steps] == ["0.1", "-1", "1.23457e+07"]
    assert pickle.loads(pickle.dumps(steps)) == steps
    assert repr(steps) == repr(Steps(3, np.array([0.1, -1.0, 12345678.0])))


def test_equal_words_are_one_token() -> None:
    tokens = tokens_of([("so", True), ("good", True), ("so", True), ("so", False)])
    assert [token.text for token in tokens] == ["so", "good", "so", "so"]
    assert tokens[0] is tokens[2]
    assert tokens[3] == Token("so", False)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("good ?bad", (1, 2)),
        ("good good ?bad", None),
        ("?a ?b , . !", (2, 2)),
        ("good good ?, ?; ?!", None),
        ("good ?</s> ?[SEP] ?<unk>", None),
        ("! ?", None),
        ("PAD PAD PAD good ?bad", (1, 2)),
        ("?bad <pad> PAD", (1, 1)),
    ],
)
def test_unknown_words_are_counted_where_they_are_half_or_more(
    words: str, found: tuple[int, int] | None
) -> None:
    tokens = [Token(word.removeprefix("?") or "?", word[:1] != "?") for word in words.split()]
    assert unknown_words(tokens) == found


def test_numbers_are_no_unknown_words() -> None:
    assert unknown_words(Steps(3)) is None


def test_where_some_are_padding_ticks_are_counted_as_steps() -> None:
    for words, inside, counted in (
        ("good food", range(2), "word"),
        ("<pad> PAD good <pad> food [PAD]", range(2, 5), "step"),
        ("<pad> <pad>", range(2), "word"),
    ):
        tokens = [Token(word) for word in words.split()]
        assert inside_padding(tokens) == inside
        assert counted_as(tokens, "words") == counted
    assert counted_as(Steps(3), "numbers") == "step"
