"""A story that happens inside a cell: the circuit on the left, the lens on the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from manim import (
    Animation,
    FadeIn,
    FadeOut,
    LaggedStart,
    Mobject,
    RoundedRectangle,
    Transform,
    VGroup,
    VMobject,
    smooth,
    squish_rate_func,
)

from lstmviz.stage.circuit import Circuit, LstmCircuit
from lstmviz.stage.column import SMALL, Column
from lstmviz.stage.gate import Gate, Operator
from lstmviz.stage.lens import Equation, Lens
from lstmviz.stage.part import Motion
from lstmviz.stage.story import Story
from lstmviz.stage.wire import Ride

if TYPE_CHECKING:
    from lstmviz.stage.language import Language
    from lstmviz.stage.theme import Theme


def circuit_for(cell: str, theme: Theme, language: Language) -> Circuit:
    """Draw the wiring of a cell; it is that of the variant, not of its family."""
    return LstmCircuit(theme, language, peepholes=cell == "lstm-peephole")


class CellStory(Story):
    """A story with a cell's circuit and a lens.

    `send` lets a column ride a way of the circuit, `focus` lights what works, `look` turns
    the lens to another equation.
    """

    def setup(self) -> None:
        """Put the circuit, at rest, and the empty lens on the stage."""
        super().setup()
        self.circuit = circuit_for(self.trace.cell, self.theme, self.lang)
        self.circuit.set_focus(())
        self.lens = Lens(self.theme, self.layout.lens)
        self.page = VGroup()
        self.add(self.circuit, self.lens)

    def arriving(self, name: str, way: str) -> tuple[Column, list[Motion]]:
        """Let a new column come in along a way: the column, and its animations."""
        column = self.column(name)
        begin = self.circuit.way(way)[0]
        column.move_to((*begin, 0))
        return column, [Ride(column, *self.circuit.way(way), run_time=1.2, appear=True)]

    def send(self, mobject: Mobject, way: str, run_time: float = 1.0) -> Ride:
        """Let something ride a way of the circuit."""
        return Ride(mobject, *self.circuit.way(way), run_time=run_time)

    def into(self, mobject: Mobject, gate: Gate | Operator) -> Motion:
        """Let something disappear into a gate or an operator."""
        return mobject.animate(remover=True).scale(0.2).move_to((*gate.at, 0)).set_opacity(0)

    def out_of(self, column: Column, at: tuple[float, float], to: tuple[float, float]) -> Motion:
        """Let a column grow out of the place where it was made."""
        column.move_to((*to, 0))
        small = column.copy().scale(0.2).move_to((*at, 0)).set_opacity(0)
        column.save_state()
        column.become(small)
        return column.animate.restore()

    def look(
        self,
        title: str,
        role: str,
        readings: Sequence[str],
        signs: Sequence[str] = (),
        formula: str = "",
        colors: Sequence[str] = (),
        faint: str = "",
    ) -> Equation:
        """Prepare the lens' next page: a title, an equation of readings of now, a formula.

        `colors` names the readings whose symbols are coloured in the formula; the part of
        it that is `faint` is not the subject yet.
        """
        shown = [self.now[name] for name in readings]
        equation = Equation(
            shown,
            signs,
            self.theme,
            self.lens.body(formula=bool(formula)),
            cell=self.trace.cell,
            units=[self.units_of(reading) for reading in shown],
        )
        paint = {
            column.look.symbol: self.theme.readable(
                self.theme.role(column.look.role), self.theme.panel
            )
            for column in (
                Column(self.now[name], self.theme, cell=self.trace.cell) for name in colors
            )
        }
        if faint:
            paint[faint] = self.theme.faint
        heading = self.lens.title(self.lang.word(title), role, self.units_note)
        self.next_page = VGroup(heading, *([self.lens.formula(formula, paint)] if formula else []))
        self.border = self.theme.role(role)
        return equation

    def turn(self, *fresh: VMobject) -> list[Motion]:
        """Take the old page out of the lens and put the prepared one, with `fresh`, in."""
        old = self.page
        self.page = VGroup(self.next_page, *fresh)
        panel: RoundedRectangle = self.lens.panel
        # One page is gone before the next one comes: two texts on one spot cannot be read.
        first, second = squish_rate_func(smooth, 0, 0.4), squish_rate_func(smooth, 0.4, 1)
        return [
            *([FadeOut(old, rate_func=first)] if len(old) else []),
            FadeIn(self.page, rate_func=second),
            panel.animate.set_stroke(self.border),
        ]

    def write(self, *more: VMobject) -> list[Motion]:
        """Add to the page that is in the lens."""
        self.page.add(*more)
        return [FadeIn(each) for each in more]

    def show_history(self, names: Sequence[str], gate: str, role: str) -> None:
        """Clear the stage, and let the readings of all words appear one word after the other."""
        history = self.history(names)
        title = self.history_title(gate, role)
        stage = [each for each in self.mobjects if each not in self.furniture]
        self.play(*(FadeOut(each) for each in stage), run_time=0.6)
        self.play(FadeIn(history.symbols), FadeIn(title), run_time=0.5)
        self.play(
            LaggedStart(*(FadeIn(word) for word in history.words), lag_ratio=0.35),
            run_time=min(0.12 * len(history.words) + 0.6, 4.0),
        )
        self.play(FadeIn(history.frame), run_time=0.4)


class Pair(VGroup):
    """Two columns that come together and travel as one: h and x, joined."""

    def __init__(self, first: Column, second: Column) -> None:
        super().__init__(first, second)

    def close(self, at: tuple[float, float]) -> Animation:
        """Bring the two side by side at a point."""
        half = (SMALL[0] + 0.1) / 2
        target = self.copy()
        for column, side in zip(target, (-half, half), strict=True):
            column.move_to((at[0] + side, at[1], 0))
        return Transform(self, target)
