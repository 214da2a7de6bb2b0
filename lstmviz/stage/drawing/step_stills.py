"""Draws the picture that each step ends with, and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstmviz.stage.manim.renderers import Walker

if TYPE_CHECKING:
    from collections.abc import Callable

    from lstmviz.reel.reel import ReelWriter
    from lstmviz.stage.story.story import Story


class Sketcher(Walker):
    """A renderer that draws the last picture of every step alone, into a reel, as one frame."""

    def __init__(self, writer: ReelWriter, progress: Callable[[int], None] | None = None) -> None:
        super().__init__()
        self.writer = writer
        self.progress = progress or (lambda _: None)

    def step_ended(self, story: Story) -> None:
        """Draw what stands on the stage now."""
        self.writer.write(self.drawn(story))
        self.progress(1)
