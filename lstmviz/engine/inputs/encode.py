"""What goes into a network: the rows that it reads at each tick, and what stands there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lstmviz.engine.forward.layers import Rows
from lstmviz.engine.inputs.frames import is_frame, series_of_frame
from lstmviz.engine.inputs.read import as_numbers
from lstmviz.engine.inputs.series import Series
from lstmviz.engine.inputs.tokenise import look_up, tokenise
from lstmviz.engine.model.masks import Mask
from lstmviz.engine.model.network import Network
from lstmviz.errors import UsageError, brief
from lstmviz.trace.tokens import Steps, Token, tokens_of, unknown_words

Array = NDArray[np.floating[Any]]
Given = list[str] | Array | Series  # words, or numbers (time, features)

_MOST = 4  # unknown words that are named
AT_ONCE = 2**14  # steps that are looked through at a time for those that are masked


@dataclass(frozen=True)
class Feed:
    """One input as a network reads it."""

    rows: Rows  # (time, inputs)
    tokens: Sequence[Token]
    kind: Literal["words", "numbers"]
    notes: tuple[str, ...] = ()  # what was left out or is unknown, a sentence each
    skipped: tuple[int, ...] = ()  # the steps that are masked, from 0; the rows are without them
    features: tuple[str, ...] = ()  # what the columns of numbers are called, or none


def taken(input: str | ArrayLike, network: Network | None = None) -> Given:
    """An input as words, cut for the vocabulary of a network, or as numbers (time, features).

    Raises:
        UsageError: it is empty, or holds something that is no finite number.
    """
    if is_frame(input):
        return series_of_frame(input)
    if isinstance(input, Series):
        return replace(input, values=as_numbers(input.values))
    if not isinstance(input, str):
        return as_numbers(input)
    return tokenise(input, (network and network.vocabulary) or ())


def feed(given: Given, network: Network) -> Feed:
    """An input as that network reads it.

    Raises:
        UsageError: the network does not read such an input.
    """
    made = _of_words(given, network) if isinstance(given, list) else _of_numbers(given, network)
    length, count = network.length, len(made.rows)
    if length is not None and length < count:
        note = f"the network reads {length} of the {count} ticks"
        made = replace(
            made,
            rows=made.rows[:length],
            tokens=_some(made.tokens, range(length)),
            notes=(*made.notes, note),
        )
    if network.mask is not None:
        made = _unmasked(made, network, network.mask)
    return _with_unknown(made)


def _with_unknown(made: Feed) -> Feed:
    """The input with a note where few of its words are known to the network, or none."""
    missing = unknown_words(made.tokens)
    if missing is None:
        return made
    count, total = missing
    verb = "is" if count == 1 else "are"
    some = list(dict.fromkeys(token.text for token in made.tokens if not token.known))
    listed = ", ".join(some[:_MOST]) + (", …" if len(some) > _MOST else "")
    note = f"{count} of {total} words {verb} unknown to this network: {listed}"
    return replace(made, notes=(*made.notes, note))


def _unmasked(whole: Feed, network: Network, mask: Mask) -> Feed:
    """The steps that the network does not pass over, each still called as it was.

    To carry every state over a step, in either direction, is to leave the step out.
    """
    dtype, masked = network.layers[0][0].weights.W.dtype, np.zeros(len(whole.rows), np.bool_)
    for start in range(0, len(masked), AT_ONCE):
        ticks = slice(start, start + AT_ONCE)
        if mask.of == "values":
            masked[ticks] = mask.masked(whole.rows[ticks], dtype)
        elif isinstance(whole.rows, _Embedded):  # not the vectors themselves, given as numbers
            masked[ticks] = mask.masked(whole.rows.places[ticks], dtype)
    skipped, count = np.flatnonzero(masked), len(masked)
    if not len(skipped):
        return whole
    if len(skipped) == count:
        raise UsageError(
            f"The network passes over all of the {count} steps, as they are masked ({mask}); give "
            "at least one that is not."
        )
    places = np.flatnonzero(~masked)
    told = f"{len(skipped)} of the {count} steps {'is' if len(skipped) == 1 else 'are'} masked"
    return replace(
        whole,
        rows=_Some(whole.rows, places),
        tokens=_some(whole.tokens, places.tolist()),
        notes=(*whole.notes, f"{told} ({mask}) and passed over, as Keras does"),
        skipped=tuple(skipped.tolist()),
    )


def _some(tokens: Sequence[Token], places: Sequence[int]) -> Sequence[Token]:
    if isinstance(tokens, Steps) and tokens.times:
        return Steps(len(places), times=[tokens.times[place] for place in places])
    return tuple(tokens[place] for place in places)


class _Embedded:
    """The vectors of words, (time, inputs), looked up where they are asked for."""

    def __init__(self, embedding: Array, places: NDArray[np.int64]) -> None:
        self._embedding, self.places = embedding, places

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, ticks: slice, /) -> Array:
        found: Array = self._embedding[self.places[ticks]]
        return found


class _Some:
    """Some of the rows, (time, inputs), read where they are asked for."""

    def __init__(self, rows: Rows, places: NDArray[np.int64]) -> None:
        self._rows, self._places = rows, places

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, ticks: slice, /) -> Array:
        places = self._places[ticks]
        first, last = (int(places[0]), int(places[-1])) if len(places) else (0, -1)
        return self._rows[first : last + 1][places - first]


def _of_words(words: list[str], network: Network) -> Feed:
    if network.embedding is None:
        raise UsageError("The network reads numbers, not words; give numbers or another network.")
    if network.vocabulary is None:
        raise UsageError(
            f"The network has an embedding of {len(network.embedding)} rows but no vocabulary; "
            "pass one with a word for each row, as JSON or as text with a word per line."
        )
    rows, known = look_up(words, network.vocabulary, network.unknown)
    tokens = tokens_of(zip(words, known, strict=True))
    return Feed(_Embedded(network.embedding, np.array(rows, np.int64)), tokens, "words")


def _of_numbers(given: Array | Series, network: Network) -> Feed:
    series = given if isinstance(given, Series) else Series(given)
    numbers = series.values
    ticks, features = numbers.shape
    if network.embedding is not None and features == 1 != network.inputs:
        rows = _embedding_rows(numbers[:, 0], len(network.embedding))
        tokens: Sequence[Token] = Steps(ticks, _own(numbers[:, 0]), series.times)
        if network.vocabulary is not None:
            words = (network.vocabulary[row] for row in rows.tolist())
            tokens = tokens_of((w or f"{row}", True) for w, row in zip(words, rows, strict=True))
        note = f"the numbers are taken for rows of the embedding: {rows[0]} for '{tokens[0].text}'"
        return Feed(_Embedded(network.embedding, rows), tokens, "numbers", (*series.notes, note))
    if features != network.inputs:
        named = f" ({brief(', '.join(series.features), 100)})" if series.features else ""
        raise UsageError(
            f"The input has {features} features{named} at each tick, but the network takes "
            f"{network.inputs}; give (time, {network.inputs})"
            f"{', or choose some with columns=' if features > network.inputs else ''}."
        )
    own = _own(numbers[:, 0]) if features == 1 and not series.times else None
    steps = Steps(ticks, own, series.times)
    return Feed(numbers, steps, "numbers", series.notes, features=series.features)


def _own(numbers: Array) -> Array:
    """Numbers that nobody else can change: a copy, unless they stand in a mapped file."""
    base: Any = numbers
    while base is not None and not isinstance(base, np.memmap):
        base = getattr(base, "base", None)
    return numbers if isinstance(base, np.memmap) and base.mode == "r" else np.array(numbers)


def _embedding_rows(numbers: Array, count: int) -> NDArray[np.int64]:
    """The embedding's rows that are meant by numbers, checked."""
    rows = numbers.astype(np.int64)
    bad = (rows != numbers) | (rows < 0) | (rows >= count)
    if bad.any():
        raise UsageError(
            f"The network's embedding has the rows 0 to {count - 1}, but tick "
            f"{int(np.argmax(bad))} asks for {numbers[bad][0]:g}; give words or numbers of rows."
        )
    return rows
