"""A story of the unrolled network: one cell, drawn once for each step, states handed on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manim import RIGHT, FadeIn, VGroup

from lstmviz.stage.circuits.by_cell import name_within
from lstmviz.stage.circuits.wire import Ride, Wire
from lstmviz.stage.manim.rounded_rectangle import RoundedRectangle
from lstmviz.stage.mobjects.column import SMALL, Column
from lstmviz.stage.mobjects.input_strip import PAD, SIZE, Chip, shortened
from lstmviz.stage.mobjects.lightable import Lightable, vanish
from lstmviz.stage.stories.sequence.unrolled_layout import WIDTH, UnrolledPlaces
from lstmviz.stage.story.story import Story
from lstmviz.stage.text.formula import Formula
from lstmviz.stage.text.text import TextLine, text_width, wrap
from lstmviz.style.notation import written
from lstmviz.style.theme import mix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lstmviz.stage.stories.sequence.unrolled_layout import Way
    from lstmviz.style.theme import Theme


class Copy(Lightable):
    """One copy of the cell."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        at: tuple[float, float],
        low: float,
        high: float,
        width: float = WIDTH,
    ) -> None:
        super().__init__(theme)
        self.at = at
        shape = RoundedRectangle(width=width, height=high - low, corner_radius=0.22)
        shape.set_stroke(width=3.5).set_fill(opacity=1).move_to((at[0], (low + high) / 2, 0))
        ground = mix(theme.panel, theme.role("h"), 0.2)
        self.ink(shape, ground, "fill", theme.panel)
        self.ink(shape, theme.role("h"), "stroke")
        lines = wrap(name, 0.36, width - 0.2)
        widths = [text_width(line, 1.0) for line in lines]
        size = min(0.36, (width - 0.2) / max(widths), 1.45 / 1.3 / len(lines))
        color = theme.readable(theme.role("h"), ground)
        for k, line in enumerate(lines):
            y = at[1] + ((len(lines) - 1) / 2 - k) * size * 1.3
            self.ink(TextLine(line, size=size, at=(at[0], y)), color, "text")


class UnrolledStory(Story):
    """A story of a few steps in a row, each with its word below and its state to the right.

    `begin` draws the first cell and the state that it starts from, `step_on` the next one;
    `work` lets the newest cell make its state, `travel` follows the states to the last one.
    What has been drawn stands in the middle; in a tall frame it goes on in a second row.
    """

    needs = ("x", "h")

    def setup(self) -> None:
        """Find where the cells and the states stand."""
        super().setup()
        self.first = self.now.tick
        self.has_memory, self.memory = self.trace.keeps_memory_apart, self.trace.memory
        self.places = UnrolledPlaces(
            self.layout, len(self.trace) - self.first, len(self.units), memory=self.has_memory
        )
        self.count = self.places.count
        self.chain = VGroup()  # all that is drawn so far: it stands in the middle
        self.cells: list[Copy] = []
        self.states: list[Column] = []
        self.memories: list[VGroup] = []
        self.chips: list[Chip] = []
        if self.units_note:
            box = self.layout.whole
            note = TextLine(
                self.units_note,
                size=self.layout.least,
                color=self.theme.faint,
                at=(box.right - 0.1, box.bottom + 0.1),
                align="right",
            )
            self.add(note)

    def in_view(self) -> list[str]:
        """Say how often the cell is drawn."""
        form = "The {cell}, drawn {n} times in a row; the state is handed from one to the next."
        count = len(self.cells)
        cell = name_within(self.trace, self.lang)
        return [self.lang.say(form, cell=cell, n=count)] if count > 1 else []

    def begin(self) -> None:
        """Show the first cell, its word, and the states that it is given."""
        wires = self._wires(self.places.entries())
        state, symbol = self._state("h_prev", self.first, 0)
        arriving = [*wires, *self._place(0), state, symbol]
        self.states.append(state)
        if self.has_memory:
            memory = self._memory(f"{self.memory}_prev", self.first, 0)
            self.memories.append(memory)
            arriving.append(memory)
        self.chain.add(*arriving)
        self.play(*(FadeIn(each) for each in arriving), run_time=0.9)

    def step_on(self) -> None:
        """Draw the cell again, for the next word; it is the same one."""
        k = len(self.cells)
        old = [*self.chain]
        moved = self.places.make_room(k)
        wires = VGroup(*self._wires(self.places.ways(k)))
        cell, chip, up = self._place(k)
        self.chain.add(wires, cell, chip, up)
        self.add(wires, *self.states, *self.memories)
        self.play(
            *self.go_to(self.first + k),
            *(each.animate.shift((*moved, 0)) for each in old if any(moved)),
            FadeIn(wires),
            FadeIn(cell, shift=0.6 * RIGHT),
            FadeIn(chip),
            FadeIn(up),
            run_time=0.9,
        )

    def work(self, *, run_time: float = 1.0) -> None:
        """Let the newest cell take in its word and the last state, and make the new one."""
        k = len(self.cells) - 1
        cell, tick = self.cells[k], self.first + k
        x = Column(
            self.trace.at(tick)["x"],
            self.theme,
            cell=self.trace.notation,
            units=self.units_of(self.trace.at(tick)["x"]),
            box=SMALL,
        )
        given = [self.states[k].copy(), *(memory[0].copy() for memory in self.memories[k : k + 1])]
        middle, level = cell.at
        if self.places.turns(k):
            # On the long way round they are small, as there is no room for numbers.
            given[0] = Column(
                self.states[k].reading, self.theme, cell=self.trace.notation, units=self.units
            )
            ways = zip(given, self.places.ways(k), strict=True)
            self.play(*(Ride(each, *way, appear=True) for each, way in ways), run_time=run_time)
        self.add(*given, cell)
        self.play(
            Ride(x, (middle, level - self.places.drop + 0.3), (middle, level - 0.5), appear=True),
            *(
                vanish(each).scale(0.3).move_to((middle, float(each.get_y()), 0)).set_opacity(0)
                for each in given
            ),
            run_time=run_time,
        )
        self.remove(x)
        state, symbol = self._state("h", tick, k + 1)
        made: list[VGroup] = [state]
        self.states.append(state)
        if self.has_memory:
            memory = self._memory(self.memory, tick, k + 1)
            self.memories.append(memory)
            made.append(memory)
        coming: list[Any] = []
        for column in made:
            column.save_state()
            column.scale(0.3).move_to((middle, float(column.get_y()), 0)).set_opacity(0)
            coming.append(column.animate.restore())
        leaving = self._wires(self.places.stubs(k), tip=False)
        if k == self.count - 1:
            leaving += self._wires(self.places.ways(k + 1))
        self.chain.add(*leaving, *made, symbol)
        self.add(*leaving, *made)
        self.play(
            *(FadeIn(wire) for wire in leaving),
            *coming,
            FadeIn(symbol),
            run_time=run_time,
        )

    def travel(self) -> None:
        """Let a ring go along the states to the last one, as what is remembered must."""
        frame = self.states[0].frame
        ring = RoundedRectangle(
            width=frame.width + 0.14, height=frame.height + 0.14, corner_radius=0.12
        )
        ring.set_stroke(self.theme.ink, width=5).move_to(frame)
        self.play(FadeIn(ring), run_time=0.4)
        for state in self.states[1:]:
            self.play(ring.animate.move_to(state.frame), run_time=0.7)

    def _place(self, k: int) -> tuple[Copy, Chip, Wire]:
        """Make the k-th copy of the cell, its word below it, and the wire between them."""
        x, level = at = self.places.cell(k)
        low, chips = level - 0.85, level - self.places.drop
        high = level + self.places.high + 0.5 if self.has_memory else level + 0.85
        cell = Copy(self.theme, self.cell_name, at, low, high, self.places.width)
        token = self.trace.tokens[self.first + k]
        text = shortened(
            written(self.trace.short(self.first + k), self.trace.kind),
            SIZE,
            self.places.space - 0.5,
        )
        wide = max(text_width(text, SIZE) + 2 * PAD, 0.27)
        chip = Chip(self.theme, text, left=x - wide / 2, y=chips, height=0.5, known=token.known)
        up = Wire(self.theme, (x, chips + 0.27), (x, low), role="x")
        self.cells.append(cell)
        self.chips.append(chip)
        return cell, chip, up

    def _wires(self, ways: Sequence[Way], *, tip: bool = True) -> list[Wire]:
        """Make the wires of h and, where there is a memory, of c."""
        return [
            Wire(self.theme, *way, role=role, tip=tip)
            for way, role in zip(ways, "hc", strict=False)
        ]

    def _state(self, name: str, tick: int, k: int) -> tuple[Column, Formula]:
        reading = self.trace.at(tick)[name]
        x, level = self.places.state(k)
        column = Column(
            reading,
            self.theme,
            cell=self.trace.notation,
            units=self.units_of(reading),
            box=self.places.number,
            numbers=True,
            at=(x, level),
        )
        number = tick + (name == "h")
        color = self.theme.readable(self.theme.role("h"), self.theme.background)
        top = float(column.frame.get_top()[1])
        return column, Formula(f"h_({number})", size=0.4, color=color, at=(x, top + 0.36))

    def _memory(self, name: str, tick: int, k: int) -> VGroup:
        reading = self.trace.at(tick)[name]
        x, level = self.places.state(k)
        column = Column(
            reading,
            self.theme,
            cell=self.trace.notation,
            units=self.units_of(reading),
            box=(SMALL[0], min(SMALL[1], 0.8 / len(self.units))),
            at=(x, level + self.places.high),
        )
        color = self.theme.readable(self.theme.role("c"), self.theme.background)
        top = float(column.frame.get_top()[1])
        source = f"{self.memory}_({tick + (name == self.memory)})"
        size = max(0.34, self.layout.least_index)
        symbol = Formula(source, size=size, color=color, at=(x, top + 0.26))
        return VGroup(column, symbol)
