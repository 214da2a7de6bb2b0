"""What follows the recurrent layers: from their outputs to the network's answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lstmviz.engine.model.activations import Activation
from lstmviz.errors import UsageError

Array = NDArray[np.floating[Any]]
Pooling = Literal["each", "last", "mean", "max", "sum"]

_OF_SEVERAL = ("softmax", "log_softmax")


@dataclass(frozen=True, eq=False)
class Dense:
    """A dense layer: activation(W·v + b).

    Raises:
        UsageError: the shapes do not fit each other.
    """

    W: Array  # (answers, inputs)
    b: Array  # (answers,)
    activation: Activation = field(default_factory=lambda: Activation("linear"))
    name: str = ""  # in the file that it comes from

    def __post_init__(self) -> None:
        object.__setattr__(self, "W", read_only(self.W))
        object.__setattr__(self, "b", read_only(self.b))
        if self.W.ndim != 2 or not self.W.size or self.b.shape != (len(self.W),):
            raise UsageError(
                f"A dense layer has the shapes {self.W.shape} and {self.b.shape}; it needs "
                "(answers, inputs) and (answers,)."
            )

    @property
    def inputs(self) -> int:
        """The number of values that come in."""
        return int(self.W.shape[1])

    def __str__(self) -> str:
        function = "" if self.activation.name == "linear" else f", {self.activation}"
        return f"dense {self.inputs} → {len(self.b)}{function}"


@dataclass(frozen=True, eq=False)
class Readout:
    """Dense layers over what the last recurrent layer gives, pooled over time before them.

    `pooling` is what they read at a tick: that tick's output ("each"), which is also what
    networks read that look at the last one alone ("last": of a layer that reads both ways, its
    backward part as it is when it has read everything), or the mean, maximum or sum of all
    outputs so far. So there is an answer after each tick, and the last of them is the network's.

    Raises:
        UsageError: the layers do not fit each other, or there is not a label for each answer.
    """

    dense: tuple[Dense, ...]
    pooling: Pooling = "each"
    labels: tuple[str, ...] = ()  # what the answers are called
    log_odds: bool = False  # whether its one answer is the log odds of a probability

    def __post_init__(self) -> None:
        object.__setattr__(self, "dense", tuple(self.dense))
        object.__setattr__(self, "labels", tuple(self.labels))
        if not self.dense:
            raise UsageError("A readout needs a dense layer.")
        if self.pooling not in get_args(Pooling):
            raise UsageError(
                f"A readout pools by {', '.join(get_args(Pooling))}, not by {self.pooling!r}."
            )
        width = self.inputs
        for layer in self.dense:
            if layer.inputs != width:
                raise UsageError(f"A dense layer takes {layer.inputs} values, but {width} come in.")
            width = len(layer.b)
        if self.labels and len(self.labels) != (2 if self.of_two else self.answers):
            raise UsageError(
                f"There are {len(self.labels)} labels, but {self.answers} "
                f"answer{'s' * (self.answers > 1)}; name each"
                + (", or for one probability both sides." if self.of_two else ".")
            )

    @classmethod
    def of(cls, given: Readout | tuple[ArrayLike, ArrayLike]) -> Readout:
        """The readout, or that of a matrix (answers, outputs) and a bias (answers,).

        A single answer of the latter is the log odds of a probability.
        """
        if isinstance(given, Readout):
            return given
        W, b = given
        dense = Dense(read_only(W), read_only(b))
        return cls((dense,), log_odds=len(dense.b) == 1)

    @property
    def inputs(self) -> int:
        """The number of values that it reads at each tick."""
        return self.dense[0].inputs

    @property
    def answers(self) -> int:
        """The number of values that it gives."""
        return len(self.dense[-1].b)

    @property
    def kind(self) -> str:
        """The activation of its last layer, "log odds" where that is what it gives."""
        return "log odds" if self.log_odds else self.dense[-1].activation.name

    @property
    def of_two(self) -> bool:
        """Whether its answer is one probability, or the log odds of one."""
        return self.answers == 1 and self.kind in ("log odds", "sigmoid", "log_sigmoid")

    @property
    def of_several(self) -> bool:
        """Whether its answers are probabilities that add up to 1, or their logarithms."""
        return self.kind in _OF_SEVERAL

    @property
    def before_probabilities(self) -> Readout:
        """The readout without a last sigmoid or softmax, which gives log odds or logits."""
        *first, last = self.dense
        if not (self.of_two or self.of_several):
            return self
        plain = replace(last, activation=Activation("linear"))
        return replace(self, dense=(*first, plain), log_odds=self.of_two)

    def answer(self, outputs: Iterable[Array]) -> Iterator[Array]:
        """The answers after each tick, (ticks, ..., answers), in the dtype of the outputs.

        `outputs` are those of the last layer, (ticks, ..., outputs), piece by piece in order of
        time.
        """
        for pooled in self.pooled(outputs):
            yield self.dense_of(pooled).astype(pooled.dtype, copy=False)

    def dense_of(self, pooled: Any) -> Any:
        """What the dense layers make of what they read, (..., inputs): (..., answers)."""
        return reduce(lambda v, one: one.activation(v @ one.W.T + one.b), self.dense, pooled)

    def pooled(self, outputs: Iterable[Array]) -> Iterator[Array]:
        """What the dense layers read after each tick, in the shapes of `outputs`."""
        total: Any = None
        done = 0
        for piece in outputs:
            so_far = piece
            if self.pooling == "max":
                so_far = np.maximum.accumulate(piece, axis=0)
                total = so_far if total is None else np.maximum(so_far, total[-1])
            elif self.pooling in ("mean", "sum"):
                so_far = np.cumsum(piece, axis=0)
                total = so_far if total is None else so_far + total[-1]
            done += len(piece)
            if self.pooling in ("each", "last"):
                yield piece
            elif self.pooling == "mean":
                count = np.arange(done - len(piece) + 1, done + 1, dtype=piece.dtype)
                yield total / count.reshape(-1, *[1] * (piece.ndim - 1))
            else:
                yield total

    def __str__(self) -> str:
        read = {"each": "", "last": "the last output, "}
        pooling = read.get(self.pooling, f"the {self.pooling} over time, ")
        return pooling + " → ".join(map(str, self.dense))


def read_only(values: ArrayLike) -> Array:
    """The numbers in float32 or float64, read-only: a copy, unless nobody can change them."""
    given = np.asarray(values)
    dtype = np.float32 if given.dtype == np.float32 else np.float64
    if given.dtype == dtype and given.dtype.isnative and isinstance(_memory(given), bytes):
        return given
    array: Array = np.array(given, dtype=dtype)
    array.setflags(write=False)
    return array


def _memory(array: Any) -> Any:
    """What the numbers of an array stand in: another object, or an array itself."""
    base = getattr(array, "base", None)
    return array if base is None else _memory(base)
