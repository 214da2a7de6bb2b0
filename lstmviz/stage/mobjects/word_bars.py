"""The sizes of a reading word by word, as bars over the words or, in a tall frame, beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from manim import Line, Rectangle, VGroup

from lstmviz.stage.mobjects.input_strip import shortened
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.stage.text.turned import turned
from lstmviz.style.notation import written

if TYPE_CHECKING:
    from lstmviz.style.layout import Box
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import Trace

MOST = 30  # bars
TILT = 0.96
EM = 0.25
LONGEST = 1.5  # a word's width


class WordBars(VGroup):
    """The sizes of a reading as bars over the words, the last ones of a long input.

    In a box taller than wide, the words stand one below the other and the bars beside them.
    What is written is `zoom` times as large as in the wide frame, where there is room.
    """

    def __init__(
        self,
        trace: Trace,
        name: str,
        kind: str,
        theme: Theme,
        box: Box,
        *,
        zoom: float = 1.0,
        least: float = EM,
    ) -> None:
        super().__init__()
        ticks = range(max(len(trace) - MOST, 0), len(trace))
        self.theme, self.box, self.zoom, self.least = theme, box, zoom, least
        values = np.abs(trace[name][list(ticks), 0])
        self.shares = [float(value) / (float(values.max()) or 1.0) for value in values]
        self.texts = [written(trace.short(tick), kind) for tick in ticks]
        self.upright = kind == "characters"
        self.bars, self.words = VGroup(), VGroup()
        self.axis = self._beside() if box.height > box.width else self._above()
        self.axis.set_stroke(theme.faint, width=2.5)
        self.add(self.axis, self.words, self.bars)

    def _above(self) -> Line:
        """Let the bars stand on an axis over the words; give the axis."""
        box, count, em = self.box, len(self.texts), max(EM, self.least)
        width = min((box.width - 0.6) / count, 0.9)
        bottom, high = box.bottom + 1.45, box.height - 2.5
        left = box.center[0] - width * count / 2
        right = left + width * count
        for k, (text, share) in enumerate(zip(self.texts, self.shares, strict=True)):
            x, tall = left + (k + 0.5) * width, max(high * share, 0.015)
            self._bar(width * 0.72, tall, (x, bottom + tall / 2))
            short = shortened(text, em, LONGEST)
            if self.upright and text_width(text, em) < width:
                self.words.add(TextLine(text, size=em, color=self.theme.ink, at=(x, bottom - 0.25)))
                continue
            word = TextLine(short, size=em, color=self.theme.ink, align="right")
            turned(word, TILT).shift((x + 0.08, bottom - 0.2, 0))
            self.words.add(word)
        return Line((left - 0.1, bottom, 0), (right + 0.1, bottom, 0))

    def _beside(self) -> Line:
        """Let the bars lie on an axis beside the words; give the axis."""
        box, count, zoom = self.box, len(self.texts), self.zoom
        top = box.top - 0.6 * zoom
        pitch = min((top - box.bottom) / count, 0.8)
        size = max(min(EM * zoom, 0.8 * pitch), self.least)
        texts = [shortened(text, size, LONGEST * zoom) for text in self.texts]
        left = box.left + 0.2 + max(text_width(text, size) for text in texts) + 0.2
        for k, (text, share) in enumerate(zip(texts, self.shares, strict=True)):
            y, long = top - (k + 0.5) * pitch, max((box.right - 0.2 - left) * share, 0.015)
            self._bar(long, pitch * 0.72, (left + long / 2, y))
            at = (left - 0.2, y)
            self.words.add(TextLine(text, size=size, color=self.theme.ink, at=at, align="right"))
        return Line((left, top + 0.1, 0), (left, top - pitch * count - 0.1, 0))

    def _bar(self, width: float, height: float, at: tuple[float, float]) -> None:
        bar = Rectangle(width=width, height=height, stroke_width=0, fill_opacity=1)
        self.bars.add(bar.set_fill(self.theme.role("forget")).move_to((*at, 0)))
