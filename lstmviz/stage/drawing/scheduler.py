"""Schedules the slices of a film over worker processes, and replaces those that are killed.

The workers are forks of the dry run, where there are some, and otherwise processes that play the
whole story.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from lstmviz.errors import LstmvizError
from lstmviz.stage.drawing.forked_workers import ForkedWorkers
from lstmviz.stage.drawing.slices import Slicer, Told, draw_slices, slice_file
from lstmviz.system import processes
from lstmviz.system.processes import KILLED, Fork, Worker
from lstmviz.system.temporary import folder

if TYPE_CHECKING:
    from lstmviz.reel.reel import ReelWriter

_LOG = logging.getLogger("lstmviz")
_TRIES = 2  # for a slice whose process is killed


class SliceStore(Protocol):
    """Where finished slices of a film are kept until the film is."""

    def fetch_slices(self, folder: Path, /) -> None:
        """Put the slices that were finished when drawing was broken off into a folder."""

    def keep_slice(self, piece: Path, /) -> None:
        """Keep a finished slice."""


def draw(
    told: Told,
    writer: ReelWriter,
    jobs: int,
    tell: Callable[[int], None],
    entry: SliceStore | None = None,
    forks: ForkedWorkers | None = None,
) -> None:
    """Draw a story into a reel, with so many processes.

    Those are the `forks` of its dry run; without them a short one is drawn here, and one
    of a class that other processes would not find. Slices that the `entry` has from an earlier
    time are not drawn again, and it gets each new one.

    Raises:
        LstmvizError: a process was killed twice at the same place; there is no room; the story
            failed, it says in which step.
    """
    with folder() as parts:
        if entry is not None:
            entry.fetch_slices(parts)
        scheduler = _Scheduler(told, parts, tell, entry, forks or ForkedWorkers())
        reachable = processes.usual_way() == "fork" or told.teller.travels()
        many = min(jobs, len(scheduler.open))
        if scheduler.forks.waiting or (many > 1 and reachable):
            scheduler.draw_together(many)
        else:
            scheduler.draw_here()
        for number in range(len(told.slices)):
            writer.splice(slice_file(parts, number))


class _Scheduler:
    """The workers that draw one story; `tell` hears how many frames have been drawn."""

    def __init__(
        self,
        told: Told,
        parts: Path,
        tell: Callable[[int], None],
        entry: SliceStore | None,
        forks: ForkedWorkers,
    ) -> None:
        self.told = told
        self.parts = parts
        self.tell = tell
        self.entry = entry
        self.forks = forks
        count = len(told.slices)
        self.done = {number for number in range(count) if slice_file(parts, number).exists()}
        self.open = set(range(count)) - self.done  # slices that nobody draws or has drawn
        self._tries = [0] * count
        self._workers: dict[Connection, Worker | Fork] = {}
        self._at: dict[Connection, int] = {}  # the slice that each draws
        self._drawn: dict[Connection, int] = {}  # frames of the slice that each draws
        self._frame: dict[Connection, int] = {}  # where the move begins that each plays
        forks.end(self.done & forks.waiting.keys())
        if self.done:
            tell(sum(told.slices.lengths[number] for number in self.done))

    def draw_here(self) -> None:
        """Draw every open slice in this process."""
        slicer = Slicer().draws(self.told, self.parts, self.open.__contains__, self._hear)
        try:
            self.told.teller(renderer=slicer, outline=self.told.outline).render()
        finally:
            slicer.abandon()

    def draw_together(self, jobs: int) -> None:
        """Have every open slice drawn by so many processes."""
        try:
            while len(self._workers) < jobs and self._start_one():
                pass
            while self._workers:
                for line in wait(list(self._workers)):
                    assert isinstance(line, Connection)
                    try:
                        message = line.recv()
                    except (EOFError, OSError):
                        self._lost(line)
                    else:
                        self._answer(line, *message)
        finally:
            processes.end_all(self._workers.values())
        if len(self.done) < len(self.told.slices):
            raise LstmvizError(self.told.otherwise)

    def _hear(self, word: str, what: int) -> None:
        if word == "drawn":
            self.tell(what)
        elif word == "done":
            self.done.add(what)
            if self.entry is not None:
                self.entry.keep_slice(slice_file(self.parts, what))

    def _answer(self, line: Connection, word: str, *what: Any) -> None:
        if word == "may I":
            (number,) = what
            granted = number in self.open
            if granted:
                self._give(line, number)
            stops = (
                not granted
                and isinstance(self._workers[line], Fork)
                and self._rest_is_taken(number)
            )
            line.send(None if stops else granted)
        elif word == "at":
            self._frame[line] = what[0]
        elif word == "over":
            self._leave(line)
            if not self._workers or self.forks.waiting:
                self._start_one()
        elif word == "failed":
            raise what[0]
        else:
            if word == "drawn":
                self._drawn[line] += what[0]
            else:
                del self._at[line]
            self._hear(word, *what)

    def _rest_is_taken(self, number: int) -> bool:
        """Tell whether a fork need not go on: others draw what is open behind a slice."""
        ahead = [each for each in self.open if each > number]
        return not ahead or min(ahead) in self.forks.waiting

    def _start_one(self) -> bool:
        """Let one more process draw; tell whether there was something for it."""
        number = self.forks.choose(self.open, self._at.values())
        if number is not None:
            fork = self.forks.waiting.pop(number)
            with suppress(OSError):  # it was killed, which shows when its line is read
                fork.line.send((self.told.outline, self.told.slices, self.parts))
            self._workers[fork.line] = fork
            self._give(fork.line, number)
        elif self.open:
            others = [*self._workers.values(), *self.forks.waiting.values()]
            worker = Worker(draw_slices, (self.told, self.parts), others=others)
            self._workers[worker.line] = worker
        else:
            return False
        return True

    def _give(self, line: Connection, number: int) -> None:
        """Let a process draw a slice."""
        self.open.discard(number)
        self.forks.end({number} & self.forks.waiting.keys())
        self._at[line] = number
        self._drawn[line] = 0

    def _leave(self, line: Connection) -> None:
        self._workers.pop(line).end()

    def _lost(self, line: Connection) -> None:
        """Let another process draw what a killed one had begun."""
        self._leave(line)
        number = self._at.pop(line, min(self.open, default=-1))
        if number < 0:
            return  # the others draw the rest
        self._tries[number] += 1
        where = self.told.where(self._frame.get(line, self.told.slices.frames[number]))
        if self._tries[number] == _TRIES:
            raise LstmvizError(f"{where[:1].upper()}{where[1:]} could not be drawn: {KILLED}")
        _LOG.warning("A process was killed in %s; that part is drawn again.", where)
        self.tell(-self._drawn.pop(line, 0))
        self.open.add(number)
        self._start_one()
