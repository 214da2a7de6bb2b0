"""PyTorch's .pt and .pth files, in both of its formats, without PyTorch."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from lstmviz.errors import UsageError
from lstmviz.load.common.contents import Contents, from_bfloat16
from lstmviz.load.torch import state_dict as named
from lstmviz.load.torch.pickles import Made, Named, Persistent, Refused, read_pickle
from lstmviz.system.zip_members import open_archive, read_member

MAGIC = 0x1950A86A20F9469CFC6C  # the first pickle of the format before PyTorch 1.6
LEGACY = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # that pickle
_PICKLE = 256 << 20  # bytes: far more than the names of any network's tensors
_DEEPEST = 64  # dicts and lists within each other
_LONGEST = 1_000  # letters of a tensor's name
_MOST = 100_000  # tensors
_MOST_AXES = 16
_LARGEST = 1 << 40  # numbers of a tensor, along an axis
_AGAIN = 16  # times that a file's bytes are read, as tensors share storages, before it is enough
_FREE = 1 << 29  # bytes that are read from any file, however often
_HOW = "save the weights alone with torch.save(model.state_dict(), 'model.pt')"

# NumPy's type of each storage, without its byte order; bfloat16 by its bits.
_STORAGES = {
    "FloatStorage": "f4",
    "DoubleStorage": "f8",
    "HalfStorage": "f2",
    "BFloat16Storage": "bf",
    "LongStorage": "i8",
    "IntStorage": "i4",
    "ShortStorage": "i2",
    "CharStorage": "i1",
    "ByteStorage": "u1",
    "BoolStorage": "u1",
    "UntypedStorage": "u1",
}
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

Fetch = Callable[[str], bytes]  # the bytes of a storage by its key


def read(path: Path, nonlinearity: str | Mapping[str, str] | None = None) -> Contents:
    """The contents of a .pt or .pth file.

    Raises:
        UsageError: it needs code to be run, or holds no state dict.
    """
    try:
        with path.open("rb") as file:
            legacy = file.read(len(LEGACY)) == LEGACY
        value, fetch, order = _legacy(path) if legacy else _zipped(path)
    except Refused as error:
        raise UsageError(
            f"it needs '{error.named}' to be run, as whole modules do, and lstmviz runs nothing "
            f"of a file; {_HOW}"
        ) from None
    tensors = dict(_tensors(value, _Storages(fetch, path.stat().st_size), order))
    found = named.contents("PyTorch state dict", tensors, nonlinearity)
    if not tensors:
        raise UsageError(f"it holds no tensors by name; {_HOW}")
    return found


class _Storages:
    """The bytes of storages, the last of which is kept: tensors share them, one after another."""

    def __init__(self, fetch: Fetch, size: int) -> None:
        self._fetch, self._left = fetch, _FREE + _AGAIN * size
        self._last: tuple[str, bytes] | None = None

    def read(self, key: str) -> bytes:
        if self._last is None or self._last[0] != key:
            content = self._fetch(key)
            self.spend(len(content))
            self._last = key, content
        return self._last[1]

    def spend(self, count: int) -> None:
        """Count bytes, and end what would go on for too long."""
        self._left -= count
        if self._left < 0:
            raise UsageError("its tensors are of more numbers than it has")


def _zipped(path: Path) -> tuple[Any, Fetch, str]:
    archive = open_archive(path)  # open as long as there are storages to be read
    names = archive.namelist()
    pickles = [name for name in names if name.count("/") == 1 and name.endswith("/data.pkl")]
    root = pickles[0].removesuffix("data.pkl") if len(pickles) == 1 else ""
    if not root:
        raise UsageError(f"it is no file of torch.save; {_HOW}")
    if f"{root}constants.pkl" in names:
        raise UsageError(f"it is a TorchScript program; {_HOW}")
    order = ">" if _optional(archive, f"{root}byteorder") == b"big" else "<"
    value = read_pickle(io.BytesIO(read_member(archive, f"{root}data.pkl", _PICKLE)))

    def fetch(key: str) -> bytes:
        return read_member(archive, f"{root}data/{key}")

    return value, fetch, order


def _optional(archive: zipfile.ZipFile, name: str) -> bytes:
    return read_member(archive, name, 16) if name in archive.namelist() else b""


def _legacy(path: Path) -> tuple[Any, Fetch, str]:
    with path.open("rb") as file:
        magic, protocol, system = (read_pickle(file) for _ in range(3))
        if magic != MAGIC or protocol != 1001 or not isinstance(system, dict):
            raise UsageError(f"it is no file of torch.save; {_HOW}")
        order = "<" if system.get("little_endian") is not False else ">"
        value = read_pickle(file)
        keys = read_pickle(file)
        widths = {storage.key: storage.itemsize for storage in _storages(value)}
        places: dict[str, tuple[int, int]] = {}
        size = path.stat().st_size
        for key in keys if isinstance(keys, list) else []:
            if not isinstance(key, str):
                raise UsageError("it has a storage without a name")
            count = int.from_bytes(file.read(8), "little" if order == "<" else "big")
            length = count * widths.get(key, 1)
            places[key] = (file.tell(), length)
            if file.tell() + length > size:
                raise UsageError("it is cut off")
            file.seek(length, io.SEEK_CUR)

    def fetch(key: str) -> bytes:
        if key not in places:
            raise UsageError(f"the storage '{key}' is missing")
        start, length = places[key]
        with path.open("rb") as file:
            file.seek(start)
            return file.read(length)

    return value, fetch, order


@dataclass(frozen=True)
class _Storage:
    key: str
    kind: str  # a NumPy type without byte order, or bf
    shift: int = 0  # of a view, in elements

    @property
    def itemsize(self) -> int:
        return _itemsize(self.kind)


def _itemsize(kind: str) -> int:
    return 2 if kind == "bf" else int(kind[1])


def _storage(value: Any) -> _Storage | None:
    """The storage that a persistent identity speaks of; None for kinds that hold no weights."""
    if not isinstance(value, Persistent) or not isinstance(value.identity, tuple):
        return None
    label, kind, key, *_ = (*value.identity, None, None)
    if not isinstance(label, str) or label != "storage" or not isinstance(key, str):
        return None
    if not isinstance(kind, Named) or kind.name not in _STORAGES:
        return None
    shift = 0
    if len(value.identity) > 5 and isinstance(value.identity[5], tuple):
        _, shift, *_ = value.identity[5]
    if type(shift) is not int or not 0 <= shift < _LARGEST:
        raise UsageError("a tensor begins at an impossible place")
    return _Storage(key, _STORAGES[kind.name], shift)


def _walk(value: Any) -> Iterator[tuple[str, Made]]:
    """All that was made, by its dotted path; each container once, however often it is met."""
    met: set[int] = set()
    rest: list[tuple[str, str | int, int, Any]] = [("", "", 0, value)]
    while rest:
        # The name is made as late as this: many that wait are longer than the pickle.
        before, key, depth, one = rest.pop()
        path = f"{before}.{key}" if before else str(key)
        if depth > _DEEPEST or len(path) > _LONGEST:
            raise UsageError(f"it is nested more deeply than any state dict; {_HOW}")
        if isinstance(one, Made) and not one.items:
            yield path, one
            continue
        items: Any = one.items if isinstance(one, Made) else one
        if isinstance(items, dict):
            pairs = list(items.items())
        elif isinstance(items, (list, tuple)):
            pairs = list(enumerate(items))
        else:
            continue
        if id(items) in met:
            continue
        met.add(id(items))
        for key, below in reversed(pairs):
            if isinstance(below, (Made, dict, list, tuple)):
                rest.append((path, key, depth + 1, below))


def _tensor(made: Made) -> Made | None:
    """The tensor itself, within a Parameter or not; None if it is something else."""
    if made.by.name.startswith("_rebuild_parameter") and made.arguments:
        inner = made.arguments[0]
        made = inner if isinstance(inner, Made) else made
    return made if made.by.name.startswith("_rebuild_tensor") else None


def _storages(value: Any) -> Iterator[_Storage]:
    for _, made in _walk(value):
        tensor = _tensor(made)
        storage = _storage(tensor.arguments[0]) if tensor and tensor.arguments else None
        if storage is not None:
            yield storage


def _tensors(value: Any, storages: _Storages, order: str) -> Iterator[tuple[str, named.Tensor]]:
    count = 0
    for path, made in _walk(value):
        tensor = _tensor(made)
        storage = _storage(tensor.arguments[0]) if tensor and tensor.arguments else None
        if tensor is None or storage is None:
            continue
        count += 1
        if count > _MOST:
            raise UsageError("it has too many tensors")
        _, offset, size, steps, *more = tensor.arguments
        shape, strides = _whole(size), _whole(steps)
        if tensor.by.name == "_rebuild_tensor_v3":
            dtype = more[2] if len(more) > 2 else None
            kind = _DTYPES.get(dtype.name) if isinstance(dtype, Named) else None
            if kind is None:
                continue
            storage = _Storage(storage.key, kind, storage.shift)
        if type(offset) is not int or not 0 <= offset < _LARGEST or len(shape) != len(strides):
            raise UsageError(f"'{path}' has an impossible shape")
        array = _reader(path, storage, offset, shape, strides, storages, order)
        yield path, named.Tensor(shape, array)


def _whole(value: Any) -> tuple[int, ...]:
    """A size or strides: a tuple of whole numbers, of torch.Size or not."""
    if isinstance(value, Made):
        value = next(iter(value.arguments), None)
    if not isinstance(value, (tuple, list)) or len(value) > _MOST_AXES:
        raise UsageError("a tensor has an impossible shape")
    numbers = tuple(value)
    if not all(type(n) is int and 0 <= n < _LARGEST for n in numbers):
        raise UsageError("a tensor has an impossible shape")
    return numbers


def _reader(
    path: str,
    storage: _Storage,
    offset: int,
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    storages: _Storages,
    order: str,
) -> Callable[[], NDArray[Any]]:
    def read() -> NDArray[Any]:
        content = storages.read(storage.key)
        kind = "u2" if storage.kind == "bf" else storage.kind
        whole = len(content) // storage.itemsize
        flat = np.frombuffer(content, np.dtype(order + kind), whole)[storage.shift :]
        reach = offset + sum((n - 1) * step for n, step in zip(shape, strides, strict=True))
        count: int = math.prod(shape)
        if count > len(flat) or (count and reach >= len(flat)):
            raise UsageError(f"'{path}' of shape {shape} does not fit its {len(flat)} values")
        storages.spend(count * flat.itemsize)
        view = as_strided(
            flat[offset:], shape, [step * flat.itemsize for step in strides], writeable=False
        )
        array = np.array(view, dtype=np.dtype(kind))
        return from_bfloat16(array) if storage.kind == "bf" else array

    return read
