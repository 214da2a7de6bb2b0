"""An input as a network reads it: rows that are looked up where they are asked for, and tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.forward.layers import Rows
from lstmviz.engine.model.network import Network
from lstmviz.trace.tokens import Kind, Steps, Token

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Feed:
    """One input as a network reads it."""

    rows: Rows  # (time, inputs)
    tokens: Sequence[Token]
    kind: Kind
    notes: tuple[str, ...] = ()  # what was left out or is unknown, a sentence each
    skipped: tuple[int, ...] = ()  # the steps that are masked, from 0; the rows are without them
    features: tuple[str, ...] = ()  # what the columns of numbers are called, or none
    folded: bool = False  # whether a capital was read as a small letter


class Looked:
    """The vectors of tokens, (time, inputs), looked up where they are asked for.

    Without an embedding they are one-hot: never a matrix of all of them.
    """

    def __init__(self, network: Network, places: NDArray[np.int64]) -> None:
        self._network, self.places = network, places

    def __len__(self) -> int:
        return len(self.places)

    @property
    def are_one_hot(self) -> bool:
        """Whether each vector has a single one, and zeros beside it."""
        return self._network.embedding is None and self._network.inputs > 1

    def at(self, places: NDArray[np.int64] | slice) -> Looked:
        """Some of them."""
        return Looked(self._network, self.places[places])

    def between(self, row: int, before: int, after: int) -> Looked:
        """These, with a row of the vocabulary so many times before and after them."""
        return Looked(self._network, np.pad(self.places, (before, after), constant_values=row))

    def __getitem__(self, ticks: slice, /) -> Array:
        places, embedding = self.places[ticks], self._network.embedding
        if embedding is not None:
            return embedding[places]
        one_hot: Array = np.zeros((len(places), self._network.inputs))
        one_hot[np.arange(len(places)), places] = 1
        return one_hot


class Some:
    """Some of the rows, (time, inputs), read where they are asked for."""

    def __init__(self, rows: Rows, places: NDArray[np.int64]) -> None:
        self._rows, self._places = rows, places

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, ticks: slice, /) -> Array:
        places = self._places[ticks]
        first, last = (int(places[0]), int(places[-1])) if len(places) else (0, -1)
        return self._rows[first : last + 1][places - first]


def some_tokens(tokens: Sequence[Token], places: Sequence[int]) -> Sequence[Token]:
    """What stands at some of the steps."""
    if isinstance(tokens, Steps) and tokens.times:
        return Steps(len(places), times=[tokens.times[place] for place in places])
    return tuple(tokens[place] for place in places)
