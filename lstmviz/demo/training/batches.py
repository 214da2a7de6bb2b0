"""Reviews as arrays: padded, bundled by length, with some words hidden."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lstmviz.demo.training.bptt import Array, sigmoid
from lstmviz.demo.training.corpus import Review, filler_words, vocabulary

_SURE: Final = 1.7  # log odds of the target verdict per point of the counter
_ON_THE_WAY: Final = 0.25  # weight of a word's verdict beside that of the last word
_HIDDEN_SHARE: Final = 0.08


@dataclass(frozen=True)
class Batch:
    """Texts side by side: tokens (T, B), targets (T, B, answers), weights and valid (T, B)."""

    tokens: NDArray[np.intp]
    targets: Array
    weights: Array
    valid: Array


def encode(reviews: Sequence[Review], rng: np.random.Generator | None = None) -> Batch:
    """Pad reviews to one length; with `rng`, hide some filler words as unknown."""
    rows = {word: row for row, word in enumerate(vocabulary())}
    T = max(len(review.words) for review in reviews)
    shape = (T, len(reviews))
    tokens, scores = np.zeros(shape, np.intp), np.zeros(shape)
    weights, valid = np.zeros(shape), np.zeros(shape)
    for b, review in enumerate(reviews):
        n = len(review.words)
        tokens[:n, b] = [rows[word] for word in review.words]
        scores[:n, b] = review.scores
        weights[:n, b] = _ON_THE_WAY * np.array(review.settled)
        weights[n - 1, b] = float(review.settled[-1])
        valid[:n, b] = 1
    if rng is not None:
        fillers = np.array([word in filler_words() for word in vocabulary()])
        tokens[fillers[tokens] & (rng.random(shape) < _HIDDEN_SHARE)] = 0
    return Batch(tokens, sigmoid(_SURE * scores)[..., None], weights, valid)


def batches(
    reviews: Sequence[Review], size: int, count: int, rng: np.random.Generator
) -> Iterator[Batch]:
    """Yield `count` batches of reviews of like length, in random order."""
    left: list[Sequence[Review]] = []
    for _ in range(count):
        if not left:
            order = rng.permutation(len(reviews))
            for start in range(0, len(order) - 16 * size + 1, 16 * size):
                some = [reviews[k] for k in order[start : start + 16 * size]]
                some.sort(key=lambda review: len(review.words))
                left += [some[k : k + size] for k in range(0, len(some), size)]
            left = [left[k] for k in rng.permutation(len(left))]
        yield encode(left.pop(), rng)
