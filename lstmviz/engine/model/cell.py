"""A recurrent cell is its equations: a function that names what it computes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

from lstmviz.engine.model.moment import Moment
from lstmviz.engine.model.sketch import Function, Matrix, sketched
from lstmviz.errors import UsageError
from lstmviz.style.notation import Look, Made, Notation, Weighed

Drawing = Callable[[Any, Any], Any]  # of a theme and a language: a Circuit of the stage


@dataclass(frozen=True)
class Cell:
    """The equations of one kind of recurrent cell, what they name, and how it is drawn."""

    name: str  # as users type it: "gru-reset-before"
    title: str  # the first line of the equations' docstring
    equations: Callable[[Moment], None]
    gates: tuple[str, ...]  # in the order in which the weights are stacked
    state: tuple[str, ...]  # what goes from tick to tick; the first is the output
    names: tuple[str, ...]  # all that the equations record, in their order
    params: tuple[str, ...]  # further weights, such as the peephole vectors
    summed: tuple[str, ...]  # the gates whose sum is that of this tick's x and h_prev
    # What the equations apply: by the word they have for it, and by the reading that it gives.
    functions: Mapping[str, Function] = field(default_factory=dict, compare=False)
    activations: Mapping[str, Function] = field(default_factory=dict, compare=False)
    # The readings that are products with weights: W or R, of which gate, and with which reading.
    products: Mapping[str, tuple[Matrix, str, str]] = field(default_factory=dict, compare=False)
    projects: bool = False  # whether its output is W_hr times what the units give
    # How it is drawn: each reading, what each is made of, and the circuit, if there is one.
    looks: Mapping[str, Look] = field(default_factory=dict, compare=False)
    made: Mapping[str, Made] = field(default_factory=dict, compare=False)
    label: str = ""  # its name on screen, as "UGRNN"
    within: str = ""  # its name within a sentence, where that is another one
    family: str = ""  # the cell that it is a variant of, or its own name
    circuit: Drawing | None = field(default=None, compare=False)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict, compare=False)

    def __call__(self, moment: Moment) -> None:
        """Compute one tick; everything is recorded in `moment`."""
        self.equations(moment)

    @property
    def output(self) -> str:
        """The state that goes to the next layer."""
        return self.state[0]

    @property
    def spelt(self) -> dict[str, str]:
        """What is applied to get each reading that a function gives, by the reading's name."""
        return {
            name: getattr(function, "__name__", None) or str(function)
            for name, function in self.activations.items()
        }

    @property
    def notation(self) -> Notation:
        """How its readings are written where no product with R adds a bias."""
        return self.notation_with(lambda matrix, gate: matrix == "W")

    def notation_with(self, biased: Callable[[Matrix, str], bool]) -> Notation:
        """How its readings are written; `biased` says which products add a bias."""
        weighed = {
            name: Weighed(matrix, gate, operand, biased(matrix, gate))
            for name, (matrix, gate, operand) in self.products.items()
        }
        return Notation(
            self.state,
            self.looks,
            weighed,
            self.made,
            self.label,
            self.words,
            self.circuit,
            self.within,
        )

    @cached_property
    def telling(self) -> frozenset[str]:
        """The readings by which all are known to be finite; if these are, the others are, too.

        A sum is finite only if its parts are, and σ and tanh of a finite number are finite.
        """
        others: set[str] = set()
        for name, made in self.made.items():
            if made.by in ("+", "−"):
                others |= {part for part in made.of if isinstance(part, str)}
            elif made.by in ("sigmoid", "tanh") and made.of[0] in self.names:
                others.add(name)
        return frozenset(self.names) - others

    def configured(self, functions: Mapping[str, Function]) -> Cell:
        """The same cell with other functions in its equations, by the words that it has for them.

        The words are the further arguments of the equations: `tanh` in `rnn(t, tanh=tanh)`.
        The cell itself comes back when nothing changes.

        Raises:
            UsageError: the equations have no such word.
        """
        for word in functions:
            if word not in self.functions:
                have = ", ".join(self.functions) or "none that can be replaced"
                raise UsageError(f"{self.name} has no function '{word}'; it has: {have}.")
        if all(self.functions[word] is function for word, function in functions.items()):
            return self
        equations = partial(self.equations, **functions)
        used = {**self.functions, **functions}
        again = sketched(self.name, equations, self.gates, self.state, used)
        return replace(
            self,
            equations=equations,
            functions=used,
            activations=again.activations,
            made=again.made,
        )


def cell(
    *,
    gates: str,
    state: str,
    name: str | None = None,
    label: str = "",
    within: str = "",
    family: str = "",
    looks: Mapping[str, Look] | None = None,
    circuit: Drawing | None = None,
    words: Mapping[str, Mapping[str, str]] | None = None,
) -> Callable[[Callable[[Moment], None]], Cell]:
    """Make a Cell of a function that writes a cell's equations.

    `gates` lists the affine maps in the order in which the weights are stacked, `state`
    what goes from tick to tick, the output first; both are separated by spaces. `name` is
    the function's own, with dashes, unless given. A tiny dry run finds all recorded names,
    and what each of them is made of.

    The rest is for pictures. `label` is the name on screen, `within` the one that reads well in a
    sentence (`The … has one state`), where that is another one. `looks` says which colours readings
    have, where these are not to follow from the equations. `circuit` is called with a theme and
    a language, and gives the `lstmviz.stage.Circuit` of the cell. `words` has terms that no other
    cell needs, by language: `{"zh": {"relate": "关联"}}`. A variant of a cell that comes
    along names that one as its `family`.

    Raises:
        UsageError: the equations do not record a state or a vector, or fail in the dry run; a
            look is of a reading that they do not record.
    """

    def make(equations: Callable[[Moment], None]) -> Cell:
        shown = name or equations.__name__.replace("_", "-")
        title = (equations.__doc__ or shown).strip().splitlines()[0]
        functions = {
            word: parameter.default
            for word, parameter in inspect.signature(equations).parameters.items()
            if callable(parameter.default) and parameter.default is not parameter.empty
        }
        sketch = sketched(shown, equations, tuple(gates.split()), tuple(state.split()), functions)
        return Cell(
            shown,
            title,
            equations,
            sketch.gates,
            sketch.state,
            sketch.names,
            sketch.params,
            sketch.summed,
            functions,
            sketch.activations,
            sketch.products,
            sketch.projects,
            sketch.looks(looks or {}),
            sketch.made,
            label or shown,
            within,
            family or shown,
            circuit,
            words or {},
        )

    return make
