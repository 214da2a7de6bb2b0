"""A story in which a cell is put together, part by part, beside its legend."""

from __future__ import annotations

from manim import FadeIn, VGroup

from lstmviz.stage.circuits.gate import RADIUS
from lstmviz.stage.circuits.legend import Legend, branch
from lstmviz.stage.circuits.lstm import GATES, HIGH, LEFT, RIGHT
from lstmviz.stage.circuits.wire import Ride, Wire, drawing
from lstmviz.stage.mobjects.lightable import Lightable, Motion
from lstmviz.stage.stories.cell.cell import CellStory, Pair
from lstmviz.style.layout import Box

BESIDE = 1.35  # the width of the legend's title where it stands beside


class AssemblyStory(CellStory):
    """A cell that comes into being: `build` adds parts, `explain` rows of the legend.

    `branch_out` marks where vectors are copied, and `run_through` sends one word through
    the finished cell.
    """

    def setup(self) -> None:
        """Hide all parts of the circuit, and prepare the legend."""
        super().setup()
        # Long wires, on which the operators will be set: a memory without a break, and without
        # a head where the next operator is not there yet.
        for name, start in (("kept on", GATES["forget"] + RADIUS), ("highway", LEFT)):
            self.circuit.adopt(name, Wire(self.theme, (start, HIGH), (RIGHT, HIGH), role="c"))
        for part in self.circuit.parts.values():
            part.lit().set_opacity(0)
        self.built: set[str] = set()
        self.legend = Legend(self.theme, self.lang, self._legend_room(), self.layout.least)

    def _legend_room(self) -> Box:
        """The room below the legend's title, or in a flat lens beside it."""
        inner = self.lens.box.inset(0.2)
        if self.lens.flat:
            return Box(inner.left + BESIDE, inner.right, inner.bottom, inner.top)
        return Box(inner.left, inner.right, inner.bottom, inner.top - 0.55 * self.lens.zoom)

    def build(self, *names: str, explain: tuple[str, ...] = ()) -> None:
        """Add parts, lit, and let those before rest; a gate comes with the wires that feed it.

        `explain` names what comes into the legend. Parts that the circuit lacks are left out.
        """
        wanted: dict[str, None] = {}
        for name in names:
            fed = self.circuit.feeding(name) if name in self.circuit.gates else []
            fed = [wire for wire in fed if not wire.startswith("peep")]
            wanted |= dict.fromkeys(each for each in (*fed, name) if each in self.circuit.parts)
        fresh = [each for each in wanted if each not in self.built]
        before = self.circuit.lit
        resting = [name for name in self.circuit.parts if name in before and name not in wanted]
        turning = [self.circuit[name].animate.rest() for name in resting]
        turning += [
            self.circuit[name].animate.lit()
            for name in wanted
            if name in self.built and name not in before
        ]
        parts: list[Lightable] = [self.circuit[name] for name in fresh]
        wires = [part for part in parts if isinstance(part, Wire)]
        bodies = [FadeIn(part.lit(), scale=0.6) for part in parts if part not in wires]
        self.play(*turning, *self._entries(explain), *bodies, run_time=0.7)
        if wires:
            self.play(*(motion for wire in wires for motion in drawing(wire.lit())), run_time=0.9)
        self.built |= {*fresh}
        self.circuit.lit = {*wanted}

    def _entries(self, names: tuple[str, ...]) -> list[Motion]:
        """Let rows come into the legend; its title comes before all."""
        entries: list[VGroup] = [self.legend.entries[name] for name in names]
        if not len(self.page):
            box = self.lens.box
            room = Box(box.left, box.left + 0.2 + BESIDE, box.bottom, box.top)
            title = self.lens.title(
                self.lang.word("legend"), "ink", room=room if self.lens.flat else None
            )
            entries = [title, *entries]
        self.page.add(*entries)
        return [FadeIn(each) for each in entries]

    def branch_out(self) -> None:
        """Mark every place where a vector is copied, and say so in the legend."""
        dots = VGroup(*(branch(self.theme, at) for at in self.circuit.branches))
        self.play(
            *self.focus(*self.circuit.parts),
            *(FadeIn(dot, scale=2.5) for dot in dots),
            *self._entries(("copy",)),
        )

    def run_through(self) -> None:
        """Send the word of now through the whole cell, and show what went in and came out."""
        gates = self.circuit.gates
        states = ["c_prev", "h_prev", "c", "h"]
        equation = self.prepare_page("in and out", "ink", states, [" "] * 3)
        pairs = list(zip(equation.columns, equation.headers, strict=True))
        before, after = (
            [part for pair in half for part in pair] for half in (pairs[:2], pairs[2:])
        )
        self._come_in(self.turn(equation.indices, *before))
        copies = [self.pair, *(self.pair.copy() for _ in range(len(gates) - 1))]
        ways = list(zip(copies, gates, strict=True))
        self.play(
            *(Ride(each, *self.circuit.route("pair", gate), run_time=1.1) for each, gate in ways)
        )
        self.play(*(self.into(each, self.circuit[gate]) for each, gate in ways), run_time=0.4)
        self.play(
            *(self.made(made, self.circuit[gate]) for gate, made in gates.items()), run_time=0.6
        )
        self._unite(("forget×", "c_prev", "f", "kept"), ("write×", "i", "g", "added"))
        self._unite(("+", "kept", "added", "c"))
        copy = self.columns["c"].copy()
        self.play(Ride(copy, *self.circuit.route("c", "show"), run_time=0.8))
        self.play(self.into(copy, self.circuit["show"]), run_time=0.3)
        self.play(self.made("shown", self.circuit["show"]), run_time=0.4)
        self._unite(("output×", "shown", "o", "h"))
        leaving = [
            Ride(self.columns.pop(name), *self.circuit.route(name, "out"), leave=True)
            for name in ("c", "h")
        ]
        self.play(*leaving, *self.write(*after))

    def _come_in(self, motions: list[Motion]) -> None:
        """Let the old states and the word come in, with these motions, and h and x join."""
        travellers = {name: self.column(name) for name in ("h_prev", "x", "c_prev")}
        rides = []
        for name, column in travellers.items():
            way = self.circuit.entries[name]
            column.move_to((*way[0], 0))
            rides.append(Ride(column, *way, run_time=1.1, appear=True))
        self.play(*motions, *rides)
        self.columns["c_prev"] = travellers["c_prev"]
        self.pair = Pair(travellers["h_prev"], travellers["x"])
        self.play(self.pair.close(self.circuit["join"].at), run_time=0.4)

    def _unite(self, *meetings: tuple[str, str, str, str]) -> None:
        """Let pairs of columns meet in operators at the same time: operator, the two, result."""
        going = [
            (self.columns.pop(name), name, meeting[0])
            for meeting in meetings
            for name in meeting[1:3]
        ]
        self.play(
            *(
                Ride(column, *self.circuit.route(name, operator), run_time=0.8)
                for column, name, operator in going
            )
        )
        self.play(
            *(self.into(column, self.circuit[operator]) for column, _, operator in going),
            run_time=0.3,
        )
        self.play(
            *(self.made(made, self.circuit[operator]) for operator, *_, made in meetings),
            run_time=0.5,
        )
