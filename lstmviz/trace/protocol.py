"""What a trace has, for the modules that write it down or lay it out as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from lstmviz.style.notation import Notation
from lstmviz.trace.recording import Array, Description, Direction, Recording
from lstmviz.trace.tokens import Kind, Token


class MadeBy(Protocol):
    """A network that computed a trace, as far as the trace needs to know it."""

    @property
    def travels(self) -> bool:
        """Whether another process can have it."""

    def digest(self) -> str:
        """Give a key of its weights."""


class TraceLike(Protocol):
    """The parts of a `Trace`, and the layer that it speaks of."""

    @property
    def tokens(self) -> Sequence[Token]:
        """What stands at each tick of the input."""

    @property
    def kind(self) -> Kind:
        """Whether the input is words, characters, pieces of words or numbers."""

    @property
    def network(self) -> Description:
        """What is told of the network."""

    @property
    def recordings(self) -> Mapping[tuple[int, Direction], Recording]:
        """What each layer computed; layers count from 1."""

    @property
    def output(self) -> Array | None:
        """What the network's readout says, (time, answers)."""

    @property
    def answer(self) -> Array | None:
        """What it says when all has been read, (answers,)."""

    @property
    def shown(self) -> tuple[int, Direction]:
        """The layer that it speaks of."""

    @property
    def skipped(self) -> tuple[int, ...]:
        """The steps of the input, from 0, that are masked and so not in it."""

    @property
    def features(self) -> tuple[str, ...]:
        """What the numbers of the input are called, or none."""

    @property
    def cell(self) -> str:
        """The cell of that layer."""

    @property
    def notation(self) -> Notation:
        """How the readings of that layer are written and drawn."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its readings."""

    @property
    def initial(self) -> Mapping[str, Array]:
        """The states that it starts from."""

    def names_of(self, reading: str) -> tuple[str, ...]:
        """What the entries of a reading are called, or none."""

    def __len__(self) -> int: ...
    def __getitem__(self, name: str) -> Array: ...
