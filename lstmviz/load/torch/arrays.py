"""Arrays that a pickle speaks of: tensors of PyTorch, quantised or not, and arrays of NumPy."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Tensor, from_bfloat16
from lstmviz.load.torch.legacy import AGAIN, Stored, read_bytes
from lstmviz.load.torch.pickles import Made, Named, Persistent
from lstmviz.load.torch.storages import LARGEST, Storage, storage_of

_MOST_AXES = 16
_AGAIN = 16  # times that a file's bytes are read, as tensors share storages, before it is enough
_FREE = 1 << 29  # bytes that are read from any file, however often
_WRAPPED = 4  # parameters of parameters: what is around the tensor itself

_DTYPES = {
    "float32": "f4",
    "float": "f4",
    "float64": "f8",
    "double": "f8",
    "float16": "f2",
    "half": "f2",
    "bfloat16": "bf",
    "int64": "i8",
    "long": "i8",
    "int32": "i4",
    "int": "i4",
    "int16": "i2",
    "int8": "i1",
    "uint8": "u1",
    "bool": "u1",
}
_OF_NUMPY = re.compile(r"[<>=|]?[fiub][1248]")


class Arrays:
    """The arrays of one file: what makes tensors of what its pickle says.

    `stored` is what was read of it, `size` its bytes.
    """

    def __init__(self, stored: Stored, size: int) -> None:
        self._fetch, self._order, self._known = stored.fetch, stored.order, stored.known
        self._left = _FREE + _AGAIN * size
        self._last: tuple[str, bytes] | None = None
        self._inline: dict[int, tuple[Any, Storage | None]] = {}

    def tensor(self, name: str, value: Any) -> Tensor | None:
        """The tensor or array that a value of the pickle stands for; None if it is none.

        Raises:
            UsageError: it is one of an impossible shape.
        """
        if isinstance(value, Persistent):
            key = value.identity
            if type(key) not in (int, str) or str(key) not in self._known:
                return None
            return self.view(name, *self._known[str(key)])
        made = _unwrapped(value)
        if made is None:
            return None
        by, arguments = made.by, made.arguments
        if by.module.startswith("numpy"):
            return self._of_numpy(name, made)
        if by.module != "torch._utils" or len(arguments) < 4:
            return None
        storage = self._storage(arguments[0])
        if storage is None:
            return None
        _, offset, size, steps, *more = arguments[:7]  # a longer one may be met again and again
        if by.name == "_rebuild_tensor_v3":
            dtype = more[2] if len(more) > 2 else None
            kind = _DTYPES.get(dtype.name) if isinstance(dtype, Named) else None
            if kind is None:
                return None
            storage = Storage(storage.key, kind, storage.shift, storage.content)
        elif by.name == "_rebuild_qtensor":
            plain = self.view(name, storage, offset, size, steps)
            return self._dequantised(name, plain, more[0] if more else None)
        elif by.name not in ("_rebuild_tensor", "_rebuild_tensor_v2"):
            return None
        return self.view(name, storage, offset, size, steps)

    def _storage(self, value: Any) -> Storage | None:
        """The storage that a tensor is of: by its key, or as a file of its own in the pickle."""
        if not isinstance(value, Made) or value.by.name != "_load_from_bytes":
            return storage_of(value)
        text = _text(value.arguments[0]) if value.arguments else None
        if text is None:
            return None
        if id(text) not in self._inline:
            content = text.encode("latin-1") if isinstance(text, str) else text
            self._inline[id(text)] = text, read_bytes(content)  # which keeps it, and so its id
        return self._inline[id(text)][1]

    def view(self, name: str, storage: Storage, offset: Any, size: Any, steps: Any) -> Tensor:
        """A tensor that shows some of a storage, by what a file claims of it.

        Raises:
            UsageError: the shape is impossible.
        """
        shape, strides = _whole(size), _whole(steps)
        if type(offset) is not int or not 0 <= offset < LARGEST or len(shape) != len(strides):
            raise UsageError(f"'{name}' has an impossible shape")

        def read() -> NDArray[Any]:
            content = self._read(storage)
            kind = "u2" if storage.kind == "bf" else storage.kind
            whole = len(content) // storage.itemsize
            flat = np.frombuffer(content, np.dtype(self._order + kind), whole)[storage.shift :]
            reach = offset + sum((n - 1) * step for n, step in zip(shape, strides, strict=True))
            count: int = math.prod(shape)
            if count > len(flat) or (count and reach >= len(flat)):
                raise UsageError(
                    f"'{name}' of shape {shape} does not fit its {len(flat)} values; {AGAIN}"
                )
            self._spend(count * flat.itemsize)
            view = as_strided(
                flat[offset:], shape, [step * flat.itemsize for step in strides], writeable=False
            )
            array = np.array(view, dtype=np.dtype(kind))
            return from_bfloat16(array) if storage.kind == "bf" else array

        return Tensor(shape, read)

    def _dequantised(self, name: str, whole: Tensor, told: Any) -> Tensor | None:
        """The numbers that whole ones stand for: (whole - zero)·scale, along an axis or alike."""
        given = told[:4] if isinstance(told, tuple) else ()
        kind, scale, zero, axis = (*given, *[None] * 4)[:4]
        if not isinstance(kind, Named):
            return None
        if kind.name == "per_tensor_affine" and type(scale) is float and type(zero) is int:
            return Tensor(
                whole.shape,
                lambda: ((whole.read().astype(np.float64) - zero) * scale).astype(np.float32),
            )
        inner = _unwrapped(scale), _unwrapped(zero)
        if any(one is not None and one.by.name == "_rebuild_qtensor" for one in inner):
            return None  # which might be quantised in turn, without an end
        scales, zeros = self.tensor(name, scale), self.tensor(name, zero)
        if scales is None or zeros is None or type(axis) is not int:
            return None
        if not 0 <= axis < len(whole.shape) or not (
            scales.shape == zeros.shape == (whole.shape[axis],)
        ):
            raise UsageError(f"'{name}' has scales that do not fit its shape {whole.shape}")
        along = [1] * len(whole.shape)
        along[axis] = -1

        def read() -> NDArray[Any]:
            factor, nought = scales.read().reshape(along), zeros.read().reshape(along)
            array: NDArray[Any] = ((whole.read() - nought.astype(np.float64)) * factor).astype("f4")
            return array

        return Tensor(whole.shape, read)

    def _of_numpy(self, name: str, made: Made) -> Tensor | None:
        """An array of NumPy, as its two ways of pickling give it."""
        if made.by.name == "_reconstruct" and isinstance(made.state, tuple):
            _, size, dtype, fortran, content = (*made.state[:5], *[None] * 5)[:5]
        elif made.by.name == "_frombuffer" and len(made.arguments) == 4:
            content, dtype, size, letter = made.arguments
            fortran = isinstance(letter, str) and letter == "F"
        else:
            return None
        kind, text = _numpy_kind(dtype), _text(content)
        if kind is None or text is None:
            return None
        shape = _whole(size)
        if math.prod(shape) * kind.itemsize != len(text):
            raise UsageError(
                f"'{name}' of shape {shape} does not fit its {len(text)} bytes; {AGAIN}"
            )

        def read() -> NDArray[Any]:
            self._spend(len(text))
            flat = np.frombuffer(
                text if not isinstance(text, str) else text.encode("latin-1"), kind
            )
            array = flat.reshape(shape, order="F" if fortran is True else "C")
            return np.ascontiguousarray(array, kind.newbyteorder("="))

        return Tensor(shape, read)

    def _read(self, storage: Storage) -> bytes:
        """The bytes of a storage; the last is kept: tensors share them, one after another."""
        if storage.content is not None:
            return storage.content
        if self._last is None or self._last[0] != storage.key:
            content = self._fetch(storage.key)
            self._spend(len(content))
            self._last = storage.key, content
        return self._last[1]

    def _spend(self, count: int) -> None:
        """Count bytes, and end what would go on for too long."""
        self._left -= count
        if self._left < 0:
            raise UsageError("its tensors are of more numbers than it has")


def _unwrapped(value: Any) -> Made | None:
    """The tensor itself, within a Parameter or not."""
    for _ in range(_WRAPPED):
        if not isinstance(value, Made):
            return None
        name, arguments = value.by.name, value.arguments
        if (name.startswith("_rebuild_parameter") or name == "Parameter") and arguments:
            value = arguments[0]
        elif name == "_rebuild_from_type_v2" and len(arguments) > 2:
            by, _, arguments = arguments[:3]  # what makes it, for which class, of what
            if not isinstance(by, Named) or not isinstance(arguments, tuple):
                return None
            value = Made(by, arguments)
        else:
            return value
    return None


def _whole(value: Any) -> tuple[int, ...]:
    """A size or strides: a tuple of whole numbers, of torch.Size or not."""
    if isinstance(value, Made):
        value = next(iter(value.arguments), None)
    if not isinstance(value, (tuple, list)) or len(value) > _MOST_AXES:
        raise UsageError("a tensor has an impossible shape")
    numbers = tuple(value)
    if not all(type(n) is int and 0 <= n < LARGEST for n in numbers):
        raise UsageError("a tensor has an impossible shape")
    return numbers


def _numpy_kind(dtype: Any) -> np.dtype[Any] | None:
    """A type of real numbers, from what makes it and the byte order in its state."""
    if not isinstance(dtype, Made) or dtype.by.name != "dtype" or not dtype.arguments:
        return None
    text, order = dtype.arguments[0], "="
    if isinstance(dtype.state, tuple) and len(dtype.state) > 1:
        order = dtype.state[1]
    if not isinstance(text, str) or not _OF_NUMPY.fullmatch(text):
        return None
    try:
        kind = np.dtype(text)
    except TypeError:  # such as f1
        return None
    return kind.newbyteorder(">") if isinstance(order, str) and order == ">" else kind


def _text(value: Any) -> bytes | bytearray | str | None:
    """The bytes of an array or storage, which older protocols write as text."""
    if isinstance(value, Made) and value.by.name in ("encode", "bytearray", "bytes"):
        value = next(iter(value.arguments), b"")
    return value if isinstance(value, (bytes, bytearray, str)) else None
