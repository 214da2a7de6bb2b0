"""The notation of readings in the file of a trace: written, read back, and checked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import astuple, replace
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

import numpy as np

from lstmviz.errors import UsageError
from lstmviz.style.notation import Look, Made, Notation, Weighed
from lstmviz.system.json_fields import Fields
from lstmviz.trace.recording import Array

_T = TypeVar("_T")
_DEEPEST, _WIDEST = 8, 16  # of what a reading is made of; a cell's own equations stay far below


def written_notation(notation: Notation) -> dict[str, Any]:
    """Give a notation as JSON can hold it; `notation_of` reads it back."""
    return {
        "label": notation.label,
        **({"within": notation.within} if notation.within else {}),
        **({"words": {c: dict(w) for c, w in notation.words.items()}} if notation.words else {}),
        "looks": {name: list(astuple(look)) for name, look in notation.looks.items()},
        "weighed": {name: list(astuple(how)) for name, how in notation.weighed.items()},
        "made": {name: _as_list(made) for name, made in notation.made.items()},
    }


def notation_of(
    layer: Fields,
    cell: str,
    values: Mapping[str, Array],
    initial: Mapping[str, Array],
    *,
    backward: bool,
) -> Notation:
    """Read how a layer is written; what an earlier version left out of its files is known.

    Raises:
        UsageError: it says what no cell can say.
    """
    found = Notation(
        tuple(initial),
        _each(layer, "looks", tuple(values), _look),
        _each(layer, "weighed", tuple(values), _weighed),
        _each(layer, "made", tuple(values), lambda told: _made(told, 0)),
        layer.text("label", ""),
        {code: _terms(layer, code) for code in layer.named("words")},
        within=layer.text("within", ""),
    )
    names = list(values)
    for name, parts in (
        *((name, made.names) for name, made in found.made.items()),
        *((name, (product.operand,)) for name, product in found.weighed.items()),
    ):
        # So that none is made of itself, by whatever detour.
        if any(part in values and names.index(part) >= names.index(name) for part in parts):
            raise UsageError(f"'{name}' is made of what comes after it")
    if layer.has("looks"):
        return found
    return _completed(found, layer, cell, values, initial, backward)


def _completed(
    found: Notation,
    layer: Fields,
    cell: str,
    values: Mapping[str, Array],
    initial: Mapping[str, Array],
    backward: bool,
) -> Notation:
    """Add what files left out until cells said it of themselves: it is known of those of then."""
    told = _earlier().get(cell)
    if told is None:
        return found
    # Somebody else's cell may have had the same name and fewer readings.
    parts = ("looks", "weighed", "made")
    here = {part: {n: how for n, how in told[part].items() if n in values} for part in parts}
    known, names = Fields(here, "a cell"), tuple(values)
    looks, weighed = _each(known, "looks", names, _look), _each(known, "weighed", names, _weighed)
    made = _each(known, "made", names, lambda one: _made(one, 0))
    # What R h is where h is 0, that is its bias; where h is not 0, one is taken for granted.
    first = -1 if backward else 0
    products = [name for name, product in weighed.items() if product.matrix == "R"]
    begun = any(start.any() for start in initial.values())
    biased = begun or any(np.any(values[name][first]) for name in products)
    weighed |= {name: replace(weighed[name], bias=biased) for name in products}
    for name, function in layer.named_texts("activations").items():
        word = function.partition(" ")[0]
        if name in made and word.isidentifier():
            made[name] = replace(made[name], by=word)
    return replace(
        found,
        looks=looks,
        weighed=found.weighed or weighed,
        made=made,
        label=told["label"],
    )


@cache
def _earlier() -> Mapping[str, Any]:
    """The cells that there were when files did not say yet how they are written."""
    text = (files("lstmviz.trace") / "earlier_cells.json").read_text(encoding="utf-8")
    cells: Mapping[str, Any] = json.loads(text)
    return cells


def _each(
    layer: Fields, part: str, names: tuple[str, ...], read: Callable[[Any], _T]
) -> dict[str, _T]:
    found = {}
    for name, told in layer.named(part).items():
        if name not in names:
            raise UsageError(f"'{part}' is of '{name}', which is no reading")
        try:
            found[name] = read(told)
        except ValueError as error:
            raise UsageError(f"in '{part}', there is no such thing: {error}") from None
    return found


def _terms(layer: Fields, code: str) -> dict[str, str]:
    return layer.object("words").named_texts(code)


def _look(told: Any) -> Look:
    role, scale, symbol = _parts(told, "looks", 3)
    if not isinstance(role, str) or not isinstance(symbol, str):
        raise UsageError("'looks' is no list of a colour, a scale and a symbol")
    return Look(role, scale, symbol)


def _weighed(told: Any) -> Weighed:
    parts = _parts(told, "weighed", 4)
    part = Fields(dict(zip(("matrix", "gate", "operand", "bias"), parts, strict=True)), "a product")
    matrix: Any = part.text("matrix")  # a Weighed looks whether there is such a one
    return Weighed(matrix, part.text("gate"), part.text("operand"), part.flag("bias"))


def _made(told: Any, depth: int) -> Made:
    if not isinstance(told, list) or not 2 <= len(told) <= _WIDEST or depth > _DEEPEST:
        raise UsageError("'made' is no list of a sign and what it stands between")
    by, *of = told
    if not isinstance(by, str) or not all(isinstance(one, str | list) for one in of):
        raise UsageError("'made' is no list of a sign and what it stands between")
    return Made(by, tuple(one if isinstance(one, str) else _made(one, depth + 1) for one in of))


def _parts(told: Any, what: str, count: int) -> list[Any]:
    if not isinstance(told, list) or len(told) != count:
        raise UsageError(f"'{what}' has what is no list of {count}")
    return told


def _as_list(made: Made) -> list[Any]:
    return [made.by, *(one if isinstance(one, str) else _as_list(one) for one in made.of)]
