"""Readings over many words: a band of boxes each, a column a word, the words below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from manim import Line, Rectangle, VGroup

from lstmviz.stage.manim.rounded_rectangle import RoundedRectangle
from lstmviz.stage.mobjects.input_strip import shortened
from lstmviz.stage.mobjects.level import level_in, minus_in
from lstmviz.stage.text.formula import Formula
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.stage.text.turned import turned
from lstmviz.style.layout import WIDE
from lstmviz.style.notation import quantity, written
from lstmviz.style.theme import mix

if TYPE_CHECKING:
    from lstmviz.style.layout import Box
    from lstmviz.style.notation import Scale
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import Trace

MOST = 30  # words side by side
PITCH = 0.32  # from one word to the next at least
USUAL = 4.0  # the height of the box in a wide frame; in a higher one all is larger
TALLEST, HIGHEST = 0.36, 0.62  # rows of boxes, and of bars
FEW, ALONE = 1.6, 1.2  # what few rows may take together, and a row
LEAST = WIDE.least
DIGIT = 0.85  # ems: a digit, and the air above it
TILT = 0.96  # radians; a tilted word takes little width and can still be read
TILTED, UPRIGHT = 1.45, 0.7  # the height of the words below the bands
MARGIN = 1.05  # left of the bands, for their symbols


class History(VGroup):
    """The readings of some names over the words around a tick.

    `words[k]` is the group of everything that belongs to the k-th word shown; `frame`
    rings the word that is told. With `relief`, a value is a bar up or down from the middle of
    its row, and each row has a band from −1 to 1, so that what lies beyond is seen.
    """

    def __init__(
        self,
        trace: Trace,
        names: Sequence[str],
        tick: int,
        units: Sequence[Sequence[int]],
        theme: Theme,
        box: Box,
        *,
        relief: bool = False,
        least: float = LEAST,
    ) -> None:
        super().__init__()
        most = min(MOST, int((box.width - MARGIN) / PITCH))
        begin = max(min(tick - most // 2, len(trace) - most), 0)
        ticks = range(begin, min(begin + most, len(trace)))
        size = max(0.25, least)
        grow = min(max(box.height / USUAL, 1.0), 2.3)
        width = min((box.width - MARGIN) / len(ticks), 0.8)
        texts = [shortened(written(trace.short(at), trace.kind), size, 1.5) for at in ticks]
        upright = [trace.kind == "characters" and text_width(t, size) < width for t in texts]
        labels = UPRIGHT if all(upright) else TILTED
        rows = sum(len(shown) for shown in units)
        tallest = max((HIGHEST if relief else TALLEST) * grow, min(FEW * grow / rows, ALONE))
        height = min((box.height - labels - 0.3 * (len(names) - 1)) / rows, tallest)
        left = box.center[0] - (width * len(ticks) - MARGIN) / 2
        top = box.top - (box.height - labels - rows * height - 0.3 * (len(names) - 1)) / 3
        self.words = VGroup(*(VGroup() for _ in ticks))
        self.symbols = VGroup()
        for name, shown in zip(names, units, strict=True):
            look = quantity(name, cell=trace.notation)
            color = theme.readable(theme.role(look.role), theme.background)
            middle = top - len(shown) * height / 2
            self.symbols.add(Formula(look.symbol, size=0.42, color=color, at=(left - 0.7, middle)))
            border = RoundedRectangle(
                width=width * len(ticks) + 0.1,
                height=height * len(shown) + 0.1,
                corner_radius=0.06,
                stroke_width=2.5,
                stroke_color=theme.role(look.role),
            ).move_to((left + width * len(ticks) / 2, middle, 0))
            self.symbols.add(border)
            values = trace[name][ticks.start : ticks.stop, list(shown)]
            reach = max(1.2, 1.1 * float(abs(values).max()))
            em = max(min(0.2, height * 0.7), least)
            every = math.ceil(DIGIT * em / height)  # row, of those so low, has its number
            for row, unit in enumerate(shown):
                y = top - (row + 0.5) * height
                if row % every == 0:
                    number, place = str(unit + 1), (left - 0.24, y)
                    self.symbols.add(TextLine(number, size=em, color=theme.faint, at=place))
                if relief:
                    self._band(theme, left, width * len(ticks), y, height / reach)
                for k, at in enumerate(ticks):
                    value = float(trace[name][at, unit])
                    place = (left + (k + 0.5) * width, y)
                    if relief:
                        self._bar(theme, value, look.scale, width, height / reach, place, k)
                    else:
                        self._box(theme, value, look.scale, (width, height), place, k)
            top -= len(shown) * height + 0.3
        bottom = top + 0.3
        for k, (at, text) in enumerate(zip(ticks, texts, strict=True)):
            color = theme.ink if at == tick else theme.faint
            x = left + (k + 0.5) * width
            if upright[k]:
                self.words[k].add(TextLine(text, size=size, color=color, at=(x, bottom - 0.3)))
                continue
            word = TextLine(text, size=size, color=color, align="right")
            self.words[k].add(turned(word, TILT).shift((x + 0.08, bottom - 0.2, 0)))
        # A longer text is hinted at: the words lean left, so both corners are free.
        end = left + width * len(ticks)
        for more, x, y in (
            (begin > 0, left - 0.55, bottom - 0.3),
            (ticks.stop < len(trace), end - 0.1, bottom - 0.75),
        ):
            if more:
                self.symbols.add(TextLine("…", size=0.3, color=theme.faint, at=(x, y)))
        k = tick - begin
        tall = self.symbols.get_top()[1] - bottom + 0.18
        self.frame = RoundedRectangle(width=width + 0.08, height=tall, corner_radius=0.08)
        self.frame.set_stroke(theme.ink, width=4)
        self.frame.move_to((left + (k + 0.5) * width, bottom + tall / 2 - 0.09, 0))
        self.add(self.symbols, self.words, self.frame)

    def _bar(
        self,
        theme: Theme,
        value: float,
        scale: Scale,
        width: float,
        unit: float,
        at: tuple[float, float],
        k: int,
    ) -> None:
        """Draw a value as a bar up or down from the middle of its row, `unit` high for 2."""
        tall = max(abs(value) * unit / 2, 0.02)
        bar = Rectangle(width=width - 0.03, height=tall, stroke_width=0)
        bar.set_fill(theme.value(value, scale), opacity=1)
        self.words[k].add(bar.move_to((at[0], at[1] + value * unit / 4, 0)))

    def _box(
        self,
        theme: Theme,
        value: float,
        scale: Scale,
        size: tuple[float, float],
        at: tuple[float, float],
        k: int,
    ) -> None:
        """Draw a value as a box, a gate as one that is filled as far as it is open.

        A box below 0 has a dash in it, a minus: its colour alone is not seen by everybody.
        """
        inner, gate = (size[0] - 0.03, size[1] - 0.03), scale == "gate"
        box = Rectangle(width=inner[0], height=inner[1], stroke_width=0)
        box.set_fill(theme.value(0.0 if gate else value, scale), opacity=1)
        self.words[k].add(box.move_to((*at, 0)))
        if gate:
            self.words[k].add(*level_in(theme, value, inner, at, up=True))
        else:
            self.words[k].add(*minus_in(theme, value, scale, inner, at))

    def _band(self, theme: Theme, left: float, width: float, y: float, height: float) -> None:
        """Draw the band from −1 to 1 behind a row, and its middle."""
        band = Rectangle(width=width, height=height, stroke_width=0)
        band.set_fill(mix(theme.background, theme.ink, 0.09), opacity=1)
        band.move_to((left + width / 2, y, 0))
        middle = Line((left, y, 0), (left + width, y, 0), stroke_width=1)
        self.symbols.add(band, middle.set_stroke(theme.faint))
