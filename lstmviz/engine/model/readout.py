"""What follows the recurrent layers: from their outputs to the network's answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any, Literal, cast, get_args

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
    outputs so far; or several of these side by side, as in "mean+max" and "each+max+mean". So
    there is an answer after each tick, and the last of them is the network's.

    Raises:
        UsageError: the layers do not fit each other, or there is not a label for each answer.
    """

    dense: tuple[Dense, ...]
    pooling: str = "each"  # one of Pooling, or several but "last" with + between
    labels: tuple[str, ...] = ()  # what the answers are called
    log_odds: bool = False  # whether its one answer is the log odds of a probability

    def __post_init__(self) -> None:
        object.__setattr__(self, "dense", tuple(self.dense))
        object.__setattr__(self, "labels", tuple(self.labels))
        if not self.dense:
            raise UsageError("A readout needs a dense layer.")
        if not is_pooling(self.pooling):
            raise UsageError(
                f"A readout pools by {', '.join(get_args(Pooling))}, or joins several but last as "
                f"in 'mean+max', not by {self.pooling!r}."
            )
        width, many = self.dense[0].inputs, len(self.poolings)
        if width % many:
            raise UsageError(
                f"A dense layer takes {width} values, but {many} poolings are joined before it, "
                "which give as many each."
            )
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
        return self.dense[0].inputs // len(self.poolings)

    @property
    def poolings(self) -> tuple[Pooling, ...]:
        """What stands side by side before the dense layers, mostly one alone."""
        return cast("tuple[Pooling, ...]", tuple(self.pooling.split("+")))

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

        `outputs` are those of the last layer, (ticks, ..., outputs), piece by piece in the order
        in which it reads.
        """
        for pooled in self.pooled(outputs):
            yield self.dense_of(pooled).astype(pooled.dtype, copy=False)

    def dense_of(self, pooled: Any) -> Any:
        """What the dense layers make of what they read, (..., inputs): (..., answers)."""
        return reduce(lambda v, one: one.activation(v @ one.W.T + one.b), self.dense, pooled)

    def pooled(self, outputs: Iterable[Array]) -> Iterator[Array]:
        """What the dense layers read after each tick, in the shapes of `outputs`."""
        ways = [_Pooled(one) for one in self.poolings]
        for piece in outputs:
            parts = [way.after(piece) for way in ways]
            yield parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)

    def __str__(self) -> str:
        read = {"each": "the output", "last": "the last output"}
        told = " ‖ ".join(read.get(one, f"the {one} over time") for one in self.poolings)
        pooling = "" if self.pooling == "each" else f"{told}, "
        return pooling + " → ".join(map(str, self.dense))


class _Pooled:
    """All outputs so far as one kind of pooling has them."""

    def __init__(self, pooling: Pooling) -> None:
        self._pooling, self._total, self._done = pooling, None, 0

    def after(self, piece: Array) -> Array:
        """What is pooled after each tick of a piece, which follows those before."""
        if self._pooling in ("each", "last"):
            return piece
        before: Any = self._total
        so_far: Any
        if self._pooling == "max":
            so_far = np.maximum.accumulate(piece, axis=0)
            so_far = so_far if before is None else np.maximum(so_far, before)
        else:
            so_far = np.cumsum(piece, axis=0)
            so_far = so_far if before is None else so_far + before
        self._total = so_far[-1] if len(piece) else before
        count = np.arange(self._done + 1, self._done + len(piece) + 1, dtype=piece.dtype)
        self._done += len(piece)
        found: Array = so_far
        if self._pooling == "mean":
            found = so_far / count.reshape(-1, *[1] * (piece.ndim - 1))
        return found


def is_pooling(text: str) -> bool:
    """Whether a text is one of the poolings, or several but "last" with + between."""
    if text in get_args(Pooling):
        return True
    parts = text.split("+") if isinstance(text, str) else [""]
    return all(one in get_args(Pooling) and one != "last" for one in parts)


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
