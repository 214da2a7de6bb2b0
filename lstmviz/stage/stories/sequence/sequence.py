"""A story in which a cell goes along a sequence, and reads it word by word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manim import FadeIn, FadeOut, LaggedStart, VGroup, smooth, squish_rate_func

from lstmviz.stage.circuits.wire import Wire
from lstmviz.stage.manim.rounded_rectangle import RoundedRectangle
from lstmviz.stage.mobjects.column import Column
from lstmviz.stage.mobjects.input_strip import PAD, SIZE, Chip, shortened
from lstmviz.stage.mobjects.lightable import vanish
from lstmviz.stage.stories.sequence.sequence_layout import AIR, SequencePlaces, most_rows
from lstmviz.stage.story.story import Story
from lstmviz.stage.text.formula import Formula
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.style.bidi import towards, words_run_left
from lstmviz.style.notation import written
from lstmviz.trace.tokens import words_of

if TYPE_CHECKING:
    from lstmviz.stage.text.text import Align
    from lstmviz.trace.trace import Reading

LONGEST = 2.3  # a longer word is cut
WIDEST = 1.6  # of what a row is called
NAME, CALLED = 0.38, 2.3  # the em of the cell's name, and its width at most
ON = "…"


class Waiting(VGroup):
    """One that stands in line: its word, and the vector below it."""

    def __init__(self, story: SequenceStory, tick: int) -> None:
        super().__init__()
        places, theme = story.places, story.theme
        token = story.trace.tokens[tick]
        text = shortened(written(story.trace.short(tick), story.trace.kind), SIZE, LONGEST)
        text = towards(text, left=places.sign < 0)
        wide = max(text_width(text, SIZE) + 2 * PAD, 0.27)
        self.tick, self.length = tick, places.length(wide)
        self.chip = Chip(theme, text, left=-wide / 2, y=places.chip, height=0.5, known=token.known)
        reading = story.trace.at(tick)["x"]
        self.column = story.vector(reading, (0.0, places.vector))
        color = theme.readable(theme.role("x"), theme.background)
        at, size = (0.0, places.symbol), max(0.36 * places.zoom, story.layout.least_index)
        self.under = VGroup(Formula(f"x_({tick + 1})", size=size, color=color, at=at))
        if len(self.column.units) < len(reading):
            self.under.add(story.dots(0.0, places.more_x))
        self.add(self.chip, self.column, self.under)


class SequenceStory(Story):
    """A story of a line of words, and of the cell that goes along it.

    `line_up` shows the words, `embed` their vectors; `enter` lets the next one into the cell,
    which goes on to it with its old state and makes the new one beside it.
    """

    needs = ("x", "h")

    @property
    def most_units(self) -> int:
        """How many numbers of a vector there is room for, beside those of the states below."""
        return most_rows(self.layout)

    def setup(self) -> None:
        """Draw the cell, with its state before the told tick."""
        super().setup()
        x, h = self.now["x"], self.now["h"]
        drawn = [self.units_of(x), self.units_of(h)]
        name = self._name()
        names = self._row_names()
        self.places = SequencePlaces(
            self.layout,
            max(map(len, drawn)),
            cut=any(len(units) < len(r) for units, r in zip(drawn, (x, h), strict=True)),
            leftward=words_run_left(words_of(self.trace.tokens)),
            named=float(names.width) + AIR if len(names) else 0.0,
            called=float(name.width),
        )
        self.body = self._draw_cell(name)
        self.line = self._in_line()
        self.row_names = self._beside_line(names)
        self.old = self._state(self.now["h_prev"], self.now.tick, self.places.old)
        self.new: VGroup | None = None
        self._go_below(self.line[0])

    def _name(self) -> VGroup:
        """Write what the cell is called, and below it how many of its units are shown."""
        theme, zoom, least = self.theme, self.layout.zoom, self.layout.least
        color = theme.readable(theme.role("h"), theme.panel)
        room = CALLED * zoom
        size = max(min(NAME * zoom, room / text_width(self.cell_name, 1.0, "bold")), least)
        text = shortened(self.cell_name, size, room)
        name = VGroup(TextLine(text, size=size, weight="bold", color=color))
        if self.units_note:
            at = (0.0, -0.45 * zoom)
            name.add(TextLine(self.units_note, size=least, color=theme.faint, at=at))
        return name

    def _row_names(self) -> VGroup:
        """Write what the rows of the vectors are called, and how many of them are shown."""
        size, x = self.layout.least, self.now["x"]
        texts = [
            *(shortened(name, size, WIDEST * self.layout.zoom) for name in self.names_of(x)),
            *filter(None, [self.features_note]),
        ]
        return VGroup(*(TextLine(text, size=size, color=self.theme.faint) for text in texts))

    def _beside_line(self, names: VGroup) -> VGroup:
        """Set what the rows are called beside the last vector of the line."""
        last, sign = self.line[-1].column, self.places.sign
        x = float(last.get_x()) + sign * (float(last.width) + AIR) / 2
        for name, y in zip(names, [*last.rows, self.places.symbol], strict=False):
            name.move_to((x + sign * float(name.width) / 2, y, 0))
        return names

    def _draw_cell(self, name: VGroup) -> VGroup:
        """Draw the cell about x = 0: its body, its name, and the arrow from old to new."""
        theme, places = self.theme, self.places
        box = places.body
        shape = RoundedRectangle(width=box.width, height=box.height, corner_radius=0.3)
        shape.set_fill(theme.panel, opacity=1).set_stroke(theme.role("h"), width=3)
        shape.move_to((*box.center, 0))
        name.move_to((*places.name, 0))
        edge = places.sign * (places.state_size[0] / 2 + 0.14)
        way = ((places.old + edge, places.state), (places.new - edge, places.state))
        self.arrow = Wire(theme, *way, role="h")
        above, below = places.drop
        self.drop = Wire(theme, (0.0, above), (0.0, below), role="x")
        return VGroup(shape, name)

    def _in_line(self) -> list[Waiting]:
        """Let as many stand in line as there is room for."""
        places = self.places
        line: list[Waiting] = []
        middles: list[float] = []
        begin, last = places.first, places.last
        for tick in range(self.now.tick, len(self.trace)):
            waiting = Waiting(self, tick)
            more = 0.0 if tick + 1 == len(self.trace) else text_width(ON, SIZE) + AIR
            if line and begin + waiting.length + more > last:
                break
            line.append(waiting)
            middles.append(begin + waiting.length / 2)
            begin += waiting.length + AIR
        self.on = VGroup()
        goes_on = line[-1].tick + 1 < len(self.trace)
        if not goes_on:
            middles = places.spread([waiting.length for waiting in line])
        for waiting, middle in zip(line, middles, strict=True):
            waiting.shift((places.at(middle), 0, 0))
        if goes_on:
            at = (places.at(begin), places.chip)
            align: Align = "left" if places.sign > 0 else "right"
            self.on.add(TextLine(ON, size=SIZE, color=self.theme.faint, at=at, align=align))
        return line

    def dots(self, x: float, y: float) -> TextLine:
        """Make what stands below a vector that goes on."""
        return TextLine("⋮", size=self.layout.least, color=self.theme.faint, at=(x, y))

    def vector(
        self, reading: Reading, at: tuple[float, float], size: tuple[float, float] | None = None
    ) -> Column:
        """Make a reading as it stands in line or in the cell, with its numbers."""
        return Column(
            reading,
            self.theme,
            cell=self.trace.notation,
            units=self.units_of(reading),
            box=size or self.places.size,
            numbers=self.places.legible,
            at=at,
        )

    def _state(self, reading: Reading, number: int, x: float) -> VGroup:
        """Make a state in the cell: its symbol, numbered as the words are, and its column."""
        places = self.places
        x += float(self.body.get_x())
        color = self.theme.readable(self.theme.role("h"), self.theme.panel)
        at, size = (x, places.state_symbol), max(0.36 * places.zoom, self.layout.least_index)
        state = VGroup(
            Formula(f"h_({number})", size=size, color=color, at=at),
            self.vector(reading, (x, places.state), places.state_size),
        )
        if len(self.units_of(reading)) < len(reading):
            state.add(self.dots(x, places.more_h))
        return state

    def _go_below(self, waiting: Waiting) -> None:
        """Move the cell below a word, and the arrow that leads from there into it."""
        x = float(waiting.chip.get_x())
        way = self.places.below(x) - float(self.body.get_x())
        for part in (self.body, self.arrow, self.old):
            part.shift((way, 0, 0))
        self.drop.set_x(x)

    def line_up(self) -> None:
        """Show the cell, and the words in line."""
        self.play(FadeIn(self.body), FadeIn(self.old), run_time=0.6)
        chips = [waiting.chip for waiting in self.line]
        self.way = self.places.alone - self.places.chip  # of a word, until it has a vector
        for chip in chips:
            chip.shift((0, self.way, 0))
        self.on.shift((0, self.way, 0))
        self.play(
            LaggedStart(*(FadeIn(each) for each in (*chips, self.on)), lag_ratio=0.3),
            run_time=1.6,
        )

    def embed(self) -> None:
        """Let the vector of each word come out of it."""
        growing: list[Any] = [self.on.animate.shift((0, -self.way, 0))]
        for waiting in self.line:
            column = waiting.column
            column.save_state()
            column.scale(0.15).move_to(waiting.chip).set_opacity(0)
            growing += [
                column.animate.restore(),
                waiting.chip.animate.shift((0, -self.way, 0)),
            ]
        self.play(*growing, run_time=1.5)
        under = [waiting.under for waiting in self.line]
        self.play(*map(FadeIn, [*under, self.row_names]), run_time=0.4)

    def enter(self, run_time: float = 1.5) -> None:
        """Let the next of the line into the cell, whose new state comes to stand by the old one."""
        first, *self.line = self.line
        if self.new is None:
            self.play(FadeIn(self.drop), run_time=0.4)
        else:
            self._go_on(first, run_time * 0.6)
        tick, places = first.tick, self.places
        self.new = self._state(self.trace.at(tick)["h"], tick + 1, places.new)
        numbers = first.column.numbers
        first.column.remove(numbers)
        self.play(
            first.column.animate.move_to((first.column.get_x(), places.drop[1], 0)).scale(0.4),
            FadeOut(numbers, rate_func=squish_rate_func(smooth, 0, 0.4)),
            FadeOut(first.under),
            run_time=run_time * 0.6,
        )
        middle = float(self.arrow.get_x())
        early, late = squish_rate_func(smooth, 0, 0.5), squish_rate_func(smooth, 0.5, 1)
        into = vanish(first.column).scale(0.3).move_to((middle, places.state, 0)).set_opacity(0)
        self.play(
            into,
            FadeIn(self.arrow, rate_func=early),
            FadeIn(self.new, rate_func=late),
            run_time=run_time,
        )
        self.read = first

    def _go_on(self, waiting: Waiting, run_time: float) -> None:
        """Let the cell go on below the next word: what was its new state is its old one there."""
        assert self.new is not None
        x, places = float(waiting.chip.get_x()), self.places
        way = places.below(x) - float(self.body.get_x())
        gone, self.old = self.old, self.new
        self.play(
            *self.go_to(waiting.tick),
            FadeOut(gone),
            FadeOut(self.arrow),
            self.read.chip.animate.past(),
            self.body.animate.shift((way, 0, 0)),
            self.old.animate.shift((way + places.old - places.new, 0, 0)),
            self.drop.animate.set_x(x),
            run_time=run_time,
        )
        self.arrow.shift((way, 0, 0))
