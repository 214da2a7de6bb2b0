"""The layout check: walk through a story and report what a viewer could not read.

Each text is looked at where it stands, at the end of every step and half-way through every
move. What is on its way then (it moves, or is only partly there) is judged where it stays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from manim import ManimColor

from lstmviz.stage.check.ink import snapshot, survey
from lstmviz.stage.check.legibility import Fault, Kind, View
from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.stage.story.telling import Telling
from lstmviz.style.layout import LINES, Box
from lstmviz.style.look import FilmLook

if TYPE_CHECKING:
    from manim import Scene
    from numpy.typing import NDArray

    from lstmviz.stage.check.ink import Snapshot
    from lstmviz.stage.story.story import Story
    from lstmviz.trace.trace import Trace

When = Literal["end", "half-way"]


@dataclass(frozen=True)
class Finding:
    """Something on screen that a viewer could not read; `where` is in scene units."""

    story: str
    step: str
    when: When
    kind: Kind
    what: str
    where: tuple[float, float]

    def __str__(self) -> str:
        moment = "at the end of" if self.when == "end" else "half-way through a move of"
        x, y = self.where
        return f"{self.story}, {moment} the step {self.step!r}: {self.what} (at {x:.2f}, {y:.2f})."


def check_story(
    story_class: type[Story],
    trace: Trace,
    telling: Telling | None = None,
    look: FilmLook | None = None,
) -> list[Finding]:
    """Walk a story and report each fault once, where it is first seen; a good story has none.

    Reported are text that overlaps text, formulas that stand less than an em side by side and so
    read as a product, text that a line crosses, that runs over the edge of its
    box or is partly covered, that is smaller than 28 pixels where the shorter side of the
    picture has 1080, or whose contrast is below 4.5:1; and whatever leaves the frame. Looked
    at is a picture of 1080p at 30 frames a second, whatever size was asked for.

    Raises:
        UsageError: the trace has not what is to be told; it says what.
    """
    look = replace(look or FilmLook(), quality="1080p", fps=30, size=None)
    telling = (telling or Telling()).of(trace, look)
    with canvas(look.theme, *look.picture, look.layout):
        inspector = Inspector()  # whose camera learns the size of the frame now
        story = story_class(trace, **telling.options(look), renderer=inspector)
        story.render()
    return inspector.findings(story.story_name())


class Inspector(Walker):
    """A renderer that looks at every step's end and every move's middle, without drawing."""

    def __init__(self) -> None:
        super().__init__(self._half_way)
        self._before: Snapshot | None = None
        self._found: list[Finding] = []
        self._open = 0  # the findings from here on belong to a step that has not ended
        self._known: dict[object, list[Fault]] = {}

    def move(self, scene: Scene, times: NDArray[np.float64]) -> int:
        """Keep how things stand before a move, to know in its middle what is on its way."""
        self._before = snapshot(scene)
        return super().move(scene, times)

    def step_ended(self, story: Story) -> None:
        """Look at the still at the end of a step."""
        self._look(story, "end", None)
        name = story.steps[-1].name
        self._found[self._open :] = [replace(f, step=name) for f in self._found[self._open :]]
        self._open = len(self._found)

    def findings(self, story: str) -> list[Finding]:
        """Give each fault once: at the first end that shows it, or else where it passes by."""
        first: dict[object, Finding] = {}
        for finding in sorted(self._found, key=lambda f: f.when != "end"):
            key = (finding.kind, finding.what, finding.where)
            first.setdefault(key, replace(finding, story=story))
        return list(first.values())

    def _half_way(self, scene: Scene) -> None:
        self._look(scene, "half-way", self._before)

    def _look(self, scene: Scene, when: When, before: Snapshot | None) -> None:
        camera = self.camera
        view = View(
            scale=LINES / min(camera.frame_height, camera.frame_width),
            frame=_frame_of(camera),
            ground=tuple(map(float, ManimColor(camera.background_color).to_rgb())),
            settled=when == "end",
            known=self._known,
        )
        for fault in view.faults(*survey(scene, before)):
            self._found.append(Finding("", "", when, *fault))


def _frame_of(camera: Any) -> Box:
    x, y = (float(v) for v in camera.frame_center[:2])
    w, h = camera.frame_width / 2, camera.frame_height / 2
    return Box(x - w, x + w, y - h, y + h)
