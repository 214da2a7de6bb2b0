"""A story of the unrolled network: one cell, drawn once for each step, states handed on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manim import RIGHT, FadeIn, RoundedRectangle, VGroup

from lstmviz.notation import written
from lstmviz.stage.column import SMALL, Column
from lstmviz.stage.formula import Formula
from lstmviz.stage.layout import WIDE
from lstmviz.stage.part import Part, vanish
from lstmviz.stage.story import Story
from lstmviz.stage.strip import PAD, SIZE, Chip, shortened
from lstmviz.stage.theme import mix
from lstmviz.stage.type import Words, text_width, wrap
from lstmviz.stage.wire import Ride, Wire

if TYPE_CHECKING:
    from lstmviz.stage.theme import Theme

MOST = 4  # steps
SPACE = 3.1  # from one cell to the next
WIDTH = 1.3  # of a cell
NUMBER = (0.94, 0.42)  # of a box with a number
CHIPS = -1.76  # the height of the words
TIGHTEST = 0.75  # of the usual distances; otherwise there is a step less
AIR = 0.2  # the wires at both ends may reach so far beyond the stage
PITCH = 5.4  # from one row to the next one, at most
OUT = 0.86  # how far a wire reaches that comes from nowhere, or leaves
TURN = 0.42  # how far a wire goes beyond a row before it turns to the next one


class Copy(Part):
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
            self.ink(Words(line, size=size, at=(at[0], y)), color, "text")


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
        self.count = min(MOST, len(self.trace) - self.now.tick)
        self.first = self.now.tick
        self.has_memory = "c" in self.trace
        self._measure()
        self.chain = VGroup()  # all that is drawn so far: it stands in the middle
        self.cells: list[Copy] = []
        self.states: list[Column] = []
        self.memories: list[VGroup] = []
        self.chips: list[Chip] = []
        if self.units_note:
            box = self.layout.whole
            note = Words(
                self.units_note, size=0.22, color=self.theme.faint,
                at=(box.right - 0.1, box.bottom + 0.1), align="right",
            )  # fmt: skip
            self.add(note)

    def _measure(self) -> None:
        """Fit the rows into the frame: how far all is apart, and how high the first row stands."""
        whole = self.layout.whole
        self.across = MOST // 2
        if whole.width > whole.height:
            roomy = whole.width > TIGHTEST * (MOST * SPACE + 2 * OUT)
            self.across = MOST if roomy else MOST - 1
            self.count = min(self.count, self.across)
        squeeze = min(1.0, (whole.width + AIR) / (self.across * SPACE + 2 * OUT))
        self.space, self.width_, self.out = SPACE * squeeze, WIDTH * squeeze, OUT * squeeze
        level = 0.0 if self.has_memory else 0.55
        wide = self.layout.frame.width >= WIDE.frame.width
        self.high = 2.0 if wide else 2.15  # where the cell state is handed on, above the level
        self.drop = level - CHIPS  # and the words below it
        self.level = level + whole.center[1] - WIDE.whole.center[1]
        self.pitch = 0.0  # from a row to the next one
        if self.across < self.count:
            self.pitch = min(whole.height / 2, PITCH)
            self.drop -= 0.26
        room = (1.9 if wide else 1.98) if self.has_memory else 2.5
        width = NUMBER[0] * max(squeeze, 0.8)
        self.number = (width, min(NUMBER[1], room / len(self.units)))
        self.left = whole.center[0] - self.space / 2

    def begin(self) -> None:
        """Show the first cell, its word, and the states that it is given."""
        level = self.level
        way = ((self.left - self.out, level), (self._cell(0)[0] - self.width_ / 2, level))
        wires = [Wire(self.theme, *way, role="h")]
        if self.has_memory:
            high = [(x, level + self.high) for x, _ in way]
            wires.append(Wire(self.theme, *high, role="c"))
        state, symbol = self._state("h_prev", self.first, 0)
        arriving = [*wires, *self._place(0), state, symbol]
        self.states.append(state)
        if self.has_memory:
            memory = self._memory("c_prev", self.first, 0)
            self.memories.append(memory)
            arriving.append(memory)
        self.chain.add(*arriving)
        self.play(*(FadeIn(each) for each in arriving), run_time=0.9)

    def step_on(self) -> None:
        """Draw the cell again, for the next word; it is the same one."""
        k = len(self.cells)
        old = [*self.chain]
        # What is drawn stays in the middle: it moves to the left, or up for a row below it.
        moved = (0.0, self.pitch / 2) if self._turns(k) else (-self.space / 2, 0.0)
        if k > self.across:
            moved = (0.0, 0.0)
        self.left, self.level = self.left + moved[0], self.level + moved[1]
        wires = VGroup(*self._links(k))
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
            self.trace.at(tick)["x"], self.theme, cell=self.trace.cell,
            units=self.units_of(self.trace.at(tick)["x"]), box=SMALL,
        )  # fmt: skip
        given = [self.states[k].copy(), *(memory[0].copy() for memory in self.memories[k : k + 1])]
        middle, level = cell.at
        if self._turns(k):
            # On the long way round they are small, as there is no room for numbers.
            given[0] = Column(
                self.states[k].reading, self.theme, cell=self.trace.cell, units=self.units
            )
            ways = zip(given, self._ways(k), strict=True)
            self.play(*(Ride(each, *way, appear=True) for each, way in ways), run_time=run_time)
        self.add(*given, cell)
        self.play(
            Ride(x, (middle, level - self.drop + 0.3), (middle, level - 0.5), appear=True),
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
            memory = self._memory("c", tick, k + 1)
            self.memories.append(memory)
            made.append(memory)
        coming: list[Any] = []
        for column in made:
            column.save_state()
            column.scale(0.3).move_to((middle, float(column.get_y()), 0)).set_opacity(0)
            coming.append(column.animate.restore())
        leaving = [*self._stubs(k), *(self._links(k + 1) if k == self.count - 1 else [])]
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

    def _cell(self, k: int) -> tuple[float, float]:
        row, place = divmod(k, self.across)
        return (self.left + (place + 0.5) * self.space, self.level - row * self.pitch)

    def _after(self, k: int) -> tuple[float, float]:
        """Where the k-th state stands, which the cell before it makes; the first one made none."""
        if k == 0:
            return (self.left, self.level)
        x, y = self._cell(k - 1)
        return (x + self.space / 2, y)

    def _turns(self, k: int) -> bool:
        """Whether the k-th cell begins a row."""
        return k > 0 and k % self.across == 0

    def _place(self, k: int) -> tuple[Copy, Chip, Wire]:
        """Make the k-th copy of the cell, its word below it, and the wire between them."""
        x, level = at = self._cell(k)
        low, chips = level - 0.85, level - self.drop
        high = level + self.high + 0.5 if self.has_memory else level + 0.85
        cell = Copy(self.theme, self.cell_name, at, low, high, self.width_)
        token = self.trace.tokens[self.first + k]
        text = shortened(written(token.text, self.trace.kind), SIZE, self.space - 0.5)
        wide = max(text_width(text, SIZE) + 2 * PAD, 0.27)
        chip = Chip(self.theme, text, left=x - wide / 2, y=chips, height=0.5, known=token.known)
        up = Wire(self.theme, (x, chips + 0.27), (x, low), role="x")
        self.cells.append(cell)
        self.chips.append(chip)
        return cell, chip, up

    def _links(self, k: int) -> list[Wire]:
        """Make the wires from the states before the k-th cell on to it, or out to the right."""
        return [
            Wire(self.theme, *way, role=role)
            for way, role in zip(self._ways(k), "hc", strict=False)
        ]

    def _ways(self, k: int) -> list[tuple[tuple[float, float], ...]]:
        """Give the ways from the states before the k-th cell on to it: of h, and of c."""
        x, level = self._after(k)
        starts = [x + self.number[0] / 2 + 0.08]
        heights = [0.0]
        if self.has_memory:
            starts.append(x + SMALL[0] / 2 + 0.06)
            heights.append(self.high)
        if k == self.count:
            return [((start, level + y), (x + self.out, level + y))
                    for start, y in zip(starts, heights, strict=True)]  # fmt: skip
        cell, goal = self._cell(k)
        end = cell - self.width_ / 2
        if not self._turns(k):
            return [((start, level + y), (end, level + y))
                    for start, y in zip(starts, heights, strict=True)]  # fmt: skip
        # Round the end of the row and back between the rows: h outside of c, so as not to cross it.
        turn, between = x + self.number[0] / 2 + TURN, self._between(goal)
        ways: list[tuple[tuple[float, float], ...]] = []
        for start, y, side, rise in zip(
            starts, heights, ((0.0, -0.1), (0.16, 0.14)), (0.1, -0.1), strict=False
        ):
            right, left = turn + side[0], self.left + side[1]
            bus = between + (rise if self.has_memory else 0.0)
            ways.append((
                (start, level + y), (right, level + y), (right, bus), (left, bus),
                (left, goal + y), (end, goal + y),
            ))  # fmt: skip
        return ways

    def _between(self, level: float) -> float:
        """The middle between the words of the row above a level and the symbols of its own."""
        words = level + self.pitch - self.drop - 0.25
        column = self.number[1] * len(self.units) / 2 + 0.62
        symbols = level + (self.high + 0.9 if self.has_memory else column)
        return (words + symbols) / 2

    def _stubs(self, k: int) -> list[Wire]:
        """Make the wires from the k-th cell to the states that it makes."""
        start, (state, level) = self._cell(k)[0] + self.width_ / 2, self._after(k + 1)
        way = ((start, level), (state - self.number[0] / 2 - 0.08, level))
        wires = [Wire(self.theme, *way, role="h", tip=False)]
        if self.has_memory:
            y = level + self.high
            high = ((start, y), (state - SMALL[0] / 2 - 0.06, y))
            wires.append(Wire(self.theme, *high, role="c", tip=False))
        return wires

    def _state(self, name: str, tick: int, k: int) -> tuple[Column, Formula]:
        reading = self.trace.at(tick)[name]
        x, level = self._after(k)
        column = Column(
            reading, self.theme, cell=self.trace.cell, units=self.units_of(reading),
            box=self.number, numbers=True, at=(x, level),
        )  # fmt: skip
        number = tick + (name == "h")
        color = self.theme.readable(self.theme.role("h"), self.theme.background)
        top = float(column.frame.get_top()[1])
        return column, Formula(f"h_({number})", size=0.4, color=color, at=(x, top + 0.36))

    def _memory(self, name: str, tick: int, k: int) -> VGroup:
        reading = self.trace.at(tick)[name]
        x, level = self._after(k)
        column = Column(
            reading,
            self.theme,
            cell=self.trace.cell,
            units=self.units_of(reading),
            box=(SMALL[0], min(SMALL[1], 0.8 / len(self.units))),
            at=(x, level + self.high),
        )
        color = self.theme.readable(self.theme.role("c"), self.theme.background)
        top = float(column.frame.get_top()[1])
        symbol = Formula(f"c_({tick + (name == 'c')})", size=0.34, color=color, at=(x, top + 0.26))
        return VGroup(column, symbol)
