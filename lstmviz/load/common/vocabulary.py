"""The words of an embedding's rows, from JSON or from text."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from lstmviz.errors import UsageError
from lstmviz.system.texts import read_text, said, short

_LARGEST = 32 << 20  # bytes; two million words have 20 MB
_MOST = 4_000_000  # words; the largest embeddings have three
_LONGEST = 1_000  # letters of a word


def read_vocabulary(
    source: str | Path | Sequence[str] | Mapping[str, int], rows: int
) -> tuple[str, ...]:
    """A word for each of `rows` rows of an embedding; "" where a row has none.

    `source` is a file, a list of words in the order of the rows, or the row of each word. A
    file is JSON (a list, or an object from word to row) or text (a word per line).

    Raises:
        UsageError: the file cannot be read, or does not match the embedding.
    """
    where = "The vocabulary"
    words: Any = source
    if isinstance(source, (str, Path)):
        where, words = str(source), words_of(source)
    if isinstance(words, Mapping):
        return _by_row(words, rows, where)
    if not all(isinstance(word, str) for word in words):
        raise UsageError(f"{where} has an entry that is no word; list words alone.")
    if len(words) != rows:
        raise UsageError(
            f"{where} has {len(words)} words, but the embedding {rows} rows; give a word for each "
            "row, or JSON from word to row."
        )
    _refuse_twice(words, where)
    return tuple(words)


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


def _by_row(words: Mapping[Any, Any], rows: int, where: str) -> tuple[str, ...]:
    found = [""] * rows
    for word, row in words.items():
        if not isinstance(word, str) or type(row) is not int:
            raise UsageError(
                f"{where} gives {said(str(word))} the row {short(repr(row))}; give each word "
                "a whole number."
            )
        if not 0 <= row < rows:
            raise UsageError(
                f"{where} gives {said(word)} the row {short(repr(row))}, but the embedding "
                f"has the rows 0 to {rows - 1}; it belongs to another network, or leave such "
                "words out."
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


def words_of(source: str | Path, what: str = "vocabulary") -> Any:
    """The list or the object of a file of names, such as a vocabulary, not yet checked."""
    path = Path(source)
    if not path.is_file():
        raise UsageError(f"There is no file {path}; name {what} as JSON or text.")
    text = read_text(path, f"The {what} {path}", _LARGEST)
    must_be_json = path.suffix.lower() == ".json"
    if max(map(text.count, ("\n" if not must_be_json else ",", "[", "{"))) > _MOST:
        raise UsageError(f"{path} has more than {_MOST:,} words; check that it is a vocabulary.")
    found: Any = None
    if must_be_json or text.lstrip()[:1] in ("{", "["):
        try:
            found = json.loads(text, object_pairs_hook=partial(_each_once, path))
        except UsageError:
            raise
        except (ValueError, RecursionError):
            if must_be_json:
                raise UsageError(
                    f"{path} is no valid JSON; mend it, or give a word per line as .txt."
                ) from None
    if isinstance(found, (dict, list)):
        return found
    if must_be_json:
        raise UsageError(f"{path} holds neither a list of words nor an object from word to row.")
    # Not splitlines: a vocabulary of characters may have other kinds of line ends in it.
    lines = text.split("\n")
    return [line.rstrip("\r") for line in (lines[:-1] if lines[-1] == "" else lines)]


def _each_once(path: Path, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON; Python keeps the last of two values and forgets the first."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(word for word, n in Counter(word for word, _ in pairs).items() if n > 1)
        raise UsageError(f"{path} gives {said(twice)} two rows; leave one out.")
    return found
