"""A task for the output gate: remember a letter, and be silent until asked.

A text is letters, question marks and points between them, each a token. The answer to a
question mark is the last letter; to all else, and before any letter, it is silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lstmviz.demo.training.batches import Batch
from lstmviz.demo.training.bptt import CORES, Array
from lstmviz.demo.training.corpus import UNKNOWN
from lstmviz.demo.training.learn import Parameters, Recipe, Task, answers, forward

LETTERS: Final = ("a", "b", "c", "d")
ASKED: Final = "?"
FILLER: Final = (UNKNOWN, ".", " ")
VOCABULARY: Final = (*FILLER, ASKED, *LETTERS)
SILENT: Final = "silent"
LABELS: Final = (SILENT, *(letter.upper() for letter in LETTERS))
LENGTH: Final = 20  # tokens of a text
LONGEST_GAP: Final = 10  # filler between two of the others, at most
_FILLER_SHARES: Final = (0.1, 0.8, 0.1)
_ASKED: Final = 0.8  # what questions weigh together
_QUESTIONS: Final = 0.6  # of what is no filler
_QUESTION, _FIRST = VOCABULARY.index(ASKED), VOCABULARY.index(LETTERS[0])


def texts(count: int, rng: np.random.Generator, gap: int = LONGEST_GAP) -> NDArray[np.intp]:
    """Write texts as rows of the vocabulary, (tokens, texts), with gaps up to `gap`."""
    made = rng.choice(len(FILLER), size=(LENGTH, count), p=_FILLER_SHARES)
    for text in made.T:
        at, asks = int(rng.integers(3)), rng.random() < 0.1
        while at < LENGTH:
            text[at] = _QUESTION if asks else _FIRST + rng.integers(len(LETTERS))
            at += 1 + int(rng.integers(gap + 1))
            asks = rng.random() < _QUESTIONS
    return made


def wanted(tokens: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the right answer to each token, and where a letter is held but not asked for."""
    answer, waiting = np.zeros_like(tokens), np.zeros(tokens.shape, bool)
    letter = np.zeros(tokens.shape[1], np.intp)
    for k, row in enumerate(tokens):
        letter = np.where(row >= _FIRST, row - _FIRST + 1, letter)
        answer[k] = np.where(row == _QUESTION, letter, 0)
        waiting[k] = (letter > 0) & (row < _QUESTION)
    return answer, waiting


def encode(tokens: NDArray[np.intp]) -> Batch:
    """Say of texts what is wanted; all questions together weigh more than the silence."""
    answer, _ = wanted(tokens)
    asked = tokens == _QUESTION
    share = max(asked.mean(), 1e-3)
    weights = np.where(asked, _ASKED / share, (1 - _ASKED) / (1 - share))
    return Batch(tokens, np.eye(len(LABELS))[answer], weights, np.ones(tokens.shape))


def _batches(size: int, count: int, rng: np.random.Generator) -> Iterator[Batch]:
    for _ in range(count):
        yield encode(texts(size, rng))


TASK: Final = Task(VOCABULARY, len(LABELS), _batches)
HELD_OUT: Final = {"validation": 1_000, "test": 3_000}


def held_out(part: str, seed: int) -> NDArray[np.intp]:
    """Write the texts of one part: "validation" or "test"."""
    rng = np.random.default_rng((seed, 1 + list(HELD_OUT).index(part)))
    return texts(HELD_OUT[part], rng)


UNITS: Final = 3  # two would hold a letter, but leave the GRU no way to know that it was asked
_HOLDING: Final = (4.0, 3.7, 3.4)  # log odds beyond which a gate is pulled back, by unit
_OPENING: Final = (2.6, 2.3, 2.1)
_CONTENT: Final = (1.8, 1.7, 1.6)
#: How each is trained: with as many steps, texts and rivals, whatever its cell.
RECIPES: Final = {
    "recall": Recipe(
        "lstm",
        hidden=UNITS,
        steps=1200,
        batch=48,
        noise=0.5,
        noisy="fio",
        still={"i": 0.3, "f": 0.05, "o": 0.3},
        shut="io",
        limits={"f": _HOLDING, "i": _OPENING, "o": _OPENING, "g": _CONTENT},
        bound=0.02,
        loud=0.0003,
        kept=2.0,
    ),
    "recall-gru": Recipe(
        "gru",
        hidden=UNITS,
        steps=1200,
        batch=48,
        noise=0.5,
        noisy="rz",
        still={"z": 0.05, "r": 0.03},
        limits={"z": _HOLDING, "r": _OPENING, "n": _CONTENT},
        bound=0.02,
        kept=2.0,
    ),
    "recall-rnn": Recipe("rnn", hidden=UNITS, steps=1200, batch=48),
}


@dataclass(frozen=True)
class Recalled:
    """What held-out texts say about each network; every array is (S,).

    `right` is the share of right answers to questions, `silent` that of silence elsewhere.
    For an LSTM `shown` and `hidden` are its output gate's mean when it answers and while it
    waits, and `held` is the mean size of tanh(c) while it waits.
    """

    right: Array
    silent: Array
    shown: Array
    hidden: Array
    held: Array

    @property
    def score(self) -> Array:
        """Accuracy first; among equals, the clearer output gate over the fuller memory."""
        clear = self.shown - self.hidden + 0.5 * self.held
        return np.minimum(self.right, self.silent) + 0.05 * clear

    def described(self) -> str:
        """Say of one network how good it is, in a line."""
        text = f"right {self.right[0]:.4f}, silent {self.silent[0]:.4f}"
        if self.held[0]:
            text += (
                f", output gate {self.shown[0]:.2f} when asked and {self.hidden[0]:.2f} while "
                f"it waits with a memory of {self.held[0]:.2f}"
            )
        return text


def judge(cell: str, p: Parameters, tokens: NDArray[np.intp]) -> Recalled:
    """Measure all networks of `p` on texts (tokens, texts)."""
    answer, waiting = wanted(tokens)
    tape = forward(cell, p, tokens, None)
    hit = answers(p, tape.h[1:]).argmax(axis=-1) == answer[:, None]
    asked = answer > 0

    def mean(values: Array, where: NDArray[np.bool_]) -> Array:
        share: Array = values.swapaxes(0, 1)[:, where].mean(axis=1)
        return share

    right, silent = mean(hit, asked), mean(hit, ~asked)
    if tape.c is None:
        nothing = np.zeros(len(right))
        return Recalled(right, silent, nothing, nothing, nothing)
    H = tape.h.shape[-1]
    gate = CORES[cell].gates.index("o") * H
    o = tape.acts[..., gate : gate + H].mean(axis=-1)
    full = np.abs(np.tanh(tape.c[1:])).mean(axis=-1)
    return Recalled(right, silent, mean(o, asked), mean(o, waiting), mean(full, waiting))
