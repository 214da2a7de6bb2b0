"""A network as a plain value: cells, weights, words, and where it all came from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import DTypeLike, NDArray

from lstmviz.engine.model.activations import FUNCTIONS, Activation, activation
from lstmviz.engine.model.cell import Cell
from lstmviz.engine.model.cells import find_cell
from lstmviz.engine.model.masks import Mask, Padding
from lstmviz.engine.model.readout import Dense, Readout
from lstmviz.engine.model.readout import read_only as _frozen
from lstmviz.engine.model.sketch import Function
from lstmviz.engine.model.tokenizers import Tokenizer, tokenizer_of
from lstmviz.errors import UsageError, brief
from lstmviz.npz.format import read_npz, write_npz
from lstmviz.style.notation import Notation
from lstmviz.system.json_fields import Fields
from lstmviz.trace.directions import Merge as Merge
from lstmviz.trace.recording import Source

Array = NDArray[np.floating[Any]]
Direction = Literal["forward", "backward"]

FORMAT, VERSION = "lstmviz-network", 1
_MATRICES = ("W", "R", "b", "rb")


@dataclass(frozen=True, eq=False)
class Weights:
    """The weights of one layer, its gates stacked in the order of the cell."""

    W: Array  # (gates·units, inputs)
    R: Array  # (gates·units, outputs)
    b: Array  # (gates·units,), added to the input's product
    rb: Array  # (gates·units,), added to the recurrent product
    extras: Mapping[str, Array] = field(default_factory=dict)  # (units,) each: peepholes

    def __post_init__(self) -> None:
        for name in _MATRICES:
            object.__setattr__(self, name, _frozen(getattr(self, name)))
        extras = {name: _frozen(value) for name, value in self.extras.items()}
        object.__setattr__(self, "extras", MappingProxyType(extras))

    def __reduce__(self) -> tuple[Any, ...]:
        return Weights, (self.W, self.R, self.b, self.rb, dict(self.extras))

    def __repr__(self) -> str:
        shapes = (f"{name} {array.shape}" for name, array in self.arrays().items())
        return f"Weights({', '.join(shapes)})"

    def arrays(self) -> dict[str, Array]:
        """All arrays by name: W, R, b, rb, then the further ones."""
        return {**{name: getattr(self, name) for name in _MATRICES}, **self.extras}

    def astype(self, dtype: DTypeLike) -> Weights:
        """The same weights in another precision; themselves when they have it already."""
        if all(array.dtype == dtype for array in self.arrays().values()):
            return self
        return _weights({name: array.astype(dtype) for name, array in self.arrays().items()})


@dataclass(frozen=True, eq=False)
class Layer:
    """One cell with its weights, reading the sequence forward or backward.

    Raises:
        UsageError: a weight has a shape that does not fit the cell.
    """

    cell: Cell
    weights: Weights
    direction: Direction = "forward"
    initial: Mapping[str, Array] = field(default_factory=dict)  # the states that it brings along

    def __post_init__(self) -> None:
        initial = {name: _frozen(value) for name, value in self.initial.items()}
        object.__setattr__(self, "initial", MappingProxyType(initial))
        if self.direction not in ("forward", "backward"):
            raise UsageError(
                f"A layer's direction is 'forward' or 'backward', not {self.direction!r}."
            )
        w, gates = self.weights, len(self.cell.gates)
        if w.W.ndim != 2 or len(w.W) == 0 or len(w.W) % gates or w.W.shape[1] == 0:
            raise UsageError(
                f"W has the shape {w.W.shape}, but {self.cell.name} needs {gates}·units rows "
                "and a column per input."
            )
        units = len(w.W) // gates
        outputs = units
        if self.cell.projects and "W_hr" in w.extras and w.extras["W_hr"].ndim == 2:
            outputs = len(w.extras["W_hr"])
        expected: dict[str, tuple[int, ...]] = {
            "R": (gates * units, outputs),
            "b": (gates * units,),
            "rb": (gates * units,),
            **dict.fromkeys(self.cell.params, (units,)),
            **({"W_hr": (outputs, units)} if self.cell.projects else {}),
        }
        have = w.arrays()
        for name, shape in expected.items():
            if name not in have:
                raise UsageError(f"{self.cell.name} needs the weight '{name}' of shape {shape}.")
            if have[name].shape != shape:
                raise UsageError(
                    f"{name} has the shape {have[name].shape}, but {self.cell.name} "
                    f"with {units} units needs {shape}."
                )
        for name in have:
            if name != "W" and name not in expected:
                raise UsageError(f"{self.cell.name} has no use for the weight '{name}'.")
        for name, value in self.initial.items():
            if name not in self.cell.state or value.shape != (self.width(name),):
                raise UsageError(
                    f"{self.cell.name} with {units} units cannot start from the state '{name}' of "
                    f"shape {value.shape}."
                )

    def __repr__(self) -> str:
        wide = "" if self.outputs == self.hidden else f" → {self.outputs}"
        return (
            f"Layer({self.cell.name}, {self.direction}, {self.inputs} → {self.hidden} units{wide})"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        functions = _replaced(self.cell).get("functions", {})
        rest = (self.weights, self.direction, dict(self.initial))
        return _layer_of, (self.cell.name, functions, *rest)

    @property
    def hidden(self) -> int:
        """The number of units."""
        return len(self.weights.b) // len(self.cell.gates)

    @property
    def inputs(self) -> int:
        """The number of values that come in at each tick."""
        return int(self.weights.W.shape[1])

    @property
    def outputs(self) -> int:
        """How many values go out at each tick, as many as there are units unless projected."""
        return int(self.weights.R.shape[1])

    def width(self, state: str) -> int:
        """The number of values of a state."""
        return self.outputs if state == self.cell.output else self.hidden

    @cached_property
    def notation(self) -> Notation:
        """How its readings are written, as its cell says and with the biases that it has."""
        biases = {"W": self.weights.b, "R": self.weights.rb}
        return self.cell.notation_with(
            lambda matrix, gate: bool(biases[matrix][self._rows(gate)].any())
        )

    def _rows(self, gate: str) -> slice:
        k = self.cell.gates.index(gate)
        return slice(k * self.hidden, (k + 1) * self.hidden)

    def gate(self, name: str) -> Weights:
        """The rows of one gate: W (units, inputs), R (units, outputs), b and rb (units,)."""
        if name not in self.cell.gates:
            have = ", ".join(self.cell.gates)
            raise UsageError(f"{self.cell.name} has no gate '{name}'; its gates are: {have}.")
        w, rows = self.weights, self._rows(name)
        return Weights(w.W[rows], w.R[rows], w.b[rows], w.rb[rows])


@dataclass(frozen=True, eq=False)
class Network:
    """Layers of cells, with the words that it reads and the answer that it gives.

    Raises:
        UsageError: the parts do not fit each other.
    """

    layers: tuple[tuple[Layer, ...], ...]  # by depth, each forward [and backward]
    embedding: Array | None = None  # (words, inputs)
    vocabulary: tuple[str, ...] | None = None  # a word for each row of the embedding, or input
    readout: Readout | None = None  # also given as W (answers, outputs), b (answers,)
    title: str = ""
    origin: str = ""
    merges: tuple[Merge, ...] = ()  # by depth: how both directions become one output; concat
    notes: tuple[str, ...] = ()  # what was assumed when it was read, a sentence each
    unknown: str | None = None  # the vocabulary's token for all other words; `<unk>` and the like
    length: int | None = None  # it reads no more ticks than this
    mask: Mask | None = None  # which ticks it passes over
    source: Source | None = None  # where the weights come from; None: from the program at work
    tokenizer: Tokenizer | None = None  # how it cuts a text; None: into words and marks
    padding: Padding | None = None  # how its inputs were padded, which no mask tells

    def __post_init__(self) -> None:
        if not self.layers or any(len(level) not in (1, 2) for level in self.layers):
            raise UsageError("A network needs layers, each of one or two directions.")
        merges = tuple(self.merges) or ("concat",) * self.depth
        object.__setattr__(self, "merges", merges)
        object.__setattr__(self, "notes", tuple(self.notes))
        if len(merges) != self.depth or not {*merges} <= {"concat", "sum", "ave", "mul"}:
            raise UsageError(
                "A network needs one of concat, sum, ave and mul for each layer, "
                f"not {', '.join(map(str, merges))}."
            )
        if self.length is not None and self.length < 1:
            raise UsageError(f"A network cannot read {self.length} ticks; it must read one.")
        width = self.inputs
        for depth, level in enumerate(self.layers, start=1):
            if [layer.direction for layer in level] not in (
                ["forward"],
                ["backward"],
                ["forward", "backward"],
            ):
                raise UsageError(f"Layer {depth} needs a forward, then a backward direction.")
            for layer in level:
                if layer.inputs != width:
                    raise UsageError(
                        f"Layer {depth} takes {layer.inputs} inputs, but {width} come in."
                    )
            width = level[0].outputs
            if merges[depth - 1] == "concat":
                width = sum(layer.outputs for layer in level)
            elif any(layer.outputs != width for layer in level):
                raise UsageError(f"Layer {depth} cannot {merges[depth - 1]} unequal directions.")
        if self.vocabulary is not None:
            object.__setattr__(self, "vocabulary", tuple(self.vocabulary))
            if self.embedding is None and len(self.vocabulary) != self.inputs:
                raise UsageError(
                    f"There is a vocabulary of {len(self.vocabulary)} words but no embedding, and "
                    f"for one-hot words the network takes {self.inputs} inputs; one of them must "
                    "fit."
                )
        if self.embedding is not None:
            object.__setattr__(self, "embedding", _frozen(self.embedding))
            needed = (len(self.embedding), self.inputs)
            if self.vocabulary is not None:
                needed = (len(self.vocabulary), self.inputs)
            if self.embedding.shape != needed:
                raise UsageError(
                    f"The embedding has the shape {self.embedding.shape}; vocabulary and first "
                    f"layer need {needed}."
                )
        if self.mask is not None and self.mask.of == "row" and self.embedding is None:
            raise UsageError("The mask is of an embedding's row, but there is no embedding.")
        if self.readout is not None:
            readout = Readout.of(self.readout)
            object.__setattr__(self, "readout", readout)
            if readout.inputs != width:
                raise UsageError(
                    f"The readout takes {readout.inputs} values, but the last layer gives {width}."
                )

    def __repr__(self) -> str:
        told = []
        for level in self.layers:
            ways = "both ways" if len(level) == 2 else level[0].direction
            told.append(f"{level[0].cell.name} {ways} {level[0].inputs} → {level[0].hidden}")
        if self.tokens is not None:
            told.append(f"{self.tokens} " + ("rows" if self.vocabulary is None else "tokens"))
        if self.readout is not None:
            told.append(f"answer {self.readout}")
        if self.title:
            told.append(repr(self.title))
        return f"Network({', '.join(told)})"

    @property
    def cell(self) -> Cell:
        """The cell of the first layer."""
        return self.layers[0][0].cell

    @property
    def inputs(self) -> int:
        """The number of values that come in at each tick."""
        return self.layers[0][0].inputs

    @property
    def hidden(self) -> int:
        """The number of units of the last layer, in one direction."""
        return self.layers[-1][0].hidden

    @property
    def tokens(self) -> int | None:
        """The number of tokens that it knows by their rows; None where it reads numbers alone."""
        if self.embedding is not None:
            return len(self.embedding)
        return None if self.vocabulary is None else len(self.vocabulary)

    @property
    def answers_at(self) -> int:
        """Where the tick is that is read last, -1, or 0 if the last layer only reads backward."""
        return 0 if [layer.direction for layer in self.layers[-1]] == ["backward"] else -1

    @property
    def depth(self) -> int:
        """The number of layers, one upon another."""
        return len(self.layers)

    @property
    def directions(self) -> int:
        """1, or 2 when the network also reads backward."""
        return len(self.layers[0])

    def each_layer(self) -> Iterator[tuple[int, Layer]]:
        """All layers with their numbers from 1, in the order in which they are computed."""
        for number, level in enumerate(self.layers, start=1):
            for layer in level:
                yield number, layer

    @property
    def travels(self) -> bool:
        """Whether another process can have it, as its cells and functions are known by name."""
        return all(_is_known(layer.cell) for _, layer in self.each_layer())

    def digest(self) -> str:
        """Give a key of the cells and of all weights: equal for networks that compute the same."""
        digest = hashlib.blake2b(digest_size=20)
        told = [
            (layer.cell.name, layer.direction, layer.cell.spelt) for _, layer in self.each_layer()
        ]
        digest.update(repr((told, self.merges)).encode())
        arrays = [a for _, layer in self.each_layer() for a in layer.weights.arrays().values()]
        if self.readout is not None:
            digest.update(str(self.readout).encode())
            arrays += [part for layer in self.readout.dense for part in (layer.W, layer.b)]
        for array in arrays:
            digest.update(f"{array.shape} {array.dtype.str}".encode())
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    def save(self, path: str | Path, *, force: bool = False) -> None:
        """Write the network to an .npz file, whole or not at all.

        With `force` a file may be replaced that lstmviz did not write, or that was changed since.
        """
        arrays: dict[str, Array] = {}
        if self.embedding is not None:
            arrays["embedding"] = self.embedding
        for depth, level in enumerate(self.layers):
            for layer in level:
                for name, array in layer.weights.arrays().items():
                    arrays[f"layers.{depth}.{layer.direction}.{name}"] = array
                for name, array in layer.initial.items():
                    arrays[f"initial.{depth}.{layer.direction}.{name}"] = array
        if self.readout is not None:
            for number, dense in enumerate(self.readout.dense):
                arrays[f"readout.{number}.W"], arrays[f"readout.{number}.b"] = dense.W, dense.b
        meta = {
            "format": FORMAT,
            "version": VERSION,
            "title": self.title,
            "origin": self.origin,
            "vocabulary": None if self.vocabulary is None else list(self.vocabulary),
            "merges": list(self.merges),
            "notes": list(self.notes),
            "unknown": self.unknown,
            "length": self.length,
            **({} if self.readout is None else {"readout": _described(self.readout)}),
            **({} if self.mask is None else {"mask": asdict(self.mask)}),
            **({} if self.padding is None else {"padding": asdict(self.padding)}),
            **({} if self.tokenizer is None else {"tokenizer": self.tokenizer.described()}),
            "layers": [
                [
                    {"cell": layer.cell.name, "direction": layer.direction, **_replaced(layer.cell)}
                    for layer in level
                ]
                for level in self.layers
            ],
        }
        write_npz(path, meta, arrays, force=force)

    @classmethod
    def load(cls, path: str | Path) -> Network:
        """The network of a file that `save` wrote; no pickle is ever read.

        Raises:
            UsageError: the file is missing, damaged, no network, or of another version.
        """
        parts = ("layers.", "initial.", "readout.", "embedding.")
        meta, arrays = read_npz(path, FORMAT, VERSION, parts)
        try:
            told = Fields(meta, "its description")
            merges: Any = told.texts("merges", [])  # a Network looks whether there are such
            return cls(
                tuple(
                    tuple(_layer(Fields(layer, "a layer"), depth, arrays) for layer in level)
                    for depth, level in enumerate(_levels(told))
                ),
                arrays.get("embedding"),
                told.texts("vocabulary") if told.has("vocabulary") else None,
                _readout(told, _under(arrays, "readout.")),
                told.text("title"),
                told.text("origin"),
                merges,
                told.texts("notes", []),
                told.text("unknown") if told.has("unknown") else None,
                told.whole("length") if told.has("length") else None,
                _mask(told),
                Source("file", Path(path).name),
                tokenizer_of(told.named("tokenizer")) if told.has("tokenizer") else None,
                _padding(told),
            )
        except UsageError as error:
            why = brief(str(error)).rstrip(".")
            raise UsageError(f"{path} is not a whole network: {why}.") from error


def _padding(told: Fields) -> Padding | None:
    if not told.has("padding"):
        return None
    rule: Any = told.named("padding")  # a Padding looks whether it is such a rule
    return Padding(rule.get("length"), rule.get("side"))


def _mask(told: Fields) -> Mask | None:
    if not told.has("mask"):
        return None
    rule: Any = told.named("mask")  # a Mask looks whether it is such a rule
    return Mask(rule.get("of"), rule.get("value"))


def _described(readout: Readout) -> dict[str, Any]:
    return {
        "pooling": readout.pooling,
        "labels": list(readout.labels),
        "log odds": readout.log_odds,
        "dense": [
            {"name": dense.name, "activation": dense.activation.description()}
            for dense in readout.dense
        ],
    }


def _readout(told: Fields, arrays: Mapping[str, Array]) -> Readout | None:
    if not told.has("readout"):  # of files before there were several layers
        return Readout.of((_weight(arrays, "W"), _weight(arrays, "b"))) if arrays else None
    rest = told.object("readout")
    dense = [
        Dense(
            _weight(arrays, f"{number}.W"),
            _weight(arrays, f"{number}.b"),
            Activation.described(one.named("activation")),
            one.text("name"),
        )
        for number, one in enumerate(rest.objects("dense"))
    ]
    return Readout(tuple(dense), rest.text("pooling"), rest.texts("labels"), rest.flag("log odds"))


def _levels(told: Fields) -> list[list[Any]]:
    levels = told.items("layers")
    if not all(isinstance(level, list) and len(level) in (1, 2) for level in levels):
        raise UsageError("'layers' is no list of lists of one or two directions")
    return levels


def _layer_of(name: str, functions: Mapping[str, Any], weights: Weights, *rest: Any) -> Layer:
    cell = find_cell(name).configured({word: activation(one) for word, one in functions.items()})
    return Layer(cell, weights, *rest)


def _layer(told: Fields, depth: int, arrays: Mapping[str, Array]) -> Layer:
    name: Any = told.text("direction")  # a Layer looks whether there is such a one
    functions = {word: activation(one) for word, one in told.named("functions").items()}
    return Layer(
        find_cell(told.text("cell")).configured(functions),
        _weights(_under(arrays, f"layers.{depth}.{name}.")),
        name,
        _under(arrays, f"initial.{depth}.{name}."),
    )


def seeded(
    cell: str | Cell,
    inputs: int,
    hidden: int,
    seed: int = 0,
    *,
    depth: int = 1,
    bidirectional: bool = False,
    vocabulary: tuple[str, ...] | None = None,
) -> Network:
    """A network of random weights that are the same for the same seed.

    The weights are normal, of a size at which gates open and close visibly. With a
    `vocabulary` it has a random embedding of these words.

    Raises:
        UsageError: a size is below 1 or the seed below 0.
    """
    kind = find_cell(cell) if isinstance(cell, str) else cell
    for what, number in (("inputs", inputs), ("hidden", hidden), ("depth", depth)):
        if number < 1:
            raise UsageError(f"{what} is {number}; it must be at least 1.")
    if seed < 0:
        raise UsageError(f"seed is {seed}; it must be 0 or more.")
    random = np.random.default_rng(seed)
    directions: tuple[Direction, ...] = ("forward", "backward") if bidirectional else ("forward",)
    layers = tuple(
        tuple(
            Layer(
                kind,
                _random_weights(
                    kind, inputs if level == 0 else hidden * len(directions), hidden, random
                ),
                direction,
            )
            for direction in directions
        )
        for level in range(depth)
    )
    embedding = None if vocabulary is None else random.normal(size=(len(vocabulary), inputs))
    return Network(
        layers,
        embedding,
        vocabulary,
        title=f"untrained (random weights, seed {seed})",
        origin=f"lstmviz, seed {seed}",
        source=Source("seed", str(seed)),
    )


def _random_weights(cell: Cell, inputs: int, hidden: int, random: np.random.Generator) -> Weights:
    rows = len(cell.gates) * hidden
    return Weights(
        random.normal(size=(rows, inputs)) * 1.5 / np.sqrt(inputs),
        random.normal(size=(rows, hidden)) / np.sqrt(hidden),
        random.normal(size=rows) * 0.25,
        random.normal(size=rows) * 0.25,
        {
            **{name: random.normal(size=hidden) * 0.5 for name in cell.params},
            **({"W_hr": random.normal(size=(hidden, hidden))} if cell.projects else {}),
        },
    )


def _is_known(cell: Cell) -> bool:
    """Tell whether a cell can be made again from its name and the names of its functions."""
    try:
        _replaced(cell)
        return _equations(find_cell(cell.name)) is _equations(cell)
    except UsageError:
        return False


def _equations(cell: Cell) -> object:
    """The equations as they are written, whatever functions a configuration puts into them."""
    equations = cell.equations
    while isinstance(equations, partial):
        equations = equations.func
    return equations


def _replaced(cell: Cell) -> dict[str, Any]:
    """The functions of a cell that are not those of its equations, for a JSON file.

    Raises:
        UsageError: one is of somebody's own making, which no file can hold.
    """
    own = find_cell(cell.name).functions
    replaced: dict[str, dict[str, Any]] = {}
    for word, function in cell.functions.items():
        if function is own.get(word):
            continue
        if not isinstance(function, Activation):
            function = _named(function)
        replaced[word] = function.description()
    return {"functions": replaced} if replaced else {}


def _named(function: Function) -> Activation:
    for name, known in FUNCTIONS.items():
        if known is function:
            return Activation(name)
    raise UsageError(f"{function} cannot be saved; a network is saved with functions by name.")


def _weights(arrays: Mapping[str, Array]) -> Weights:
    extras = {name: array for name, array in arrays.items() if name not in _MATRICES}
    W, R, b, rb = (_weight(arrays, name) for name in _MATRICES)
    return Weights(W, R, b, rb, extras)


def _weight(arrays: Mapping[str, Array], name: str) -> Array:
    if name not in arrays:
        raise UsageError(f"the weight '{name}' is missing")
    return arrays[name]


def _under(arrays: Mapping[str, Array], prefix: str) -> dict[str, Array]:
    return {key[len(prefix) :]: a for key, a in arrays.items() if key.startswith(prefix)}
