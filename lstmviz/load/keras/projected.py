"""Dense layers that follow an embedding: both together are an embedding of another width."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Matrix
from lstmviz.load.keras.cells import Stored, activation, read
from lstmviz.load.keras.config import Entry, class_of, config_within
from lstmviz.load.keras.feeding import passes

Array = NDArray[np.floating[Any]]


def projected(
    entries: Sequence[Entry],
    embeddings: Sequence[Matrix],
    stored: Callable[[Entry], list[Stored]],
    major: int | None,
) -> Iterator[Matrix]:
    """What each dense layer over an embedding makes of its rows, by the name of that layer.

    One-hot vectors before a dense layer are mostly written so: as an embedding that is the
    identity. An embedding that masks steps is left as it is.
    """
    by_name = {entry.name: entry for entry in entries}
    found = {m.name: m for m in embeddings if not by_name[m.name].config.get("mask_zero")}
    for entry in entries:
        layer = entry.config.get("layer")
        within = entry.kind == "TimeDistributed" and class_of(layer) == "Dense"
        if not entry.ours or not entry.sources or (entry.kind != "Dense" and not within):
            continue
        source = by_name[entry.sources[0]]
        while passes(source) and source.sources:
            source = by_name[source.sources[0]]
        try:
            config = config_within(layer) if within else entry.config
            function = activation(config.get("activation"), major)
            arrays = stored(entry) if source.name in found else []
        except UsageError:  # it is not understood, so what it feeds is told to be fed by it
            continue
        if [len(one.shape) for one in arrays] not in ([2], [2, 1]):
            continue
        before, width = found[source.name], arrays[0].shape[1]
        if arrays[0].shape[0] == before.width:
            rows = partial(_rows, before, arrays, function, entry.name)
            found[entry.name] = Matrix(entry.name, before.rows, width, rows, True)
            yield found[entry.name]


def _rows(before: Matrix, arrays: Sequence[Stored], function: Any, name: str) -> Array:
    kernel, *bias = (read(one, name) for one in arrays)
    rows: Array = function(before.read() @ kernel + (bias[0] if bias else 0))
    return rows
