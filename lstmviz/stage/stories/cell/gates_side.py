"""One of two cells of which the gates are told: its circuit, and a list of its layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from manim import Line, VGroup, VMobject

from lstmviz.stage.circuits.by_cell import draw_circuit, name_of
from lstmviz.stage.circuits.miniature import silent, simplify
from lstmviz.stage.mobjects.column import Column
from lstmviz.stage.mobjects.input_strip import shortened
from lstmviz.stage.mobjects.value_row import ValueRow, tile_size
from lstmviz.stage.stories.cell.gates_layout import NAME, ROWS, rows_in
from lstmviz.stage.text.formula import Formula, broken
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.style.layout import Box
from lstmviz.style.notation import quantity

if TYPE_CHECKING:
    from lstmviz.stage.circuits.circuit import Circuit
    from lstmviz.stage.mobjects.lens import Lens
    from lstmviz.stage.mobjects.lightable import Motion
    from lstmviz.stage.stories.cell.gates_layout import GateRow
    from lstmviz.stage.story.story import Story
    from lstmviz.trace.trace import Reading, Trace

SHOWN = 4  # units of each gate
TITLE, NOTE = 0.42, 0.21  # ems of a cell's name, and of a note
APART = 0.35  # between two names on a line
LEADER = 0.14  # from a cell to the names below it
SCRIPT = 0.7  # how much smaller than its formula an index is set
BESIDE, NAMES = 2.2, 7.5  # a box so wide has names beside, of so many ems
SHRUNK = 0.9  # of its em: a name is set so small before the word for a gate is left out

JOINED = ("h_prev", "h_(t-1)", "h_prev down", "x", "x_t", "join")  # on the way to a gate
RECALLED = (  # on the way to the candidate of a GRU, which sees less of h
    *("h_prev", "h_(t-1)", "h_prev to past", "past box", "past", "recall×", "recalled"),
    *("x", "x_t", "x on"),
)


class Side:
    """One of the two cells: its circuit on the stage, and in the lens a row for each layer."""

    def __init__(self, story: Story, trace: Trace, lens: Lens) -> None:
        self.story, self.trace, self.lens = story, trace, lens
        self.theme, self.lang, self.layout = story.theme, story.lang, story.layout
        self.now = trace.at(story.now.tick)
        self.units = liveliest(trace, SHOWN)
        self.name = name_of(trace, self.lang)
        self.circuit = self._draw().fit(self.layout)
        self.circuit.set_focus(self.circuit.parts)
        self.heading = self._heading()
        inner = lens.box.inset(0.08)
        top = inner.top if lens.flat else float(self.heading.get_bottom()[1]) - 0.12 * lens.zoom
        box = Box(inner.left, inner.right, inner.bottom, top)
        self.rows = rows_in(box, len(self.units), zoom=lens.zoom, least=self.layout.least)
        self.called = self._called()

    def _draw(self, *, quiet: bool = False) -> Circuit:
        circuit = draw_circuit(self.trace, self.theme, silent(self.lang) if quiet else self.lang)
        circuit.relabel(self.trace.activations)
        signature = circuit.parts.pop("signature", None)
        if signature is not None:
            circuit.remove(signature)
        return circuit

    def _heading(self) -> VGroup:
        """Set the name of the cell, and below it how many of its units are shown.

        In a flat lens the status has the name, and the units are counted in the last row.
        """
        box, z, total = self.lens.box, self.lens.zoom, self.trace.network.hidden
        x, y = box.center[0], box.top - 0.36 * z
        heading = VGroup()
        if not self.lens.flat:
            size = min(TITLE * z, TITLE * z * (box.width - 0.4) / text_width(self.name, TITLE * z))
            ink = self.theme.ink
            heading.add(TextLine(self.name, size=size, color=ink, at=(x, y), weight="bold"))
        if total > SHOWN:
            note = self.lang.say("units of", shown=SHOWN, total=total)
            size, faint = max(NOTE * z, self.layout.least), self.theme.faint
            if self.lens.flat:
                y = box.bottom + 0.12
            heading.add(TextLine(note, size=size, color=faint, at=(x, y - 0.36 * z)))
        return heading

    def is_gate(self, layer: str) -> bool:
        """Whether a layer gives numbers between 0 and 1; the candidate does not."""
        return quantity(self.circuit.gates[layer], cell=self.trace.notation).is_gate

    def light(self, layer: str) -> list[Motion]:
        """Light a layer of the circuit, and the wires to and from it."""
        reading, bus = self.circuit.gates[layer], self.circuit.feeding(layer)
        names = [layer, *bus, reading, f"peep {reading}", *(JOINED if bus else RECALLED)]
        return self.circuit.focus(*(name for name in names if name in self.circuit.parts))

    def column(self, layer: str) -> Column:
        """Give the column of a layer, still inside it; `restore` brings it out."""
        reading = self.reading(layer)
        column = Column(reading, self.theme, cell=self.trace.notation, units=self.units)
        scale = self.circuit.scale_
        column.scale(scale, scale_stroke=True).move_to((*self.circuit.waits[reading.name], 0))
        column.save_state()
        return column.scale(0.2).move_to((*self.circuit[layer].at, 0)).set_opacity(0)

    def reading(self, layer: str) -> Reading:
        """Give the reading of now that a layer makes."""
        return self.now[self.circuit.gates[layer]]

    def _called(self) -> dict[str, TextLine]:
        """Set the names of the layers, each in its row."""
        rows = dict(zip(self.circuit.gates, self.rows, strict=False))
        room, em = self.rows[0].name_room, self.rows[0].name_em
        names, least = self.names(room, em), self.layout.least
        sizes = {
            layer: max(min(em, room / text_width(name, 1.0, "bold")), least)
            for layer, name in names.items()
        }
        return {
            layer: TextLine(
                shortened(names[layer], sizes[layer], room + 0.01, "bold"),
                size=sizes[layer],
                color=self.color(layer, self.theme.panel),
                at=row.name,
                align="left",
                weight="bold",
            )
            for layer, row in rows.items()
        }

    def write(self, layer: str, job: str) -> tuple[TextLine, ValueRow]:
        """Say what a layer is for, in its row, and give its values."""
        reading = self.reading(layer)
        look = quantity(reading.name, cell=self.trace.notation)
        row = self.rows[list(self.circuit.gates).index(layer)]
        size = max(min(row.job_em, row.job_room / text_width(job, 1.0)), self.layout.least)
        job = shortened(job, size, row.job_room + 0.01)
        words = TextLine(job, size=size, color=self.theme.ink, at=row.job, align="left")
        readings = [self.reading(each) for each in self.circuit.gates]
        number = tile_size(
            readings, self.units, row.values, cell=self.trace.notation, widest=row.tile
        )
        values = ValueRow(
            reading, self.units, self.theme, look, row.values, number, widest=row.tile
        )
        return words, values

    def color(self, layer: str, ground: str) -> str:
        """Give the colour in which the name of a layer is written on a ground."""
        role = quantity(self.circuit.gates[layer], cell=self.trace.notation).role
        return self.theme.readable(self.theme.role(role), ground)

    def names(self, room: float, em: float) -> dict[str, str]:
        """Give the names of all layers; all without the word for a gate where one has no room."""
        names = {
            each: self.lang.word(f"{each} gate" if self.is_gate(each) else each)
            for each in self.circuit.gates
        }
        if max(text_width(name, SHRUNK * em, "bold") for name in names.values()) <= room:
            return names
        return {each: self.lang.word(each) for each in names}

    def note(self) -> VGroup:
        """Say of a GRU which of the published ones it is, in the place of a fourth row."""
        source = getattr(self.circuit, "variant", "")
        if not source:
            return VGroup()
        row: GateRow = self.rows[ROWS - 1]
        size = max(1.1 * row.name_em, self.layout.least / SCRIPT)
        formula = Formula(source, size=size, color=self.theme.ink)
        if formula.width > row.job_room:
            formula = Formula(broken(source), size=size, color=self.theme.ink)
        formula.scale(min(1.0, row.job_room / formula.width))
        x, y = row.outline.left + 0.12, row.outline.center[1]
        return VGroup(formula.move_to((x + formula.width / 2, y, 0)))

    def summary(self, box: Box) -> VGroup:
        """Draw the whole cell in a box, with its name and those of its layers.

        The layers are named in the circuit, where it is so large that this can be read; else in a
        wide box beside it, in their order, or below it, each under its own layer.
        """
        em = max(NAME * self.lens.zoom, self.layout.least)
        high, line = 1.3 * em, 1.5 * em  # the em of the cell's name, and between names
        loud = self._draw()
        size = min(box.width / loud.width, (box.height - 1.3 * high) / loud.height)
        letters = [line.em for layer in loud.gates for line in loud[layer].name_lines]
        if min(letters) * size >= self.layout.least:
            return self._summed_up(loud, size, box, box.width, high, 0.0)
        quiet = self._draw(quiet=True)
        if box.width > BESIDE * box.height:
            width = NAMES * em
            room = box.width - width
            size = min(room / quiet.width, box.height / quiet.height)
            return self._with_list(quiet, size, box, em)
        below = 2 * line + LEADER
        words = 1.3 * high + below
        size = min(box.width / quiet.width, (box.height - words) / quiet.height)
        made = self._summed_up(quiet, size, box, box.width, high, below)
        self._make_legible(quiet)
        return made.add(*self._names_below(quiet, em, line, box))

    def _summed_up(
        self, circuit: Circuit, size: float, box: Box, width: float, high: float, below: float
    ) -> VGroup:
        """Let a circuit stand lit in the middle of a box, its name above, with room below it."""
        circuit.set_focus(circuit.parts)
        tall = size * circuit.height
        low = box.center[1] - (tall + below + 1.3 * high) / 2 + below
        circuit.settle(size, (box.center[0], low + tall / 2))
        return VGroup(circuit, self._title((box.center[0], low + tall + 0.7 * high), high, width))

    def _title(self, at: tuple[float, float], high: float, width: float) -> TextLine:
        return TextLine(
            self.name,
            size=min(high, high * width / text_width(self.name, high, "bold")),
            color=self.theme.ink,
            at=at,
            weight="bold",
        )

    def _with_list(self, circuit: Circuit, size: float, box: Box, em: float) -> VGroup:
        """Let a circuit stand in a wide box, and beside it what its layers are called."""
        circuit.set_focus(circuit.parts)
        width, line, high = NAMES * em, 1.5 * em, 1.3 * em
        circuit.settle(size, (box.left + (box.width - width) / 2, box.center[1]))
        self._make_legible(circuit)
        layers, x = self._in_order(circuit), box.right - width / 2
        top = box.center[1] + (len(layers) * line + 1.3 * high) / 2
        names = self.names(width, em)
        first = top - 1.3 * high
        listed = [
            self._named(layer, names[layer], em, width, (x, first - (k + 0.5) * line))
            for k, layer in enumerate(layers)
        ]
        return VGroup(circuit, self._title((x, top - 0.6 * high), high, width), *listed)

    def _names_below(self, circuit: Circuit, em: float, line: float, box: Box) -> list[VMobject]:
        """Name each layer under its place, on two lines in turn, with a line that leads to it."""
        layers = self._in_order(circuit)
        places = [circuit[layer].at[0] for layer in layers]
        edge = float(circuit.submobjects[0].get_bottom()[1])
        first = float(circuit.get_bottom()[1]) - LEADER - line / 2
        apart = [right - left for left, right in zip(places, places[2:], strict=False)]
        rooms = [
            min(2 * (x - box.left), 2 * (box.right - x), *(each - APART / 2 for each in apart))
            for x in places
        ]
        names = self.names(min(rooms), em)
        made: list[VMobject] = []
        for k, (layer, x) in enumerate(zip(layers, places, strict=True)):
            y = first - (k % 2) * line
            name = self._named(layer, names[layer], em, rooms[k], (x, y))
            top = float(name.get_top()[1]) + 0.06
            leader = Line((x, edge, 0), (x, top, 0), stroke_width=2)
            made += [name, leader.set_stroke(self.color(layer, self.theme.background))]
        return made

    def _in_order(self, circuit: Circuit) -> list[str]:
        """Give the layers from the left to the right."""
        return sorted(circuit.gates, key=lambda layer: circuit[layer].at[0])

    def _named(
        self, layer: str, name: str, em: float, room: float, at: tuple[float, float]
    ) -> TextLine:
        size = min(em, room / text_width(name, 1.0, "bold"))
        color = self.color(layer, self.theme.background)
        return TextLine(name, size=size, color=color, at=at, weight="bold")

    def _make_legible(self, circuit: Circuit) -> None:
        """Let the symbols of a small circuit fill its gates, and none be too small to read."""
        simplify(circuit, 1.0)
        for part in circuit.parts.values():
            for icon in part.submobjects:
                if isinstance(icon, Formula) and icon.em < self.layout.least:
                    icon.scale(self.layout.least / icon.em)


def liveliest(trace: Trace, count: int) -> tuple[int, ...]:
    """Choose the units whose output moves most over a trace, in their order."""
    travelled = np.abs(trace["h"] - trace["h_prev"]).sum(axis=0)
    return tuple(sorted(np.argsort(-travelled, kind="stable")[:count].tolist()))
