"""Answers with their probabilities: a label, a bar and a number each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from manim import Rectangle, VGroup

from lstmviz.stage.mobjects.column import Number
from lstmviz.stage.mobjects.input_strip import shortened
from lstmviz.stage.text.text import TextLine, text_width

if TYPE_CHECKING:
    from lstmviz.style.layout import Box
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import Reading

ROW = 3.4  # ems at most
TWO = 2.8  # ems: in lower rows the label stands beside the bar, not above it
ASIDE = 0.4  # of the width, for a label there at most
NUMBER = 2.9  # ems for the number at the right


class ShareBars(VGroup):
    """One row for each of some readings with one value: its label above its bar, or beside it.

    `rows[k]` are the label, the bar and the number of a row.
    """

    def __init__(
        self,
        shares: Sequence[tuple[str, Reading, int]],
        theme: Theme,
        box: Box,
        *,
        em: float,
    ) -> None:
        super().__init__()
        self.theme = theme
        pitch = min(box.height / len(shares), ROW * em)
        top = box.center[1] + pitch * len(shares) / 2
        beside = pitch < TWO * em
        texts = [shortened(text, em, box.width * (ASIDE if beside else 1)) for text, *_ in shares]
        left = box.left
        if beside:
            left += max(text_width(text, em) for text in texts) + 0.6 * em
        room = box.right - left - NUMBER * em
        thick = (0.6 if beside else 0.26) * pitch
        self.rows = VGroup()
        for k, (text, (_, reading, unit)) in enumerate(zip(texts, shares, strict=True)):
            level = top - (k + (0.5 if beside else 0.68)) * pitch
            at = (box.left, level if beside else top - (k + 0.3) * pitch)
            tone = theme.ink if k == 0 else theme.faint
            words = TextLine(text, size=em, color=tone, at=at, align="left")
            long = max(room * min(max(reading[unit], 0.0), 1.0), 0.02)
            bar = Rectangle(width=long, height=thick, stroke_width=0)
            fill = theme.ink if k == 0 else theme.resting(theme.ink)
            bar.set_fill(fill, opacity=1).move_to((left + long / 2, level, 0))
            at = (left + long + 1.4 * em, level)
            number = Number(reading, unit, scale="gate", size=em, color=tone, at=at)
            self.rows.add(VGroup(words, bar, number))
        self.add(self.rows)
