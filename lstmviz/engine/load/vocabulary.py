"""The words of an embedding's rows, from JSON or from text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lstmviz.errors import UsageError

_LARGEST = 256 << 20  # bytes


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
    return tuple(words)


def _by_row(words: Mapping[Any, Any], rows: int, where: str) -> tuple[str, ...]:
    found = [""] * rows
    for word, row in words.items():
        if not isinstance(word, str) or type(row) is not int:
            raise UsageError(
                f"{where} gives {word!r} the row {row!r}; give each word a whole number."
            )
        if not 0 <= row < rows:
            raise UsageError(
                f"{where} gives '{word}' the row {row}, but the embedding has the rows 0 to "
                f"{rows - 1}; it belongs to another network, or leave such words out."
            )
        if found[row]:
            raise UsageError(f"{where} gives '{found[row]}' and '{word}' the same row {row}.")
        found[row] = word
    if not any(found):
        raise UsageError(f"{where} is empty; give a word for each of the {rows} rows.")
    return tuple(found)


def words_of(source: str | Path) -> Any:
    """The list or the object of a vocabulary's file, not yet checked."""
    path = Path(source)
    if not path.is_file():
        raise UsageError(f"There is no file {path}; name a vocabulary as JSON or text.")
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"{path} is too large for a vocabulary; check the path.")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(
            f"{path} is not text in UTF-8; save the vocabulary as JSON or text."
        ) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {(error.strerror or '').lower()}.") from error
    must_be_json = path.suffix.lower() == ".json"
    found: Any = None
    if must_be_json or text.lstrip()[:1] in ("{", "["):
        try:
            found = json.loads(text)
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
