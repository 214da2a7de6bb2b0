"""A story about what a text leaves behind: how far each word moves the memory."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np
from manim import FadeIn, FadeOut, LaggedStart, Line, Rectangle, Transform, VGroup

from lstmviz.stage.manim.rounded_rectangle import RoundedRectangle
from lstmviz.stage.mobjects.input_strip import shortened
from lstmviz.stage.mobjects.lens import Equation, Lens
from lstmviz.stage.mobjects.paragraph import LARGEST, Paragraph, ReadThrough
from lstmviz.stage.stories.sequence.review import ReviewStory
from lstmviz.stage.text.formula import Formula
from lstmviz.stage.text.text import TextLine, text_width, wrap
from lstmviz.style.layout import Box
from lstmviz.style.notation import quantity
from lstmviz.style.theme import mix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lstmviz.trace.trace import Reading

LASTING = 0.25  # of the farthest move: a word that moves the memory as far as this stays
MOST = 9  # words that stand side by side at the end
TALLEST = 0.72  # of a bar under a word, in ems
PAGE, LEADING = 0.5, 2.4  # the em of a page beside the lens, at most, and ems from line to line
Kept = tuple[dict[int, TextLine], dict[int, Rectangle], Line]
"""The words that last, their bars, and the line that these begin at."""


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
        steps = self.trace[self.memory] - self.trace[f"{self.memory}_prev"]
        return np.asarray(np.linalg.norm(steps, axis=1))

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
        room = Box(desk.left + 0.55, desk.right - 0.55, desk.bottom + 0.45, desk.top - 0.1)
        largest = (PAGE if self.layout.beside else LARGEST) * self.layout.zoom
        self.page = Paragraph(
            self.trace, self.now.tick, self.theme, room, leading=LEADING, largest=largest
        )
        self.sheet = self._sheet()
        theme, size = self.theme, self.page.size
        color = theme.role(quantity(self.memory, cell=self.trace.notation).role)
        self.bars: dict[int, Rectangle] = {}
        self.lines = VGroup()
        for group in self.page.rows:
            place = self.page.around(group)
            ground = place.y - size * 1.5
            line = Line((place.left, ground, 0), (place.left + place.width, ground, 0))
            self.lines.add(line.set_stroke(theme.resting(theme.faint), width=2))
            for tick in group:
                bar = Rectangle(width=size * 0.32, height=self._tall(tick, size * TALLEST))
                bar.set_stroke(width=0).set_fill(color, opacity=1)
                self.bars[tick] = bar.move_to(
                    (self.page.places[tick].middle, ground + bar.height / 2, 0)
                )

    def _tall(self, tick: int, tallest: float) -> float:
        return max(self.shares[tick] * tallest, 0.02)

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
        self.lens = Lens(theme, self.layout.lens, self.layout.zoom)
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
        )

    def measure_one(self) -> None:
        """Show the memory before and after the told word: the distance is how far it moved."""
        old = self.equation
        self.equation = self._equation([self.now[f"{self.memory}_prev"], self.now[self.memory]])
        formula = self.lens.formula(self.distance)
        light = self.page.light_on(self.now.tick)
        self.add(light, self.page)
        self.play(FadeIn(light), FadeOut(old), run_time=0.5)
        self.play(*(FadeIn(each) for each in self.equation.operands), run_time=0.6)
        self.play(*(FadeIn(each) for each in self.equation.result), run_time=0.6)
        self.play(FadeIn(formula), FadeIn(self.lines), run_time=0.5)
        self.play(self._grow(self.now.tick), run_time=0.8)
        self.light, self.rest = light, VGroup(self.heading, formula)

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

    def _explain(self) -> list[Any]:
        """Say what a bar is in the place of the numbers of the told word."""
        heading, formula = self.rest
        room, zoom = self.lens.body(formula=False, note=bool(self.units_note)), self.lens.zoom
        size = 0.32 * zoom
        lines = wrap(
            self.lang.word("how far the memory moved"), size, room.width - 0.5, self.lang.unbroken
        )
        pitch, tall, x = 1.35 * size, 0.5 * zoom, room.center[0]
        y = room.center[1] + (tall + (len(lines) + 1) * pitch) / 2
        bar = Rectangle(width=0.2 * zoom, height=tall).move_to((x, y - tall / 2, 0))
        bar.set_stroke(width=0).set_fill(self.bars[self.now.tick].get_fill_color(), opacity=1)
        y -= tall
        ground = Line((x - 0.5 * zoom, y, 0), (x + 0.5 * zoom, y, 0))
        legend = VGroup(bar, ground.set_stroke(self.theme.resting(self.theme.faint), width=2))
        y -= 0.3 * zoom
        for line in lines:
            legend.add(TextLine(line, size=size, color=self.theme.ink, at=(x, y)))
            y -= pitch
        self.legend = legend
        moves = [FadeIn(legend), formula.animate.move_to((x, y - 0.1 * zoom, 0))]
        if self.lens.flat:
            moves.append(heading.animate.set_y(self.lens.box.center[1]))
        return moves

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
        words, bars, axis = self._side_by_side() if self.layout.beside else self._in_rows()
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
            moves.append(Transform(self.bars[tick], bars[tick].match_style(self.bars[tick])))
        gone = [bar for tick, bar in self.bars.items() if tick not in words]
        leaving = [self.page, self.sheet, self.lines, self.lens, self.legend, self.rest, *gone]
        color = theme.readable(
            theme.role(quantity(self.memory, cell=self.trace.notation).role), theme.background
        )
        x, y = box.center[0], min(box.top + 0.1, self.layout.status.bottom - 0.5)
        text = self.lang.word("how far the memory moved")
        size = min(0.36 * zoom, 0.85 * box.width / text_width(text, 1.0))
        head = VGroup(
            TextLine(text, size=size, color=color, at=(x, y)),
            Formula(self.distance, size=0.36 * zoom, color=color, at=(x, y - 0.6 * zoom)),
        )
        self.play(*(FadeOut(each) for each in leaving), run_time=0.8)
        if not self.layout.beside:
            # First down, each to its row, then to the side: so none crosses another.
            self.play(*down, run_time=0.8)
        self.play(*moves, FadeIn(axis), run_time=1.2)
        self.play(FadeIn(head), run_time=0.4)

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
        words, bars = {}, {}
        for (tick, text), width in zip(texts.items(), widths, strict=True):
            at = (x + width / 2, ground - 0.55)
            words[tick] = TextLine(text, size=size, color=theme.ink, at=at)
            tall = Rectangle(width=0.5, height=self._tall(tick, box.height - 2.6))
            bars[tick] = tall.move_to((at[0], ground + tall.height / 2, 0))
            x += width + gap
        return words, bars, axis.set_stroke(theme.resting(theme.faint), width=2.5)

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
        words, bars = {}, {}
        for k, (tick, text) in enumerate(texts.items()):
            y = top - (k + 0.5) * pitch
            at = (ground - 0.3, y)
            words[tick] = TextLine(text, size=size, color=theme.ink, at=at, align="right")
            bar = Rectangle(width=self._tall(tick, longest), height=min(0.5 * zoom, 0.6 * pitch))
            bars[tick] = bar.move_to((ground + bar.width / 2, y, 0))
        return words, bars, axis.set_stroke(theme.resting(theme.faint), width=2.5)
