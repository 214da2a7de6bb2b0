"""The cell as a circuit: highways, gates, operators, and the wires between them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from manim import RoundedRectangle, VGroup

from lstmviz.stage.formula import Formula
from lstmviz.stage.gate import Gate, Join, Operator
from lstmviz.stage.part import Motion, Part
from lstmviz.stage.wire import Wire

if TYPE_CHECKING:
    from lstmviz.stage.language import Language
    from lstmviz.stage.theme import Theme

Point = tuple[float, float]


class Circuit(VGroup):
    """Parts by name on the body of a cell, and the ways that data takes through them.

    `self[...]` finds a part (`"forget"`, `"join"`, `"forget×"`, or a wire such as
    `"c_prev"`); `way(...)` gives the waypoints of a journey; `focus(...)` lights some parts
    and lets the others rest.
    """

    def __init__(self, theme: Theme, language: Language) -> None:
        super().__init__()
        self.theme = theme
        self.language = language
        self.parts: dict[str, Part] = {}
        self.lit: set[str] = set()
        self.ways: dict[str, tuple[Point, ...]] = {}

    def body(self, left: float, right: float, bottom: float, top: float) -> None:
        """Draw the body of the cell, behind everything else."""
        shape = RoundedRectangle(
            width=right - left,
            height=top - bottom,
            corner_radius=0.35,
            stroke_color=self.theme.resting(self.theme.faint),
            stroke_width=2.5,
            fill_color=self.theme.panel,
            fill_opacity=1,
        )
        self.add(shape.move_to(((left + right) / 2, (bottom + top) / 2, 0)))

    def put(self, name: str, part: Part) -> Part:
        """Add a part under a name; what is added first is drawn first."""
        self.parts[name] = part
        self.add(part)
        return part

    def wire(
        self,
        name: str,
        *way: Point,
        role: str = "ink",
        tip: bool = True,
        hops: tuple[Point, ...] = (),
    ) -> None:
        """Add a wire under a name."""
        self.put(name, Wire(self.theme, *way, role=role, tip=tip, hops=hops))

    def label(self, name: str, source: str, at: Point, role: str) -> None:
        """Add the symbol of a wire that enters or leaves the cell."""
        part = Part(self.theme)
        formula = Formula(source, size=0.42, at=at)
        ground = self.theme.background
        color = self.theme.readable(self.theme.role(role), ground)
        part.ink(formula, color, "text", self.theme.resting_text(color, ground))
        self.put(name, part)

    def __getitem__(self, name: str) -> Any:  # type: ignore[override]
        return self.parts[name]

    def way(self, name: str) -> tuple[Point, ...]:
        """Give the waypoints of a journey through the cell."""
        return self.ways[name]

    def set_focus(self, names: Iterable[str]) -> None:
        """Light these parts and let the others rest, at once."""
        self.lit = set(names)
        for name, part in self.parts.items():
            part.lit() if name in self.lit else part.rest()

    def focus(self, *names: str) -> list[Motion]:
        """Light these parts and let the others rest, as animations of those that change."""
        wanted = set(names)
        changing = wanted ^ self.lit
        self.lit = wanted
        return [
            part.animate.lit() if name in wanted else part.animate.rest()
            for name, part in self.parts.items()
            if name in changing
        ]


class LstmCircuit(Circuit):
    """The LSTM: the cell state rides on top, h comes in below, three gates and a candidate.

    With `peepholes`, the gates also see the cell state: forget and input the old one, the
    output gate the new one (Gers, Schraudolph and Schmidhuber 2002).
    """

    def __init__(self, theme: Theme, language: Language, *, peepholes: bool = False) -> None:
        super().__init__(theme, language)
        high, middle, row, bus = 1.9, 0.82, -0.36, -1.42
        left, right = -6.95, 2.42
        enter = -5.62  # where x comes up
        columns = {"forget": -4.45, "input": -2.98, "candidate": -1.62, "output": -0.14}
        last = 1.1
        self.body(-6.15, 1.85, -1.95, 2.55)

        gates = {
            name: Gate(
                theme,
                "tanh" if name == "candidate" else "σ",
                at=(x, row),
                role=name,
                name=language.word(name),
            )
            for name, x in columns.items()
        }
        show = Gate(theme, "tanh", at=(last, middle), role="h", width=0.86, height=0.56)
        forget = Operator(theme, "×", at=(columns["forget"], high), role="c")
        halfway = (columns["input"] + columns["candidate"]) / 2
        plus = Operator(theme, "+", at=(halfway, high), role="c")
        write = Operator(theme, "×", at=(halfway, middle), role="input")
        output = Operator(theme, "×", at=(last, row), role="h")
        join = Join(theme, at=(enter, bus))

        self.wire("c_prev", (left, high), forget.port("left"), role="c")
        self.wire("kept", forget.port("right"), plus.port("left"), role="c")
        self.wire("c", plus.port("right"), (right, high), role="c")
        self.wire("c_down", (last, high), show.top, role="c")
        self.wire("h_prev", (left, bus), (enter - 0.17, bus), role="h", tip=False)
        self.wire("x", (enter, -2.4), (enter, bus - 0.17), role="x", tip=False)
        at = enter + 0.17
        for name, gate in gates.items():
            self.wire(f"{name}_up", (gate.at[0] - 0.3, bus), (gate.at[0], bus), gate.bottom)
            self.wire(f"{name}_bus", (at, bus), (gate.at[0] - 0.3, bus), tip=False)
            at = gate.at[0] - 0.3
        self.wire("f", gates["forget"].top, forget.port("bottom"), role="forget")
        self.wire(
            "i", gates["input"].top, (columns["input"], middle), write.port("left"), role="input"
        )
        self.wire(
            "g",
            gates["candidate"].top,
            (columns["candidate"], middle),
            write.port("right"),
            role="candidate",
        )
        self.wire("added", write.port("top"), plus.port("bottom"), role="input")
        self.wire("o", gates["output"].right, output.port("left"), role="output")
        self.wire("shown", show.bottom, output.port("top"), role="h")
        self.wire("h", output.port("bottom"), (last, bus), (right, bus), role="h")
        if peepholes:
            tap, low = -5.3, 0.42
            self.wire("peep_f", (tap, high), (tap, row), gates["forget"].left, role="c")
            self.wire(
                "peep_i",
                (tap, low),
                (-3.73, low),
                (-3.73, row),
                gates["input"].left,
                role="c",
                hops=((columns["forget"], low),),
            )
            self.wire("peep_o", (columns["output"], high), gates["output"].top, role="c")
        for name, gate in gates.items():
            self.put(name, gate)
        for name, part in {
            "show": show,
            "forget×": forget,
            "write×": write,
            "+": plus,
            "output×": output,
            "join": join,
        }.items():
            self.put(name, part)
        self.label("c_(t-1)", "c_(t-1)", (left + 0.38, high + 0.4), "c")
        self.label("c_t", "c_t", (right - 0.3, high + 0.4), "c")
        self.label("h_(t-1)", "h_(t-1)", (left + 0.38, bus + 0.4), "h")
        self.label("h_t", "h_t", (right - 0.3, bus + 0.4), "h")
        self.label("x_t", "x_t", (enter + 0.42, -2.22), "x")

        near = 0.36  # how far from an operator's centre a column waits
        self.ways = {
            "c_prev": ((left - 0.5, high), (-5.35, high)),
            "c_prev to forget×": ((-5.35, high), (columns["forget"] - near, high)),
            "kept": ((columns["forget"], high), (halfway - 1.05, high)),
            "h_prev": ((left - 0.4, bus), (enter - 0.12, bus)),
            "x": ((enter, -2.12), (enter, bus)),
            "f": (gates["forget"].top, (columns["forget"], middle - 0.05)),
            "f to forget×": ((columns["forget"], middle - 0.05), (columns["forget"], high - near)),
        }
        for name, gate in gates.items():
            self.ways[f"join to {name}"] = ((enter, bus), (gate.at[0], bus), gate.bottom)
