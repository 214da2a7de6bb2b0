"""What a cell has for its pictures besides its readings: its circuit, its name, its family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstmviz.engine.model.cells import all_cells
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
    drawing = trace.notation.circuit  # which a trace from a file has no more
    drawn = {cell.name: cell.circuit for cell in all_cells() if cell.circuit is not None}
    drawing = drawing or drawn.get(trace.cell)
    if drawing is None:
        raise UsageError(
            f"There is no circuit of the cell {trace.cell}; those drawn are: {', '.join(drawn)}. "
            "A cell of your own brings one along with `@cell(…, circuit=…)`."
        )
    circuit: Circuit = drawing(theme, language)
    return circuit


def has_circuit(trace: Trace) -> bool:
    """Tell whether the cell of a trace can be drawn."""
    named = (cell.circuit for cell in all_cells() if cell.name == trace.cell)
    return trace.notation.circuit is not None or any(named)


def family_of(trace: Trace) -> str:
    """Name the cell that a trace's is a variant of, or that it is itself."""
    return next((cell.family for cell in all_cells() if cell.name == trace.cell), trace.cell)


def name_of(trace: Trace, language: Language) -> str:
    """Give a cell's name as it is written on screen: as the language has it, or the cell."""
    term = f"cell {trace.cell}"
    word = language.word(term)
    return word if word != term else trace.notation.label or trace.cell
