"""A story of two cells side by side: the LSTM and the GRU, and what each gate of them is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from manim import FadeIn, VGroup

from lstmviz.engine.run import run
from lstmviz.notation import quantity
from lstmviz.stage.cell_story import CIRCUITS
from lstmviz.stage.column import Column
from lstmviz.stage.formula import Formula
from lstmviz.stage.layout import Box
from lstmviz.stage.story import Story
from lstmviz.stage.tiles import Tiles, tile_size
from lstmviz.stage.type import Words, text_width

if TYPE_CHECKING:
    from lstmviz.stage.circuit import Circuit
    from lstmviz.stage.part import Motion
    from lstmviz.trace import Reading, Trace

FAMILIES = ("lstm", "gru")
SHOWN = 4  # units of each gate
SMALL = 0.645  # how large a circuit is
TITLE = 0.44
ROW = 0.34
EM = 0.2  # of the rows
VALUES = 2.0  # the width of a row's numbers

JOINED = ("h_prev", "h_(t-1)", "h_prev down", "x", "x_t", "join")  # on the way to a gate
RECALLED = (  # on the way to the candidate of a GRU, which sees less of h
    *("h_prev", "h_(t-1)", "h_prev to past", "past box", "past", "recall×", "recalled"),
    *("x", "x_t", "x on"),
)


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
        whole = self.layout.whole
        middle = whole.center[0]
        boxes = (Box(whole.left, middle - 0.12, self.layout.stage.bottom, whole.top),
                 Box(middle + 0.12, whole.right, self.layout.stage.bottom, whole.top))  # fmt: skip
        self.sides = {
            family: Side(self, trace, box)
            for (family, trace), box in zip(self.traces.items(), boxes, strict=True)
        }

    def trace_of(self, family: str) -> Trace:
        """Give the trace of a family: the story's own, or that of another cell on its input."""
        if self.trace.cell in CIRCUITS and self.trace.cell.startswith(family):
            return self.trace
        if self.trace.kind == "words":
            return run(" ".join(token.text for token in self.trace.tokens), cell=family)
        inputs = np.asarray(self.trace.layer(1)["x"])
        return run(inputs, cell=family, hidden=self.trace.network.hidden)

    @property
    def sources(self) -> tuple[Trace, ...]:
        """The traces whose numbers are shown: those of both cells."""
        return tuple(self.traces.values())

    def pick(self) -> int:
        """Tell the word at which the gates are least of one mind: neither all open nor shut."""
        gates = [name for name in self.trace.names if quantity(name).is_gate]
        if not gates:
            return super().pick()
        doubt = [np.abs(self.trace[name] - 0.5).mean(axis=1) for name in gates]
        return int(np.argmin(np.sum(doubt, axis=0)))

    def status_line(self) -> str:
        """Say that both cells are at work, and where in the input they are."""
        form = "word of" if self.trace.kind == "words" else "step of"
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
        self.play(*(motion for side in self.sides.values() for motion in side.light(
            *(gate for gate in side.circuit.gates if side.is_gate(gate)))))  # fmt: skip

    def tell(self, family: str, layer: str, job: str) -> None:
        """Light a layer of a cell, let its values come out, and write what it is for."""
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
        motions = [motion for side in self.sides.values()
                   for motion in side.circuit.focus(*side.circuit.parts)]  # fmt: skip
        notes = [FadeIn(side.note) for side in self.sides.values() if len(side.note)]
        self.play(*motions, *notes)


class Side:
    """One of the two cells: its small circuit, its title, and a row for each of its layers."""

    def __init__(self, story: GatesStory, trace: Trace, box: Box) -> None:
        self.story, self.trace, self.box = story, trace, box
        self.theme, self.lang = story.theme, story.lang
        self.now = trace.at(story.now.tick)
        self.units = liveliest(trace, SHOWN)
        x = box.center[0]
        self.circuit: Circuit = CIRCUITS[trace.cell](self.theme, self.lang)
        signature = self.circuit.parts.pop("signature", None)
        if signature is not None:
            self.circuit.remove(signature)
        self.circuit.set_focus(())
        # The bodies of both cells stand side by side, whatever stands out from them.
        body, whole = self.circuit.submobjects[0], self.circuit
        off = SMALL * (whole.get_center() - body.get_center())
        y = box.top - TITLE - SMALL * body.height / 2
        self.circuit.settle(SMALL, (x + float(off[0]), y + float(off[1])))
        name = self.lang.word(f"cell {trace.cell}")
        self.title = VGroup(
            Words(name, size=0.36, color=self.theme.ink, at=(x, box.top - 0.16), weight="bold")
        )
        notes = [story.origin_of(trace)]
        if len(self.units) < trace.network.hidden:
            notes += [self.lang.say("units of", shown=len(self.units), total=trace.network.hidden)]
        note = " · ".join(filter(None, notes))
        if note:
            room = box.right - float(self.title.get_right()[0]) - 0.3
            size = max(min(0.19, 0.19 * room / text_width(note, 0.19)), 0.135)
            at = (box.right - 0.05, box.top - 0.16)
            self.title.add(Words(note, size=size, color=self.theme.faint, at=at, align="right"))
        self.jobs: dict[str, VGroup] = {}
        self.values: dict[str, Tiles] = {}
        self.note = self._note()

    def is_gate(self, layer: str) -> bool:
        """Whether a layer gives numbers between 0 and 1; the candidate does not."""
        return quantity(self.circuit.gates[layer], cell=self.trace.cell).is_gate

    def light(self, *layers: str, flow: bool = False) -> list[Motion]:
        """Light layers of the circuit, with `flow` also the wires to and from them."""
        names = [*layers]
        for layer in layers if flow else ():
            reading = self.circuit.gates[layer]
            bus = self.circuit.feeding(layer)
            names += [*bus, reading, f"peep {reading}", *(JOINED if bus else RECALLED)]
        return self.circuit.focus(*(name for name in names if name in self.circuit.parts))

    def column(self, layer: str) -> Column:
        """Give the column of a layer, still inside it; `restore` brings it out."""
        reading = self.reading(layer)
        column = Column(reading, self.theme, cell=self.trace.cell, units=self.units)
        column.scale(SMALL).move_to((*self.circuit.waits[reading.name], 0)).save_state()
        return column.scale(0.2).move_to((*self.circuit[layer].at, 0)).set_opacity(0)

    def reading(self, layer: str) -> Reading:
        """Give the reading of now that a layer makes."""
        return self.now[self.circuit.gates[layer]]

    def write(self, layer: str, job: str) -> None:
        """Prepare the row of a layer: its name, what it is for, and its values."""
        reading = self.reading(layer)
        look = quantity(reading.name, cell=self.trace.cell)
        y = self._row(list(self.circuit.gates).index(layer))
        name = self.lang.word(f"{layer} gate" if look.is_gate else layer)
        color = self.theme.readable(self.theme.role(look.role), self.theme.background)
        left, right = self.box.left + 0.1, self.box.right - 0.05
        begin = left + 1.42
        room = right - VALUES - 0.12 - begin
        size = min(EM, EM * room / text_width(job, EM))
        self.jobs[layer] = VGroup(
            Words(name, size=EM, color=color, at=(left, y), align="left", weight="bold"),
            Words(job, size=size, color=self.theme.ink, at=(begin, y), align="left"),
        )
        box = Box(right - VALUES, right, y - 0.14, y + 0.14)
        size = tile_size([self.reading(each) for each in self.circuit.gates], self.units, box,
                         cell=self.trace.cell)  # fmt: skip
        self.values[layer] = Tiles(reading, self.units, self.theme, look, box, size)

    def _row(self, k: int) -> float:
        return self.box.bottom + 0.2 + ROW * (3 - k)

    def _note(self) -> VGroup:
        """Say of a GRU which of the published ones it is, below its three rows."""
        source = getattr(self.circuit, "variant", "")
        if not source:
            return VGroup()
        color = self.theme.faint
        formula = Formula(source, size=0.25, color=color)
        left = self.box.left + 0.1
        formula.move_to((left + formula.width / 2, self._row(3), 0))
        return VGroup(formula)


def liveliest(trace: Trace, count: int) -> tuple[int, ...]:
    """Choose the units whose output moves most over a trace, in their order."""
    travelled = np.abs(trace["h"] - trace["h_prev"]).sum(axis=0)
    return tuple(sorted(np.argsort(-travelled, kind="stable")[:count].tolist()))
