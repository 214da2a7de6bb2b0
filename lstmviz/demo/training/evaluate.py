"""How good a trained network is: its accuracy, and whether its gates tell the story.

All measures take networks side by side, as training has them, and return one number each.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmviz.demo.training.batches import encode
from lstmviz.demo.training.bptt import CORES, Array
from lstmviz.demo.training.corpus import Review, filler_words, opinion_words, vocabulary
from lstmviz.demo.training.grammar import TURNS
from lstmviz.demo.training.learn import HIDDEN, Parameters, answers, forward

_KEEPS = {"lstm": "f", "gru": "z"}
_TOGETHER = 250


@dataclass(frozen=True)
class Verdict:
    """What validation says about each network; every array is (S,).

    `kept` and `dropped` are the keep gate's mean on filler and on words like "but";
    `quiet` and `written` are the write gate's mean (i, or 1 − z) on filler and that of the
    most open unit on opinion words; `balance` is 1 when as many units vote for as against.
    """

    accuracy: Array
    kept: Array
    dropped: Array
    quiet: Array
    written: Array
    extreme: Array
    balance: Array

    @property
    def score(self) -> Array:
        """Accuracy first; among equals, the clearer gates."""
        contrast = (self.kept - self.dropped) + (self.written - self.quiet)
        return self.accuracy + 0.05 * contrast - 0.5 * self.extreme + 0.01 * self.balance


class _Mean:
    """A mean over words, gathered batch by batch; 0 where there was none."""

    def __init__(self, networks: int) -> None:
        self.sum, self.count = np.zeros(networks), 0

    def add(self, values: Array, where: NDArray[np.bool_]) -> None:
        """Add values (T, S, B) at the words (T, B) that `where` marks."""
        self.sum += values.swapaxes(0, 1)[:, where].sum(axis=1)
        self.count += int(where.sum())

    @property
    def value(self) -> Array:
        return self.sum / max(self.count, 1)


def judge(cell: str, p: Parameters, reviews: Sequence[Review]) -> Verdict:
    """Measure all networks of `p` on `reviews`."""
    names = ("accuracy", "kept", "dropped", "quiet", "written", "extreme")
    means = {name: _Mean(len(p["V"])) for name in names}
    for start in range(0, len(reviews), _TOGETHER):
        some = reviews[start : start + _TOGETHER]
        batch = encode(some)
        tape = forward(cell, p, batch.tokens, None)
        decided = np.zeros(batch.tokens.shape, bool)
        for b, review in enumerate(some):
            decided[len(review.words) - 1, b] = review.decided
        right = (answers(p, tape.h[1:]) > 0) == (batch.targets > 0.5)[:, None]
        means["accuracy"].add(right[..., 0].astype(np.float64), decided)
        if cell in _KEEPS:
            gates = {
                gate: tape.acts[..., k * HIDDEN : (k + 1) * HIDDEN]
                for k, gate in enumerate(CORES[cell].gates)
            }
            keep = gates[_KEEPS[cell]]
            write = gates.get("i", 1 - keep)
            soft = np.stack([value for gate, value in gates.items() if gate not in "gn"])
            filler = _among(batch.tokens, filler_words()) & (batch.valid > 0)
            turning = _among(batch.tokens, TURNS)
            means["kept"].add(keep.mean(axis=-1), filler)
            means["dropped"].add(keep.mean(axis=-1), turning)
            means["quiet"].add(write.mean(axis=-1), filler)
            means["written"].add(write.max(axis=-1), _among(batch.tokens, opinion_words()))
            means["extreme"].add(((soft < 0.005) | (soft >= 0.995)).mean(axis=(0, -1)), turning)
    votes = (p["V"][:, 0] > 0).sum(axis=1)
    balance = np.minimum(votes, HIDDEN - votes) / (HIDDEN // 2)
    return Verdict(**{name: mean.value for name, mean in means.items()}, balance=balance)


def _among(tokens: NDArray[np.intp], words: Collection[str]) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = np.array([word in words for word in vocabulary()])[tokens]
    return inside
