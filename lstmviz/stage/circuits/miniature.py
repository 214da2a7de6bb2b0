"""A cell drawn small, without words, through which the data of a real tick passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from manim import VGroup

from lstmviz.stage.circuits.by_cell import draw_circuit
from lstmviz.stage.circuits.gate import Gate
from lstmviz.stage.circuits.rnn import RnnCircuit
from lstmviz.stage.circuits.wire import Ride
from lstmviz.stage.mobjects.column import SMALL, Column
from lstmviz.stage.text.formula import Formula
from lstmviz.style.layout import WIDE

if TYPE_CHECKING:
    from lstmviz.stage.circuits.circuit import Circuit
    from lstmviz.stage.mobjects.lightable import Lightable, Motion
    from lstmviz.style.language import Language
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import At

Point = tuple[float, float]
Leg = tuple[str, str]
"""A reading, and where it goes: a part, `in` for its way into the cell, `out` for its way out."""

SCALE = 0.468
USUAL, FULL = 0.8, 0.89  # of a gate's width for its symbol
MOST = 1.25  # how much larger a symbol may become
SYMBOLS = 0.45  # the em of the symbols of a circuit
BARE = 1.15  # how much larger a symbol is without its index
HIGH = 0.8  # of that share, of the height
ROOMY = 1.07  # how much larger the gates of a plain cell are
SIZE = (4.4, 2.4)  # of a miniature, wires included
MIDDLE = (-2.265, 0.08)  # of a circuit as it is drawn, wires included
NAMES = ("forget", "input", "candidate", "output", "reset", "update", "weigh", "squash")

PULSES: Mapping[str, Sequence[Sequence[Leg]]] = MappingProxyType(
    {
        "rnn": (
            (("h_prev", "in"), ("x", "in")),
            (("h_prev", "weigh h"), ("x", "weigh x")),
            (("rh_h", "+"), ("wx_h", "+")),
            (("a_h", "hidden"),),
            (("h", "out"),),
        ),
        "lstm": (
            (("c_prev", "in"), ("h_prev", "in"), ("x", "in")),
            (("pair", "forget"), ("pair", "input"), ("pair", "candidate"), ("pair", "output")),
            (("c_prev", "forget×"), ("f", "forget×"), ("i", "write×"), ("g", "write×")),
            (("kept", "+"), ("added", "+")),
            (("c", "show"), ("c", "out")),
            (("o", "output×"), ("shown", "output×")),
            (("h", "out"),),
        ),
        "gru": (
            (("h_prev", "in"), ("x", "in")),
            (("pair", "reset"), ("pair", "update"), ("h_prev", "past box")),
            (("r", "recall×"), ("past", "recall×")),
            (("recalled", "candidate"), ("x", "candidate")),
            (("h_prev", "keep×"), ("z", "keep×"), ("rest", "write×"), ("n", "write×")),
            (("kept", "+"), ("added", "+")),
            (("h", "out"),),
        ),
    }
)


class Miniature(VGroup):
    """A small circuit around a point, at rest, and the pulse of one tick that can pass it.

    `beats` says how many moves the pulse takes; `beat` gives the motions of one of them.
    `size` is how much larger it is than in the wide frame; a `plain` one has no indices.
    """

    def __init__(
        self,
        now: At,
        theme: Theme,
        language: Language,
        at: Point,
        size: float = 1.0,
        *,
        plain: bool = False,
        least: float = WIDE.least,
    ) -> None:
        super().__init__()
        self.scale_ = SCALE * size
        self.now = now
        self.theme = theme
        self.cell = now.trace.cell
        quiet = silent(language)
        self.circuit = (
            RnnCircuit(theme, quiet, brief=True)
            if self.cell == "rnn"
            else draw_circuit(now.trace, theme, quiet)
        )
        self.shift_ = (at[0] - self.scale_ * MIDDLE[0], at[1] - self.scale_ * MIDDLE[1])
        if "signature" in self.circuit.parts:
            self.circuit.remove(self.circuit.parts.pop("signature"))
        self.circuit.scale(self.scale_, about_point=(0, 0, 0)).shift((*self.shift_, 0))
        for member in self.circuit.family_members_with_points():
            member.set_stroke(width=member.get_stroke_width() * 0.62, family=False)
        if plain:
            simplify(self.circuit, self.scale_, least)
        else:
            for part in self.circuit.parts.values():
                if isinstance(part, Gate):
                    enlarge_symbol(part, self.scale_ * USUAL)
        self.circuit.set_focus(())
        self.body = self.circuit.submobjects[0]
        self.beats = PULSES[self.cell]
        self.travelling: list[Column] = []
        self.add(self.circuit)

    def beat(self, number: int, run_time: float = 0.6) -> list[Motion]:
        """Let the data ride one leg further; what it comes to is lit, and stays so."""
        legs = self.beats[number]
        motions: list[Motion] = []
        self.travelling = []
        lit = set(self.circuit.lit)
        for reading, to in legs:
            ways = self._ways(reading, to)
            for name, way in ways:
                small = 0.6 * self.scale_ / SCALE
                column = Column(
                    self.now[name],
                    self.theme,
                    cell=self.now.trace.notation,
                    units=range(min(len(self.now[name]), 4)),
                    box=(SMALL[0] * small, SMALL[1] * small),
                )
                column.frame.set_stroke(width=2)
                path = [self.place(point) for point in way]
                column.move_to((*path[0], 0))
                self.travelling.append(column)
                motions.append(Ride(column, *path, run_time=run_time, appear=True))
                lit |= {name, f"{name} down", f"{name} to past", f"{name} to rest", "join"}
                lit |= set(self.circuit.carrying(name))
            lit |= {to, {"in": "", "out": f"{reading}_t"}.get(to, to)}
            if reading == "pair":
                lit |= {"join", *self.circuit.feeding(to)}
            if to == "candidate" and reading == "x":
                lit.add("x on")
            if reading == "rest":
                lit |= {"1−", "z to rest"}
        focus = [name for name in self.circuit.parts if name in lit]
        return [*self.circuit.focus(*focus), *motions]

    def wake(self) -> list[Motion]:
        """Let the border of the cell come forward: it is at work from now on."""
        return [self.body.animate.set_stroke(self.theme.faint)]

    def _ways(self, reading: str, to: str) -> list[tuple[str, Sequence[Point]]]:
        if reading == "pair":
            return [("x", self.circuit.route("pair", to))]
        if to == "in":
            return [(reading, self.circuit.entries[reading])]
        return [(reading, self.circuit.route(reading, to))]

    def place(self, point: Point) -> Point:
        """Give where a point of the full circuit stands in the small one."""
        return (point[0] * self.scale_ + self.shift_[0], point[1] * self.scale_ + self.shift_[1])


def silent(language: Language) -> Language:
    """Give a language that has no words for the gates of a circuit."""
    return replace(language, terms={**language.terms, **dict.fromkeys(NAMES, "")})


def simplify(circuit: Circuit, scale: float, least: float = WIDE.least) -> None:
    """Let symbols fill the gates of a silent circuit; leave out what is too small to read.

    `scale` is how large the circuit stands, if its gates have not been told by `settle`, and
    `least` the smallest em that can be read.
    """
    for part in circuit.parts.values():
        if isinstance(part, Gate):
            part.scale(ROOMY)
            enlarge_symbol(part, scale * FULL * ROOMY)
            if part.icon.em < least:
                part.without_symbol()
        else:
            leave_out_index(part, max(BARE, least / (SYMBOLS * scale)))


def enlarge_symbol(gate: Gate, share: float) -> None:
    """Let the symbol of a gate take a share of its width; an index would be too small to read."""
    leave_out_index(gate)
    for icon in gate.submobjects:
        if isinstance(icon, Formula):
            room = share * gate.width_, HIGH * share * gate.height_
            icon.scale(min(MOST, room[0] / icon.width, room[1] / icon.height))


def leave_out_index(part: Lightable, more: float = BARE) -> None:
    """Leave the indices out of the symbols of a part, which become so much larger."""
    for icon in part.submobjects:
        if isinstance(icon, Formula) and "_" in icon.source:
            plain = Formula(icon.source.partition("_")[0], size=icon.em * more)
            plain.move_to(icon).match_style(icon)
            icon.become(plain)
            icon.__dict__.update(source=plain.source, size=plain.size, _drawn=plain._drawn)
