"""Keras's weights without a configuration: which layers they are, as far as their shapes tell.

What is found is put as a configuration, and then read as any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from lstmviz.engine.model.readout import Dense
from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Contents, Head, Matrix, Stack, listed
from lstmviz.load.keras import layers as keras_layers
from lstmviz.load.keras.cells import Stored, read
from lstmviz.load.keras.config import Entry
from lstmviz.load.keras.hdf5 import Hdf5
from lstmviz.load.keras.weights import CONTAINERS, in_group, stored_at

_KINDS = {4: "LSTM", 3: "GRU", 1: "SimpleRNN"}  # by the number of matrices side by side
_DEEPEST, _MOST = 40, 20_000  # groups within groups, and in all
_CONFIGURE = "pass the model's configuration, the text of model.to_json(), with config='model.json'"


@dataclass
class Guess:
    """The arrays of one recurrent layer, cell by cell, and all that it is called on the way."""

    name: str
    cells: list[list[Stored]] = field(default_factory=list)
    backward: list[list[Stored]] = field(default_factory=list)  # where there are two directions
    hints: str = ""
    ordered: bool = True  # whether its cells are known to feed each other in this order

    @property
    def arrays(self) -> list[Stored]:
        """All of them, in Keras's order."""
        return [one for cell in (*self.cells, *self.backward) for one in cell]


def contents(
    kind: str,
    guesses: Sequence[Guess],
    matrices: Sequence[Matrix],
    others: Sequence[str],
    tells: str = "config= with the text of model.to_json() would tell",
    heads: Sequence[Head] = (),
) -> Contents:
    """What can be run of layers whose shapes alone are known, with sentences of what is assumed.

    `others` are the names of what else there is, for the sentence where nothing can be run, and
    `tells` says what would tell more; `heads` are dense layers, whose functions are not known.
    """
    entries: dict[str, Entry] = {}
    broken: list[str] = []
    for guess in guesses:
        try:
            entries[guess.name] = _entry(guess)
        except UsageError as error:
            broken.append(f"{guess.name}: {error}")
    if not guesses:
        have = listed(list(others)) or "none"
        broken.append(f"weights of these layers are in it: {have}; {_CONFIGURE}")
    arrays = {guess.name: guess.arrays for guess in guesses}
    found = keras_layers.contents(kind, [*entries.values()], None, lambda one: arrays[one.name])
    return Contents(
        kind,
        tuple(_told(stack, tells, heads) for stack in found.stacks),
        tuple(matrices),
        (*(found.unusable if entries else ()), *broken),
        heads=tuple(heads),
    )


def head_of(name: str, arrays: Sequence[Stored]) -> Head | None:
    """The dense layer whose kernel and bias these may be; None if they are not of one."""
    shapes = [one.shape for one in arrays]
    if len(shapes) != 2 or len(shapes[0]) != 2 or shapes[1] != shapes[0][1:]:
        return None
    kernel, bias = arrays

    def dense() -> Dense:
        return Dense(read(kernel, name).T, read(bias, name), name=name)

    return Head(name, shapes[0][0], shapes[0][1], dense)


def _told(stack: Stack, tells: str, heads: Sequence[Head]) -> Stack:
    """The same, with what had to be assumed."""
    found = [one for level in stack.levels for one in level]
    sizes = " and ".join(dict.fromkeys(f"{one.cell.name} of {one.hidden} units" for one in found))
    functions = "tanh" if found[0].cell.name == "rnn" else "sigmoid and tanh"
    beside = ", that its directions stand side by side" if len(stack.levels[0]) > 1 else ""
    note = (
        f"'{stack.name}' is taken for {sizes}, by the shapes of its weights; the file does not "
        f"tell, so it is assumed, that its functions are Keras's usual {functions}{beside}, that "
        f"it reads forward, and that no step is masked; {tells}"
    )
    notes = [note, *stack.assumed]
    fitting = next((head.name for head in heads if head.inputs == stack.outputs), None)
    if fitting is not None:
        notes.append(
            f"which function '{fitting}' has, which may give the answer, is not told either: "
            f"head='{fitting}:softmax' or head='{fitting}:sigmoid' would say so"
        )
    return replace(stack, assumed=tuple(notes), fed_by=None)


def _entry(guess: Guess) -> Entry:
    """The configuration that a layer with such weights has, if its functions are the usual ones."""
    kinds = [_cell(cell, guess.hints) for cell in guess.cells]
    if len({one for one, _ in kinds}) > 1 and not guess.ordered:
        raise UsageError(f"the order of its cells is not in the file; {_CONFIGURE}")
    if len(kinds) == 1:
        kind, config = kinds[0]
    else:
        kind = "RNN"
        cells = [{"class_name": one, "config": told} for one, told in kinds]
        config = {"cell": {"class_name": "StackedRNNCells", "config": {"cells": cells}}}
    if guess.backward:
        layer = {"class_name": kind, "config": config}
        kind, config = "Bidirectional", {"layer": layer, "merge_mode": "concat"}
    return Entry((guess.name,), kind, config, ())


def _cell(arrays: Sequence[Stored], hints: str) -> tuple[str, Mapping[str, Any]]:
    """The class of a cell and its options.

    Raises:
        UsageError: the shapes are those of no cell, or of several.
    """
    kind, units = kind_by_shapes(arrays)
    if not kind:
        shapes = ", ".join(str(one.shape) for one in arrays)
        raise UsageError(f"no SimpleRNN, LSTM or GRU has weights of the shapes {shapes}")
    if kind == "SimpleRNN" and "simple_rnn" not in hints:
        raise UsageError(
            "its weights may be those of a SimpleRNN, or of a cell of somebody's own making; "
            f"{_CONFIGURE}"
        )
    if kind == "GRU" and len(arrays) < 3:
        raise UsageError(
            "it is a GRU without biases, and whether it resets before or after the product is "
            f"not in its weights; {_CONFIGURE}"
        )
    return kind, {"units": units, "use_bias": len(arrays) > 2}


def kind_by_shapes(arrays: Sequence[Stored]) -> tuple[str, int]:
    """The class of a cell, and its units, whose kernels and bias have these shapes; or ""."""
    if len(arrays) not in (2, 3):
        return "", 0
    kernel, recurrent, *more = (one.shape for one in arrays)
    if len(kernel) != 2 or len(recurrent) != 2 or not recurrent[0] or kernel[1] != recurrent[1]:
        return "", 0
    units, width = recurrent[0], recurrent[1]
    kind = _KINDS.get(width // units, "") if width % units == 0 else ""
    biases: set[tuple[int, ...]] = {(width,)}
    if kind in ("LSTM", "GRU"):
        biases.add((2 * width,))  # of CuDNN
    if kind == "GRU":
        biases.add((2, width))
    return (kind, units) if not more or more[0] in biases else ("", 0)


def laid_out_by_path(
    file: Hdf5,
    kind: str = "Keras weights without their configuration",
    **told: str,
) -> Contents:
    """The contents of .weights.h5 files, which are laid out as the model's objects are."""
    guesses: dict[str, Guess] = {}
    matrices: list[Matrix] = []
    heads: list[Head] = []
    others: list[str] = []
    for path in _paths(file, "", 0, [0]):
        arrays = in_group(file, path)
        if not arrays:
            continue
        steps = [step for step in path.split("/") if step and step not in CONTAINERS]
        called = file.text(f"{path}/vars", "name") or ""
        hints = f"{path}/{called}"
        inside = steps.index("cell") if "cell" in steps else len(steps)
        way = next((step for step in steps if step in ("forward_layer", "backward_layer")), "")
        name = "/".join(step for step in steps[:inside] if step != way)
        if inside < len(steps) or kind_by_shapes(arrays)[0] in ("LSTM", "GRU"):
            guess = guesses.setdefault(name, Guess(name, ordered=False))
            guess.hints += hints
            (guess.backward if way == "backward_layer" else guess.cells).append(arrays)
        elif len(arrays) == 1 and len(arrays[0].shape) == 2:
            sure = "embedding" in f"{steps[-1]} {called}"
            matrices.append(_matrix(name, arrays[0], sure))
        elif (head := head_of(name, arrays)) is not None:
            heads.append(head)
        others.append(name)
    return contents(kind, [*guesses.values()], matrices, others, heads=heads, **told)


def _paths(file: Hdf5, path: str, depth: int, seen: list[int]) -> Iterator[str]:
    """All groups with variables, those of one class by their number."""
    seen[0] += 1
    if depth > _DEEPEST or seen[0] > _MOST:
        raise UsageError("it has more groups than any network")
    names = file.names(path)
    if "vars" in names:
        yield path
    for name in sorted(names, key=_by_number):
        if name not in ("vars", "optimizer"):
            yield from _paths(file, f"{path}/{name}", depth + 1, seen)


def _by_number(name: str) -> tuple[str, int]:
    base, number = re.fullmatch(r"(.*?)_?(\d*)", name, re.DOTALL).groups()  # type: ignore[union-attr]
    return base, int(number or 0) if len(number) < 10 else 0


def laid_out_by_order(file: Hdf5, root: str) -> Contents:
    """The contents of the older .h5 files, which list the weights of layers by name."""
    guesses: dict[str, Guess] = {}
    matrices: list[Matrix] = []
    heads: list[Head] = []
    layers = file.texts(root, "layer_names")
    for layer in layers:
        cells: dict[str, list[Stored]] = {}
        for name in file.texts(f"{root}/{layer}", "weight_names"):
            before, _, leaf = name.rpartition("/")
            stored = stored_at(file, f"{root}/{layer}/{name}")
            if leaf.startswith("embeddings") and len(stored.shape) == 2:
                matrices.append(_matrix(layer, stored, True))
            if re.match(r"(recurrent_)?kernel|bias", leaf):
                cells.setdefault(before, []).append(stored)
        for path, arrays in cells.items():
            if not kind_by_shapes(arrays)[0]:
                head = head_of(layer if len(cells) == 1 else path, arrays)
                heads += [] if head is None else [head]
                continue
            steps = path.split("/")
            way = next((step for step in steps if step.startswith(("forward_", "backward_"))), "")
            inner = re.compile(r".*_cells?(_\d+)?")
            of = "/".join(one for one in steps if one != way and not inner.fullmatch(one))
            guess = guesses.setdefault(of, Guess(of.rpartition("/")[2] or layer))
            guess.hints += f"{layer}/{path}"
            (guess.backward if way.startswith("backward_") else guess.cells).append(arrays)
    kind = "Keras HDF5 weights without their configuration"
    return contents(kind, _named_apart(guesses), matrices, layers, heads=heads)


def _named_apart(guesses: Mapping[str, Guess]) -> list[Guess]:
    """The layers, by the last part of their names where that is enough."""
    names = [guess.name for guess in guesses.values()]
    return [
        guess if names.count(guess.name) == 1 else replace(guess, name=path)
        for path, guess in guesses.items()
    ]


def _matrix(name: str, stored: Stored, sure: bool) -> Matrix:
    return Matrix(name, stored.shape[0], stored.shape[1], partial(read, stored, name), sure)
