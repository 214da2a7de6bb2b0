"""Lists of arrays, as `model.get_weights()` gives them: in .npz files and in pickles."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Contents, Matrix, listed
from lstmviz.load.keras.cells import Stored
from lstmviz.load.keras.cells import read as read_real
from lstmviz.load.keras.guessed import Guess, contents, kind_by_shapes
from lstmviz.load.torch.pickles import Made, read_pickle
from lstmviz.npz.npy import read_header
from lstmviz.system.zip_members import open_archive, read_member

_MOST = 10_000  # arrays
_NO_LIST = (
    "it is a list, but not of arrays alone, as model.get_weights() gives it; save the model with "
    "model.save('model.keras')"
)
_DTYPE = re.compile(r"[fiub][1248]")


def read(path: Path) -> Contents:
    """The contents of an .npz file of unnamed arrays, or of a pickle of a list of them.

    Raises:
        UsageError: it is a pickle of something else, or the shapes are those of many layers.
    """
    if zipfile.is_zipfile(path):
        with open_archive(path) as archive:
            count = len(archive.namelist())
            members = [read_member(archive, f"arr_{number}.npy") for number in range(count)]
        arrays = [read_header(io.BytesIO(one), len(one)).array(one) for one in members]
    else:
        arrays = _unpickled(path)
    return of_arrays("weights in the order of model.get_weights()", arrays)


def _unpickled(path: Path) -> list[NDArray[Any]]:
    """The arrays of a pickle, of which nothing is looked up or called."""
    with path.open("rb") as file:
        value = read_pickle(file)
    if not isinstance(value, (list, tuple)) or not value or len(value) > _MOST:
        raise UsageError(_NO_LIST)
    return [_array(one) for one in value]


def _array(made: Any) -> NDArray[Any]:
    """The array that a call of NumPy's `_reconstruct` or `_frombuffer` would have made."""
    if not isinstance(made, Made):
        raise UsageError(_NO_LIST)
    if made.by.name == "_frombuffer" and len(made.arguments) == 4:
        content, kind, shape, order = made.arguments
    elif made.by.name == "_reconstruct" and isinstance(made.state, tuple) and len(made.state) == 5:
        _, shape, kind, columns_first, content = made.state
        order = "F" if columns_first else "C"
    else:
        raise UsageError(_NO_LIST)
    code = kind.arguments[0] if isinstance(kind, Made) and kind.arguments else None
    ends = kind.state[1] if isinstance(kind, Made) and isinstance(kind.state, tuple) else "<"
    if not isinstance(code, str) or not _DTYPE.fullmatch(code) or ends not in ("<", ">", "|"):
        raise UsageError("it has an array that holds no numbers")
    if isinstance(content, str):  # of Python 2
        content = content.encode("latin-1")
    flat = np.frombuffer(content, np.dtype(ends + code))
    return flat.reshape(shape, order="F" if order == "F" else "C")


def of_arrays(kind: str, arrays: Sequence[NDArray[Any]]) -> Contents:
    """What can be run of arrays whose order and shapes alone are known."""
    stored = [Stored(array.shape, partial(_numbers, array)) for array in arrays]
    guesses: list[Guess] = []
    matrices: list[Matrix] = []
    broken: list[str] = []
    at = 0
    while at < len(stored):
        cells = _cells_at(stored, at)
        if not cells:
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
        kind, guesses, matrices, shapes, "the whole model, saved as .keras, would tell"
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


def _numbers(array: NDArray[Any]) -> NDArray[Any]:
    return array
