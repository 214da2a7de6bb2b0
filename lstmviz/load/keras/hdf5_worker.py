"""Answers questions about an HDF5 file, as a process of its own that may crash alone.

The HDF5 library ends the whole process over some damaged files. So this script is started by
`hdf5.py`, gets the file's bytes (their number on a line, then they), and then a JSON list on
each line: what to do, and a path. Each answer is a line of JSON, and bytes if it says so. It
imports nothing of lstmviz, so that it starts quickly.
"""

from __future__ import annotations

import io
import json
import math
import pathlib
import sys
from typing import IO, Any

import h5py
import numpy as np

_SMALL = 16 << 20  # bytes that any array may have
_DENSEST = 50  # weights do not shrink more than that
_SECONDS = 3.0  # of the processor, for all questions about a small file
_SPEED = 20 << 20  # bytes of a larger one for each further second
_MEMORY = 300 << 20  # bytes beyond what a file needs several times


class Refused(Exception):
    """A file that cannot be used, with the reason."""


class File:
    """An HDF5 file whose links stay inside it."""

    def __init__(self, content: bytes) -> None:
        # In memory, so that a path in the file that means another one beside it leads nowhere.
        self.file = h5py.File(io.BytesIO(content), "r")

    def find(self, path: str) -> Any:
        """The group or dataset at a path; None if there is none."""
        here: Any = self.file
        for name in path.split("/"):
            if not name:
                continue
            if not isinstance(here, h5py.Group) or name not in here:
                return None
            if not isinstance(here.get(name, getlink=True), h5py.HardLink):
                raise Refused(f"'{path}' is a link, and links are not followed")
            here = here[name]
        return here

    def exists(self, path: str) -> bool:
        """Whether there is anything at a path."""
        return self.find(path) is not None

    def names(self, path: str) -> list[str]:
        """What a group holds, by name; nothing if there is no such group."""
        group = self.find(path)
        return [str(name) for name in group] if isinstance(group, h5py.Group) else []

    def texts(self, path: str, name: str) -> list[str] | None:
        """An attribute of text or texts, which Keras cuts into pieces when it is long."""
        group = self.find(path)
        if group is None:
            return None
        found: Any = None
        if name in group.attrs:
            found = group.attrs[name]
        else:
            pieces: list[Any] = []
            while f"{name}{len(pieces)}" in group.attrs and len(pieces) < 10_000:
                pieces.append(np.ravel(group.attrs[f"{name}{len(pieces)}"]))
            found = np.concatenate(pieces) if pieces else None
        if found is None:
            return None
        return [one.decode() if isinstance(one, bytes) else str(one) for one in np.ravel(found)]

    def shape(self, path: str) -> list[int]:
        """The shape of a dataset."""
        return [int(n) for n in self._dataset(path).shape]

    def array(self, path: str) -> Any:
        """The values of a dataset, and whether they are bits of bfloat16."""
        data = self._dataset(path)
        size, stored = data.size * data.dtype.itemsize, data.id.get_storage_size()
        if size > stored and (data.chunks is None or size > max(_SMALL, _DENSEST * stored)):
            raise Refused(f"'{path}' claims {size} bytes, but the file has {stored} of them")
        if data.dtype.kind not in "fiubV" or data.dtype.hasobject or data.dtype.names:
            raise Refused(f"'{path}' holds no numbers")
        values = np.ascontiguousarray(data[()]).reshape(data.shape)
        if data.attrs.get("dtype") in ("bfloat16", b"bfloat16"):
            return values.view(np.uint16).reshape(data.shape), True
        if data.dtype.kind == "V":
            raise Refused(f"'{path}' holds no numbers")
        return values.astype(values.dtype.newbyteorder("<")), False

    def _dataset(self, path: str) -> Any:
        data = self.find(path)
        if not isinstance(data, h5py.Dataset) or data.shape is None:
            raise Refused(f"'{path}' is missing")
        if data.is_virtual or data.external:
            raise Refused(f"'{path}' is stored in another file, and such files are not read")
        return data


def answer(file: File, question: list[str]) -> tuple[dict[str, Any], bytes]:
    """What a question is answered with."""
    what, *arguments = question
    if what == "array":
        values, bits = file.array(*arguments)
        content = values.tobytes()
        told = {"dtype": values.dtype.str, "shape": values.shape, "bfloat16": bits}
        return {**told, "bytes": len(content)}, content
    return {"value": getattr(file, what)(*arguments)}, b""


def limit(size: int) -> None:
    """Let a file of that many bytes take no more time and memory than it can need.

    The HDF5 library goes round for ever in some damaged files. Where a system has no such
    limits, the other process waits for an answer for so long and no longer.
    """
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = used.ru_utime + used.ru_stime + _SECONDS + size / _SPEED
    _lower(resource, resource.RLIMIT_CPU, math.ceil(seconds))
    status = pathlib.Path("/proc/self/statm")
    if status.is_file():
        pages = int(status.read_text().split()[0])
        memory = pages * resource.getpagesize() + _MEMORY + 4 * size
        _lower(resource, resource.RLIMIT_AS, memory)


def _lower(resource: Any, what: int, value: int) -> None:
    most = resource.getrlimit(what)[1]
    resource.setrlimit(what, (value if most < 0 else min(value, most), most))


def main(questions: IO[bytes], answers: IO[bytes]) -> None:
    """Answer until there are no more questions."""
    size = int(questions.readline())
    content = questions.read(size)
    limit(size)
    file: File | None = None
    for line in questions:
        payload = b""
        try:
            file = file or File(content)
            told, payload = answer(file, json.loads(line))
        except Refused as error:
            told = {"refused": str(error)}
        except Exception:  # whatever it was, the file is damaged
            told = {"damaged": True}
        answers.write(json.dumps(told).encode() + b"\n" + payload)
        answers.flush()


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
