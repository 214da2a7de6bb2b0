"""The sizes of a reading word by word, as bars over the words or, in a tall frame, beside them."""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING

from manim import Line, Rectangle, VGroup

from lstmviz.stage.mobjects.column import Number
from lstmviz.stage.mobjects.input_strip import shortened
from lstmviz.stage.mobjects.slots import slots
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.stage.text.turned import turned
from lstmviz.style.notation import quantity, shown, written

if TYPE_CHECKING:
    from collections.abc import Callable

    from lstmviz.style.layout import Box
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import Trace

MOST = 30  # bars
CLOSEST = 1.4  # from bar to bar, in ems
TILT = 0.96
LONGEST = 6.6  # a word's width, in ems
HEAD = 0.75  # above the bars, for a title


class WordBars(VGroup):
    """The sizes of a reading as bars over the words, each with its number.

    In a box taller than wide, the words stand one below the other and the bars beside them. Of a
    long input it shows the first word and the last ones, and `left_out` says of how many it does
    not. What is written is `zoom` times as large as in the wide frame, where there is room, and
    never smaller than `least`.
    """

    def __init__(
        self,
        trace: Trace,
        name: str,
        kind: str,
        theme: Theme,
        box: Box,
        *,
        left_out: Callable[[int], str],
        least: float,
        zoom: float = 1.0,
    ) -> None:
        super().__init__()
        self.theme, self.box, self.zoom, self.em = theme, box, zoom, least
        tall = box.height > box.width
        room = box.height - HEAD * zoom if tall else box.width - 0.6
        most = min(MOST, int(room / (CLOSEST * least)))
        places = slots(0, len(trace) - 1, most)
        self.readings = [trace.at(place[0])[name] if len(place) == 1 else None for place in places]
        self.look = quantity(name, cell=trace.notation).scale
        self.most = max(abs(each[0]) for each in self.readings if each is not None)
        self.texts = [
            written(trace.short(place[0]), kind) if len(place) == 1 else f"… {left_out(len(place))}"
            for place in places
        ]
        self.upright = kind == "characters"
        self.bars, self.words, self.numbers = VGroup(), VGroup(), VGroup()
        self.axis = self._beside() if tall else self._above()
        self.axis.set_stroke(theme.faint, width=2.5)
        self.add(self.axis, self.words, self.bars, self.numbers)

    def _above(self) -> Line:
        """Let the bars stand on an axis over the words; give the axis."""
        box, count, em = self.box, len(self.texts), self.em
        width = min((box.width - 0.6) / count, 1.4)
        upright = self._widest(em) + 0.15 < width
        over = 1.4 * em if upright else self._widest(em) + 0.15
        below = LONGEST * em * 0.9 + 0.3
        bottom = box.bottom + below
        high = box.top - HEAD * self.zoom - over - bottom
        left = box.center[0] - width * count / 2
        for k, (text, reading) in enumerate(zip(self.texts, self.readings, strict=True)):
            x = left + (k + 0.5) * width
            self._word_below(text, x, bottom, width, faint=reading is None)
            if reading is None:
                continue
            tall = max(high * self._share(reading[0]), 0.015)
            self._bar(width * 0.72, tall, (x, bottom + tall / 2))
            number = Number(reading, 0, scale=self.look, size=em, color=self.theme.ink)
            if not upright:
                turned(number, pi / 2)
            half = float(number.height) / 2
            self.numbers.add(number.move_to((x, bottom + tall + 0.08 + half, 0)))
        right = left + width * count
        return Line((left - 0.1, bottom, 0), (right + 0.1, bottom, 0))

    def _word_below(self, text: str, x: float, bottom: float, width: float, *, faint: bool) -> None:
        """Write a word below the axis, tilted unless there is room."""
        em, color = self.em, self.theme.faint if faint else self.theme.ink
        if text_width(text, em) + 0.1 < width:
            self.words.add(TextLine(text, size=em, color=color, at=(x, bottom - 0.3)))
            return
        short = text if faint else shortened(text, em, LONGEST * em)
        word = TextLine(short, size=em, color=color, align="right")
        self.words.add(turned(word, TILT).shift((x + 0.08, bottom - 0.2, 0)))

    def _beside(self) -> Line:
        """Let the bars lie on an axis beside the words; give the axis."""
        box, count, zoom = self.box, len(self.texts), self.zoom
        top = box.top - HEAD * zoom
        pitch = min((top - box.bottom) / count, 0.8)
        size = max(min(0.25 * zoom, 0.8 * pitch), self.em)
        texts = [
            text if reading is None else shortened(text, size, LONGEST * size)
            for text, reading in zip(self.texts, self.readings, strict=True)
        ]
        left = box.left + 0.2 + max(text_width(text, size) for text in texts) + 0.2
        far = box.right - 0.3 - self._widest(size)
        for k, (text, reading) in enumerate(zip(texts, self.readings, strict=True)):
            y = top - (k + 0.5) * pitch
            color = self.theme.faint if reading is None else self.theme.ink
            at = (left - 0.2, y)
            self.words.add(TextLine(text, size=size, color=color, at=at, align="right"))
            if reading is None:
                continue
            long = max((far - left) * self._share(reading[0]), 0.015)
            self._bar(long, pitch * 0.72, (left + long / 2, y))
            number = Number(reading, 0, scale=self.look, size=size, color=self.theme.ink)
            self.numbers.add(number.shift((left + long + 0.12 + number.advance / 2, y, 0)))
        return Line((left, top + 0.1, 0), (left, top - pitch * count - 0.1, 0))

    def _share(self, value: float) -> float:
        return abs(float(value)) / self.most if self.most else 0.0

    def _widest(self, em: float) -> float:
        there = [each for each in self.readings if each is not None]
        return max(text_width(shown(float(each[0]), self.look), em) for each in there)

    def _bar(self, width: float, height: float, at: tuple[float, float]) -> None:
        bar = Rectangle(width=width, height=height, stroke_width=0, fill_opacity=1)
        self.bars.add(bar.set_fill(self.theme.role("forget")).move_to((*at, 0)))
