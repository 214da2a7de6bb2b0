"""What a network answers after each tick, as it is read: probabilities, or plain values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from lstmviz.style.notation import Look, Notation
from lstmviz.trace.recording import Array, Recording
from lstmviz.trace.trace import Reading, Trace

Kind = Literal["two", "several", "value"]

ANSWER = "answer"  # the name of its readings
_PROBABLE = ("log odds", "sigmoid", "log_sigmoid", "softmax", "log_softmax")


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers of a trace whose network has a readout, one row after each tick.

    Of "two" sides there is the probability of the second one; of "several" answers each has a
    probability; "value" is any number. Log odds and logarithms are turned to probabilities.
    """

    trace: Trace
    called: tuple[str, ...] = ()  # the labels, in another language

    def __deepcopy__(self, memo: object) -> Answers:
        """A frozen value is its own copy; Manim copies what it animates."""
        return self

    @property
    def kind(self) -> Kind:
        """How the answers are read."""
        if self.trace.network.answer not in _PROBABLE:
            return "value"
        return "two" if self.count == 1 else "several"

    @property
    def count(self) -> int:
        """The number of values after each tick."""
        return int(self._said.shape[1])

    @property
    def labels(self) -> tuple[str, ...]:
        """What the answers are called, of two both sides; or none."""
        return self.called or self.trace.network.labels

    @property
    def sides(self) -> tuple[str, str]:
        """What lies at both ends, where there are two."""
        first, second = self.labels or ("0", "1")
        return first, second

    def label(self, answer: int) -> str:
        """What an answer is called: by its label, or by its number."""
        return self.labels[answer] if self.labels else str(answer + 1)

    @property
    def end(self) -> int:
        """The tick that is read last."""
        return 0 if (self.trace.network.depth, "forward") not in self.trace.recordings else -1

    def at(self, tick: int) -> Reading:
        """The answers after a tick."""
        return Reading(ANSWER, tick % len(self.trace), self._read(self._said[tick]))

    def told_at(self, tick: int) -> int:
        """Which of them is told after a tick, from 0: the likeliest, or the value that varies."""
        if self.kind == "value":
            return self._varied
        return int(np.argmax(self._said[tick]))

    def range_of(self, answer: int) -> tuple[Reading, Reading]:
        """Where an answer is least and where it is greatest."""
        column = self._said[:, answer]
        return self.at(int(np.argmin(column))), self.at(int(np.argmax(column)))

    @cached_property
    def readings(self) -> Trace:
        """All of them as a trace, whose only reading is `answer`."""
        scale: Literal["gate", "free"] = "free" if self.kind == "value" else "gate"
        recording = Recording(
            {ANSWER: self._read(self._said)},
            {ANSWER: np.zeros(self.count)},
            notation=Notation((ANSWER,), {ANSWER: Look("ink", scale, "y_t")}),
        )
        told = replace(self.trace.network, hidden=self.count, depth=1, directions=1)
        return replace(
            self.trace,
            network=told,
            recordings={(1, "forward"): recording},
            output=None,
            shown=(1, "forward"),
            features=(),
            made_by=None,
        )

    @cached_property
    def _varied(self) -> int:
        return int(np.argmax(np.ptp(self._said, axis=0))) if self.count > 1 else 0

    @property
    def _said(self) -> Array:
        said = self.trace.output
        assert said is not None
        return said

    def _read(self, values: Array) -> Array:
        kind = self.trace.network.answer
        if kind == "log odds":
            odds = np.exp(-np.abs(values))
            return np.asarray(np.where(values >= 0, 1.0, odds) / (1 + odds))
        return np.exp(values) if kind in ("log_softmax", "log_sigmoid") else np.asarray(values)


def answers_of(trace: Trace) -> Answers | None:
    """The answers of a trace; None where its network has no readout."""
    return None if trace.output is None else Answers(trace)
