"""How a recorded name is written and drawn: its symbol, its colour role, its scale, its digits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

MINUS = "\N{MINUS SIGN}"

Scale = Literal["gate", "signed", "free"]
"""gate: 0 … 1; signed: −1 … 1; free: any number (pre-activations, a cell state)."""


@dataclass(frozen=True)
class Quantity:
    """What a viewer must know of a name in a trace: how it is written, coloured and scaled."""

    name: str
    symbol: str  # in Typst's maths, e.g. "c_(t-1)"
    role: str  # a colour of the theme
    scale: Scale

    @property
    def is_gate(self) -> bool:
        """Whether the values lie between 0 and 1 and are written without a sign."""
        return self.scale == "gate"


_ROLES = {
    "f": "forget",
    "r": "forget",
    "i": "input",
    "z": "input",
    "g": "candidate",
    "n": "candidate",
    "o": "output",
}
_GATES = frozenset("firzo")
_SIGNED = frozenset({"g", "n", "h", "h_prev", "shown"})
_PEEPHOLES = {"lstm-peephole", "lstm-coupled-peephole"}
_PRODUCTS = {  # name -> {state it feeds: how it is written}
    "kept": {"c": "f_t dot.o c_(t-1)", "h": "z_t dot.o h_(t-1)"},
    "added": {"c": "i_t dot.o g_t", "h": "(1 - z_t) dot.o n_t"},
    "shown": {"c": "tanh(c_t)"},
    "recalled": {"h": "r_t dot.o h_(t-1)"},
    "past": {"h": "R_n h_(t-1)"},
}


def quantity(name: str, *, cell: str = "lstm") -> Quantity:
    """Say how a recorded name is drawn in a cell; unknown names get a plain symbol.

    `name` is a name of a trace (`"f"`, `"c_prev"`, `"a_f"`), `cell` the cell's name:
    a product is written by what it is made of there.
    """
    state = "c" if cell.startswith("lstm") else "h"
    before, _, gate = name.partition("_")
    if gate and before in {"a", "wx", "rh", "pc"}:
        of = "" if gate == "h" else f"_{gate}"  # an RNN has one W, R and b
        symbol = {
            "a": f"a_{gate}",
            "wx": f"W{of} x_t + b{of}",
            "rh": f"R{of} (r_t dot.o h_(t-1))" if gate == "n" else f"R{of} h_(t-1)",
            "pc": f"p_{gate} dot.o " + ("c_t" if gate == "o" else "c_(t-1)"),
        }[before]
        role = {"a": _ROLES.get(gate, "h"), "wx": "x", "rh": "h", "pc": "c"}[before]
        return Quantity(name, symbol, role, "free")
    if gate == "prev":
        return Quantity(
            name,
            f"{before}_(t-1)",
            before if before in {"h", "c"} else "h",
            "signed" if before == "h" else "free",
        )
    if name in _PRODUCTS:
        symbol = _PRODUCTS[name].get(state, name)
        if cell == "gru-chung" and name in {"kept", "added"}:
            symbol = {"kept": "(1 - z_t) dot.o h_(t-1)", "added": "z_t dot.o n_t"}[name]
        if cell == "gru" and name == "recalled":
            symbol = "r_t dot.o R_n h_(t-1)"
        added = "input" if state == "c" else "candidate"
        role = {"kept": state, "added": added, "shown": "h", "past": "h"}.get(name, "forget")
        return Quantity(name, symbol, role, "signed" if name == "shown" else "free")
    if name == "rest":
        return Quantity(name, "1 - z_t", "input", "gate")
    if name in _GATES:
        return Quantity(name, f"{name}_t", _ROLES[name], "gate")
    if name == "h" and cell == "rnn-relu":
        return Quantity(name, "h_t", "h", "free")
    scale: Scale = "signed" if name in _SIGNED else "free"
    symbol = f"{name}_t" if len(name) == 1 else f'"{name}"'
    role = _ROLES.get(name, name if name in {"x", "h", "c"} else "ink")
    return Quantity(name, symbol, role, scale)


def shown(value: float, scale: Scale = "signed", digits: int = 2) -> str:
    """Write a number as the pictures show it: `0.97` for a gate, `+0.92` or `−0.35` otherwise.

    A minus is a real minus sign; what rounds to zero has no sign; a number too long for a
    box loses digits, then goes to powers of ten.
    """
    if not math.isfinite(value):
        return "∞" if value == math.inf else MINUS + "∞" if value == -math.inf else "?"
    size = abs(value)
    if size >= 99_999.5:
        mantissa, _, exponent = f"{size:.1e}".partition("e")
        text = f"{mantissa}e{int(exponent)}"
    else:
        room = digits if size < 9.995 else max(digits - 1, 0) if size < 99.95 else 0
        text = f"{size:.{room}f}"
        if float(text) == 0:
            return text
    sign = MINUS if value < 0 else "" if scale == "gate" else "+"
    return sign + text


def written(token: str, kind: str) -> str:
    """Write what stands at a tick: a word as it is, a number with a real minus sign."""
    return token.replace("-", MINUS) if kind == "numbers" else token


def read_back(text: str) -> float:
    """Give the number that a shown text stands for (the inverse of `shown`)."""
    return float(text.replace(MINUS, "-").replace("∞", "inf"))


def holds(operator: str, operands: Sequence[str], result: str) -> bool:
    """Tell whether a product or sum is right *as shown*, digit for digit.

    Where it is not, each number was rounded by itself.
    """
    values = [read_back(text) for text in operands]
    exact = math.prod(values) if operator == "×" else math.fsum(values)
    decimals = len(result.partition(".")[2])
    return bool(abs(exact - read_back(result)) <= 0.5 * 10**-decimals + 1e-12)


def equals(operator: str, rows: Iterable[Sequence[str]]) -> str:
    """Give the sign before a column of results: `=`, or `≈` where a row does not hold as shown.

    Each row has the operands and the result. All rows get the same sign: one `≈` among `=`
    would look as if that unit were computed otherwise.
    """
    return "=" if all(holds(operator, row[:-1], row[-1]) for row in rows) else "≈"


def sum_of(gate: str, *, cell: str = "lstm") -> tuple[tuple[str, ...], str]:
    """Say what a gate's pre-activation is the sum of: the readings, and the formula.

    `gate` is the name of its reading (`"f"`). A GRU that resets after the product adds
    what it recalls; a peephole adds a look at the cell state.
    """
    if (cell, gate) == ("gru", "n"):
        return ("wx_n", "recalled"), "a_n = W_n x_t + b_n + r_t dot.o (R_n h_(t-1))"
    past = "(r_t dot.o h_(t-1))" if gate == "n" else "h_(t-1)"
    parts: tuple[str, ...] = (f"wx_{gate}", f"rh_{gate}")
    formula = f"a_{gate} = W_{gate} x_t + R_{gate} {past} + b_{gate}"
    if cell in _PEEPHOLES and gate in "fio":
        look = "c_t" if gate == "o" else "c_(t-1)"
        return (*parts, f"pc_{gate}"), f"{formula} + p_{gate} dot.o {look}"
    return parts, formula
