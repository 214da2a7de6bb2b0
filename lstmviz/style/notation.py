"""How a recorded name is written and drawn: its symbol, its colour role, its scale, its digits."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
_RNNS = frozenset({"rnn", "rnn-relu"})
_PEEPHOLES = frozenset({"lstm-peephole", "lstm-coupled-peephole"})
_LSTMS = frozenset({"lstm", "lstm-coupled", "lstm-projected"}) | _PEEPHOLES
_GRUS = frozenset({"gru", "gru-reset-before", "gru-chung"})
_OURS = _RNNS | _LSTMS | _GRUS
_OF_LSTMS = {"kept": "f_t dot.o c_(t-1)", "added": "i_t dot.o g_t", "shown": "tanh(c_t)"}
_OF_GRUS = {
    "kept": "z_t dot.o h_(t-1)",
    "added": "(1 - z_t) dot.o n_t",
    "recalled": "r_t dot.o h_(t-1)",
    "rest": "1 - z_t",
}
_OF_CHUNGS = _OF_GRUS | {"kept": "(1 - z_t) dot.o h_(t-1)", "added": "z_t dot.o n_t"}


@dataclass(frozen=True)
class Weighed:
    """How a reading came about that is a product with weights: `R_f h_prev`, and perhaps a bias."""

    matrix: Literal["W", "R"]
    gate: str
    operand: str  # the reading that is multiplied; empty where it has no name
    bias: bool  # whether a bias is added, which for R is seldom

    def __post_init__(self) -> None:
        names = [self.gate, *([self.operand] if self.operand else [])]
        if self.matrix not in ("W", "R") or not all(map(str.isidentifier, names)):
            raise ValueError(f"the product {self.matrix} {self.gate} {self.operand}")


@dataclass(frozen=True, eq=False)
class Notation:
    """How the readings of a layer are written: by its cell, and by what its weights multiply.

    A gate whose recurrent product has a bias of its own is written with both, `b_f` and
    `b_(R f)`. Without `weighed`, that of a cell of ours follows from the names of its readings;
    `biased` says then whether recurrent products have a bias.
    """

    cell: str
    weighed: Mapping[str, Weighed] = field(default_factory=dict)
    names: Collection[str] = ()  # of the readings
    biased: bool = False

    def product(self, name: str) -> Weighed | None:
        """Say what a reading is the product of, if it is one with weights."""
        before, _, gate = name.partition("_")
        if self.weighed or self.cell not in _OURS:
            return self.weighed.get(name)
        if before == "wx" and gate:
            return Weighed("W", gate, "x", True)
        if before == "rh" and gate:
            reset = gate == "n" and self.cell in _GRUS
            return Weighed("R", gate, "recalled" if reset else "h_prev", self.biased)
        return Weighed("R", "n", "h_prev", self.biased) if name == "past" else None

    def terms(self, product: Weighed) -> tuple[str, str]:
        """Write a product with weights, and the bias that is added, if there is one."""
        alone = self.cell in _RNNS  # it has one W, R and b
        gate = _letters(product.gate)
        of, matrix = ("" if alone else f"_{gate}"), product.matrix
        operand = quantity(product.operand, cell=self).symbol
        if " " in operand:
            operand = f"({operand})"
        # The only bias of most networks, and so always written, even where it is 0.
        bias = f"b{of}" if matrix == "W" else "b_R" if alone else f"b_(R {gate})"
        return f"{matrix}{of} {operand}", bias if product.bias or matrix == "W" else ""


def quantity(name: str, *, cell: str | Notation = "lstm") -> Quantity:
    """Say how a recorded name is drawn in a cell; unknown names get a plain symbol.

    `name` is a name of a trace (`"f"`, `"c_prev"`, `"a_f"`), `cell` the cell's name, or the
    notation of a trace, which also knows which biases there are: a product is written by
    what it is made of there.
    """
    notation = cell if isinstance(cell, Notation) else Notation(cell)
    kind = notation.cell
    state = "c" if kind.startswith("lstm") else "h"
    before, _, gate = name.partition("_")
    product = notation.product(name)
    if product is not None and product.operand:
        symbol = " + ".join(term for term in notation.terms(product) if term)
        return Quantity(name, symbol, "x" if product.matrix == "W" else "h", "free")
    if gate and before == "a":
        return Quantity(name, f"a_{_letters(gate)}", _ROLES.get(gate, "h"), "free")
    if gate and before == "pc":
        look = f"p_{gate} dot.o " + ("c_t" if gate == "o" else "c_(t-1)")
        return Quantity(name, look if kind in _OURS else f'"{name}"', "c", "free")
    if gate == "prev":
        return Quantity(
            name,
            f"{_letters(before)}_(t-1)",
            before if before in {"h", "c"} else "h",
            "signed" if before == "h" else "free",
        )
    made = _OF_LSTMS if kind in _LSTMS else _OF_CHUNGS if kind == "gru-chung" else _OF_GRUS
    made = made if kind in _OURS else {}
    if name in {"kept", "added", "shown", "recalled"}:
        symbol = made.get(name, f'"{name}"')
        if (kind, name) == ("gru", "recalled"):
            past = quantity("past", cell=notation).symbol
            symbol = "r_t dot.o " + (f"({past})" if "+" in past else past)
        added = "input" if state == "c" else "candidate"
        role = {"kept": state, "added": added, "shown": "h"}.get(name, "forget")
        return Quantity(name, symbol, role, "signed" if name == "shown" else "free")
    if name == "rest" and name in made:
        return Quantity(name, made[name], "input", "gate")
    if name in _GATES:
        return Quantity(name, f"{name}_t", _ROLES[name], "gate")
    if name == "h" and kind == "rnn-relu":
        return Quantity(name, "h_t", "h", "free")
    scale: Scale = "signed" if name in _SIGNED else "free"
    symbol = f"{name}_t" if len(name) == 1 else f'"{name}"'
    role = _ROLES.get(name, name if name in {"x", "h", "c"} else "ink")
    return Quantity(name, symbol, role, scale)


def _letters(name: str) -> str:
    """A name in Typst's maths, where several letters without quotes are a word of its own."""
    return name if len(name) == 1 else f'"{name}"'


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


def sum_of(gate: str, *, cell: str | Notation = "lstm") -> tuple[tuple[str, ...], str]:
    """Say what a gate's pre-activation is the sum of: the readings, and the formula.

    `gate` is the name of its reading (`"f"`), `cell` as in `quantity`. A GRU that resets after
    the product adds what it recalls; a peephole adds a look at the cell state.
    """
    notation = cell if isinstance(cell, Notation) else Notation(cell)
    parts: tuple[str, ...] = (f"wx_{gate}", f"rh_{gate}")
    if (notation.cell, gate) == ("gru", "n"):
        parts = ("wx_n", "recalled")
    peephole = f"pc_{gate}"
    if peephole in notation.names or (notation.cell in _PEEPHOLES and gate in "fio"):
        parts = (*parts, peephole)
    return parts, f"{quantity(f'a_{gate}', cell=notation).symbol} = {_summed(parts, notation)}"


def _summed(parts: Sequence[str], notation: Notation) -> str:
    """Write a sum of readings; the only bias of a gate stands behind the products."""
    looks = [quantity(part, cell=notation).symbol for part in parts]
    new, past = (notation.product(part) for part in parts[:2])
    if new and past and not past.bias and notation.cell not in _RNNS:
        looks[:2] = [notation.terms(new)[0], notation.terms(past)[0], notation.terms(new)[1]]
    if parts[1] == "recalled":
        looks[1] = f"r_t dot.o ({quantity('past', cell=notation).symbol})"
    return " + ".join(looks)
