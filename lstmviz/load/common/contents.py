"""What a network's file holds, in the same words whichever framework wrote it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.model.cell import Cell
from lstmviz.engine.model.masks import Mask
from lstmviz.engine.model.network import Direction, Layer, Merge, Weights
from lstmviz.engine.model.readout import Dense, Readout
from lstmviz.errors import UsageError

Array = NDArray[np.floating[Any]]

NOT_RECURRENT = "it has no RNN, LSTM or GRU in it"


@dataclass(frozen=True)
class Tensor:
    """An array of a file by its shape, read when asked for."""

    shape: tuple[int, ...]
    read: Callable[[], NDArray[Any]]


@dataclass(frozen=True)
class Found:
    """One direction of one recurrent layer of a file; its weights are read when asked for."""

    name: str  # in the file
    cell: Cell
    direction: Direction
    inputs: int
    hidden: int
    outputs: int
    read: Callable[[], Weights]
    initial: Mapping[str, Array] = field(default_factory=dict)

    def layer(self) -> Layer:
        """The layer with its weights, all of them finite.

        Raises:
            UsageError: a weight is NaN or infinite, or the shapes do not fit the cell.
        """
        weights = self.read()
        for name, array in [*weights.arrays().items(), *self.initial.items()]:
            finite = np.isfinite(array)
            if not finite.all():
                bad = np.argwhere(~finite)
                one = len(bad) == 1
                what = "NaN" if np.isnan(array[tuple(bad[0])]) else "infinity"
                raise UsageError(
                    f"'{self.name}' has {'a weight' if one else f'{len(bad)} weights'} that "
                    f"{'is' if one else 'are'} not finite{':' if one else ', such as'} {what} in "
                    f"{name}; the network has not learnt, train it again."
                )
        return Layer(self.cell, weights, self.direction, self.initial)


@dataclass(frozen=True)
class Output:
    """What a model makes of a recurrent part at one of its outputs."""

    name: str  # in the file
    told: str  # in words
    read: Callable[[], Readout]
    notes: tuple[str, ...] = ()  # what of it is not run
    alike: tuple[str, ...] = ()  # further outputs that give the same
    choices: tuple[tuple[str, str], ...] = ()  # further ones that choose of it, and what each does


@dataclass(frozen=True)
class Stack:
    """Recurrent layers of a file, each fed by the one before."""

    name: str  # what `part` chooses it by
    levels: tuple[tuple[Found, ...], ...]
    merges: tuple[Merge, ...] = ()
    embedding: str | None = None  # the matrix that feeds it, where the file tells
    assumed: tuple[str, ...] = ()  # what the file does not tell, a sentence each
    length: int | None = None
    mask: Mask | None = None  # which steps of what comes in are passed over
    answers: tuple[Output, ...] = ()  # what follows it, where the file tells
    unread: str = ""  # why what follows cannot be read
    where: str = ""  # when the model runs it: "in the branch of 'If' that is taken where …"
    fed_by: str | None = None  # the layer before it, "" if there is none; None: not told

    @property
    def last(self) -> str:
        """The name of its last layer."""
        return self.levels[-1][-1].name

    @property
    def each_merge(self) -> tuple[Merge, ...]:
        """How the directions of each level become one output."""
        default: Merge = "concat"
        return self.merges or (default,) * len(self.levels)

    @property
    def inputs(self) -> int:
        """The number of values that come in at each tick."""
        return self.levels[0][0].inputs

    @property
    def outputs(self) -> int:
        """The number of values that go out at each tick."""
        level = self.levels[-1]
        concat = self.each_merge[-1] == "concat"
        return sum(found.outputs for found in level) if concat else level[0].outputs


@dataclass(frozen=True)
class Matrix:
    """A matrix of a file that may be an embedding, a row per word."""

    name: str
    rows: int
    width: int
    read: Callable[[], Array]
    sure: bool = False  # whether the file says that it is an embedding


@dataclass(frozen=True)
class Head:
    """A dense layer of a file that may give the answer; PyTorch's files do not tell what does."""

    name: str
    inputs: int
    answers: int
    read: Callable[[], Dense]
    sure: bool = True  # whether it looks like one; others are taken where they are asked for


@dataclass(frozen=True)
class Chain:
    """Dense layers of a file with the functions between them, where the file tells these."""

    name: str  # of what holds them
    heads: tuple[Head, ...]
    reads: tuple[Callable[[], Dense], ...] = ()  # each with its function
    told: str = ""  # in words
    problem: str = ""  # what in it is not understood, if anything is


@dataclass(frozen=True)
class Contents:
    """All that matters of a file: what can be run, what may feed it, what cannot be used."""

    format: str  # "PyTorch state dict"
    stacks: tuple[Stack, ...]
    matrices: tuple[Matrix, ...] = ()
    unusable: tuple[str, ...] = ()  # a sentence each, with the reason
    vocabulary: tuple[str, ...] | None = None
    vectorization: Mapping[str, Any] | None = None  # how Keras's TextVectorization is configured
    heads: tuple[Head, ...] = ()  # in the order of the file
    chains: tuple[Chain, ...] = ()  # some of these one after the other
    norms: tuple[tuple[str, int | None], ...] = ()  # normalisations without arrays, their widths
    labels: tuple[str, ...] = ()  # what the answers are called
    inner: tuple[Stack, ...] = ()  # single layers of stacks, which only their names choose
    arrays: Mapping[str, Tensor] = field(default_factory=dict)  # by name, where layers may be any


def reordered(array: Array, have: str, want: tuple[str, ...]) -> Array:
    """The blocks of rows of each gate, from the order of the file to that of the cell."""
    blocks = dict(zip(have.split(), np.split(array, len(have.split())), strict=True))
    return np.concatenate([blocks[gate] for gate in want])


def real(array: NDArray[Any], name: str) -> Array:
    """The array in float32 or float64.

    Raises:
        UsageError: its values are not real numbers.
    """
    if array.dtype.kind not in "fiub":
        raise UsageError(f"'{name}' holds {array.dtype} values; weights are real numbers.")
    kept = array.dtype if array.dtype in (np.float32, np.float64) else np.dtype(np.float32)
    return array.astype(kept, copy=False)


def from_bfloat16(bits: NDArray[np.uint16]) -> Array:
    """The float32 values whose upper halves are given; NumPy has no bfloat16."""
    return (bits.astype(np.uint32) << 16).view(np.float32)


def listed(names: list[str] | tuple[str, ...], most: int = 8) -> str:
    """Names for a sentence, some of them when there are many."""
    return ", ".join(names[:most]) + (f", … ({len(names)} in all)" if len(names) > most else "")
