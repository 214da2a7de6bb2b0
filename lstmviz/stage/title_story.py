"""The title card: three cells side by side, and one pulse that passes through each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from manim import FadeIn, FadeOut, LaggedStart, VGroup, smooth, squish_rate_func

from lstmviz.engine.demo.review import REVIEW
from lstmviz.engine.run import run
from lstmviz.stage.column import Column
from lstmviz.stage.miniature import Miniature
from lstmviz.stage.part import Part
from lstmviz.stage.story import Story
from lstmviz.stage.type import Words, text_width

if TYPE_CHECKING:
    from lstmviz.trace import Trace

TITLED = ("rnn", "lstm", "gru")
APART = 4.66  # from one cell to the next
LEVEL = 0.2
MOVE = 0.55  # seconds
NUMBER = (0.82, 0.38)  # of a box with a number


class TitleStory(Story):
    """A card with three small cells, each at work on a tick of its own demo network.

    The tick is the one after which the memory is fullest. `open` shows the title and the cells
    at rest, `pulse` lets the data of a tick pass one.
    """

    def setup(self) -> None:
        """Draw the cells; the card has no strip and no status."""
        super().setup()
        self.remove(self.strip, self.status)
        self.cells: dict[str, Miniature] = {}
        self.names: dict[str, Part] = {}
        for k, cell in enumerate(TITLED):
            trace = run(REVIEW, cell=cell)
            full = np.abs(trace["c" if "c" in trace else "h"]).sum(axis=1)
            x = (k - 1) * APART
            now = trace.at(int(np.argmax(full)))
            self.cells[cell] = Miniature(now, self.theme, self.lang, (x, LEVEL))
            name = self.lang.word(f"cell {cell}").removeprefix("cell ")
            part = Part(self.theme)
            word = Words(name, size=0.5, weight="bold", at=(x - 0.05, LEVEL - 1.75))
            part.ink(word, self.theme.ink, "text", self.theme.faint)
            self.names[cell] = part.rest()

    def open(self) -> None:
        """Let the title appear, then the cells, one after the other."""
        theme, width = self.theme, self.layout.caption.width
        title, line = self.lang.word("title"), self.lang.word("title line")
        size = min(0.86, 0.86 * width / text_width(title, 0.86, "bold"))
        small = min(0.36, 0.36 * width / text_width(line, 0.36))
        head = Words(title, size=size, weight="bold", color=theme.ink, at=(0, 3.0))
        below = Words(line, size=small, color=theme.faint, at=(0, 2.2))
        self.play(FadeIn(head), run_time=0.8)
        self.play(FadeIn(below), run_time=0.5)
        each = [
            FadeIn(VGroup(cell, name))
            for cell, name in zip(self.cells.values(), self.names.values(), strict=True)
        ]
        self.play(LaggedStart(*each, lag_ratio=0.4), run_time=1.6)

    def pulse(self, name: str) -> None:
        """Let the data of a tick pass through a cell, which lights up on its way."""
        cell = self.cells[name]
        waking = [*cell.wake(), self.names[name].animate.lit()]
        for number in range(len(cell.beats)):
            gone = cell.travelling
            soon = squish_rate_func(smooth, 0, 0.3)
            motions = cell.beat(number, MOVE)
            self.play(*(FadeOut(column, rate_func=soon) for column in gone), *motions,
                      *waking, run_time=MOVE)  # fmt: skip
            waking = []
        rest = cell.circuit.focus(*cell.circuit.parts)
        left = self._left_by(cell)
        self.play(
            *(FadeOut(column) for column in cell.travelling),
            *rest,
            *(FadeIn(part) for part in left),
            run_time=0.6,
        )

    def _left_by(self, cell: Miniature) -> VGroup:
        """Set below a cell the memory that the pulse has left in it, in numbers."""
        memory = "c" if "c" in cell.now.trace else "h"
        reading = cell.now[memory]
        x, y = float(self.names[cell.cell].get_x()), LEVEL - 2.36
        wide = NUMBER[0]
        units = range(min(len(reading), 4))
        row = VGroup()
        for k in units:
            at = (x + (k - (len(units) - 1) / 2) * (wide + 0.15), y)
            row.add(
                Column(
                    reading, self.theme, cell=cell.cell, units=[k], box=NUMBER, numbers=True, at=at
                )
            )
        return row

    @property
    def sources(self) -> tuple[Trace, ...]:
        """The traces of the three cells."""
        return tuple(cell.now.trace for cell in self.cells.values())
