"""A story of two cells at once: the LSTM and the GRU, and what each gate of them is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from manim import FadeIn

from lstmviz.engine.model.cells import circuit_of
from lstmviz.load.run import run
from lstmviz.stage.circuits.by_cell import family_of
from lstmviz.stage.stories.cell.gates_side import Side
from lstmviz.stage.story.story import Story
from lstmviz.style.layout import Box
from lstmviz.style.notation import quantity

if TYPE_CHECKING:
    from lstmviz.trace.trace import Trace
FAMILIES = ("lstm", "gru")


class GatesStory(Story):
    """An LSTM and a GRU side by side, on the same input.

    One of them is the trace's own cell; the other one, or both where the trace's cell is of
    neither family or has no circuit, is run on the same input: with the trained network for
    words, with seeded weights for numbers. `enter` puts the two up, `valves` lights every
    gate, `tell` lights one layer and says what it is for, `together` lights all.
    """

    def setup(self) -> None:
        """Run the other cell, and prepare both sides."""
        self.traces = {family: self.trace_of(family) for family in FAMILIES}
        super().setup()
        whole, layout = self.layout.whole, self.layout
        low = layout.stage.bottom if layout.beside else whole.bottom
        x, y = whole.center
        if whole.height > whole.width:
            boxes = (
                Box(whole.left, whole.right, y + 0.15, whole.top),
                Box(whole.left, whole.right, low, y - 0.15),
            )
        else:
            boxes = (
                Box(whole.left, x - 0.12, low, whole.top),
                Box(x + 0.12, whole.right, low, whole.top),
            )
        self.sides = {
            family: Side(self, trace, box)
            for (family, trace), box in zip(self.traces.items(), boxes, strict=True)
        }

    def trace_of(self, family: str) -> Trace:
        """Give the trace of a family: the story's own, or that of another cell on its input."""
        if circuit_of(self.trace) is not None and family_of(self.trace) == family:
            return self.trace
        if self.trace.kind == "words":
            return run([token.text for token in self.trace.tokens], cell=family)
        inputs = np.asarray(self.trace.layer(1)["x"])
        return run(inputs, cell=family, hidden=self.trace.network.hidden)

    @property
    def sources(self) -> tuple[Trace, ...]:
        """The traces whose numbers are shown: those of both cells."""
        return (*self.traces.values(), *self.answer_sources)

    def pick(self) -> int:
        """Tell the word at which the gates are least of one mind: neither all open nor shut."""
        gates = [
            name for name in self.trace.names if quantity(name, cell=self.trace.notation).is_gate
        ]
        if not gates:
            return super().pick()
        doubt = [np.abs(self.trace[name] - 0.5).mean(axis=1) for name in gates]
        return int(np.argmin(np.sum(doubt, axis=0)))

    def status_line(self) -> str:
        """Say that both cells are at work, and where in the input they are."""
        form = f"{self.trace.unit} of"
        names = " · ".join(self.lang.word(f"cell {family}") for family in FAMILIES)
        return self.lang.say(form, cell=names, n=self.now.tick + 1, total=len(self.trace))

    def origin_of(self, trace: Trace) -> str:
        """Say where the weights of a side come from, unless both have the same origin."""
        both = {self.network_title(each) for each in self.traces.values()}
        return "" if len(both) == 1 else self.network_title(trace)

    def _network_title(self) -> str:
        both = {self.network_title(each) for each in self.traces.values()}
        return both.pop() if len(both) == 1 else ""

    def enter(self) -> None:
        """Put up both cells, lit."""
        sides = self.sides.values()
        for side in sides:
            side.circuit.set_focus(side.circuit.parts)
        self.play(*(FadeIn(side.circuit) for side in sides), *(FadeIn(s.title) for s in sides))

    def valves(self) -> None:
        """Light every gate of both cells."""
        self.play(
            *(
                motion
                for side in self.sides.values()
                for motion in side.light(
                    *(gate for gate in side.circuit.gates if side.is_gate(gate))
                )
            )
        )

    def tell(self, family: str, layer: str, job: str) -> None:
        """Light a layer of a cell, let its values come out, and write what it is for."""
        if any(side.sunk for side in self.sides.values()):
            self.play(*(motion for side in self.sides.values() for motion in side.rise()))
        for other in self.sides.values():
            if other is not self.sides[family]:
                resting = other.light()
                break
        side = self.sides[family]
        side.write(layer, self.lang.word(job))
        column = side.column(layer)
        self.play(*resting, *side.light(layer, flow=True), FadeIn(side.jobs[layer]), run_time=0.8)
        self.play(column.animate.restore(), FadeIn(side.values[layer]), run_time=0.8)

    def together(self) -> None:
        """Light both cells whole, and say which GRU it is."""
        motions = [
            motion
            for side in self.sides.values()
            for motion in side.circuit.focus(*side.circuit.parts)
        ]
        notes = [FadeIn(side.note) for side in self.sides.values() if len(side.note)]
        self.play(*motions, *notes)
