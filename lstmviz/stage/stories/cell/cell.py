"""A story that happens inside a cell: the circuit on the left, the lens on the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from manim import (
    Animation,
    FadeIn,
    FadeOut,
    LaggedStart,
    Mobject,
    Transform,
    VGroup,
    VMobject,
    smooth,
    squish_rate_func,
)

from lstmviz.demo.network_of import network_of
from lstmviz.engine.lessons.gate_sum import gate_sum
from lstmviz.errors import UsageError
from lstmviz.stage.circuits.by_cell import draw_circuit, name_within
from lstmviz.stage.circuits.circuit import Circuit
from lstmviz.stage.circuits.gate import Gate, Operator
from lstmviz.stage.circuits.wire import Ride
from lstmviz.stage.manim.rounded_rectangle import RoundedRectangle
from lstmviz.stage.manim.zooming import Enlargement
from lstmviz.stage.mobjects.column import Column
from lstmviz.stage.mobjects.lens import Equation, Lens
from lstmviz.stage.mobjects.lightable import Motion, vanish
from lstmviz.stage.stories.cell.opening import Opening
from lstmviz.stage.story.alt_text import in_words
from lstmviz.stage.story.story import Story
from lstmviz.style.layout import Box, with_lens
from lstmviz.style.notation import quantity, sum_of

if TYPE_CHECKING:
    from lstmviz.engine.lessons.gate_sum import GateSum
    from lstmviz.stage.mobjects.opened_layer import OpenedLayer
    from lstmviz.trace.trace import Trace


LOW, HIGHER = 2.5, 0.45  # a lens so low may be so much higher: heads on two lines have room there
STACKED = 0.6  # of its height, by each of two columns that are joined end to end


class CellStory(Story):
    """A story inside a cell, in few words.

    `arrive` lets a reading come in, `gather` joins h and x, `weigh` and `squash` make a
    gate, `meet` lets two columns meet in an operator, `send` lets one ride on. Each of them
    lights what works, moves the data, and shows the same in numbers in the lens.
    `focus`, `prepare_page`, `turn` and `write` are the smaller words that they are made of.
    """

    needs_weights = True  # where they are at hand: `weigh` goes into the gates
    opens: bool = True  # whether it does
    higher: float = 0.0  # how much higher a low lens is, for heads on two lines

    def setup(self) -> None:
        """Put the circuit, at rest, and the empty lens on the stage."""
        if not self.layout.beside and self.layout.lens.height < LOW:
            self.layout = with_lens(self.layout, self.higher)
        super().setup()
        self.circuit = self.draw_circuit()
        self.circuit.relabel(self.trace.activations)
        for part, reading in self.circuit.products.items():
            gate = self.circuit[part]
            symbol = quantity(reading, cell=self.notation).symbol
            if isinstance(gate, Gate) and gate.function != symbol:
                gate.rewrite(symbol)
        self.circuit.fit(self.layout).set_focus(())
        self.lens = Lens(self.theme, self.layout.lens, self.layout.zoom, self.layout.least)
        self.page = VGroup()
        self.columns: dict[str, Column] = {}
        self.opening: Opening | None = None
        self.layers: list[OpenedLayer] = []
        self.add(self.circuit, self.lens)

    @property
    def couples(self) -> bool:
        """Whether the cell forgets as much as it writes: f is 1 − i, and no gate of its own."""
        made = self.notation.made.get("f")
        return made is not None and made.by == "1−"

    def sees_memory(self, gate: str) -> bool:
        """Whether a gate, by the name of its reading, adds up a look at the memory, too."""
        return len(self.notation.sum(gate)) > 2

    def draw_circuit(self) -> Circuit:
        """Draw the wiring of the trace's cell; it is that of the variant, not of its family."""
        return draw_circuit(self.trace, self.theme, self.lang)

    @property
    def sources(self) -> tuple[Trace, ...]:
        """The trace, and what has been computed of its network's weights."""
        return (*super().sources, *(each for layer in self.layers for each in layer.sources))

    @property
    def in_frame(self) -> tuple[Mobject, ...]:
        """What no zoom moves: the lens beside the circuit, too."""
        return (*super().in_frame, self.lens, self.page)

    @property
    def zoom_room(self) -> Box:
        """The stage, on which the circuit stands."""
        return self.layout.stage.inset(0.1)

    def zoom(self, *parts: Mobject | str, **options: Any) -> None:
        """Go into a part of the circuit, by its name, or into another mobject; see `Story.zoom`."""
        names = [part for part in parts if isinstance(part, str)]
        for name in names:
            if name not in self.circuit.parts:
                raise UsageError(
                    f"zoom cannot go into {name}, which this circuit does not have; its parts are: "
                    f"{', '.join(self.circuit.parts)}."
                )
        found = (self.circuit[part] if isinstance(part, str) else part for part in parts)
        super().zoom(*found, **options)

    def _places_follow(self, view: Enlargement | None) -> None:
        if view is None:
            self.circuit.zoomed_back()
        elif self.circuit in self.mobjects:
            self.circuit.zoomed(view.scale, view.shift)
        else:
            self.circuit.zoomed(1.0, (0.0, 0.0))

    def in_view(self) -> list[str]:
        """Say which parts of the circuit work, or what is shown over all words."""
        if self.bands:
            names = ", ".join(in_words(name, self) for name in self.bands)
            return [self.lang.say("Bands of boxes, a column for each step: {names}.", names=names)]
        if self.circuit not in self.mobjects:
            return []
        if self.opening is not None and self.opening.inside:
            form = "Inside the layer “{layer}”: rows of weights, products, and their sums."
            return [self.lang.say(form, layer=self.lang.word(self.title_of(self.opening.gate)))]
        lit = [
            self.lang.word(name) if name in self.circuit.gates else str(part.sign)
            for name, part in self.circuit.parts.items()
            if name in self.circuit.lit
            and (name in self.circuit.gates or isinstance(part, Operator))
        ]
        cell = name_within(self.trace, self.lang)
        if not lit:
            return [self.lang.say("The circuit of the {cell}.", cell=cell)]
        parts = ", ".join(lit)
        return [
            self.lang.say("The circuit of the {cell}; at work: {parts}.", cell=cell, parts=parts)
        ]

    # Whole beats

    def arrive(self, name: str, title: str, *, lens: bool = True) -> Column:
        """Let a reading come in from outside, and wait where it will be needed."""
        column = self.columns[name] = self.column(name)
        way = self.circuit.entries[name]
        column.move_to((*way[0], 0))
        motions: list[Motion] = []
        if lens:
            equation = self.prepare_page(title, column.look.role, [name])
            motions = self.turn(equation)
        self.play(
            *self.circuit.focus(*self.circuit.carrying(name)),
            *motions,
            Ride(column, *way, run_time=1.2, appear=True),
        )
        return column

    def gather(self, *, lens: bool = True) -> Pair:
        """Let the last output and the new input meet, and be joined end to end."""
        h, x = self.column("h_prev"), self.column("x")
        for column, name in ((h, "h_prev"), (x, "x")):
            column.move_to((*self.circuit.entries[name][0], 0))
        motions: list[Motion] = []
        if lens:
            whole = not any(map(self.sees_memory, self.circuit.gates.values()))
            title = "what the gate sees" if whole else "what comes in"
            equation = self.prepare_page(title, "ink", ["h_prev", "x"])
            motions = self.turn(equation)
        lit = ["join", *self.circuit.carrying("h_prev", "x"), "h_prev down"]
        self.play(
            *self.focus(*lit),
            *motions,
            Ride(h, *self.circuit.entries["h_prev"], run_time=1.2, appear=True),
            Ride(x, *self.circuit.entries["x"], run_time=1.2, appear=True),
        )
        self.pair = Pair(h, x)
        self.play(self.pair.close(self.circuit["join"].at), run_time=0.6)
        return self.pair

    def weigh(self, *gates: str, last: bool = True) -> None:
        """Send h and x into gates, which weigh them and add up; `last` uses the pair up.

        Where the weights are at hand, the story goes into each gate and tells how its sums are
        made; otherwise they stand in the lens.
        """
        told = {gate: self.inside(gate) for gate in gates} if self.opens else {}
        equation = self.page_of_sums(gates[0]) if told.get(gates[0]) else None
        bare = [] if equation is None else [*equation.bare]
        self.send_in(gates, bare or self._sums(gates), last=last)
        for k, gate in enumerate(gates):
            inside = told.get(gate)
            if inside is None:
                continue
            if k:
                equation = self.page_of_sums(gate)
                self.play(*self.turn(*equation.bare), run_time=0.5)
            opening = self.opening = Opening(self, gate, inside, equation)
            self.layers.append(opening.layer)
            opening.go_in(1.5 if not k else 1.0)
            opening.lay_out()
            opening.whole_unit(1.0 if not k else 2.0)
            opening.other_units()
            opening.leave()
        if told.get(gates[-1]) and len(gates) > 1:
            self.play(*self.turn(*self._sums(gates)), run_time=0.8)

    def inside(self, gate: str) -> GateSum | None:
        """Take the sum of a gate apart at this moment; None where the weights are not at hand."""
        try:
            network = network_of(self.trace)
            return gate_sum(self.trace, network, self.circuit.gates[gate], self.now.tick)
        except UsageError:
            return None

    def page_of_sums(self, gate: str) -> Equation:
        """Prepare the page with the sum of a gate."""
        reading = self.circuit.gates[gate]
        parts, formula = sum_of(reading, cell=self.notation)
        total = f"a_{reading}"
        signs = ["+"] * (len(parts) - 1) + ["="]
        colors = [total, "x", "h_prev"]
        title, role = self.title_of(gate), self.role(total)
        return self.prepare_page(title, role, [*parts, total], signs, formula, colors)

    def title_of(self, gate: str) -> str:
        """Give the term by which a gate is called; what is no gate is called a sum."""
        return "sum" if gate == "hidden" else f"{gate} gate"

    def _sums(self, gates: Sequence[str]) -> list[VMobject]:
        """Prepare the page with the sum of a gate, or with those of several side by side."""
        if len(gates) == 1:
            return [self.page_of_sums(gates[0])]
        readings = [self.circuit.gates[gate] for gate in gates]
        totals = [f"a_{reading}" for reading in readings]
        equation = self.prepare_page(
            "what the layers say", "ink", totals, [" "] * (len(totals) - 1), lines=len(gates)
        )
        formulas = self.lens.formulas(
            [sum_of(reading, cell=self.notation)[1] for reading in readings],
            self.paint(*totals, "x", "h_prev"),
        )
        return [equation, formulas]

    def send_in(self, gates: Sequence[str], page: Sequence[VMobject], *, last: bool) -> None:
        """Let the pair ride into gates while the lens turns to its next page."""
        readings = self.circuit.gates
        travellers = [
            self.pair if last and gate == gates[-1] else self.pair.copy() for gate in gates
        ]
        lit = [
            name
            for gate in gates
            for name in (*self.circuit.feeding(gate), gate, f"peep {readings[gate]}")
        ]
        self.play(
            *self.focus("join", *lit, "x_t", "h_(t-1)"),
            *self.turn(*page),
            *(
                Ride(pair, *self.circuit.route("pair", gate), run_time=1.4)
                for pair, gate in zip(travellers, gates, strict=True)
            ),
        )
        self.play(
            *(
                self.into(pair, self.circuit[gate])
                for pair, gate in zip(travellers, gates, strict=True)
            ),
            run_time=0.5,
        )

    def squash(self, *gates: str) -> None:
        """Let the sums of gates go through their functions, and the results come out."""
        readings = [self.circuit.gates[gate] for gate in gates]
        seen = readings[0]
        function = {"σ": "sigma"}.get(
            self.circuit[gates[0]].function, self.circuit[gates[0]].function
        )
        symbol = quantity(seen, cell=self.notation).symbol
        if len(gates) == 1:
            equation = self.prepare_page(
                f"{gates[0]} gate",
                self.role(seen),
                [f"a_{seen}", seen],
                ["→"],
                f"{symbol} = {function}(a_{seen})",
                [seen, f"a_{seen}"],
            )
        else:
            title = " + ".join(self.lang.word(f"{gate} gate") for gate in gates)
            equation = self.prepare_page(title, self.role(seen), readings)
        grown = [
            self.made(reading, self.circuit[gate])
            for gate, reading in zip(gates, readings, strict=True)
        ]
        self.play(*self.focus(*gates, *readings), *self.turn(equation), *grown)

    def meet(
        self,
        operator: str,
        first: str,
        second: str,
        result: str,
        *,
        title: str,
        role: str = "",
        formula: str = "",
        colors: Sequence[str] = (),
        faint: str = "",
        keep: Sequence[str] = (),
    ) -> Equation:
        """Let two columns meet in an operator and become one, in the lens as on the wires.

        `keep` names those of the two that are needed again; of them a copy goes in.
        """
        part = self.circuit[operator]
        equation = self.prepare_page(
            title,
            role or self.role(second),
            [first, second, result],
            [part.sign, "="],
            formula,
            colors or [first, second],
            faint,
        )
        travellers = [
            self.columns[name].copy() if name in keep else self.columns.pop(name)
            for name in (first, second)
        ]
        self.play(
            *self.focus(*self.circuit.carrying(first, second), operator, result),
            *self.turn(*equation.operands),
            *(
                Ride(column, *self.circuit.route(name, operator))
                for column, name in zip(travellers, (first, second), strict=True)
            ),
        )
        self.play(*(self.into(column, part) for column in travellers), run_time=0.5)
        self.play(self.made(result, part), *self.write(*equation.result))
        return equation

    def place(self, *names: str) -> list[Motion]:
        """Let columns appear where they wait, without telling how they came about."""
        motions: list[Motion] = []
        for name in names:
            if self.columns.get(name) in self.mobjects:  # it waits there already
                continue
            column = self.columns[name] = self.column(name)
            column.move_to((*self.circuit.waits[name], 0))
            motions.append(FadeIn(column))
        return motions

    # The smaller words

    def column(self, name: str, **options: Any) -> Column:
        """Make a small column of a reading of now, as large as the circuit is drawn."""
        column, scale = super().column(name, **options), self.circuit.scale_
        return column if scale == 1 else column.scale(scale, scale_stroke=True)

    def focus(self, *names: str) -> list[Motion]:
        """Light these parts, where the circuit has them, and let the others rest."""
        return self.circuit.focus(*(name for name in names if name in self.circuit.parts))

    def role(self, name: str) -> str:
        """Give the colour role of a reading in this cell."""
        return quantity(name, cell=self.notation).role

    def send(self, name: str, to: str, run_time: float = 1.0) -> Ride:
        """Let a waiting column ride to a part, or `out` of the cell, but not of the frame."""
        column = self.columns[name]
        *way, (x, y) = self.circuit.route(name, to)
        half, top = float(column.width) / 2, y + float(column.height) / 2 + 0.1
        x = min(x, self.layout.frame.right - half - 0.1)
        called = self.circuit.parts.get(f"{name}_t") if to == "out" else None
        if called is not None and top > float(called.get_bottom()[1]):
            x = min(x, float(called.get_left()[0]) - half - 0.1)  # a tall one stops before its name
        return Ride(column, *way, (x, y), run_time=run_time)

    def _ride(self, mobject: Mobject, name: str, to: str, run_time: float) -> Ride:
        return Ride(mobject, *self.circuit.route(name, to), run_time=run_time)

    def into(self, mobject: Mobject, part: Gate | Operator) -> Motion:
        """Let something disappear into a gate or an operator."""
        return vanish(mobject).scale(0.2).move_to((*part.at, 0)).set_opacity(0)

    def made(self, name: str, part: Gate | Operator) -> Motion:
        """Let the column of a reading grow out of the part that made it, to where it waits."""
        column = self.columns[name] = self.column(name)
        column.move_to((*self.circuit.waits[name], 0))
        column.save_state()
        column.scale(0.2).move_to((*part.at, 0)).set_opacity(0)
        return column.animate.restore()

    def prepare_page(
        self,
        title: str,
        role: str,
        readings: Sequence[str],
        signs: Sequence[str] = (),
        formula: str = "",
        colors: Sequence[str] = (),
        faint: str = "",
        headers: Sequence[str] | None = None,
        lines: int = 0,
    ) -> Equation:
        """Prepare the lens' next page: a title, an equation of readings of now, a formula.

        `colors` names the readings whose symbols are coloured in the formula; the part of
        it that is `faint` is not the subject yet. `headers` are written above the columns
        instead of their symbols. `lines` leaves room for so many formulas below.
        """
        shown = [self.now[name] for name in readings]
        note = self.note_of(shown)
        equation = Equation(
            shown,
            signs,
            self.theme,
            self.lens.body(formula=formula or bool(lines), note=bool(note), lines=lines),
            cell=self.notation,
            units=[self.units_of(reading) for reading in shown],
            headers=headers,
            names=[self.names_of(reading) for reading in shown],
            zoom=self.lens.zoom,
            least=self.lens.least,
        )
        paint = self.paint(*colors)
        if faint:
            paint[faint] = self.theme.faint
        heading = self.lens.title(
            self.lang.word(title),
            role,
            note,
            formula=bool(formula or lines),
            room=self.lens.words_beside(lines),
        )
        self.next_page = VGroup(heading, *([self.lens.formula(formula, paint)] if formula else []))
        self.border = self.theme.role(role)
        return equation

    def paint(self, *names: str) -> dict[str, str]:
        """Give the colours in which the symbols of some readings are written in the lens."""
        looks = [quantity(name, cell=self.notation) for name in names]
        return {
            look.symbol: self.theme.readable(self.theme.role(look.role), self.theme.panel)
            for look in looks
        }

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
        history, self.bands = self.history(names), names
        title = self.history_title(gate, role)
        self.clear_stage()
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
        """Stack the two at a point, end to end, each less tall than it was."""
        target = self.copy()
        total = sum(float(column.height) for column in target)
        top = at[1] + STACKED * total / 2
        for column in target:
            column.stretch(STACKED, 1).move_to((at[0], top - float(column.height) / 2, 0))
            top -= float(column.height)
        return Transform(self, target)
