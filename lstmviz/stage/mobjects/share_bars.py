"""Answers with their probabilities: a label, a bar and a number each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from manim import Rectangle, VGroup

from lstmviz.stage.mobjects.column import Number
from lstmviz.stage.mobjects.input_strip import shortened
from lstmviz.stage.text.text import TextLine

if TYPE_CHECKING:
    from lstmviz.style.layout import Box
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import Reading

ROW = 3.4  # ems at most
NUMBER = 2.9  # ems for the number at the right


class ShareBars(VGroup):
    """One row for each of some readings with one value: its label above its bar.

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
        room = box.width - NUMBER * em
        self.rows = VGroup()
        for k, (label, reading, unit) in enumerate(shares):
            y = top - k * pitch
            text = shortened(label, em, box.width)
            tone = theme.ink if k == 0 else theme.faint
            words = TextLine(
                text, size=em, color=tone, at=(box.left, y - 0.3 * pitch), align="left"
            )
            level, value = y - 0.68 * pitch, reading[unit]
            long = max(room * min(max(value, 0.0), 1.0), 0.02)
            bar = Rectangle(width=long, height=0.26 * pitch, stroke_width=0)
            fill = theme.ink if k == 0 else theme.resting(theme.ink)
            bar.set_fill(fill, opacity=1).move_to((box.left + long / 2, level, 0))
            at = (box.left + long + 1.4 * em, level)
            number = Number(reading, unit, scale="gate", size=em, color=tone, at=at)
            self.rows.add(VGroup(words, bar, number))
        self.add(self.rows)
