"""However a command is ended, its temporary files go, its processes too, and it says so shortly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lstmviz.system.atomic_files import whole_file
from lstmviz.system.temporary import folder

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="Windows has no signal for one process"),
]

JOBS = """
[[job]]
story = "forget-gate"
quality = ["draft", "720p", "1080p"]
output = "{quality}.mp4"
"""
DRAFT = ("--quality", "draft", "--jobs", "2")
COMMANDS = {  # and how many temporary files and folders there are in the midst of it
    "render": (("forget-gate", *DRAFT, "-o", "film.mp4"), 2),
    "slides": (("forget-gate", *DRAFT, "-o", "deck.html"), 2),
    "article": (("--only", "forget-gate,input-gate", *DRAFT, "-o", "article"), 2),
    "batch": (("jobs.toml", "--jobs", "2", "-o", "films"), 2),
    "trace": (("--hidden", "256", "--input", "long.csv", "-o", "trace.npz"), 1),
}
AGAIN = "Interrupted; started again, it goes on where it was."


class Running:
    """A command at work in a folder, with a folder for its temporary files."""

    def __init__(self, name: str, place: Path) -> None:
        arguments, count = COMMANDS[name]
        self.work, self.temporary = place / "work", place / "temporary"
        self.work.mkdir()
        self.temporary.mkdir()
        (self.work / "jobs.toml").write_text(JOBS)
        (self.work / "long.csv").write_text("0.5\n-0.5\n" * 2500)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lstmviz", name, *arguments],
            cwd=self.work,
            env={**os.environ, "TMPDIR": str(self.temporary)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        self._until(lambda: len(self.left()) >= count or self.process.poll() is not None)
        assert self.process.poll() is None, self.process.communicate()

    def left(self) -> list[Path]:
        """Give what is there of temporary files and folders."""
        hidden = [path for path in self.work.rglob("*") if path.name.startswith(".")]
        return [*self.temporary.iterdir(), *hidden]

    def end(self, number: signal.Signals) -> list[str]:
        """Send a signal, as a terminal or somebody else does; give the lines that it says."""
        if number in (signal.SIGTERM, signal.SIGKILL):
            self.process.send_signal(number)
        else:
            os.killpg(self.process.pid, number)
        _, said = self.process.communicate(timeout=60)
        self._until(self._gone)
        return said.splitlines()

    def _gone(self) -> bool:
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    @staticmethod
    def _until(true: Callable[[], bool]) -> None:
        until = time.monotonic() + 60
        while not true():
            assert time.monotonic() < until
            time.sleep(0.01)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        # Every command heeds every signal; of those that are heeded alike, one is enough at first.
        pytest.param(
            name,
            number,
            marks=() if name == "render" or number == "SIGTERM" else pytest.mark.verify,
        )
        for name in COMMANDS
        for number in ("SIGINT", "SIGTERM", "SIGHUP")
    ],
)
@pytest.mark.few(1)
def test_a_signal_leaves_nothing(tmp_path: Path, name: str, number: str) -> None:
    running = Running(name, tmp_path)
    sent = signal.Signals[number]
    said = running.end(sent)
    assert running.process.returncode == 128 + sent
    assert said[-1] == ("Interrupted." if name == "trace" else AGAIN)
    assert not [line for line in said if "Traceback" in line or "killed" in line]
    assert running.left() == []
    files = {path.name for path in running.work.rglob("*") if path.is_file()}
    assert files == {"jobs.toml", "long.csv"}


@pytest.mark.parametrize("name", ["render", "trace", "batch"])
@pytest.mark.verify
def test_what_a_killed_command_leaves_goes_later(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = Running(name, tmp_path)
    running.end(signal.SIGKILL)
    if name != "batch":  # whose folders are those of its processes, which end in order
        assert running.left()
    monkeypatch.setattr(tempfile, "tempdir", str(running.temporary))
    with folder(), whole_file(running.work / "later.txt") as temporary:
        assert len(running.left()) == 2
        temporary.touch()
    assert running.left() == []


def test_nohup_is_heeded(tmp_path: Path) -> None:
    code = (
        "import os, signal; signal.signal(signal.SIGHUP, signal.SIG_IGN);"
        "from lstmviz.cli import main; import click\n"
        "main.add_command(click.Command('x', callback=lambda: os.kill(os.getpid(), 1)))\n"
        "main(['x'])"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)


def test_a_current_folder_that_is_gone(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    code = f"import os; os.rmdir({str(gone)!r}); from lstmviz.cli import main; main(['list'])"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=gone, env=env, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: The current folder is no longer there; change to")
    assert len(done.stderr.splitlines()) == 1
