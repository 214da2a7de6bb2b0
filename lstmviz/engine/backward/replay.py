"""One tick of a layer, computed once more so that it can be differentiated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.backward.autodiff import Tape, Value
from lstmviz.engine.model.moment import Moment, Parts
from lstmviz.engine.model.network import Layer

Array = NDArray[np.floating[Any]]


class Replay:
    """The equations of a layer at one tick, in float64, on a tape.

    `given` has `x` (..., inputs) and, for each state s, `s_prev` (..., units).
    """

    def __init__(self, layer: Layer, given: Mapping[str, Array]) -> None:
        self._tape = Tape()
        w = layer.weights.astype(np.float64)
        self._weights = {name: self._tape.leaf(array) for name, array in w.arrays().items()}
        start = {name: self._tape.leaf(np.asarray(v, np.float64)) for name, v in given.items()}

        # A Value behaves like the array that the equations are written for.
        on_tape = cast(Mapping[str, Array], self._weights)
        parts = Parts(layer.cell.gates, w.W, w.R, w.b, w.rb, {}, as_they_are=True)
        parts.W, parts.b, parts.rb = (on_tape[name] for name in ("W", "b", "rb"))
        parts.R_T = on_tape["R"].T
        parts.extras = {name: on_tape[name] for name in w.extras}
        readings = cast(Mapping[str, Array], start)
        moment = Moment(parts, readings["x"] @ parts.W.T + parts.b, readings)
        layer.cell.equations(moment)
        self._values: dict[str, object] = vars(moment)

    def array(self, name: str) -> Array:
        """What the equations record under that name."""
        value = self._values[name]
        return value.array if isinstance(value, Value) else cast(Array, value)

    def pull(self, seeds: Mapping[str, Array]) -> Callable[[str], Array]:
        """From dL/ds of each state after the tick to dL/d(anything), by name.

        Anything is what the equations name, `x`, the states before the tick, and the weights.
        """
        after = ((self._values[name], seed) for name, seed in seeds.items())
        gradient = self._tape.pull((v, seed) for v, seed in after if isinstance(v, Value))

        def of(name: str) -> Array:
            # `unroll` splits a sum into its parts, whose gradients are that of the sum.
            whole = f"a_{name[3:]}" if name[:3] in ("wx_", "rh_") else name
            value = self._weights.get(name) or self._values.get(name, self._values.get(whole))
            return gradient(value) if isinstance(value, Value) else np.zeros_like(value)

        return of
