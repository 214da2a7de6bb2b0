"""Leads the processes that draw the slices of a film, and does without those that are lost."""

from __future__ import annotations

import logging
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmviz.errors import LstmvizError
from lstmviz.processes import KILLED, Hand, usual_way
from lstmviz.stage.slices import Slicer, Told, draw_slices, slice_file
from lstmviz.workplace import folder

if TYPE_CHECKING:
    from lstmviz.cache import Entry
    from lstmviz.reel import ReelWriter, Step

_LOG = logging.getLogger("lstmviz")
_TRIES = 2  # for a slice whose process is killed


def draw(
    told: Told,
    writer: ReelWriter,
    jobs: int,
    tell: Callable[[int], None],
    entry: Entry | None = None,
) -> tuple[Step, ...]:
    """Draw a story into a reel, with so many processes, and give its steps.

    A short one is drawn here, and one of a class that other processes would not find. Slices
    that the `entry` has from an earlier time are not drawn again, and it gets each new one.

    Raises:
        LstmvizError: a process was killed twice at the same place; there is no room; the story
            failed, it says in which step.
    """
    with folder() as parts:
        if entry is not None:
            entry.fetch_slices(parts)
        crew = _Crew(told, parts, tell, entry)
        reachable = usual_way() == "fork" or told.teller.travels()
        many = min(jobs, len(crew.open))
        steps = crew.draw_together(many) if many > 1 and reachable else crew.draw_here()
        for number in range(len(told.slices)):
            writer.splice(slice_file(parts, number))
    return steps


class _Crew:
    """Those who draw one story; `tell` hears how many frames have been drawn."""

    def __init__(
        self, told: Told, parts: Path, tell: Callable[[int], None], entry: Entry | None
    ) -> None:
        self.told = told
        self.parts = parts
        self.tell = tell
        self.entry = entry
        count = len(told.slices)
        self.done = {number for number in range(count) if slice_file(parts, number).exists()}
        self.open = set(range(count)) - self.done  # slices that nobody draws or has drawn
        self._tries = [0] * count
        self._steps: tuple[Step, ...] = ()
        self._hands: dict[Connection, Hand] = {}
        self._at: dict[Connection, int] = {}  # the slice that each draws
        self._drawn: dict[Connection, int] = {}  # frames of the slice that each draws
        self._frame: dict[Connection, int] = {}  # where the move begins that each plays
        if self.done:
            tell(sum(told.slices.lengths[number] for number in self.done))

    def draw_here(self) -> tuple[Step, ...]:
        """Draw every open slice in this process, and give the steps of the story."""
        slicer = Slicer(self.told, self.parts, self.open.__contains__, self._hear)
        try:
            scene = self.told.teller(renderer=slicer, outline=self.told.outline)
            scene.render()
        finally:
            slicer.abandon()
        return scene.steps_told

    def draw_together(self, jobs: int) -> tuple[Step, ...]:
        """Have every open slice drawn by so many processes, and give the steps of the story."""
        try:
            for _ in range(jobs):
                self._hire()
            while self._hands:
                for line in wait(list(self._hands)):
                    assert isinstance(line, Connection)
                    try:
                        message = line.recv()
                    except (EOFError, OSError):
                        self._lost(line)
                    else:
                        self._answer(line, *message)
        finally:
            for hand in self._hands.values():
                hand.end()
        if len(self.done) < len(self.told.slices):
            name = self.told.teller.story.story_name()
            raise LstmvizError(f"The story {name} does not play the same way twice.")
        return self._steps

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
                self.open.discard(number)
                self._at[line] = number
                self._drawn[line] = 0
            line.send(granted)
        elif word == "at":
            self._frame[line] = what[0]
        elif word == "told":
            (self._steps,) = what
            self._leave(line)
        elif word == "failed":
            raise what[0]
        else:
            if word == "drawn":
                self._drawn[line] += what[0]
            else:
                del self._at[line]
            self._hear(word, *what)

    def _hire(self) -> None:
        hand = Hand(draw_slices, (self.told, self.parts), others=list(self._hands.values()))
        self._hands[hand.line] = hand

    def _leave(self, line: Connection) -> None:
        self._hands.pop(line).end()

    def _lost(self, line: Connection) -> None:
        """Let another process draw what a killed one had begun."""
        self._leave(line)
        number = self._at.pop(line, min(self.open, default=-1))
        if number < 0:
            return  # the others have the rest in hand
        self._tries[number] += 1
        where = self.told.where(self._frame.get(line, self.told.slices.frames[number]))
        if self._tries[number] == _TRIES:
            raise LstmvizError(f"{where[:1].upper()}{where[1:]} could not be drawn: {KILLED}")
        _LOG.warning("A process was killed in %s; that part is drawn again.", where)
        self.tell(-self._drawn.pop(line, 0))
        self.open.add(number)
        self._hire()
