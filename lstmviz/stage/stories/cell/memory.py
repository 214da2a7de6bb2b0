"""A story about the memory of a cell: what comes to it, changes it, and is shown of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import FadeOut

from lstmviz.stage.circuits.wire import Ride
from lstmviz.stage.mobjects.history import History
from lstmviz.stage.mobjects.lightable import Motion
from lstmviz.stage.mobjects.number_line import Ruler
from lstmviz.stage.stories.cell.cell import HIGHER, CellStory
from lstmviz.stage.story.caption_values import Unit
from lstmviz.style.layout import Box


class MemoryStory(CellStory):
    """A story in a cell that begins where another one ended.

    `bring` puts up what has been worked out before, `through` sends a copy through a
    function, `slide` moves the values on a ruler that shows the band from −1 to 1.
    """

    higher = HIGHER

    @property
    def stays_within(self) -> bool:
        """Whether the memory can never leave −1 … 1: a blend of what starts and enters there."""
        start = self.trace.initial["c"]
        return self.couples and not self.other_function("g") and bool((abs(start) <= 1).all())

    def bring(self, title: str, *names: str, role: str = "") -> None:
        """Let columns appear where they wait, with their numbers in the lens."""
        equation = self.prepare_page(
            title, role or self.role(names[0]), names, [" "] * (len(names) - 1)
        )
        lit = [*names, *(gate for gate, made in self.circuit.gates.items() if made in names)]
        self.play(*self.focus(*lit), *self.turn(equation), *self.place(*names), run_time=0.9)

    def turn_to(self, turning: Sequence[Motion], title: str, *names: str) -> None:
        """Go on with another word: what is left of the last one goes, and columns are put up."""
        leaving = [FadeOut(column) for column in self.columns.values() if column in self.mobjects]
        self.columns.clear()
        self.play(*turning, *leaving, run_time=0.6)
        self.bring(title, *names, role=self.role(names[-1]))

    def hides(self, inside: str, outside: str) -> bool:
        """Whether most of what is inside now does not come out, and there is something inside."""
        held, out = (float(np.abs(self.now[name].value).mean()) for name in (inside, outside))
        return held > 0.1 and out < 0.3 * held

    def when_open(self, gate: str, result: str) -> tuple[int, Unit] | None:
        """Find a later word at which a gate opens that is shut now, and the unit most let out.

        It is the first at which about as much comes out as at any; None where no gate of the
        units shown goes from below a half to above it, by 0.3 at least.
        """
        units, now = list(self.units), self.now.tick
        gates = self.trace[gate][now:, units]
        opens = (gates[0] < 0.5) & (gates > 0.5) & (gates - gates[0] >= 0.3)
        out = np.where(opens, np.abs(self.trace[result][now:, units]), 0.0)
        if not out.any():
            return None
        tick = int(np.argmax(out.max(axis=1) >= 0.8 * out.max()))
        return now + tick, Unit(units[int(out[tick].argmax())])

    def through(self, part: str, before: str, after: str, *, title: str, formula: str) -> None:
        """Send a copy of a column through a function of the circuit; the result comes out."""
        gate = self.circuit[part]
        equation = self.prepare_page(
            title, self.role(after), [before, after], ["→"], formula, [after, before]
        )
        copy = self.columns[before].copy()
        self.add(copy)
        self.play(
            *self.focus(before, f"{before} down", part, after),
            *self.turn(*equation.operands),
            Ride(copy, *self.circuit.route(before, part), run_time=1.1),
        )
        self.play(self.into(copy, gate), run_time=0.4)
        self.play(self.made(after, gate), *self.write(*equation.result))

    def history(self, names: Sequence[str]) -> History:
        """Make the bands of some readings; one reading alone has room to show its size."""
        if len(names) > 1:
            return super().history(names)
        whole = self.layout.whole
        box = Box(whole.left, whole.right, whole.bottom, whole.top - 0.7)
        units = [self.units_of(self.now[names[0]])]
        return History(
            self.trace,
            names,
            self.now.tick,
            units,
            self.theme,
            box,
            relief=True,
            least=self.layout.least,
        )

    def slide(self, title: str, formula: str, *names: str, roles: tuple[str, ...]) -> None:
        """Show on a ruler how each value went from the first reading to the last."""
        self.prepare_page(
            title, self.role(names[-1]), [names[0]], formula=formula, colors=("kept", "added", "c")
        )
        readings = [self.now[name] for name in names]
        body = self.lens.body(formula=True, note=bool(self.units_note))
        ruler = Ruler(
            readings,
            self.theme,
            body,
            cell=self.notation,
            units=self.units,
            zoom=self.lens.zoom,
            least=self.layout.least,
        )
        self.play(*self.turn(ruler, ruler.dots), run_time=0.8)
        for role in roles:
            motions = ruler.go(role)
            self.page.add(ruler.ways)
            self.add(ruler.ways, ruler.dots)
            self.play(*motions, run_time=1.0)
        self.play(*self.write(ruler.values, ruler.header), run_time=0.5)
