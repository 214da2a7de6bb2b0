"""A story in which code and circuit run together."""

from __future__ import annotations

import numpy as np
from manim import FadeIn, FadeOut, Transform, VGroup

from lstmviz.engine.lessons.plain_lstm import forward
from lstmviz.engine.model.cells import find_cell
from lstmviz.errors import UsageError
from lstmviz.stage.circuits.by_cell import draw_circuit
from lstmviz.stage.circuits.circuit import Circuit
from lstmviz.stage.circuits.miniature import silent, simplify
from lstmviz.stage.mobjects.code import SMALLEST, Code, Row, SumRows
from lstmviz.stage.mobjects.lightable import Motion
from lstmviz.stage.stories.cell.cell import CellStory
from lstmviz.style.layout import Box, with_lens
from lstmviz.style.notation import Quantity, equals, quantity
from lstmviz.trace.trace import Reading, Trace

ROLES = {"f": "forget", "i": "input", "g": "candidate", "o": "output", "c": "c", "h": "h", "x": "x"}

FEW = 4  # numbers that can be read side by side in a lens beside the stage
LOW, HIGHEST = 2.5, 1.3  # a lens so low, and how much higher it is
SUM = 1.2  # of a lens, for what a line yields
HIGHER = 0.7  # how much higher a lens under the stage is, so that the code can be read


class CodeStory(CellStory):
    """The forward pass of `lstmviz.engine.lessons.plain_lstm` beside the circuit of the LSTM.

    `run_line` lights a line of the code, the part of the cell that works and the value that
    comes out, together; `next_word` goes on to the next tick. What has a name in the code stands
    where it was made until the name gets another value.
    """

    def pick(self) -> int:
        """Tell a word at which every line of the code makes numbers that say something."""
        sizes = [np.abs(self.trace[name]).mean(axis=1) for name in (*"figco", "h")]
        return int(np.argmax(np.min(sizes, axis=0)))

    @classmethod
    def check_needs(cls, trace: Trace) -> None:
        """Refuse other cells: the code that is shown is the LSTM's."""
        if trace.cell not in cls.fitting_cells():
            raise UsageError(
                f"The story {cls.story_name()} shows the code of the LSTM, which is not that of "
                f"{trace.cell}; cells that fit: {', '.join(cls.fitting_cells())}."
            )

        for reading, usual in find_cell("lstm").spelt.items():
            if trace.activations.get(reading, usual) != usual:
                raise UsageError(
                    f"The story {cls.story_name()} shows the code of an LSTM whose {reading} is "
                    f"made by {usual}, but this network has {trace.activations[reading]} there; "
                    "the other stories of the LSTM show it."
                )

    @classmethod
    def fitting_cells(cls) -> list[str]:
        """Name the only cell whose code this is."""
        return ["lstm"]

    @property
    def most_units(self) -> int:
        """How many numbers have room side by side in the lens."""
        most = super().most_units
        return min(most, FEW) if self.layout.beside else most

    def setup(self) -> None:
        """Prepare the code in the place of the lens."""
        low = self.layout.lens.height < LOW
        if not self.layout.beside:
            self.layout = with_lens(self.layout, HIGHEST if low else HIGHER)
        super().setup()
        if low:  # the cell beside the code comes out too small for words
            simplify(self.circuit, 1.0, self.layout.least)
            self.circuit.set_focus(())
        room, self.value_box, self.tall_box, self.title_room = self._rooms()
        self.sum_box = self._sum_room()
        self.code = Code(forward, ROLES, self.theme, room, zoom=self.lens.zoom)
        self.value = VGroup()
        self.marked = False

    def draw_circuit(self) -> Circuit:
        """Draw the cell, without words where there is no room for them."""
        lang = silent(self.lang) if self.layout.name == "1:1" else self.lang
        return draw_circuit(self.trace, self.theme, lang)

    def _rooms(self) -> tuple[Box, Box, Box, Box]:
        """The rooms of the code, of the value that it yields in one row or two, of the title."""
        inner, z = self.lens.box.inset(0.1), self.lens.zoom
        if self.lens.flat:
            words = self.lens.words
            middle = words.center[1]
            return (
                Box(words.right, inner.right, inner.bottom, inner.top),
                Box(words.left + 0.3, words.right - 0.3, middle - 0.72, middle - 0.2),
                Box(words.left + 0.3, words.right - 0.3, middle - 1.12, middle - 0.1),
                Box(words.left, words.right, middle, words.top),
            )
        low = inner.bottom + 0.3 * z
        return (
            Box(inner.left, inner.right, self.lens.box.bottom + SUM * z, inner.top - 0.65 * z),
            Box(inner.left + 0.1, inner.right - 0.1, low, low + 0.52 * z),
            Box(inner.left + 0.1, inner.right - 0.1, inner.bottom, inner.bottom + 0.94 * z),
            self.lens.words,
        )

    def _sum_room(self) -> Box:
        """The room of what is added up: all that the code or the title leaves."""
        lens, tall = self.lens.box, self.tall_box
        if self.lens.flat:
            return Box(tall.left - 0.2, tall.right + 0.2, lens.bottom + 0.1, tall.top)
        top = lens.bottom + (SUM - 0.08) * self.lens.zoom
        return Box(lens.left + 0.1, lens.right - 0.15, lens.bottom + 0.07, top)

    def show_code(self) -> None:
        """Put up the code."""
        title = self.lens.title(
            self.lang.word("forward pass"), "ink", self.units_note, room=self.title_room
        )
        self.play(FadeIn(title), FadeIn(self.code.lines))

    def bring_memory(self) -> None:
        """Let the memory come in and wait."""
        self.arrive("c_prev", "", lens=False)

    def join_inputs(self) -> None:
        """Run the line that joins h and x: both come in and are stacked."""
        self.play(*self._mark("hx"), run_time=0.4)
        self.gather(lens=False)
        self.play(*self._yield("hx", "h_prev", "x"), run_time=0.6)

    def run_line(self, name: str, quick: bool = False) -> None:
        """Run the line that assigns to a name: code, circuit and value light up together."""
        pace = 0.6 if quick else 1.0
        moves = {"c": self._update_memory, "h": self._show_memory}
        if name in moves:
            moves[name](pace)
            return
        gate = next(each for each, reading in self.circuit.gates.items() if reading == name)
        lit = [*self.circuit.feeding(gate), gate, name, "join", "x_t", "h_(t-1)"]
        part = self.circuit[gate]
        traveller = self.pair.copy()
        ride = self._ride(traveller, "pair", gate, 1.1 * pace)
        self.play(*self.focus(*lit), *self._mark(name), ride)
        self.play(self.into(traveller, part), run_time=0.4 * pace)
        self.play(self.made(name, part), *self._yield(name), run_time=0.8 * pace)

    def _update_memory(self, pace: float) -> None:
        times, write, plus = (self.circuit[name] for name in ("forget×", "write×", "+"))
        lit = ["c_prev", "f", "forget×", "kept", "i", "g", "write×", "added", "+", "c"]
        f, i, g = (self.columns[name].copy() for name in "fig")
        c = self.columns.pop("c_prev")
        self.play(
            *self.focus(*lit, "c_(t-1)"),
            *self._mark("c"),
            *(
                self._ride(column, name, to, 0.9 * pace)
                for column, name, to in (
                    (c, "c_prev", "forget×"),
                    (f, "f", "forget×"),
                    (i, "i", "write×"),
                    (g, "g", "write×"),
                )
            ),
        )
        self.play(
            *(self.into(each, times) for each in (c, f)),
            *(self.into(each, write) for each in (i, g)),
            run_time=0.4 * pace,
        )
        self.play(self.made("kept", times), self.made("added", write), run_time=0.7 * pace)
        self.play(self.send("kept", "+", 0.7 * pace), self.send("added", "+", 0.7 * pace))
        kept, added = self.columns.pop("kept"), self.columns.pop("added")
        self.play(self.into(kept, plus), self.into(added, plus), run_time=0.4 * pace)
        self.play(self.made("c", plus), *self._yield_sum(), run_time=0.8 * pace)

    def _show_memory(self, pace: float) -> None:
        show, times = self.circuit["show"], self.circuit["output×"]
        copy = self.columns["c"].copy()
        self.play(
            *self.focus("c", "c down", "show", "shown", "o", "output×", "h"),
            *self._mark("h"),
            self._ride(copy, "c", "show", 0.9 * pace),
        )
        self.play(self.into(copy, show), run_time=0.4 * pace)
        self.play(self.made("shown", show), run_time=0.6 * pace)
        pair = [self.columns.pop("shown"), self.columns["o"].copy()]
        rides = [
            self._ride(each, name, "output×", 0.6 * pace)
            for each, name in zip(pair, ("shown", "o"), strict=True)
        ]
        self.play(*rides)
        self.play(*(self.into(each, times) for each in pair), run_time=0.4 * pace)
        self.play(self.made("h", times), *self._yield("h"), run_time=0.8 * pace)

    def next_word(self) -> None:
        """Go on to the next tick: the states become the old ones, the next word comes in."""
        leaving = [self.send(name, "out") for name in ("c", "h")]
        self.play(*self.focus("c", "c_t", "h", "h_t"), *leaving)
        gone = [self.columns.pop(name) for name in (*"figoc", "h")]
        self.play(
            *(FadeOut(each) for each in (*gone, self.pair, self.value)),
            *self.go_to(self.now.tick + 1),
        )
        self.value = VGroup()

    def _mark(self, name: str) -> list[Motion]:
        mark = self.code.mark_of(name)
        if not self.marked:
            self.marked = True
            self.code.mark = mark
            # Behind the code, but on the panel.
            self.lens.add(mark)
            return [FadeIn(mark)]
        return [Transform(self.code.mark, mark)]

    def _yield(self, name: str, *readings: str) -> list[Motion]:
        return self._show(
            Row(
                name,
                [self._drawn(each) for each in readings or (name,)],
                self.theme,
                self.value_box,
                tall=self.tall_box,
                zoom=self.lens.zoom,
                least=max(SMALLEST, self.layout.least),
            )
        )

    def _yield_sum(self) -> list[Motion]:
        """Show the new memory below what it is the sum of."""
        names = ("kept", "added", "c")
        written = [[f"{self.told(name, unit)}" for name in names] for unit in self.units]
        exact = all(equals("+", row) == "=" for row in written)
        rows = zip(("f*c", "+ i*g", "= c" if exact else "≈ c"), names, strict=True)
        return self._show(
            SumRows(
                [(words, *self._drawn(name)) for words, name in rows],
                self.theme,
                self.sum_box,
                zoom=self.lens.zoom,
                least=max(SMALLEST, self.layout.least),
            )
        )

    def _drawn(self, name: str) -> tuple[Reading, Quantity, tuple[int, ...]]:
        reading = self.now[name]
        return reading, quantity(name, cell=self.notation), self.units_of(reading)

    def _show(self, value: VGroup) -> list[Motion]:
        old, self.value = self.value, value
        return [*([FadeOut(old)] if len(old) else []), FadeIn(self.value)]
