"""Temporary files and folders go with their owner, or later if it was killed; no others do."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lstmviz.errors import LstmvizError
from lstmviz.system.atomic_files import whole_file
from lstmviz.system.temporary import folder, is_temporary, temporary_file, temporary_folder

MAKERS: dict[str, Callable[[Path], object]] = {
    "file": lambda place: temporary_file(place, ".mp4"),
    "folder": lambda place: temporary_folder(place),
}
OWNER = """
import sys, time
from pathlib import Path
from lstmviz.system.temporary import temporary_file, temporary_folder
place = Path(sys.argv[1])
held = temporary_file(place, ".mp4"), temporary_folder(place)
print("there", flush=True)
sys.stdin.read()
"""

needs_locks = pytest.mark.skipif(os.name == "nt", reason="files have no lock there")


@pytest.fixture
def owner(tmp_path: Path) -> subprocess.Popen[str]:
    """Another process that holds a file and a folder until its standard input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "there\n"
    assert len(list(tmp_path.iterdir())) == 2
    return process


@needs_locks
def test_what_a_living_process_holds_stays_and_what_a_killed_one_left_goes(
    tmp_path: Path, owner: subprocess.Popen[str]
) -> None:
    temporary_file(tmp_path, "").remove()
    assert len(list(tmp_path.iterdir())) == 2
    owner.kill()
    owner.communicate()
    # A process looks through a folder once; the same one by another name is another one.
    temporary_file(tmp_path / ".." / tmp_path.name, "").remove()
    assert list(tmp_path.iterdir()) == []


def test_they_go_when_the_process_ends(tmp_path: Path, owner: subprocess.Popen[str]) -> None:
    owner.communicate()
    assert owner.returncode == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", MAKERS)
def test_they_go_when_nobody_holds_them(tmp_path: Path, kind: str) -> None:
    held = MAKERS[kind](tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    del held
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no copies of processes")
def test_a_copy_takes_nothing_away(tmp_path: Path) -> None:
    held = temporary_folder(tmp_path)
    number = os.fork()
    if not number:
        held.remove()
        os._exit(0)
    os.waitpid(number, 0)
    assert held.path.is_dir()


@needs_locks
@pytest.mark.parametrize(("age", "stays"), [(0, True), (23, True), (25, False)])
@pytest.mark.parametrize("within", [False, True])
def test_what_another_machine_left_goes_after_a_day(
    tmp_path: Path, within: bool, age: int, stays: bool
) -> None:
    theirs = tmp_path / ".lstmviz-01234567-0123456789ab"
    if within:
        theirs.mkdir()
    (theirs / ".lock" if within else theirs).touch()
    os.utime(theirs, (then := time.time() - 3600 * age, then))
    temporary_file(tmp_path, "").remove()
    assert theirs.exists() == stays


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    held = temporary_file(tmp_path, ".mp4")
    ours = held.path.name.removesuffix(".mp4")
    held.remove()
    place = tmp_path / "place"
    place.mkdir()
    (place / "lstmviz-notes").mkdir()
    (place / ours).mkdir()  # a folder without the lock
    (place / ".lstmviz-notes.txt").touch()
    os.symlink(place / ".lstmviz-notes.txt", place / f"{ours}.txt")
    temporary_file(place, "").remove()
    assert len(list(place.iterdir())) == 4


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there is no such clock")
def test_an_interruption_at_any_moment_leaves_nothing(tmp_path: Path) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    temporary_file(tmp_path, "").remove()  # it looks through a folder only once
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        for moment in range(1, 200):
            try:
                signal.setitimer(signal.ITIMER_REAL, moment * 2e-6)
                with folder(tmp_path), whole_file(tmp_path / "film.mp4"):
                    signal.setitimer(signal.ITIMER_REAL, 0)
                    raise KeyboardInterrupt
            except KeyboardInterrupt:
                pass
            assert not list(tmp_path.iterdir())
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


FULL = OSError(errno.ENOSPC, "No space left on device")


def test_a_full_folder_for_temporary_files_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    told = rf"temporary files in {tmp_path} \(no space left on device\); set TMPDIR"
    with folder() as place:
        assert is_temporary(place / "film.mp4")
        with pytest.raises(LstmvizError, match=told), whole_file(place / "film.mp4"):
            raise FULL
    monkeypatch.setattr("lstmviz.system.temporary.has_room", lambda _: False)
    with pytest.raises(LstmvizError, match=told), whole_file(tmp_path / "film.mp4"), folder():
        raise FULL


def test_a_full_folder_of_the_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    for within in (None, tmp_path):
        with (
            pytest.raises(LstmvizError, match=rf"{path} could not be written .*another place"),
            whole_file(path),
            folder(within),
        ):
            raise FULL
    assert not list(tmp_path.iterdir())
