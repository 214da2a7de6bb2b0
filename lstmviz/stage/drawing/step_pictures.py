"""Draws the picture that each step of a story ends with and hands it on, those asked for first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.stage.story.story_errors import failing
from lstmviz.system.global_state import same_randomness, seldom_collected

if TYPE_CHECKING:
    from lstmviz.reel.frame_store import Pixels
    from lstmviz.reel.reel import Step
    from lstmviz.stage.story.story import Story
    from lstmviz.stage.story.telling import Telling
    from lstmviz.style.look import FilmLook
    from lstmviz.trace.trace import Trace


def step_pictures(
    story: type[Story],
    trace: Trace,
    telling: Telling,
    look: FilmLook,
    *,
    first: Callable[[tuple[Step, ...]], Set[int]],
    tell: Callable[[int, Pixels], None],
) -> tuple[Step, ...]:
    """Tell of each step by its place and picture, and give all steps.

    `first` hears the steps before anything is drawn, and gives the places of those to draw before
    the others.

    Raises:
        LstmvizError: the story fails; it says where.
    """
    teller = partial(story, trace, **telling.of(trace, look).options(look))
    with (
        same_randomness(),
        seldom_collected(),
        canvas(look.theme, *look.picture, look.layout),
        failing(story),
    ):
        outline = teller(renderer=Walker()).rehearse().steps_told
        for wanted in _turns(len(outline), first(outline)):
            told = teller(renderer=_Painter(wanted, tell), outline=outline)
            told.setup()
            with suppress(_Enough):
                told.construct()
    return outline


def _turns(count: int, first: Set[int]) -> Iterator[Set[int]]:
    """Part the steps into those that are drawn first and the others."""
    every = set(range(count))
    for wanted in (every & first, every - first):
        if wanted:
            yield wanted


class _Enough(BaseException):
    """The last step that is wanted has been drawn; no story takes this for a failure of its own."""


class _Painter(Walker):
    """A renderer that draws the last picture of the steps that are wanted."""

    def __init__(self, wanted: Set[int], tell: Callable[[int, Pixels], None]) -> None:
        super().__init__()
        self.wanted = wanted
        self.tell = tell
        self.place = 0

    def step_ended(self, story: Story) -> None:
        """Draw what stands on the stage now, if it is wanted."""
        if self.place in self.wanted:
            self.tell(self.place, np.array(self.drawn(story)))
        self.place += 1
        if self.place > max(self.wanted):
            raise _Enough
