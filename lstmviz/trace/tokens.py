"""Tokens: what stands at each tick of an input, its words, or its numbers as they are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Kind = Literal["words", "numbers", "characters", "tokens"]  # tokens: pieces of words
UNITS: Mapping[Kind, str] = MappingProxyType(  # what one of them is called
    {"words": "word", "numbers": "step", "characters": "character", "tokens": "token"}
)
PADS = ("<pad>", "[PAD]", "<PAD>", "[pad]", "PAD", "<blank>")  # a vocabulary's names of padding
PAD = PADS[0]


@dataclass(frozen=True)
class Token:
    """What stands at one tick of the input, and whether the network knows it."""

    text: str
    known: bool = True


class Steps(Sequence[Token]):
    """The tokens of numbers, written when they are asked for, so that a long input stays small.

    The `times` (time,) of the ticks are written, or else `numbers` (time,), as they are; without
    either a tick is written as its number.
    """

    __slots__ = ("_count", "_numbers", "_times")

    def __init__(self, count: int, numbers: Array | None = None, times: Sequence[str] = ()) -> None:
        self._count = count
        self._numbers = numbers
        self._times = tuple(times)

    @property
    def numbers(self) -> Array | None:
        """The numbers (time,) that are written, or None."""
        return self._numbers

    @property
    def times(self) -> tuple[str, ...]:
        """The times (time,) that are written, or none."""
        return self._times

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, where: int) -> Token: ...
    @overload
    def __getitem__(self, where: slice) -> tuple[Token, ...]: ...
    def __getitem__(self, where: int | slice) -> Token | tuple[Token, ...]:
        ticks = range(self._count)[where]
        if isinstance(ticks, range):
            return tuple(self._token(tick) for tick in ticks)
        return self._token(ticks)

    def __iter__(self) -> Iterator[Token]:
        return (self._token(tick) for tick in range(self._count))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Steps | tuple):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = [*map(repr, self[:3]), *(["…"] if len(self) > 3 else [])]
        return f"<{len(self)} steps: {', '.join(shown)}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Steps, (self._count, self._numbers, self._times)

    def _token(self, tick: int) -> Token:
        if self._times:
            return Token(self._times[tick])
        return Token(f"t={tick + 1}" if self._numbers is None else f"{self._numbers[tick] + 0.0:g}")


def tokens_of(pairs: Iterable[tuple[str, bool]]) -> tuple[Token, ...]:
    """The tokens of words and whether they are known; equal ones are one object."""
    seen: dict[tuple[str, bool], Token] = {}
    return tuple(seen.get(pair) or seen.setdefault(pair, Token(*pair)) for pair in pairs)


def folded(word: str) -> str:
    """The form in which words are alike: neither the case nor the form of an apostrophe matters."""
    return word.replace("’", "'").casefold()


def words_of(tokens: Sequence[Token], most: int = 400) -> tuple[str, ...]:
    """The first words, which tell how the text is written; of numbers there are none."""
    return () if isinstance(tokens, Steps) else tuple(token.text for token in tokens[:most])


def inside_padding(tokens: Sequence[Token]) -> range:
    """The ticks between the padding at both ends: all where there is nothing else."""
    if isinstance(tokens, Steps):
        return range(len(tokens))
    real = [tick for tick, token in enumerate(tokens) if token.text not in PADS]
    return range(real[0], real[-1] + 1) if real else range(len(tokens))


def counted_as(tokens: Sequence[Token], kind: Kind) -> str:
    """What the ticks are counted as: words or the like, or steps where some are padding."""
    return UNITS[kind if len(inside_padding(tokens)) == len(tokens) else "numbers"]


def unknown_words(tokens: Sequence[Token]) -> tuple[int, int] | None:
    """How many words the network does not know, of how many, if these are half of them or more.

    Punctuation is not counted, nor is padding and what stands in angle or square brackets.
    """
    if isinstance(tokens, Steps):
        return None
    inside = inside_padding(tokens)
    words = [token for token in tokens[inside.start : inside.stop] if is_word(token.text)]
    unknown = sum(not token.known for token in words)
    return (unknown, len(words)) if unknown and 2 * unknown >= len(words) else None


def is_word(text: str) -> bool:
    """Whether a token is counted among the words: neither a mark nor a special token."""
    return text[:1] not in "<[" and any(character.isalnum() for character in text)
