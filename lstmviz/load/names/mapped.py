"""The layers that a file `names.toml` makes of arrays under any names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from lstmviz.engine.model.activations import Activation
from lstmviz.engine.model.cell import Cell
from lstmviz.engine.model.cells import find_cell
from lstmviz.engine.model.network import Direction, Merge, Weights
from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Contents, Found, Matrix, Stack, Tensor, listed, real
from lstmviz.load.names.heads import heads_of
from lstmviz.system.suggest import nearest
from lstmviz.system.texts import read_text, short, toml_of

Array = NDArray[np.floating[Any]]

_MOST = 100  # layers
_COMPARED = 1_000  # names of arrays, among which a similar one is looked for
_ARRAYS = ("W", "R", "WR", "b", "rb")
_SETTINGS = (
    "cell",
    "gates",
    "joined",
    "transposed",
    "direction",
    "merge",
    "functions",
    "forget_bias",
    "backward",
)
_MERGES = ("concat", "sum", "ave", "mul")
_PART = re.compile(r"(.+)\[(\d{1,6})\]")


def with_names(contents: Contents, names: str | Path | Mapping[str, Any]) -> Contents:
    """The same contents with the layers that `names` makes of their arrays.

    `names` is a file of TOML, or what it says: a table `layer` for each layer, in their order, and
    perhaps one `embedding`, and a `head` or several that follow one another. `lstmviz inspect`
    proposes one.

    Raises:
        UsageError: it is no such file, names an array that is not there, or shapes do not fit.
    """
    where, told = "names=", names
    if isinstance(names, (str, Path)):
        where = str(names)
        told = toml_of(read_text(names, f"The file of names {names}"), f"The file {names}")
    if not isinstance(told, Mapping):
        raise UsageError(f"{where} must be a table with a [[layer]] for each layer.")
    if not contents.arrays:
        raise UsageError(
            f"{where} says which array is which weight, but a {contents.format} says that itself; "
            "leave it out."
        )
    reader = Reader(where, contents.arrays)
    levels = reader.levels(told)
    embedding = reader.embedding(told, levels[0][0].inputs)
    matrices = tuple(one for one in contents.matrices if one.name not in reader.used)
    if embedding is not None:
        matrices = (embedding, *matrices)
    readout = heads_of(told, reader, reader.wide(levels))
    heads = tuple(one for one in contents.heads if f"{one.name}.weight" not in reader.used)
    stack = Stack(
        "",
        levels,
        reader.merges,
        None if embedding is None else embedding.name,
        (f"its arrays are taken for weights as {Path(where).name} says",),
        answers=() if readout is None else (readout,),
    )
    return replace(contents, stacks=(stack,), matrices=matrices, heads=heads, unusable=(), inner=())


@dataclass(frozen=True)
class _Place:
    """One direction of a layer in the file of names: what it says, and where errors are."""

    where: str
    told: Mapping[str, Any]
    cell: Cell
    gates: tuple[str, ...] | None  # in the order in which they are stacked
    transposed: bool
    joined: str


class Reader:
    """What a file of names says of the arrays of another file."""

    def __init__(self, where: str, arrays: Mapping[str, Tensor]) -> None:
        self.where, self._arrays = where, arrays
        self.merges: tuple[Merge, ...] = ()
        self.used: set[str] = set()  # which are no embedding, and give no answer

    def levels(self, told: Mapping[str, Any]) -> tuple[tuple[Found, ...], ...]:
        """The layers, each fed by the one before."""
        self.only(told, ("layer", "embedding", "head"), self.where)
        layers = told.get("layer")
        if not isinstance(layers, (list, tuple)) or not 1 <= len(layers) <= _MOST:
            raise UsageError(f"{self.where} needs a table [[layer]] for each layer, in order.")
        levels = []
        for number, layer in enumerate(layers, start=1):
            where = f"{self.where}, layer {number}"
            if not isinstance(layer, Mapping):
                raise UsageError(f"{where} is no table; write it below [[layer]].")
            levels.append(tuple(self._level(layer, where)))
            if number > 1:
                wide = self.outputs(levels[-2], number - 2)
                if levels[-1][0].inputs != wide:
                    raise UsageError(
                        f"{where}: its W takes {levels[-1][0].inputs} values, but the layer before "
                        f"gives {wide}; check the order of the layers."
                    )
        return tuple(levels)

    def embedding(self, told: Mapping[str, Any], inputs: int) -> Matrix | None:
        """The matrix of words, if it is told."""
        if "embedding" not in told:
            return None
        where = f"{self.where}, [embedding]"
        table = told["embedding"]
        if isinstance(table, str):
            table = {"W": table}
        if not isinstance(table, Mapping):
            raise UsageError(f"{where} is no table; give it a W.")
        self.only(table, ("W", "transposed"), where)
        name, array = self.array(table, "W", where)
        turned = self.flag(table, "transposed", where)
        shape = array.shape[::-1] if turned else array.shape
        if len(shape) != 2 or shape[1] != inputs:
            raise UsageError(
                f"{where}: '{name}' has the shape {array.shape}, but layer 1 takes {inputs} values "
                "of each word."
            )
        return Matrix(name, *shape, partial(oriented, array, name, turned), sure=True)

    def _level(self, layer: Mapping[str, Any], where: str) -> Iterator[Found]:
        cell = self._cell(layer, where)
        extras = (*cell.params, *(["W_hr"] if cell.projects else []))
        self.only(layer, (*_SETTINGS, *_ARRAYS, *extras), where)
        merge = layer.get("merge", "concat")
        if merge not in _MERGES:
            raise UsageError(f"{where}: merge is one of {', '.join(_MERGES)}.")
        self.merges = (*self.merges, cast("Merge", merge))
        direction = layer.get("direction", "forward")
        if direction not in ("forward", "backward"):
            raise UsageError(f"{where}: direction is forward or backward.")
        place = _Place(
            where,
            layer,
            cell,
            self._gates(layer, cell, where),
            self.flag(layer, "transposed", where),
            layer.get("joined", "x h"),
        )
        first = self._found(place, cast("Direction", direction))
        yield first
        if "backward" not in layer:
            return
        table, beside = layer["backward"], f"{where}, backward"
        if direction == "backward" or not isinstance(table, Mapping):
            raise UsageError(
                f"{where}: backward is a table with the arrays of the other direction, beside "
                "those that read forward."
            )
        self.only(table, (*_ARRAYS, *extras), beside)
        told = {**{key: layer[key] for key in ("forget_bias",) if key in layer}, **table}
        second = self._found(replace(place, where=beside, told=told), "backward")
        if (second.inputs, second.outputs) != (first.inputs, first.outputs):
            raise UsageError(f"{beside}: its arrays are not of the sizes that those forward have.")
        yield second

    def wide(self, levels: tuple[tuple[Found, ...], ...]) -> int:
        """How many values the last layer gives."""
        return self.outputs(levels[-1], len(levels) - 1)

    def outputs(self, level: tuple[Found, ...], place: int) -> int:
        """How many values a layer gives, by its place."""
        return sum(one.outputs for one in (level if self.merges[place] == "concat" else level[:1]))

    def _cell(self, layer: Mapping[str, Any], where: str) -> Cell:
        name = layer.get("cell")
        if not isinstance(name, str):
            raise UsageError(f"{where} needs a cell, such as 'lstm', 'gru' or 'rnn'.")
        functions = layer.get("functions", {})
        if not isinstance(functions, Mapping) or not all(
            isinstance(one, str) for one in functions.values()
        ):
            raise UsageError(f"{where}: functions is a table such as {{ tanh = 'relu' }}.")
        try:
            cell = find_cell(name)
            chosen = {word: Activation(one) for word, one in functions.items()}
            return cell.configured({word: one.plain or one for word, one in chosen.items()})
        except UsageError as error:
            raise UsageError(f"{where}: {error}") from error

    def _gates(self, layer: Mapping[str, Any], cell: Cell, where: str) -> tuple[str, ...] | None:
        if "gates" not in layer:
            return cell.gates if len(cell.gates) == 1 else None
        told = layer["gates"]
        order = told.split() if isinstance(told, str) else told
        if not isinstance(order, list) or sorted(map(str, order)) != sorted(cell.gates):
            raise UsageError(
                f"{where}: gates is {short(repr(told))}; give the order in which the arrays stack "
                f"the gates of {cell.name}, such as '{' '.join(cell.gates)}'."
            )
        return tuple(order)

    def _found(self, place: _Place, direction: Direction) -> Found:
        """One direction of a layer, all shapes of which fit one another."""
        cell, told = place.cell, place.told
        if "WR" in told:
            if "W" in told or "R" in told:
                raise UsageError(f"{place.where}: give W and R, or both in one as WR.")
            (rows, columns), both = self._matrix(place, "WR")
        else:
            (rows, inputs), W = self._matrix(place, "W")
            (same, outputs), R = self._matrix(place, "R")
            if rows != same:
                raise UsageError(
                    f"{place.where}: W has {rows} rows and R {same}, when units are rows; both "
                    f"have {len(cell.gates)}·units (transposed = true takes columns for units)."
                )
        hidden = rows // len(cell.gates)
        extras = {name: self._vector(place, name, (hidden,)) for name in cell.params}
        wide = hidden
        if cell.projects:
            name, array = self.array(told, "W_hr", place.where)
            shape = array.shape[::-1] if place.transposed else array.shape
            if len(shape) != 2 or shape[1] != hidden:
                raise UsageError(
                    f"{place.where}: '{name}' has the shape {array.shape}; it takes {hidden}."
                )
            wide = shape[0]
            extras["W_hr"] = partial(oriented, array, name, place.transposed)
        if "WR" in told:
            inputs, outputs = columns - wide, wide
            if inputs < 1:
                raise UsageError(
                    f"{place.where}: WR has {columns} columns, and {wide} of them are for the "
                    "state, so that none is left for what comes in."
                )
            if place.joined not in ("x h", "h x"):
                raise UsageError(f"{place.where}: joined is 'x h' or 'h x'.")
            at = inputs if place.joined == "x h" else outputs
            halves = [lambda: both()[:, :at], lambda: both()[:, at:]]
            W, R = halves if place.joined == "x h" else halves[::-1]
        elif outputs != wide:
            raise UsageError(
                f"{place.where}: R has {rows} rows and {outputs} columns, but {cell.name} has "
                f"{len(cell.gates)} gates of {hidden} units, which give {wide} values; "
                "is it another cell, or transposed?"
            )
        b, rb = (self._vector(place, name, (rows,)) for name in ("b", "rb"))
        added = self._added(place, hidden)

        def read() -> Weights:
            return Weights(
                W(), R(), b() + added, rb(), {name: one() for name, one in extras.items()}
            )

        name = place.where.removeprefix(f"{self.where}, ")
        return Found(name, cell, direction, inputs, hidden, outputs, read)

    def _added(self, place: _Place, hidden: int) -> Array:
        """What is added to the bias of the forget gate whenever the network runs."""
        value = place.told.get("forget_bias", 0)
        gates = place.cell.gates
        if type(value) not in (int, float) or (value and "f" not in gates):
            raise UsageError(f"{place.where}: forget_bias is a number, for cells with a gate f.")
        added = np.zeros(hidden * len(gates))
        if value:
            added[gates.index("f") * hidden :][:hidden] = value
        return added

    def _matrix(self, place: _Place, key: str) -> tuple[tuple[int, int], Callable[[], Array]]:
        """A weight with a row per gate and unit, from one array or from one per gate."""
        parts = self._parts(place, key)
        shapes = {
            name: array.shape[::-1] if place.transposed else array.shape for name, array in parts
        }
        for (name, array), shape in zip(parts, shapes.values(), strict=True):
            if len(shape) != 2 or not all(shape):
                raise UsageError(
                    f"{place.where}: '{name}' has the shape {array.shape}, but {key} is a matrix."
                )
        if len({*shapes.values()}) > 1:
            told = listed([f"'{name}' {shape}" for name, shape in shapes.items()])
            raise UsageError(f"{place.where}: the gates of {key} have different shapes: {told}.")
        rows, columns = next(iter(shapes.values()))
        count = len(place.cell.gates)
        if len(parts) == 1 and rows % count:
            raise UsageError(
                f"{place.where}: '{parts[0][0]}' has {rows} rows, when units are rows, and "
                f"{place.cell.name} needs {count}·units; is it transposed, or of another cell?"
            )
        whole = rows * (1 if len(parts) == 1 else count)
        return (whole, columns), partial(self._stacked, place, parts)

    def _stacked(self, place: _Place, parts: list[tuple[str, Tensor]]) -> Array:
        arrays = [oriented(array, name, place.transposed) for name, array in parts]
        if len(arrays) == 1 and place.gates is not None:
            blocks = dict(zip(place.gates, np.split(arrays[0], len(place.gates)), strict=True))
            arrays = [blocks[gate] for gate in place.cell.gates]
        return np.concatenate(arrays)

    def _vector(self, place: _Place, key: str, shape: tuple[int, ...]) -> Callable[[], Array]:
        """A bias, or another weight per unit; biases that are not told are 0."""
        if key not in place.told and key in ("b", "rb"):
            return lambda: np.zeros(shape)
        parts = self._parts(place, key)
        size = sum(int(np.prod(array.shape)) for _, array in parts)
        if size != shape[0]:
            told = listed([f"'{name}' {array.shape}" for name, array in parts])
            raise UsageError(f"{place.where}: {key} has {told}, but {shape} fits the other arrays.")

        def read() -> Array:
            arrays = [real(array.read(), name).reshape(-1) for name, array in parts]
            if len(arrays) == 1 and place.gates is not None and key in ("b", "rb"):
                blocks = dict(zip(place.gates, np.split(arrays[0], len(place.gates)), strict=True))
                arrays = [blocks[gate] for gate in place.cell.gates]
            return np.concatenate(arrays)

        return read

    def _parts(self, place: _Place, key: str) -> list[tuple[str, Tensor]]:
        """The arrays of a weight: one, or one for each gate in the order of the cell."""
        told, gates = place.told.get(key), place.cell.gates
        if not isinstance(told, Mapping):
            if place.gates is None and key in _ARRAYS:
                raise UsageError(
                    f"{place.where}: {key} is one array for all gates; say in which order it "
                    f"stacks them, such as gates = '{' '.join(gates)}'."
                )
            return [self.array(place.told, key, place.where)]
        if {*told} != {*gates}:
            raise UsageError(
                f"{place.where}: {key} needs an array for each of the gates {', '.join(gates)} of "
                f"{place.cell.name}, and has {listed([short(one) for one in told]) or 'none'}."
            )
        return [self.array(told, gate, f"{place.where}, {key}") for gate in gates]

    def array(self, told: Mapping[str, Any], key: str, where: str) -> tuple[str, Tensor]:
        """An array by its name, or one row of it: `bias[1]`.

        Raises:
            UsageError: there is none of that name.
        """
        name = told.get(key)
        if not isinstance(name, str):
            raise UsageError(f"{where}: {key} must name an array of the file.")
        self.used.add(name)
        if name in self._arrays:
            return name, self._arrays[name]
        match = _PART.fullmatch(name)
        if match and match[1] in self._arrays:
            whole, row = self._arrays[match[1]], int(match[2])
            if whole.shape and row < whole.shape[0]:
                return name, Tensor(whole.shape[1:], lambda: whole.read()[row])
        have = listed([short(one) for one in self._arrays])
        meant = nearest(name, islice(self._arrays, _COMPARED))
        raise UsageError(f"{where}: the file has no array '{short(name)}'{meant}; it has: {have}.")

    def flag(self, told: Mapping[str, Any], key: str, where: str) -> bool:
        """Whether something is said to be true; false where nothing is said."""
        value = told.get(key, False)
        if not isinstance(value, bool):
            raise UsageError(f"{where}: {key} is true or false.")
        return value

    def only(self, told: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
        """Refuse what a table has no use for."""
        for name in told:
            if name not in known:
                raise UsageError(
                    f"{where} has '{short(str(name))}'{nearest(str(name), known)}, of which there "
                    f"is no use; it takes: {', '.join(known)}."
                )


def oriented(tensor: Tensor, name: str, transposed: bool) -> Array:
    """A matrix with a row per unit."""
    array = real(tensor.read(), name)
    return array.T if transposed else array
