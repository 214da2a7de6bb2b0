"""The dense layers that a file `names.toml` makes of arrays: what gives the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

import numpy as np

from lstmviz.engine.model.activations import Activation
from lstmviz.engine.model.readout import Dense, Readout, is_pooling
from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Output, Tensor, real

_MOST = 100  # dense layers
_KEYS = ("W", "b", "activation", "transposed")


class Names(Protocol):
    """What reads a file of names."""

    where: str  # the file, for what is said of it

    def only(self, told: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
        """Refuse what a table has no use for."""

    def array(self, told: Mapping[str, Any], key: str, where: str) -> tuple[str, Tensor]:
        """An array by its name."""

    def flag(self, told: Mapping[str, Any], key: str, where: str) -> bool:
        """Whether something is said to be true."""


def heads_of(told: Mapping[str, Any], names: Names, outputs: int) -> Output | None:
    """What `head` says of the dense layers that read so many outputs; None if it says nothing.

    It is a table with W and perhaps b, activation and transposed, or several of these that follow
    one another. The first may say how it reads the outputs over time, as pooling.

    Raises:
        UsageError: it names an array that is not there, or shapes do not fit.
    """
    if "head" not in told:
        return None
    tables = told["head"]
    tables = [*tables] if isinstance(tables, (list, tuple)) else [tables]
    if not 1 <= len(tables) <= _MOST:
        raise UsageError(f"{names.where}: head is a table, or several below [[head]], in order.")
    reads: list[Callable[[], Dense]] = []
    words: list[str] = []
    width, pooling = outputs, "each"
    for number, table in enumerate(tables, start=1):
        where = f"{names.where}, head {number}" if len(tables) > 1 else f"{names.where}, [head]"
        if not isinstance(table, Mapping):
            raise UsageError(f"{where} is no table; give it a W.")
        names.only(table, (*_KEYS, *(["pooling"] if number == 1 else [])), where)
        if number == 1:
            pooling = _pooling(table, where)
            width *= len(pooling.split("+"))
        if "transposed" not in table:
            _refuse_square(table, told, names, where)
        read, answers, function = _dense(table, names, where, width)
        reads.append(read)
        words.append(f"'{table['W']}' ({width} → {answers})" + function)
        width = answers
    how = "" if pooling == "each" else f"{pooling} of the outputs, then "
    return Output(
        "head",
        how + ", then ".join(words),
        lambda: Readout(tuple(read() for read in reads), pooling),
    )


def _refuse_square(
    table: Mapping[str, Any], told: Mapping[str, Any], names: Names, where: str
) -> None:
    """Refuse a square W that does not say which way round it is, where the layers are turned."""
    layers = told.get("layer")
    turned = isinstance(layers, (list, tuple)) and any(
        isinstance(layer, Mapping) and layer.get("transposed") is True for layer in layers
    )
    name, W = names.array(table, "W", where)
    if turned and len(W.shape) == 2 and W.shape[0] == W.shape[1]:
        raise UsageError(
            f"{where}: '{name}' is square, so its shape does not tell which way round it is; say "
            "transposed = true, as of the layers, or transposed = false."
        )


def _pooling(table: Mapping[str, Any], where: str) -> str:
    pooling = table.get("pooling", "each")
    if not isinstance(pooling, str) or not is_pooling(pooling):
        raise UsageError(
            f"{where}: pooling is each, last, mean, max or sum, or several as in 'mean+max'."
        )
    return pooling


def _dense(
    table: Mapping[str, Any], names: Names, where: str, width: int
) -> tuple[Callable[[], Dense], int, str]:
    """A dense layer, the number of its answers, and its function in words."""
    name, W = names.array(table, "W", where)
    turned = names.flag(table, "transposed", where)
    shape = W.shape[::-1] if turned else W.shape
    if len(shape) != 2 or not all(shape) or shape[1] != width:
        other = len(shape) == 2 and shape[0] == width
        raise UsageError(
            f"{where}: '{name}' has the shape {W.shape}, but {width} values come in, one for each "
            f"{'row' if turned else 'column'}"
            + (f"; transposed = {'false' if turned else 'true'} turns it." if other else ".")
        )
    bias = names.array(table, "b", where) if "b" in table else None
    if bias is not None and int(np.prod(bias[1].shape)) != shape[0]:
        raise UsageError(
            f"{where}: b has '{bias[0]}' {bias[1].shape}, but W gives {shape[0]} answers."
        )
    said = table.get("activation", "linear")
    try:
        function = Activation(said if isinstance(said, str) else repr(said))
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from error
    read = partial(_read, (name, W), bias, function, turned=turned)
    return read, shape[0], "" if function.name == "linear" else f", {function}"


def _read(
    weight: tuple[str, Tensor],
    bias: tuple[str, Tensor] | None,
    function: Activation,
    *,
    turned: bool,
) -> Dense:
    name, W = weight[0], real(weight[1].read(), weight[0])
    W = W.T if turned else W
    b = np.zeros(len(W), W.dtype) if bias is None else real(bias[1].read(), bias[0]).reshape(-1)
    for what, array in ((name, W), (bias[0] if bias else "", b)):
        if not np.isfinite(array).all():
            raise UsageError(f"'{what}' has weights that are not finite; train it again.")
    return Dense(W, b, function, name)
