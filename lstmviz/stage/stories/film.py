"""Many stories as one film: each goes on where the one before it ended."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from manim import FadeIn, FadeOut, Mobject

from lstmviz.errors import UsageError
from lstmviz.load.run import run
from lstmviz.stage.circuits.circuit import Circuit
from lstmviz.stage.manim.renderers import Walker
from lstmviz.stage.mobjects.input_strip import Strip
from lstmviz.stage.story.discovery import find_story
from lstmviz.stage.story.story import Story
from lstmviz.stage.story.story_errors import ToldEnough

if TYPE_CHECKING:
    from lstmviz.reel.reel import Step
    from lstmviz.trace.trace import Trace

# What two stories on the same cell and word both show: it stays when one follows the other.
SHARED = ("logo", "strip", "status", "circuit")


class FilmStory(Story):
    """A story made of others: `tell` plays one of them, up to a step if one is named.

    Each story is told from the user's trace where it fits, and otherwise from the trained
    network of its own cell on the same words.
    """

    needs_weights = True  # of one of its stories, maybe
    hurry: ClassVar[float] = 1.0  # how much faster than by itself each story is told
    _last: Story | None = None
    _guests: tuple[tuple[str, Story], ...] = ()  # the last and the present one, by name
    _traces: dict[str, Trace]
    _seen: tuple[Trace, ...]
    _opened = False  # whether it has been told how a gate makes its sums

    def setup(self) -> None:
        """Set the ground, and know the steps; the stories bring everything else."""
        self._traces = {}
        self._seen = ()
        self.set_ground()
        if self._outline is None:
            self._outline = self.rehearse().steps_told

    def tell(
        self, name: str, *, chapter: str, until: str | None = None, at: int | str | None = None
    ) -> None:
        """Play another story on this stage; `until` names the last step that is told.

        Its first step begins a chapter with this title (a term of the language).
        """
        story = find_story(name)
        trace = self.trace_for(story)
        guest = story(
            trace,
            at=at,
            theme=self.theme,
            lang=self.lang,
            pace=self.pace * self.hurry,
            captions=self.captions,
            layout=self.layout,
            outline=self._outline_of(name),
            renderer=Walker(),
        )
        guest.renderer = self.renderer
        guest.until = until
        guest.tempo = self.tempo
        guest._frame = self._frame
        self._guests = (*self._guests[-1:], (name, guest))
        guest.setup()
        guest.settle_title()
        self._hand_over(guest)
        with suppress(ToldEnough):
            guest.construct()
        self._frame = guest._frame
        self._last = guest
        self._seen += guest.sources
        self._opened = self._opened or bool(getattr(guest, "layers", ()))
        title = self.lang.word(chapter)
        for k, step in enumerate(guest.steps):
            full = replace(step, name=f"{name}/{step.name}", chapter=title if k == 0 else None)
            self.steps.append(full)

    @property
    def sources(self) -> tuple[Trace, ...]:
        """Give the traces of the stories told so far."""
        return (self.trace, *self._seen)

    def trace_for(self, story: type[Story]) -> Trace:
        """Choose the numbers of a story: the user's, or those of its own cell's network."""
        try:
            story.check_needs(self.trace)
        except UsageError:
            pass
        else:
            if story.cell == self.cell or self.trace.cell == story.cell:
                return self.trace
        own = str(story.cell)
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
        super().learn(outline)
        for name, guest in self._guests:
            guest.learn(self._outline_of(name))

    def _outline_of(self, name: str) -> tuple[Step, ...]:
        return tuple(step for step in self._outline or () if step.name.startswith(f"{name}/"))

    def _hand_over(self, guest: Story) -> None:
        """Clear the stage for the next story, but leave what it will show in the same place."""
        fresh = list(guest.mobjects)
        last = self._last
        if last is None:
            return
        pairs = [(getattr(last, name, None), getattr(guest, name, None)) for name in SHARED]
        kept = [
            (old, new)
            for old, new in pairs
            if old is not None and old in last.mobjects and _same(old, new, last, guest)
        ]
        staying = [old for old, _ in kept]
        guest.mobjects = list(last.mobjects)
        leaving: list[Any] = [FadeOut(each) for each in guest.mobjects if each not in staying]
        for old, _ in kept:
            if hasattr(old, "focus"):
                leaving += old.focus()
        if leaving:
            guest.play(*leaving, run_time=0.5)
        replaced = [new for _, new in kept]
        arriving = [each for each in fresh if each not in replaced]
        guest.mobjects = replaced  # type: ignore[assignment]
        if arriving:
            guest.play(*(FadeIn(each) for each in arriving), run_time=0.5)
        # The order of the set-up is the order of drawing.
        guest.mobjects = [each for each in fresh if each in guest.mobjects]


def _same(old: Mobject, new: Mobject | None, last: Story, guest: Story) -> bool:
    """Tell whether two stories show the same thing in the same place."""
    if type(old) is not type(new):
        return False
    if new is guest.logo:
        return True
    same_word = last.now.tick == guest.now.tick and last.trace.tokens == guest.trace.tokens
    if isinstance(old, Strip):
        return same_word
    if isinstance(old, Circuit) and isinstance(new, Circuit) and not old.stands_like(new):
        return False
    return last.trace.cell == guest.trace.cell and (hasattr(old, "focus") or same_word)
