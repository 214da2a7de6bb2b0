"""Readings over many words: a band of boxes each, a column a word, the words below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from manim import Line, Rectangle, VGroup

from lstmviz.stage.manim.rounded_rectangle import RoundedRectangle
from lstmviz.stage.mobjects.input_strip import shortened
from lstmviz.stage.text.formula import Formula
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.stage.text.turned import turned
from lstmviz.style.notation import quantity, written
from lstmviz.style.theme import mix

if TYPE_CHECKING:
    from lstmviz.style.layout import Box
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import Trace

MOST = 30  # words side by side
PITCH = 0.32  # from one word to the next at least
USUAL = 4.0  # the height of the box in a wide frame; in a higher one all is larger
TALLEST, HIGHEST = 0.36, 0.62  # rows of boxes, and of bars
LEAST = 0.135  # the smallest em that can be read in a wide frame
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
        size = 0.25
        grow = min(max(box.height / USUAL, 1.0), 2.3)
        tallest = (HIGHEST if relief else TALLEST) * grow
        width = min((box.width - MARGIN) / len(ticks), 0.8)
        texts = [shortened(written(trace.short(at), trace.kind), size, 1.5) for at in ticks]
        upright = [trace.kind == "characters" and text_width(t, size) < width for t in texts]
        labels = UPRIGHT if all(upright) else TILTED
        rows = sum(len(shown) for shown in units)
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
            for row, unit in enumerate(shown):
                y = top - (row + 0.5) * height
                self.symbols.add(
                    TextLine(
                        str(unit + 1),
                        size=max(min(0.2, height * 0.7), least),
                        color=theme.faint,
                        at=(left - 0.24, y),
                    )
                )
                if relief:
                    self._band(theme, left, width * len(ticks), y, height / reach)
                for k, at in enumerate(ticks):
                    value = float(trace[name][at, unit])
                    fill = theme.value(value, look.scale)
                    body = Rectangle(
                        width=width - 0.03,
                        height=max(abs(value) * height / reach / 2, 0.02)
                        if relief
                        else height - 0.03,
                        stroke_width=0,
                        fill_color=fill,
                        fill_opacity=1,
                    )
                    rise = value * height / reach / 4 if relief else 0.0
                    self.words[k].add(body.move_to((left + (k + 0.5) * width, y + rise, 0)))
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

    def _band(self, theme: Theme, left: float, width: float, y: float, height: float) -> None:
        """Draw the band from −1 to 1 behind a row, and its middle."""
        band = Rectangle(width=width, height=height, stroke_width=0)
        band.set_fill(mix(theme.background, theme.ink, 0.09), opacity=1)
        band.move_to((left + width / 2, y, 0))
        middle = Line((left, y, 0), (left + width, y, 0), stroke_width=1)
        self.symbols.add(band, middle.set_stroke(theme.faint))
