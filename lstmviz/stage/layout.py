"""Where things stand: the zones of the frame, in scene units (16:9 is 14.22 × 8)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """A rectangle in scene units."""

    left: float
    right: float
    bottom: float
    top: float

    @property
    def width(self) -> float:
        """The horizontal size."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """The vertical size."""
        return self.top - self.bottom

    @property
    def center(self) -> tuple[float, float]:
        """The middle."""
        return ((self.left + self.right) / 2, (self.bottom + self.top) / 2)

    def inset(self, margin: float) -> Box:
        """Give the box that is smaller by a margin on every side."""
        return Box(self.left + margin, self.right - margin, self.bottom + margin, self.top - margin)


@dataclass(frozen=True)
class Layout:
    """The zones of a frame of one shape."""

    frame: Box
    strip: Box  # the input, word by word
    status: Box  # which cell, which word
    stage: Box  # the cell, or whatever the story shows
    lens: Box  # the arithmetic of the beat
    caption: Box
    dots: tuple[float, float]

    @property
    def whole(self) -> Box:
        """Stage and lens together, for a picture that needs the whole width."""
        return Box(self.stage.left, self.lens.right, self.lens.bottom, self.lens.top)


WIDE = Layout(
    frame=Box(-64 / 9, 64 / 9, -4, 4),
    strip=Box(-6.8, 4.05, 3.2, 3.7),
    status=Box(4.25, 6.85, 3.2, 3.7),
    stage=Box(-7.0, 2.45, -2.45, 2.7),
    lens=Box(2.6, 6.95, -2.1, 2.6),
    caption=Box(-6.5, 6.5, -3.5, -2.6),
    dots=(0.0, -3.75),
)
