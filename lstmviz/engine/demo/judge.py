"""How good a trained network is: its accuracy, and whether its gates tell the story.

All measures take networks side by side, as training has them, and return one number each.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.demo.bptt import CORES, Array
from lstmviz.engine.demo.corpus import Review, filler_words, opinion_words, vocabulary
from lstmviz.engine.demo.grammar import TURNS
from lstmviz.engine.demo.learn import HIDDEN, Parameters, encode, forward, log_odds

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
    balance: Array

    @property
    def score(self) -> Array:
        """Accuracy first; among equals, the clearer gates."""
        contrast = (self.kept - self.dropped) + (self.written - self.quiet)
        return self.accuracy + 0.02 * contrast + 0.02 * self.balance


def judge(cell: str, p: Parameters, reviews: Sequence[Review]) -> Verdict:
    """Measure all networks of `p` on `reviews`."""
    right, decided, S = np.zeros(len(p["V"])), 0, len(p["V"])
    sums, counts = np.zeros((4, S)), np.zeros(4)
    H, keeps = HIDDEN, _KEEPS.get(cell)
    for start in range(0, len(reviews), _TOGETHER):
        some = reviews[start : start + _TOGETHER]
        batch = encode(some)
        tape = forward(cell, p, batch.tokens, None)
        last = np.array([len(review.words) - 1 for review in some])
        odds = log_odds(p, tape)[last, :, np.arange(len(some))]  # (B, S)
        clear = np.array([review.decided for review in some])
        positive = np.array([review.positive for review in some])
        right += ((odds > 0) == positive[:, None])[clear].sum(axis=0)
        decided += int(clear.sum())
        if keeps is None:
            continue
        gates = CORES[cell].gates
        keep = tape.acts[..., gates.index(keeps) * H :][..., :H]
        write = tape.acts[..., gates.index("i") * H :][..., :H] if cell == "lstm" else 1 - keep
        filler = _among(batch.tokens, filler_words()) & (batch.valid > 0)
        turning, saying = _among(batch.tokens, TURNS), _among(batch.tokens, opinion_words())
        for k, (gate, where) in enumerate(
            ((keep.mean(3), filler), (keep.mean(3), turning),
             (write.mean(3), filler), (write.max(3), saying))
        ):  # fmt: skip
            sums[k] += gate.swapaxes(0, 1)[:, where].sum(axis=1)
            counts[k] += where.sum()
    means = sums / np.maximum(counts, 1)[:, None]
    votes = (p["V"] > 0).sum(axis=1)
    return Verdict(right / max(decided, 1), *means, balance=np.minimum(votes, H - votes) / (H // 2))


def _among(tokens: NDArray[np.intp], words: Collection[str]) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = np.array([word in words for word in vocabulary()])[tokens]
    return inside
