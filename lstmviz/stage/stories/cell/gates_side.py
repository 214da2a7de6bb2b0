"""One of two cells of which the gates are told: its circuit, and a list of its layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from manim import VGroup

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
        """Draw the whole cell small in a box, with its name and those of its layers.

        In a wide box the names stand beside the circuit, else above it and below.
        """
        em = max(NAME * self.lens.zoom, self.layout.least)
        line, high = 1.5 * em, 1.3 * em  # between names, and the em of the cell's name
        circuit = self._draw(quiet=True)
        circuit.set_focus(circuit.parts)
        gates = [layer for layer in self.circuit.gates if self.is_gate(layer)]
        rest = [layer for layer in self.circuit.gates if layer not in gates]
        beside = box.width > BESIDE * box.height
        words = 0.0 if beside else 2 * line + 0.1 + 1.3 * high  # the height of all of them
        room = box.width - (NAMES * em if beside else 0.0)
        size = min(room / circuit.width, (box.height - words) / circuit.height)
        tall = size * circuit.height
        low = box.center[1] - (tall + words) / 2
        if beside:
            x, names_x, width = box.left + room / 2, box.right - NAMES * em / 2, NAMES * em
            bottom, lines = low, [[each] for each in (*gates, *rest)]
            top = box.center[1] + (len(lines) * line + 1.3 * high) / 2
        else:
            x = names_x = box.center[0]
            width, lines, bottom = box.width, [gates, rest], low + 2 * line + 0.1
            top = low + tall + words
        first = top - 1.3 * high if beside else low + 2 * line
        circuit.settle(size, (x, bottom + tall / 2))
        self._make_legible(circuit)
        title = TextLine(
            self.name,
            size=min(high, high * width / text_width(self.name, high, "bold")),
            color=self.theme.ink,
            at=(names_x, top - 0.6 * high),
            weight="bold",
        )
        names = VGroup(
            *(
                self._names_on_line(layers, (names_x, first - (k + 0.5) * line), em, width)
                for k, layers in enumerate(lines)
            )
        )
        return VGroup(circuit, title, names)

    def _make_legible(self, circuit: Circuit) -> None:
        """Let the symbols of a small circuit fill its gates, and none be too small to read."""
        simplify(circuit, 1.0)
        for part in circuit.parts.values():
            for icon in part.submobjects:
                if isinstance(icon, Formula) and icon.em < self.layout.least:
                    icon.scale(self.layout.least / icon.em)

    def _names_on_line(
        self, layers: list[str], at: tuple[float, float], em: float, width: float
    ) -> VGroup:
        room = (width - APART * (len(layers) - 1)) / max(len(layers), 1)
        names = self.names(room, em)
        line = VGroup(
            *(
                TextLine(
                    names[each],
                    size=min(em, em * room / text_width(names[each], em, "bold")),
                    color=self.color(each, self.theme.background),
                    at=at,
                    weight="bold",
                )
                for each in layers
            )
        )
        return line.arrange(buff=APART, center=False).set_x(at[0]).set_y(at[1])


def liveliest(trace: Trace, count: int) -> tuple[int, ...]:
    """Choose the units whose output moves most over a trace, in their order."""
    travelled = np.abs(trace["h"] - trace["h_prev"]).sum(axis=0)
    return tuple(sorted(np.argsort(-travelled, kind="stable")[:count].tolist()))
