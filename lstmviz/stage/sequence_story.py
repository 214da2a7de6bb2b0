"""A story in which a sequence stands in line, and enters the cell one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manim import (
    FadeIn,
    FadeOut,
    LaggedStart,
    RoundedRectangle,
    VGroup,
    smooth,
    squish_rate_func,
)

from lstmviz.notation import written
from lstmviz.stage.column import Column
from lstmviz.stage.formula import Formula
from lstmviz.stage.layout import Box
from lstmviz.stage.part import vanish
from lstmviz.stage.story import Story
from lstmviz.stage.strip import PAD, SIZE, Chip, shortened
from lstmviz.stage.type import Words, text_width
from lstmviz.stage.wire import Wire

if TYPE_CHECKING:
    from lstmviz.stage.part import Motion

WIDTH, TALLEST = 0.98, 0.46  # of a box with a number
ROOM = 2.6  # the height for the boxes of a vector
AIR = 0.34  # between two that stand in line
LONGEST = 2.3  # a longer word is cut
CELL = 2.7  # the width of the cell
USUAL, HIGHEST = 4.7, 7.6  # the height of the room in a wide frame; and the most that is used


class Waiting(VGroup):
    """One that stands in line: its word, and the vector below it."""

    def __init__(self, story: SequenceStory, tick: int) -> None:
        super().__init__()
        token = story.trace.tokens[tick]
        text = shortened(written(token.text, story.trace.kind), SIZE, LONGEST)
        wide = text_width(text, SIZE) + 2 * PAD
        theme = story.theme
        self.chip = Chip(
            theme, text, left=-max(wide, 0.27) / 2, y=story.top - 0.25, height=0.5,
            known=token.known,
        )  # fmt: skip
        reading = story.trace.at(tick)["x"]
        self.column = Column(
            reading, theme, cell=story.trace.cell, units=story.units_of(reading),
            box=(WIDTH, story.row), numbers=True, at=(0.0, story.middle),
        )  # fmt: skip
        color = theme.readable(theme.role("x"), theme.background)
        low = float(self.column.frame.get_bottom()[1]) - 0.3
        self.symbol = Formula(f"x_({tick + 1})", size=0.36, color=color, at=(0.0, low))
        self.place = 0.0
        self.width_ = max(wide, WIDTH + 0.1)
        self.add(self.chip, self.column, self.symbol)

    def stand(self, x: float) -> Waiting:
        """Stand at a place in the line."""
        self.shift((x - self.place, 0, 0))
        self.place = x
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
        theme, box = self.theme, self._room()
        self.room = box
        grow = min(max(box.height / USUAL, 1.0), 1.6)
        self.top, self.middle = box.top - 0.1, box.center[1] - 0.03
        self.rise = self.top - 0.25 - self.middle  # of a word, when its vector comes out of it
        rows = max(len(self.units), len(self.units_of(self.now["x"])))
        self.row = min(TALLEST, ROOM / rows) * grow
        left, right = box.left + 0.15, box.left + 0.15 + CELL
        self.door = right
        body = RoundedRectangle(width=CELL, height=box.height - 0.1, corner_radius=0.3)
        body.set_fill(theme.panel, opacity=1).set_stroke(theme.role("h"), width=3)
        body.move_to(((left + right) / 2, box.center[1], 0))
        size = min(0.4, 0.4 * (CELL - 0.4) / text_width(self.cell_name, 0.4, "bold"))
        color = theme.readable(theme.role("h"), theme.panel)
        name = Words(
            self.cell_name, size=size, weight="bold", color=color,
            at=((left + right) / 2, self.top - 0.35),
        )  # fmt: skip
        symbol = Formula("h", size=0.42, color=color, at=(left + 0.5, self.middle))
        arrow = Wire(theme, (right + 0.75, self.middle), (right + 0.04, self.middle), role="x")
        self.home = ((left + right) / 2 + 0.22, self.middle)
        self.state = self._state("h_prev", self.now.tick)
        note = VGroup()
        if self.units_note:
            at = ((left + right) / 2, self.top - 0.8)
            size = min(0.22, 0.22 * (CELL - 0.3) / text_width(self.units_note, 0.22))
            note.add(Words(self.units_note, size=size, color=theme.faint, at=at))
        self.cell_box = VGroup(body, name, symbol, note, self.state)
        self.arrow = arrow
        self.line: list[Waiting] = []
        self.next = self.now.tick
        self.told_last: Chip | None = None  # the word that entered last

    def _room(self) -> Box:
        """The stage and the lens, or the middle of them where they are very high."""
        whole = self.layout.whole
        spare = max(whole.height - HIGHEST, 0.0) / 2
        return Box(whole.left, whole.right, whole.bottom + spare, whole.top - spare)

    def _state(self, name: str, tick: int) -> Column:
        reading = self.trace.at(tick)[name]
        return Column(
            reading, self.theme, cell=self.trace.cell, units=self.units_of(reading),
            box=(WIDTH, self.row), numbers=True, at=self.home,
        )  # fmt: skip

    def _fill(self) -> list[Waiting]:
        """Let as many join the line as there is room for; say where all stand."""
        self.places: list[float] = []
        x = self.door + 1.0
        fresh: list[Waiting] = []
        for k in range(len(self.trace)):
            if k == len(self.line):
                if self.next == len(self.trace):
                    break
                joining = Waiting(self, self.next)
                if k and x + joining.width_ > self.layout.whole.right:
                    break
                fresh.append(joining)
                self.line.append(joining)
                self.next += 1
            width = self.line[k].width_
            self.places.append(x + width / 2)
            x += width + AIR
        for waiting in fresh:
            waiting.stand(self.places[self.line.index(waiting)])
        return fresh

    def line_up(self) -> None:
        """Show the cell, and the words in line before it."""
        self._fill()
        self.play(FadeIn(self.cell_box), FadeIn(self.arrow), run_time=0.6)
        chips = [waiting.chip.shift((0, -self.rise, 0)) for waiting in self.line]
        self.play(LaggedStart(*(FadeIn(chip) for chip in chips), lag_ratio=0.3), run_time=1.4)

    def embed(self) -> None:
        """Let the vector of each word come out of it."""
        growing: list[Any] = []
        for waiting in self.line:
            column = waiting.column
            column.save_state()
            column.scale(0.15).move_to(waiting.chip).set_opacity(0)
            growing += [column.animate.restore(), waiting.chip.animate.shift((0, self.rise, 0))]
        self.play(*growing, run_time=1.1)
        self.play(*(FadeIn(waiting.symbol) for waiting in self.line), run_time=0.4)

    def enter(self, run_time: float = 1.2) -> None:
        """Let the first of the line into the cell, whose state is made anew; the line moves up."""
        first, *self.line = self.line
        tick = first.column.reading.tick
        old, self.state = self.state, self._state("h", tick)
        motions: list[Motion] = [] if tick == self.now.tick else self.go_to(tick)
        self.remove(self.cell_box, first)
        self.cell_box.remove(old)
        self.add(self.cell_box, old, first.column, first.symbol, first.chip)
        told, self.told_last = self.told_last, first.chip
        self.play(
            *motions,
            *([FadeOut(told)] if told else []),
            first.column.animate.move_to((self.door + 0.55, self.middle, 0)),
            FadeOut(first.symbol),
            run_time=run_time * 0.8,
        )
        early, late = squish_rate_func(smooth, 0, 0.5), squish_rate_func(smooth, 0.5, 1)
        self.play(
            vanish(first.column).scale(0.2).move_to((self.door - 0.1, self.middle, 0))
            .set_opacity(0),
            FadeOut(old, rate_func=early),
            FadeIn(self.state, rate_func=late),
            first.chip.animate.move_to((self.home[0] - 0.22, self.room.bottom + 0.5, 0)),
            run_time=run_time,
        )  # fmt: skip
        fresh = self._fill()
        moving = [waiting for waiting in self.line if waiting not in fresh]
        if not self.line:
            self.play(FadeOut(self.arrow), run_time=run_time * 0.4)
        else:
            ups = [
                waiting.animate.stand(self.places[self.line.index(waiting)]) for waiting in moving
            ]
            self.play(*ups, *(FadeIn(waiting) for waiting in fresh), run_time=run_time * 0.6)
            for waiting in moving:
                waiting.place = self.places[self.line.index(waiting)]
