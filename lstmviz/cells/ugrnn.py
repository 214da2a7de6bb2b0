"""The update gate RNN: one gate, one candidate, one state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstmviz.engine.model.cell import cell
from lstmviz.engine.model.functions import sigmoid, tanh
from lstmviz.engine.model.moment import Moment
from lstmviz.engine.model.sketch import Function
from lstmviz.style.notation import Look

if TYPE_CHECKING:
    from lstmviz.stage.circuits.circuit import Circuit
    from lstmviz.style.language import Language
    from lstmviz.style.theme import Theme


def _draw(theme: Theme, language: Language) -> Circuit:
    """One highway, h; below it the candidate and the gate that shares it out."""
    from lstmviz.stage.circuits.circuit import NEAR, Circuit
    from lstmviz.stage.circuits.gate import Gate, Join, Operator

    left, right, enter = -6.95, 2.42, -5.62
    high, blend, row, bus = 1.95, 0.6, -0.36, -1.42
    update, candidate, mix = -3.6, -0.7, 0.88  # from left to right; where both shares meet

    drawn = Circuit(theme, language)
    drawn.gates = {"update": "g", "candidate": "c"}
    drawn.body(-6.15, 1.85, -1.98, 2.55)
    gates = {
        name: Gate(theme, function, at=(x, row), role=role, name=language.word(name))
        for name, function, x, role in (
            ("update", "σ", update, "input"),
            ("candidate", "tanh", candidate, "candidate"),
        )
    }
    rest = Gate(theme, "1−", at=(-1.9, blend), role="input", width=0.66, height=0.46)
    keep = Operator(theme, "×", at=(update, high), role="h")
    write = Operator(theme, "×", at=(mix, blend), role="candidate")
    plus = Operator(theme, "+", at=(mix, high), role="h")

    drawn.wire("h_prev", (left, high), keep.port("left"), role="h")
    drawn.wire("kept", keep.port("right"), plus.port("left"), role="h")
    drawn.wire("h", plus.port("right"), (right, high), role="h")
    drawn.wire("h_prev down", (enter, high), (enter, bus + 0.17), role="h", tip=False)
    drawn.wire("x", (enter, -2.4), (enter, bus - 0.17), role="x", tip=False)
    drawn.feed(gates, enter + 0.17, bus)
    drawn.wire("g", gates["update"].top, keep.port("bottom"), role="input")
    drawn.wire("g to rest", (update, blend), rest.left, role="input")
    drawn.wire("rest", rest.right, write.port("left"), role="input")
    drawn.wire("c", gates["candidate"].right, (mix, row), write.port("bottom"), role="candidate")
    drawn.wire("added", write.port("top"), plus.port("bottom"), role="candidate")
    drawn.branches += [(update, blend)]
    for name, part in (
        *gates.items(),
        ("1−", rest),
        ("keep×", keep),
        ("write×", write),
        ("+", plus),
        ("join", Join(theme, at=(enter, bus))),
    ):
        drawn.put(name, part)
    drawn.label("h_(t-1)", "h_(t-1)", (left + 0.38, high + 0.62), "h")
    drawn.label("h_t", "h_t", (right - 0.24, high + 0.62), "h")
    drawn.label("x_t", "x_t", (enter + 0.45, -2.24), "x")

    drawn.entries = {
        "h_prev": ((left - 0.4, high), (enter, high), (enter, bus + 0.15)),
        "x": ((enter, -2.12), (enter, bus)),
    }
    waits = drawn.waits = {
        "h_prev": (enter, high),
        "g": (update, 0.35),
        "rest": (-0.55, blend),
        "c": (0.42, row),
        "kept": ((update + mix) / 2, high),
        "added": (mix, (high + blend) / 2),
        "h": (1.45, high),
    }
    drawn.routes = {
        ("g", "keep×"): (waits["g"], (update, high - NEAR)),
        ("g", "1−"): (waits["g"], (update, blend), rest.at),
        ("rest", "write×"): (waits["rest"], (mix - NEAR, blend)),
        ("c", "write×"): (waits["c"], (mix, row), (mix, blend - NEAR)),
        ("h_prev", "keep×"): (waits["h_prev"], (update - NEAR, high)),
        ("kept", "+"): (waits["kept"], (mix - NEAR, high)),
        ("added", "+"): (waits["added"], (mix, high - NEAR)),
        ("h", "out"): (waits["h"], (right - 0.1, high)),
        **{
            ("pair", name): ((enter, bus), (gate.at[0], bus), gate.bottom)
            for name, gate in gates.items()
        },
    }
    return drawn


@cell(
    gates="g c",
    state="h",
    label="UGRNN",
    looks={"g": Look("input"), "h": Look(scale="signed")},  # between the old one and c
    circuit=_draw,
)
def ugrnn(t: Moment, sigmoid: Function = sigmoid, tanh: Function = tanh) -> None:
    """Update gate RNN: Collins et al. 2016, Capacity and Trainability in Recurrent Networks."""
    t.g = sigmoid(t.affine("g", t.x, t.h_prev))  # how much of the old output stays
    t.c = tanh(t.affine("c", t.x, t.h_prev))  # the candidate, no state
    t.rest = 1 - t.g  # how much of the candidate enters
    t.kept = t.g * t.h_prev
    t.added = t.rest * t.c
    t.h = t.kept + t.added
