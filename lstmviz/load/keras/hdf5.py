"""HDF5 files with suspicion: another process reads them, which may crash where ours must not."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import threading
import weakref
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.errors import UsageError
from lstmviz.load.common.contents import from_bfloat16
from lstmviz.system.package import install_extra

_LONGEST = 120.0  # seconds that any answer may take
_SCRIPT = Path(__file__).with_name("hdf5_worker.py")


class Hdf5:
    """An HDF5 file whose links stay inside it, and of which nothing too large is made."""

    def __init__(self, content: bytes) -> None:
        if importlib.util.find_spec("h5py") is None:
            raise UsageError(
                "reading Keras files needs the package h5py; install it with: "
                + install_extra("networks")
            )
        # -P: the folder of the script, where modules have the names of frameworks, stays out.
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(_SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._close = weakref.finalize(self, _end, self._process)
        self._write(f"{len(content)}\n".encode() + content)

    def exists(self, path: str) -> bool:
        """Whether there is anything at a path."""
        return bool(self._ask("exists", path))

    def names(self, path: str) -> list[str]:
        """What a group holds, by name; nothing if there is no such group."""
        found: list[str] = self._ask("names", path)
        return found

    def text(self, path: str, name: str) -> str | None:
        """An attribute that is text; None if it is absent."""
        found = self.texts(path, name)
        return found[0] if found else None

    def texts(self, path: str, name: str) -> list[str]:
        """An attribute that is a list of texts; empty if it is absent."""
        found: list[str] | None = self._ask("texts", path, name)
        return found or []

    def shape(self, path: str) -> tuple[int, ...]:
        """The shape of a dataset."""
        return tuple(self._ask("shape", path))

    def array(self, path: str) -> NDArray[Any]:
        """The values of a dataset.

        Raises:
            UsageError: it is missing, elsewhere, or claims more than the file has.
        """
        found: NDArray[Any] = self._ask("array", path)
        return found

    def _ask(self, *question: str) -> Any:
        self._write(json.dumps(question).encode() + b"\n")
        alarm = threading.Timer(_LONGEST, self._process.kill)
        alarm.start()
        try:
            output = self._pipe(self._process.stdout)
            line = output.readline()
            if not line.endswith(b"\n"):
                raise UsageError("it is damaged: the HDF5 library crashed over it or did not end")
            told = json.loads(line)
            if "bytes" not in told:
                if "refused" in told:
                    raise UsageError(told["refused"])
                if "value" not in told:
                    raise UsageError("it is damaged or no HDF5 file")
                return told["value"]
            content = output.read(told["bytes"])
        finally:
            alarm.cancel()
        array = np.frombuffer(content, told["dtype"]).reshape(told["shape"])
        return from_bfloat16(array) if told["bfloat16"] else array

    def _write(self, content: bytes) -> None:
        pipe = self._pipe(self._process.stdin)
        try:
            pipe.write(content)
            pipe.flush()
        except OSError:
            raise UsageError("it is damaged: the HDF5 library crashed over it") from None

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None
        return pipe


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and close its pipes."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:  # what it was still to be told
                continue
