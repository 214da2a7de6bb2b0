"""A story inside a GRU: what every variant of it does, in its own wiring."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
from manim import VGroup

from lstmviz.stage.circuits.gru import GruCircuit
from lstmviz.stage.circuits.wire import Ride
from lstmviz.stage.mobjects.lens import FAN
from lstmviz.stage.mobjects.lightable import Motion
from lstmviz.stage.stories.cell.cell import HIGHER, CellStory
from lstmviz.stage.text.formula import Formula, broken
from lstmviz.style.notation import quantity, sum_of

if TYPE_CHECKING:
    from lstmviz.stage.mobjects.lens import Equation


class GruStory(CellStory):
    """A story inside a GRU, in words that fit each of its variants.

    `remember` lets the old state come in; `weigh_past`, `recall` and `add_word` make the
    candidate, which `propose` gives without telling how; `share_out` and `add_up` blend old
    and new on the wires. `keeps` and `reset_after` say which variant it is.
    """

    cell = "gru"
    higher = HIGHER

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

    def has_bias(self, name: str) -> bool:
        """Whether a bias is added in a reading that is a product with weights."""
        product = self.notation.weighed.get(name)
        return product is not None and product.bias

    def focus(self, *names: str) -> list[Motion]:
        """Light parts; where h itself is reset, the branch of h that leads there."""
        branch = "recall×" in names and not self.reset_after
        return super().focus(
            *("h_prev to recall" if branch and name == "h_prev" else name for name in names)
        )

    def remember(self, title: str = "hidden state", *, lens: bool = True) -> None:
        """Let the old state come in on its highway, and wait where it branches off."""
        way = self.circuit.entries["h_prev on top"]
        column = self.columns["h_prev"] = self.column("h_prev")
        column.move_to((*way[0], 0))
        motions: list[Motion] = []
        if lens:
            equation = self.prepare_page(title, "h", ["h_prev"])
            motions = self.turn(equation)
        self.play(
            *self.focus("h_prev", "h_(t-1)"),
            *motions,
            Ride(column, *way, run_time=1.0, appear=True),
        )
        self.circuit.entries["h_prev"] = self.circuit.entries["h_prev"][1:]

    def propose(self) -> None:
        """Let the candidate come out of its gate, without telling how it is made."""
        equation = self.prepare_page("old and new", "candidate", ["h_prev", "n"])
        self.play(
            *self.focus("h_prev", "candidate", "n"),
            *self.turn(equation),
            self.made("n", self.circuit["candidate"]),
        )

    def state_equations(self) -> None:
        """Write the equations of this variant into the lens."""
        lines = [
            f"{quantity(gate, cell=self.notation).symbol} = {function}("
            + sum_of(gate, cell=self.notation)[1].partition(" = ")[2]
            + ")"
            for gate, function in (
                (gate, self.circuit[part].function.replace("σ", "sigma"))
                for part, gate in (("reset", "r"), ("update", "z"), ("candidate", "n"))
            )
        ]
        paint = self.paint("r", "z", "n", "h", "h_prev", "x")
        lens, zoom = self.lens, self.lens.zoom
        box = lens.body(formula=False)
        size, room = max(0.31 * zoom, self.layout.least_index), box.width - 0.15
        shown = VGroup()
        for line in (*lines, self.wiring.variant):
            ink = self.theme.ink
            formula = Formula(line, size=size, color=ink, colors=paint)
            if formula.width > room:
                formula = Formula(broken(line), size=size, color=ink, colors=paint)
            shown.add(formula)
        widest = max(float(formula.width) for formula in shown)
        high = sum(float(formula.height) for formula in shown)
        shown.scale(min(1.0, room / widest, box.height / high))
        high = sum(float(formula.height) for formula in shown)
        gap = min((box.height - high) / len(shown), 0.5 * zoom)
        y = box.center[1] + (high + gap * (len(shown) - 1)) / 2
        for each in shown:
            each.move_to((box.center[0], y - float(each.height) / 2, 0))
            y -= float(each.height) + gap
        title = self.lens.title(self.cell_name, "h")
        self.next_page, self.border = VGroup(title), self.theme.role("h")
        self.play(*self.turn(shown))

    # How the candidate is made

    def weigh_past(self) -> None:
        """Send the old state through its own weights, where they stand before the gate."""
        # R mixes all units, so that no row of h leads to one of R h.
        equation = self.prepare_page("the past", "h", ["h_prev", "past"], [FAN], "", ["h_prev"])
        box = self.circuit["past box"]
        rider = self.columns["h_prev"].copy()
        self.play(
            *self.focus("h_prev to past", "past box", "past"),
            *self.turn(equation),
            Ride(rider, *self.circuit.route("h_prev", "past box")),
        )
        self.play(self.into(rider, box), run_time=0.4)
        self.play(self.made("past", box))

    def recall(self) -> None:
        """Let the gate meet the past, weighed or not as the variant has it."""
        past = "past" if self.reset_after else "h_prev"
        keep = () if self.reset_after else ("h_prev",)
        self.meet("recall×", past, "r", "recalled", title="reset gate", keep=keep)

    def add_word(self) -> None:
        """Let the word and what was recalled come into the candidate, and add up."""
        parts, formula = sum_of("n", cell=self.notation)
        equation = self.prepare_page(
            "candidate",
            "candidate",
            [*parts, "a_n"],
            ["+", "="],
            formula,
            ["a_n", "x", "h_prev", "r"],
        )
        x, recalled = self.column("x"), self.columns.pop("recalled")
        x.move_to((*self.circuit.route("x", "candidate")[0], 0))
        gate = self.circuit["candidate"]
        self.play(
            *self.focus("x", "x_t", "x on", "recalled", "candidate"),
            *self.turn(equation),
            Ride(x, *self.circuit.route("x", "candidate"), run_time=1.4, appear=True),
            Ride(recalled, *self.circuit.route("recalled", "candidate"), run_time=1.4),
        )
        self.play(self.into(x, gate), self.into(recalled, gate), run_time=0.5)

    # The blend on the wires

    def share_out(self) -> None:
        """Let z, and what is left of 1, each meet the state it weighs."""
        equation = self._sum()
        self.play(
            *self.focus("z", "z to rest", "1−", "rest"),
            Ride(rider := self.columns["z"].copy(), *self.circuit.route("z", "1−")),
        )
        self.play(self.into(rider, self.circuit["1−"]), run_time=0.4)
        self.play(self.made("rest", self.circuit["1−"]), run_time=0.5)
        old, new = ("z", "rest") if self.keeps else ("rest", "z")
        pairs = (("h_prev", "keep×"), (old, "keep×"), ("n", "write×"), (new, "write×"))
        riders = {name: self.columns.pop(name) for name, _ in pairs}
        self.play(
            *self.focus(
                "h_prev",
                "n",
                "z",
                "rest",
                "z to rest",
                "keep×",
                "write×",
                "kept",
                "added",
            ),
            *(Ride(riders[name], *self.circuit.route(name, to)) for name, to in pairs),
        )
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
            *self.focus("kept", "added", "+", "h", "h_t"),
            *(
                Ride(rider, *self.circuit.route(name, "+"))
                for rider, name in zip(riders, names, strict=True)
            ),
        )
        self.play(*(self.into(rider, plus) for rider in riders), run_time=0.4)
        self.play(self.made("h", plus), *self.write(*self._equation.result))

    def _sum(self) -> Equation:
        old, new = ("z", "(1 - z)") if self.keeps else ("(1 - z)", "z")
        return self.prepare_page(
            "update gate",
            "input",
            ["kept", "added", "h"],
            ["+", "="],
            self.wiring.variant,
            ["z", "h_prev", "n", "h"],
            headers=[f"{old} dot.o h_(t-1)", f"{new} dot.o n", "h_t"],
        )
