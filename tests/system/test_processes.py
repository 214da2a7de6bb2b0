"""Work is shared among processes, begun in either way; failures and kills are reported."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lstmviz.errors import LstmvizError, UsageError
from lstmviz.system.processes import Killed, Way, as_done, cores, in_order, jobs_of, portable

pytestmark = pytest.mark.slow

WAYS: list[Way] = ["fork", "spawn"] if hasattr(os, "fork") else ["spawn"]

# What runs in a process that is begun anew must be found by its name: here, by that of Python's.
square = int.bit_length


@pytest.mark.parametrize("way", WAYS)
def test_results_come_in_order(way: Way) -> None:
    numbers = [2**k for k in range(20)]
    assert list(in_order(square, numbers, 3, way)) == list(range(1, 21))


def test_long_tasks_are_begun_first(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []

    def noting(work: Any, tasks: Sequence[int], *rest: Any, **more: Any) -> Any:
        begun.extend(tasks)
        return as_done(work, tasks, *rest, **more)

    monkeypatch.setattr("lstmviz.system.processes.as_done", noting)
    made = in_order(square, [4, 1, 32, 8, 2], 2, longest=float)
    assert list(made) == [3, 1, 6, 4, 2]
    assert begun == [32, 8, 4, 2, 1]


@pytest.mark.parametrize("way", WAYS)
def test_a_failure_is_raised_here(way: Way) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        list(in_order(int, ["1", "2", "x", "4"], 2, way))


@pytest.mark.parametrize("way", WAYS)
def test_a_killed_process_is_reported(way: Way) -> None:
    with pytest.raises(LstmvizError, match=r"^A process was killed"):
        list(in_order(os._exit, [9, 9, 9], 2, way))


@pytest.mark.parametrize("way", WAYS)
def test_results_come_as_they_are_done_and_failures_stop_nothing(way: Way) -> None:
    outcomes = list(as_done(int, ["1", "2", "x", "4"], 2, way=way))
    assert {number: made for number, made, failure in outcomes if failure is None} == {
        0: 1,
        1: 2,
        3: 4,
    }
    ((number, failure),) = [(n, failure) for n, _, failure in outcomes if failure is not None]
    assert number == 2
    assert isinstance(failure, ValueError)


def _mortal(task: Path | int) -> int:
    """Kill the process at a file that is there, and take the file away; or at once at -1."""
    if isinstance(task, Path):
        if task.exists():
            task.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return 7
    if task < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return task


@pytest.mark.skipif("fork" not in WAYS, reason="a function of a test travels only by fork")
def test_a_killed_task_is_tried_again_and_fails_alone(tmp_path: Path) -> None:
    (tmp_path / "fatal").touch()
    tasks = iter([1, tmp_path / "fatal", -1, 4, 5])
    outcomes = {n: (made, failure) for n, made, failure in as_done(_mortal, tasks, 2)}
    assert [outcomes[n] for n in (0, 1, 3, 4)] == [(1, None), (7, None), (4, None), (5, None)]
    assert isinstance(outcomes[2][1], Killed)
    assert str(outcomes[2][1]).startswith("A process was killed, perhaps")


def test_tasks_are_asked_for_when_a_process_is_free() -> None:
    asked = 0

    def tasks() -> Iterator[int]:
        nonlocal asked
        while True:
            asked += 1
            yield asked

    with closing(as_done(square, tasks(), 2)) as outcomes:
        for done in range(1, 6):
            next(outcomes)
            assert asked <= done + 2


def test_one_job_needs_no_process() -> None:
    assert set(in_order(lambda _: os.getpid(), range(5), 1)) == {os.getpid()}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.few(1)
def test_processes_end_with_the_first(way: Way, tmp_path: Path) -> None:
    """Killed outright, it can tell the others nothing; they notice."""
    script = f"""
import os, sys, time
from lstmviz.system.processes import in_order
print("begun", flush=True)
list(in_order(time.sleep, [0.2] * 1000, 2, {way!r}))
"""
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "begun\n"
        time.sleep(1.0)
        first.send_signal(signal.SIGKILL)
        first.wait()
        for _ in range(100):
            try:
                os.killpg(first.pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.05)
    pytest.fail("A process lives on.")


@pytest.mark.parametrize("way", WAYS)
def test_a_script_needs_no_guard(way: Way, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from lstmviz.system.processes import in_order\n"
        "print('once', list(in_order(abs, [-1, -2, -3], 2, way='" + way + "')))\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout == "once [1, 2, 3]\n"


def test_jobs() -> None:
    assert jobs_of(None) == cores() >= 1
    assert jobs_of(7) == 7
    for wrong in (0, -1, 1000):
        with pytest.raises(UsageError, match="jobs are not possible"):
            jobs_of(wrong)


def test_errors_that_cannot_travel_say_what_they_said() -> None:
    class Odd(Exception):
        def __init__(self, one: int, other: int) -> None:
            super().__init__(f"{one} and {other}")

    assert str(portable(Odd(1, 2))) == "Odd: 1 and 2"
    assert isinstance(portable(KeyError("a")), KeyError)
