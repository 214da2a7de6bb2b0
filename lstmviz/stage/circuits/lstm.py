"""The LSTM as a circuit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstmviz.stage.circuits.circuit import NEAR, Circuit
from lstmviz.stage.circuits.gate import Gate, Join, Operator

if TYPE_CHECKING:
    from lstmviz.style.language import Language
    from lstmviz.style.theme import Theme

HIGH, UPPER, MIDDLE, ROW, BUS = 1.95, 1.03, 0.6, -0.42, -1.42
LEFT, RIGHT = -6.95, 2.42
ABOVE = 0.64  # a column passes under a symbol that stands this far above its wire
ENTER, LAST = -5.62, 1.3  # where x comes up; where c is shown
GATES = {"forget": -4.47, "input": -3.14, "candidate": -1.66, "output": -0.11}
WIDTHS = {"forget": 1.26, "input": 1.2, "candidate": 1.56, "output": 1.34}
READINGS = {"forget": "f", "input": "i", "candidate": "g", "output": "o"}


class LstmCircuit(Circuit):
    """The LSTM: the cell state rides on top, h comes in below, three gates and a candidate.

    With `peepholes`, the gates also see the cell state: forget and input the old one, the
    output gate the new one (Gers, Schraudolph and Schmidhuber 2002). A `coupled` cell has no
    forget gate of its own: it forgets 1 − i (Greff et al. 2015). A `projected` one weighs its
    output once more, to fewer units (Sak, Senior and Beaufays 2014).
    """

    def __init__(
        self,
        theme: Theme,
        language: Language,
        *,
        peepholes: bool = False,
        coupled: bool = False,
        projected: bool = False,
    ) -> None:
        super().__init__(theme, language)
        self.gates = {
            name: reading
            for name, reading in READINGS.items()
            if not (coupled and name == "forget")
        }
        self.body(-6.15, 1.85, -1.95, 2.55)
        gates = {
            name: Gate(
                theme,
                "tanh" if name == "candidate" else "σ",
                at=(x, ROW),
                role=name,
                name=language.label(name),
                width=WIDTHS[name],
            )
            for name, x in GATES.items()
            if name in self.gates
        }
        half = (GATES["input"] + GATES["candidate"]) / 2
        show = Gate(theme, "tanh", at=(LAST, UPPER), role="h", width=0.94, height=0.56)
        forget = Operator(theme, "×", at=(GATES["forget"], HIGH), role="c")
        plus = Operator(theme, "+", at=(half, HIGH), role="c")
        write = Operator(theme, "×", at=(half, MIDDLE), role="input")
        output = Operator(theme, "×", at=(LAST, ROW), role="h")

        self.wire("c_prev", (LEFT, HIGH), forget.port("left"), role="c")
        self.wire("kept", forget.port("right"), plus.port("left"), role="c")
        self.wire("c", plus.port("right"), (RIGHT, HIGH), role="c")
        self.wire("c down", (LAST, HIGH), show.top, role="c")
        self.wire("h_prev", (LEFT, BUS), (ENTER - 0.17, BUS), role="h", tip=False)
        self.wire("x", (ENTER, -2.4), (ENTER, BUS - 0.17), role="x", tip=False)
        self.feed(gates, ENTER + 0.17, BUS)
        self.branches.append((LAST, HIGH))
        rest = Gate(
            theme, "1−", at=(GATES["forget"], MIDDLE), role="forget", width=0.62, height=0.46
        )
        source = rest if coupled else gates["forget"]
        self.wire("f", source.top, forget.port("bottom"), role="forget")
        if coupled:
            self.wire("i to rest", (GATES["input"], MIDDLE), rest.right, role="input")
        self.wire(
            "i", gates["input"].top, (GATES["input"], MIDDLE), write.port("left"), role="input"
        )
        self.wire(
            "g",
            gates["candidate"].top,
            (GATES["candidate"], MIDDLE),
            write.port("right"),
            role="candidate",
        )
        self.wire("added", write.port("top"), plus.port("bottom"), role="input")
        self.wire("o", gates["output"].right, output.port("left"), role="output")
        self.wire("shown", show.bottom, output.port("top"), role="h")
        weigh = Gate(theme, "W_h", at=(LAST, -1.03), role="h", width=0.86, height=0.54)
        if projected:
            self.wire("full", output.port("bottom"), weigh.top, role="h", tip=False)
        leave = weigh.bottom if projected else output.port("bottom")
        self.wire("h", leave, (LAST, BUS), (RIGHT, BUS), role="h")
        if peepholes and coupled:
            self.branches += [(-5.3, HIGH), (GATES["output"], HIGH)]
            self.wire("peep i", (-5.3, HIGH), (-5.3, ROW), gates["input"].left, role="c")
            self.wire("peep o", (GATES["output"], HIGH), gates["output"].top, role="c")
        elif peepholes:
            self._peepholes(gates)
        for name, gate in gates.items():
            self.put(name, gate)
        if coupled:
            self.put("1−", rest)
        if projected:
            self.put("project", weigh)
        self.put("show", show)
        self.put("forget×", forget)
        self.put("write×", write)
        self.put("+", plus)
        self.put("output×", output)
        self.put("join", Join(theme, at=(ENTER, BUS)))
        self.label("c_(t-1)", "c_(t-1)", (LEFT + 0.38, HIGH + ABOVE), "c")
        self.label("c_t", "c_t", (RIGHT - 0.24, HIGH + ABOVE), "c")
        self.label("h_(t-1)", "h_(t-1)", (LEFT + 0.38, BUS + ABOVE), "h")
        self.label("h_t", "h_t", (RIGHT - 0.24, BUS + ABOVE), "h")
        self.label("x_t", "x_t", (ENTER + 0.42, -2.22), "x")
        self._journeys(gates, half)
        if coupled:
            self.waits["f"] = (GATES["forget"], 1.22)
            self.routes["f", "forget×"] = (self.waits["f"], (GATES["forget"], HIGH - NEAR))
        if projected:
            self.waits["h"] = (RIGHT - 0.3, BUS)
            self.routes["h", "out"] = (self.waits["h"], (RIGHT - 0.1, BUS))

    def feeding(self, gate: str) -> list[str]:
        """Name the wires to a gate, the way of the old cell state to its peephole among them."""
        shared = ["peep"] if "peep" in self.parts and gate in {"forget", "input"} else []
        return [*super().feeding(gate), *shared]

    def _peepholes(self, gates: dict[str, Gate]) -> None:
        tap, low, beside = -5.3, 0.4, 0.4
        forget, write = (GATES[name] - beside for name in ("forget", "input"))
        top = gates["input"].top[1]
        fork = (forget - 0.22, low)
        self.branches += [(tap, HIGH), fork, (GATES["output"], HIGH)]
        self.wire("peep", (tap, HIGH), (tap, low), fork, role="c", tip=False)
        self.wire("peep f", fork, (forget, low), (forget, top), role="c")
        self.wire(
            "peep i",
            fork,
            (write, low),
            (write, top),
            role="c",
            hops=((GATES["forget"], low),),
        )
        self.wire("peep o", (GATES["output"], HIGH), gates["output"].top, role="c")

    def _journeys(self, gates: dict[str, Gate], half: float) -> None:
        self.entries = {
            "c_prev": ((LEFT - 0.5, HIGH), (-5.42, HIGH)),
            "h_prev": ((LEFT - 0.4, BUS), (ENTER - 0.12, BUS)),
            "x": ((ENTER, -2.12), (ENTER, BUS)),
        }
        waits = self.waits = {
            "c_prev": (-5.42, HIGH),
            "f": (GATES["forget"], 0.66),
            "kept": (half - 1.05, HIGH),
            "i": (GATES["input"], 0.54),
            "g": (GATES["candidate"], 0.54),
            "added": (half, (HIGH + MIDDLE) / 2),
            "c": (-0.75, HIGH),
            "o": (0.79, ROW),
            "shown": (LAST, 0.34),
            "h": (LAST, -1.08),
        }
        self.routes = {
            ("c_prev", "forget×"): (waits["c_prev"], (GATES["forget"] - NEAR, HIGH)),
            ("f", "forget×"): (waits["f"], (GATES["forget"], HIGH - NEAR)),
            ("kept", "+"): (waits["kept"], (half - NEAR, HIGH)),
            ("i", "write×"): (waits["i"], (GATES["input"], MIDDLE), (half - NEAR, MIDDLE)),
            ("g", "write×"): (waits["g"], (GATES["candidate"], MIDDLE), (half + NEAR, MIDDLE)),
            ("added", "+"): (waits["added"], (half, HIGH - NEAR)),
            ("c", "show"): (waits["c"], (LAST, HIGH), (LAST, UPPER + 0.4)),
            ("c", "out"): (waits["c"], (RIGHT - 0.1, HIGH)),
            ("shown", "output×"): (waits["shown"], (LAST, ROW + NEAR)),
            ("o", "output×"): (waits["o"], (LAST - NEAR, ROW)),
            ("h", "out"): (waits["h"], (LAST, BUS), (RIGHT - 0.1, BUS)),
        }
        for name, gate in gates.items():
            self.routes["pair", name] = ((ENTER, BUS), (gate.at[0], BUS), gate.bottom)
