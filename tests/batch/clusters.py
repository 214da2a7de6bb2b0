"""A real Dask cluster of processes on this machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from distributed import Client


class Cluster:
    """A scheduler on a free port, and workers, each in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.begun: list[subprocess.Popen[bytes]] = []
        told = folder / "told.json"
        self.scheduler = self._begin(
            "scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--scheduler-file",
            str(told),
            DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="1",
        )
        until(lambda: told.exists() and told.stat().st_size, "the scheduler")
        self.address: str = json.loads(told.read_text(encoding="utf-8"))["address"]

    def worker(self, name: str, *options: str, **environment: str) -> Path:
        """Begin a worker, and give its folder."""
        self._begin("worker", self.address, "--name", name, *options, place=name, **environment)
        return self.folder / name

    def ready(self, count: int) -> None:
        """Wait until there are so many workers."""
        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=60)

    def end(self) -> None:
        """End all that was begun, and what that began."""
        for process in reversed(self.begun):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _begin(
        self, what: str, *options: str, place: str = "scheduler", **environment: str
    ) -> subprocess.Popen[bytes]:
        (self.folder / place).mkdir()
        with (self.folder / place / "log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{what}", "--no-dashboard", *options],
                cwd=self.folder / place,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
            )
        self.begun.append(process)
        return process


def until(condition: Callable[[], Any], what: str, seconds: float = 60) -> None:
    """Wait for something."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what} did not come about"
        time.sleep(0.05)
