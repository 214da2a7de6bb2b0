"""Where a gate's sum comes from: each row of weights, the products with its numbers, the bias."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.model.network import Layer, Network
from lstmviz.errors import UsageError
from lstmviz.style.notation import Made
from lstmviz.trace.recording import Recording
from lstmviz.trace.trace import At, Reading, Trace

Array = NDArray[np.floating[Any]]
_NEAR = 1e-4  # of the size of all products: what rounding in half or single precision may take


@dataclass(frozen=True, eq=False)
class Row:
    """What one unit makes of a vector: its weights, the products with it, and the bias."""

    weights: Reading  # (inputs,)
    products: Reading  # (inputs,)
    bias: Reading | None  # (units,)
    rest: Reading | None  # (1,): the sum of the products that are not shown


@dataclass(frozen=True, eq=False)
class Product:
    """A matrix of weights times a vector, and perhaps a bias: `W_f x + b_f`."""

    matrix: str  # how the matrix is written: W_f
    weights: Array  # (units, inputs)
    values: Reading  # the vector, (inputs,)
    bias: Array | None  # (units,)
    bias_symbol: str
    sums: Reading  # what comes out, (units,)
    added: bool = True  # whether the gate's sum has it as it is, and not a share of it

    def row(self, unit: int, shown: Sequence[int] | None = None) -> Row:
        """Give the row of a unit; `shown` are the products that are not part of the rest."""
        weights = self.weights[unit]
        products = weights * np.asarray(self.values)
        rest = None
        if shown is not None and len(shown) < len(products):
            rest = Reading("rest", 0, np.delete(products, list(shown)).sum(keepdims=True))
        return Row(
            Reading("weights", 0, weights),
            Reading("products", 0, products),
            None if self.bias is None else Reading("bias", 0, self.bias),
            rest,
        )

    def largest(self, unit: int, most: int) -> tuple[int, ...]:
        """Name the inputs with the largest products, at most so many, in order; none that are 0."""
        size = np.abs(self.weights[unit] * np.asarray(self.values))
        first = [int(k) for k in np.argsort(-size, kind="stable")[:most] if size[k] > 0]
        return tuple(sorted(first)) or (0,)


@dataclass(frozen=True, eq=False)
class Pair:
    """Two numbers a unit that are multiplied: a peephole's weight and c, a gate and R h."""

    symbols: tuple[str, str]
    factors: tuple[Reading, Reading]  # (units,) each
    sums: Reading  # the products, (units,)
    added: bool = True


@dataclass(frozen=True, eq=False)
class GateSum:
    """All that a gate adds up at one tick; `parts` in the order of its equation."""

    gate: str  # the reading of the gate: f
    parts: tuple[Product | Pair, ...]
    sums: Reading  # (units,)

    @property
    def products(self) -> tuple[Product, ...]:
        """Those of them that are products with a matrix."""
        return tuple(part for part in self.parts if isinstance(part, Product))


def gate_sum(trace: Trace, network: Network, gate: str, tick: int) -> GateSum:
    """Take apart the sum of a gate at a tick, unit by unit, with the network's weights.

    >>> from lstmviz import run
    >>> from lstmviz.demo.networks import demo_network
    >>> network = demo_network("lstm")
    >>> told = gate_sum(run("I liked it.", network=network), network, "f", 1)
    >>> [part.sums.name for part in told.parts]
    ['wx_f', 'rh_f']
    >>> row = told.products[0].row(0)
    >>> bool(abs(sum(row.products) + row.bias[0] - told.parts[0].sums[0]) < 1e-9)
    True

    Raises:
        UsageError: the cell makes no such sum, or of something that has no name; or the weights
            at hand do not give the sums that the trace holds.
    """
    number, direction = trace.shown
    layer = next(one for one in network.layers[number - 1] if one.direction == direction)
    now, total = trace.at(tick), f"a_{gate}"
    if total not in trace or gate not in layer.cell.gates:
        able = [name for name in layer.cell.gates if f"a_{name}" in trace]
        raise UsageError(
            f"{trace.cell} weighs nothing for {gate}; what it weighs is: {', '.join(able)}."
        )
    parts: list[Product | Pair] = []
    for name in trace.notation.sum(gate):
        parts += _parts(now, layer, name, gate)
    return GateSum(gate, tuple(parts), now[total])


def _parts(now: At, layer: Layer, name: str, gate: str) -> list[Product | Pair]:
    notation = now.trace.notation
    if name in notation.weighed:
        return [_product(now, layer, name)]
    made = notation.made.get(name)
    if not isinstance(made, Made) or made.by != "×" or len(made.of) != 2:
        raise _unopened(now.trace, gate, name)
    before: list[Product | Pair] = []
    factors, symbols = [], []
    for one in made.of:
        if not isinstance(one, str):
            raise _unopened(now.trace, gate, name)
        if one in notation.weighed:
            before.append(replace(_product(now, layer, one), added=False))
        known = one in now
        if not known and one not in layer.weights.extras:
            raise _unopened(now.trace, gate, name)
        factors.append(now[one] if known else Reading(one, 0, layer.weights.extras[one]))
        symbols.append(notation.symbol(one))
    pair = Pair((symbols[0], symbols[1]), (factors[0], factors[1]), now[name])
    return [*before, pair]


def _product(now: At, layer: Layer, name: str) -> Product:
    notation = now.trace.notation
    weighed = notation.weighed[name]
    if not weighed.operand or weighed.operand not in now:
        raise _unopened(now.trace, weighed.gate, name)
    own = layer.gate(weighed.gate)
    weights = own.W if weighed.matrix == "W" else own.R
    bias = (own.b if weighed.matrix == "W" else own.rb) if weighed.bias else None
    values, sums = now[weighed.operand], now[name]
    if weights.shape != (len(sums), len(values)):
        raise _unlike(now.trace)
    vector, more = np.asarray(values), np.zeros(1) if bias is None else bias
    size = np.abs(weights) @ np.abs(vector) + np.abs(more) + 1.0
    if (np.abs(weights @ vector + more - np.asarray(sums)) > _NEAR * size).any():
        raise _unlike(now.trace)
    term, symbol = notation.terms(weighed)
    matrix = term.partition(" ")[0]
    return Product(matrix, weights, values, bias, symbol, sums)


def _unopened(trace: Trace, gate: str, name: str) -> UsageError:
    return UsageError(
        f"The sum of {gate} in {trace.cell} has the part {name}, which is no product of weights "
        "with a reading, and so cannot be shown number by number; choose another gate or cell."
    )


def _unlike(trace: Trace) -> UsageError:
    return UsageError(
        f"The weights at hand are not those that made this trace of {trace.cell}: they give other "
        "sums; give the network that it was made with."
    )


def source_of(trace: Trace, readings: Sequence[Reading]) -> Trace:
    """Give a trace of one tick that holds readings: all that is shown stands in a trace.

    It has the notation of any cell, and states of the widths of its readings.
    """
    widths = {len(reading) for reading in readings}
    values = {reading.name: reading.value[None] for reading in readings}
    states = {f"zero {width}": np.zeros(width) for width in widths}
    values |= {name: state[None] for name, state in states.items()}
    return replace(
        trace,
        tokens=(trace.tokens[0],),
        recordings={(1, "forward"): Recording(values, states)},
        network=replace(trace.network, depth=1, directions=1),
        output=None,
        shown=(1, "forward"),
        skipped=(),
        features=(),
        made_by=None,
    )
