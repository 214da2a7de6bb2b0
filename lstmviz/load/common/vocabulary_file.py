"""The files in which people keep vocabularies, and those of tokenizers: JSON, text, tables."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from lstmviz.engine.model.tokenizers import Pretrained, Splitting, WordPieces, indexed
from lstmviz.errors import UsageError
from lstmviz.load.common.vocabulary import Lexicon
from lstmviz.system.json_fields import Fields
from lstmviz.system.texts import read_text, said, short

_LARGEST = 32 << 20  # bytes; two million words have 20 MB
_MOST = 4_000_000  # words; the largest embeddings have three
_PICKLES = (b"PK", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
_SHOWN = 60  # letters of a word, at most
_DEEPEST = 4  # objects within each other, until the words come

# What people call the words of a vocabulary, from word to row and from row to word.
_ROWS = (
    "stoi word_index word2idx word2index word_to_index word_to_idx word2id w2i char2idx "
    "char2index char_to_idx char_to_index char_index char2id token2idx token_to_idx token2id "
    "token_to_id token_index vocab vocabulary"
).split()
_WORDS = (
    "itos index_word idx2word index2word index_to_word idx_to_word id2word i2w idx2char "
    "index2char idx_to_char index_to_char id2char idx2token idx_to_token id2token id_to_token "
    "words chars characters tokens"
).split()
_HEADS = {"word", "words", "token", "tokens", "char", "character", "term"}  # of a column of words

# What Keras's TextVectorization takes for punctuation.
_PUNCTUATION = "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'"


def lexicon_of(source: str | Path | Sequence[str] | Mapping[str, int]) -> Lexicon:
    """What a file says, a list of words in the order of the rows, or the row of each word.

    Raises:
        UsageError: the file cannot be read, or is no vocabulary.
    """
    if isinstance(source, (str, Path)):
        return read_lexicon(Path(source))
    return Lexicon(source if isinstance(source, Mapping) else list(source))


def read_lexicon(path: Path) -> Lexicon:
    """What the file of a vocabulary or of a tokenizer says.

    Raises:
        UsageError: it cannot be read, or holds no vocabulary.
    """
    text, found = _read(path, "vocabulary")
    if found is not None:
        return lexicon_in(found, str(path), text)
    ending = path.suffix.lower()
    if ending in (".csv", ".tsv"):
        return _of_table(text, "," if ending == ".csv" else "\t", str(path))
    return _of_lines(_lines(text), path)


def words_of(source: str | Path, what: str = "vocabulary") -> Any:
    """The list or the object of a file of names, not yet checked; `what` they are of."""
    text, found = _read(Path(source), what)
    if found is None:
        return _lines(text)
    if isinstance(found, dict | list):
        return found
    raise UsageError(f"{source} holds neither a list of words nor an object from word to row.")


def _read(path: Path, what: str) -> tuple[str, Any]:
    """The text of a file and, if that is JSON, what it says; else None."""
    if not path.is_file():
        raise UsageError(f"There is no file {path}; name {what} as JSON or text.")
    with path.open("rb") as file:
        if file.read(2) in _PICKLES:
            raise UsageError(
                f"{path} is a pickle, which is not opened for words; write them as JSON instead: "
                "json.dump(words, open('vocab.json', 'w'))."
            )
    text = read_text(path, f"The {what} {path}", _LARGEST)
    must_be_json = path.suffix.lower() == ".json"
    if max(map(text.count, ("\n" if not must_be_json else ",", "[", "{"))) > _MOST:
        raise UsageError(f"{path} has more than {_MOST:,} words; check that it is a vocabulary.")
    found: Any = None
    if must_be_json or text.lstrip()[:1] in ("{", "["):
        try:
            found = json.loads(text, object_pairs_hook=partial(_each_once, str(path)))
        except UsageError:
            raise
        except (ValueError, RecursionError):
            if must_be_json:
                raise UsageError(
                    f"{path} is no valid JSON; mend it, or give a word per line as .txt."
                ) from None
    if must_be_json and found is None:
        raise UsageError(f"{path} holds neither a list of words nor an object from word to row.")
    return text, found if must_be_json or isinstance(found, dict | list) else None


def _lines(text: str) -> list[str]:
    # Not splitlines: a vocabulary of characters may have other kinds of line ends in it.
    lines = text.split("\n")
    return [line.rstrip("\r") for line in (lines[:-1] if lines[-1] == "" else lines)]


def lexicon_in(found: Any, where: str, text: str = "", depth: int = 0) -> Lexicon:
    """What JSON says; `where` names it, and `text` is all of it as it stands in the file.

    Raises:
        UsageError: there is no vocabulary in it.
    """
    if depth > _DEEPEST:
        raise UsageError(f"{where} nests its words too deep; give them as a list.")
    if isinstance(found, str):  # what to_json gave, written as JSON once more
        inner = _parsed(found, where)
        return lexicon_in(inner, where, found, depth + 1)
    if isinstance(found, list):
        return Lexicon(found, where)
    if not isinstance(found, dict):
        raise UsageError(f"{where} holds neither a list of words nor an object from word to row.")
    reader = _READERS.get(kind) if isinstance(kind := found.get("class_name"), str) else None
    if reader is not None and isinstance(found.get("config"), dict):
        return reader(found["config"], where)
    model = found.get("model")
    if isinstance(model, dict) and isinstance(model.get("vocab"), (dict, list)):
        return _pretrained(found, model, where, text)
    forward = _under(found, _ROWS, where, depth)
    backward = _under(found, _WORDS, where, depth)
    if forward and backward and _rows(forward) != _rows(backward):
        raise UsageError(
            f"{where} has its words twice, and they are not the same; leave one of both out."
        )
    chosen = forward or backward
    return chosen if chosen else Lexicon(_mapping(found, where), where)


def _under(
    found: Mapping[str, Any], names: Sequence[str], where: str, depth: int
) -> Lexicon | None:
    """What stands under one of these names; a word of such a name has a number instead."""
    for name in names:
        if isinstance(found.get(name), (dict, list)):
            return lexicon_in(found[name], where, depth=depth + 1)
    return None


def _rows(lexicon: Lexicon) -> Mapping[Any, Any]:
    words = lexicon.words
    if isinstance(words, Mapping):
        return words
    return {str(word): row for row, word in enumerate(words) if word != ""}


def _mapping(found: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The row of each word, of an object in either direction."""
    numbered = all(re.fullmatch(r"\d{1,9}", row, re.ASCII) for row in found)
    if found and numbered and all(isinstance(word, str) for word in found.values()):
        rows: dict[str, int] = {}
        for row, word in found.items():
            if word != "" and rows.setdefault(word, int(row)) != int(row):
                raise UsageError(
                    f"{where} has {said(word)} for row {rows[word]} and for row {int(row)}; leave "
                    "one of them out."
                )
        return rows
    # Whole numbers as pandas writes them, 3.0, are whole numbers.
    return {
        word: int(row) if isinstance(row, float) and row.is_integer() else row
        for word, row in found.items()
    }


def _keras_tokenizer(config: Mapping[str, Any], where: str) -> Lexicon:
    """The Tokenizer of Keras, whose texts_to_sequences leaves out what it does not know."""
    index = config.get("word_index")
    if isinstance(index, str):
        index = _parsed(index, where)
    if not isinstance(index, dict):
        raise UsageError(f"{where} is a Tokenizer of Keras without a word_index; fit it first.")
    most, oov = config.get("num_words"), config.get("oov_token")
    rows = _mapping(index, where)
    if type(most) is int:
        rows = {word: row for word, row in rows.items() if type(row) is int and row < most}
    told = _told_fields(config, where, {"filters": str, "lower": bool, "split": str})
    each = config.get("char_level") is True
    filters = "" if each else told.get("filters", "")
    lower = told.get("lower", True)
    cutter = Splitting(
        lower=lower,
        filters=filters,
        split="" if each else told.get("split", " "),
        omits_unknown=not isinstance(oov, str),
    )
    how = _how(lower, filters, "characters" if each else "")
    note = f"a text is cut as the Keras Tokenizer of {where} does it{how}"
    return Lexicon(rows, where, cutter, oov if isinstance(oov, str) else None, (note,))


def text_vectorization(
    config: Mapping[str, Any], where: str, words: Sequence[str] | None = None
) -> Lexicon:
    """The TextVectorization of Keras: its configuration, and its words if they are not in it.

    Raises:
        UsageError: it has no words, or cuts a text in a way of the user's own.
    """
    words = config.get("vocabulary") if words is None else words
    if not isinstance(words, list | tuple) or not all(isinstance(one, str) for one in words):
        raise UsageError(f"{where} has a TextVectorization without its words; adapt it first.")
    rule, split = config.get("standardize"), config.get("split")
    rules = ("lower_and_strip_punctuation", "lower", "strip_punctuation", None)
    if rule not in rules or split not in ("whitespace", "character") or config.get("ngrams"):
        raise UsageError(
            f"{where} has a TextVectorization that cuts a text in a way of its own; cut it "
            "yourself, and give a list of tokens."
        )
    if config.get("output_mode", "int") != "int":
        raise UsageError(f"{where} has a TextVectorization that gives no row for each word.")
    if list(words[:2]) != ["", "[UNK]"]:
        words = ["", "[UNK]", *words]
    stripped = _PUNCTUATION if rule in (rules[0], rules[2]) else ""
    lower = rule in rules[:2]
    each = split == "character"
    cutter = Splitting(lower=lower, filters=stripped, removes=True, split="" if each else None)
    how = _how(lower, stripped, "characters" if each else "")
    note = f"a text is cut as the TextVectorization of {where} does it{how}"
    return Lexicon(list(words), where, cutter, "[UNK]", (note,))


_READERS: Mapping[str, Callable[[Mapping[str, Any], str], Lexicon]] = {
    "Tokenizer": _keras_tokenizer,
    "TextVectorization": text_vectorization,
}


def _how(lower: bool, filters: str, what: str) -> str:
    shown = " ".join(filters.split())
    parts = [
        f"into {what}" if what else "",
        "in small letters" if lower else "",
        f"without {shown}" if shown else "",
    ]
    told = ", ".join(part for part in parts if part)
    return f": {told}" if told else ""


def _told_fields(
    config: Mapping[str, Any], where: str, types: Mapping[str, type]
) -> dict[str, Any]:
    """Those of the fields that are there, each of its type."""
    found = {name: config[name] for name in types if config.get(name) is not None}
    for name, value in found.items():
        if not isinstance(value, types[name]):
            raise UsageError(f"{where} is a damaged tokenizer: {name} is {short(repr(value))}.")
    return found


def _pretrained(
    found: Mapping[str, Any], model: Mapping[str, Any], where: str, text: str
) -> Lexicon:
    """A tokenizer.json, whose words are in its model, and what was added to them beside it."""
    vocabulary = model["vocab"]
    if isinstance(vocabulary, list):  # of Unigram: each with how likely it is
        if not all(isinstance(one, list) and one and isinstance(one[0], str) for one in vocabulary):
            raise UsageError(f"{where} is a damaged tokenizer: its vocab is no list of pieces.")
        rows: dict[str, Any] = {one[0]: row for row, one in enumerate(vocabulary)}
    else:
        rows = _mapping(vocabulary, where)
    for one in found.get("added_tokens") or ():
        added = Fields(one, f"{where}: an added token")
        rows[added.text("content")] = added.whole("id")
    unknown = model.get("unk_token")
    if isinstance(model.get("unk_id"), int) and isinstance(vocabulary, list):
        number = model["unk_id"]
        unknown = vocabulary[number][0] if 0 <= number < len(vocabulary) else None
    unknown = unknown if isinstance(unknown, str) and unknown in rows else None
    if model.get("type") == "WordLevel" and found.get("pre_tokenizer") is None:
        note = f"{where} does not say how a text is cut, so it is cut into words and marks"
        return Lexicon(rows, where, None, unknown, (note,))
    cutter = Pretrained(text, unknown, _lowers(found.get("normalizer")))
    kind = model.get("type")
    note = f"a text is cut as {where} says" + (f" ({short(kind)})" if isinstance(kind, str) else "")
    return Lexicon(rows, where, cutter, unknown, (note,))


def _lowers(normalizer: Any, depth: int = 0) -> bool:
    """Whether a normalizer, or one in a row of them, makes capitals small."""
    if not isinstance(normalizer, dict) or depth > _DEEPEST:
        return False
    inner = normalizer.get("normalizers")
    if isinstance(inner, list):
        return any(_lowers(one, depth + 1) for one in inner)
    return normalizer.get("type") == "Lowercase" or normalizer.get("lowercase") is True


_NUMBERED = re.compile(r"(.*\S)[ \t]+(-?\d{1,12}(?:\.\d+)?(?:[eE]-?\d+)?)", re.ASCII)


def _of_lines(lines: Sequence[str], path: Path) -> Lexicon:
    """A word per line, or a word and its row, or a word and how often it was seen."""
    where = str(path)
    found = [_NUMBERED.fullmatch(line) for line in lines]
    if len(lines) > 1 and all(found):
        pairs = [(one[1], float(one[2])) for one in found if one]
        if _are_rows([number for _, number in pairs]):
            return Lexicon(_pairs(pairs, where), where)
        note = f"the number behind each word of {where} is taken for how often it was seen"
        return Lexicon([word for word, _ in pairs], where, told=(note,))
    if "[UNK]" in lines and any(line.startswith("##") for line in lines):
        cased = indexed(tuple(lines)).cased
        note = (
            f"{where} is read as that of WordPiece (BERT)"
            + ("" if cased else ", in small letters, as it has no capital")
            + "; no [CLS] and [SEP] are added: write them into the text, or give tokenizer.json"
        )
        told = (note, *_with_blanks(lines, where))
        return Lexicon(list(lines), where, WordPieces(lower=not cased), "[UNK]", told)
    return Lexicon(list(lines), where, told=_with_blanks(lines, where))


def _with_blanks(lines: Sequence[str], where: str) -> tuple[str, ...]:
    """A note on words with blanks around them: as other readers do, these are kept."""
    known = {*lines}
    blank = [line for line in lines if line.strip() not in known and not line.isspace()]
    if not blank:
        return ()
    are = "word has" if len(blank) == 1 else "words have"
    return (
        f"{len(blank)} {are} blanks before or after in {where}, as in {blank[0][:_SHOWN]!r}, and "
        "would be known with these alone; take them out if they are not meant",
    )


def _of_table(text: str, separator: str, where: str) -> Lexicon:
    """A column of words, with or without one of their rows, and of headings."""
    try:
        rows = [
            row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if row
        ]
    except csv.Error:
        raise UsageError(f"{where} is no table of words; give a word per line as .txt.") from None
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    if len(head) == 1:
        named = head[0] in _HEADS
        note = f"the first line of {where}, '{head[0]}', is taken for a heading"
        words = [row[0] for row in rows[named:]]
        return Lexicon(words, where, told=(note,) if named else ())
    if len(head) == 2 and all(len(row) == 2 for row in rows):
        body = rows if any(_is_row(cell) for cell in head) else rows[1:]
        for word, number in ((0, 1), (1, 0)):
            if body and all(_is_row(row[number]) for row in body):
                pairs = [(row[word], float(row[number])) for row in body]
                if _are_rows([each for _, each in pairs]):
                    return Lexicon(_pairs(pairs, where), where)
    raise UsageError(f"{where} has no column of words with their rows; give JSON from word to row.")


def _is_row(cell: str) -> bool:
    return re.fullmatch(r"\s*\d{1,9}\s*", cell, re.ASCII) is not None


def _are_rows(numbers: Sequence[float]) -> bool:
    """Whether numbers are each row once, from 0 on, or from 1 on in their order."""
    in_order = all(number == k for k, number in enumerate(numbers, start=1))
    return in_order or sorted(numbers) == list(range(len(numbers)))


def _pairs(pairs: Sequence[tuple[str, float]], where: str) -> dict[str, int]:
    return _each_once(where, [(word, int(row)) for word, row in pairs])


def _parsed(text: str, where: str) -> Any:
    """JSON within JSON."""
    try:
        return json.loads(text, object_pairs_hook=partial(_each_once, where))
    except UsageError:
        raise
    except (ValueError, RecursionError):
        raise UsageError(
            f"{where} holds text that is no JSON, where its words should be."
        ) from None


def _each_once(where: str, pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON; Python keeps the last of two values and forgets the first."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(word for word, n in Counter(word for word, _ in pairs).items() if n > 1)
        raise UsageError(f"{where} gives {said(twice)} two rows; leave one out.")
    return found
