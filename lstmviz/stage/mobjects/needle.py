"""A needle on a dial: what the network answers after a word."""

from __future__ import annotations

from math import pi, tan
from typing import TYPE_CHECKING, Any

import numpy as np
from manim import Animation, FadeIn, FadeOut, ManimColor, VGroup, VMobject

from lstmviz.stage.mobjects.column import Number
from lstmviz.stage.mobjects.input_strip import shortened
from lstmviz.stage.mobjects.lightable import Motion
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.style.notation import shown
from lstmviz.style.theme import mix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lstmviz.style.notation import Scale
    from lstmviz.style.theme import Theme
    from lstmviz.trace.answers import Answers

RADIUS, THICK = 2.0, 0.42  # of the dial and of its band, in ems
INNER, OUTER, WIDE = 0.72, 1.08, 0.12  # of the needle, in radii: both ends, and half its width
LABEL, BESIDE = 0.82, 0.3  # ems from the dial's foot down to labels, and out to those beside it
GAP = 0.7  # ems between two labels
SIDE, LONGEST = 5.0, 8.0  # ems of a label at an end, and of one in the middle, at most
FEW = 100  # labels that are measured
SEGMENTS = 12  # curves of an arc


class Needle(VGroup):
    """A half round dial with the answer after a tick; `swing` moves it to that of another one.

    Of two sides it lies between both; of several answers it shows the likeliest and how likely
    it is; a value lies between the least and the greatest of the run. `em` is the size of what is
    written, and `at` the middle.
    """

    def __init__(
        self,
        answers: Answers,
        tick: int,
        theme: Theme,
        *,
        em: float,
        at: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        super().__init__()
        self.answers, self.tick, self.theme, self.em = answers, tick, theme, em
        self.radius = radius_of(answers, em)
        self.hub = (at[0], at[1] + (LABEL * em + 0.45 * em - OUTER * self.radius) / 2)
        self.track = _painted(theme.resting(theme.faint, theme.background))
        self.track.points = _band(self.hub, self.radius, em * THICK, 1.0)
        self.hand = VGroup(_painted(theme.ink), _painted(theme.ink))
        self.share = self._share(tick)
        self.set_hand(self.share)
        self.texts = self._texts(tick)
        self.add(self.track, self.hand, self.texts)

    def swing(self, tick: int) -> list[Motion]:
        """Move the needle to the answer after another tick, and write that one."""
        if tick == self.tick:
            return []
        old, self.tick = self.texts, tick
        self.texts = self._texts(tick)
        self.remove(old)
        self.add(self.texts)
        start, self.share = self.share, self._share(tick)
        return [Swing(self, start, self.share), FadeOut(old), FadeIn(self.texts)]

    def swung(self, start: float, end: float) -> Motion:
        """Let the needle go from one share of the way to another."""
        return Swing(self, start, end)

    def set_hand(self, share: float) -> None:
        """Let the needle point to a share of the way, and fill the band up to there."""
        filled, pointer = self.hand
        filled.points = _band(self.hub, self.radius, self.em * THICK, share)
        angle = pi * (1 - share)
        along = np.array([np.cos(angle), np.sin(angle), 0.0])
        aside = np.array([-along[1], along[0], 0.0]) * WIDE * self.radius
        hub = np.array([*self.hub, 0.0])
        tip, foot = hub + along * INNER * self.radius, hub + along * OUTER * self.radius
        pointer.points = _polygon([tip, foot + aside, foot - aside])
        filled.set_fill(ManimColor(self._tone(share)), opacity=1)

    def _tone(self, share: float) -> str:
        """The colour of the side to which the answer leans."""
        if self.answers.kind == "two":
            return self.theme.value(2 * share - 1, "signed")
        return mix(self.theme.background, self.theme.ink, 0.6)

    def _share(self, tick: int) -> float:
        answer = self.answers.told_at(tick)
        value = self.answers.at(tick)[answer]
        if self.answers.kind != "value":
            return min(max(value, 0.0), 1.0)
        least, most = (end[answer] for end in self.answers.range_of(answer))
        return (value - least) / (most - least) if most > least else 0.5

    def _texts(self, tick: int) -> VGroup:
        """Write the answer within the dial, and below it what it is and lies between."""
        theme, em, (x, y) = self.theme, self.em, self.hub
        answer, reading = self.answers.told_at(tick), self.answers.at(tick)
        made = VGroup(
            Number(
                reading, answer, scale=self._scale, size=em, color=theme.ink, at=(x, y + 0.38 * em)
            )
        )
        low = y - LABEL * em
        if self.answers.kind == "several":
            text = _cut(self.answers.label(answer), em, LONGEST)
            made.add(TextLine(text, size=em, color=theme.ink, at=(x, low)))
            return made
        if self.answers.kind == "two":
            left, right = _sides(self.answers, em)
            for k, (text, place) in enumerate(
                zip((left, right), self._ends(left, right), strict=False)
            ):
                leans = (reading[0] >= 0.5) == bool(k)
                color = theme.ink if leans else theme.faint
                made.add(TextLine(text, size=em, color=color, at=(x + place, low)))
            return made
        ends, named = self.answers.range_of(answer), bool(self.answers.labels)
        if ends[0][answer] < ends[1][answer]:
            texts = [shown(end[answer], "free") for end in ends]
            places = self._beside(*texts) if named else self._ends(*texts)
            level = y + 0.5 * em if named else low
            for end, place in zip(ends, places, strict=True):
                at = (x + place, level)
                tone = theme.faint
                made.add(Number(end, answer, scale="free", size=em, color=tone, at=at))
        if named:
            text = _cut(self.answers.label(answer), em, LONGEST)
            made.add(TextLine(text, size=em, color=theme.ink, at=(x, low)))
        return made

    @property
    def _scale(self) -> Scale:
        return "free" if self.answers.kind == "value" else "gate"

    def _ends(self, left: str, right: str) -> tuple[float, float]:
        """Where the middles of the labels at both ends stand, from the hub."""
        first, second = (text_width(text, self.em) for text in (left, right))
        least = self.radius - 0.5 * THICK * self.em
        close = (first + second) / 2 + GAP * self.em
        more = max(close - 2 * least, 0.0)
        return -least - more / 2, least + more / 2

    def _beside(self, left: str, right: str) -> tuple[float, float]:
        """Where the middles of labels stand that are outside the dial, from the hub."""
        out = OUTER * self.radius + BESIDE * self.em
        first, second = (text_width(text, self.em) for text in (left, right))
        return -out - first / 2, out + second / 2


class Swing(Animation):
    """A needle that goes round to another place of its dial."""

    steady = True

    def __init__(self, needle: Needle, start: float, end: float, **options: Any) -> None:
        self.needle, self.way = needle, (start, end)
        super().__init__(needle.hand, **options)

    def interpolate_mobject(self, alpha: float) -> None:
        """Put the needle where it is at this share of the time."""
        start, end = self.way
        self.needle.set_hand(start + (end - start) * self.rate_func(alpha))


def radius_of(answers: Answers, em: float) -> float:
    """The radius of a dial, in which the longest number has room."""
    numbers = ["0.00"]
    if answers.kind == "value":
        numbers = [
            shown(end[k], "free") for k in [answers.told_at(0)] for end in answers.range_of(k)
        ]
    widest = max(text_width(text, em) for text in numbers)
    return max(RADIUS * em, (widest / 2 + 0.35 * em) / INNER)


def needle_width(answers: Answers, em: float) -> float:
    """How wide a needle is, whatever the tick."""
    radius = OUTER * radius_of(answers, em)
    if answers.kind == "several":
        texts = [answers.label(k) for k in range(min(answers.count, FEW))]
        wide = max(text_width(_cut(text, em, LONGEST), em) for text in texts)
        return max(2 * radius, wide)
    answer = answers.told_at(0)
    if answers.kind == "two":
        ends = _sides(answers, em)
    else:
        least, most = answers.range_of(answer)
        ends = shown(least[answer], "free"), shown(most[answer], "free")
    first, second = (text_width(text, em) for text in ends)
    if answers.kind == "value" and answers.labels:
        name = text_width(_cut(answers.label(answer), em, LONGEST), em)
        return max(name, 2 * (radius + BESIDE * em + max(first, second)))
    half = max(radius_of(answers, em) - 0.5 * THICK * em, (first + second) / 4 + GAP * em / 2)
    return max(2 * radius, 2 * half + max(first, second))


def _sides(answers: Answers, em: float) -> tuple[str, str]:
    left, right = answers.sides
    return _cut(left, em, SIDE), _cut(right, em, SIDE)


def _cut(text: str, em: float, most: float) -> str:
    return shortened(text, em, most * em)


def _painted(color: str) -> VMobject:
    return VMobject(stroke_width=0, fill_opacity=1, fill_color=color)


def _band(hub: tuple[float, float], radius: float, thick: float, share: float) -> NDArray[Any]:
    """The outline of a band from the left end of a half circle along a share of it."""
    end = pi * (1 - max(share, 1e-3))
    outer = _arc(hub, radius, pi, end)
    inner = _arc(hub, radius - thick, end, pi)
    return np.concatenate(
        [outer, _straight(outer[-1], inner[0]), inner, _straight(inner[-1], outer[0])]
    )


def _arc(hub: tuple[float, float], radius: float, start: float, end: float) -> NDArray[Any]:
    """An arc as cubic curves, four points each."""
    angles = np.linspace(start, end, SEGMENTS + 1)
    handle = 4 / 3 * tan((end - start) / SEGMENTS / 4) * radius
    way = np.stack([np.cos(angles), np.sin(angles), np.zeros_like(angles)], axis=1)
    ahead = np.stack([-np.sin(angles), np.cos(angles), np.zeros_like(angles)], axis=1)
    places = np.array([*hub, 0.0]) + radius * way
    curves = [
        (a, a + handle * s, b - handle * e, b)
        for a, b, s, e in zip(places, places[1:], ahead, ahead[1:], strict=False)
    ]
    return np.concatenate([np.stack(curve) for curve in curves])


def _straight(start: NDArray[Any], end: NDArray[Any]) -> NDArray[Any]:
    way: NDArray[Any] = start + (end - start) * np.linspace(0, 1, 4)[:, None]
    return way


def _polygon(corners: list[NDArray[Any]]) -> NDArray[Any]:
    following = [*corners[1:], corners[0]]
    return np.concatenate([_straight(a, b) for a, b in zip(corners, following, strict=True)])
