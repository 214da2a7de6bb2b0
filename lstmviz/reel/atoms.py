"""Atoms (boxes) of QuickTime and MP4 files, of which reels are made, too.

An atom is four bytes of length, four of type, and its content. Readers skip atoms that they
do not know. A reel has its description in an atom of its own at the end, because the steps are
known only when all frames are written; being last it also tells a whole file from one that
was cut off. PyAV was weighed: it writes what a film says of itself before its frames, and as text
alone. Source: Apple, QuickTime File Format, "Atoms"; ISO/IEC 14496-12, "uuid".
"""

from __future__ import annotations

import json
import os
import struct
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from lstmviz.errors import LstmvizError
from lstmviz.system.texts import json_of

_MOST_ATOMS = 10_000  # in a file; ours have four
_LARGEST = 16 << 20  # bytes of a description, of thousands of steps
_MARK = uuid.uuid5(uuid.NAMESPACE_URL, "https://lstmviz/reel").bytes


class Broken(ValueError):
    """The file is no row of whole atoms."""


def atoms(path: Path) -> list[tuple[str, int, int]]:
    """List the outermost atoms of a file as (type, where the content starts, its length).

    Raises:
        Broken: an atom is cut off or has no sensible length.
    """
    with path.open("rb") as file:
        return list(_atoms(file))


def _atoms(file: IO[bytes]) -> Iterator[tuple[str, int, int]]:
    total = os.fstat(file.fileno()).st_size
    position = count = 0
    while position < total:
        count += 1
        if count > _MOST_ATOMS:
            raise Broken
        file.seek(position)
        head = file.read(16)
        if len(head) < 8:
            raise Broken
        length, kind = struct.unpack_from(">I4s", head)
        start = 8
        if length == 1 and len(head) == 16:  # longer than 4 GB: the length comes after the type
            length = struct.unpack_from(">Q", head, 8)[0]
            start = 16
        if length < start or position + length > total:
            raise Broken
        yield kind.decode("latin-1"), position + start, length - start
        position += length


def check_whole(path: Path) -> None:
    """Refuse a film that the disk did not take completely, which the muxer does not report.

    Raises:
        LstmvizError: the index of the film or a part of it is missing.
    """
    try:
        kinds = [kind for kind, _, _ in atoms(path)]
    except Broken:
        kinds = []
    if not {"moov", "mdat"} <= set(kinds):
        raise LstmvizError("The film could not be written completely; is the disk full?")


def append_description(path: Path, description: dict[str, Any]) -> None:
    """Add the description at the end of a finished row of atoms."""
    content = json.dumps(description, ensure_ascii=False).encode()
    with path.open("ab") as file:
        file.write(struct.pack(">I4s", 8 + len(_MARK) + len(content), b"uuid") + _MARK + content)


def read_description(path: Path) -> dict[str, Any]:
    """Read the description back.

    Raises:
        Broken: the file is foreign, cut off, or its description is not readable.
        OSError: the file cannot be opened.
    """
    with path.open("rb") as file:
        found = list(_atoms(file))
        if not found or found[-1][0] != "uuid":
            raise Broken
        _, start, length = found[-1]
        if length > _LARGEST:
            raise Broken
        file.seek(start)
        content = file.read(length)
    if not content.startswith(_MARK):
        raise Broken
    try:
        description = json_of(content[len(_MARK) :])
    except ValueError as error:
        raise Broken from error
    if not isinstance(description, dict):
        raise Broken
    return description
