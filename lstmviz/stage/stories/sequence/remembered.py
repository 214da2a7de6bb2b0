"""A story about what a text leaves behind: how far each word moves the memory."""

from __future__ import annotations

import unicodedata
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from manim import FadeIn, FadeOut, LaggedStart, Line, Rectangle, Transform, VGroup

from lstmviz.stage.manim.rounded_rectangle import RoundedRectangle
from lstmviz.stage.mobjects.change_bar import EDGE, ChangeBar
from lstmviz.stage.mobjects.column import Number
from lstmviz.stage.mobjects.input_strip import shortened
from lstmviz.stage.mobjects.lens import Equation, Lens
from lstmviz.stage.mobjects.paragraph import Paragraph, ReadThrough
from lstmviz.stage.stories.sequence.review import ReviewStory
from lstmviz.stage.text.formula import Formula
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.style.layout import Box
from lstmviz.style.notation import quantity
from lstmviz.style.theme import mix
from lstmviz.trace.changes import MOVED, WIPED, WRITTEN, changes_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lstmviz.trace.trace import Reading, Trace

LASTING = 0.25  # of the farthest move: a word that moves the memory as far as this stays
MOST = 9  # words that stand side by side at the end
PAGE, LEADING, LOOSE = 0.34, 2.4, 4.6  # the em of a page, at most; ems from line to line
TEXT, THICK = 1.5, 0.6  # ems of a line for its letters, and of a bar under a word
LEAST = 0.5  # ems: where numbers would leave less for the bars, there are none
WROTE, WIPES = "away from 0: written", "towards 0: wiped"
Kept = tuple[dict[int, TextLine], dict[int, ChangeBar], dict[int, Number], Line]
"""The words that last, their bars and numbers, and the line that the bars begin at."""


class RememberedStory(ReviewStory):
    """A page whose words are measured by how far they move the memory, and fade by it."""

    def pick(self) -> int:
        """Choose the word that moves the memory farthest."""
        moved = self.moved()
        written = [tick for tick in self.written_ticks if self._is_word(tick)]
        return max(written or self.written_ticks, key=lambda tick: float(moved[tick]))

    def _is_word(self, tick: int) -> bool:
        """Tell whether a tick of a text has more than a full stop or another such mark."""
        text = self.trace.tokens[tick].text
        marks = all(unicodedata.category(letter).startswith("P") for letter in text)
        return self.trace.kind != "words" or not marks

    @property
    def counted(self) -> list[int]:
        """The words of the page, by their ticks; where it has only marks, these."""
        return [*filter(self._is_word, self.page.words)] or [*self.page.words]

    def moved(self) -> NDArray[np.floating[Any]]:
        """Measure how far each word moves the memory: the length of c_t − c_(t−1)."""
        return np.asarray(self.changes[MOVED][:, 0])

    @cached_property
    def changes(self) -> Trace:
        """How far each word moves the memory, and how much of that is written and wiped."""
        return changes_of(self.trace)

    @property
    def sources(self) -> tuple[Trace, ...]:
        """The traces whose readings are shown."""
        return (*super().sources, self.changes)

    def lasting(self) -> list[int]:
        """Name the words of the page, by their ticks, that move the memory far: half at most."""
        shares, counted = self.shares, self.counted
        farthest = max(shares[tick] for tick in counted)
        far = [tick for tick in counted if shares[tick] >= LASTING * farthest]
        most = min(MOST, max(len(counted) // 2, 1))
        return sorted(sorted(far, key=lambda tick: -shares[tick])[:most])

    @property
    def shares(self) -> dict[int, float]:
        """How far each word of the page moves the memory; the farthest one has 1."""
        moved = self.moved()
        farthest = max(float(moved[tick]) for tick in self.page.words) or 1.0
        return {tick: float(moved[tick]) / farthest for tick in self.page.words}

    @property
    def distance(self) -> str:
        """How the measure is written."""
        return f"norm({self.memory}_t - {self.memory}_(t-1))"

    @property
    def desk(self) -> Box:
        """The room for the page: beside the lens and as tall, or above it and as wide."""
        stage, lens = self.layout.stage, self.layout.lens
        if self.layout.beside:
            return Box(stage.left + 0.05, stage.right - 0.05, lens.bottom, lens.top)
        return Box(lens.left, lens.right, lens.top + 0.2, self.paper.top)

    def lay_out(self, *, memory: bool = False) -> None:
        """Set the page at the lens, which has the memory, with room for a bar under each word."""
        desk = self.desk
        room = Box(desk.left + 0.55, desk.right - 0.55, desk.bottom + 0.15, desk.top - 0.3)
        self.page = self._set(room, LEADING, PAGE)
        lines, size = len(self.page.rows), self.page.size
        leading = min(room.height / (lines * size) - 0.001, LOOSE)
        if leading > LEADING:  # a short text has room for taller bars
            self.page = self._set(room, leading, size / self.layout.zoom)
        self.page.lift((self.page.leading - TEXT + 0.3) * size / 2)
        self.sheet = self._sheet()
        self._draw_bars()

    def _set(self, room: Box, leading: float, largest: float) -> Paragraph:
        """Set the text in a room."""
        largest *= self.layout.zoom
        trace, tick = self.trace, self.now.tick
        return Paragraph(trace, tick, self.theme, room, leading=leading, largest=largest)

    def _draw_bars(self) -> None:
        """Draw a bar under each word, and a number under those of the words that last."""
        theme, page, em = self.theme, self.page, self.layout.least
        size, below = page.size, 1.2 * em
        tallest = (page.leading - TEXT) * size - below
        if tallest < LEAST * size:
            tallest, below = tallest + below, 0.0
        self.bars: dict[int, ChangeBar] = {}
        self.numbers: dict[int, Number] = {}
        self.lines = VGroup()
        for group in page.rows:
            place = page.around(group)
            ground = place.y - TEXT * size / 2 - tallest
            line = Line((place.left, ground, 0), (place.left + place.width, ground, 0))
            self.lines.add(line.set_stroke(theme.resting(theme.faint), width=2))
            for tick in group:
                at = (page.places[tick].middle, ground)
                self.bars[tick] = self._bar(tick, tallest, size * THICK, at)
            if below:
                self._number_below(group, ground - below / 2, em)

    @property
    def color(self) -> str:
        """The colour of the memory."""
        return self.theme.role(quantity(self.memory, cell=self.trace.notation).role)

    def _bar(
        self, tick: int, most: float, thick: float, at: tuple[float, float], lying: bool = False
    ) -> ChangeBar:
        change, long = self.changes.at(tick), self.shares[tick] * most
        return ChangeBar(change, self.color, long=long, thick=thick, at=at, lying=lying)

    def _number_below(self, group: Sequence[int], y: float, em: float) -> None:
        """Write how far words that last move the memory; the farther one where two would meet."""
        taken: list[Number] = []
        lasting = sorted(set(group) & set(self.lasting()), key=lambda tick: -self.shares[tick])
        for tick in lasting:
            number = self._number(MOVED, tick, em)
            number.move_to((self.page.places[tick].middle, y, 0))
            reach = [(float(number.width) + float(each.width)) / 2 + em / 2 for each in taken]
            apart = [abs(float(number.get_x() - each.get_x())) for each in taken]
            if all(far > near for far, near in zip(apart, reach, strict=True)):
                self.numbers[tick] = number
                taken.append(number)

    def _number(self, name: str, tick: int, em: float) -> Number:
        reading = self.changes.at(tick)[name]
        return Number(reading, 0, scale="size", size=em, color=self.theme.ink)

    def _sheet(self) -> RoundedRectangle:
        """Make the sheet as large as its room."""
        desk = self.desk
        sheet = RoundedRectangle(
            width=desk.width, height=desk.height, corner_radius=0.25, fill_opacity=1
        )
        sheet.set_fill(self.theme.panel).set_stroke(self.theme.resting(self.theme.faint), width=2.5)
        return sheet.move_to((*desk.center, 0))

    def show_page(self) -> None:
        """Let the page appear, and beside it the lens with the memory, which the text changes."""
        theme = self.theme
        self.lens = Lens(theme, self.layout.lens, self.layout.zoom, self.layout.least)
        last = self.trace.at(max(self.page.words))[self.memory]
        self.equation = self._equation([last])
        look = quantity(self.memory, cell=self.trace.notation)
        column = self.equation.columns[0]
        column.remove(column.numbers)
        values = self.trace[self.memory]
        coming = theme.resting_text(theme.ink, theme.panel)
        title = self.lens.title(self.memory_name, look.role, self.units_note, formula=True)

        def show(tick: int, age: float) -> None:
            shade = mix(coming, theme.ink, min(max(age / 0.4, 0.0), 1.0))
            self.page.words[tick].set_fill(shade)
            if 0 <= age <= 1:
                for unit, cell in zip(column.units, column.boxes, strict=False):
                    cell.set_fill(theme.value(float(values[tick, unit]), look.scale))

        self.page.shade(coming)
        self.lens.panel.set_stroke(theme.role(look.role))
        light = self.page.light()
        self.play(FadeIn(self.sheet), FadeIn(self.lens), run_time=0.5)
        self.add(light, self.page)
        self.play(
            *(FadeIn(each) for each in (title, self.equation, light, self.page)), run_time=0.6
        )
        reading = ReadThrough(
            self.page, light, show, shapes=[*column.boxes], run_time=self.reading_time
        )
        self.play(reading)
        self.play(FadeOut(light), FadeIn(column.numbers), run_time=0.5)
        self.equation.add(column.numbers)
        self.heading = title

    def _equation(self, readings: Sequence[Reading]) -> Equation:
        """Set readings in the lens, with an arrow between two."""
        return Equation(
            readings,
            ["→"] * (len(readings) - 1),
            self.theme,
            self.lens.body(formula=True, note=bool(self.units_note)),
            cell=self.trace.notation,
            units=[self.units_of(reading) for reading in readings],
            zoom=self.layout.zoom,
            least=self.layout.least,
        )

    def measure_one(self) -> None:
        """Show the memory before and after the told word: the distance is how far it moved."""
        old = self.equation
        self.equation = self._equation([self.now[f"{self.memory}_prev"], self.now[self.memory]])
        formula = self._measured()
        light = self.page.light_on(self.now.tick)
        self.add(light, self.page)
        self.play(FadeIn(light), FadeOut(old), run_time=0.5)
        self.play(*(FadeIn(each) for each in self.equation.operands), run_time=0.6)
        self.play(*(FadeIn(each) for each in self.equation.result), run_time=0.6)
        self.play(FadeIn(formula), FadeIn(self.lines), run_time=0.5)
        number = self.numbers.get(self.now.tick)
        self.play(self._grow(self.now.tick), run_time=0.8)
        if number is not None:
            self.play(FadeIn(number), run_time=0.3)
        self.light, self.rest = light, VGroup(self.heading, formula)

    def _measured(self) -> VGroup:
        """Write the distance as a formula, with its value for the told word."""
        formula = self.lens.formula(self.distance)
        x, y, _ = formula.get_center()
        equals = TextLine("=", size=0.34 * self.lens.zoom, color=self.theme.ink)
        number = self._number(MOVED, self.now.tick, 0.34 * self.lens.zoom)
        told = VGroup(formula, equals, number)
        gap = 0.12 * self.lens.zoom
        for before, after in pairwise(told):
            after.move_to((float(before.get_right()[0] + after.width / 2) + gap, y, 0))
        return told.shift((x - float(told.get_x()), 0, 0))

    def _grow(self, tick: int) -> Any:
        bar = self.bars[tick]
        bar.save_state()
        bar.stretch_to_fit_height(0.01).move_to(bar.get_bottom(), aligned_edge=(0, -1, 0))
        return bar.animate.restore()

    def measure_all(self) -> None:
        """Say in the lens what a bar is, and let those of all words grow, one after the other."""
        others = [tick for tick in self.bars if tick != self.now.tick]
        growing = [self._grow(tick) for tick in others]
        seconds = min(0.12 * len(growing) + 0.8, 4.5)
        self.play(FadeOut(self.light), FadeOut(self.equation), run_time=0.4)
        self.play(*self._explain(), run_time=0.8)
        if growing:
            self.play(LaggedStart(*growing, lag_ratio=0.5), run_time=seconds)
        numbers = [each for tick, each in self.numbers.items() if tick != self.now.tick]
        if numbers:
            self.play(*map(FadeIn, numbers), run_time=0.4)

    def _explain(self) -> list[Any]:
        """Say in the place of the numbers what a bar is made of."""
        room, zoom = self.lens.body(formula=True, note=bool(self.units_note)), self.lens.zoom
        em, tick, theme = max(0.26 * zoom, self.layout.least), self.now.tick, self.theme
        edge, pitch = room.inset(0.1), min(1.9 * em, room.height / 4)
        legend, y = VGroup(), room.center[1] + 1.2 * pitch
        word = shortened(self.word_at(tick), 1.15 * em, edge.width)
        legend.add(TextLine(word, size=1.15 * em, color=theme.ink, at=(room.center[0], y)))
        numbers = [self._number(name, tick, em) for name in (WRITTEN, WIPED)]
        texts = [self.lang.word(text) for text in (WROTE, WIPES)]
        around = 1.7 * em + max(float(each.width) for each in numbers)
        said = min(max(text_width(text, em) for text in texts), edge.width - around)
        edge = edge.inset(max(edge.width - said - around, 0.0) / 2)
        for number, text, filled in zip(numbers, texts, (True, False), strict=True):
            y -= pitch
            swatch = Rectangle(width=0.5 * em, height=0.8 * em).set_stroke(self.color, width=EDGE)
            swatch.set_fill(self.color, opacity=1 if filled else 0)
            legend.add(swatch.move_to((edge.left + 0.35 * em, y, 0)))
            size = max(min(em, said / text_width(text, 1.0)), self.layout.least)
            at = (edge.left + em, y)
            line = TextLine(shortened(text, size, said), size=size, at=at, align="left")
            legend.add(line.set_fill(theme.ink))
            legend.add(number.move_to((edge.right - float(number.width) / 2, y, 0)))
        self.legend = legend
        return [FadeIn(legend)]

    def fade(self) -> None:
        """Let each word fade by how little it moved the memory."""
        theme = self.theme
        faded = theme.resting_text(theme.faint, theme.panel)
        lasting = self.lasting()
        self.play(
            *(
                word.animate.set_fill(
                    theme.ink if tick in lasting else mix(faded, theme.ink, self.shares[tick])
                )
                for tick, word in self.page.words.items()
            ),
            run_time=1.6,
        )

    def keep(self) -> None:
        """Take away the page; the words that moved the memory far stand side by side."""
        theme, box, zoom = self.theme, self.layout.whole, self.layout.zoom
        words, bars, numbers, axis = self._side_by_side() if self.layout.beside else self._in_rows()
        moves: list[Any] = []
        down: list[Any] = []
        for tick, word in words.items():
            old = self.page.words[tick]
            self.page.remove(old)
            self.add(old)
            way = word.get_y() - old.get_y()
            down += [each.animate.shift((0, way, 0)) for each in (old, self.bars[tick])]
            moves.append(Transform(old, word) if word.text == old.text else FadeOut(old))
            if word.text != old.text:
                moves.append(FadeIn(word))
            moves.append(Transform(self.bars[tick], bars[tick]))
        gone: list[Any] = [bar for tick, bar in self.bars.items() if tick not in words]
        gone += self.numbers.values()
        leaving = [self.page, self.sheet, self.lines, self.lens, self.legend, self.rest, *gone]
        color = theme.readable(self.color, theme.background)
        x, y = box.center[0], min(box.top + 0.1, self.layout.status.bottom - 0.5)
        text = self.lang.word("how far the memory moved")
        size = min(0.36 * zoom, 0.85 * box.width / text_width(text, 1.0))
        em = max(0.36 * zoom, self.layout.least_index)
        head = VGroup(
            TextLine(text, size=size, color=color, at=(x, y)),
            Formula(self.distance, size=em, color=color, at=(x, y - 0.6 * zoom)),
        )
        self.play(*(FadeOut(each) for each in leaving), run_time=0.8)
        if not self.layout.beside:
            # First down, each to its row, then to the side: so none crosses another.
            self.play(*down, run_time=0.8)
        self.play(*moves, FadeIn(axis), run_time=1.2)
        self.play(FadeIn(head), *map(FadeIn, numbers.values()), run_time=0.4)

    def _side_by_side(self) -> Kept:
        """Set the words that last side by side, a bar standing on each."""
        theme, box, kept = self.theme, self.layout.whole, self._as_on_the_page()
        room = box.width - 1.6
        gap = 0.45
        texts = {tick: str(self.page.words[tick].text) for tick in kept}
        bare = sum(text_width(text, 1.0) for text in texts.values())
        size = min(0.6, max((room - gap * (len(kept) - 1)) / max(bare, 1e-9), 0.3))
        limit = (room - gap * (len(kept) - 1)) / len(kept)
        if size <= 0.3:
            texts = {tick: shortened(text, size, limit) for tick, text in texts.items()}
        widths = [max(text_width(text, size), 0.5) for text in texts.values()]
        x = box.center[0] - (sum(widths) + gap * (len(kept) - 1)) / 2
        ground = box.bottom + 1.3
        axis = Line((x - 0.2, ground, 0), (2 * box.center[0] - x + 0.2, ground, 0))
        words, bars, numbers = {}, {}, {}
        for (tick, text), width in zip(texts.items(), widths, strict=True):
            at = (x + width / 2, ground - 0.55)
            words[tick] = TextLine(text, size=size, color=theme.ink, at=at)
            bars[tick] = bar = self._bar(tick, box.height - 3.1, 0.5, (at[0], ground))
            numbers[tick] = self._number(MOVED, tick, 0.3)
            numbers[tick].move_to((at[0], ground + bar.long + 0.28, 0))
            x += width + gap
        return words, bars, numbers, axis.set_stroke(theme.resting(theme.faint), width=2.5)

    def _as_on_the_page(self) -> list[int]:
        """Give the words that last in the order in which they stand there, from left to right."""
        places, sign = self.page.places, -1 if self.page.leftward else 1
        kept = sorted(self.lasting(), key=lambda k: (-places[k].y, sign * places[k].left))
        return kept[::sign]

    def _in_rows(self) -> Kept:
        """Set the words that last one below the other, a bar lying beside each."""
        theme, box, kept, zoom = self.theme, self.layout.whole, self.lasting(), self.layout.zoom
        top = box.top - 1.0 * zoom
        pitch = min((top - box.bottom) / len(kept), 1.6 * zoom)
        size = min(0.5 * zoom, 0.6 * pitch)
        texts = {
            tick: shortened(str(self.page.words[tick].text), size, 0.4 * box.width) for tick in kept
        }
        ground = box.left + 0.4 + max(text_width(text, size) for text in texts.values()) + 0.3
        longest = box.right - 0.4 - ground
        low = top - pitch * len(kept)
        axis = Line((ground, top - 0.1, 0), (ground, low + 0.1, 0))
        words, bars, numbers = {}, {}, {}
        em = max(0.3 * zoom, self.layout.least)
        widest = max(float(self._number(MOVED, tick, em).width) for tick in kept) + 0.3
        for k, (tick, text) in enumerate(texts.items()):
            y = top - (k + 0.5) * pitch
            at = (ground - 0.3, y)
            words[tick] = TextLine(text, size=size, color=theme.ink, at=at, align="right")
            thick = min(0.5 * zoom, 0.6 * pitch)
            bars[tick] = self._bar(tick, longest - widest, thick, (ground, y), lying=True)
            numbers[tick] = self._number(MOVED, tick, em)
            x = ground + bars[tick].long + 0.15 + float(numbers[tick].width) / 2
            numbers[tick].move_to((x, y, 0))
        return words, bars, numbers, axis.set_stroke(theme.resting(theme.faint), width=2.5)
