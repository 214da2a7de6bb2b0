"""A story of two cells, the LSTM and the GRU, and what each gate of them is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from manim import FadeIn, FadeOut

from lstmviz.demo.networks import demo_network, sibling
from lstmviz.engine.model.cells import circuit_of
from lstmviz.engine.model.network import seeded
from lstmviz.load.run import run
from lstmviz.stage.circuits.by_cell import family_of, name_of
from lstmviz.stage.mobjects.lens import Lens
from lstmviz.stage.stories.cell.gates_side import Side
from lstmviz.stage.story.story import Story
from lstmviz.style.layout import Box
from lstmviz.style.notation import quantity
from lstmviz.trace.answers import answers_of

if TYPE_CHECKING:
    from lstmviz.stage.mobjects.lightable import Motion
    from lstmviz.trace.trace import Trace

FAMILIES = ("lstm", "gru")


class GatesStory(Story):
    """An LSTM and then a GRU, large, on the same input.

    One of them is the trace's own cell; the other one, or both where the trace's cell is of
    neither family or has no circuit, is run on the same input: the trained network beside one
    that comes along, else as many units of random weights. `enter` puts up the first cell,
    `valves` lights every gate, `tell` lights one layer and says what it is for, `turn` goes on
    to the other cell, and `together` shows both.
    """

    family = ""  # the one that is on stage; none where both are

    def setup(self) -> None:
        """Run the other cell, and prepare both sides."""
        self.traces = {family: self.trace_of(family) for family in FAMILIES}
        self.said = {family: self.named(answers_of(trace)) for family, trace in self.traces.items()}
        super().setup()
        self.lens = Lens(self.theme, self.layout.lens, self.layout.zoom)
        self.sides = {family: Side(self, trace, self.lens) for family, trace in self.traces.items()}

    def trace_of(self, family: str) -> Trace:
        """Give the trace of a family: the story's own, or that of another cell on its input."""
        if circuit_of(self.trace) is not None and family_of(self.trace) == family:
            return self.trace
        made, words = self.trace.network, [token.text for token in self.trace.tokens]
        source = made.source
        if source is not None and source.kind == "demo":
            return run(words, network=demo_network(sibling(source.name, family)))
        seed = int(source.name) if source is not None and source.kind == "seed" else 0
        inputs = np.asarray(self.trace.layer(1)["x"])
        if self.trace.kind != "numbers":
            vocabulary = tuple(dict.fromkeys(words))
            return run(
                words,
                network=seeded(family, inputs.shape[1], made.hidden, seed, vocabulary=vocabulary),
            )
        return run(inputs, cell=family, hidden=made.hidden, seed=seed)

    @property
    def sources(self) -> tuple[Trace, ...]:
        """The traces whose numbers are shown: those of both cells, and what both answer."""
        said = filter(None, self.said.values())
        return (*self.traces.values(), *(answers.readings for answers in said))

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
        """Say which cell is on stage, or that both are, and where in the input they are."""
        form = f"{self.trace.counted_as} of"
        names = " · ".join(self.lang.word(f"cell {family}") for family in FAMILIES)
        if self.family:
            names = name_of(self.traces[self.family], self.lang)
        return self.lang.say(form, cell=names, n=self.now.tick + 1, total=len(self.trace))

    def _network_title(self) -> str:
        if self.family:
            return self.network_title(self.traces[self.family])
        both = {self.network_title(each) for each in self.traces.values()}
        return both.pop() if len(both) == 1 else ""

    def in_view(self) -> list[str]:
        """Say which cell is drawn, and which of its layers work."""
        if not self.family:
            return [
                self.lang.say("The circuit of the {cell}.", cell=side.name)
                for side in self.sides.values()
            ]
        side = self.sides[self.family]
        lit = [self.lang.word(each) for each in side.circuit.gates if each in side.circuit.lit]
        return [
            self.lang.say(
                "The circuit of the {cell}; at work: {parts}.",
                cell=side.name,
                parts=", ".join(lit),
            )
        ]

    def enter(self, family: str) -> None:
        """Put up a cell, lit, with the lens beside it."""
        self.add(self.lens)
        self.play(FadeIn(self.lens), *self._arriving(family))

    def turn(self, family: str) -> None:
        """Take the cell away that has been told, and put up the other one."""
        self.play(*self.clearing(self.lens), run_time=0.6)
        self.play(*self._arriving(family), run_time=1.2)
        self.valves()

    def _arriving(self, family: str) -> list[Motion]:
        self.family, side = family, self.sides[family]
        self.answers = self.said[family]  # which the needle in the header shows
        return [*self._restated(), FadeIn(side.circuit), FadeIn(side.heading)]

    def _restated(self) -> list[Motion]:
        """Let the header say which cell is on stage, and what that one answers."""
        old, self.status = self.status, self._status()
        return [FadeOut(old), FadeIn(self.status)]

    def valves(self) -> None:
        """Light every gate of the cell, and write their names into the lens."""
        side = self.sides[self.family]
        gates = [*filter(side.is_gate, side.circuit.gates)]
        names = [FadeIn(side.called[gate]) for gate in gates]
        self.play(*side.circuit.focus(*gates), *names, run_time=1.2)

    def tell(self, layer: str, job: str) -> None:
        """Light a layer of the cell, let its values come out, and write what it is for."""
        side = self.sides[self.family]
        words, values = side.write(layer, self.lang.word(job))
        column, called = side.column(layer), side.called[layer]
        fresh = [] if called in self.mobjects else [FadeIn(called)]
        self.play(*side.light(layer), *fresh, FadeIn(words), run_time=0.9)
        self.play(column.animate.restore(), FadeIn(values), run_time=0.9)

    def conclude(self) -> None:
        """Light the cell whole, and say which of the published ones it is."""
        side = self.sides[self.family]
        lit = side.circuit.focus(*side.circuit.parts)
        self.play(*(FadeIn(each) for each in side.note()), *lit, run_time=0.9)

    def together(self) -> None:
        """Show both cells whole, side by side or one above the other, with what they have."""
        self.family, self.answers, whole = "", None, self.layout.whole
        x, y = whole.center
        low = self.layout.stage.bottom if self.layout.beside else whole.bottom
        boxes = (
            (Box(whole.left, x - 0.3, low, whole.top), Box(x + 0.3, whole.right, low, whole.top))
            if whole.width > 1.4 * whole.height
            else (
                Box(whole.left, whole.right, y + 0.2, whole.top),
                Box(whole.left, whole.right, low, y - 0.2),
            )
        )
        cells = [side.summary(box) for side, box in zip(self.sides.values(), boxes, strict=True)]
        self.play(*self.clearing(), *self._restated(), run_time=0.6)
        self.play(*(FadeIn(cell) for cell in cells), run_time=1.2)
