"""A story about a text: a page of words, and the memory of the network that reads it."""

from __future__ import annotations

from typing import Any

from manim import FadeIn, FadeOut, Rectangle, RoundedRectangle, VGroup

from lstmviz.notation import quantity
from lstmviz.stage.column import Column
from lstmviz.stage.layout import Box
from lstmviz.stage.paragraph import Paragraph, ReadThrough
from lstmviz.stage.story import Story
from lstmviz.stage.theme import mix
from lstmviz.stage.type import Words


class ReviewStory(Story):
    """A story about a whole text, which stands on the page instead of in the strip above."""

    def setup(self) -> None:
        """Take the strip away: its words stand on the page."""
        super().setup()
        self.remove(self.strip)

    @property
    def memory(self) -> str:
        """The reading that is this cell's memory: the cell state, or else the hidden state."""
        return "c" if "c" in self.trace else "h"

    @property
    def memory_name(self) -> str:
        """What the memory is called."""
        return self.lang.word("cell state" if self.memory == "c" else "hidden state")

    def status_line(self) -> str:
        """Say which cell reads, and how long the text is."""
        form = "words in all" if self.trace.kind == "words" else "steps in all"
        return self.lang.say(form, cell=self.cell_name, total=len(self.trace))

    @property
    def whole(self) -> bool:
        """Whether the page holds the whole text."""
        return len(self.page.words) == len(self.trace)

    # Reading

    def lay_out(self, *, below: float = 0.0, beside_lens: bool = False) -> None:
        """Set the text as a page; `below` is the room that is left free under it."""
        box = self.layout.stage if beside_lens else self.layout.whole
        side = 0.6 if beside_lens else 1.0
        high = self.layout.lens.top - 0.1 if beside_lens else box.top + 0.1
        low = self.layout.lens.bottom + 0.45 if beside_lens else box.bottom + below
        room = Box(box.left + side, box.right - side, low, high)
        leading, largest = (2.4, 0.5) if beside_lens else (1.75, 0.7)
        self.page = Paragraph(
            self.trace, self.now.tick, self.theme, room, leading=leading, largest=largest
        )
        self.below = below
        self.page.lift(-below / 2)
        self.sheet = self.page.sheet()

    def show_page(self) -> None:
        """Let the page appear."""
        self.play(FadeIn(self.sheet), run_time=0.5)
        self.play(FadeIn(self.page), run_time=0.8)

    def read(self) -> None:
        """Let a light go over the words, as a person reads; what is to come stays in sight."""
        coming = self.theme.resting_text(self.theme.ink, self.theme.panel)

        def show(tick: int, age: float) -> None:
            shade = mix(coming, self.theme.ink, min(max(age / 0.4, 0.0), 1.0))
            self.page.words[tick].set_fill(shade)

        light = self.page.light()
        self.add(light, self.page)
        self.play(FadeIn(light), self.page.animate.shade(coming), run_time=0.6)
        self.play(ReadThrough(self.page, light, show, run_time=self.reading_time))
        self.play(FadeOut(light), run_time=0.4)

    def take_in(self) -> None:
        """Let the light go over the words as a network reads: each goes, the memory changes."""
        theme, values = self.theme, self.trace[self.memory]
        scale = quantity(self.memory, cell=self.trace.cell).scale
        blanks = self.page.blanks()

        def show(tick: int, age: float) -> None:
            gone = min(max(age - 1, 0.0), 1.0)
            self.page.words[tick].set_opacity(1 - gone)
            blanks[tick].set_fill(opacity=gone)
            if 0 <= age <= 1:
                for unit, cell in zip(self.units, self.cells, strict=True):
                    cell.set_fill(theme.value(float(values[tick, unit]), scale))

        light = self.page.light()
        self.add(*blanks.values(), light, self.page)
        self.play(FadeIn(light), run_time=0.6)
        shapes = [*blanks.values(), *self.cells]
        self.play(ReadThrough(self.page, light, show, shapes=shapes, run_time=self.reading_time))
        self.play(FadeOut(light), FadeOut(self.page.marks), run_time=0.4)

    @property
    def reading_time(self) -> float:
        """Give the seconds that reading the page takes."""
        return min(max(0.24 * len(self.page.words), 1.0), 7.0)

    def open_memory(self) -> None:
        """Put the memory, still empty, below the page: a box a unit."""
        box, theme = self.layout.whole, self.theme
        look = quantity(self.memory, cell=self.trace.cell)
        wide, high = 0.98, 0.5
        y = box.bottom + 0.36
        title = Words(self.memory_name, size=0.3, color=theme.readable(
            theme.role(look.role), theme.background))  # fmt: skip
        width = title.advance + 0.3 + len(self.units) * (wide + 0.14)
        x = box.center[0] - width / 2
        title.shift((x + title.advance / 2, y, 0))
        self.cells, self.frames = VGroup(), VGroup()
        for k in range(len(self.units)):
            at = (x + title.advance + 0.3 + (k + 0.5) * (wide + 0.14), y, 0)
            frame = RoundedRectangle(width=wide + 0.1, height=high + 0.1, corner_radius=0.08)
            frame.set_stroke(theme.role(look.role), width=3).move_to(at)
            self.frames.add(frame)
            cell = Rectangle(width=wide, height=high - 0.03, stroke_width=0, fill_opacity=1)
            self.cells.add(cell.set_fill(theme.value(0.0, look.scale)).move_to(at))
        self.head = VGroup(title)
        if self.units_note:
            at2 = (x + width + 0.1, y)
            self.head.add(
                Words(self.units_note, size=0.22, color=theme.faint, at=at2, align="left")
            )
        up: Any = self.page.animate
        self.play(up.lift(self.below / 2), self.sheet.animate.shift((0, self.below / 2, 0)))
        self.page.lift(0)
        self.play(FadeIn(self.head), FadeIn(self.frames), FadeIn(self.cells), run_time=0.6)

    def write_memory(self) -> None:
        """Write the numbers that the memory holds after the last word of the page."""
        last = self.trace.at(max(self.page.words))[self.memory]
        numbers = VGroup()
        for unit, cell in zip(self.units, self.cells, strict=True):
            column = Column(
                last, self.theme, cell=self.trace.cell, units=[unit], box=(0.98, 0.5),
                numbers=True, at=(float(cell.get_x()), float(cell.get_y())),
            )  # fmt: skip
            numbers.add(column.numbers)
        self.play(FadeIn(numbers), run_time=0.6)
