"""The numbers of an ONNX file: stored, external or made of stored ones."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.errors import UsageError
from lstmviz.load.common.contents import from_bfloat16

Values = NDArray[Any]

_DEEPEST = 64  # steps from a weight back to what is stored
_AGAIN = 16  # times that the bytes of a file may be made into others
_KINDS = {1: "<f4", 11: "<f8", 10: "<f2", 16: "<u2", 6: "<i4", 7: "<i8"}  # of TensorProto
_FIELDS = {
    1: "float_data",
    11: "double_data",
    10: "int32_data",
    16: "int32_data",
    6: "int32_data",
    7: "int64_data",
}
_BFLOAT16 = 16


def decoded(tensor: Any, folder: Path) -> Values:
    """The array of a TensorProto; external data must lie in the model's folder.

    Raises:
        UsageError: it claims other numbers than it has, or a file elsewhere.
    """
    name, shape = tensor.name, tuple(tensor.dims)
    kind = _KINDS.get(tensor.data_type)
    if kind is None or any(n < 0 for n in shape):
        raise UsageError(f"'{name}' is of a kind or shape that no weight has")
    count = math.prod(shape)
    if tensor.data_location == 1:
        flat = _external(tensor, folder, kind, count)
    elif tensor.HasField("raw_data"):
        flat = np.frombuffer(_exactly(tensor.raw_data, kind, count, name), kind)
    else:
        given = getattr(tensor, _FIELDS[tensor.data_type])
        if len(given) != count:
            raise UsageError(f"'{name}' of shape {shape} has {len(given)} values")
        if tensor.data_type in (10, _BFLOAT16):  # by their bits
            flat = np.array(given, np.int64).astype("<u2").view(kind)
        else:
            flat = np.array(given, kind)
    array = from_bfloat16(flat) if tensor.data_type == _BFLOAT16 else flat
    return array.reshape(shape)


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


class Constants:
    """The values in a graph that do not depend on its input."""

    def __init__(self, graph: Any, folder: Path, most: int) -> None:
        """`most` is the number of values that any of them may have."""
        self._folder, self._most = folder, most
        self._left = _AGAIN * most  # bytes that may be made
        self._values: dict[tuple[str, bool], Values | None] = {}
        self.stored = {tensor.name: tensor for tensor in graph.initializer}
        self.makers = {out: node for node in graph.node for out in node.output if out}

    def value(self, name: str, depth: int = 0, *, spread: bool = False) -> Values | None:
        """The array of that name; None when it depends on the input, or on unusual nodes.

        With `spread`, what is expanded to the size of the batch counts as it was before.
        """
        # Kept, as a node may use a value twice, and its makers theirs, and so on.
        key = (name, spread)
        if key not in self._values:
            self._values[key] = self._made(name, depth, spread)
        return self._values[key]

    def _made(self, name: str, depth: int, spread: bool) -> Values | None:
        if depth > _DEEPEST:
            return None
        if name in self.stored:
            return decoded(self.stored[name], self._folder)
        node = self.makers.get(name)
        if node is None:
            return None
        if node.op_type == "Constant":
            return self._constant(node)
        if spread and node.op_type in ("Expand", "Tile"):
            return self.value(node.input[0], depth + 1, spread=True)
        act = _FOLDED.get(node.op_type)
        if act is None:
            return None
        values = [
            self.value(given, depth + 1, spread=spread) if given else None for given in node.input
        ]
        if any(value is None for value, given in zip(values, node.input, strict=True) if given):
            return None
        arrays = [value for value in values if value is not None]
        size = sum(value.size for value in arrays)
        if node.op_type in ("Mul", "Add"):
            size = math.prod(np.broadcast_shapes(*(value.shape for value in arrays)))
        if size > self._most:
            raise UsageError(f"'{name}' is made of more values than the file has")
        made = act(attributes(node), *values)
        self._left -= made.nbytes if made.base is None else 0
        if self._left < 0:
            raise UsageError("its weights are made of more values than the file has")
        return made

    def zero(self, name: str, depth: int = 0) -> bool:
        """Whether a value is 0 whatever its shape: how exporters write empty states."""
        if depth > _DEEPEST:
            return False
        node = self.makers.get(name)
        if node is None or node.op_type not in _ZEROS:
            value = self.value(name)
            return value is not None and not value.any()
        if node.op_type == "ConstantOfShape":
            given = attributes(node).get("value")
            return given is None or not decoded(given, self._folder).any()
        return self.zero(node.input[0], depth + 1)

    def _constant(self, node: Any) -> Values | None:
        given = attributes(node)
        if "value" in given:
            return decoded(given["value"], self._folder)
        for key in ("value_float", "value_int", "value_floats", "value_ints"):
            if key in given:
                return np.array(given[key])
        return None


def attributes(node: Any) -> dict[str, Any]:
    """A node's attributes as Python values; text as str."""
    found: dict[str, Any] = {}
    for one in node.attribute:
        match one.type:
            case 1:
                found[one.name] = one.f
            case 2:
                found[one.name] = one.i
            case 3:
                found[one.name] = one.s.decode("utf-8", "replace")
            case 4:
                found[one.name] = one.t
            case 6:
                found[one.name] = list(one.floats)
            case 7:
                found[one.name] = list(one.ints)
            case 8:
                found[one.name] = [text.decode("utf-8", "replace") for text in one.strings]
            case _:
                found[one.name] = None
    return found


def _axes(given: dict[str, Any], value: Values | None) -> list[int]:
    """The axes of Squeeze and its like: an attribute up to opset 12, an input since."""
    if value is not None:
        return [int(axis) for axis in value.ravel()]
    return list(given.get("axes", []))


def _unsqueeze(given: dict[str, Any], x: Values, axes: Values | None = None) -> Values:
    found = _axes(given, axes)
    rank = x.ndim + len(found)
    for axis in sorted(axis % rank for axis in found):
        x = np.expand_dims(x, axis)
    return x


def _squeeze(given: dict[str, Any], x: Values, axes: Values | None = None) -> Values:
    return np.squeeze(x, tuple(_axes(given, axes)) or None)


def _slice(
    given: dict[str, Any],
    x: Values,
    starts: Values | None = None,
    ends: Values | None = None,
    axes: Values | None = None,
    steps: Values | None = None,
) -> Values:
    first = given["starts"] if starts is None else starts.ravel().tolist()
    last = given["ends"] if ends is None else ends.ravel().tolist()
    along = given.get("axes") if axes is None else axes.ravel().tolist()
    by = [1] * len(first) if steps is None else steps.ravel().tolist()
    cut = [slice(None)] * x.ndim
    for axis, one, other, step in zip(along or range(len(first)), first, last, by, strict=True):
        cut[int(axis)] = slice(int(one), int(other), int(step))
    return x[tuple(cut)]


def _reshape(given: dict[str, Any], x: Values, shape: Values | None = None) -> Values:
    wanted = given["shape"] if shape is None else shape.ravel().tolist()
    return x.reshape([x.shape[k] if n == 0 else int(n) for k, n in enumerate(wanted)])


def _concat(given: dict[str, Any], *parts: Values) -> Values:
    return np.concatenate(parts, axis=given["axis"])


def _transpose(given: dict[str, Any], x: Values) -> Values:
    return np.transpose(x, given.get("perm"))


def _same(given: dict[str, Any], x: Values) -> Values:
    return x


# What exporters make weights of when they do not fold constants.
_FOLDED: dict[str, Callable[..., Values]] = {
    "Identity": _same,
    "Cast": _same,
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
    "Slice": _slice,
    "Reshape": _reshape,
    "Concat": _concat,
    "Transpose": _transpose,
    "Mul": lambda given, x, y: x * y,
    "Add": lambda given, x, y: x + y,
}
# What leaves zeros zeros, of whatever shape.
_ZEROS = {
    "ConstantOfShape",
    "Expand",
    "Tile",
    "Slice",
    "Identity",
    "Cast",
    "Unsqueeze",
    "Squeeze",
    "Reshape",
    "Transpose",
    "Gather",
}
