"""Layouts: the zones of the frame, in scene units, for each shape of the picture.

A frame of another shape is a layout of its own, no crop: where it is not wide, the lens stands
under the stage. What is read is set in the same units in all of them, so that a frame is as many
units large as leave its texts large enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from lstmviz.style.picture import MOST_UNITS, WIDE_ASPECT, refuse_aspect

LEAST_EM = 28.0  # pixels, in a frame whose shorter side has LINES: read from the last row of a hall
# The size at which everything is measured. On a phone, which is turned to fit a picture, the
# shorter side of every picture is about the width of a hand.
LINES = 1080.0
INDEX = 0.7  # how much smaller than its formula Typst and TeX set an index
GAP, CLEAR = 0.22, 0.1  # beside a needle, and below it
HEIGHT, EDGE = 3.46, 0.03  # of a needle in ems, and from there to the edge of the frame


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
    """The zones of a frame of one shape.

    `lines` is how many a caption has at most, `letters` the em it is set in, `zoom` how much
    larger what stands in the lens may be than in the wide frame, and `most_units` how many units
    of a state there is room for, one below the other.
    """

    name: str  # the shape, as users call it: `9:16`
    frame: Box
    strip: Box  # the input, word by word
    status: Box  # which cell, which word
    stage: Box  # the cell, or whatever the story shows
    lens: Box  # the arithmetic of the beat
    caption: Box
    dots: tuple[float, float]
    lines: int = 2
    letters: float = 0.37
    zoom: float = 1.0
    most_units: int = MOST_UNITS
    bare: tuple[Box, Box] | None = None  # strip and status as they are without a needle
    needle: Box | None = None  # where the answer stands in the header

    @property
    def in_row(self) -> bool:
        """Whether the status has a row of its own, above the strip."""
        return self.status.bottom >= self.strip.top

    @property
    def least(self) -> float:
        """The smallest em that can be read, and a hair: 28 pixels if the shorter side has 1080."""
        return 1.002 * LEAST_EM / LINES * min(self.frame.width, self.frame.height)

    @property
    def least_index(self) -> float:
        """The smallest em of a formula whose indices can be read."""
        return self.least / INDEX

    @property
    def beside(self) -> bool:
        """Whether the lens stands beside the stage, not under it."""
        return self.lens.left >= self.stage.right

    @property
    def whole(self) -> Box:
        """Stage and lens together, for a picture that needs the whole width."""
        if self.beside:
            return Box(self.stage.left, self.lens.right, self.lens.bottom, self.lens.top)
        return Box(self.lens.left, self.lens.right, self.lens.bottom, self.stage.top - 0.1)


WIDE = Layout(
    name=WIDE_ASPECT,
    frame=Box(-64 / 9, 64 / 9, -4, 4),
    strip=Box(-6.8, 3.9, 3.2, 3.7),
    status=Box(4.1, 6.87, 3.2, 3.7),
    stage=Box(-7.0, 2.45, -2.45, 2.7),
    lens=Box(2.6, 6.95, -2.1, 2.6),
    caption=Box(-6.5, 6.5, -3.5, -2.6),
    dots=(0.0, -3.75),
)
CLASSIC = Layout(
    name="4:3",
    frame=Box(-6, 6, -4.5, 4.5),
    strip=Box(-5.75, 2.5, 3.6, 4.12),
    status=Box(2.7, 5.8, 3.6, 4.12),
    stage=Box(-5.95, 1.75, -2.6, 3.3),
    lens=Box(1.83, 5.92, -2.5, 3.2),
    caption=Box(-5.6, 5.6, -3.85, -2.75),
    dots=(0.0, -4.15),
    zoom=1.12,
)
SQUARE = Layout(
    name="1:1",
    frame=Box(-5, 5, -5, 5),
    strip=Box(-4.8, 1.2, 4.2, 4.72),
    status=Box(1.35, 4.85, 4.2, 4.72),
    stage=Box(-4.88, 4.88, -1.05, 3.88),
    lens=Box(-4.8, 4.8, -3.37, -1.1),
    caption=Box(-4.7, 4.7, -4.58, -3.45),
    dots=(0.0, -4.75),
    lines=3,
    most_units=4,
)
TALL = Layout(
    name="9:16",
    frame=Box(-4.5, 4.5, -8, 8),
    strip=Box(-4.2, 4.2, 6.3, 6.85),
    status=Box(-4.2, 4.2, 7.0, 7.4),
    stage=Box(-4.4, 4.4, 1.2, 6.1),
    lens=Box(-4.3, 4.3, -4.6, 1.0),
    caption=Box(-4.2, 4.2, -6.7, -4.8),
    dots=(0.0, -7.05),
    lines=4,
    letters=0.42,
    zoom=1.4,
)
LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {layout.name: layout for layout in (WIDE, CLASSIC, SQUARE, TALL)}
)


def with_header(layout: Layout, needle: float | None, status: float | None = None) -> Layout:
    """Give the layout with a header of these widths: of a needle, if there is one, and the status.

    The needle stands at the right of the status, and the strip gives way to both. Where the status
    has a row of its own, it alone gives way. Without a width the status is as wide as it was.
    """
    strip, box = layout.bare or (layout.strip, layout.status)
    layout = replace(layout, strip=strip, status=box, bare=(strip, box), needle=None)
    room, right, there = box.width if status is None else status, box.right, None
    if needle is not None:
        high = HEIGHT * layout.least
        clear = max(box.center[1], layout.stage.top + CLEAR + high / 2)
        middle = min(clear, layout.frame.top - EDGE - high / 2)
        low = box.bottom if layout.in_row else middle - high / 2
        there = Box(right - needle, right, low, low + high)
        right = there.left - GAP
    if layout.in_row:
        return replace(layout, status=replace(box, right=right), needle=there)
    beside = replace(strip, right=right - room - (box.left - strip.right))
    level = box if there is None else there
    narrowed = Box(right - room, right, level.bottom, level.top)
    return replace(layout, strip=beside, status=narrowed, needle=there)


def with_lens(layout: Layout, more: float) -> Layout:
    """Give the layout with a lens that is so much higher, under the stage, which gives way."""
    lens, stage = layout.lens, layout.stage
    return replace(
        layout,
        lens=replace(lens, top=lens.top + more),
        stage=replace(stage, bottom=stage.bottom + more),
    )


def without_caption(layout: Layout) -> Layout:
    """Give the layout whose stage and lens take the room of the caption as well."""
    more = layout.lens.bottom - layout.caption.bottom
    lens, stage = layout.lens, layout.stage
    caption = replace(layout.caption, top=layout.caption.bottom)
    if layout.beside:
        return replace(
            layout,
            caption=caption,
            lens=replace(lens, bottom=lens.bottom - more),
            stage=replace(stage, bottom=stage.bottom - more),
        )
    half = more / 2
    return replace(
        layout,
        caption=caption,
        lens=replace(lens, bottom=lens.bottom - more, top=lens.top - half),
        stage=replace(stage, bottom=stage.bottom - half),
    )


def layout_named(aspect: str) -> Layout:
    """Give the layout of the frame with a shape: `16:9`, `4:3`, `1:1` or `9:16`.

    Raises:
        UsageError: there is none of this shape; it lists those that there are.
    """
    refuse_aspect(aspect)
    return LAYOUTS[aspect]
