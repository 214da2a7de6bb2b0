"""What a cell's equations write into: one tick, which records each value under a name."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from lstmviz.errors import UsageError

Array = NDArray[np.floating[Any]]
# What holds h_prev (..., outputs), the same with a 1 behind it (..., outputs + 1), R h_prev + rb
# (..., gates·units), and its sum with W x + b.
Room = tuple[Array, Array, Array, Array]

LINE = 64  # bytes of a line of the processor's cache
_BLOCK = 64  # rows that are turned into columns at a time, a quarter of the time of all at once


class Moment:
    """One tick of one layer: assigning to it records a value under that name, once.

    It starts with `x` (..., inputs) and, for each state s of the cell, `s_prev`
    (..., units). A second write of a name and the reading of an unknown one raise an
    AttributeError that lists what there is.
    """

    # The values live in the instance's own __dict__, so that reading one back in an
    # equation costs no Python call; the parts below carry an underscore, as no name may.
    _parts: Parts
    _of_x: Array  # W x + b, (..., gates·units): all gates at once
    _of_h: Array | None  # R h_prev + rb, likewise, once an equation has asked for it
    _sum: Array | None  # the sum of both, likewise
    _room: Room | None

    def __init__(
        self,
        parts: Parts,
        of_x: Array,
        readings: Mapping[str, Array],
        room: Room | None = None,
    ) -> None:
        """`of_x` (..., gates·units) is W x + b of this tick, for all gates at once.

        `room` is where the products with R and the sums are to be made, if not in new arrays.
        """
        own = self.__dict__
        own.update(readings)
        own["_parts"] = parts
        own["_of_x"] = of_x
        own["_of_h"] = None
        own["_sum"] = None
        own["_room"] = room

    def affine(self, gate: str, x: Array, h: Array, *more: Array) -> Array:
        """W x + b + R h + rb of one gate, and a peephole's term; recorded as `a_<gate>`.

        The parts of the sum are readings, too, so that a picture can show how it adds up:
        `wx_<gate>` is W x + b, `rh_<gate>` is R h + rb, and `pc_<gate>` the term in `more`,
        of which there is one at most. Shape (..., units).
        """
        own = self.__dict__
        a: Array
        if x is own["x"] and h is own.get("h_prev"):
            # One addition serves all gates, as one product does; `unroll` keeps both parts.
            if own["_sum"] is None:
                room = own["_room"]
                of_h = self._recurrent_of_all(h)
                own["_sum"] = np.add(own["_of_x"], of_h, out=room and room[3])
            a = own["_sum"][..., self._rows(gate)]
        else:
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
        """W x + b of one gate, (..., units); free when `x` is this tick's input."""
        rows = self._rows(gate)
        own = self.__dict__
        if x is own["x"]:
            of_x: Array = own["_of_x"][..., rows]
            return of_x
        parts = self._parts
        product: Array = x @ parts.W[rows].T + parts.b[rows]
        return product

    def recurrent(self, gate: str, h: Array) -> Array:
        """R h + rb of one gate, (..., units); one product a tick serves all gates of `h_prev`."""
        rows = self._rows(gate)
        if h is self.__dict__.get("h_prev"):
            return self._recurrent_of_all(h)[..., rows]
        parts = self._parts
        product: Array = h @ parts.R_T[:, rows] + parts.rb[rows]
        return product

    def param(self, name: str) -> Array:
        """A further weight of the layer by its name, such as the peephole vector `p_i`.

        Raises:
            UsageError: the layer's weights have none of that name.
        """
        found = self._parts.extras.get(name)
        if found is None:
            have = ", ".join(self._parts.extras) or "none"
            raise UsageError(
                f"The cell asks for the weight '{name}', but the layer's further weights are: "
                f"{have}; add it to `extras`."
            )
        return found

    def project(self, value: Array) -> Array:
        """W_hr value, (..., outputs): what a cell with fewer outputs than units gives."""
        product: Array = value @ self.param("W_hr").T
        return product

    def _recurrent_of_all(self, h: Array) -> Array:
        own = self.__dict__
        if own["_of_h"] is None:
            room = own["_room"]
            fused = self._parts.R_rb
            if room is None or fused is None:
                own["_of_h"] = h @ self._parts.R_T + self._parts.rb
            else:
                room[0][...] = h
                own["_of_h"] = np.matmul(room[1], fused, out=room[2])
        of_h: Array = own["_of_h"]
        return of_h

    def _rows(self, gate: str) -> slice:
        try:
            return self._parts.rows[gate]
        except KeyError:
            have = ", ".join(self._parts.rows)
            raise UsageError(f"The cell has no gate '{gate}'; its gates are: {have}.") from None

    def __setattr__(self, name: str, value: Array) -> None:
        own = self.__dict__
        if name in own or name[0] == "_":
            raise AttributeError(
                f"'{name}' is written a second time or reserved; each name is written once. "
                f"There is: {self._listed()}."
            )
        own[name] = value

    def __getattr__(self, name: str) -> Array:
        # Called only for what is not there.
        raise AttributeError(f"There is no '{name}' at this tick; there is: {self._listed()}.")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"'{name}' is recorded and stays.")

    def _listed(self) -> str:
        return ", ".join(name for name in self.__dict__ if name[0] != "_")


class Parts:
    """The weights of one layer, laid out for the ticks of one run.

    Shapes: W (gates·units, inputs), R (gates·units, outputs), b and rb (gates·units,);
    the gates are stacked in the cell's order. To lay them out for quick products, which is not
    done `as_they_are`, takes as long as some dozen ticks do.
    """

    __slots__ = ("R_T", "R_rb", "W", "W_b", "b", "extras", "rb", "rows")
    W_b: Array | None  # (gates·units, inputs + 1)
    R_rb: Array | None  # (outputs + 1, gates·units)

    def __init__(
        self,
        gates: Sequence[str],
        W: Array,
        R: Array,
        b: Array,
        rb: Array,
        extras: Mapping[str, Array],
        *,
        as_they_are: bool = False,
    ) -> None:
        units = len(b) // len(gates)
        self.W, self.b, self.rb, self.extras = W, b, rb, extras
        self.rows = {gate: slice(k * units, (k + 1) * units) for k, gate in enumerate(gates)}
        self.W_b = self.R_rb = None
        self.R_T = R.T  # (outputs, gates·units)
        if as_they_are:
            return
        # A bias is one more row of the weights, of an input that is always 1: to add it to a
        # product would be to go over all numbers once more.
        self.W_b = np.concatenate([W, b[:, None]], axis=1)
        self.R_rb = aligned((R.shape[1] + 1, R.shape[0]), R.dtype)
        for k in range(0, len(R), _BLOCK):
            self.R_rb[:-1, k : k + _BLOCK] = R[k : k + _BLOCK].T
        self.R_rb[-1] = rb
        self.R_T = self.R_rb[:-1]

    def of_x(self, x: Array, room: Array) -> Array:
        """W x + b of many ticks, (..., gates·units), made in `room`, which has a row for each."""
        rows = x.reshape(-1, x.shape[-1])
        product: Array
        if self.W_b is None:
            product = np.matmul(rows, self.W.T, out=room[: len(rows)])
            product += self.b
        else:
            rows_1 = np.ones((len(rows), x.shape[-1] + 1), x.dtype)
            rows_1[:, :-1] = rows
            product = np.matmul(rows_1, self.W_b.T, out=room[: len(rows)])
        return product.reshape(*x.shape[:-1], -1)

    def room(self, batch: tuple[int, ...]) -> Room | None:
        """Arrays for the products and sums of a tick, for so many sequences, if laid out."""
        if self.R_rb is None:
            return None
        rows, columns = self.R_rb.shape
        h_1, of_h, total = (aligned((*batch, n), self.R_rb.dtype) for n in (rows, columns, columns))
        h_1[..., -1] = 1
        return h_1[..., :-1], h_1, of_h, total


def aligned(shape: tuple[int, ...], dtype: DTypeLike) -> Array:
    """An empty array that starts where a cache line does: a product with it is a third faster."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    memory = np.empty(size + LINE, np.uint8)
    start = -memory.ctypes.data % LINE
    array: Array = memory[start : start + size].view(dtype).reshape(shape)
    return array
