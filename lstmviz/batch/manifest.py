"""The manifest of a batch: what it has written, so that an interrupted one goes on where it was."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from lstmviz.batch.package import Parcel
from lstmviz.errors import LstmvizError
from lstmviz.system.texts import json_of

RECORD = "batch.jsonl"


class Keys:
    """Gives the keys of the jobs of one run; what many of them share is gone through once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, bytes]] = {}  # digests, and whose they are

    def key(self, parcel: Parcel, brand: Mapping[str, bytes]) -> str:
        """Give a key that changes with anything that changes the files of a job."""
        outputs = [(Path(each.name).suffix.lower(), each.options) for each in parcel.outputs]
        how = [vars(parcel.telling), vars(parcel.look)]
        what = [parcel.story, parcel.scene, parcel.trace, *how, parcel.versions]
        # The files of a brand are named by what is in them.
        return hashlib.sha256(self._told([*what, outputs, sorted(brand)])).hexdigest()

    def _told(self, value: Any) -> bytes:
        """Tell a value in bytes that no other value has; a frozen one by its digest."""
        if dataclasses.is_dataclass(value):
            if id(value) not in self._known:
                names = [each.name for each in dataclasses.fields(value)]
                parts = [(name, getattr(value, name)) for name in names]
                digest = hashlib.sha256(self._told(parts)).digest()
                self._known[id(value)] = (value, digest)
            told = self._known[id(value)][1]
        elif isinstance(value, Mapping):
            told = self._told([(name, value[name]) for name in sorted(value, key=repr)])
        elif isinstance(value, list | tuple):
            told = b"".join(map(self._told, value))
        elif isinstance(value, np.ndarray):
            told = f"{value.dtype.str}{value.shape}".encode() + value.tobytes()
        else:
            told = value if isinstance(value, bytes) else repr(value).encode()
        return f"{type(value).__name__} {len(told)} ".encode() + told


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
            with suppress(ValueError, KeyError, TypeError, OverflowError):
                told = json_of(line)
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
