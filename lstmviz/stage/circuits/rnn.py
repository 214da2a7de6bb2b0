"""The simple recurrent network as a circuit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstmviz.stage.circuits.circuit import NEAR, Circuit
from lstmviz.stage.circuits.gate import Gate, Operator

if TYPE_CHECKING:
    from lstmviz.style.language import Language
    from lstmviz.style.theme import Theme

HIGH, LINE, LOW = 1.62, 0.3, -1.02  # h and its weights; the sum and the new h; x and its weights
LEFT, RIGHT = -6.95, 2.42
ENTER, WEIGH, SUM, GATE = -5.5, -4.02, -1.95, -0.2
WIDE = 2.3  # of a box that weighs


class RnnCircuit(Circuit):
    """The RNN: h and x are weighed, each by weights of its own, added, and squashed.

    The weights of h are R, those of x are W, with the bias b: the sum is W x + b + R h. It is
    what other pictures write as one product with h and x put side by side; a network with a
    second bias adds it to R h. `brief` leaves only the names of the weights in their boxes.
    """

    def __init__(
        self, theme: Theme, language: Language, *, function: str = "tanh", brief: bool = False
    ) -> None:
        super().__init__(theme, language)
        self.gates = {"hidden": "h"}
        self.products = {} if brief else {"weigh h": "rh_h", "weigh x": "wx_h"}
        self.body(-6.15, 1.85, -1.95, 2.55)
        weigh = language.label("weigh")
        past = Gate(
            theme,
            "R" if brief else "R h_(t-1)",
            at=(WEIGH, HIGH),
            role="h",
            name=weigh,
            width=WIDE,
            height=1.1,
        )
        new = Gate(
            theme,
            "W" if brief else "W x_t + b",
            at=(WEIGH, LOW),
            role="x",
            name=weigh,
            width=WIDE,
            height=1.1,
        )
        plus = Operator(theme, "+", at=(SUM, LINE), role="h")
        gate = Gate(
            theme,
            function,
            at=(GATE, LINE),
            role="h",
            name=language.label("squash" if function == "tanh" else "rectify"),
            width=1.5,
            height=1.1,
        )
        self.wire("h_prev", (LEFT, HIGH), past.left, role="h")
        self.wire("x", (ENTER, -2.4), (ENTER, LOW), new.left, role="x")
        self.wire("rh_h", past.right, (SUM, HIGH), plus.port("top"), role="h")
        self.wire("wx_h", new.right, (SUM, LOW), plus.port("bottom"), role="x")
        self.wire("a_h", plus.port("right"), gate.left)
        self.wire("h", gate.right, (RIGHT, LINE), role="h")
        self.put("weigh h", past)
        self.put("weigh x", new)
        self.put("hidden", gate)
        self.put("+", plus)
        self.label("h_(t-1)", "h_(t-1)", (LEFT + 0.38, HIGH + 0.4), "h")
        self.label("h_t", "h_t", (RIGHT - 0.24, LINE + 0.4), "h")
        self.label("x_t", "x_t", (ENTER + 0.42, -2.22), "x")
        self.entries = {
            "h_prev": ((LEFT - 0.4, HIGH), (ENTER, HIGH)),
            "x": ((ENTER, -2.12), (ENTER, -1.25)),
        }
        waits = self.waits = {
            "rh_h": (-2.45, HIGH),
            "wx_h": (-2.45, LOW),
            "a_h": (-1.3, LINE),
            "h": (0.98, LINE),
        }
        self.routes = {
            ("h_prev", "weigh h"): ((ENTER, HIGH), past.left),
            ("x", "weigh x"): ((ENTER, -1.25), (ENTER, LOW), new.left),
            ("rh_h", "+"): (waits["rh_h"], (SUM, HIGH), (SUM, LINE + NEAR)),
            ("wx_h", "+"): (waits["wx_h"], (SUM, LOW), (SUM, LINE - NEAR)),
            ("a_h", "hidden"): (waits["a_h"], gate.left),
            ("h", "out"): (waits["h"], (RIGHT - 0.1, LINE)),
        }

    def layer_of(self, gate: str) -> tuple[str, ...]:
        """Name the boxes of both products, and the operator that adds them up."""
        return ("weigh h", "weigh x", "+")
