"""The GRU as a circuit, each variant with its own wiring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstmviz.stage.circuit import NEAR, Circuit
from lstmviz.stage.gate import Gate, Join, Operator

if TYPE_CHECKING:
    from lstmviz.stage.language import Language
    from lstmviz.stage.theme import Theme

HIGH, BLEND, ROW = 1.95, 0.5, -0.36
PAST, BUS, FLOOR = -1.04, -1.4, -1.74  # below the gates: r∘h, h with x, x alone
LEFT, RIGHT = -6.95, 2.42
ENTER = -5.62
GATES = {"reset": -4.45, "update": -2.02, "candidate": -0.35}
READINGS = {"reset": "r", "update": "z", "candidate": "n"}
RECALL = -3.0  # where the reset gate meets the past
MIX = 0.95  # where the candidate meets its share, and then the old state


class GruCircuit(Circuit):
    """The GRU: one highway, h; two gates and a candidate.

    `reset_after` says where the reset gate works: on R h, after the product (PyTorch,
    cuDNN, Keras), or on h, before it (Cho et al. 2014). `keeps` says what the update gate z
    near 1 means: the old state stays (PyTorch, Keras, ONNX, Cho et al. 2014) or is replaced
    (Chung et al. 2014).
    """

    def __init__(
        self, theme: Theme, language: Language, *, reset_after: bool = True, keeps: bool = True
    ) -> None:
        super().__init__(theme, language)
        self.gates = dict(READINGS)
        self.body(-6.15, 1.85, -1.98, 2.55)
        gates = {
            name: Gate(
                theme,
                "tanh" if name == "candidate" else "σ",
                at=(x, ROW),
                role={"reset": "forget", "update": "input"}.get(name, name),
                name=language.word(name),
            )
            for name, x in GATES.items()
        }
        update, candidate = GATES["update"], GATES["candidate"]
        keep = Operator(theme, "×", at=(update, HIGH), role="h")
        write = Operator(theme, "×", at=(MIX, BLEND), role="candidate")
        plus = Operator(theme, "+", at=(MIX, HIGH), role="h")
        recall = Operator(theme, "×", at=(RECALL, ROW), role="forget")
        rest = Gate(
            theme,
            "1−",
            at=self.rest_at(keeps=keeps),
            role="input",
            width=0.6,
            height=0.46,
        )
        self.wire("h_prev", (LEFT, HIGH), keep.port("left"), role="h")
        self.wire("kept", keep.port("right"), plus.port("left"), role="h")
        self.wire("h", plus.port("right"), (RIGHT, HIGH), role="h")
        self.wire("h_prev down", (ENTER, HIGH), (ENTER, BUS + 0.17), role="h", tip=False)
        self.wire("x", (ENTER, -2.4), (ENTER, BUS - 0.17), role="x", tip=False)
        self.wire(
            "x on",
            (ENTER, FLOOR),
            (candidate + 0.25, FLOOR),
            (candidate + 0.25, gates["candidate"].bottom[1]),
            role="x",
        )
        self.feed({name: gates[name] for name in ("reset", "update")}, ENTER + 0.17, BUS)
        if reset_after:
            past = Gate(theme, "R_n", at=(RECALL, 1.2), role="h", width=0.66, height=0.46)
            self.wire("h_prev to past", (RECALL, HIGH), past.top, role="h")
            self.wire("past", past.bottom, recall.port("top"), role="h")
        else:
            self.wire("past", (RECALL, HIGH), recall.port("top"), role="h")
        self.wire("r", gates["reset"].right, recall.port("left"), role="forget")
        self.wire(
            "recalled",
            recall.port("bottom"),
            (RECALL, PAST),
            (candidate - 0.25, PAST),
            (candidate - 0.25, gates["candidate"].bottom[1]),
            role="forget",
            hops=((update, PAST),),
        )
        self.wire("n", gates["candidate"].right, (MIX, ROW), write.port("bottom"), role="candidate")
        self.wire("added", write.port("top"), plus.port("bottom"), role="candidate")
        if keeps:
            self.wire("z", gates["update"].top, keep.port("bottom"), role="input")
            self.wire("z to rest", (update, BLEND), rest.left, role="input", tip=False)
            self.wire("rest", rest.right, write.port("left"), role="input")
        else:
            self.wire("z", gates["update"].top, rest.bottom, role="input", tip=False)
            self.wire("z to rest", (update, BLEND), write.port("left"), role="input")
            self.wire("rest", rest.top, keep.port("bottom"), role="input")
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
        self.label("h_(t-1)", "h_(t-1)", (LEFT + 0.38, HIGH + 0.4), "h")
        self.label("h_t", "h_t", (RIGHT - 0.24, HIGH + 0.4), "h")
        self.label("x_t", "x_t", (ENTER + 0.42, -2.22), "x")
        self._journeys(gates, reset_after=reset_after, keeps=keeps)

    @staticmethod
    def rest_at(*, keeps: bool) -> tuple[float, float]:
        """Give the place of the 1 − z: on the way to the candidate, or to the old state."""
        return (-0.62, BLEND) if keeps else (GATES["update"], 1.24)

    def _journeys(self, gates: dict[str, Gate], *, reset_after: bool, keeps: bool) -> None:
        update, candidate = GATES["update"], GATES["candidate"]
        self.entries = {
            "h_prev": ((LEFT - 0.4, HIGH), (ENTER, HIGH), (ENTER, BUS + 0.15)),
            "h_prev on top": ((LEFT - 0.4, HIGH), (-5.05, HIGH)),
            "x": ((ENTER, -2.12), (ENTER, BUS)),
        }
        waits = self.waits = {
            "h_prev": (-5.05, HIGH),
            "r": (-3.565, ROW),
            "past": (RECALL, 0.45),
            "recalled": (-1.16, PAST),
            "z": (update, 0.5),
            "rest": self.rest_at(keeps=keeps),
            "kept": (-0.6, HIGH),
            "n": (0.6, ROW),
            "added": (MIX, (HIGH + BLEND) / 2),
            "h": (1.5, HIGH),
        }
        self.routes = {
            ("r", "recall×"): (waits["r"], (RECALL - NEAR, ROW)),
            ("h_prev", "recall×"): (waits["h_prev"], (RECALL, HIGH), (RECALL, ROW + NEAR)),
            ("h_prev", "past"): (waits["h_prev"], (RECALL, HIGH), (RECALL, 1.2)),
            ("past", "recall×"): (waits["past"], (RECALL, ROW + NEAR)),
            ("recalled", "candidate"): (
                waits["recalled"],
                (candidate - 0.25, PAST),
                (candidate - 0.25, gates["candidate"].bottom[1]),
            ),
            ("x", "candidate"): (
                (ENTER, FLOOR),
                (candidate + 0.25, FLOOR),
                (candidate + 0.25, gates["candidate"].bottom[1]),
            ),
            ("z", "keep×"): (waits["z"], (update, HIGH - NEAR)),
            ("z", "write×"): (waits["z"], (MIX - NEAR, BLEND)),
            ("rest", "write×"): (self.rest_at(keeps=keeps), (MIX - NEAR, BLEND)),
            ("rest", "keep×"): (self.rest_at(keeps=keeps), (update, HIGH - NEAR)),
            ("z", "1−"): (waits["z"], self.rest_at(keeps=keeps)),
            ("h_prev", "keep×"): (waits["h_prev"], (update - NEAR, HIGH)),
            ("kept", "+"): (waits["kept"], (MIX - NEAR, HIGH)),
            ("n", "write×"): (waits["n"], (MIX, ROW), (MIX, BLEND - NEAR)),
            ("added", "+"): (waits["added"], (MIX, HIGH - NEAR)),
            ("h", "out"): (waits["h"], (RIGHT - 0.1, HIGH)),
        }
        for name in ("reset", "update"):
            gate = gates[name]
            self.routes["pair", name] = ((ENTER, BUS), (gate.at[0], BUS), gate.bottom)
