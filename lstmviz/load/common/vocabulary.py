"""The tokens of a network's rows: whatever says which they are, fitted to so many rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lstmviz.engine.model.tokenizers import Tokenizer
from lstmviz.errors import UsageError
from lstmviz.system.texts import said, short

_LONGEST = 1_000  # letters of a word
_SHIFT = 3  # rows that Keras's data sets put before their first word


@dataclass(frozen=True)
class Lexicon:
    """Words with their rows, and how a text is cut into such words, where that is told."""

    words: Sequence[str] | Mapping[Any, Any]  # a word for each row, or the row of each word
    where: str = "The vocabulary"  # begins a sentence about it
    tokenizer: Tokenizer | None = None
    unknown: str | None = None  # the word that stands for all others
    told: tuple[str, ...] = ()  # as what it was read, a sentence each

    @property
    def rows(self) -> int | None:
        """The number of rows that the words ask for; None where they ask for no certain one."""
        if not isinstance(self.words, Mapping):
            return len(self.words)
        numbers = [row for row in self.words.values() if type(row) is int]
        return max(numbers) + 1 if numbers else None


def rows_of(lexicon: Lexicon, rows: int, of: str = "embedding") -> tuple[str, ...]:
    """A word for each of `rows` rows of the embedding, or of what it is; "" where one has none.

    Raises:
        UsageError: the words do not match so many rows.
    """
    words, where = lexicon.words, lexicon.where
    if isinstance(words, Mapping):
        return _by_row(words, rows, where, of)
    if not all(isinstance(word, str) for word in words):
        raise UsageError(f"{where} has an entry that is no word; list words alone.")
    if len(words) == rows - 1:
        raise UsageError(
            f"{where} has {len(words)} words, but the {of} {rows} rows, one more. It is mostly "
            'row 0, for padding: put an empty word in front (an empty line of text, "" of JSON); '
            "or a row for unknown words: put its name where it belongs."
        )
    if len(words) != rows:
        raise UsageError(
            f"{where} has {len(words)} words, but the {of} {rows} rows; give a word for each "
            "row, or JSON from word to row."
        )
    _refuse_twice(words, where)
    return tuple(words)


def shifted(lexicon: Lexicon, rows: int) -> Lexicon:
    """The words of a data set of Keras three rows later, where its networks have them.

    `get_word_index()` of imdb and reuters is the data sets' own but for that: 0 is padding there,
    1 the beginning, 2 an unknown word, and rarer words than there are rows are left out.
    """
    words = lexicon.words
    name = _data_set(words)
    if name is None or not isinstance(words, Mapping):
        return lexicon
    moved = {word: row + _SHIFT for word, row in words.items() if row + _SHIFT < rows}
    note = (
        f"the words are those of Keras's {name}, whose networks have them {_SHIFT} rows later "
        "(index_from=3: 0 is padding, 1 <start>, 2 <unk>), and so they are taken; if yours was "
        "trained on the rows as they are, give the words as a list"
    )
    special = {"<pad>": 0, "<start>": 1, "<unk>": 2}
    return replace(lexicon, words={**special, **moved}, told=(*lexicon.told, note))


_DATA_SETS = {  # their commonest words, which have the rows from 1 on
    "imdb": "the and a of to is br in".split(),
    "reuters": "the of to in said and a mln".split(),
}


def _data_set(words: object) -> str | None:
    if isinstance(words, Mapping) and 0 not in words.values():
        for name, common in _DATA_SETS.items():
            if all(words.get(word) == row for row, word in enumerate(common, start=1)):
                return name
    return None


def _refuse_twice(words: Sequence[str], where: str) -> None:
    """Refuse an endless word, and one of two rows, of which a sentence could mean either."""
    seen: dict[str, int] = {}
    for row, word in enumerate(words):
        if len(word) > _LONGEST:
            raise UsageError(f"{where} has a word of {len(word):,} letters; check the file.")
        if word and seen.setdefault(word, row) != row:
            raise UsageError(
                f"{where} has {said(word)} for row {seen[word]} and for row {row}, of which a "
                "sentence could mean either; leave one of them empty."
            )


def _by_row(words: Mapping[Any, Any], rows: int, where: str, of: str) -> tuple[str, ...]:
    found = [""] * rows
    for word, row in words.items():
        if not isinstance(word, str) or type(row) is not int:
            raise UsageError(
                f"{where} gives {said(str(word))} the row {short(repr(row))}; give each word "
                "a whole number."
            )
        if not 0 <= row < rows:
            raise UsageError(
                f"{where} gives {said(word)} the row {short(repr(row))}, but the {of} "
                f"has the rows 0 to {rows - 1}; it belongs to another network, or leave such "
                "words out, as a tokenizer's own file does by its num_words."
            )
        if found[row]:
            raise UsageError(
                f"{where} gives {said(found[row])} and {said(word)} the same row {row}."
            )
        found[row] = word
    if not any(found):
        raise UsageError(f"{where} is empty; give a word for each of the {rows} rows.")
    _refuse_twice(found, where)
    return tuple(found)
