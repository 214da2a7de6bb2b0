"""The minimal gated unit of Zhou et al. 2016: a cell, its circuit, and a story about it."""

from lstmviz import Look, Moment, cell, sigmoid, tanh
from lstmviz.stage import CellStory, Circuit, Gate, Join, Language, Operator, Theme


class MguCircuit(Circuit):
    """One highway, one gate, one candidate."""

    def __init__(self, theme: Theme, language: Language) -> None:
        super().__init__(theme, language)
        self.gates = {"forget": "f", "candidate": "n"}
        left, right, high, row, bus, floor = -6.95, 2.42, 1.95, -0.36, -1.4, -1.74
        self.body(-6.15, 1.85, -1.98, 2.55)
        forget = Gate(theme, "σ", at=(-4.1, row), role="forget", name=language.word("forget"))
        candidate = Gate(
            theme, "tanh", at=(-0.6, row), role="candidate", name=language.word("candidate")
        )
        seen = Operator(theme, "×", at=(-2.5, row), role="forget")
        keep = Operator(theme, "×", at=(-1.6, high), role="h")
        write = Operator(theme, "×", at=(0.95, 0.5), role="candidate")
        plus = Operator(theme, "+", at=(0.95, high), role="h")
        rest = Gate(theme, "1−", at=(-1.6, 1.22), role="forget", width=0.6, height=0.46)
        self.wire("h_prev", (left, high), keep.port("left"), role="h")
        self.wire("old", keep.port("right"), plus.port("left"), role="h")
        self.wire("h", plus.port("right"), (right, high), role="h")
        self.wire("h_prev down", (-5.62, high), (-5.62, bus + 0.17), role="h", tip=False)
        self.wire("h_prev in", (-2.5, high), seen.port("top"), role="h", hops=((-2.5, 0.5),))
        self.wire("x", (-5.62, -2.4), (-5.62, bus - 0.17), role="x", tip=False)
        self.wire("x on", (-5.62, floor), (-0.6, floor), candidate.bottom, role="x")
        self.wire("forget up", (-5.45, bus), (-4.1, bus), forget.bottom)
        self.wire("f", forget.right, seen.port("left"), role="forget")
        self.wire("f on", forget.top, (-4.1, 0.5), write.port("left"), role="forget")
        self.wire("f up", (-1.6, 0.5), rest.bottom, role="forget", tip=False)
        self.wire("rest", rest.top, keep.port("bottom"), role="forget")
        self.wire("seen", seen.port("right"), candidate.left, role="forget")
        self.wire("n", candidate.right, (0.95, row), write.port("bottom"), role="candidate")
        self.wire("new", write.port("top"), plus.port("bottom"), role="candidate")
        for name, part in {
            "forget": forget,
            "candidate": candidate,
            "seen×": seen,
            "keep×": keep,
            "write×": write,
            "+": plus,
            "1−": rest,
        }.items():
            self.put(name, part)
        self.put("join", Join(theme, at=(-5.62, bus)))
        self.label("h_(t-1)", "h_(t-1)", (left + 0.38, high + 0.4), "h")
        self.label("h_t", "h_t", (right - 0.24, high + 0.4), "h")
        self.label("x_t", "x_t", (-5.2, -2.22), "x")
        self.entries = {
            "h_prev": ((left - 0.4, high), (-5.62, high), (-5.62, bus + 0.15)),
            "x": ((-5.62, -2.12), (-5.62, bus)),
        }
        self.waits = {"f": (-3.14, row), "n": (0.48, row), "h": (1.54, high)}
        self.routes = {("pair", "forget"): ((-5.62, bus), (-4.1, bus), forget.bottom)}


@cell(
    gates="f n",
    state="h",
    label="MGU",
    looks={"f": Look("forget"), "seen": Look("forget"), "n": Look("candidate")},
    circuit=MguCircuit,
)
def mgu(t: Moment) -> None:
    """Minimal gated unit: Zhou et al. 2016, Minimal Gated Unit for Recurrent Neural Networks."""
    t.f = sigmoid(t.affine("f", t.x, t.h_prev))  # the only gate
    t.seen = t.f * t.h_prev  # what the candidate sees of the past
    t.n = tanh(t.affine("n", t.x, t.seen))
    t.old = (1 - t.f) * t.h_prev
    t.new = t.f * t.n
    t.h = t.old + t.new


class MinimalGatedUnit(CellStory):
    """The minimal gated unit: one gate that forgets and writes."""

    needs = ("f", "n", "wx_f", "rh_f", "a_f")
    cell = mgu

    def construct(self) -> None:
        """Follow one word to the gate, and the gate over all words."""
        with self.step("join", "The old state and “{word}” meet in front of the only gate."):
            self.gather()
        with self.step("weigh", "Weights and a bias make one sum of them for each unit."):
            self.weigh("forget")
        with self.step("squash", "σ turns it into the gate f."):
            self.squash("forget")
        with self.step(
            "new", "Where f is 1 the candidate n takes over; where it is 0, the old stays."
        ):
            page = self.prepare_page("old and new", "candidate", ["old", "new", "h"], ["+", "="])
            self.play(
                *self.place("n", "h"),
                *self.turn(page),
                *self.focus(
                    "f on",
                    "f up",
                    "rest",
                    "1−",
                    "keep×",
                    "old",
                    "candidate",
                    "n",
                    "write×",
                    "new",
                    "+",
                    "h",
                ),
            )
        with self.step("history", "Over the whole input: f near 1 writes h anew."):
            self.show_history(["f", "h"], "forget gate", "forget")
