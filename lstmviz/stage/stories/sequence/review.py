"""A story about a text: a page of words, and the memory of the network that reads it."""

from __future__ import annotations

from typing import Any

from manim import FadeIn, FadeOut, Rectangle, VGroup

from lstmviz.stage.manim.rounded_rectangle import RoundedRectangle
from lstmviz.stage.mobjects.column import NUMBER, Column, number_size
from lstmviz.stage.mobjects.paragraph import LARGEST, Paragraph, ReadThrough
from lstmviz.stage.story.story import Story
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.style.layout import Box
from lstmviz.style.notation import quantity
from lstmviz.style.theme import mix
from lstmviz.trace.tokens import inside_padding

TILE = (0.98, 0.5)  # a box of the memory
BETWEEN = 0.14  # two of them
NAME, NOTE = 0.3, 0.22  # the ems of the memory's name and of what is noted of its units


class ReviewStory(Story):
    """A story about a whole text, which stands on the page instead of in the strip above."""

    def setup(self) -> None:
        """Take the strip away: its words stand on the page."""
        super().setup()
        self.remove(self.strip)

    @property
    def kind_of_page(self) -> str:
        """What stands on the page: `series` for steps with times or of several features."""
        if self.trace.kind != "numbers":
            return ""
        return "series" if self.trace.times or len(self.now["x"]) > 1 else "numbers"

    @property
    def written_ticks(self) -> range:
        """The ticks of what was written, without the padding at its ends."""
        if self.trace.kind == "numbers":
            return range(len(self.trace))
        return inside_padding(self.trace.tokens)

    @property
    def memory(self) -> str:
        """The reading that is this cell's memory: the cell state, or else the hidden state."""
        return self.trace.memory

    @property
    def memory_name(self) -> str:
        """What the memory is called."""
        return self.lang.word("cell state" if self.trace.keeps_memory_apart else "hidden state")

    def status_line(self) -> str:
        """Say which cell reads, and how long the text is, without its padding."""
        form = f"{self.trace.unit}s in all"
        return self.lang.say(form, cell=self.cell_name, total=len(self.written_ticks))

    @property
    def answer_tick(self) -> int:
        """The tick after which the whole text has been read: the status speaks of all of it."""
        return 0 if self.answers is not None and self.answers.end == 0 else len(self.trace) - 1

    @property
    def whole(self) -> bool:
        """Whether the page holds the whole text."""
        return len(self.page.words) == len(self.trace)

    # Reading

    @property
    def paper(self) -> Box:
        """The room for a page: that of the whole story, and that of the strip if it is free."""
        layout, whole = self.layout, self.layout.whole
        free = layout.status.bottom >= layout.strip.top
        top = layout.strip.top if free else whole.top + 0.1
        return Box(whole.left, whole.right, whole.bottom, top)

    def lay_out(self, *, memory: bool = False) -> None:
        """Set the text as a page; with `memory`, there is room for the memory under it."""
        box, zoom = self.paper, self.layout.zoom
        self.below = self._shelf if memory else 0.0
        side = max(1.0, 1.4 * LARGEST * zoom)  # with the margin of the sheet
        room = Box(box.left + side, box.right - side, box.bottom + self.below, box.top)
        self.page = self._page(room)
        beyond = float(self.page.sheet().get_top()[1]) - self.layout.status.bottom
        if self.layout.status.bottom >= box.top and beyond > 0:  # a full page with its margin
            self.page = self._page(Box(room.left, room.right, room.bottom, room.top - 2 * beyond))
        self.page.lift(-self.below / 2)
        self.sheet = self.page.sheet()

    def _page(self, room: Box) -> Paragraph:
        largest = LARGEST * self.layout.zoom
        return Paragraph(self.trace, self.now.tick, self.theme, room, leading=1.75, largest=largest)

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
        scale = quantity(self.memory, cell=self.trace.notation).scale
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

    @property
    def _tile(self) -> tuple[float, float]:
        """The size of a box of the memory: as many as there are units stand side by side."""
        zoom, box = self.layout.zoom, self.layout.whole
        widest = box.width / len(self.units) - BETWEEN
        return (min(TILE[0] * zoom, widest), TILE[1] * zoom)

    @property
    def _named_above(self) -> bool:
        """Whether the name of the memory stands above its boxes, and not beside them."""
        zoom, noted = self.layout.zoom, self.units_note
        row = len(self.units) * (self._tile[0] + BETWEEN)
        name = text_width(self.memory_name, NAME * zoom) + 0.3
        note = text_width(noted, NOTE * zoom) + 0.1 if noted else 0.0
        return name + row + note > self.layout.whole.width - 0.4

    @property
    def _shelf(self) -> float:
        """The height of the room for the memory under the page."""
        room = 0.95 if self.layout.beside else 1.1
        return self.layout.zoom * (room + (0.5 if self._named_above else 0.0))

    def open_memory(self) -> None:
        """Put the memory, still empty, below the page: a box a unit."""
        box, theme, zoom = self.layout.whole, self.theme, self.layout.zoom
        look = quantity(self.memory, cell=self.trace.notation)
        wide, high = self._tile
        y = box.bottom + 0.11 + high / 2
        shade = theme.readable(theme.role(look.role), theme.background)
        title = TextLine(self.memory_name, size=NAME * zoom, color=shade)
        row = len(self.units) * (wide + BETWEEN)
        named = title.advance + 0.3
        noted = self.units_note
        size = NOTE * zoom
        if self._named_above:
            x = box.center[0] - row / 2
            words = title.advance + (text_width(noted, size) + 0.3 if noted else 0.0)
            at = (box.center[0] - words / 2, y + high / 2 + 0.38 * zoom)
            beside = (at[0] + named, at[1])
        else:
            note = text_width(noted, size) + 0.2 if noted else 0.0
            left = box.center[0] - (named + row) / 2
            at = (min(left, box.right - note - row - named), y)
            x = at[0] + named
            beside = (x + row + 0.1, y)
        title.shift((at[0] + title.advance / 2, at[1], 0))
        self.cells, self.frames = VGroup(), VGroup()
        for k in range(len(self.units)):
            spot = (x + (k + 0.5) * (wide + BETWEEN), y, 0)
            frame = RoundedRectangle(width=wide + 0.1, height=high + 0.1, corner_radius=0.08)
            frame.set_stroke(theme.role(look.role), width=3).move_to(spot)
            self.frames.add(frame)
            cell = Rectangle(width=wide, height=high - 0.03, stroke_width=0, fill_opacity=1)
            self.cells.add(cell.set_fill(theme.value(0.0, look.scale)).move_to(spot))
        self.head = VGroup(title)
        if noted:
            self.head.add(TextLine(noted, size=size, color=theme.faint, at=beside, align="left"))
        up: Any = self.page.animate
        self.play(up.lift(self.below / 2), self.sheet.animate.shift((0, self.below / 2, 0)))
        self.page.lift(0)
        self.play(FadeIn(self.head), FadeIn(self.frames), FadeIn(self.cells), run_time=0.6)

    def write_memory(self) -> None:
        """Write the numbers that the memory holds after the last word of the page."""
        last = self.trace.at(max(self.page.words))[self.memory]
        numbers, look = VGroup(), quantity(self.memory, cell=self.trace.notation)
        size = number_size([(last, look, self.units)], self._tile, NUMBER * self.layout.zoom)
        for unit, cell in zip(self.units, self.cells, strict=True):
            column = Column(
                last,
                self.theme,
                cell=self.trace.notation,
                units=[unit],
                box=self._tile,
                numbers=True,
                at=(float(cell.get_x()), float(cell.get_y())),
                size=size,
            )
            numbers.add(column.numbers)
        self.play(FadeIn(numbers), run_time=0.6)
