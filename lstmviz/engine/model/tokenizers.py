"""How a text is cut where words and punctuation are not what a network was trained on.

A network carries one of these values, or none: then `inputs.tokenise` cuts its sentences.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

from lstmviz.engine.model.pretrained import encoded
from lstmviz.errors import UsageError
from lstmviz.system.clusters import clusters
from lstmviz.trace.tokens import Kind

UNKNOWN = "<unk>"
UNKNOWNS = (UNKNOWN, "[UNK]", "<UNK>", "[unk]", "<oov>", "<OOV>", "[OOV]", "UNK")  # elsewhere
CONTINUES = "·"  # before a piece that goes on with the word before it: slow ·ly

_SPECIAL = re.compile(r"<.+>|\[.+\]|\{.+\}|\|.+\||__.+__", re.DOTALL)  # [SEP], __eou__
_LONGEST = 100  # letters of a word that BERT still cuts into pieces


class Piece(NamedTuple):
    """A token of a text: as it is shown, and its row; None where the vocabulary has none."""

    text: str
    row: int | None


@dataclass(frozen=True)
class Tokenizer:
    """How a text becomes tokens; each kind of it is a class below."""

    kind: ClassVar[str]  # by which a network's file calls it

    @property
    def unit(self) -> Kind:
        """What its tokens are called: words, characters, or tokens where they are pieces."""
        return "words"

    @property
    def omits(self) -> bool:
        """Whether it leaves out what its vocabulary does not have."""
        return False

    def cut(self, text: str, vocabulary: tuple[str, ...]) -> list[Piece]:
        """The tokens of a text, in their order, each with its row in the vocabulary.

        Raises:
            UsageError: the library that this takes is missing, or cannot cut the text.
        """
        raise NotImplementedError

    def folds(self, text: str, vocabulary: tuple[str, ...]) -> bool:
        """Whether capitals of this text are read as small letters."""
        plain = indexed(vocabulary).special.sub("", text)
        return bool(getattr(self, "lower", False)) and plain != plain.lower()

    def shown(self, word: str) -> str:
        """A word of the vocabulary as it is shown."""
        return word

    def described(self) -> dict[str, Any]:
        """What a network's file holds of it; `tokenizer_of` reads it."""
        return {"kind": self.kind, **asdict(self)}


@dataclass(frozen=True)
class Characters(Tokenizer):
    """Each character is a token, blanks and line ends among them; special tokens stay whole.

    A character is what people see as one (é, 👍🏽) where the vocabulary has that, and its code
    points where it has these. Case is folded where the vocabulary has no capital.
    """

    kind = "characters"

    @property
    def unit(self) -> Kind:
        """Its tokens are characters."""
        return "characters"

    def cut(self, text: str, vocabulary: tuple[str, ...]) -> list[Piece]:
        """Each character of a text with its row."""
        index = indexed(vocabulary)
        # Texts for training are read with line ends of one kind, and without a byte-order mark.
        for odd, usual in (("\r\n", "\n"), ("\ufeff", "")):
            text = text if odd[0] in index.rows else text.replace(odd, usual)
        return index.around_special(
            text, lambda part: [one for each in clusters(part) for one in index.characters(each)]
        )

    def folds(self, text: str, vocabulary: tuple[str, ...]) -> bool:
        """Whether a capital of this text is read as a small letter."""
        index = indexed(vocabulary)
        return not index.cased and any(
            c != c.lower() and c not in index.rows and c.lower() in index.rows for c in {*text}
        )


@dataclass(frozen=True)
class Splitting(Tokenizer):
    """What is between separators is a token: a Tokenizer or a TextVectorization of Keras."""

    kind = "splitting"

    lower: bool = True  # capitals become small letters
    filters: str = ""  # characters that go
    removes: bool = False  # they go without a trace; else they part words, as separators do
    split: str | None = " "  # the separator; None: any blank; "": every character is a token
    omits_unknown: bool = False  # what the vocabulary does not have is left out

    @property
    def unit(self) -> Kind:
        """Its tokens are words, or characters."""
        return "characters" if self.split == "" else "words"

    @property
    def omits(self) -> bool:
        """Whether it leaves out what its vocabulary does not have."""
        return self.omits_unknown

    def cut(self, text: str, vocabulary: tuple[str, ...]) -> list[Piece]:
        """What is between the separators, each with its row."""
        text = text.lower() if self.lower else text
        between = "" if self.removes else self.split or " "
        text = text.translate({ord(character): between for character in self.filters})
        parts = list(text) if self.split == "" else text.split(self.split)
        rows = indexed(vocabulary).rows
        return [Piece(part, rows.get(part)) for part in parts if part]


@dataclass(frozen=True)
class WordPieces(Tokenizer):
    """Words and marks, cut into the longest pieces that there are, as BERT does: slow ##ly."""

    kind = "wordpieces"

    lower: bool = False  # capitals become small letters, and accents go

    @property
    def unit(self) -> Kind:
        """Its tokens are pieces of words."""
        return "tokens"

    def cut(self, text: str, vocabulary: tuple[str, ...]) -> list[Piece]:
        """The pieces of all words; a word that cannot be made of pieces is unknown."""
        index = indexed(vocabulary)
        return index.around_special(
            text,
            lambda part: [one for word in _basic(part) for one in self._pieces(word, index.rows)],
        )

    def _pieces(self, word: str, rows: Mapping[str, int]) -> list[Piece]:
        plain, found, start = word, list[Piece](), 0
        if self.lower:
            apart = unicodedata.normalize("NFD", word.lower())
            plain = "".join(c for c in apart if unicodedata.category(c) != "Mn")
        while start < len(plain) <= _LONGEST:
            before, mark = ("##", CONTINUES) if start else ("", "")
            end = len(plain)
            while end > start and before + plain[start:end] not in rows:
                end -= 1
            if end == start:
                break
            found.append(Piece(mark + plain[start:end], rows[before + plain[start:end]]))
            start = end
        return found if found and start == len(plain) else [Piece(word, None)]

    def shown(self, word: str) -> str:
        """A piece as it is shown: ·ly for ##ly."""
        return CONTINUES + word[2:] if word.startswith("##") and len(word) > 2 else word


@dataclass(frozen=True)
class Pretrained(Tokenizer):
    """A `tokenizer.json`, used by the library `tokenizers` that wrote it."""

    kind = "tokenizer.json"

    json: str = ""
    unknown: str | None = None  # the token that stands for what it does not have
    lower: bool = False  # whether it makes capitals small

    @property
    def unit(self) -> Kind:
        """Its tokens may be pieces of words."""
        return "tokens"

    def cut(self, text: str, vocabulary: tuple[str, ...]) -> list[Piece]:
        """What the library makes of a text, the start and end that it adds among them."""
        spare = indexed(vocabulary).rows.get(self.unknown or "")
        found: list[Piece] = []
        for token in encoded(self.json, text):
            missing = token.row == spare and token.text != self.unknown
            mark = CONTINUES if token.continues else ""
            found.append(Piece(mark + token.text, None if missing else token.row))
        return found

    def shown(self, word: str) -> str:
        """A piece as it is shown, without the signs of its place in a word."""
        bare = re.sub("^[▁Ġ]+", "", word).removesuffix("</w>")
        return WordPieces().shown(bare or word)


KINDS: Mapping[str, type[Tokenizer]] = {
    each.kind: each for each in (Characters, Splitting, WordPieces, Pretrained)
}


def tokenizer_of(told: Mapping[str, Any]) -> Tokenizer:
    """The tokenizer that `described` wrote down.

    Raises:
        UsageError: there is no such kind, or a field is of another type.
    """
    given = dict(told)
    kind = given.pop("kind", None)
    made = KINDS.get(kind) if isinstance(kind, str) else None
    if made is None:
        raise UsageError(f"there is no kind of tokenizer {kind!r}")
    usual = asdict(made())
    for name, value in given.items():
        wanted = (str, type(None)) if name in ("split", "unknown") else (type(usual.get(name)),)
        if name not in {field.name for field in fields(made)} or not isinstance(value, wanted):
            raise UsageError(f"a tokenizer has no such {name}")
    return made(**given)


def is_special(token: str) -> bool:
    """Whether a token looks like none that stands in a text: `</s>`, `[SEP]`, `__eou__`."""
    return _SPECIAL.fullmatch(token) is not None


@dataclass(frozen=True)
class Index:
    """The rows of a vocabulary's words, and what follows from all of them."""

    rows: Mapping[str, int]  # the first of each word
    cased: bool  # whether a word has a capital; special tokens aside
    special: re.Pattern[str]  # finds special tokens, the longest first, in a group

    def around_special(self, text: str, cut: Callable[[str], list[Piece]]) -> list[Piece]:
        """A text that is cut so, but for its special tokens, which stay whole."""
        found: list[Piece] = []
        for number, part in enumerate(self.special.split(text)):
            found += [Piece(part, self.rows[part])] if number % 2 else cut(part)
        return found

    def characters(self, cluster: str) -> list[Piece]:
        """One visible character as the vocabulary has it: whole, or as its code points."""
        small = () if self.cased else (cluster.lower(),)
        forms = [
            unicodedata.normalize(form, way)
            for way in (cluster, *small)
            for form in ("NFC", "NFD")  # é is one code point, or e and an accent
        ]
        for form in (cluster, *forms):
            if form in self.rows:
                return [Piece(cluster, self.rows[form])]
        for form in (cluster, *forms):
            if all(point in self.rows for point in form):
                return [Piece(point, self.rows[point]) for point in form]
        return [Piece(cluster, None)]


@lru_cache(maxsize=4)
def indexed(vocabulary: tuple[str, ...]) -> Index:
    """The index of a vocabulary, kept for the next text of the same network."""
    rows = {word: row for row, word in reversed(list(enumerate(vocabulary))) if word}
    special = sorted(filter(is_special, rows), key=len, reverse=True)
    # Without special tokens nothing is found: no text has a place where this holds.
    pattern = "|".join(map(re.escape, special)) or r"(?!)"
    cased = any(w != w.lower() and w not in UNKNOWNS and not is_special(w) for w in rows)
    return Index(rows, cased, re.compile(f"({pattern})"))


def of_characters(words: Sequence[str]) -> bool:
    """Whether all words of a vocabulary, special tokens aside, are single characters."""
    names = [word for word in words if word and not is_special(word) and word not in UNKNOWNS]
    return bool(names) and all(len(word) < 12 and _is_one(word) for word in names)


def _is_one(word: str) -> bool:
    return len(word) == 1 or len(list(clusters(word))) == 1


def _basic(text: str) -> Iterator[str]:
    """Words and marks as BERT cuts them: each mark is one, and each ideograph."""
    word = ""
    for character in text:
        kind = unicodedata.category(character)
        point = ord(character)
        mark = kind[0] == "P" or (33 <= point <= 126 and not character.isalnum())
        ideograph = 0x3400 <= point <= 0x9FFF or 0xF900 <= point <= 0xFAFF or point >= 0x20000
        blank = character.isspace() or kind in ("Cc", "Cf")
        if mark or ideograph or blank:
            if word:
                yield word
            word = ""
            if not blank:
                yield character
        else:
            word += character
    if word:
        yield word
