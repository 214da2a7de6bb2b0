"""The simple recurrent network as a circuit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstmviz.stage.circuit import Circuit
from lstmviz.stage.gate import Gate, Join

if TYPE_CHECKING:
    from lstmviz.stage.language import Language
    from lstmviz.stage.theme import Theme

LINE = 0.3
LEFT, RIGHT = -6.95, 2.42
ENTER, WEIGH, GATE = -5.2, -3.2, -0.6


class RnnCircuit(Circuit):
    """The RNN: h and x are joined, weighed (W x + R h + b), and squashed into the new h."""

    def __init__(self, theme: Theme, language: Language, *, function: str = "tanh") -> None:
        super().__init__(theme, language)
        self.gates = {"hidden": "h"}
        self.body(-6.15, 1.85, -1.55, 2.15)
        weigh = Gate(
            theme,
            "W x + R h + b",
            at=(WEIGH, LINE),
            role="ink",
            name=language.word("weigh"),
            width=2.4,
            height=1.05,
        )
        gate = Gate(
            theme,
            function,
            at=(GATE, LINE),
            role="h",
            name=language.word("squash"),
            width=1.3,
            height=1.05,
        )
        self.wire("h_prev", (LEFT, LINE), (ENTER - 0.17, LINE), role="h", tip=False)
        self.wire("x", (ENTER, -2.4), (ENTER, LINE - 0.17), role="x", tip=False)
        self.wire("weigh up", (ENTER + 0.17, LINE), weigh.left)
        self.wire("a_h", weigh.right, gate.left)
        self.wire("h", gate.right, (RIGHT, LINE), role="h")
        self.put("weigh", weigh)
        self.put("hidden", gate)
        self.put("join", Join(theme, at=(ENTER, LINE)))
        self.label("h_(t-1)", "h_(t-1)", (LEFT + 0.38, LINE + 0.4), "h")
        self.label("h_t", "h_t", (RIGHT - 0.24, LINE + 0.4), "h")
        self.label("x_t", "x_t", (ENTER + 0.42, -2.0), "x")
        self.entries = {
            "h_prev": ((LEFT - 0.4, LINE), (ENTER - 0.12, LINE)),
            "x": ((ENTER, -2.12), (ENTER, LINE)),
        }
        middle = (weigh.right[0] + gate.left[0]) / 2
        self.waits = {"a_h": (middle, LINE), "h": (0.75, LINE)}
        self.routes = {
            ("pair", "weigh"): ((ENTER, LINE), weigh.left),
            ("a_h", "hidden"): ((middle, LINE), gate.left),
            ("h", "out"): ((0.75, LINE), (RIGHT - 0.1, LINE)),
        }
