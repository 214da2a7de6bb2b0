"""A story that goes into a layer of a cell, and tells how its sums are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstmviz.demo.network_of import network_of
from lstmviz.engine.lessons.gate_sum import Pair, gate_sum
from lstmviz.errors import UsageError
from lstmviz.stage.circuits.wire import Ride
from lstmviz.stage.stories.cell.cell import CellStory
from lstmviz.stage.stories.cell.opening import Opening

if TYPE_CHECKING:
    from lstmviz.stage.story.caption_values import SpokenNumber
    from lstmviz.trace.trace import Trace


class LayerStory(CellStory):
    """A story in the first layer of a cell that weighs h and x, in words that fit every cell.

    `bring_in` sends h and x to the layer, `go_in` zooms into it, `multiply` lets a row of W pass
    over x, `add_up` adds its products, `look_back` does the same with the rows after it, `total`
    adds the sums, `other_units` goes on to the other rows, and `come_out` zooms back.
    """

    needs = ("x", "h", "h_prev")

    @classmethod
    def check_needs(cls, trace: Trace) -> None:
        """Refuse a trace whose weights are not at hand, and a sum that cannot be taken apart."""
        super().check_needs(trace)
        network = network_of(trace)
        weighed = [name[2:] for name in trace.names if name.startswith("a_")]
        if not weighed:
            raise UsageError(
                f"The story {cls.story_name()} goes into a layer that weighs h and x, but the cell "
                f"{trace.cell} has none; its equations call `affine` nowhere."
            )
        gate_sum(trace, network, weighed[0], 0)

    def setup(self) -> None:
        """Choose the layer: the first one of the circuit that weighs something."""
        super().setup()
        gates = self.circuit.gates
        able = [gate for gate, reading in gates.items() if f"a_{reading}" in self.trace]
        if not able:
            raise UsageError(
                f"The circuit of {self.trace.cell} has no gate with a sum, into which the story "
                f"{self.story_name()} could go; name its gates in the circuit's `gates`."
            )
        self.gate = able[0]
        self.told_sum = gate_sum(
            self.trace, network_of(self.trace), gates[self.gate], self.now.tick
        )
        self.first_unit = self.units[0]

    @property
    def trained(self) -> bool:
        """Whether the weights are not just random ones."""
        source = self.trace.network.source
        return source is None or source.kind != "seed"

    @property
    def many(self) -> bool:
        """Whether not all products of the first row are shown as numbers."""
        return self.inner.layer.plan.counts[0] < len(self.told_sum.products[0].values)

    @property
    def peeps(self) -> bool:
        """Whether a part of the sum is no product with a matrix."""
        return any(isinstance(part, Pair) for part in self.told_sum.parts)

    @property
    def function(self) -> str:
        """The function of the layer, as captions name it."""
        usual: str = self.circuit[self.gate].function
        made: str = self.trace.activations.get(self.told_sum.gate, usual).partition(" ")[0]
        return "σ" if made == "sigmoid" else made

    def sum_said(self) -> SpokenNumber:
        """Give the whole sum of the unit, for a caption."""
        return self.told(self.told_sum.sums.name, self.first_unit)

    # Beats

    def bring_in(self) -> None:
        """Let h and x come in and ride to the layer, whose sums the lens will hold."""
        equation = self.page_of_sums(self.gate)
        page = self.next_page, self.border
        if "join" in self.circuit.parts:
            self.gather()
        else:
            self._arrive_apart()
        self.next_page, self.border = page
        self.inner = self.opening = Opening(self, self.gate, self.told_sum, equation)
        self.layers.append(self.inner.layer)
        if "join" in self.circuit.parts:
            self.send_in((self.gate,), equation.bare, last=True)
            return
        ways = (("h_prev", "weigh h"), ("x", "weigh x"))
        columns = {name: self.columns.pop(name) for name, _ in ways}
        self.play(
            *self.focus("h_prev", "x", "weigh h", "weigh x", "+", "h_(t-1)", "x_t"),
            *self.turn(*equation.bare),
            *(Ride(columns[name], *self.circuit.route(name, part)) for name, part in ways),
        )
        self.play(
            *(self.into(columns[name], self.circuit[part]) for name, part in ways), run_time=0.5
        )

    def _arrive_apart(self) -> None:
        """Let h and x come in where each has weights of its own."""
        equation = self.prepare_page("what comes in", "ink", ["h_prev", "x"], [" "])
        rides = []
        for name in ("h_prev", "x"):
            column = self.columns[name] = self.column(name)
            way = self.circuit.entries[name]
            column.move_to((*way[0], 0))
            rides.append(Ride(column, *way, run_time=1.2, appear=True))
        lit = self.circuit.carrying("h_prev", "x")
        self.play(*self.focus(*lit), *self.turn(equation), *rides)

    def go_in(self) -> None:
        """Zoom into the layer, and show what is in it."""
        self.inner.go_in(1.8)
        self.inner.show_matrices()

    def multiply(self) -> None:
        """Let the unit's row of the first matrix pass over its vector."""
        self.inner.lay_out(0.9)
        self.inner.mark()
        self.inner.multiply(0, 0.8)

    def add_up(self) -> None:
        """Add the products of that row."""
        self.inner.add_up(0, 0.8)

    def look_back(self) -> None:
        """Do the same with the unit's row of every other part, a peephole's weight among them."""
        for number in range(1, len(self.told_sum.parts)):
            self.inner.multiply(number, 1.0)
            self.inner.add_up(number, 1.0)

    def total(self) -> None:
        """Add the sums of all parts."""
        self.inner.total(0.7)

    def other_units(self) -> None:
        """Go on to the rows of the other units."""
        self.inner.other_units(0.8)

    def come_out(self) -> None:
        """Zoom back, and let the sums go through the layer's function."""
        self.inner.leave(1.5)
        if "join" in self.circuit.parts:
            self.squash(self.gate)
            return
        gate, reading = self.circuit["hidden"], self.told_sum.gate
        self.play(self.made(self.told_sum.sums.name, self.circuit["+"]))
        column = self.columns.pop(self.told_sum.sums.name)
        self.play(
            *self.focus("+", self.told_sum.sums.name, "hidden"),
            Ride(column, *self.circuit.route(self.told_sum.sums.name, "hidden"), run_time=0.6),
        )
        equation = self.prepare_page(
            "hidden state", "h", [self.told_sum.sums.name, reading], ["→"], colors=[reading]
        )
        self.play(self.into(column, gate), *self.turn(equation), run_time=0.6)
        self.play(*self.focus("hidden", reading), self.made(reading, gate))
