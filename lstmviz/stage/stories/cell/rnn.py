"""A story inside a simple recurrent network: two weighed sums, their sum, and its squash."""

from __future__ import annotations

from collections.abc import Sequence

from manim import FadeIn, FadeOut

from lstmviz.stage.circuits.wire import Ride
from lstmviz.stage.mobjects.history import History
from lstmviz.stage.stories.cell.cell import CellStory
from lstmviz.style.layout import Box
from lstmviz.style.notation import sum_of


class RnnStory(CellStory):
    """A story in the circuit of the RNN, whose x and h are weighed each by its own weights.

    `receive` lets h and x come in, `weigh_each` sends them through their weights, `add_up`
    adds what comes out, `squash_sum` makes the new state of it, `hand_on` sends it out.
    """

    cell = "rnn"

    def receive(self, *names: str) -> None:
        """Let readings come in; the lens shows all that have come so far."""
        seen = [*self.columns, *names]
        equation = self.prepare_page("what comes in", "ink", seen, [" "] * (len(seen) - 1))
        rides = []
        for name in names:
            column = self.columns[name] = self.column(name)
            way = self.circuit.entries[name]
            column.move_to((*way[0], 0))
            rides.append(Ride(column, *way, run_time=1.2, appear=True))
        self.play(*self.focus(*self.circuit.carrying(*seen)), *self.turn(equation), *rides)

    def weigh_each(self) -> None:
        """Send h and x through their weights; a weighed sum a unit comes out of each."""
        ways = (("h_prev", "weigh h", "rh_h"), ("x", "weigh x", "wx_h"))
        equation = self.prepare_page("weighed", "ink", ["wx_h", "rh_h"], [" "])
        columns = {name: self.columns.pop(name) for name, _, _ in ways}
        self.play(
            *self.focus("h_prev", "x", "weigh h", "weigh x", "h_(t-1)", "x_t"),
            *(Ride(columns[name], *self.circuit.route(name, part)) for name, part, _ in ways),
        )
        self.play(
            *(self.into(columns[name], self.circuit[part]) for name, part, _ in ways),
            run_time=0.5,
        )
        self.play(
            *self.focus("weigh h", "weigh x", "rh_h", "wx_h"),
            *self.turn(equation),
            *(self.made(result, self.circuit[part]) for _, part, result in ways),
        )

    def add_up(self) -> None:
        """Let the two weighed sums meet, and become one."""
        self.meet(
            "+",
            "wx_h",
            "rh_h",
            "a_h",
            title="sum",
            role="ink",
            formula=sum_of("h", cell=self.notation)[1],
            colors=("x", "h_prev"),
        )

    def squash_sum(self) -> None:
        """Send the sum through the function of the cell; the new state comes out."""
        gate = self.circuit["hidden"]
        formula = f"h_t = {gate.function}(a_h)" if gate.function != "relu" else "h_t = max(0, a_h)"
        equation = self.prepare_page("hidden state", "h", ["a_h", "h"], ["→"], formula, ["h"])
        column = self.columns.pop("a_h")
        self.play(
            *self.focus("a_h", "hidden"),
            *self.turn(*equation.operands),
            Ride(column, *self.circuit.route("a_h", "hidden"), run_time=0.6),
        )
        self.play(self.into(column, gate), run_time=0.4)
        self.play(*self.focus("hidden", "h"), self.made("h", gate), *self.write(*equation.result))

    def hand_on(self) -> None:
        """Send the new state out of the cell, and in again where the next word will find it.

        The wire on which it comes in bears its name then: it was that of the old one before.
        """
        equation = self.prepare_page("hidden state", "h", ["h_prev", "h"], ["→"])
        column = self.columns.pop("h")
        self.play(
            *self.focus("h", "h_t"),
            *self.turn(equation),
            Ride(column, *self.circuit.route("h", "out"), leave=True),
        )
        again = self.column("h")
        old, new = self.circuit.respell("h_(t-1)", "h_t")
        way = self.circuit.entries["h_prev"]
        again.move_to((*way[0], 0))
        self.play(
            *self.focus("h", "h_t", "h_prev"),
            Ride(again, *way, run_time=1.0, appear=True),
            FadeOut(old),
            FadeIn(new),
        )

    def history(self, names: Sequence[str]) -> History:
        """Make the band of one reading tall enough to show the size of its values."""
        box = self.layout.whole
        room = Box(box.left, box.right, box.bottom, box.top - 0.7)
        units = [self.units_of(self.now[name]) for name in names]
        return History(
            self.trace,
            names,
            self.now.tick,
            units,
            self.theme,
            room,
            relief=True,
            least=self.layout.least,
        )
