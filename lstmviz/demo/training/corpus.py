"""Short product reviews made from templates, each word with the verdict so far.

The verdict is a small counter from −3 to +3: every clause adds what it says, a word such
as "but" sets it back to nothing, and everything else leaves it alone. Whoever predicts
it has to write, to forget and to keep, which is what the films want to show.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeVar

import numpy as np

from lstmviz.demo.training.grammar import CLAUSES, SLOTS, TURNS

UNKNOWN: Final = "<unk>"
LIMIT: Final = 3
_Choice = TypeVar("_Choice")

_NO_VERDICT_SHARE: Final = 0.12
_TURN_SHARE: Final = 0.4
_CONTESTED_SHARE: Final = 0.12
_FILLER_TAIL_SHARE: Final = 0.6
#: Words that decide what a clause says without being an opinion: never hidden as unknown.
_DECISIVE: Final = frozenset(
    "not never no again definitely perfectly too well badly love loved loves like liked hate hated"
    " enjoy enjoyed best worst recommend worth highly absolutely will would won't wouldn't wasn't"
    " isn't doesn't don't didn't cannot does work working works stopped broke avoid refund waste"
    " headache star stars five one penny every problems want thank back do complaints exceeded"
    " expectations pleasure could happier fits recommended fell apart died returned sent hard"
    " expected nothing special sick stay away save your disappointment scam what".split()
)


@dataclass(frozen=True)
class Review:
    """One review: its words, and after each word the verdict so far.

    `scores[k]` is the counter after word k (−3 … 3); `settled[k]` is False within a
    clause that has begun but not yet said what it thinks.
    """

    words: tuple[str, ...]
    scores: tuple[int, ...]
    settled: tuple[bool, ...]

    @property
    def positive(self) -> bool:
        """Whether the review ends in favour; meaningful when `decided`."""
        return self.scores[-1] > 0

    @property
    def decided(self) -> bool:
        """Whether the review ends with a verdict at all."""
        return self.scores[-1] != 0 and self.settled[-1]


class _Writer:
    """Writes one review clause by clause and keeps the counter."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.words: list[str] = []
        self.scores: list[int] = []
        self.settled: list[bool] = []
        self.score = 0

    def choose(self, options: Sequence[_Choice]) -> _Choice:
        return options[int(self.rng.integers(len(options)))]

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def put(self, text: str, settled: bool = True) -> None:
        for word in text.split():
            self.words.append(word)
            self.scores.append(self.score)
            self.settled.append(settled)

    def clause(self, strength: int) -> None:
        """Write a clause that adds `strength` at its deciding words, and what follows them."""
        *parts, rest = _fill(self.choose(CLAUSES[strength]), self).split("|")
        if not parts:
            parts, rest = [rest], ""
        settled = strength == 0
        for left in range(len(parts), 0, -1):
            *opening, deciding = parts[-left].split()
            self.put(" ".join(opening), settled)
            share = int(strength / left)  # the last one says what is left, and most
            strength -= share
            self.score = max(-LIMIT, min(LIMIT, self.score + share))
            self.put(deciding)
            settled = True
        self.put(rest)

    def turn(self) -> None:
        """Turn the page: the counter starts again."""
        if self.words and self.words[-1] in ".!?" and self.chance(0.5):
            self.words[-1] = ","
        self.score = 0
        self.put(TURNS[0] if self.chance(0.85) else TURNS[1])
        if self.words[-1] == TURNS[1]:
            self.put(",")

    def stop(self, strength: int) -> None:
        """End the clause with a mark or with "and"."""
        marks = (".", ".", ".", "!", ",", "and") if abs(strength) < 2 else (".", "!", "!", ",")
        self.put(self.choose(marks if strength or self.chance(0.9) else ("?",)))

    def filler_tail(self) -> None:
        """Add a clause that says nothing, often broken off."""
        words = _fill(self.choose(CLAUSES[0]), self).split()
        kept = len(words) if self.chance(0.4) else int(self.rng.integers(1, len(words) + 1))
        self.put(" ".join(words[:kept]))
        if kept == len(words):
            self.put(".")


def _fill(template: str, writer: _Writer) -> str:
    while "{" in template:
        head, _, rest = template.partition("{")
        slot, _, tail = rest.partition("}")
        choice = writer.choose(SLOTS[slot])
        template = head + ("{" + choice + "}" if slot == "any" else choice) + tail
    return template


def _strength(side: int, writer: _Writer) -> int:
    return side * writer.choose((1, 1, 2, 2, 3))


def _plan(writer: _Writer, side: int) -> list[int | None]:
    """The strengths of the clauses in their order; None stands for a turn of the page."""
    rng = writer.rng
    plan: list[int | None] = []
    if writer.chance(_TURN_SHARE):
        before = [_strength(-side, writer)] if writer.chance(0.65) else []
        if not before and writer.chance(0.5):
            before = [_strength(side, writer)]
        for _ in range(int(rng.integers(0, 3)) if before else 1):
            before.insert(int(rng.integers(len(before) + 1)), 0)
        if writer.chance(0.3):
            before.insert(0, _strength(-side, writer))
        plan += [*before, None]
    if writer.chance(_CONTESTED_SHARE):
        said = [2 * side, _strength(side, writer), -side]
        rng.shuffle(said)
    else:
        said = [_strength(side, writer) for _ in range(int(rng.choice([1, 1, 1, 2, 2, 3])))]
    after = list(said)
    for _ in range(int(rng.integers(0, 3))):
        # After "but" the point mostly follows at once.
        first = 1 if plan and writer.chance(0.6) else 0
        after.insert(int(rng.integers(first, len(after) + 1)), 0)
    return [*plan, *after]


def write_review(rng: np.random.Generator) -> Review:
    """Write one review.

    The generator decides everything, so equal generators write equal reviews.
    """
    while True:
        writer = _Writer(rng)
        side = 1 if writer.chance(0.5) else -1
        if writer.chance(_NO_VERDICT_SHARE):
            plan: list[int | None] = [0] * int(rng.integers(1, 4))
        else:
            plan = _plan(writer, side)
        for strength in plan:
            if strength is None:
                writer.turn()
            else:
                writer.clause(strength)
                writer.stop(strength)
        if writer.chance(_FILLER_TAIL_SHARE):
            writer.filler_tail()
        elif writer.words[-1] in ("and", ","):
            writer.words[-1] = "."
        if len(writer.words) <= 60 and (not any(plan) or writer.score * side > 0):
            return Review(tuple(writer.words), tuple(writer.scores), tuple(writer.settled))


def corpus(count: int, seed: int) -> tuple[Review, ...]:
    """Write `count` reviews from `seed`; the same seed writes the same reviews."""
    rng = np.random.default_rng(seed)
    return tuple(write_review(rng) for _ in range(count))


def _all_words() -> Iterator[str]:
    yield from ".,!?"
    yield from ("and", *TURNS)
    for name, choices in SLOTS.items():
        if name != "any":
            for choice in choices:
                yield from choice.split()
    for templates in CLAUSES.values():
        for template in templates:
            yield from (w for w in template.split() if not w.startswith("{") and w != "|")


@lru_cache(maxsize=1)
def vocabulary() -> tuple[str, ...]:
    """Every word that the grammar can write, sorted, after the row for unknown words."""
    return (UNKNOWN, *sorted(set(_all_words())))


@lru_cache(maxsize=1)
def opinion_words() -> frozenset[str]:
    """The words that are an opinion by themselves, such as "amazing" and "stale"."""
    names = ("great", "good", "bad", "awful", "glad", "sad")
    return frozenset(word for name in names for word in SLOTS[name])


@lru_cache(maxsize=1)
def filler_words() -> frozenset[str]:
    """The words that say nothing for or against; in training some are hidden as unknown."""
    spared = opinion_words() | _DECISIVE | set(SLOTS["excess"]) | set(TURNS) | set(".,!?")
    return frozenset(vocabulary()[1:]) - spared
