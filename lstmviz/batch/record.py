"""What a batch has written already, so that one that was interrupted goes on where it was."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from lstmviz.batch.parcel import Parcel
from lstmviz.errors import LstmvizError

RECORD = "batch.jsonl"


def key_of(parcel: Parcel, brand: Mapping[str, bytes]) -> str:
    """Give a key that changes with anything that changes the files of a job."""
    digest = hashlib.sha256()
    names = sorted(brand)  # which tell the content
    _feed(digest, [dataclasses.replace(parcel, where="", outputs=()), names])
    _feed(digest, [(Path(each.name).suffix.lower(), each.options) for each in parcel.outputs])
    return digest.hexdigest()


def _feed(digest: Any, value: Any) -> None:
    """Add a value to a digest, whatever it is made of."""
    digest.update(f"{type(value).__name__}(".encode())
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            _feed(digest, [field.name, getattr(value, field.name)])
    elif isinstance(value, np.ndarray):
        digest.update(f"{value.dtype.str}{value.shape}".encode() + value.tobytes())
    elif isinstance(value, Mapping):
        for name in sorted(value, key=repr):
            _feed(digest, [name, value[name]])
    elif isinstance(value, list | tuple):
        for each in value:
            _feed(digest, each)
    elif isinstance(value, bytes):
        digest.update(b"%d:" % len(value) + value)
    else:
        digest.update(repr(value).encode())
    digest.update(b")")


class Record:
    """The files of a folder, each with the key of what it was made of and its size.

    It is a line per file, the last one counts: so it costs the same to add the first file
    and the ten thousandth, and an interruption spoils at most the line that was written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[str, tuple[str, int]] = {}
        text = ""
        with suppress(OSError):
            text = (folder / RECORD).read_text(encoding="utf-8", errors="replace")
        for line in text.splitlines():
            with suppress(ValueError, KeyError, TypeError):
                told = json.loads(line)
                self._known[str(told["file"])] = (str(told["key"]), int(told["size"]))
        self._torn = bool(text) and not text.endswith("\n")

    def has(self, names: Sequence[str], key: str) -> bool:
        """Tell whether all these files are there as they were made, with this key."""
        with suppress(OSError):
            return all(
                self._known.get(name) == (key, (self.folder / name).stat().st_size)
                for name in names
            )
        return False

    def note(self, name: str, key: str, size: int) -> None:
        """Add a file that was written."""
        self._known[name] = (key, size)
        line = json.dumps({"file": name, "key": key, "size": size}, ensure_ascii=False)
        try:
            with (self.folder / RECORD).open("a", encoding="utf-8", newline="\n") as record:
                record.write("\n" * self._torn + line + "\n")
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise LstmvizError(f"{self.folder / RECORD} cannot be written: {reason}.") from error
        self._torn = False
