"""Characters as the vocabulary has them, and tokenizers as values."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lstmviz.engine.model.network import Network, seeded
from lstmviz.engine.model.tokenizers import (
    Characters,
    Pretrained,
    Splitting,
    Tokenizer,
    WordPieces,
    of_characters,
    tokenizer_of,
)
from lstmviz.errors import UsageError

EACH = (
    Characters(),
    Splitting(lower=False, filters="!", removes=True, split=None, omits_unknown=True),
    WordPieces(lower=True),
    Pretrained('{"model": {}}', "<unk>", True),
)


@pytest.mark.parametrize(
    ("text", "vocabulary", "pieces"),
    [
        ("ab a", "ab ", [("a", 0), ("b", 1), (" ", 2), ("a", 0)]),
        ("a\nb\t", "ab\n", [("a", 0), ("\n", 2), ("b", 1), ("\t", None)]),
        ("a\r\nb", "ab\n", [("a", 0), ("\n", 2), ("b", 1)]),
        ("Ab", "ab", [("A", 0), ("b", 1)]),  # no capital in the vocabulary
        ("Ab", "abB", [("A", None), ("b", 1)]),
        ("e\u0301", ["é"], [("e\u0301", 0)]),
        ("é", ["e", "\u0301"], [("e", 0), ("\u0301", 1)]),
        ("é", ["e"], [("é", None)]),  # is no e
        ("👍🏽!", ["👍🏽", "!"], [("👍🏽", 0), ("!", 1)]),
        ("👍🏽", ["👍", "🏽"], [("👍", 0), ("🏽", 1)]),
        ("👨‍👩‍👧🇫🇷🇩🇪", ["👨‍👩‍👧", "🇫🇷", "🇩🇪"], [("👨‍👩‍👧", 0), ("🇫🇷", 1), ("🇩🇪", 2)]),
        ("हि", ["हि"], [("हि", 0)]),
        (
            "a<pad>b<x>",
            ["<pad>", *"abx>"],
            [("a", 1), ("<pad>", 0), ("b", 2), ("<", None), ("x", 3), (">", 4)],
        ),
        ("<PAD>", ["<pad>"], [("<", None), ("P", None), ("A", None), ("D", None), (">", None)]),
    ],
)
def test_characters(text: str, vocabulary: Any, pieces: list[tuple[str, int | None]]) -> None:
    assert Characters().cut(text, tuple(vocabulary)) == pieces


def test_capitals_that_are_read_as_small_letters_are_told() -> None:
    assert Characters().folds("Ab", ("a", "b"))
    assert not Characters().folds("ab", ("a", "b"))
    assert not Characters().folds("Xb", ("a", "b"))  # which is unknown
    assert not Characters().folds("Ab", ("A", "b"))
    assert Splitting().folds("Ab", ())
    assert not Splitting(lower=False).folds("Ab", ())


@pytest.mark.parametrize(
    ("words", "are"),
    [
        (["<pad>", "<unk>", "a", " ", "👍🏽"], True),
        (["<unk>", "我", "很"], True),
        (["a", "the"], False),
        (["<pad>", ""], False),
        (["UNK", "a"], True),
    ],
)
def test_a_vocabulary_of_characters_is_known(words: list[str], are: bool) -> None:
    assert of_characters(words) is are


@pytest.mark.parametrize("tokenizer", EACH, ids=lambda each: each.kind)
def test_a_network_keeps_its_tokenizer(tmp_path: Path, tokenizer: Tokenizer) -> None:
    network = replace(seeded("rnn", 2, 2, vocabulary=("a", "b")), tokenizer=tokenizer)
    network.save(tmp_path / "n.npz")
    assert Network.load(tmp_path / "n.npz").tokenizer == tokenizer


@pytest.mark.parametrize(
    "told",
    [
        {"kind": "none"},
        {"kind": ["characters"]},
        {},
        {"kind": "splitting", "lower": "yes"},
        {"kind": "splitting", "split": 3},
        {"kind": "splitting", "shout": True},
        {"kind": "tokenizer.json", "json": None},
    ],
)
def test_a_tokenizer_that_is_none_is_refused(told: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="tokenizer"):
        tokenizer_of(told)
