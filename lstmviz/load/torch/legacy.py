"""The formats of torch.save before the zip archive: pickles in a row, and the tar of 2017."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from lstmviz.errors import UsageError
from lstmviz.load.torch.pickles import Named, Persistent, read_pickle
from lstmviz.load.torch.storages import KINDS, Fetch, Storage, storage_of

MAGIC = 0x1950A86A20F9469CFC6C  # the first pickle of the format before PyTorch 1.6
LEGACY = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # that pickle
AGAIN = "copy or download it again"
CUT_OFF = f"it is cut off; {AGAIN}"
_BLOCK = 512  # bytes of a tar's header, of which its contents are multiples
_MEMBERS = 64  # of a tar; PyTorch's have four
_MOST = 100_000  # storages, or tensors
_MOST_AXES = 16


View = tuple[Storage, int, tuple[int, ...], tuple[int, ...]]  # from where, shape and strides


@dataclass(frozen=True)
class Stored:
    """The value of a file's pickle, and where the storages lie that it speaks of."""

    value: Any
    fetch: Fetch
    order: str = "<"  # of bytes
    known: Mapping[str, View] = field(default_factory=dict)  # tensors that it names by a key


def read_stream(open_: Callable[[], IO[bytes]], size: int) -> Stored:
    """What a file of the older format holds, of `size` bytes, which can be opened again.

    Raises:
        UsageError: it is another format, or cut off.
    """
    outside: list[Persistent] = []
    with open_() as file:
        magic, protocol, system = (read_pickle(file) for _ in range(3))
        if magic != MAGIC or protocol != 1001 or not isinstance(system, dict):
            raise UsageError("it is no file of torch.save")
        order = "<" if system.get("little_endian") is not False else ">"
        value = read_pickle(file, outside)
        keys = read_pickle(file)
        storages = [storage_of(one) for one in outside]
        widths = {storage.key: storage.itemsize for storage in storages if storage is not None}
        places: dict[str, tuple[int, int]] = {}
        for key in keys if isinstance(keys, list) else []:
            if not isinstance(key, str):
                raise UsageError("it has a storage without a name")
            count = int.from_bytes(file.read(8), "little" if order == "<" else "big")
            length = count * widths.get(key, 1)
            places[key] = (file.tell(), length)
            if file.tell() + length > size:
                raise UsageError(CUT_OFF)
            file.seek(length, io.SEEK_CUR)

    def fetch(key: str) -> bytes:
        if key not in places:
            raise UsageError(f"the storage '{key}' is missing; {AGAIN}")
        start, length = places[key]
        with open_() as file:
            file.seek(start)
            return file.read(length)

    return Stored(value, fetch, order)


def read_bytes(content: bytes | bytearray) -> Storage | None:
    """The storage that is a file of its own within a plain pickle, with its bytes.

    Raises:
        UsageError: it is no such file.
    """
    found = read_stream(lambda: io.BytesIO(content), len(content))
    storage = storage_of(found.value)
    if storage is None:
        return None
    return Storage(storage.key, storage.kind, 0, found.fetch(storage.key))


def is_tar(start: bytes) -> bool:
    """Whether a file's first block is the header of a tar archive."""
    return start[257:262] == b"ustar"


def read_tar(path: Path) -> Stored:
    """What a tar of PyTorch 0.1 holds: its storages, tensors of them, and their pickle.

    Raises:
        UsageError: it is no such tar, or damaged.
    """
    # Not tarfile, whose reading of extended headers takes as long as they like.
    members = dict(_members(path))
    if not {"storages", "tensors", "pickle"} <= {*members}:
        raise UsageError(
            "it is a .tar, but not of PyTorch's: unpack it, and name the network's file in it"
        )

    def content(name: str) -> IO[bytes]:
        start, length = members[name]
        with path.open("rb") as file:
            file.seek(start)
            return io.BytesIO(file.read(length))

    storages = dict(_storages(content("storages")))
    known = {}
    file = content("tensors")
    for _ in range(_count(read_pickle(file))):
        key, storage, *_ = _numbered(read_pickle(file))
        (axes,) = struct.unpack("<i4x", file.read(8))
        if not 0 <= axes <= _MOST_AXES or storage not in storages:
            raise UsageError("a tensor has an impossible shape")
        shape, strides = (struct.unpack(f"<{axes}q", file.read(8 * axes)) for _ in range(2))
        (offset,) = struct.unpack("<q", file.read(8))
        known[str(key)] = storages[storage], offset, shape, strides

    def fetch(key: str) -> bytes:
        raise UsageError(f"the storage '{key}' is missing; {AGAIN}")

    return Stored(read_pickle(content("pickle")), fetch, "<", known)


def _members(path: Path) -> Iterator[tuple[str, tuple[int, int]]]:
    """Where each file of a tar lies, and how long it is."""
    size = path.stat().st_size
    with path.open("rb") as file:
        for _ in range(_MEMBERS):
            header = file.read(_BLOCK)
            if len(header) < _BLOCK or not header.strip(b"\0"):
                return
            length = int(header[124:136].strip(b" \0") or b"0", 8)
            start = file.tell()
            if not 0 <= length <= size - start:
                raise UsageError(CUT_OFF)
            if header[156:157] in (b"0", b"\0"):
                yield header[:100].rstrip(b"\0").decode("utf-8", "replace"), (start, length)
            file.seek(start + -(-length // _BLOCK) * _BLOCK)


def _storages(file: IO[bytes]) -> Iterator[tuple[Any, Storage]]:
    """The storages of a tar by their keys, with their bytes, and those that are parts of one."""
    found: dict[Any, Storage] = {}
    for _ in range(_count(read_pickle(file))):
        key, _, kind = _numbered(read_pickle(file))
        if not isinstance(kind, Named) or kind.name not in KINDS:
            raise UsageError("it has a storage of an unknown kind")
        empty = Storage(str(key), KINDS[kind.name])
        length = int.from_bytes(file.read(8), "little") * empty.itemsize
        content = file.read(length) if length < 1 << 62 else b""
        if len(content) != length:
            raise UsageError(CUT_OFF)
        found[key] = Storage(empty.key, empty.kind, 0, content)
    yield from found.items()
    views = read_pickle(file)
    for view in views if isinstance(views, (list, tuple)) else []:
        key, root, offset, _ = _numbered(view)
        if root in found and type(offset) is int and 0 <= offset < 1 << 40:
            whole = found[root]
            yield key, Storage(str(key), whole.kind, offset, whole.content)


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= _MOST:
        raise UsageError("it has too many tensors")
    return value


def _numbered(value: Any) -> tuple[Any, ...]:
    """A tuple that begins with a key: a whole number or a text."""
    if not isinstance(value, tuple) or len(value) < 3 or type(value[0]) not in (int, str):
        raise ValueError("no description of a storage")
    if type(value[1]) not in (int, str, type(None)):
        raise ValueError("no key of a storage")
    return value
