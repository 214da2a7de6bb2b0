"""How many parts a protobuf has, counted before any of them is made."""

from __future__ import annotations

from typing import Any

from lstmviz.errors import UsageError

_MOST = 300_000  # messages and texts, each of which takes a hundred times the bytes of an empty one
_MOST_FIELDS = 1_500_000  # fields of any kind: seconds to look through
_FIXED = {1: 8, 5: 4}  # the bytes of numbers by how they are written
_VARINT, _LENGTH = 0, 2  # numbers of as many bytes as they need; bytes after their number


def check_parts(content: bytes, kind: Any) -> None:
    """Go through the fields of a message of that kind (a Descriptor), making nothing of them.

    Raises:
        UsageError: it has more parts than any model has.
        ValueError, IndexError: it is damaged.
    """
    fields = parts = 0
    rest = [(0, len(content), kind)]
    while rest:
        at, end, kind = rest.pop()
        while at < end:
            fields += 1
            tag, at = _varint(content, at)
            wire = tag & 7
            if wire == _VARINT:
                _, at = _varint(content, at)
            elif wire in _FIXED:
                at += _FIXED[wire]
            elif wire == _LENGTH:
                length, at = _varint(content, at)
                field = kind.fields_by_number.get(tag >> 3)
                if field is not None and field.message_type is not None:
                    rest.append((at, at + length, field.message_type))
                at += length
                parts += 1
            else:
                raise ValueError("groups, which ONNX has not")
            if fields > _MOST_FIELDS or parts > _MOST:
                raise UsageError("it has more parts than any model has")
        if at > end:
            raise ValueError("a part is longer than what it is in")


def _varint(content: bytes, at: int) -> tuple[int, int]:
    """A number and where it ends."""
    value = content[at]
    if value < 128:
        return value, at + 1
    value &= 127
    for shift in range(7, 70, 7):
        at += 1
        value |= (content[at] & 127) << shift
        if content[at] < 128:
            return value, at + 1
    raise ValueError("a number of too many bytes")
