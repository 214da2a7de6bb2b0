"""Work shared among processes: how many, how they begin, and what becomes of their failures."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import BaseContext
from typing import TypeVar

from lstmviz.errors import LstmvizError, UsageError

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")
MOST_JOBS = 256


def cores() -> int:
    """Count the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def jobs_of(jobs: int | None) -> int:
    """Give how many processes to use: as many as asked for, or as there are processors.

    Raises:
        UsageError: fewer than one, or more than any machine could bear.
    """
    if jobs is None:
        return cores()
    if not 1 <= jobs <= MOST_JOBS:
        raise UsageError(f"{jobs} jobs are not possible; choose 1 to {MOST_JOBS}.")
    return jobs


def way() -> BaseContext:
    """Choose how processes begin: as copies where that is safe, which spares them the imports."""
    return multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


def in_order(
    work: Callable[[_Given], _Made],
    tasks: Sequence[_Given],
    jobs: int,
    lost: str,
    context: BaseContext | None = None,
) -> Iterator[_Made]:
    """Give what `work` makes of each task, in their order, made by so many processes.

    With one job, or one task, this process does it all.

    Raises:
        LstmvizError: a process was killed; it begins with `lost`.
    """
    if min(jobs, len(tasks)) <= 1:
        yield from map(work, tasks)
        return
    pool = ProcessPoolExecutor(
        min(jobs, len(tasks)), mp_context=context or way(), initializer=leave_interrupts
    )
    try:
        yield from pool.map(work, tasks)
    except BrokenProcessPool as error:
        raise LstmvizError(f"{lost}: {KILLED}") from error
    finally:
        pool.shutdown(cancel_futures=True)


KILLED = "a process was killed, perhaps for want of memory; try again with --jobs 1."


def leave_interrupts() -> None:
    """Let only the first process answer Ctrl-C: it ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
