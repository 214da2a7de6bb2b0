"""Many stories as one film: each goes on where the one before it ended."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from manim import FadeIn, FadeOut

from lstmviz.errors import UsageError
from lstmviz.load.run import run
from lstmviz.reel.loop import CHAPTERS
from lstmviz.stage.manim.renderers import Walker
from lstmviz.stage.mobjects.caption import Dots, reading_time
from lstmviz.stage.mobjects.summary_card import SummaryCard
from lstmviz.stage.mobjects.title_card import TitleCard
from lstmviz.stage.stories.cell.cell import HIGHER
from lstmviz.stage.stories.hand_over import hand_over
from lstmviz.stage.story.discovery import find_story
from lstmviz.stage.story.story import OPENING, Story
from lstmviz.stage.story.story_errors import ToldEnough

if TYPE_CHECKING:
    from collections.abc import Collection

    from lstmviz.reel.reel import Step
    from lstmviz.trace.trace import Trace


class FilmStory(Story):
    """A story made of others: `tell` plays one of them, `conclude` ends with a card.

    Each story is told from the user's trace where it fits, and otherwise from the trained
    network of its own cell on the same words; those that are `together` from the same one. What
    the network answers is told of the user's network, or not at all.
    """

    needs_weights = True  # of one of its stories, maybe
    loop_of: ClassVar[str] = CHAPTERS
    hurry: ClassVar[float] = 1.0  # how much faster than by itself each story is told
    together: ClassVar[tuple[str, ...]] = ()  # the stories that are told from one network
    word_of: ClassVar[str] = ""  # the story that picks the word which the film follows
    _last: Story | None = None
    _guests: tuple[tuple[int, Story], ...] = ()  # the last and the present one, by chapter
    _seen: tuple[Trace, ...]
    _opened = False  # whether it has been told how a gate makes its sums
    _chapter = 0  # the number of the one that is told, from 1

    def setup(self) -> None:
        """Set the ground, and know the steps; the stories bring everything else."""
        self._seen = ()
        self._told: set[str] = set()
        self.set_ground()
        if self._outline is None:
            self._outline = self.rehearse().steps_told

    def pick(self) -> int:
        """Choose the word that the film follows: the one that its story would tell by itself."""
        return self.picked(self.word_of) if self.word_of else super().pick()

    def picked(self, name: str) -> int:
        """Give the tick that a story would tell by itself."""
        story = find_story(name)
        return story(self.trace_for(story), outline=(), renderer=Walker()).now.tick

    def largest_loss(self, name: str, before: str, after: str) -> tuple[int, float]:
        """Give the tick that a story picks, and which share is gone there of what came in."""
        now = self.trace_for(find_story(name)).at(self.picked(name))
        whole, rest = (np.abs(now[reading].value).sum() for reading in (before, after))
        return now.tick, float(1 - rest / whole) if whole else 0.0

    def tell(
        self,
        name: str,
        *,
        chapter: str | None = None,
        since: str | None = None,
        until: str | None = None,
        at: int | str | None = None,
        passing: Collection[str] = (),
        empty: bool = False,
    ) -> None:
        """Play another story on this stage, from the step `since` to the step `until`.

        Its first step begins a chapter with this title (a term of the language), which stands on
        the screen; without one the chapter goes on. The steps that are named in `passing` are
        played quickly, without their captions. `empty` clears the stage first, for a step `since`
        that shows something new.
        """
        story = find_story(name)
        if story.needs_readout and not _fits(story, self.trace):
            return
        number = self._chapter + (chapter is not None)
        guest = story(
            self.trace_for(story),
            at=at,
            theme=self.theme,
            lang=self.lang,
            pace=self.pace * self.hurry,
            captions=self.captions,
            layout=self.layout,
            outline=self._steps_of(number),
            renderer=Walker(),  # until the first step that is told
        )
        guest.since, guest.until, guest.passing = since, until, passing
        guest.tempo = self.tempo
        guest.again = name in self._told
        guest.chapter_title = "" if chapter is None else self.lang.word(chapter)
        if self._opened and hasattr(guest, "opens"):
            guest.opens = False
        if hasattr(guest, "higher"):  # so that a circuit stands at one place in all of them
            guest.higher = max(guest.higher, HIGHER)
        if chapter is None:
            guest.steps = list(self._steps_here)
        earlier = len(guest.steps)

        def begin() -> None:
            guest.renderer = self.renderer
            guest._frame = self._frame
            self._chapter = number
            self._guests = (*self._guests[-1:], (number, guest))
            if empty:
                guest.remove(*(each for each in guest.mobjects if each not in guest.in_frame))
            if chapter is not None:
                guest.settle_title()
            hand_over(self._last, guest, goes_on=chapter is None)

        guest.begins = begin
        guest.setup()
        with suppress(ToldEnough):
            guest.construct()
        if guest.begins is None:
            self._go_on_after(guest, name, guest.steps[earlier:], chapter)

    def _go_on_after(self, guest: Story, name: str, steps: list[Step], chapter: str | None) -> None:
        """Take over what a story has told."""
        self._frame = guest._frame
        self._last = guest
        self._told.add(name)
        self._seen += guest.sources
        self._opened = self._opened or bool(getattr(guest, "layers", ()))
        title = None if chapter is None else self.lang.word(chapter)
        for k, step in enumerate(steps):
            self.steps.append(
                replace(step, name=f"{name}/{step.name}", chapter=title if k == 0 else None)
            )

    def conclude(self, *rows: tuple[str, str]) -> None:
        """Show what is to be remembered: names, and what there is to know of each (terms)."""
        said = [(self.lang.word(name), self.lang.word(line)) for name, line in rows]
        self.card = SummaryCard(
            self.title_shown, said, self.theme, self.layout, unbroken=self.lang.unbroken
        )
        self.play(FadeIn(self.card.head), run_time=0.6)
        for row, text in zip(self.card.rows, said, strict=True):
            self.play(FadeIn(row), run_time=0.9)
            self.wait(reading_time(" ".join(text), self.lang.letters_per_second) / self.hurry)

    def begin_chapter(self, chapter: str) -> None:
        """Let all that the stories have left go, and put up the title of a chapter of its own."""
        last, self._last = self._last, None
        self.mobjects = list(last.mobjects) if last is not None else self.mobjects
        leaving = [each for each in self.mobjects if each is not getattr(last, "logo", None)]
        if leaving:
            self.play(*(FadeOut(each) for each in leaving), run_time=0.5)
        self._chapter += 1
        self.chapter_title = self.lang.word(chapter)
        room = self.layout.whole.inset(0.5)
        self._caption = TitleCard(
            self.title_shown, self.theme, room, zoom=self.layout.zoom, unbroken=self.lang.unbroken
        )
        self.play(FadeIn(self._caption), run_time=0.5)
        self.wait(OPENING)

    def in_view(self) -> list[str]:
        """Read the card, where there is one."""
        card: SummaryCard | None = getattr(self, "card", None)
        return [] if card is None else [f"{name}: {line}." for name, line in card.said]

    @property
    def sources(self) -> tuple[Trace, ...]:
        """Give the traces of the stories told so far."""
        return (self.trace, *self._seen)

    def trace_for(self, story: type[Story]) -> Trace:
        """Choose the numbers of a story: the user's, or those of its own cell's network."""
        name = story.story_name()
        kin = self.together if name in self.together else (name,)
        if all(_fits(find_story(each), self.trace) for each in kin) and (
            story.cell in (self.cell, self.trace.cell)
        ):
            return self.trace
        own = str(story.cell)
        if not hasattr(self, "_traces"):
            self._traces: dict[str, Trace] = {}
        if own not in self._traces:
            if self.trace.kind != "words":
                raise UsageError(
                    "The film shows an RNN, an LSTM and a GRU reading the same words; "
                    f"give a sentence as its input, not {self.trace.kind}."
                )
            words = [token.text for token in self.trace.tokens]
            self._traces[own] = run(words, cell=story.cell)
        return self._traces[own]

    def learn(self, outline: tuple[Step, ...]) -> None:
        """Go on with all steps known, where this was begun without; the stories learn theirs."""
        self._outline = outline
        if isinstance(self._dots, Dots):
            self._dots.put_up(len(self._steps_of(self._chapter)))
        for number, guest in self._guests:
            guest.learn(self._steps_of(number))

    @property
    def steps_reached(self) -> tuple[int, int]:
        """How many steps the chapter has, and which of them is told."""
        return len(self._steps_of(self._chapter)), len(self._steps_here)

    @property
    def _steps_here(self) -> tuple[Step, ...]:
        """The steps that have been told of the chapter that is told."""
        return _chapters(self.steps).get(self._chapter, ())

    def _steps_of(self, chapter: int) -> tuple[Step, ...]:
        return _chapters(self._outline or ()).get(chapter, ())


def _chapters(steps: Collection[Step]) -> dict[int, tuple[Step, ...]]:
    """Part steps by the chapters in which they stand, from 1; what comes before them is in 0."""
    found: dict[int, tuple[Step, ...]] = {}
    number = 0
    for step in steps:
        number += step.chapter is not None
        found[number] = (*found.get(number, ()), step)
    return found


def _fits(story: type[Story], trace: Trace) -> bool:
    """Whether a story can be told from a trace."""
    try:
        story.check_needs(trace)
    except UsageError:
        return False
    return True
