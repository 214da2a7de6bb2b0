"""A story inside a GRU: what every variant of it does, in its own wiring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np
from manim import LEFT, FadeIn, FadeOut, GrowFromEdge, LaggedStart, Mobject, Transform, VGroup

from lstmviz.notation import quantity, sum_of
from lstmviz.stage.blend import Blend
from lstmviz.stage.cell_story import CellStory
from lstmviz.stage.formula import Formula
from lstmviz.stage.gru_circuit import GruCircuit
from lstmviz.stage.layout import Box
from lstmviz.stage.part import Motion, vanish
from lstmviz.stage.strip import Strip
from lstmviz.stage.type import Words
from lstmviz.stage.unit_rows import UnitRows
from lstmviz.stage.valves import Valves
from lstmviz.stage.wire import Ride

if TYPE_CHECKING:
    from lstmviz.stage.lens import Equation


class GruStory(CellStory):
    """A story inside a GRU, in words that fit each of its variants.

    `remember` lets the old state come in; `lay_tracks`, `slide` and `back_to_the_circuit`
    show the blend as sliders; `share_out` and `add_up` show it on the wires.
    `keeps` and `reset_after` say which variant it is.
    """

    cell = "gru"

    def pick(self) -> int:
        """Tell the word at which one unit goes far and another one is held back far."""
        gone = np.abs(self.trace["h"] - self.trace["h_prev"]).max(axis=1)
        held = np.abs(self.trace["n"] - self.trace["h"]).max(axis=1)
        return int(np.argmax(gone * held))

    @property
    def wiring(self) -> GruCircuit:
        """The circuit, as that of a GRU."""
        return cast(GruCircuit, self.circuit)

    @property
    def keeps(self) -> bool:
        """Whether z near 1 keeps the old state."""
        return self.wiring.keeps

    @property
    def reset_after(self) -> bool:
        """Whether the past is weighed first and reset then."""
        return self.wiring.reset_after

    def remember(self, title: str = "hidden state", *, lens: bool = True) -> None:
        """Let the old state come in on its highway, and wait where it branches off."""
        way = self.circuit.entries["h_prev on top"]
        column = self.columns["h_prev"] = self.column("h_prev")
        column.move_to((*way[0], 0))
        self._ring: Mobject | None = None
        motions: list[Motion] = []
        if lens:
            equation = self.look(title, "h", ["h_prev"])
            motions = self.turn(equation)
        self.play(
            *self.focus("h_prev", "h_(t-1)", "signature"),
            *motions,
            Ride(column, *way, run_time=1.0, appear=True),
        )
        self.circuit.entries["h_prev"] = self.circuit.entries["h_prev"][1:]

    def propose(self) -> None:
        """Let the candidate come out of its gate, without telling how it is made."""
        equation = self.look("old and new", "candidate", ["h_prev", "n"])
        self.play(
            *self.focus("h_prev", "candidate", "n", "signature"),
            *self.turn(equation),
            self.made("n", self.circuit["candidate"]),
        )

    def state_equations(self) -> None:
        """Write the equations of this variant into the lens."""
        lines = [
            f"{quantity(gate, cell=self.trace.cell).symbol} = {function}("
            + sum_of(gate, cell=self.trace.cell)[1].partition(" = ")[2]
            + ")"
            for gate, function in (("r", "sigma"), ("z", "sigma"), ("n", "tanh"))
        ]
        paint = self.paint("r", "z", "n", "h", "h_prev", "x")
        box = self.lens.box
        shown = VGroup()
        for k, line in enumerate((*lines, self.wiring.variant)):
            formula = Formula(line, size=0.31, color=self.theme.ink, colors=paint)
            formula.scale(min(1.0, (box.width - 0.25) / formula.width))
            shown.add(formula.move_to((box.center[0], box.center[1] + (1 - k) * 0.85, 0)))
        title = self.lens.title(self.cell_name, "h")
        self.next_page, self.border = VGroup(title), self.theme.role("h")
        self.play(*self.turn(shown))

    def paint(self, *names: str) -> dict[str, str]:
        """Give the colours in which the symbols of some readings are written in the lens."""
        looks = [quantity(name, cell=self.trace.cell) for name in names]
        return {
            look.symbol: self.theme.readable(self.theme.role(look.role), self.theme.panel)
            for look in looks
        }

    # How the candidate is made

    def weigh_past(self) -> None:
        """Send the old state through its own weights, where they stand before the gate."""
        equation = self.look("the past", "h", ["h_prev", "past"], ["→"], "", ["h_prev"])
        box = self.circuit["past box"]
        rider = self.columns["h_prev"].copy()
        self.play(
            *self.focus("h_prev to past", "past box", "past", "signature"),
            *self.turn(equation),
            Ride(rider, *self.circuit.route("h_prev", "past box")),
        )
        self.play(self.into(rider, box), run_time=0.4)
        self.play(self.made("past", box))

    def recall(self) -> None:
        """Let the gate meet the past, weighed or not as the variant has it."""
        past = "past" if self.reset_after else "h_prev"
        keep = () if self.reset_after else ("h_prev",)
        self.circuit.lit.discard("signature")
        self.meet("recall×", past, "r", "recalled", title="reset gate", keep=keep)

    def add_word(self) -> None:
        """Let the word and what was recalled come into the candidate, and add up."""
        parts, formula = sum_of("n", cell=self.trace.cell)
        equation = self.look(
            "candidate", "candidate", [*parts, "a_n"], ["+", "="], formula,
            ["a_n", "x", "h_prev", "r"],
        )  # fmt: skip
        x, recalled = self.column("x"), self.columns.pop("recalled")
        x.move_to((*self.circuit.route("x", "candidate")[0], 0))
        gate = self.circuit["candidate"]
        self.play(
            *self.focus("x", "x_t", "x on", "recalled", "candidate", "signature"),
            *self.turn(equation),
            Ride(x, *self.circuit.route("x", "candidate"), run_time=1.4, appear=True),
            Ride(recalled, *self.circuit.route("recalled", "candidate"), run_time=1.4),
        )
        self.play(self.into(x, gate), self.into(recalled, gate), run_time=0.5)

    # Over the whole frame, a row a unit

    def lay_tracks(self) -> None:
        """Clear the stage for the sliders: the old values, the candidates, and the gate."""
        blend = self.blend = Blend(
            self.now, self.theme, self.lang, self._room(), self.units,
            cell=self.trace.cell, keeps=self.keeps,
        )  # fmt: skip
        formula = self._formula(self.wiring.variant, "z", "h_prev", "n", "h")
        self._unfold(blend, *blend.parts("z", "h_prev", "n"), formula)
        self.play(FadeIn(blend.tracks), FadeIn(blend.ends))

    def slide(self) -> None:
        """Let each unit slide from its old value to the place that the gate pins."""
        blend = self.blend
        gate = float(blend.columns["z"].get_right()[0])
        flights: list[Motion] = []
        for pin in blend.pins:
            pin.save_state()
            flights.append(pin.set_x(gate).animate.restore())
        self.play(FadeIn(blend.pins), run_time=0.3)
        self.play(LaggedStart(*flights, lag_ratio=0.2))
        knobs = VGroup(*(blend.at_start(unit) for unit in blend.units))
        self.play(FadeIn(knobs), FadeIn(blend.result), run_time=0.5)
        moves: list[Motion] = []
        for knob, goal, trail in zip(knobs, blend.knobs, blend.trails, strict=True):
            trail.save_state()
            trail.put_start_and_end_on(trail.get_start(), (blend.start, *trail.get_start()[1:]))
            arrived = VGroup(goal.frame.copy(), goal.boxes.copy())
            moves += [trail.animate.restore(), Transform(knob, arrived)]
        self.add(blend.trails, knobs)
        self.play(*moves, run_time=1.8)
        self.play(*(FadeIn(knob) for knob in blend.knobs), run_time=0.4)
        self.remove(knobs)

    def open_valves(self) -> None:
        """Clear the stage for the valves, and let the past flow as far as it is let."""
        valves = self.valves = self._valves()
        formula = "n_t = tanh(W_n x_t + b_n + r_t dot.o (R_n h_(t-1)))"
        if not self.reset_after:
            formula = "n_t = tanh(W_n x_t + b_n + R_n (r_t dot.o h_(t-1)))"
        past, gate, *_ = valves.columns
        self._unfold(
            valves,
            *valves.parts(past, gate),
            self._formula(formula, "r", "h_prev", "n", "x"),
        )
        self._flow()

    def turn_to(self, tick: int) -> None:
        """Go on with the valves at another moment of the trace."""
        self.light(tick)
        self.open_valves()

    def light(self, tick: int) -> None:
        """Make another tick the one that is told, and light it in the input."""
        old = (self.strip, self.status)
        self.now, self._ring = self.trace.at(tick), None
        self.strip = Strip(self.trace, tick, self.theme, self.layout.strip)
        self.status = self._status()
        self.play(*(FadeOut(each) for each in old), run_time=0.3)
        self.play(FadeIn(self.strip), FadeIn(self.status), run_time=0.3)

    def _flow(self) -> None:
        """Let the past flow to the gates, and behind them as far as they are open."""
        valves = self.valves
        _, _, through, *rest = valves.columns
        self.play(*(GrowFromEdge(pipe, LEFT) for pipe in valves.pipes), run_time=0.6)
        self.play(*(GrowFromEdge(stream, LEFT) for stream in valves.streams), run_time=0.8)
        self.play(*(FadeIn(part) for part in valves.parts(through)), run_time=0.4)
        self.play(*(FadeIn(part) for part in valves.parts(*rest)), FadeIn(valves.signs))

    def point_out(self, unit: int, rows: UnitRows) -> None:
        """Ring the row of a unit; the ring goes on to the next one."""
        ring = rows.ring(unit)
        if self._ring is None:
            self._ring = ring
            self.play(FadeIn(ring))
        else:
            self.play(Transform(self._ring, ring))

    def _room(self) -> Box:
        box = self.layout.whole
        return Box(box.left, box.right, box.bottom + 0.55, box.top + 0.25)

    def _valves(self) -> Valves:
        return Valves(
            self.now, self.theme, self.lang, self._room(), self.units,
            cell=self.trace.cell, reset_after=self.reset_after,
        )  # fmt: skip

    def _formula(self, source: str, *colors: str) -> Formula:
        """Make the formula under the rows, the symbols of some readings coloured."""
        ground = self.theme.background
        paint = {
            symbol: self.theme.readable(color, ground)
            for symbol, color in self.paint(*colors).items()
        }
        at = (self.layout.whole.center[0], self.layout.whole.bottom + 0.12)
        return Formula(source, size=0.38, color=self.theme.ink, colors=paint, at=at)

    def _unfold(self, rows: UnitRows, *parts: Mobject) -> None:
        """Clear the stage, and let the small columns become large ones among other parts."""
        flying: list[Motion] = []
        for name, goal in rows.columns.items():
            if name in self.columns:
                small = self.columns.pop(name)
                scale = goal.height / small.height
                flying.append(vanish(small).scale(scale).move_to(goal).set_opacity(0))
        self.play(*self._clear(keep=flying), run_time=0.7)
        note = Words(
            self.units_note,
            size=0.22,
            color=self.theme.faint,
            at=(self.layout.whole.left + 0.2, self.layout.whole.bottom + 0.12),
            align="left",
        )
        self.play(*(FadeIn(part) for part in (*parts, rows.indices, note)))

    def _clear(self, keep: Sequence[Motion] = ()) -> list[Motion]:
        movers = {id(motion.mobject) for motion in keep}
        stage = [m for m in self.mobjects if m not in self.furniture and id(m) not in movers]
        return [*(FadeOut(each) for each in stage), *keep]

    def back_to_the_circuit(self, *waiting: str) -> None:
        """Clear the stage, and put the cell and its lens on it again, columns waiting."""
        self.circuit.set_focus(("signature",))
        self.page = VGroup()
        self.lens.panel.set_stroke(self.theme.resting(self.theme.faint))
        self.play(*self._clear(), run_time=0.5)
        self.play(FadeIn(self.circuit), FadeIn(self.lens), *self.place(*waiting), run_time=0.6)

    # The blend on the wires

    def share_out(self) -> None:
        """Let z, and what is left of 1, each meet the state it weighs."""
        equation = self._sum()
        self.play(
            *self.focus("z", "z to rest", "1−", "rest", "signature"),
            Ride(rider := self.columns["z"].copy(), *self.circuit.route("z", "1−")),
        )
        self.play(self.into(rider, self.circuit["1−"]), run_time=0.4)
        self.play(self.made("rest", self.circuit["1−"]), run_time=0.5)
        old, new = ("z", "rest") if self.keeps else ("rest", "z")
        pairs = (("h_prev", "keep×"), (old, "keep×"), ("n", "write×"), (new, "write×"))
        riders = {name: self.columns.pop(name) for name, _ in pairs}
        self.play(
            *self.focus(
                "h_prev", "n", "z", "rest", "z to rest", "keep×", "write×", "kept", "added",
                "signature",
            ),
            *(Ride(riders[name], *self.circuit.route(name, to)) for name, to in pairs),
        )  # fmt: skip
        self.play(*(self.into(riders[name], self.circuit[to]) for name, to in pairs), run_time=0.4)
        self.play(
            self.made("kept", self.circuit["keep×"]),
            self.made("added", self.circuit["write×"]),
            *self.turn(*equation.operands),
        )
        self._equation = equation

    def add_up(self) -> None:
        """Let what is kept and what is added become the new state, and ride out."""
        names = ("kept", "added")
        riders = [self.columns.pop(name) for name in names]
        plus = self.circuit["+"]
        self.play(
            *self.focus("kept", "added", "+", "h", "h_t", "signature"),
            *(
                Ride(rider, *self.circuit.route(name, "+"))
                for rider, name in zip(riders, names, strict=True)
            ),
        )
        self.play(*(self.into(rider, plus) for rider in riders), run_time=0.4)
        self.play(self.made("h", plus), *self.write(*self._equation.result))

    def _sum(self) -> Equation:
        old, new = ("z", "(1 - z)") if self.keeps else ("(1 - z)", "z")
        return self.look(
            "update gate", "input", ["kept", "added", "h"], ["+", "="], self.wiring.variant,
            ["z", "h_prev", "n", "h"],
            headers=[f"{old} dot.o h_(t-1)", f"{new} dot.o n_t", "h_t"],
        )  # fmt: skip
