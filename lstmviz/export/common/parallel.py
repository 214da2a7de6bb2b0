"""Parallel encoding: each part of a film by one of several processes, put together in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from lstmviz.errors import LstmvizError
from lstmviz.reel.reel import Reel
from lstmviz.system.processes import KILLED, Killed, give_memory_back, in_order, jobs_of
from lstmviz.system.temporary import is_temporary

SMALL = 50_000_000  # pixels in all, over which processes of one's own pay off
FrameRange = tuple[int, int]  # the first frame of a part, and the one behind it
_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


def parts_at_steps(reel: Reel) -> list[FrameRange]:
    """Cut a film where its steps begin."""
    starts = {0, *(step.first_frame for step in reel.steps)}
    return list(pairwise([*sorted(starts), reel.frame_count]))


def shared(
    work: Callable[[_Given], _Made],
    tasks: Sequence[tuple[FrameRange, _Given]],
    reel: Reel,
    jobs: int | None = None,
    tell: Callable[[float], None] | None = None,
) -> Iterator[_Made]:
    """Give what is made of each part of a film; by default, all processors share the work.

    The longest parts are begun first. `tell` hears how much is done, from 0 to 1.

    Raises:
        UsageError: so many jobs are not possible.
        Killed: the process of a part was killed, and the one that took its place.
    """
    many = jobs_of(jobs)
    large = reel.frame_count * reel.width * reel.height > SMALL
    made = in_order(partial(_second, work), tasks, many if large else 1, longest=_length)
    for number, result in enumerate(made, start=1):
        yield result
        if tell is not None:
            tell(number / len(tasks))


def _second(work: Callable[[_Given], _Made], task: tuple[FrameRange, _Given]) -> _Made:
    made = work(task[1])
    give_memory_back()  # encoders leave theirs in pieces
    return made


def _length(task: tuple[FrameRange, object]) -> int:
    (start, stop), _ = task
    return stop - start


@contextmanager
def naming(path: str | Path) -> Iterator[None]:
    """Name the file that was asked for where processes were killed over and over in this block."""
    try:
        yield
    except Killed as error:
        if is_temporary(Path(path)):  # of which only the caller knows what it becomes
            raise
        raise LstmvizError(f"{path} could not be written: {KILLED}") from error
