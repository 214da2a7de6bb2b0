"""The cells that there are: those that come along, and those of other packages."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from lstmviz.engine.model.cell import Cell
from lstmviz.errors import UsageError
from lstmviz.system.suggest import named, nearest

if TYPE_CHECKING:
    from lstmviz.trace.trace import Trace

_FOLDER = "lstmviz.cells"  # a room above this one: its files are found, not imported
_FIRST = ("rnn", "lstm", "gru")  # what everybody knows; the others follow by name


def _shipped() -> tuple[Cell, ...]:
    names = [found.name for found in pkgutil.iter_modules(import_module(_FOLDER).__path__)]
    order = sorted(names, key=lambda name: (name not in _FIRST, name))
    order[: len(_FIRST)] = _FIRST
    modules = [import_module(f"{_FOLDER}.{name}") for name in order]
    return tuple(one for module in modules for one in vars(module).values() if type(one) is Cell)


CELLS: tuple[Cell, ...] = _shipped()


def find_cell(name: str) -> Cell:
    """The cell of that name: ours, or one that a package offers as entry point `lstmviz.cells`.

    Raises:
        UsageError: there is none, or the entry point does not give a Cell.
    """
    ours = {known.name: known for known in CELLS}
    if (wanted := named(name, ours)) is not None:
        return ours[wanted]
    offered = {point.name: point for point in entry_points(group="lstmviz.cells")}
    if (wanted := named(name, offered)) is None:
        names = [*ours, *offered]
        raise UsageError(
            f"There is no cell '{name}'{nearest(name, names)}; choose one of: {', '.join(names)}."
        )
    name = wanted
    found = offered[name].load()
    if not isinstance(found, Cell):
        raise UsageError(
            f"The entry point '{name}' ({offered[name].value}) gives no Cell; "
            "decorate its function with @cell."
        )
    return found


def circuit_of(trace: Trace) -> Callable[..., Any] | None:
    """What draws the cell of a trace, if anything does: that of its cell, or of its name.

    A trace from a file has only the name.
    """
    named = (cell.circuit for cell in all_cells() if cell.name == trace.cell)
    return trace.notation.circuit or next(named, None)


def all_cells() -> tuple[Cell, ...]:
    """All of them, those of other packages last; what cannot be loaded is left out."""
    theirs = []
    for point in entry_points(group="lstmviz.cells"):
        try:
            found = point.load()
        except Exception:  # somebody else's package, which may be broken in any way
            continue
        if isinstance(found, Cell):
            theirs.append(found)
    return (*CELLS, *theirs)
