"""The answer after every word as a line: where it rises, and where it falls."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, sin
from typing import TYPE_CHECKING

import numpy as np
from manim import Circle, Create, DashedLine, DashedVMobject, Line, Rectangle, VGroup, VMobject

from lstmviz.stage.mobjects.column import Number
from lstmviz.stage.mobjects.input_strip import shortened
from lstmviz.stage.mobjects.needle import SIDE
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.stage.text.turned import turned
from lstmviz.style.notation import shown, written

if TYPE_CHECKING:
    from lstmviz.stage.mobjects.lightable import Motion
    from lstmviz.style.layout import Box
    from lstmviz.style.notation import Scale
    from lstmviz.style.theme import Theme
    from lstmviz.trace.answers import Answers
    from lstmviz.trace.trace import Reading

TILT = 1.1  # radians of the words below
PITCH, LONGEST = 1.05, 5.6  # ems from one word to the next at least, and of a word at most
BELOW = 0.9  # ems between the axis and the words
AIR = 0.35  # ems between a point and its number


class AnswerLine(VGroup):
    """Lines of some answers over all ticks, with their words, the first line the one that is told.

    Of a long input only some words are written: those of `marked`, and what has room beside them.
    `line` is what grows; `marks` are the numbers of the marked ticks. Of values the axis goes from
    the least to the greatest, or as the readings of the `ends` say.
    """

    def __init__(
        self,
        answers: Answers,
        told: Sequence[int],
        theme: Theme,
        box: Box,
        *,
        em: float,
        marked: Sequence[int],
        ends: tuple[Reading, Reading] | None = None,
    ) -> None:
        super().__init__()
        self.answers, self.theme, self.em = answers, theme, em
        self.told = tuple(told)
        self._ends = answers.range_of(told[0]) if ends is None else ends
        self._low, self._high = self._reach(told[0])
        names = self._names(told)
        widest = max(text_width(text, em) for text, _ in names)
        self.left = box.left + widest + 0.9 * em
        self.right = box.right - 2.7 * em
        self.chosen = self._chosen(marked)
        longest = max(text_width(self._word(tick), em) for tick in self.chosen)
        self.bottom = box.bottom + BELOW * em + longest * sin(TILT)
        self.top = box.top - 1.3 * em
        self.axis = VGroup(*self._axis(names))
        self.words = self._words(marked)
        self.lines = VGroup(*(self._line(answer, k) for k, answer in enumerate(told)))
        self.marks = VGroup(*(self._mark(tick, told[0]) for tick in marked))
        self.add(self.axis, self.words, self.lines, self.marks)

    def growing(self) -> list[Motion]:
        """Let the lines grow from the first word to the last one."""
        return [Create(each) for each in self.lines]

    def place(self, tick: int, value: float) -> tuple[float, float]:
        """Where a value stands."""
        count = len(self.answers.trace)
        share = (tick + 0.5) / count
        span = self._high - self._low
        height = (value - self._low) / span if span > 0 else 0.5
        return (
            self.left + share * (self.right - self.left),
            self.bottom + height * (self.top - self.bottom),
        )

    def _reach(self, answer: int) -> tuple[float, float]:
        if self.answers.kind != "value":
            return 0.0, 1.0
        least, most = self._ends
        return least[answer], most[answer]

    def _names(self, told: Sequence[int]) -> list[tuple[str, float]]:
        """What stands at the axis, and at which share of its height."""
        answers = self.answers
        if answers.kind == "two":
            cut = [shortened(side, self.em, SIDE * self.em) for side in answers.sides]
            return [(cut[0], 0.0), (cut[1], 1.0)]
        if answers.kind == "several":
            return [("0", 0.0), ("1", 1.0)]
        low, high = (shown(end[told[0]], "free") for end in self._ends)
        return [(low, 0.0), (high, 1.0)]

    def _axis(self, names: Sequence[tuple[str, float]]) -> list[VMobject]:
        theme, em = self.theme, self.em
        made: list[VMobject] = []
        for (text, share), end in zip(names, self._ends, strict=True):
            y = self.bottom + share * (self.top - self.bottom)
            made.append(
                Line((self.left, y, 0), (self.right, y, 0), stroke_width=1.5).set_stroke(
                    theme.resting(theme.faint)
                )
            )
            at = (self.left - 0.5 * em - text_width(text, em) / 2, y)
            if self.answers.kind == "value":
                number = Number(end, self.told[0], scale="free", size=em, color=theme.faint, at=at)
                made.append(number)
            else:
                made.append(TextLine(text, size=em, color=theme.faint, at=at))
        if self.answers.kind == "two":
            y = (self.bottom + self.top) / 2
            middle = DashedLine((self.left, y, 0), (self.right, y, 0), dash_length=0.1)
            made.append(middle.set_stroke(theme.resting(theme.faint), width=2))
        return made

    def _chosen(self, marked: Sequence[int]) -> list[int]:
        """The ticks whose words are written: those that are marked first, the largest change ahead.

        Others follow where they have room.
        """
        count = len(self.answers.trace)
        pitch = (self.right - self.left) / count
        apart = max(ceil(PITCH * self.em / pitch), 1)
        chosen: list[int] = []
        for tick in [*sorted(marked, key=self._change, reverse=True), *range(0, count, apart)]:
            if all(abs(tick - other) >= apart for other in chosen):
                chosen.append(tick)
        return sorted(chosen)

    def _change(self, tick: int) -> float:
        answer = self.told[0]
        return abs(self.answers.at(tick)[answer] - self.answers.at(max(tick - 1, 0))[answer])

    def _word(self, tick: int) -> str:
        trace = self.answers.trace
        return shortened(written(trace.short(tick), trace.kind), self.em, LONGEST * self.em)

    def _words(self, marked: Sequence[int]) -> VGroup:
        theme, em, made = self.theme, self.em, VGroup()
        for tick in self.chosen:
            x, color = self.place(tick, 0)[0], theme.ink if tick in marked else theme.faint
            line = TextLine(self._word(tick), size=em, color=color, align="right")
            made.add(turned(line, TILT).shift((x + 0.3 * em, self.bottom - 0.75 * em, 0)))
        return made

    def _line(self, answer: int, rank: int) -> VMobject:
        """One answer as a line: the first one bold, others thin, and dashed from the third on."""
        values = self.answers.readings["answer"][:, answer]
        points = [(*self.place(tick, float(value)), 0.0) for tick, value in enumerate(values)]
        if len(points) == 1:
            dot = Circle(radius=0.3 * self.em, stroke_width=0, fill_opacity=1)
            return dot.set_fill(self.theme.ink).move_to(points[0])
        line = VMobject(stroke_width=5 if rank == 0 else 3)
        line.set_points_as_corners(np.array(points))
        line.set_stroke(self.theme.ink if rank == 0 else self.theme.faint)
        return line if rank < 2 else DashedVMobject(line, num_dashes=40)

    def _mark(self, tick: int, answer: int) -> VGroup:
        """A point on the line, with its number."""
        theme, em = self.theme, self.em
        reading = self.answers.at(tick)
        value = reading[answer]
        x, y = self.place(tick, value)
        dot = Circle(radius=0.3 * em, stroke_width=3, fill_opacity=1)
        dot.set_fill(self.tone(value)).set_stroke(theme.background).move_to((x, y, 0))
        scale: Scale = "free" if self.answers.kind == "value" else "gate"
        at = self._beside(tick, x, y)
        number = Number(reading, answer, scale=scale, size=em, color=theme.ink, at=at)
        plate = Rectangle(width=number.width + 0.3 * em, height=1.1 * em, stroke_width=0)
        plate.set_fill(theme.background, opacity=1).move_to((*at, 0))
        return VGroup(plate, number, dot)

    def _beside(self, tick: int, x: float, y: float) -> tuple[float, float]:
        """Where the number of a point stands: beside the line, and at its end behind it."""
        answer, em = self.told[0], self.em
        count = len(self.answers.trace)
        if tick == self.answers.end % count:
            return (self.right if tick else self.left) + 1.4 * em, y
        before, now, after = (
            self.answers.at(min(max(k, 0), count - 1))[answer] for k in (tick - 1, tick, tick + 1)
        )
        aside = 1.2 * em if before < now < after else -1.2 * em if before > now > after else 0.0
        low = now <= before and now <= after and (now < before or now < after)
        below = low and y > self.bottom + 1.6 * em
        return x - aside, self._clear(y, -1 if below else 1)

    def _clear(self, y: float, side: int) -> float:
        """Where a number above or below a point crosses no line of the axis."""
        level = y + side * (0.7 + AIR) * self.em
        for line in (self.bottom, (self.bottom + self.top) / 2, self.top):
            if abs(level - line) < 0.7 * self.em:
                level = line + side * 0.75 * self.em
        return level

    def tone(self, value: float) -> str:
        """The colour of a value."""
        if self.answers.kind == "two":
            return self.theme.value(2 * value - 1, "signed")
        return self.theme.ink


def largest_change(answers: Answers, answer: int) -> int:
    """The tick at which an answer changes most; the only one of a single tick."""
    values = answers.readings["answer"][:, answer]
    return 1 + int(np.argmax(np.abs(np.diff(values)))) if len(values) > 1 else 0


def marked_of(answers: Answers, answer: int) -> list[int]:
    """The ticks that are worth a number: around the largest change, or both ends; and the end."""
    end = answers.end % len(answers.trace)
    if answers.kind == "value":
        return sorted({end, *(reading.tick for reading in answers.range_of(answer))})
    after = largest_change(answers, answer)
    return sorted({max(after - 1, 0), after, end})


def ends_of_lines(line: AnswerLine, told: Sequence[int]) -> list[TextLine]:
    """The labels of several lines at their right ends, one below the other."""
    if len(told) < 2:
        return []
    em, answers = line.em, line.answers
    rows = sorted(told, key=lambda k: -answers.at(-1)[k])
    made, floor = [], line.top + 2 * em
    for answer in rows:
        _, y = line.place(len(answers.trace) - 1, answers.at(-1)[answer])
        floor = min(y, floor - 1.25 * em)
        text = shortened(answers.label(answer), em, SIDE * em)
        color = line.theme.ink if answer == told[0] else line.theme.faint
        made.append(
            TextLine(text, size=em, color=color, at=(line.right + 2.9 * em, floor), align="left")
        )
    return made
