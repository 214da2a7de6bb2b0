"""Leads the processes that draw the slices of a film, and does without those that are lost."""

from __future__ import annotations

import logging
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

from lstmviz.errors import LstmvizError
from lstmviz.processes import KILLED, Hand, usual_way
from lstmviz.stage.renderers import Recorder
from lstmviz.stage.slices import Told, draw_slices, slice_file
from lstmviz.workplace import folder

if TYPE_CHECKING:
    from pathlib import Path

    from lstmviz.reel import ReelWriter, Step

_LOG = logging.getLogger("lstmviz")
_TRIES = 2  # for a slice whose process is killed


def draw(
    told: Told, writer: ReelWriter, jobs: int, tell: Callable[[int], None]
) -> tuple[Step, ...]:
    """Draw a story into a reel, with so many processes, and give its steps.

    A short one is drawn here, and one of a class that other processes would not find.

    Raises:
        LstmvizError: a process was killed twice at the same place; there is no room.
        Exception: what the story raised; a note says in which step.
    """
    reachable = usual_way() == "fork" or told.teller.travels()
    if min(jobs, len(told.slices)) > 1 and reachable:
        with folder() as parts:
            steps = _Crew(told, parts, jobs, tell).draw()
            for number in range(len(told.slices)):
                writer.splice(slice_file(parts, number))
        return steps
    recorder = Recorder(writer, tell)
    try:
        scene = told.teller(renderer=recorder, outline=told.outline)
        scene.render()
    except Exception as error:
        error.add_note(f"This happened in {told.where(recorder.frames)}.")
        raise
    return scene.steps_told


class _Crew:
    """Some processes at one story; `tell` hears how many frames have been drawn."""

    def __init__(self, told: Told, parts: Path, jobs: int, tell: Callable[[int], None]) -> None:
        self.told = told
        self.parts = parts
        self.tell = tell
        self.steps: tuple[Step, ...] = ()
        self._jobs = jobs
        self._hands: dict[Connection, Hand] = {}
        self._at: dict[Connection, int] = {}  # the slice that each draws
        self._open = set(range(len(told.slices)))  # slices that nobody draws or has drawn
        self._tries = [0] * len(told.slices)
        self._done: set[int] = set()
        self._drawn: dict[Connection, int] = {}  # frames of the slice that each draws
        self._frame: dict[Connection, int] = {}  # where the move begins that each plays

    def draw(self) -> tuple[Step, ...]:
        """Have every slice drawn, each into its file, and give the steps of the story."""
        try:
            for _ in range(min(self._jobs, len(self.told.slices))):
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
        if len(self._done) < len(self.told.slices):
            name = self.told.teller.story.story_name()
            raise LstmvizError(f"The story {name} does not play the same way twice.")
        return self.steps

    def _answer(self, line: Connection, word: str, *what: Any) -> None:
        if word == "may I":
            (number,) = what
            granted = number in self._open
            if granted:
                self._open.discard(number)
                self._at[line] = number
                self._drawn[line] = 0
            line.send(granted)
        elif word == "at":
            self._frame[line] = what[0]
        elif word == "drawn":
            self._drawn[line] += what[0]
            self.tell(what[0])
        elif word == "done":
            self._done.add(self._at.pop(line))
        elif word == "told":
            (self.steps,) = what
            self._leave(line)
        else:
            error, frame = what
            error.add_note(f"This happened in {self.told.where(frame)}.")
            raise error

    def _hire(self) -> None:
        hand = Hand(
            draw_slices, (self.told, self.parts), others=list(self._hands.values())
        )
        self._hands[hand.line] = hand

    def _leave(self, line: Connection) -> None:
        self._hands.pop(line).end()

    def _lost(self, line: Connection) -> None:
        """Let another process draw what a killed one had begun."""
        self._leave(line)
        number = self._at.pop(line, min(self._open, default=-1))
        if number < 0:
            return  # the others have the rest in hand
        self._tries[number] += 1
        where = self.told.where(self._frame.get(line, self.told.slices.frames[number]))
        if self._tries[number] == _TRIES:
            raise LstmvizError(f"{where[:1].upper()}{where[1:]} could not be drawn: {KILLED}")
        _LOG.warning("A process was killed in %s; that part is drawn again.", where)
        self.tell(-self._drawn.pop(line, 0))
        self._open.add(number)
        self._hire()
