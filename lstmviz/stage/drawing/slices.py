"""Slices: the parts of a film, each drawn by one of several processes.

Every process plays the whole story, because each move begins where the one before it ended;
but it draws only the slices that it is given, and goes through the others without drawing.
Where the slices are depends on the story alone, so the film is the same for any number of
processes.
"""

from __future__ import annotations

import importlib
import inspect
import os
import sys
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmviz.errors import LstmvizError
from lstmviz.reel.frame_store import PictureWriter
from lstmviz.stage.manim.renderers import Drawer, Player, canvas
from lstmviz.stage.story.discovery import find_story
from lstmviz.stage.story.story_errors import failing
from lstmviz.system.global_state import seldom_collected
from lstmviz.system.processes import portable
from lstmviz.system.temporary import no_room

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    import numpy as np
    from manim import Scene

    from lstmviz.reel.frame_store import Pixels
    from lstmviz.reel.rectangles import Rect
    from lstmviz.reel.reel import Step
    from lstmviz.stage.story.story import Story
    from lstmviz.trace.trace import Trace

# Every slice begins with a whole picture, which costs as much as several that change a little.
PICTURES = 45
OFTEN = 0.1  # seconds between two words of how far a process is


@dataclass(frozen=True)
class Slices:
    """Where slices begin: the play, and the frame of the film."""

    plays: tuple[int, ...]
    frames: tuple[int, ...]
    total: int  # frames of the film

    @property
    def lengths(self) -> tuple[int, ...]:
        """How many frames each slice has."""
        return tuple(end - begin for begin, end in pairwise((*self.frames, self.total)))

    def __len__(self) -> int:
        return len(self.plays)


class Cutter:
    """Finds where slices begin, while a story is walked through."""

    def __init__(self) -> None:
        self._plays: list[int] = []
        self._frames: list[int] = []
        self._passed = 0  # frames
        self._drawn = 0  # pictures since the last slice began

    @property
    def count(self) -> int:
        """How many slices have begun."""
        return len(self._plays)

    def begins(self, play: int) -> bool:
        """Tell whether a slice begins with a play, which comes next."""
        if self._plays and self._drawn < PICTURES:
            return False
        self._plays.append(play)
        self._frames.append(self._passed)
        self._drawn = 0
        return True

    def passes(self, frames: int, pictures: int) -> None:
        """Hear of a play: how many frames, and how many pictures must be drawn for them."""
        self._passed += frames
        self._drawn += pictures

    def slices(self) -> Slices:
        """Give all slices, of a story that is over."""
        return Slices(tuple(self._plays), tuple(self._frames), self._passed)


@dataclass
class Teller:
    """Makes a story of a class, a trace and options, in any process.

    The class travels by where it is written: scene files are no modules that Python finds.
    """

    story: type[Story]
    trace: Trace
    options: dict[str, Any]

    def __call__(self, **more: Any) -> Story:
        """Make the story."""
        return self.story(self.trace, **self.options, **more)

    def travels(self) -> bool:
        """Tell whether a process that begins anew can find the class."""
        module = sys.modules.get(self.story.__module__)
        found = getattr(module, self.story.__name__, None) is self.story
        network = self.trace.made_by
        if self.story.needs_weights and network is not None and not network.travels:
            return False
        return found and self.story.__module__ != "__main__"

    def __getstate__(self) -> dict[str, Any]:
        home, name = self.story.__module__, self.story.__name__
        if home.startswith(("lstmviz.scenes.", "lstmviz.opened.")):
            home = str(Path(inspect.getfile(self.story)).resolve())
        return {**vars(self), "story": (home, name), "trace": travelling(self.trace, self.story)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        home, name = state["story"]
        if home.endswith(".py"):
            story = find_story(f"{home}:{name}")
        else:
            story = getattr(importlib.import_module(home), name)
        vars(self).update(state, story=story)


def travelling(trace: Trace, story: type[Story]) -> Trace:
    """Give a trace as another process needs it: weights are large, and few stories need them."""
    return trace if story.needs_weights else replace(trace, made_by=None)


@dataclass(frozen=True)
class Told:
    """The plan of a film, from its dry run: all that a process needs to draw slices of it."""

    teller: Teller
    outline: tuple[Step, ...]
    width: int
    height: int
    fps: int
    slices: Slices

    def canvas(self) -> AbstractContextManager[None]:
        """Set Manim up for it."""
        theme, layout = self.teller.options["theme"], self.teller.options["layout"]
        return canvas(theme, self.width, self.height, self.fps, layout)

    @property
    def otherwise(self) -> str:
        """What to say of a story that goes another way than when it was walked through."""
        name = self.teller.story.story_name()
        return (
            f"The story {name} does not play the same way twice: what it shows, and how long, must "
            "depend on its trace alone, not on the clock or on what stays from an earlier time."
        )

    def where(self, frame: int) -> str:
        """Name the story, and the step that has a frame."""
        name = f"the story {self.teller.story.story_name()}"
        if not self.outline:
            return name
        begins = [step.first_frame for step in self.outline]
        step = self.outline[max(bisect_right(begins, frame) - 1, 0)]
        return f"{name}, step {step.name}"


def slice_file(folder: Path, number: int) -> Path:
    """Say where the pictures of a slice go."""
    return folder / f"{number:05}"


def draw_slices(line: Connection, given: tuple[Told, Path]) -> None:
    """Play a story; draw each slice into a folder for which the other end of the line says yes.

    Says ("may I", slice) where a slice begins, what a Slicer says, and at the end ("over",), or
    ("failed", error).
    """
    told, folder = given

    def may(number: int) -> bool:
        line.send(("may I", number))
        return bool(line.recv())

    try:
        with told.canvas(), seldom_collected():
            slicer = Slicer().draws(told, folder, may, lambda *what: line.send(what))
            story = told.teller(renderer=slicer, outline=told.outline)
            with failing(told.teller.story):
                story.render()
        line.send(("over",))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        raise
    except Exception as error:
        line.send(("failed", portable(error)))


class Slicer(Drawer):
    """A renderer of the slices that it `may` draw, each into a file of a folder.

    It says ("at", frame) where a move begins, ("drawn", frames) now and then, ("done", slice).
    """

    def __init__(self) -> None:
        super().__init__()
        self.number = -1  # of the slice that is played
        self._orders: _Orders | None = None
        self._drawing: PictureWriter | None = None
        self._drawn = 0
        self._said = 0.0

    def draws(
        self,
        told: Told,
        folder: Path,
        may: Callable[[int], bool],
        say: Callable[[str, int], None],
    ) -> Slicer:
        """Begin to draw the slices that it may; until then it goes through everything."""
        self._orders = _Orders(told, folder, may, say)
        return self

    def play(self, scene: Scene, *args: Any, **kwargs: Any) -> None:
        """Ask at the beginning of every slice whether to draw it."""
        orders = self._orders
        if orders is not None:
            if self.num_plays in orders.told.slices.plays:
                self._finish()
                self.number += 1
                if orders.may(self.number):
                    with _room():
                        size = orders.told.width, orders.told.height
                        self._drawing = PictureWriter(self._begun(orders), *size)
            orders.say("at", self.frames)
        super().play(scene, *args, **kwargs)

    def hold(self, scene: Scene, count: int) -> None:
        """Draw a still picture, in a slice of one's own."""
        if self._drawing is not None:
            super().hold(scene, count)

    def move(self, scene: Scene, times: np.ndarray) -> int:
        """Draw a move, or go to its end."""
        if self._drawing is not None:
            return super().move(scene, times)
        return Player.move(self, scene, times)

    def scene_finished(self, scene: Scene) -> None:
        """Finish the last slice."""
        self._finish()

    def abandon(self) -> None:
        """Leave a slice that was begun and not finished."""
        if self._drawing is not None and self._orders is not None:
            self._drawing.abort()
            self._drawing = None
            self._begun(self._orders).unlink(missing_ok=True)

    def record(self, picture: Pixels, count: int, changed: list[Rect] | None) -> None:
        """Write the picture into the file of its slice."""
        assert self._drawing is not None
        with _room():
            self._drawing.write(picture, count, changed)
        self._drawn += count
        now = time.monotonic()
        if self._orders is not None and now - self._said > OFTEN:
            self._orders.say("drawn", self._drawn)
            self._drawn, self._said = 0, now

    def _begun(self, orders: _Orders) -> Path:
        path = slice_file(orders.folder, self.number)
        return path.with_name(f"{path.name}-{os.getpid()}")

    def _finish(self) -> None:
        if self._drawing is not None and self._orders is not None:
            told = self._orders.told
            if self._drawing.frame_count != told.slices.lengths[self.number]:
                raise LstmvizError(told.otherwise)
            with _room():
                self._drawing.close()
                place = slice_file(self._orders.folder, self.number)
                os.replace(self._begun(self._orders), place)
            self._drawing = None
            if self._drawn:
                self._orders.say("drawn", self._drawn)
            self._orders.say("done", self.number)
            self._drawn = 0


@dataclass(frozen=True)
class _Orders:
    """What a Slicer draws, where that goes, whom it asks and whom it tells."""

    told: Told
    folder: Path
    may: Callable[[int], bool]
    say: Callable[[str, int], None]


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise no_room(error) from error
