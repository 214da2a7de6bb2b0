"""Words: cut as written, and never replaced in silence."""

from __future__ import annotations

import pytest

from lstmviz.engine.inputs.tokenise import distinct, look_up, tokenise
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
        ("so good 👍🏽👩‍💻🇩🇪1️⃣!!", ["so", "good", "👍🏽", "👩‍💻", "🇩🇪", "1️⃣", "!", "!"]),
        ("  spaces\tand\nlines\u00a0too ", ["spaces", "and", "lines", "too"]),
        ("one\x00two\u200bthree", ["one", "two", "three"]),
        ("a_b", ["a", "_", "b"]),
        ("-", ["-"]),
        ("end.", ["end", "."]),
        ("the </s>", ["the", "</s>"]),
        ("<s>it works.<|endoftext|>", ["<s>", "it", "works", ".", "<|endoftext|>"]),
        ("so<br />so", ["so", "<br />", "so"]),
        ("a < b > c <3", ["a", "<", "b", ">", "c", "<", "3"]),
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


def test_tokens_of_the_vocabulary_that_are_set_in_brackets_stay_whole() -> None:
    special = ["[SEP]", "[SEP]x]", "<0x0A>", "__eou__", "{num}", "|e|", "cut-up", "U.S."]
    text = "[SEP] a[SEP]x]__eou__ {num} |e| <0x0A> [sep] U.S."
    assert tokenise(text, special) == [
        "[SEP]",
        "a",
        "[SEP]x]",
        "__eou__",
        "{num}",
        "|e|",
        "<0x0A>",
        "[",
        "sep",
        "]",
        "U",
        ".",
        "S",
        ".",
    ]
    assert tokenise("[SEP]") == ["[", "SEP", "]"]


def test_where_the_vocabulary_has_capitals_case_matters() -> None:
    words = ["<unk>", "Will", "Apple", "apple", "us", "US", "don't"]
    rows, known = look_up(["will", "APPLE", "Us", "Apple", "US", "don’t"], words)
    assert known == [False, False, False, True, True, True]
    assert rows == [0, 0, 0, 2, 5, 6]


@pytest.mark.parametrize("spare", ["<UNK>", "[UNK]", "UNK"])
def test_capitals_of_special_tokens_are_none_of_the_words(spare: str) -> None:
    assert look_up(["The", "Food"], [spare, "[SEP]", "the"]) == ([2, 0], [True, False])


@pytest.mark.parametrize("word", ["café", "cafe\u0301"])
@pytest.mark.parametrize("given", ["café", "cafe\u0301"])
def test_the_form_of_an_accent_does_not_matter(word: str, given: str) -> None:
    assert look_up(tokenise(given), ("<unk>", word)) == ([1], [True])


def test_what_is_invisible_in_a_word_does_not_part_it() -> None:
    assert tokenise("\ufeffgo\u00adod \u2060day") == ["good", "day"]


def test_a_sharp_s_is_no_double_s() -> None:
    assert look_up(["Maße", "Straße"], ["<unk>", "masse", "straße"]) == ([0, 2], [False, True])


def test_distinct_words_come_in_their_order_without_case() -> None:
    assert distinct(["The", "cat", "the", "Cat", "!"]) == ("the", "cat", "!")
