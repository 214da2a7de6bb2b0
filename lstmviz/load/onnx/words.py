"""Words that stand in an ONNX file: those of an embedding's rows, and the names of answers."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from typing import Any

from lstmviz.errors import UsageError
from lstmviz.load.common.vocabulary import Lexicon, rows_of
from lstmviz.load.onnx.graph import Node
from lstmviz.load.onnx.tensors import texts_of
from lstmviz.system.texts import lines_of

# The names under which exporters and authors put them into a model's metadata.
_VOCABULARY = (
    "vocab vocabulary tokens words itos stoi idx2word word2idx index2word word2index id2word "
    "word_index index_word id2token token2id chars characters alphabet char2idx idx2char".split()
)
_LABELS = "labels classes class_names names id2label label2id categories answers targets".split()
_LARGEST = 8 << 20  # letters of what is read as JSON
_LARGEST_LITERAL = 1 << 20  # letters of what is read as Python writes it
_UNKNOWN = "<unk>"


def metadata_of(model: Any) -> dict[str, str]:
    """The texts that a ModelProto says of itself, by their keys in small letters."""
    return {entry.key.lower(): entry.value for entry in model.metadata_props}


def words_in(metadata: Mapping[str, str], rows: int) -> tuple[str, ...] | None:
    """The words of an embedding's rows, if the metadata have as many."""
    return _listed(metadata, _VOCABULARY, rows)


def labels_in(metadata: Mapping[str, str], answers: int) -> tuple[str, ...] | None:
    """The names of the answers, if the metadata have as many."""
    return _listed(metadata, _LABELS, answers)


def _listed(metadata: Mapping[str, str], keys: Sequence[str], count: int) -> tuple[str, ...] | None:
    for key in keys:
        words = _ordered(_parsed(metadata.get(key, "")))
        if words is None:
            continue
        try:
            return rows_of(Lexicon(words), count)
        except UsageError:  # of something else, then
            continue
    return None


def _parsed(text: str) -> Any:
    """The list or object that a text holds: JSON, as Python prints it, or in lines."""
    text = text.strip()
    if not text or len(text) > _LARGEST:
        return None
    if text[0] in "[{":
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            pass
        if len(text) > _LARGEST_LITERAL:
            return None
        try:
            return ast.literal_eval(text)  # literals alone: nothing is looked up or called
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            return None
    lines = lines_of(text)
    return lines if len(lines) > 1 else [word.strip() for word in text.split(",")]


def _ordered(found: Any) -> Sequence[str] | Mapping[str, int] | None:
    """A list of words or the row of each, whichever way round the object is."""
    if isinstance(found, list) and all(isinstance(word, str) for word in found):
        return found
    if not isinstance(found, dict):
        return None
    if all(isinstance(word, str) and type(row) is int for word, row in found.items()):
        return found
    turned = {}
    for row, word in found.items():
        if not isinstance(word, str) or not str(row).isdecimal():
            return None
        turned[word] = int(row)
    return turned if len(turned) == len(found) else None


def encoded_words(node: Node, rows: int) -> tuple[str, ...] | None:
    """The word of each row, as a LabelEncoder or a CategoryMapper makes rows of words.

    What it makes of all other words is called `<unk>`, if that is a row of no word.
    """
    given = node.given
    if node.op == "ai.onnx.ml:CategoryMapper":
        words, numbers = given.get("cats_strings"), given.get("cats_int64s")
    elif node.op == "ai.onnx.ml:LabelEncoder":
        words, numbers = given.get("keys_strings"), given.get("values_int64s")
        if words is None and "classes_strings" in given:
            words = given["classes_strings"]
            numbers = list(range(len(words)))
    else:
        return None
    if words is None and given.get("keys_tensor") is not None:
        words = texts_of(given["keys_tensor"])
    if not words or not numbers or len(words) != len(numbers):
        return None
    # The operator takes whichever comes first, should a word have two rows.
    placed = dict(zip(reversed(words), reversed(numbers), strict=True))
    other = given.get("default_int64", -1)
    if 0 <= other < rows and other not in placed.values() and _UNKNOWN not in placed:
        placed[_UNKNOWN] = other
    try:
        return rows_of(Lexicon(placed), rows)
    except UsageError:
        return None
