"""A story in which a sequence stands in line, and enters the cell one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manim import FadeIn, FadeOut, LaggedStart, VGroup, smooth, squish_rate_func

from lstmviz.stage.circuits.wire import Wire
from lstmviz.stage.manim.rounded_rectangle import RoundedRectangle
from lstmviz.stage.mobjects.column import Column
from lstmviz.stage.mobjects.input_strip import PAD, SIZE, Chip, shortened
from lstmviz.stage.mobjects.lightable import vanish
from lstmviz.stage.stories.sequence.sequence_layout import AIR, SequencePlaces
from lstmviz.stage.story.story import Story
from lstmviz.stage.text.formula import Formula
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.style.notation import written

if TYPE_CHECKING:
    from lstmviz.stage.mobjects.lightable import Motion
    from lstmviz.trace.trace import Reading

Point = tuple[float, float, float]

LONGEST = 2.3  # a longer word is cut
NAME, WIDEST = 0.24, 1.6  # of what a row is called, and its width at most


class Waiting(VGroup):
    """One that stands in line: its word, and the vector below or beside it."""

    def __init__(self, story: SequenceStory, tick: int) -> None:
        super().__init__()
        places = story.places
        token = story.trace.tokens[tick]
        text = shortened(
            written(story.trace.short(tick), story.trace.kind), SIZE, places.widest(LONGEST)
        )
        wide = text_width(text, SIZE) + 2 * PAD
        theme = story.theme
        x, y = places.chip
        self.chip = Chip(
            theme, text, left=x - max(wide, 0.27) / 2, y=y, height=0.5, known=token.known
        )
        self.column = story.vector(story.trace.at(tick)["x"], places.vector)
        color = theme.readable(theme.role("x"), theme.background)
        self.symbol = Formula(f"x_({tick + 1})", size=0.38, color=color, at=places.symbol)
        self.places, self.place = places, 0.0
        self.length = places.length(wide)
        self.add(self.chip, self.column, self.symbol)

    def stand(self, place: float) -> Waiting:
        """Stand at a place in the line."""
        (x, y), (new_x, new_y) = self.places.at(self.place), self.places.at(place)
        self.shift((new_x - x, new_y - y, 0))
        self.place = place
        return self


class SequenceStory(Story):
    """A story of a line of words before the cell.

    `line_up` shows the words, `embed` their vectors; `enter` lets the first one into the
    cell, which makes its new state, and the others move up.
    """

    needs = ("x", "h")

    def setup(self) -> None:
        """Draw the cell, with its state before the told tick."""
        super().setup()
        theme = self.theme
        rows = max(len(self.units), len(self.units_of(self.now["x"])))
        self.places = places = SequencePlaces(self.layout, rows)
        box = places.body
        body = RoundedRectangle(width=box.width, height=box.height, corner_radius=0.3)
        body.set_fill(theme.panel, opacity=1).set_stroke(theme.role("h"), width=3)
        body.move_to((*box.center, 0))
        room = box.width - 0.4
        size = min(0.4, 0.4 * room / text_width(self.cell_name, 0.4, "bold"))
        color = theme.readable(theme.role("h"), theme.panel)
        name = TextLine(self.cell_name, size=size, weight="bold", color=color, at=places.name)
        symbol = Formula("h", size=0.42, color=color, at=places.state_symbol)
        self.state = self.vector(self.now["h_prev"], places.state)
        note = VGroup()
        if self.units_note:
            size = min(0.22, 0.22 * (room + 0.1) / text_width(self.units_note, 0.22))
            note.add(TextLine(self.units_note, size=size, color=theme.faint, at=places.note))
        self.cell_box = VGroup(body, name, symbol, note, self.state)
        self.arrow = Wire(theme, *places.arrow, role="x")
        self.row_names = self._row_names()
        self.line: list[Waiting] = []
        self.next = self.now.tick
        self.told_last: Chip | None = None  # the word that entered last

    def _row_names(self) -> VGroup:
        """Write what the rows of the vectors are called, right of the line."""
        places, names, called = self.places, self.names_of(self.now["x"]), VGroup()
        if not names or places.down:
            return called
        size = min(NAME, places.size[1] * 0.6)
        rows = self.vector(self.now["x"], places.vector).rows
        texts = [shortened(name, size, WIDEST) for name in names]
        if self.features_note:
            texts.append(self.features_note)
            rows = [*rows, rows[-1] - places.size[1] * 1.2]
        for text, y in zip(texts, rows, strict=True):
            color = self.theme.faint
            called.add(TextLine(text, size=size, color=color, at=(0.0, y), align="left"))
        places.last -= float(called.width) + AIR / 2
        return called

    def _aside(self) -> Point:
        """Give how far what the rows are called must move to stand right of the line."""
        edge = self.goals[-1] + self.line[-1].length / 2 + AIR / 2
        return (edge - float(self.row_names.get_left()[0]), 0.0, 0.0)

    def vector(self, reading: Reading, at: tuple[float, float]) -> Column:
        """Make a reading as it stands in line or in the cell, with its numbers."""
        return Column(
            reading,
            self.theme,
            cell=self.trace.notation,
            units=self.units_of(reading),
            box=self.places.size,
            numbers=True,
            at=at,
            across=self.places.down,
        )

    def _fill(self) -> list[Waiting]:
        """Let as many join the line as there is room for; say where all stand."""
        self.goals: list[float] = []
        begin = self.places.first
        fresh: list[Waiting] = []
        for k in range(len(self.trace)):
            if k == len(self.line):
                if self.next == len(self.trace):
                    break
                joining = Waiting(self, self.next)
                if k and begin + joining.length > self.places.last:
                    break
                fresh.append(joining)
                self.line.append(joining)
                self.next += 1
            length = self.line[k].length
            self.goals.append(begin + length / 2)
            begin += length + AIR
        for waiting in fresh:
            waiting.stand(self.goals[self.line.index(waiting)])
        return fresh

    def line_up(self) -> None:
        """Show the cell, and the words in line before it."""
        self._fill()
        self.play(FadeIn(self.cell_box), FadeIn(self.arrow), run_time=0.6)
        (x, y), (alone_x, alone_y) = self.places.chip, self.places.alone
        self.way = (x - alone_x, y - alone_y, 0)  # of a word, when its vector comes out of it
        chips = [waiting.chip.shift((alone_x - x, alone_y - y, 0)) for waiting in self.line]
        self.play(LaggedStart(*(FadeIn(chip) for chip in chips), lag_ratio=0.3), run_time=1.4)

    def embed(self) -> None:
        """Let the vector of each word come out of it."""
        growing: list[Any] = []
        for waiting in self.line:
            column = waiting.column
            column.save_state()
            column.scale(0.15).move_to(waiting.chip).set_opacity(0)
            growing += [column.animate.restore(), waiting.chip.animate.shift(self.way)]
        self.play(*growing, run_time=1.1)
        symbols = [waiting.symbol for waiting in self.line]
        names = [self.row_names.shift(self._aside())] if len(self.row_names) else []
        self.play(*map(FadeIn, [*symbols, *names]), run_time=0.4)

    def enter(self, run_time: float = 1.2) -> None:
        """Let the first of the line into the cell, whose state is made anew; the line moves up."""
        first, *self.line = self.line
        tick = first.column.reading.tick
        places = self.places
        old, self.state = self.state, self.vector(self.trace.at(tick)["h"], places.state)
        motions: list[Motion] = [] if tick == self.now.tick else self.go_to(tick)
        self.remove(self.cell_box, first)
        self.cell_box.remove(old)
        self.add(self.cell_box, old, first.column, first.symbol, first.chip)
        told, self.told_last = self.told_last, first.chip
        self.play(
            *motions,
            *([FadeOut(told)] if told else []),
            first.column.animate.move_to((*places.entering, 0)),
            FadeOut(first.symbol),
            run_time=run_time * 0.8,
        )
        early, late = squish_rate_func(smooth, 0, 0.5), squish_rate_func(smooth, 0.5, 1)
        self.play(
            vanish(first.column).scale(0.2).move_to((*places.inside, 0)).set_opacity(0),
            FadeOut(old, rate_func=early),
            FadeIn(self.state, rate_func=late),
            first.chip.animate.move_to((*places.told, 0)),
            run_time=run_time,
        )
        fresh = self._fill()
        moving = [waiting for waiting in self.line if waiting not in fresh]
        if not self.line:
            names = [self.row_names] if len(self.row_names) else []
            self.play(*map(FadeOut, [self.arrow, *names]), run_time=run_time * 0.4)
        else:
            ups: list[Motion] = [
                waiting.animate.stand(self.goals[self.line.index(waiting)]) for waiting in moving
            ]
            if len(self.row_names):
                ups.append(self.row_names.animate.shift(self._aside()))
            self.play(*ups, *(FadeIn(waiting) for waiting in fresh), run_time=run_time * 0.6)
            for waiting in moving:
                waiting.place = self.goals[self.line.index(waiting)]
