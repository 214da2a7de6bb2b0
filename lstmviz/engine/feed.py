"""What goes into a network: the rows that it reads at each tick, and what stands there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lstmviz.engine.cell import Cell
from lstmviz.engine.inputs import as_numbers
from lstmviz.engine.layers import Rows
from lstmviz.engine.network import Network, seeded
from lstmviz.engine.words import distinct, look_up, tokenise
from lstmviz.errors import UsageError
from lstmviz.tokens import Steps, Token, tokens_of, unknown_words

Array = NDArray[np.floating[Any]]
Given = list[str] | Array  # words, or numbers (time, features)

_MOST = 4  # unknown words that are named
WORD_VALUES = 4  # length of a word's vector in an untrained network


@dataclass(frozen=True)
class Feed:
    """One input as a network reads it."""

    rows: Rows  # (time, inputs)
    tokens: Sequence[Token]
    kind: Literal["words", "numbers"]
    notes: tuple[str, ...] = ()  # what was left out or is unknown, a sentence each


def taken(input: str | ArrayLike, network: Network | None = None) -> Given:
    """An input as words, cut for the vocabulary of a network, or as numbers (time, features).

    Raises:
        UsageError: it is empty, or holds something that is no finite number.
    """
    if not isinstance(input, str):
        return as_numbers(input)
    return tokenise(input, (network and network.vocabulary) or ())


def network_for(
    inputs: Sequence[Given], cell: Cell, hidden: int | None, seed: int | None
) -> Network:
    """The network for inputs that came without one: trained for words, or of random weights.

    Raises:
        UsageError: a size is below 1 or the seed below 0.
    """
    numbers = [given for given in inputs if not isinstance(given, list)]
    sizes = (4 if hidden is None else hidden), (0 if seed is None else seed)
    if numbers:
        return seeded(cell, numbers[0].shape[1], *sizes)
    trained = files("lstmviz.engine.demo") / f"{cell.name}.npz"
    if hidden is None and seed is None and trained.is_file():
        # Imported here: the demo networks are made with what runs one.
        from lstmviz.engine.demo import demo_network

        return demo_network(cell.name)
    words = distinct([word for given in inputs if isinstance(given, list) for word in given])
    return seeded(cell, WORD_VALUES, *sizes, vocabulary=words)


def feed(given: Given, network: Network) -> Feed:
    """An input as that network reads it.

    Raises:
        UsageError: the network does not read such an input.
    """
    made = _of_words(given, network) if isinstance(given, list) else _of_numbers(given, network)
    length, count, notes = network.length, len(made.rows), made.notes
    if length is not None and length < count:
        note = f"the network reads {length} of the {count} ticks"
        made = Feed(made.rows[:length], made.tokens[:length], made.kind, (*notes, note))
    missing = unknown_words(made.tokens)
    if missing is None:
        return made
    count, total = missing
    verb = "is" if count == 1 else "are"
    some = list(dict.fromkeys(token.text for token in made.tokens if not token.known))
    listed = ", ".join(some[:_MOST]) + (", …" if len(some) > _MOST else "")
    note = f"{count} of {total} words {verb} unknown to this network: {listed}"
    return replace(made, notes=(*made.notes, note))


class _Embedded:
    """The vectors of words, (time, inputs), looked up where they are asked for."""

    def __init__(self, embedding: Array, rows: NDArray[np.int64]) -> None:
        self._embedding, self._rows = embedding, rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, ticks: slice, /) -> Array:
        found: Array = self._embedding[self._rows[ticks]]
        return found


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


def _of_numbers(numbers: Array, network: Network) -> Feed:
    ticks, features = numbers.shape
    if network.embedding is not None and features == 1 != network.inputs:
        rows = _embedding_rows(numbers[:, 0], len(network.embedding))
        tokens: Sequence[Token] = Steps(ticks, _own(numbers[:, 0]))
        if network.vocabulary is not None:
            words = (network.vocabulary[row] for row in rows.tolist())
            tokens = tokens_of((w or f"{row}", True) for w, row in zip(words, rows, strict=True))
        note = f"the numbers are taken for rows of the embedding: {rows[0]} for '{tokens[0].text}'"
        return Feed(_Embedded(network.embedding, rows), tokens, "numbers", (note,))
    if features != network.inputs:
        raise UsageError(
            f"The input has {features} features at each tick, but the network takes "
            f"{network.inputs}; give (time, {network.inputs})."
        )
    return Feed(numbers, Steps(ticks, _own(numbers[:, 0]) if features == 1 else None), "numbers")


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
