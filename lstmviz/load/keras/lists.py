"""Lists of arrays, as `model.get_weights()` gives them: in .npz files and in pickles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Contents, Head, Matrix, Tensor, listed
from lstmviz.load.keras.cells import Stored
from lstmviz.load.keras.cells import read as read_real
from lstmviz.load.keras.guessed import Guess, contents, head_of, kind_by_shapes

_MOST = 10_000  # arrays
_UNNAMED = re.compile(r"(?:arr_)?(\d{1,6})")


def keras_list(found: Contents) -> Contents:
    """The contents of a file in which arrays are only numbered, as those of a list of Keras's.

    Where the arrays have names, or are not surely those of a list of Keras's, it is as it was.
    """
    numbers = [_UNNAMED.fullmatch(name) for name in found.arrays]
    if found.stacks or not 0 < len(numbers) <= _MOST or None in numbers:
        return found
    order = sorted(found.arrays, key=lambda name: int(name.removeprefix("arr_")))
    try:
        arrays = [found.arrays[name] for name in order]
        made = of_arrays("weights in the order of model.get_weights()", arrays)
    except UsageError:
        return found
    return replace(made, arrays=found.arrays)


def of_arrays(kind: str, arrays: Sequence[Tensor]) -> Contents:
    """What can be run of arrays whose order and shapes alone are known."""
    stored = [Stored(array.shape, array.read) for array in arrays]
    guesses: list[Guess] = []
    matrices: list[Matrix] = []
    heads: list[Head] = []
    broken: list[str] = []
    at = 0
    while at < len(stored):
        cells = _cells_at(stored, at)
        if not cells:
            head = head_of(f"array {at}", stored[at : at + 2])
            heads += [] if head is None else [head]
            at += 1
            continue
        of = kind_by_shapes(cells[0])[0]
        count = sum(of.lower() in guess.hints for guess in guesses)
        name = f"{of.lower()}_{count}" if count else of.lower()
        inputs, units = cells[0][0].shape[0], cells[0][1].shape[0]
        before = stored[at - 1].shape if at else ()
        if len(before) == 2 and before[1] == inputs:
            matrix = f"array {at - 1}"
            reader = partial(read_real, stored[at - 1], matrix)
            matrices.append(Matrix(matrix, before[0], inputs, reader, True))
        at += sum(map(len, cells))
        after = next((one.shape[0] for one in stored[at:] if len(one.shape) == 2), None)
        guess = Guess(name, cells[:1], hints=of.lower())
        if len(cells) == 2 and after == 2 * units:
            guess.backward = cells[1:]
        elif len(cells) > 1:
            broken.append(
                f"{name}: {len(cells)} sets of weights of one size follow each other, which may be "
                "layers or directions; save the model whole, with model.save('model.keras')"
            )
            continue
        guesses.append(guess)
    shapes = [str(one.shape) for one in stored]
    if not guesses and not broken:
        raise UsageError(
            f"its arrays have the shapes {listed(shapes)}, which are not surely those of an LSTM "
            "or GRU; save the model whole, with model.save('model.keras')"
        )
    found = contents(
        kind, guesses, matrices, shapes, "the whole model, saved as .keras, would tell", heads
    )
    unusable = found.unusable if guesses else ()
    return replace(found, unusable=(*broken, *unusable))


def _cells_at(stored: Sequence[Stored], at: int) -> list[list[Stored]]:
    """The cells of one size whose arrays begin there; a SimpleRNN's could be any layers'."""
    cells: list[list[Stored]] = []
    while True:
        for count in (3, 2):
            cell = list(stored[at : at + count])
            if len(cell) == count and kind_by_shapes(cell)[0] in ("LSTM", "GRU"):
                break
        else:
            return cells
        shapes = [one.shape for one in cell]
        if cells and shapes != [one.shape for one in cells[0]]:
            return cells
        cells.append(cell)
        at += count
