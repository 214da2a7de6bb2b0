"""The .safetensors format, by hand; files of the real library are in test_torch.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstmviz.errors import UsageError
from lstmviz.load import load_network


def write(path: Path, header: Any, content: bytes = b"", length: int | None = None) -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(
        (len(text) if length is None else length).to_bytes(8, "little") + text + content
    )
    return path


def tensor(shape: list[int], begin: int, kind: str = "F32", width: int = 4) -> dict[str, Any]:
    return {
        "dtype": kind,
        "shape": shape,
        "data_offsets": [begin, begin + width * int(np.prod(shape))],
    }


def test_every_kind_of_number_is_read(tmp_path: Path) -> None:
    values = np.arange(1, 13)
    for kind, dtype in (("F32", "<f4"), ("F64", "<f8"), ("F16", "<f2"), ("I32", "<i4")):
        content = values.astype(dtype).tobytes() + values[:4].astype(dtype).tobytes()
        width = np.dtype(dtype).itemsize
        header = {
            "__metadata__": {"format": "pt"},
            "rnn.weight_ih": tensor([4, 3], 0, kind, width),
            "rnn.weight_hh": tensor([4, 1], 12 * width, kind, width),
        }
        network = load_network(write(tmp_path / f"{kind}.safetensors", header, content))
        np.testing.assert_array_equal(network.layers[0][0].gate("i").W, [[1, 2, 3]])
        np.testing.assert_array_equal(network.layers[0][0].gate("o").R, [[4]])


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ({"w": tensor([1 << 40], 0)}, "lies outside the file"),
        ({"w": {**tensor([2], 0), "shape": [3]}}, "does not fit its 8 bytes"),
        ({"w": {**tensor([2], 0), "data_offsets": [8, 0]}}, "lies outside the file"),
        ({"w": {**tensor([2], 0), "data_offsets": [-8, 0]}}, "lies outside the file"),
        ({"w": {**tensor([2], 0), "shape": [True, 2]}}, "lies outside the file"),
        ({"w": tensor([2], 0), "v": tensor([2], 0)}, "of more bytes than it has"),
        ({"w": {**tensor([2], 0), "shape": 40 * [1]}}, "lies outside the file"),
        ({"w": {**tensor([2], 0), "shape": [0, 10**30]}}, "lies outside the file"),
        ({"w": {**tensor([2], 0), "shape": [float("inf")]}}, "lies outside the file"),
        ({"gru.weight_ih_l9999": tensor([2], 0)}, "claims 10000 layers"),
        ({"A" * 10**6 + ".weight_ih": tensor([2], 0)}, "A…"),
        ({"w": {"dtype": "F32"}}, "is damaged"),
        ({"w": 3}, "is damaged"),
        (b'{"w": ', "is damaged"),
        (b"[" * 100_000, "is damaged"),
        ([1], "is damaged"),
        ({}, "has no RNN, LSTM or GRU in it"),
    ],
)
def test_a_header_that_lies_is_refused(tmp_path: Path, header: Any, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        load_network(write(tmp_path / "m.safetensors", header, bytes(8)))


def test_a_header_longer_than_the_file_is_refused(tmp_path: Path) -> None:
    for length in (1 << 60, 100, 17 << 20, 5_000_000_000):
        with pytest.raises(UsageError, match="cut off or no .safetensors file"):
            load_network(write(tmp_path / "m.safetensors", {}, length=length))
