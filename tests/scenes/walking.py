"""Walks through the shipped stories, each once, and keeps what their tests look at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from labels import Label, labels_of
from manim import Mobject, Scene

import lstmviz
from lstmviz.reel.reel import Step
from lstmviz.stage import Story, TextLine
from lstmviz.stage.check.check import Finding, Inspector
from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.stage.mobjects.caption import Caption
from lstmviz.stage.mobjects.column import Number
from lstmviz.stage.mobjects.input_strip import Strip
from lstmviz.stage.story.discovery import find_story, stories
from lstmviz.style.layout import layout_named
from lstmviz.style.picture import picture_format
from lstmviz.style.themes import theme_named
from lstmviz.trace.trace import Trace

STORIES = tuple(story.name for story in stories())
DOTS = tuple(Step(f"{k}", "", 0.0, 0.0, 0, 0) for k in range(12))
FILM = "film"  # made of the other stories, and as long as all of them
LONG = "The box was not good , but I will try it again and again . " * 22  # 308 words
WEATHER = lstmviz.Series(
    np.sin(np.arange(30 * 12)).reshape(30, 12),
    ("temperature", "what fell in the last hour (mm)", *(f"other {k}" for k in range(10))),
    [f"2024-03-{day + 1:02} 06:00" for day in range(30)],
)
CASES: dict[str, dict[str, Any]] = {
    "demo": {},
    "first of short words": {"input": "I am a b c", "at": 0},
    "one word": {"input": "Amazing"},
    "long unknown words": {
        "input": "Extraordinarily counterintuitive breakfast experiences disappointed "
        "Pneumonoultramicroscopicsilicovolcanoconiosis everybody",
        "at": 5,
    },
    "chinese": {"input": "这盒麦片非常好吃，我还会再买。", "at": 3},
    "300 words": {"input": LONG, "at": 150},
    "2 units, large numbers": {"input": [-123.456, 0.001, 54321.0, -7.25], "at": 1, "hidden": 2},
    "8 units": {"input": [0.1, 0.5, -1.0, 2.0, 3.0], "hidden": 8},
    "12 columns": {"input": WEATHER, "at": 5},
    "16 units": {"input": [0.1, 0.5, -1.0, 2.0, 3.0], "hidden": 16},
}


@dataclass(frozen=True)
class Still:
    """The end of a step: what is written there."""

    step: str
    caption: str
    caption_lines: int
    numbers: tuple[Number, ...]
    words: tuple[TextLine, ...]  # all of them, but for the input and the caption
    labels: tuple[Label, ...]  # the formulas
    tick: int


@dataclass(frozen=True)
class Held:
    """Frames in which nothing moves."""

    first: int
    frames: int

    @property
    def end(self) -> int:
        """The frame after them."""
        return self.first + self.frames


@dataclass(frozen=True)
class Walk:
    """A story that has been walked through."""

    story: str
    trace: Trace
    sources: tuple[Trace, ...]  # and those that the story derives from it
    tick: int
    findings: list[Finding]
    stills: tuple[Still, ...]
    opening: str  # what is written on the first picture, but for the input
    steps: tuple[Step, ...]
    held: tuple[Held, ...]
    patterns: dict[str, str] = field(repr=False)  # key of a caption -> its English pattern


class Witness(Inspector):
    """Checks the layout, and keeps copies of what is written at the end of every step."""

    def __init__(self) -> None:
        super().__init__()
        self.stills: list[Still] = []
        self.opening: str | None = None
        self.held: list[Held] = []

    def hold(self, scene: Scene, count: int) -> None:
        super().hold(scene, count)
        self.held.append(Held(self.frames, count))

    def play(self, scene: Scene, *args: Any, **kwargs: Any) -> None:
        if self.opening is None:
            lines = [m for each in scene.mobjects for m in each.get_family()]
            self.opening = " ".join(m.text for m in lines if isinstance(m, TextLine))
        super().play(scene, *args, **kwargs)

    def step_ended(self, story: Story) -> None:
        super().step_ended(story)
        captions = [m for m in story.mobjects if isinstance(m, Caption)]
        words = tuple(_written(story))
        self.stills.append(
            Still(
                step=story.steps[-1].name,
                caption=" ".join(caption.text for caption in captions),
                caption_lines=sum(len(caption) for caption in captions),
                numbers=tuple(each for each in words if isinstance(each, Number)),
                words=words,
                labels=tuple(labels_of(story)),
                tick=story.now.tick,
            )
        )


def _written(scene: Scene) -> Iterator[TextLine]:
    def within(mobjects: list[Mobject]) -> Iterator[TextLine]:
        for mobject in mobjects:
            if isinstance(mobject, Strip | Caption):
                continue
            if isinstance(mobject, TextLine):
                if len(mobject.points) and mobject.get_fill_opacity() > 0.02:
                    yield mobject.copy()
            else:
                yield from within(mobject.submobjects)

    yield from within(scene.mobjects)


@cache
def trace_of(story: str, case: str, cell: str | None = None) -> Trace:
    teller = find_story(story)
    given = CASES[case]
    if cell is None and not {"input", "hidden"} & set(given):
        return teller.own_trace()
    options = {"hidden": given["hidden"]} if "hidden" in given else {}
    return lstmviz.run(given.get("input", teller.input), cell=cell or teller.cell, **options)


def walk(
    story: str, case: str, theme: str, lang: str, cell: str | None = None, aspect: str = "16:9"
) -> Walk:
    """Walk through a story once; the dots are as many as ever, to save a rehearsal."""
    return _walk(story, case, theme, lang, cell, aspect)


@cache  # which tells an argument that is left out from its default
def _walk(story: str, case: str, theme: str, lang: str, cell: str | None, aspect: str) -> Walk:
    trace = trace_of(story, case, cell)
    return walked(find_story(story), trace, theme, lang, aspect, at=CASES[case].get("at"))


def walked(
    story: type[Story],
    trace: Trace,
    theme: str = "dark",
    lang: str = "en",
    aspect: str = "16:9",
    at: int | None = None,
) -> Walk:
    """Walk through a story told from a trace, and look at it."""
    patterns: dict[str, str] = {}
    told = followed(story, trace, patterns, Witness, theme, lang, aspect, at)
    witness = told.renderer
    assert isinstance(witness, Witness)
    return Walk(
        story.story_name(),
        trace,
        told.sources,
        told.now.tick,
        witness.findings(story.story_name()),
        tuple(witness.stills),
        witness.opening or "",
        told.steps_told,
        tuple(witness.held),
        patterns,
    )


def followed(
    story: type[Story],
    trace: Trace,
    patterns: dict[str, str],
    renderer: type[Walker] = Walker,
    theme: str = "dark",
    lang: str = "en",
    aspect: str = "16:9",
    at: int | None = None,
) -> Story:
    """Walk through a story, and note the English patterns of its captions."""
    layout = layout_named(aspect)
    width, height, _ = picture_format("1080p", aspect=aspect)
    with canvas(theme_named(theme), width, height, 30, layout):
        told = recording(story, patterns)(
            trace,
            at=at,
            theme=theme,
            lang=lang,
            layout=layout,
            renderer=renderer(),  # whose camera learns the size of the frame now
            outline=DOTS,
        )
        told.render()
    return told


def recording(story: type[Story], patterns: dict[str, str]) -> type[Story]:
    """Give the same story, which also notes the English patterns of its captions."""

    @contextmanager
    def step(self: Story, name: str, caption: str, **options: Any) -> Iterator[None]:
        variant = options.get("variant", "")
        patterns[f"{name}-{variant}" if variant else name] = caption
        with super(noting, self).step(name, caption, **options):
            yield

    noting = type(story.__name__, (story,), {"step": step, "__doc__": story.__doc__})
    return noting


def decimals(text: str) -> list[str]:
    """Find the numbers with a decimal point in a text, signs included."""
    return re.findall(r"[+−-]?\d+(?:\.\d+(?:\u202f\d+)?(?:e\d+)?|×10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", text)
