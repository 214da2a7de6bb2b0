"""Which network reads an input that came without one."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

import numpy as np

from lstmviz.demo.networks import demo_network
from lstmviz.engine.inputs.encode import Given
from lstmviz.engine.inputs.series import Series
from lstmviz.engine.inputs.tokenise import distinct
from lstmviz.engine.model.cell import Cell
from lstmviz.engine.model.network import Network, seeded

WORD_VALUES = 4  # length of a word's vector in an untrained network


def network_for(
    inputs: Sequence[Given], cell: Cell, hidden: int | None, seed: int | None
) -> Network:
    """The network for inputs that came without one: trained for words, or of random weights.

    Raises:
        UsageError: a size is below 1 or the seed below 0.
    """
    numbers = [given for given in inputs if isinstance(given, np.ndarray | Series)]
    sizes = (4 if hidden is None else hidden), (0 if seed is None else seed)
    if numbers:
        return seeded(cell, numbers[0].shape[1], *sizes)
    trained = files("lstmviz.demo") / f"{cell.name}.npz"
    if hidden is None and seed is None and trained.is_file():
        return demo_network(cell.name)
    words = distinct([word for given in inputs if isinstance(given, list) for word in given])
    return seeded(cell, WORD_VALUES, *sizes, vocabulary=words)
