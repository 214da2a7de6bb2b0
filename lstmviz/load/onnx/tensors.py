"""The tensors of an ONNX file: numbers or texts, in the file or beside it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.errors import UsageError
from lstmviz.load.common.contents import from_bfloat16

Values = NDArray[Any]

# The types of TensorProto: how their numbers are written, and the field with those not in bytes.
_KINDS = {
    1: ("<f4", "float_data"),
    2: ("<u1", "int32_data"),
    3: ("<i1", "int32_data"),
    4: ("<u2", "int32_data"),
    5: ("<i2", "int32_data"),
    6: ("<i4", "int32_data"),
    7: ("<i8", "int64_data"),
    9: ("|b1", "int32_data"),
    10: ("<f2", "int32_data"),
    11: ("<f8", "double_data"),
    12: ("<u4", "uint64_data"),
    13: ("<u8", "uint64_data"),
    16: ("<u2", "int32_data"),
}
_STRING, _HALF, _BFLOAT16 = 8, 10, 16
REAL = (1, _HALF, 11, _BFLOAT16)  # the types that weights have


def decoded(tensor: Any, folder: Path) -> Values:
    """The array of a TensorProto; external data must lie in the model's folder.

    Raises:
        UsageError: it claims other numbers than it has, or a file elsewhere.
    """
    name, shape = tensor.name, tuple(tensor.dims)
    if tensor.data_type not in _KINDS or any(n < 0 for n in shape):
        raise UsageError(f"'{name}' is of a kind or shape that no weight has")
    kind, field = _KINDS[tensor.data_type]
    count = math.prod(shape)
    if tensor.data_location == 1:
        flat = _external(tensor, folder, kind, count)
    elif tensor.HasField("raw_data"):
        flat = np.frombuffer(_exactly(tensor.raw_data, kind, count, name), kind)
    else:
        given = getattr(tensor, field)
        if len(given) != count:
            raise UsageError(f"'{name}' of shape {shape} has {len(given)} values")
        if tensor.data_type in (_HALF, _BFLOAT16):  # by their bits
            flat = np.array(given, np.int64).astype("<u2").view(kind)
        elif field == "int32_data":
            flat = np.array(given, np.int64).astype(kind)
        else:
            flat = np.array(given, kind)
    array = from_bfloat16(flat) if tensor.data_type == _BFLOAT16 else flat
    return array.reshape(shape)


def texts_of(tensor: Any) -> list[str] | None:
    """The texts of a TensorProto; None when it holds numbers."""
    if tensor.data_type != _STRING:
        return None
    return [text.decode("utf-8", "replace") for text in tensor.string_data]


def _exactly(content: bytes, kind: str, count: int, name: str) -> bytes:
    if len(content) != count * np.dtype(kind).itemsize:
        raise UsageError(f"'{name}' claims {count} values, but has {len(content)} bytes")
    return content


def _external(tensor: Any, folder: Path, kind: str, count: int) -> Values:
    told = {entry.key: entry.value for entry in tensor.external_data}
    location = told.get("location", "")
    home = folder.resolve()
    place = (home / location).resolve()
    if not location or "\\" in location or not place.is_relative_to(home) or place == home:
        raise UsageError(
            f"'{tensor.name}' is stored in '{location}', outside the model's folder, and such "
            "files are not read"
        )
    if not place.is_file():
        raise UsageError(
            f"its weights are in '{location}', which is missing; put that file beside it"
        )
    size = count * np.dtype(kind).itemsize
    start, length = int(told.get("offset", 0)), int(told.get("length", size))
    if length != size or start < 0 or start + size > place.stat().st_size:
        raise UsageError(f"'{tensor.name}' lies outside '{location}', which may be cut off")
    return np.fromfile(place, kind, count, offset=start)
