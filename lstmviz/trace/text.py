"""A trace as text that other programs read."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lstmviz.system.atomic_files import whole_file
from lstmviz.system.texts import unlike
from lstmviz.trace.file import described, written_out

if TYPE_CHECKING:
    from lstmviz.trace.protocol import TraceLike
    from lstmviz.trace.recording import Array


def as_json(trace: TraceLike, path: str | Path | None, force: bool = False) -> str:
    """All layers as JSON text, also written to `path` if given."""
    content = described(trace)
    content["tokens"] = written_out(trace.tokens)
    for layer in content["layers"]:
        recording = trace.recordings[layer["layer"], layer["direction"]]
        for part in ("initial", "values"):
            arrays = getattr(recording, part)
            layer[part] = {name: _numbers(array) for name, array in arrays.items()}
        del layer["names"], layer["states"]
    if trace.output is not None:
        content["output"] = _numbers(trace.output)
    return _written(json.dumps(content, ensure_ascii=False), path, force)


def as_csv(trace: TraceLike, path: str | Path | None, force: bool = False) -> str:
    """The layer that is shown as CSV text, also written to `path` if given."""
    names = [*trace.names, *(["output"] if trace.output is not None else [])]
    table = [_numbers(trace[name]) for name in names]
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    columns = [
        f"{name}[{entry}]"
        for name in names
        for entry in unlike(trace.names_of(name)) or range(trace[name].shape[1])
    ]
    rows.writerow(["tick", "token", "known", *columns])
    for tick, token in enumerate(trace.tokens):
        values = [value for column in table for value in column[tick]]
        rows.writerow([tick, token.text, int(token.known), *values])
    return _written(text.getvalue(), path, force)


def _written(text: str, path: str | Path | None, force: bool) -> str:
    if path is not None:
        with whole_file(path, force=force) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="")
    return text


def _numbers(array: Array) -> list[Any]:
    """Nested lists of the shortest numbers that read back as the same float32 or float64."""
    if array.dtype == np.float32:
        flat = [float(str(value)) for value in array.ravel()]
        return np.reshape(flat, array.shape).tolist()  # type: ignore[no-any-return]
    return array.tolist()  # type: ignore[no-any-return]
