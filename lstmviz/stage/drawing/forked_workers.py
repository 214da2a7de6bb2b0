"""The dry run of a story, which plans its slices, and the forks of it that draw them.

A dry run plays the story without drawing. Where a slice begins, the process is forked: the fork
waits there until the dry run is over and the steps are known, and then draws what begins there.
So no process plays the story again to draw the middle of a film. Where processes cannot be forked
there are no such workers.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, NoReturn

from lstmviz.stage.drawing.slices import Cutter, Slicer, Told
from lstmviz.stage.story.story_errors import failing
from lstmviz.system import processes
from lstmviz.system.processes import Fork, fork, portable

if TYPE_CHECKING:
    import numpy as np
    from manim import Scene

    from lstmviz.reel.reel import Step
    from lstmviz.stage.drawing.slices import Slices, Teller
    from lstmviz.stage.story.story import Story

MOST = 12  # of one story; each comes to hold some memory of its own


class ForkedWorkers:
    """The forks of a dry run that wait, by the slice that begins where they were made.

    When there are too many, every other one is ended: the one before it can draw on.
    """

    def __init__(self, most: int = MOST) -> None:
        self.waiting: dict[int, Fork] = {}
        self._most = most
        self._every = 1  # one in so many slices has a fork

    def fork_at(self, number: int) -> Connection | None:
        """Fork where a slice begins; the fork alone gets a line, to the first process."""
        if len(self.waiting) == self._most:
            self._every *= 2
            self.end([each for each in self.waiting if each % self._every])
        if number % self._every:
            return None
        made = fork(self.waiting.values())
        if isinstance(made, Connection):
            return made
        self.waiting[number] = made
        return None

    def choose(self, wanted: Collection[int], busy: Collection[int]) -> int | None:
        """Choose the waiting fork that should draw next, by its slice, or None.

        It is in the longest row of slices that are `wanted`: where the row begins, or in its
        middle, if somebody who is `busy` with the slice before will draw on from there.
        """
        rows = [
            [number for _, number in row]
            for _, row in groupby(enumerate(sorted(wanted)), key=lambda each: each[1] - each[0])
        ]
        for row in sorted(rows, key=len, reverse=True):
            begin = row[len(row) // 2] if row[0] - 1 in busy else row[0]
            waiting = [number for number in row if number in self.waiting]
            if waiting:
                return min(waiting, key=lambda number: (number < begin, abs(number - begin)))
        return None

    def end(self, numbers: Iterable[int]) -> None:
        """End those that wait at some slices."""
        processes.end_all([self.waiting.pop(number) for number in numbers])


@contextmanager
def forked_workers(jobs: int) -> Iterator[ForkedWorkers | None]:
    """Give what holds the forks for so many processes, or None where there are to be none.

    Those that still wait at the end are ended.
    """
    if jobs < 2 or processes.usual_way() != "fork":
        yield None
        return
    forks = ForkedWorkers(max(MOST, 2 * jobs))
    try:
        yield forks
    finally:
        forks.end(list(forks.waiting))


def dry_run(teller: Teller, size: tuple[int, int, int], forks: ForkedWorkers | None) -> Told:
    """Play a story without drawing, to know its steps and slices; fork on the way.

    `size` is the width and height in pixels, and the frames a second.
    """
    run = _DryRun(teller, size, forks)
    story = run.story = teller(renderer=run, outline=())
    try:
        with failing(teller.story):
            story.render()
    except BaseException as error:
        run.end(error)
        raise
    run.end()
    return run.told(story.steps_told, run.cutter.slices())


class _DryRun(Slicer):
    """Plays a story without drawing; a fork of it draws from where it was made."""

    story: Story

    def __init__(
        self, teller: Teller, size: tuple[int, int, int], forks: ForkedWorkers | None
    ) -> None:
        super().__init__()
        self.cutter = Cutter()
        self._teller = teller
        self._size = size
        self._forks = forks
        self._line: Connection | None = None  # of a fork
        self._next = -1  # the slice that a fork need not ask for

    def play(self, scene: Scene, *args: Any, **kwargs: Any) -> None:
        """Fork where a slice begins; the fork goes on when it is told to."""
        if self._line is None and self.cutter.begins(self.num_plays) and self._forks is not None:
            self.number = self.cutter.count - 1
            self._line = self._forks.fork_at(self.number)
            if self._line is not None:
                self._wait(self._line)
        super().play(scene, *args, **kwargs)

    def hold(self, scene: Scene, count: int) -> None:
        """Note how long it stands, or draw it."""
        self.cutter.passes(count, min(count, 1))
        super().hold(scene, count)

    def move(self, scene: Scene, times: np.ndarray) -> int:
        """Go to the end of the move, or draw it, and note how long it was."""
        count = super().move(scene, times)
        self.cutter.passes(count, count)
        return count

    def told(self, outline: tuple[Step, ...], slices: Slices) -> Told:
        """Give what is known of the story, once it is over."""
        return Told(self._teller, outline, *self._size, slices)

    def end(self, error: BaseException | None = None) -> None:
        """End the story: a fork has nothing more to do, the first process goes on."""
        if self._line is not None:
            self._leave(self._line, ("failed", portable(error)) if error else ("over",))

    def _wait(self, line: Connection) -> None:
        try:
            outline, slices, folder = line.recv()
        except EOFError:  # it is not needed
            os._exit(0)
        self.number -= 1  # which is counted when it begins
        self._next = self.number + 1
        self.story.learn(outline)
        self.draws(self.told(outline, slices), folder, self._may, lambda *what: line.send(what))

    def _may(self, number: int) -> bool:
        assert self._line is not None
        if number == self._next:
            return True
        self._line.send(("may I", number))
        answer = self._line.recv()
        if answer is None:
            self._leave(self._line, ("over",))
        return bool(answer)

    def _leave(self, line: Connection, word: tuple[Any, ...]) -> NoReturn:
        try:
            line.send(word)
        finally:
            os._exit(0)
