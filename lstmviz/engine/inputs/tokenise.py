"""From a sentence to the rows of an embedding, with nothing replaced in silence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from lstmviz.engine.inputs.ready_tokens import refuse_bytes
from lstmviz.engine.model.tokenizers import UNKNOWNS, is_special
from lstmviz.errors import UsageError
from lstmviz.system.clusters import belongs

# First and last code points of the scripts that are written without spaces: iteration
# marks, kana, ideographs and their supplementary planes.
_IDEOGRAPHS = (
    (0x3005, 0x3007),
    (0x3040, 0x30FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
_JOINERS = "'’-"  # didn't, well-made
_POINTS = ".,"  # 3.5, 10,000

# Soft hyphens, word joiners and byte-order marks, which are no part of a word, and part none.
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u2060\ufeff"))
_MARKUP = r"<[/|]?[A-Za-z][\w.-]*(?: ?/|\|)?>"  # </s>, <unk>, <|endoftext|>, <br />


def tokenise(text: str, vocabulary: Iterable[str] = ()) -> list[str]:
    """Cut a text into words and punctuation marks, in their order and as they are written.

    Contractions, words with a hyphen and numbers are one token; each Chinese or Japanese
    character is one; so is each punctuation mark and each symbol. A tag such as `</s>` is one
    token, and so is each token of the `vocabulary` that is set in <>, [], {}, || or __.

    Raises:
        UsageError: the text is empty, or has bytes that are no characters.
    """
    refuse_bytes(text)
    text = unicodedata.normalize("NFC", text.translate(_INVISIBLE))
    tokens: list[str] = []
    start = 0
    for found in _whole(tuple(vocabulary)).finditer(text):
        tokens += [*_cut(text[start : found.start()]), found[0]]
        start = found.end()
    tokens += _cut(text[start:])
    if not tokens:
        raise UsageError("The text is empty; give a sentence of at least one word.")
    return tokens


@lru_cache(maxsize=2)  # many sentences of one network are read in turn
def _whole(vocabulary: tuple[str, ...]) -> re.Pattern[str]:
    """What finds the tokens that are not to be cut, the longest first."""
    special = sorted(filter(is_special, vocabulary), key=len, reverse=True)
    return re.compile("|".join([*map(re.escape, special), _MARKUP]))


def _cut(text: str) -> list[str]:
    tokens: list[str] = []
    previous = "space"
    for at, character in enumerate(text):
        kind = _kind(character)
        if previous != "space" and (kind == "extends" or belongs(text, at)):
            tokens[-1] += character
            continue
        following = _kind(text[at + 1]) if at + 1 < len(text) else "space"
        if kind == "mark" and previous == "word" == following:
            digits = text[at - 1].isdigit() and text[at + 1].isdigit()
            if character in _JOINERS or (character in _POINTS and digits):
                kind = "word"
        if kind == "word" and previous == "word":
            tokens[-1] += character
        elif kind != "space":
            tokens.append(character)
        previous = kind
    return tokens


def look_up(
    tokens: Sequence[str], vocabulary: Sequence[str], unknown: str | None = None
) -> tuple[list[int], list[bool]]:
    """The embedding's row of each token, and whether the vocabulary really has the token.

    A word that stands there as it is written goes first; then the form of the apostrophe does not
    matter, nor that of an accent, nor the case of a word if no word of the vocabulary has a
    capital: where some have, `Us` may be another word than `us`. A word outside the vocabulary gets
    the row of `unknown`, or else of `<unk>` or another of UNKNOWNS, and False.

    Raises:
        UsageError: a word is unknown and the vocabulary has no `<unk>`.
    """
    names = UNKNOWNS if unknown is None else (unknown,)
    exact, rows, alike = _index(tuple(vocabulary), names)
    spare = next((exact[name] for name in names if name in exact), None)
    found = [exact.get(token, rows.get(alike(token))) for token in tokens]
    if spare is None and None in found:
        word = tokens[found.index(None)]
        raise UsageError(
            f"The network's vocabulary has neither '{word}' nor a row {names[0]} for unknown "
            "words; choose other words, or name such a row with unknown=."
        )
    return (
        [spare or 0 if row is None else row for row in found],
        [row is not None for row in found],
    )


@lru_cache(maxsize=2)
def _index(
    vocabulary: tuple[str, ...], unknown: tuple[str, ...]
) -> tuple[Mapping[str, int], Mapping[str, int], Callable[[str], str]]:
    """The first row of each word as it is written, and in the form in which words are alike."""
    exact = {word: row for row, word in reversed(list(enumerate(vocabulary)))}
    cased = any(w != w.lower() and w not in unknown and not is_special(w) for w in exact)
    alike = _plain if cased else _folded
    return exact, {alike(word): row for word, row in exact.items()}, alike


def is_folded(token: str, word: str) -> bool:
    """Whether a token is taken for a word of the vocabulary in spite of its case."""
    return _plain(token) != _plain(word)


def distinct(tokens: Sequence[str]) -> tuple[str, ...]:
    """The words of a text in the order of their first appearance, in lower case."""
    return tuple(dict.fromkeys(_folded(token) for token in tokens))


def _plain(word: str) -> str:
    """A word without what is written in two ways: é is one letter, or e and an accent."""
    plain = word.replace("’", "'")
    return plain if plain.isascii() else unicodedata.normalize("NFC", plain)


def _folded(word: str) -> str:
    # Not casefold: it makes ß ss, by which Maße is Masse.
    return _plain(word).lower()


def _kind(character: str) -> str:
    point = ord(character)
    if any(first <= point <= last for first, last in _IDEOGRAPHS):
        return "ideograph"
    if character.isalnum():
        return "word"
    category = unicodedata.category(character)
    # Accents, vowel signs, and what joins or varies an emoji.
    if category in ("Mn", "Mc", "Me") or character in "\u200c\u200d":
        return "extends"
    if character.isspace() or category in ("Cc", "Cf", "Cn"):
        return "space"
    return "mark"
