"""The GRU as a circuit, each variant with its own wiring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstmviz.stage.circuits.circuit import NEAR, Circuit
from lstmviz.stage.circuits.gate import Gate, Join, Operator
from lstmviz.stage.mobjects.lightable import Lightable
from lstmviz.stage.text.text import TextLine, text_width

if TYPE_CHECKING:
    from lstmviz.style.language import Language
    from lstmviz.style.theme import Theme

HIGH, UPPER, BLEND, ROW = 1.95, 1.2, 0.54, -0.42
PAST, BUS, FLOOR = -1.13, -1.42, -1.75  # below the gates: what r lets in, h with x, x alone
LEFT, RIGHT = -6.95, 2.42
ENTER, TAP = -5.7, -5.2  # where h branches off to the gates, and to its own candidate
WIDTHS = {"reset": 1.16, "update": 1.3, "candidate": 1.56}
LETTERS = 0.3  # the em of the line below the body
GATES = {"reset": -3.46, "update": -1.87, "candidate": -0.36}
READINGS = {"reset": "r", "update": "z", "candidate": "n"}
AROUND = -2.7  # where what is recalled comes down to the candidate
SIDE = 0.2  # the two ways into the candidate stand so far from its middle
MIX = 0.88  # where the candidate meets its share, and then the old state


class GruCircuit(Circuit):
    """The GRU: one highway, h; two gates and a candidate.

    `reset_after` says where the reset gate works: on R h, after the product (PyTorch,
    cuDNN, Keras), or on h, before it (Cho et al. 2014). `keeps` says what the update gate z
    near 1 means: the old state stays (PyTorch, Keras, ONNX, Cho et al. 2014) or is replaced
    (Chung et al. 2014). Below the body stands which of them it is.
    """

    def __init__(
        self, theme: Theme, language: Language, *, reset_after: bool = True, keeps: bool = True
    ) -> None:
        super().__init__(theme, language)
        self.gates = dict(READINGS)
        self.reset_after, self.keeps = reset_after, keeps
        self.highway = ((LEFT, HIGH), (RIGHT, HIGH))
        self.body(-6.15, 1.85, -1.98, 2.55)
        gates = {
            name: Gate(
                theme,
                "tanh" if name == "candidate" else "σ",
                at=(x, ROW),
                role={"reset": "forget", "update": "input"}.get(name, name),
                name=language.label(name),
                width=WIDTHS[name],
            )
            for name, x in GATES.items()
        }
        reset, update, candidate = GATES.values()
        keep = Operator(theme, "×", at=(update if keeps else -0.7, HIGH), role="h")
        write = Operator(theme, "×", at=(MIX, BLEND), role="candidate")
        plus = Operator(theme, "+", at=(MIX, HIGH), role="h")
        recall = Operator(theme, "×", at=(reset, UPPER), role="forget")
        rest = Gate(
            theme,
            "1−",
            at=(-1.07, BLEND) if keeps else (update, 1.18),
            role="input",
            width=0.74,
            height=0.5,
        )
        self.wire("h_prev", (LEFT, HIGH), keep.port("left"), role="h")
        self.wire("kept", keep.port("right"), plus.port("left"), role="h")
        self.wire("h", plus.port("right"), (RIGHT, HIGH), role="h")
        self.wire("h_prev down", (ENTER, HIGH), (ENTER, BUS + 0.17), role="h", tip=False)
        self.wire("x", (ENTER, -2.4), (ENTER, BUS - 0.17), role="x", tip=False)
        self.wire(
            "x on",
            (ENTER, FLOOR),
            (candidate + SIDE, FLOOR),
            (candidate + SIDE, gates["candidate"].bottom[1]),
            role="x",
        )
        self.feed({name: gates[name] for name in ("reset", "update")}, ENTER + 0.17, BUS)
        start: tuple[tuple[float, float], ...] = ((TAP, HIGH), (TAP, UPPER))
        if reset_after:
            past = Gate(theme, "R_n", at=(-4.68, UPPER), role="h", width=0.74, height=0.56)
            start = (past.right,)
            self.wire("h_prev to past", (TAP, HIGH), (TAP, UPPER), past.left, role="h")
            self.wire("past", past.right, recall.port("left"), role="h")
        else:
            self.wire("h_prev to recall", (TAP, HIGH), (TAP, UPPER), recall.port("left"), role="h")
        self.wire("r", gates["reset"].top, recall.port("bottom"), role="forget")
        self.hops = ((update, PAST),)
        around = (
            (AROUND, UPPER),
            (AROUND, PAST),
            (candidate - SIDE, PAST),
            (candidate - SIDE, gates["candidate"].bottom[1]),
        )
        self.unguarded = (*start, *around)
        self.wire("recalled", recall.port("right"), *around, role="forget", hops=self.hops)
        self.wire("n", gates["candidate"].right, (MIX, ROW), write.port("bottom"), role="candidate")
        self.wire("added", write.port("top"), plus.port("bottom"), role="candidate")
        if keeps:
            self.wire("z", gates["update"].top, keep.port("bottom"), role="input")
            self.wire("z to rest", (update, BLEND), rest.left, role="input")
            self.wire("rest", rest.right, write.port("left"), role="input")
        else:
            self.wire("z to rest", gates["update"].top, rest.bottom, role="input")
            self.wire("z", (update, BLEND), write.port("left"), role="input")
            self.wire(
                "rest", rest.right, (keep.at[0], rest.at[1]), keep.port("bottom"), role="input"
            )
        for name, gate in gates.items():
            self.put(name, gate)
        if reset_after:
            self.put("past box", past)
        self.put("1−", rest)
        self.put("recall×", recall)
        self.put("keep×", keep)
        self.put("write×", write)
        self.put("+", plus)
        self.put("join", Join(theme, at=(ENTER, BUS)))
        self.label("h_(t-1)", "h_(t-1)", (LEFT + 0.34, HIGH + 0.4), "h")
        self.label("h_t", "h_t", (RIGHT - 0.24, HIGH + 0.4), "h")
        self.label("x_t", "x_t", (ENTER + 0.45, -2.24), "x")
        self._signature(reset_after=reset_after, keeps=keeps)
        self._journeys(gates, keep, rest, reset_after=reset_after, keeps=keeps)

    def _signature(self, *, reset_after: bool, keeps: bool) -> None:
        """Say below the body which of the published GRUs this is."""
        blend = "(1 - z_t) dot.o n_t + z_t dot.o h_(t-1)"
        if not keeps:
            blend = "(1 - z_t) dot.o h_(t-1) + z_t dot.o n_t"
        self.variant = f"h_t = {blend}"
        key = "after" if reset_after else "before" if keeps else "chung"
        part = Lightable(self.theme)
        begin = ENTER + 0.9
        text = self.language.word(f"reset {key}")
        size = min(LETTERS, (RIGHT - begin) / text_width(text, 1.0))
        line = TextLine(text, size=size, at=(begin, -2.24), align="left")
        shade = self.theme.readable(self.theme.faint, self.theme.background)
        part.ink(line, shade, "text", shade)
        self.put("signature", part)

    def _journeys(
        self,
        gates: dict[str, Gate],
        keep: Operator,
        rest: Gate,
        *,
        reset_after: bool,
        keeps: bool,
    ) -> None:
        reset, update, candidate = GATES.values()
        self.entries = {
            "h_prev": ((LEFT + 0.94, HIGH), (ENTER, HIGH), (ENTER, BUS + 0.15)),
            "h_prev on top": ((LEFT + 0.94, HIGH), (ENTER, HIGH)),
            "x": ((ENTER, -2.12), (ENTER, BUS)),
        }
        waits = self.waits = {
            "h_prev": (ENTER, HIGH),
            "x": (ENTER, BUS),
            "r": (reset, 0.54),
            "past": (-4.1, UPPER),
            "recalled": (AROUND, 0.56),
            "z": (update, 0.56),
            "rest": (-0.35, BLEND) if keeps else (-1.15, rest.at[1]),
            "kept": ((keep.at[0] + MIX) / 2, HIGH),
            "n": (0.7, ROW),
            "added": (MIX, (HIGH + BLEND) / 2),
            "h": (1.45, HIGH),
        }
        tap = (waits["h_prev"], (TAP, HIGH), (TAP, UPPER))
        up = (candidate - SIDE, gates["candidate"].bottom[1])
        right = (candidate + SIDE, gates["candidate"].bottom[1])
        self.routes = {
            ("r", "recall×"): (waits["r"], (reset, UPPER - NEAR)),
            ("h_prev", "recall×"): (*tap, (reset - NEAR, UPPER)),
            ("h_prev", "past box"): (*tap, (-4.68, UPPER)),
            ("past", "recall×"): (waits["past"], (reset - NEAR, UPPER)),
            ("recalled", "candidate"): (
                waits["recalled"],
                (AROUND, PAST),
                (candidate - SIDE, PAST),
                up,
            ),
            ("x", "candidate"): ((ENTER, FLOOR), (candidate + SIDE, FLOOR), right),
            ("z", "keep×"): (waits["z"], (update, HIGH - NEAR)),
            ("z", "write×"): (waits["z"], (MIX - NEAR, BLEND)),
            ("z", "1−"): (waits["z"], rest.at),
            ("rest", "write×"): (waits["rest"], (MIX - NEAR, BLEND)),
            ("rest", "keep×"): (
                waits["rest"],
                (keep.at[0], rest.at[1]),
                (keep.at[0], HIGH - NEAR),
            ),
            ("h_prev", "keep×"): (waits["h_prev"], (keep.at[0] - NEAR, HIGH)),
            ("kept", "+"): (waits["kept"], (MIX - NEAR, HIGH)),
            ("n", "write×"): (waits["n"], (MIX, ROW), (MIX, BLEND - NEAR)),
            ("added", "+"): (waits["added"], (MIX, HIGH - NEAR)),
            ("h", "out"): (waits["h"], (RIGHT - 0.1, HIGH)),
        }
        for name in ("reset", "update"):
            gate = gates[name]
            self.routes["pair", name] = ((ENTER, BUS), (gate.at[0], BUS), gate.bottom)
