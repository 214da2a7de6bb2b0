"""What a label says, computed anew from a network's weights: `R_f h_(t-1) + b_(R f)`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from manim import Mobject, Scene
from numpy.typing import NDArray

from lstmviz.engine.model.network import Layer, Network
from lstmviz.stage.mobjects.column import Column, Number
from lstmviz.stage.text.formula import BREAK, Formula
from lstmviz.style.notation import shown
from lstmviz.trace.trace import Reading, Trace

if TYPE_CHECKING:
    from walking import Walk

Array = NDArray[np.floating[Any]]
TOKEN = re.compile(r'"[^"]*"|dot\.o|[A-Za-z]+(?:_(?:\([^()]*\)|"[^"]*"|\w+))?|\d+|[-+(),]')
FUNCTIONS = {"tanh": np.tanh, "sigma": lambda a: 1 / (1 + np.exp(-a))}
NEAR, ASIDE = 0.55, 0.3  # how far above its column a label stands, and how far from its middle


@dataclass(frozen=True)
class Label:
    """What is written above a column of numbers, or in a formula, which has no reading."""

    source: str
    reading: Reading | None = None


def labels_of(scene: Scene) -> Iterator[Label]:
    """Find what stands above each column of numbers, and the equations."""
    family = [part for mobject in scene.mobjects for part in _seen(mobject)]
    formulas = [each for each in family if isinstance(each, Formula)]
    heads = [each for each in formulas if " = " not in each.source]
    for column, reading in _columns(family):
        above = [each for each in heads if _stands_above(each, column)]
        if above:
            own = min(above, key=lambda each: abs(each.get_x() - column.get_x()))
            yield Label(own.source, reading)
    for formula in formulas:
        if " = " in formula.source:
            yield Label(formula.source)


def _columns(family: Sequence[Mobject]) -> Iterator[tuple[Mobject, Reading]]:
    """Find the columns of numbers, those included that a lens has been filled with row by row."""
    whole = [each for each in family if isinstance(each, Column) and len(each.numbers)]
    yield from ((column, column.reading) for column in whole)
    theirs = {id(number) for column in whole for number in column.numbers}
    rows: dict[tuple[int, float], list[Number]] = {}
    for each in family:
        if isinstance(each, Number) and id(each) not in theirs:
            rows.setdefault((id(each.reading), round(float(each.get_x()), 1)), []).append(each)
    for numbers in rows.values():
        if len(numbers) > 1:
            yield max(numbers, key=lambda each: float(each.get_y())), numbers[0].reading


def _seen(mobject: Mobject) -> Iterator[Mobject]:
    for part in mobject.get_family():
        points = list(part.family_members_with_points())
        if points and max(each.get_fill_opacity() for each in points) > 0.02:
            yield part


def _stands_above(formula: Formula, column: Mobject) -> bool:
    gap = float(formula.get_bottom()[1] - column.get_top()[1])
    reach = float(column.width) / 2 + ASIDE
    return -0.02 < gap < NEAR and abs(float(formula.get_x() - column.get_x())) < reach


def plain(text: str) -> str:
    """Turn the plain text of a label, as it is read aloud, into the source of a formula."""
    text = text.replace("(t−1)", "_(t-1)").replace("⊙", "dot.o").replace("−", "-")
    return re.sub(r"b_R(\w)", r"b_(R \1)", text)


class Evaluator:
    """Computes what a label says at a tick, of a layer's weights and the readings it names."""

    def __init__(self, trace: Trace, layer: Layer, tick: int) -> None:
        self.trace, self.layer, self.tick = trace, layer, tick

    def __call__(self, source: str) -> Array:
        """Give (units,) of a label without an equals sign."""
        text = source.replace(BREAK, " ")
        self.tokens = TOKEN.findall(text)
        left = TOKEN.sub("", text).strip()
        assert not left, f"{left!r} of {source!r} means nothing"
        value = self._sum()
        assert not self.tokens, f"{self.tokens} is left of {source!r}"
        return np.asarray(value)

    def _sum(self) -> Any:
        sign = -1 if self._take("-") else 1
        value = sign * self._product()
        while self.tokens and self.tokens[0] in "+-":
            sign = 1 if self.tokens.pop(0) == "+" else -1
            value = value + sign * self._product()
        return value

    def _product(self) -> Any:
        value = self._applied()
        while self._take("dot.o"):
            value = value * self._applied()
        return value

    def _applied(self) -> Any:
        value = self._atom()
        while np.ndim(value) == 2:  # a matrix: what stands behind it is multiplied by it
            value = value @ self._atom()
        return value

    def _take(self, token: str) -> bool:
        found = bool(self.tokens) and self.tokens[0] == token
        if found:
            self.tokens.pop(0)
        return found

    def _atom(self) -> Any:
        token = self.tokens.pop(0)
        if token == "(":
            value = self._sum()
            assert self._take(")")
            return value
        if token in FUNCTIONS:
            return FUNCTIONS[token](self._atom())
        if token == "max":
            for token in "(0,":
                assert self._take(token)
            value = np.maximum(0, self._sum())
            assert self._take(")")
            return value
        return float(token) if token.isdigit() else self._named(token)

    def _named(self, token: str) -> Any:
        if token[0] == '"':
            return self.trace[token.strip('"')][self.tick]
        name, _, index = token.partition("_")
        index = index.strip('"()')
        if name in ("W", "R", "b") and token not in self.trace:
            matrix, _, gate = index.rpartition(" ")
            gate = "" if index == "R" else gate
            (gate,) = (gate,) if gate else self.layer.cell.gates
            return getattr(
                self.layer.gate(gate), "rb" if "R" in (matrix, index) and name == "b" else name
            )
        if name == "p":
            return self.layer.weights.extras[token]
        if index == "t-1":
            return self.trace[f"{name}_prev"][self.tick]
        if index.isdigit():
            after = int(index) - 1
            return self.trace[name][after] if after >= 0 else self.trace.initial[name]
        whole = token if name == "a" and index != "t" else name
        return self.trace[whole][self.tick]


def assert_labels_hold(told: Walk, of: Network) -> int:
    """Compute what every label says, and give how many name weights."""
    layer, weighed = of.layers[0][0], 0
    for still in told.stills:
        for label in still.labels:
            reading, source, tick = label.reading, label.source, still.tick
            if reading is not None:
                trace = next(each for each in told.sources if _has(each, reading))
                true, tick = reading.value, reading.tick
            else:
                left, source = source.split(" = ")
                name = left.removesuffix("_t")
                if name not in told.trace or source.isdigit():
                    continue  # about any value of a curve, or where a scale begins
                letters = set(re.findall(r"\b([a-z])_t", source))
                trace = next(
                    (each for each in told.sources if all(x in each for x in letters)), told.trace
                )
                true = trace[name][tick]
            said = Evaluator(trace, layer, tick)(source)
            assert np.allclose(said, true, atol=1e-9), (told.story, still.step, label.source)
            weighed += "W" in source or "R" in source
    for still, step in zip(told.stills, told.steps, strict=True):
        for name, numbers in re.findall(
            r"([^;:]*[WR][^;:=]*) = ([^;]*?)[;.](?: |$)", step.alt.partition("On screen:")[2]
        ):
            said = Evaluator(told.trace, layer, still.tick)(plain(name))
            true = {shown(float(value), "free") for value in said}
            assert set(numbers.split(", ")) <= true, (told.story, step.name, step.alt)
    return weighed


def _has(trace: Trace, reading: Reading) -> bool:
    return reading.name in trace and np.array_equal(trace[reading.name][reading.tick], reading)
