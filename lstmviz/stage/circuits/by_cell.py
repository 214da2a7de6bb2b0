"""What a cell has for its pictures besides its readings: its circuit, its name, its family."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lstmviz.engine.model.cells import all_cells, circuit_of
from lstmviz.errors import UsageError

if TYPE_CHECKING:
    from lstmviz.stage.circuits.circuit import Circuit
    from lstmviz.style.language import Language
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import Trace


def draw_circuit(trace: Trace, theme: Theme, language: Language) -> Circuit:
    """Draw the wiring of a trace's cell: as the cell says, or the one of its name.

    Raises:
        UsageError: the cell says nothing of it.
    """
    drawing = circuit_of(trace)
    if drawing is None:
        drawn = ", ".join(cell.name for cell in all_cells() if cell.circuit is not None)
        raise UsageError(
            f"There is no circuit of the cell {trace.cell}; those drawn are: {drawn}. "
            "A cell of your own brings one along with `@cell(…, circuit=…)`."
        )
    circuit: Circuit = drawing(theme, language)
    return circuit


def family_of(trace: Trace) -> str:
    """Name the cell that a trace's is a variant of, or that it is itself."""
    return next((cell.family for cell in all_cells() if cell.name == trace.cell), trace.cell)


def spoken(trace: Trace, language: Language) -> Language:
    """Add to a language the terms of a trace's cell that it does not have."""
    own = trace.notation.words.get(language.code)
    return replace(language, terms={**own, **language.terms}) if own else language


def name_within(trace: Trace, language: Language) -> str:
    """Give a cell's name as it reads within a sentence, behind an article."""
    term = f"cell {trace.cell} in a sentence"
    word = language.word(term)
    return word if word != term else trace.notation.within or name_of(trace, language)


def name_of(trace: Trace, language: Language) -> str:
    """Give a cell's name as it is written on screen: as the language has it, or the cell."""
    term = f"cell {trace.cell}"
    word = language.word(term)
    return word if word != term else trace.notation.label or trace.cell
