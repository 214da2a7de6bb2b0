"""Notation: the symbol, colour role, scale and digits with which a recorded name is shown."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, get_args

MINUS = "\N{MINUS SIGN}"
_SIGN = re.compile(r"^-|(?<=e)-")

Scale = Literal["gate", "signed", "free", "size", "small"]
"""gate: 0 … 1; signed: −1 … 1; free: any number (pre-activations, a cell state).

size: a norm, without a sign; small: any number. Of both the smallest can be told from 0."""
_SCALES = get_args(Scale)


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


@dataclass(frozen=True)
class Look:
    """What a cell says of one of its readings; what it leaves out follows from the equations.

    `role` is a colour of the theme, `symbol` is in Typst's maths, as in `"tilde(h)_t"`.
    """

    role: str = ""
    scale: Scale | None = None
    symbol: str = ""

    def __post_init__(self) -> None:
        if self.scale not in (None, *_SCALES):
            raise ValueError(f"the scale {self.scale}")
        # It is set by Typst, whose signs of code have no place in a symbol.
        if not re.fullmatch(r"[\w ()+.,\"-]{0,60}", self.symbol):
            raise ValueError(f"the symbol {self.symbol}")


@dataclass(frozen=True)
class Made:
    """What a reading is made of: `Made("×", ("f", "c_prev"))`.

    `by` is `×`, `+`, `−`, `1−` or the name of a function; each operand is a reading, a further
    weight or a number by what it is called, or is made of others itself.
    """

    by: str
    of: tuple[str | Made, ...]

    def __post_init__(self) -> None:
        if not (self.by in _SIGNS or self.by.isidentifier()) or not self.of:
            raise ValueError(f"made by {self.by}")
        for one in self.of:
            if isinstance(one, str) and not one.isidentifier() and not _NUMBER.fullmatch(one):
                raise ValueError(f"made of {one}")

    @property
    def names(self) -> tuple[str, ...]:
        """All that it names, in the order in which it is written."""
        own = ((one,) if isinstance(one, str) else one.names for one in self.of)
        return tuple(name for names in own for name in names)


_SIGNS = {"×": " dot.o ", "+": " + ", "−": " - ", "1−": "1 - "}
_NUMBER = re.compile(r"\d+(\.\d+)?")
_LONGEST = 48  # letters of a symbol; what is longer is called by its name


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


@dataclass(frozen=True)
class Notation:
    """How a cell and its readings are written: all that a picture must know of a cell.

    A cell says it of itself (`Cell.notation`); a trace keeps it, with the biases that its layer
    has. A gate whose recurrent product has a bias of its own is written with both, `b_f` and
    `b_(R f)`.
    """

    states: tuple[str, ...] = ("h",)  # the output first
    looks: Mapping[str, Look] = field(default_factory=dict)
    weighed: Mapping[str, Weighed] = field(default_factory=dict)
    made: Mapping[str, Made] = field(default_factory=dict)
    label: str = ""  # the cell's name on screen, where a language has none of its own
    # And its own terms, by the code of a language, where that has none of its own: {"zh": {…}}.
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    # What draws the cell, if that is at hand: of a theme and a language, a circuit. No file has it.
    circuit: Callable[[Any, Any], Any] | None = field(default=None, compare=False, repr=False)
    within: str = ""  # the cell's name within a sentence, where that is another one
    _symbols: dict[str, str] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for part in ("looks", "weighed", "made", "words"):
            object.__setattr__(self, part, MappingProxyType(dict(getattr(self, part))))

    def __reduce__(self) -> tuple[Any, ...]:
        parts = (dict(part) for part in (self.looks, self.weighed, self.made))
        words = {code: dict(terms) for code, terms in self.words.items()}
        # Code stays where it is.
        return Notation, (self.states, *parts, self.label, words, None, self.within)

    def __deepcopy__(self, memo: object) -> Notation:
        """A frozen value is its own copy; Manim copies what it animates."""
        return self

    def look(self, name: str) -> Look:
        """Give the colour and the scale of a reading; those of an unknown one are plain."""
        state = name.removesuffix("_prev")
        if state in self.states:
            role = "h" if state == self.states[0] else "c"
            known = self.looks.get(state, Look())
            return Look(known.role or role, known.scale or "free", known.symbol)
        if name == "x":
            return Look("x", "free")
        product = self.weighed.get(name)
        usual = "ink" if product is None else "x" if product.matrix == "W" else "h"
        known = self.looks.get(name, Look())
        return Look(known.role or usual, known.scale or "free", known.symbol)

    def symbol(self, name: str) -> str:
        """Write a reading: by its letter, or by what it is made of."""
        if name not in self._symbols:
            self._symbols[name] = self._symbol(name)
        return self._symbols[name]

    def _symbol(self, name: str) -> str:
        state = name.removesuffix("_prev")
        if state != name:  # a state of this cell, or of another one that a story tells of as well
            return f"{_letters(state)}_(t-1)"
        if own := self.look(name).symbol:
            return own
        if len(name) == 1:
            return f"{name}_t"
        product = self.weighed.get(name)
        if product is not None and product.operand:
            return " + ".join(term for term in self.terms(product) if term)
        before, _, after = name.partition("_")
        if len(before) == 1 and after:
            return f"{before}_{_letters(after)}"
        text = self._written(self.made[name]) if name in self.made else ""
        return text if 0 < len(text) <= _LONGEST else f'"{name}"'

    def terms(self, product: Weighed) -> tuple[str, str]:
        """Write a product with weights, and the bias that is added, if there is one."""
        alone = self.alone
        gate = _letters(product.gate)
        of, matrix = ("" if alone else f"_{gate}"), product.matrix
        operand = _grouped(self.symbol(product.operand), always=" ")
        # The only bias of most networks, and so always written, even where it is 0.
        bias = f"b{of}" if matrix == "W" else "b_R" if alone else f"b_(R {gate})"
        return f"{matrix}{of} {operand}", bias if product.bias or matrix == "W" else ""

    @property
    def alone(self) -> bool:
        """Whether there is one W, R and b, which need no index."""
        return len({product.gate for product in self.weighed.values()}) == 1

    def sum(self, gate: str) -> tuple[str, ...]:
        """Name the readings that a gate's pre-activation is the sum of."""
        made = self.made.get(f"a_{gate}")
        if made is None or made.by != "+" or any(isinstance(one, Made) for one in made.of):
            return (f"wx_{gate}", f"rh_{gate}")
        return tuple(str(one) for one in made.of)

    def _written(self, made: Made) -> str:
        texts = [self._operand(one) for one in made.of]
        if made.by == "1−":
            return f"1 - {_grouped(texts[0])}"
        if made.by in _SIGNS:
            loose = made.by == "+"
            return _SIGNS[made.by].join(text if loose else _grouped(text) for text in texts)
        function = {"sigmoid": "sigma", "tanh": "tanh"}.get(made.by, f'"{made.by}"')
        return f"{function}({', '.join(texts)})"

    def _operand(self, one: str | Made) -> str:
        if isinstance(one, Made):
            return self._written(one)
        return one if _NUMBER.fullmatch(one) else self.symbol(one)


def _grouped(text: str, always: str = "") -> str:
    """Put a sum, or whatever has the sign `always` in it, into brackets where a factor stands."""
    sums = re.sub(r"\([^()]*\)", "", re.sub(r"\([^()]*\)", "", text))
    return f"({text})" if " + " in sums or " - " in sums or (always and always in sums) else text


def quantity(name: str, *, cell: Notation) -> Quantity:
    """Say how a reading is drawn in a cell; an unknown name gets a plain symbol.

    `name` is a name of a trace (`"f"`, `"c_prev"`, `"a_f"`), `cell` the notation of the trace,
    or of a cell.
    """
    look = cell.look(name)
    return Quantity(name, cell.symbol(name), look.role, look.scale or "free")


def _letters(name: str) -> str:
    """A name in Typst's maths, where several letters without quotes are a word of its own."""
    return name if len(name) == 1 else f'"{name}"'


def shown(value: float, scale: Scale = "signed", digits: int = 2) -> str:
    """Write a number as the pictures show it: `0.97` for a gate, `+0.92` or `−0.35` otherwise.

    A minus is a real minus sign; what rounds to zero has no sign; a number too long for a
    box loses digits, then goes to powers of ten. On the scales `size` and `small`, a number near 0
    has as many digits as show one that is not 0: `0.000 02`, `3×10⁻⁹`.
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
        if scale in ("size", "small") and 0 < size < _NEAR:
            text = _near_zero(size)
        elif float(text) == 0:
            return text
    sign = MINUS if value < 0 else "" if scale in ("gate", "size") else "+"
    return sign + text


_NEAR, _SMALLEST = 0.0095, 6  # below it two digits do not do; and the most digits after the point
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_THIN = "\N{NARROW NO-BREAK SPACE}"


def _near_zero(size: float) -> str:
    """Write a small number with one digit that counts; long ones in groups of three."""
    mantissa, _, exponent = f"{size:.0e}".partition("e")
    digits = -int(exponent)
    if digits > _SMALLEST:
        return f"{mantissa}×10{str(int(exponent)).translate(_RAISED)}"
    behind = f"{size:.{digits}f}".partition(".")[2]
    parted = behind if digits <= 4 else f"{behind[:3]}{_THIN}{behind[3:]}"
    return f"0.{parted}"


def written(token: str, kind: str) -> str:
    """Write what stands at a tick: a number with a real minus sign, a word so that all is seen."""
    return _SIGN.sub(MINUS, token) if kind == "numbers" else visible(token)


def visible(token: str) -> str:
    """Write the blanks at the ends of a token as ␣, its tabs as ⇥ and its line ends as ⏎."""
    text = re.sub(r"\r\n|[\n\r\v\f\x85\u2028\u2029]", "⏎", token).replace("\t", "⇥")
    bare = text.strip()
    if bare == text:
        return text
    before = len(text) - len(text.lstrip())
    return "␣" * before + bare + "␣" * (len(text) - before - len(bare))


def read_back(text: str) -> float:
    """Give the number that a shown text stands for (the inverse of `shown`)."""
    plain = text.replace(MINUS, "-").replace("∞", "inf").replace(_THIN, "")
    mantissa, _, exponent = plain.partition("×10")
    return float(f"{mantissa}e{exponent.translate(_LOWERED)}" if exponent else mantissa)


def holds(operator: str, operands: Sequence[str], result: str) -> bool:
    """Tell whether a product or sum is right *as shown*, digit for digit.

    Where it is not, each number was rounded by itself.
    """
    values = [read_back(text) for text in operands]
    exact = math.prod(values) if operator == "×" else math.fsum(values)
    decimals = len(result.partition(".")[2])
    return bool(abs(exact - read_back(result)) <= 0.5 * 10**-decimals + 1e-12)


def equals(operator: str, row: Sequence[str]) -> str:
    """Give the sign before a result: `=`, or `≈` where the row does not hold as shown.

    The row has the operands and the result.
    """
    return "=" if holds(operator, row[:-1], row[-1]) else "≈"


def sum_of(gate: str, *, cell: Notation) -> tuple[tuple[str, ...], str]:
    """Say what a gate's pre-activation is the sum of: the readings, and the formula.

    `gate` is the name of its reading (`"f"`). A GRU that resets after the product adds what it
    recalls; a peephole adds a look at the cell state.
    """
    parts = cell.sum(gate)
    return parts, f"{cell.symbol(f'a_{gate}')} = {_summed(parts, cell)}"


def _summed(parts: Sequence[str], cell: Notation) -> str:
    """Write a sum of readings; the only bias of a gate stands behind the products."""
    looks = [cell.symbol(part) for part in parts]
    new, past = (cell.weighed.get(part) for part in parts[:2])
    if new and past and not past.bias and not cell.alone:
        looks[:2] = [cell.terms(new)[0], cell.terms(past)[0], cell.terms(new)[1]]
    for k, part in enumerate(parts):
        made = cell.made.get(part)
        # A share of a product with weights: which of them it is a share of must be seen.
        if made and made.by == "×" and made.of[-1] in cell.weighed and not cell.look(part).symbol:
            *shares, last = (cell.symbol(str(one)) for one in made.of)
            looks[k] = " dot.o ".join([*shares, f"({last})"])
    return " + ".join(looks)
