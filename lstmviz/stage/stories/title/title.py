"""The title card: three cells side by side, and one pulse that passes through each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from manim import FadeIn, FadeOut, LaggedStart, VGroup, smooth, squish_rate_func

from lstmviz.demo.review import REVIEW
from lstmviz.load.run import run
from lstmviz.stage.circuits.miniature import Miniature
from lstmviz.stage.mobjects.column import NUMBER, Column, number_size
from lstmviz.stage.mobjects.lightable import Lightable
from lstmviz.stage.mobjects.title_card import fitted
from lstmviz.stage.stories.title.title_layout import BETWEEN, title_places
from lstmviz.stage.story.story import Story
from lstmviz.stage.text.fonts import Weight
from lstmviz.stage.text.formula import Formula
from lstmviz.stage.text.text import TextLine
from lstmviz.style.notation import quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lstmviz.trace.trace import Trace

TITLED = ("rnn", "lstm", "gru")
MOVE = 0.55  # seconds
HEAD, LINE = 0.86, 0.36  # the ems of the title and of the line below it


class TitleStory(Story):
    """A card with three small cells, each of a network that reads the same word.

    It is the word after which all three memories are full. The cells stand there at rest from
    the first picture on; `open` names them, `pulse` lets the data of the word pass one.
    """

    def setup(self) -> None:
        """Draw the cells; the card has no strip and no status."""
        super().setup()
        self.remove(self.strip, self.status)
        head, low = self._head()
        self.add(*head)
        places = title_places(self.layout, low)
        self.places = dict(zip(TITLED, places, strict=True))
        self.cells: dict[str, Miniature] = {}
        self.names: dict[str, Lightable] = {}
        traces = {cell: run(REVIEW, cell=cell) for cell in self.places}
        tick = _fullest([*traces.values()])
        for cell, place in self.places.items():
            now = traces[cell].at(tick)
            self.cells[cell] = Miniature(
                now,
                self.theme,
                self.lang,
                place.cell,
                place.size,
                plain=place.plain,
                least=self.layout.least,
            )
            name = self.lang.word(f"cell {cell}").removeprefix("cell ")
            part = Lightable(self.theme)
            word = TextLine(name, size=place.em, weight="bold", at=place.name)
            part.ink(word, self.theme.ink, "text", self.theme.faint)
            self.names[cell] = part.rest()
        self.add(*self.cells.values(), *self.names.values())

    @property
    def unit(self) -> str:
        """It is a text of words that these networks read, whatever the film goes on with."""
        return "word"

    def _head(self) -> tuple[list[VGroup], float]:
        """Set the title and the line below it; give both, and the height of the last line.

        In an upright frame each may take two lines.
        """
        theme, frame, zoom = self.theme, self.layout.frame, self.layout.zoom
        most = 2 if frame.height > frame.width else 1
        given: tuple[tuple[str, float, Weight, str], ...] = (
            (self.lang.word("title"), HEAD, "bold", theme.ink),
            (self.lang.word("title line"), LINE, "regular", theme.faint),
        )
        groups, y = [], frame.top - 0.57
        for text, largest, weight, color in given:
            size, lines = fitted(
                text, largest * zoom, self.layout.caption.width, weight, most, self.lang.unbroken
            )
            y -= size / 2
            group = VGroup()
            for k, line in enumerate(lines):
                y -= 1.2 * size if k else 0.0
                group.add(TextLine(line, size=size, weight=weight, color=color, at=(0, y)))
            groups.append(group)
            low, y = y, y - size / 2 - 0.19 * zoom
        return groups, low

    def _put_title_up(self) -> None:
        """The card is the title."""

    def open(self) -> None:
        """Name the cells, one after the other."""
        each: list[Any] = [name.animate.lit() for name in self.names.values()]
        self.play(LaggedStart(*each, lag_ratio=0.4), run_time=1.6)

    def pulse(self, name: str) -> None:
        """Let the data of a tick pass through a cell, which lights up on its way."""
        cell = self.cells[name]
        waking = cell.wake()
        for number in range(len(cell.beats)):
            gone = cell.travelling
            soon = squish_rate_func(smooth, 0, 0.3)
            motions = cell.beat(number, MOVE)
            self.play(
                *(FadeOut(column, rate_func=soon) for column in gone),
                *motions,
                *waking,
                run_time=MOVE,
            )
            waking = []
        rest = cell.circuit.focus(*cell.circuit.parts)
        left = self._left_by(cell)
        self.play(
            *(FadeOut(column) for column in cell.travelling),
            *rest,
            *(FadeIn(part) for part in left),
            run_time=0.6,
        )

    @property
    def word_read(self) -> str:
        """The word that comes into all three cells."""
        return str(self.cells[TITLED[0]].now.token.text)

    def _left_by(self, cell: Miniature) -> VGroup:
        """Set below a cell the memory that the pulse has left in it: its symbol, its numbers."""
        memory = cell.now.trace.memory
        reading = cell.now[memory]
        place = self.places[cell.cell]
        units = range(min(len(reading), 4))
        look, (x, y), box = quantity(memory, cell=cell.now.trace.notation), place.numbers, place.box
        size = number_size([(reading, look, units)], box, NUMBER * self.layout.zoom)
        zoom = self.layout.zoom
        color = self.theme.readable(self.theme.role(look.role), self.theme.background)
        source = memory if place.plain else look.symbol
        symbol = Formula(source, size=0.42 * zoom, color=color)
        gap = 0.12 * zoom
        pitch, x = box[0] + BETWEEN, x + (float(symbol.width) + gap) / 2
        first = x - (len(units) - 1) / 2 * pitch
        symbol.move_to((first - box[0] / 2 - gap - 0.05 - float(symbol.width) / 2, y, 0))
        row = VGroup(symbol)
        for k in units:
            at = (first + k * pitch, y)
            row.add(
                Column(
                    reading,
                    self.theme,
                    cell=cell.now.trace.notation,
                    units=[k],
                    box=box,
                    numbers=True,
                    at=at,
                    size=size,
                )
            )
        return row

    @property
    def sources(self) -> tuple[Trace, ...]:
        """The traces of the three cells."""
        return tuple(cell.now.trace for cell in self.cells.values())


def _fullest(traces: Sequence[Trace]) -> int:
    """Find the tick after which all memories are full, each measured by the fullest it gets."""
    full = [np.abs(trace[trace.memory]).sum(axis=1) for trace in traces]
    return int(np.argmax(np.min([each / each.max() for each in full], axis=0)))
