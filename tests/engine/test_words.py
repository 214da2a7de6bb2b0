"""Words: cut as written, and never replaced in silence."""

from __future__ import annotations

import pytest

from lstmviz.engine.words import distinct, look_up, tokenise
from lstmviz.errors import UsageError


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Amazing! It works.", ["Amazing", "!", "It", "works", "."]),
        ("I didn't, don’t", ["I", "didn't", ",", "don’t"]),
        ("a well-made thing - really", ["a", "well-made", "thing", "-", "really"]),
        ("'quoted' rock 'n' roll", ["'", "quoted", "'", "rock", "'", "n", "'", "roll"]),
        ("3.5 or 10,000,ok.", ["3.5", "or", "10,000", ",", "ok", "."]),
        ("我很喜欢。", ["我", "很", "喜", "欢", "。"]),
        ("iPhone很好3个", ["iPhone", "很", "好", "3", "个"]),
        ("café naïve", ["café", "naïve"]),
        ("cafe\u0301", ["café"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("so good 👍🏽!!", ["so", "good", "👍", "🏽", "!", "!"]),
        ("  spaces\tand\nlines\u00a0too ", ["spaces", "and", "lines", "too"]),
        ("one\x00two\u200bthree", ["one", "two", "three"]),
        ("a_b", ["a", "_", "b"]),
        ("-", ["-"]),
        ("end.", ["end", "."]),
    ],
)
def test_tokens(text: str, tokens: list[str]) -> None:
    assert tokenise(text) == tokens


@pytest.mark.parametrize("text", ["", " \n\t ", "\u200b"])
def test_an_empty_text_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="text is empty"):
        tokenise(text)


def test_bytes_that_are_no_characters_are_refused() -> None:
    with pytest.raises(UsageError, match="UTF-8"):
        tokenise(b"caf\xe9".decode("utf-8", "surrogateescape"))


def test_ten_thousand_words_keep_their_number() -> None:
    assert len(tokenise("good food " * 5000)) == 10_000


def test_unknown_words_are_flagged_and_get_the_row_for_unknown() -> None:
    rows, known = look_up(["The", "zyzzyva", "DON’T"], ["<unk>", "the", "don't"])
    assert rows == [1, 0, 2]
    assert known == [True, False, True]


def test_the_row_for_unknown_may_stand_anywhere() -> None:
    assert look_up(["x"], ["the", "<unk>"]) == ([1], [False])


def test_without_a_row_for_unknown_a_word_is_refused() -> None:
    with pytest.raises(UsageError, match="neither 'zyzzyva' nor a row <unk>"):
        look_up(["the", "zyzzyva"], ["the"])


def test_distinct_words_come_in_their_order_without_case() -> None:
    assert distinct(["The", "cat", "the", "Cat", "!"]) == ("the", "cat", "!")
