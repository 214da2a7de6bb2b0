"""One of two cells that are shown at once: its small circuit, and a row for each layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
from manim import VGroup

from lstmviz.stage.circuits.by_cell import draw_circuit, name_of
from lstmviz.stage.circuits.miniature import silent, simplify
from lstmviz.stage.mobjects.column import Column
from lstmviz.stage.mobjects.value_row import ValueRow, tile_size
from lstmviz.stage.stories.cell.gates_layout import ROWS, TALL, line_pitch, rows_in
from lstmviz.stage.text.formula import Formula
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.style.layout import WIDE, Box
from lstmviz.style.notation import quantity

if TYPE_CHECKING:
    from lstmviz.stage.circuits.circuit import Circuit
    from lstmviz.stage.mobjects.lightable import Motion
    from lstmviz.stage.text.text import Align
    from lstmviz.style.language import Language
    from lstmviz.style.layout import Layout
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import At, Reading, Trace

SHOWN = 4  # units of each gate
SMALL = 0.645  # how large a circuit is at most beside another one; smaller, it has no words
WIDTH, HEIGHT = 9.5, 4.95  # of a circuit as it is drawn, from the top of its body
NAME, NOTE, LEAST = 0.36, 0.19, 0.135  # ems of a cell's name, and of a note at most and at least
AFTER = 0.12  # between a name and what it is for, at least
SMALL_NAME = 0.85  # of the em of a row: a name is set so small before it is shortened
TITLE, LEADING = 0.44, 0.34  # the height of the title, and of a note below it

JOINED = ("h_prev", "h_(t-1)", "h_prev down", "x", "x_t", "join")  # on the way to a gate
RECALLED = (  # on the way to the candidate of a GRU, which sees less of h
    *("h_prev", "h_(t-1)", "h_prev to past", "past box", "past", "recall×", "recalled"),
    *("x", "x_t", "x on"),
)


class TwoCells(Protocol):
    """What a side takes from the story of two cells."""

    theme: Theme
    lang: Language
    layout: Layout
    now: At
    traces: dict[str, Trace]

    def origin_of(self, trace: Trace) -> str:
        """Say where the network of a trace comes from."""


class Side:
    """One of the two cells: its small circuit, its title, and a row for each of its layers."""

    def __init__(self, story: TwoCells, trace: Trace, box: Box) -> None:
        self.story, self.trace, self.box = story, trace, box
        self.theme, self.lang = story.theme, story.lang
        self.now = trace.at(story.now.tick)
        self.units = liveliest(trace, SHOWN)
        x = box.center[0]
        self.size, self.quiet = self._size()
        language = silent(self.lang) if self.quiet else self.lang
        self.circuit: Circuit = draw_circuit(trace, self.theme, language)
        self.circuit.relabel(trace.activations)
        signature = self.circuit.parts.pop("signature", None)
        if signature is not None:
            self.circuit.remove(signature)
        self.circuit.set_focus(())
        self.title = self._title()
        # The bodies of both cells stand at one height, whatever stands out from them.
        body, whole = self.circuit.submobjects[0], self.circuit
        off = self.size * (whole.get_center() - body.get_center())
        y = box.top - self.head - self.size * body.height / 2
        middle = x + float(off[0]) if story.layout.beside else x
        self.circuit.settle(self.size, (middle, y + float(off[1])))
        if self.quiet:
            simplify(self.circuit, 1.0)
        low = float(self.circuit.get_bottom()[1])
        self.rows = rows_in(Box(box.left, box.right, box.bottom, low))
        # Until high rows come below it, a cell stands in the middle.
        self.sunk = self.rows.pitch * ROWS / 2 if self.rows.pitch > TALL else 0.0
        VGroup(self.circuit, self.title).shift((0, -self.sunk, 0))
        self.jobs: dict[str, VGroup] = {}
        self.values: dict[str, ValueRow] = {}
        self.note = self._note()

    def _size(self) -> tuple[float, bool]:
        """Give how large the circuit is, and whether it is too small for the names of gates."""
        layout, box = self.story.layout, self.box
        # The notes of both cells stand alike.
        traces = self.story.traces.values()
        self.below = not all(self._fits_beside(trace) for trace in traces)
        self.head = TITLE + (LEADING if self.below else 0.0)
        room = box.height - self.head - ROWS * line_pitch(box.width) - 0.05
        size = min(box.width / WIDTH, room / HEIGHT)
        size = min(SMALL, size) if layout.beside else size
        return size, size * self._unit < SMALL - 1e-6

    @property
    def _unit(self) -> float:
        """How large a scene unit is seen, against the wide frame."""
        frame = self.story.layout.frame
        return WIDE.frame.height / min(frame.width, frame.height)

    def _note_on(self, trace: Trace) -> str:
        """Say where the weights come from, and how many units are shown, if it must be said."""
        notes = [self.story.origin_of(trace)]
        total = trace.network.hidden
        if total > SHOWN:
            notes.append(self.lang.say("units of", shown=SHOWN, total=total))
        return " · ".join(filter(None, notes))

    def _beside(self, trace: Trace) -> float:
        """Give the room for a note at the right of the name of a cell."""
        name = text_width(name_of(trace, self.lang), NAME, "bold")
        return self.box.width / 2 - name / 2 - 0.3

    def _fits_beside(self, trace: Trace) -> bool:
        return text_width(self._note_on(trace), LEAST / self._unit) <= self._beside(trace)

    def _title(self) -> VGroup:
        """Set the name of the cell, and a note beside it, or below it where there is no room."""
        box, x, y = self.box, self.box.center[0], self.box.top - 0.16
        name = name_of(self.trace, self.lang)
        title = TextLine(name, size=NAME, color=self.theme.ink, at=(x, y), weight="bold")
        note, least = self._note_on(self.trace), LEAST / self._unit
        if not note:
            return VGroup(title)
        room = box.width if self.below else self._beside(self.trace)
        size = max(min(max(NOTE, least), room / text_width(note, 1.0)), least)
        at = (x, y - LEADING) if self.below else (box.right - 0.05, y)
        align: Align = "center" if self.below else "right"
        return VGroup(title, TextLine(note, size=size, color=self.theme.faint, at=at, align=align))

    def is_gate(self, layer: str) -> bool:
        """Whether a layer gives numbers between 0 and 1; the candidate does not."""
        return quantity(self.circuit.gates[layer], cell=self.trace.notation).is_gate

    def light(self, *layers: str, flow: bool = False) -> list[Motion]:
        """Light layers of the circuit, with `flow` also the wires to and from them."""
        names = [*layers]
        for layer in layers if flow else ():
            reading = self.circuit.gates[layer]
            bus = self.circuit.feeding(layer)
            names += [*bus, reading, f"peep {reading}", *(JOINED if bus else RECALLED)]
        return self.circuit.focus(*(name for name in names if name in self.circuit.parts))

    def rise(self) -> list[Motion]:
        """Make room for the rows."""
        up, self.sunk = (0.0, self.sunk, 0.0), 0.0
        return [each.animate.shift(up) for each in (self.circuit, self.title)]

    def column(self, layer: str) -> Column:
        """Give the column of a layer, still inside it; `restore` brings it out."""
        reading = self.reading(layer)
        column = Column(reading, self.theme, cell=self.trace.notation, units=self.units)
        column.scale(self.size).move_to((*self.circuit.waits[reading.name], 0)).save_state()
        return column.scale(0.2).move_to((*self.circuit[layer].at, 0)).set_opacity(0)

    def reading(self, layer: str) -> Reading:
        """Give the reading of now that a layer makes."""
        return self.now[self.circuit.gates[layer]]

    def write(self, layer: str, job: str) -> None:
        """Prepare the row of a layer: its name, what it is for, and its values."""
        reading = self.reading(layer)
        look = quantity(reading.name, cell=self.trace.notation)
        number = list(self.circuit.gates).index(layer)
        color = self.theme.readable(self.theme.role(look.role), self.theme.background)
        row = self.rows.row(number)
        name = self._called(layer, row.em, row.name_room)
        letters = min(row.em, row.name_room / text_width(name, 1.0, "bold"))
        start, room = row.job[0], row.job_room
        if room / text_width(job, 1.0) < LEAST / self._unit and row.job[1] == row.name[1]:
            # Too little: a shorter name leaves more.
            name = self.lang.word(layer)
            letters = min(row.em, row.name_room / text_width(name, 1.0, "bold"))
            start = min(start, row.name[0] + text_width(name, letters, "bold") + AFTER)
            room += row.job[0] - start
        size = min(row.em, room / text_width(job, 1.0))
        self.jobs[layer] = VGroup(
            TextLine(name, size=letters, color=color, at=row.name, align="left", weight="bold"),
            TextLine(job, size=size, color=self.theme.ink, at=(start, row.job[1]), align="left"),
        )
        readings = [self.reading(each) for each in self.circuit.gates]
        size = tile_size(
            readings, self.units, row.values, cell=self.trace.notation, widest=row.widest
        )
        self.values[layer] = ValueRow(
            reading, self.units, self.theme, look, row.values, size, widest=row.widest
        )

    def _called(self, layer: str, em: float, room: float) -> str:
        """Give the name of a layer; all go without the word for a gate where one has no room."""
        names = {
            each: self.lang.word(f"{each} gate" if self.is_gate(each) else each)
            for each in self.circuit.gates
        }
        least = min(room / text_width(name, 1.0, "bold") for name in names.values())
        return names[layer] if least >= SMALL_NAME * em else self.lang.word(layer)

    def _note(self) -> VGroup:
        """Say of a GRU which of the published ones it is, below its three rows."""
        source = getattr(self.circuit, "variant", "")
        if not source:
            return VGroup()
        color = self.theme.faint
        row = self.rows.row(ROWS - 1)
        formula = Formula(source, size=1.25 * row.em, color=color)
        x, y = row.name
        formula.move_to((x + formula.width / 2, y, 0))
        return VGroup(formula)


def liveliest(trace: Trace, count: int) -> tuple[int, ...]:
    """Choose the units whose output moves most over a trace, in their order."""
    travelled = np.abs(trace["h"] - trace["h_prev"]).sum(axis=0)
    return tuple(sorted(np.argsort(-travelled, kind="stable")[:count].tolist()))
