"""A dry run of a cell's equations: what they record, and what each reading is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Any, Literal

import numpy as np

from lstmviz.engine.model.functions import relu, sigmoid, tanh
from lstmviz.engine.model.moment import Array, Moment, Parts
from lstmviz.errors import UsageError
from lstmviz.style.notation import Look, Made, Scale

Matrix = Literal["W", "R"]
Function = Callable[..., Array]  # of one array, whose shape it keeps

_INPUTS, _UNITS = 3, 2
_DEEPEST = 4  # operations within one reading, beyond which it is called by its name
# The bounds of functions; a reading that another one gives can be any number.
_SCALES: Mapping[str, Scale] = {
    "sigmoid": "gate",
    "hard_sigmoid": "gate",
    "tanh": "signed",
    "softsign": "signed",
}


@dataclass(frozen=True)
class Sketch:
    """What a dry run has found; the fields are those of `Cell`."""

    gates: tuple[str, ...]
    state: tuple[str, ...]
    names: tuple[str, ...]
    params: tuple[str, ...]
    summed: tuple[str, ...]
    activations: Mapping[str, Function]
    products: Mapping[str, tuple[Matrix, str, str]]
    projects: bool
    made: Mapping[str, Made]

    def looks(self, given: Mapping[str, Look]) -> dict[str, Look]:
        """Give the colour and the scale of each reading: as said, or as follows.

        A state has a colour of its own, a product with weights that of what is weighed, a sum that
        of the layer that it is for. Gates have one after the other, and what else comes of a sum
        is a candidate. All else has the colour of what it is made of.

        Raises:
            UsageError: a look is of something that is not recorded.
        """
        for name in given:
            if name not in self.names:
                raise UsageError(
                    f"A look is given of '{name}', which is not recorded; there is: "
                    f"{', '.join(self.names)}."
                )
        found: dict[str, Look] = {}
        colours = cycle(("forget", "input", "output"))
        for name in self.names:
            said = given.get(name, Look())
            scale = said.scale or self._scale(self.made.get(name), found)
            role = said.role or self._role(name, scale, found) or next(colours)
            found[name] = Look(role, scale, said.symbol)
        # The sum for a layer comes before the layer.
        for name, role in self._layers(found).items():
            if not given.get(name, Look()).role:
                found[name] = replace(found[name], role=role)
        return found

    def _role(self, name: str, scale: Scale, found: Mapping[str, Look]) -> str:
        """Give a colour, or none where the next one of the gates is to be taken."""
        if name in self.state:
            return "h" if name == self.state[0] else "c"
        if name in self.products:
            return "x" if self.products[name][0] == "W" else "h"
        made = self.made.get(name)
        if made is None or name.startswith("a_"):
            return "ink"
        operand = made.names[-1] if made.names else ""
        if made.by.isidentifier() and operand.startswith("a_"):
            return "" if scale == "gate" else "candidate"
        before = operand.removesuffix("_prev")
        if before in self.state:
            return "h" if before == self.state[0] else "c"
        return found[operand].role if operand in found else "ink"

    def _scale(self, made: Made | str | None, found: Mapping[str, Look]) -> Scale:
        if isinstance(made, str):
            return (found[made].scale if made in found else None) or "free"
        if made is None:
            return "free"
        scales = {self._scale(one, found) for one in made.of}
        if made.by == "1−":
            return "gate" if scales == {"gate"} else "free"
        if made.by == "×" and "free" not in scales:
            return "gate" if scales == {"gate"} else "signed"
        return _SCALES.get(made.by, "free")

    def _layers(self, found: Mapping[str, Look]) -> dict[str, str]:
        """Give the colour of each sum: that of what comes of it, or of nothing else's."""
        roles = {name: "h" for name in self.names if name.startswith("a_")}
        for name, made in self.made.items():
            (operand, *more) = made.of
            if not more and operand in roles:
                roles[str(operand)] = found[name].role
        return roles


def sketched(
    name: str,
    equations: Callable[..., None],
    gates: tuple[str, ...],
    state: tuple[str, ...],
    functions: Mapping[str, Function],
) -> Sketch:
    """Run equations once, on zeros, and note what they do.

    Raises:
        UsageError: they do not record a state or a vector, or fail.
    """
    if not gates or not state or len(set(gates)) < len(gates) or len(set(state)) < len(state):
        raise UsageError(f"The cell '{name}' needs gates and states, each with its own name.")
    rows = len(gates) * _UNITS
    W, R, b = np.zeros((rows, _INPUTS)), np.zeros((rows, _UNITS)), np.zeros(rows)
    sizes = {"x": _INPUTS, **{f"{s}_prev": _UNITS for s in state}}
    given: dict[str, Array] = {key: _noted(np.zeros(size)) for key, size in sizes.items()}
    moment = _Tick(Parts(gates, W, R, b, b, {}), b, given)
    made: list[tuple[Function, Array]] = []

    def witnessed(function: Function) -> Function:
        def apply(v: Array) -> Array:
            result = _noted(function(v), _spelt(function), v)
            made.append((function, result))
            return result

        return apply

    equations(moment, **{word: witnessed(function) for word, function in functions.items()})
    recorded = {
        key: value for key, value in vars(moment).items() if key not in given and key[0] != "_"
    }
    for key, value in recorded.items():
        if np.ndim(value) != 1:
            raise UsageError(
                f"The cell '{name}' records '{key}', which is not a vector of one value per unit."
            )
    for key in state:
        if key not in recorded:
            raise UsageError(
                f"The cell '{name}' never writes its state '{key}'; "
                f"it records: {', '.join(recorded) or 'nothing'}."
            )
    own = vars(moment)
    return Sketch(
        gates,
        state,
        tuple(recorded),
        tuple(own.get("_asked", ())),
        tuple(own.get("_summed", ())),
        {
            key: function
            for key, value in recorded.items()
            for function, result in made
            if result is value
        },
        {
            key: product
            for key, value in recorded.items()
            for result, product in own.get("_products", ())
            if result is value
        },
        "_projects" in own,
        _structure(given, recorded, own.get("_asked", {})),
    )


class _Noted(np.ndarray[Any, Any]):
    """An array that keeps what it is the result of: an operation, and what that was given."""

    by: str = ""
    operands: tuple[Any, ...] = ()

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **more: Any) -> Any:
        plain = [_plain(one) for one in operands]
        if "out" in more:
            more["out"] = tuple(_plain(one) for one in more["out"])
        result = getattr(ufunc, method)(*plain, **more)
        noted = method == "__call__" and not more and isinstance(result, np.ndarray)
        return _noted(result, ufunc.__name__, *operands) if noted else result


def _noted(array: Array, by: str = "", *operands: Any) -> Array:
    if not isinstance(array, np.ndarray):
        return array
    noted = array.view(_Noted)
    noted.by, noted.operands = by, operands
    return noted


def _plain(value: Any) -> Any:
    return value.view(np.ndarray) if isinstance(value, _Noted) else value


class _Tick(Moment):
    """The tick of a dry run: it takes every further weight for a vector of zeros."""

    def affine(self, gate: str, x: Array, h: Array, *more: Array) -> Array:
        own = self.__dict__
        if x is own["x"] and h is own.get("h_prev"):
            own.setdefault("_summed", []).append(gate)
        of_x, of_h = self.input(gate, x), self.recurrent(gate, h)
        setattr(self, "wx_" + gate, of_x)
        setattr(self, "rh_" + gate, of_h)
        a = of_x + of_h
        for term in more:
            setattr(self, "pc_" + gate, term)
            a = a + term
        setattr(self, "a_" + gate, a)
        return a

    def input(self, gate: str, x: Array) -> Array:
        return self._product("W", gate, x, super().input(gate, x))

    def recurrent(self, gate: str, h: Array) -> Array:
        return self._product("R", gate, h, super().recurrent(gate, h))

    def _product(self, matrix: Matrix, gate: str, operand: Array, product: Array) -> Array:
        own = self.__dict__
        known = [name for name, value in own.items() if value is operand and name[0] != "_"]
        found, product = (matrix, gate, known[0] if known else ""), _noted(product)
        own.setdefault("_products", []).append((product, found))
        return product

    def param(self, name: str) -> Array:
        asked: dict[str, Array] = self.__dict__.setdefault("_asked", {})
        return asked.setdefault(name, _noted(np.zeros(_UNITS)))

    def project(self, value: Array) -> Array:
        self.__dict__["_projects"] = True
        return _noted(+value)


def _structure(
    given: Mapping[str, Array], recorded: Mapping[str, Array], asked: Mapping[str, Array]
) -> dict[str, Made]:
    """Say of each reading what it is made of, where that can be written."""
    names = {id(value): name for name, value in (*asked.items(), *given.items())}
    found: dict[str, Made] = {}
    for name, value in recorded.items():
        made = _made(value, names)
        if isinstance(made, Made):
            found[name] = made
        names.setdefault(id(value), name)
    return found


def _made(value: Any, names: Mapping[int, str], depth: int = 0) -> Made | str | None:
    """Say what an array is made of; None where an operation has no sign here."""
    if depth and id(value) in names:
        return names[id(value)]
    if np.ndim(value) == 0 and not isinstance(value, _Noted):
        return f"{float(value):g}" if float(value) >= 0 else None
    if not isinstance(value, _Noted) or depth > _DEEPEST:
        return None
    by, operands = _operation(value)
    if by == "1−":
        operands = operands[1:]
    parts = [_made(one, names, depth + 1) for one in operands]
    if not by or not parts or None in parts:
        return None
    of: list[str | Made] = []
    for one in parts:
        same = isinstance(one, Made) and one.by == by and by in "×+"
        of += one.of if isinstance(one, Made) and same else [one] if one is not None else []
    try:
        return Made(by, tuple(of))
    except ValueError:
        return None


def _operation(value: _Noted) -> tuple[str, tuple[Any, ...]]:
    """Name the operation that gave an array, as it is written, and what it was given."""
    for name, pattern in _PATTERNS:
        hole: list[Any] = []
        if _alike(value, pattern, hole):
            return name, (hole[0],)
    signs = {"multiply": "×", "add": "+", "subtract": "−"}
    first: Any = value.operands[0] if value.operands else None
    if value.by == "subtract" and np.ndim(first) == 0 and first == 1:
        return "1−", value.operands
    if value.by in signs:
        return signs[value.by], value.operands
    # The other operations of NumPy are parts of functions that nobody has a word for.
    known = value.by if value.by and not hasattr(np, value.by) else ""
    return known or (value.by if value.by == "tanh" else ""), value.operands


def _alike(value: Any, pattern: Any, hole: list[Any]) -> bool:
    """Tell whether an array came about by a pattern of operations, and on what."""
    if not isinstance(pattern, _Noted):
        plain = not isinstance(value, _Noted) and np.ndim(value) == 0
        return bool(plain and value == pattern)
    if not pattern.by:
        hole.append(value)
        return all(one is hole[0] for one in hole)
    return (
        isinstance(value, _Noted)
        and value.by == pattern.by
        and len(value.operands) == len(pattern.operands)
        and all(_alike(v, p, hole) for v, p in zip(value.operands, pattern.operands, strict=True))
    )


def _spelt(function: Function) -> str:
    """A function by its name, without what it was configured with."""
    name = (getattr(function, "__name__", None) or str(function)).partition(" ")[0]
    return name if name.isidentifier() else ""


# Functions that equations may apply without having them among their arguments are known by what
# they do, also where σ is written out.
_HOLE: Any = _noted(np.zeros(_UNITS))
_PATTERNS = (
    ("sigmoid", sigmoid(_HOLE)),
    ("sigmoid", 1 / (1 + np.exp(-_HOLE))),
    ("tanh", tanh(_HOLE)),
    ("relu", relu(_HOLE)),
)
