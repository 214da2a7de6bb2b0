"""The .safetensors format: eight bytes of length, a JSON header, and the numbers.

The library `safetensors` was weighed: for NumPy it does not read bfloat16, in which many networks
are kept, and it would be one more thing to install for these few lines.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Contents, Tensor, from_bfloat16
from lstmviz.load.torch import state_dict as named

_LONGEST = 16 << 20  # bytes of the header: of 100,000 tensors, which Python makes 300 MB of
_MOST_AXES = 16
_KINDS = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "<u2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "|i1",
    "U8": "|u1",
    "BOOL": "|u1",
    "U16": "<u2",
    "U32": "<u4",
    "U64": "<u8",
}


def read(path: Path, nonlinearity: str | Mapping[str, str] | None = None) -> Contents:
    """The contents of a .safetensors file with PyTorch's names.

    Raises:
        UsageError: it is damaged; or a tensor lies outside the file.
    """
    return named.contents("safetensors file", read_tensors(path), nonlinearity)


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a .safetensors file by their names.

    Raises:
        UsageError: it is damaged; or a tensor lies outside the file.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 10 or length > min(size - 8, _LONGEST):
            raise UsageError("it is cut off or no .safetensors file; copy or download it again")
        header = json.loads(file.read(length).decode())
    if not isinstance(header, dict):
        raise ValueError("the header is no object")
    start = 8 + length
    left = size - start  # bytes, of which each belongs to one tensor, as the format says
    tensors: dict[str, Tensor] = {}
    for name, told in header.items():
        if name == "__metadata__":
            continue
        shape, (begin, end) = tuple(told["shape"]), told["data_offsets"]
        sensible = len(shape) <= _MOST_AXES and all(
            type(n) is int and 0 <= n < 1 << 48 for n in (*shape, begin, end)
        )
        if not sensible or not begin <= end <= size - start:
            raise UsageError(
                f"'{name}' lies outside the file, which may be cut off; copy or download it again"
            )
        left -= end - begin
        if left < 0:
            raise UsageError("its tensors are of more bytes than it has")
        kind = _KINDS.get(told["dtype"])
        if kind is None:  # eight-bit and smaller floats: no weights of recurrent layers
            continue
        if math.prod(shape) * np.dtype(kind).itemsize != end - begin:
            raise UsageError(
                f"'{name}' of shape {shape} does not fit its {end - begin} bytes; save it again"
            )
        tensors[name] = Tensor(
            shape, _reader(path, shape, kind, told["dtype"] == "BF16", start + begin)
        )
    return tensors


def _reader(
    path: Path, shape: tuple[int, ...], kind: str, bfloat16: bool, start: int
) -> Callable[[], NDArray[Any]]:
    def read() -> NDArray[Any]:
        flat = np.fromfile(path, kind, math.prod(shape), offset=start)
        array = flat.reshape(shape).astype(np.dtype(kind).newbyteorder("="))
        return from_bfloat16(array) if bfloat16 else array

    return read
