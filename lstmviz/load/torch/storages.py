"""Storages: numbers in a row in a file of PyTorch, of which its tensors show some."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lstmviz.errors import UsageError
from lstmviz.load.torch.pickles import Named, Persistent

LARGEST = 1 << 40  # numbers of a tensor, along an axis

# NumPy's type of each storage, without its byte order; bfloat16 by its bits.
KINDS = {
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
    "QInt8Storage": "i1",
    "QUInt8Storage": "u1",
    "QInt32Storage": "i4",
    "ComplexFloatStorage": "c8",
    "ComplexDoubleStorage": "c16",
}

Fetch = Callable[[str], bytes]  # the bytes of a storage by its key


@dataclass(frozen=True)
class Storage:
    """Numbers in a row, at a key of the file or in the pickle itself."""

    key: str
    kind: str  # a NumPy type without byte order, or bf
    shift: int = 0  # of a view, in elements
    content: bytes | None = None  # where they lie in the pickle itself

    @property
    def itemsize(self) -> int:
        """Bytes of a number."""
        return 2 if self.kind == "bf" else int(self.kind[1:])


def storage_of(value: Any) -> Storage | None:
    """The storage that a persistent identity speaks of; None for kinds that hold no weights.

    Raises:
        UsageError: it begins at an impossible place.
    """
    if not isinstance(value, Persistent) or not isinstance(value.identity, tuple):
        return None
    label, kind, key = (*value.identity[:3], None, None, None)[:3]
    if not isinstance(label, str) or label != "storage" or not isinstance(key, str):
        return None
    if not isinstance(kind, Named) or kind.name not in KINDS:
        return None
    shift = 0
    if len(value.identity) > 5 and isinstance(value.identity[5], tuple):
        shift = value.identity[5][1] if len(value.identity[5]) > 1 else 0
    if type(shift) is not int or not 0 <= shift < LARGEST:
        raise UsageError("a tensor begins at an impossible place")
    return Storage(key, KINDS[kind.name], shift)
