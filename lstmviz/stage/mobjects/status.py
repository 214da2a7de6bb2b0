"""The status in the header: which cell reads, where it is, whose weights it has, its answer."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from manim import FadeIn, FadeOut, VGroup

from lstmviz.stage.mobjects.input_strip import shortened
from lstmviz.stage.mobjects.lightable import Motion
from lstmviz.stage.text.text import TextLine, text_width, wrap

if TYPE_CHECKING:
    from lstmviz.stage.mobjects.needle import Needle
    from lstmviz.stage.text.text import Align
    from lstmviz.style.layout import Layout

LARGER = 1.3  # how much larger than the least the first line is, where it has room
LEADING = 1.22  # ems from one line to the next
MOST = 3  # lines
APART = 1.6  # ems between what stands left and right in one row
NARROW, WIDER = 11.1, 1.4  # ems of the status beside a needle, and how much wider it may get
BETWEEN = " · "  # the cell and the place in the input


class Status(VGroup):
    """The lines of the status, `words`, and beside them the `needle`, if there is one.

    No line is smaller than can be read, nor larger than the one above it: a name that is too long
    gives way to a line of its own, and what is still too long is cut with an ellipsis.
    """

    def __init__(
        self,
        line: str,
        title: str,
        layout: Layout,
        colors: tuple[str, str],
        needle: Needle | None = None,
    ) -> None:
        super().__init__()
        self.words = status_words(line, title, layout, colors)
        self.needle = needle
        self.add(self.words, *([] if needle is None else [needle]))

    def turn(self, words: VGroup, tick: int) -> list[Motion]:
        """Say something else, and let the needle go to the answer after another tick."""
        old, self.words = self.words, words
        self.remove(old)
        self.add(words)
        moved = [] if self.needle is None else self.needle.swing(tick)
        return [FadeOut(old), FadeIn(words), *moved]


def status_words(line: str, title: str, layout: Layout, colors: tuple[str, str]) -> VGroup:
    """Set the lines: in a row of their own from side to side, or one below the other.

    `colors` are those of the line and of the title.
    """
    box, least = layout.status, layout.least
    (left, right), y = (box.left, box.right), box.center[1]
    row = layout.in_row
    if row:
        size = LARGER * least
        if _in_one_row(line, title, layout):
            made = VGroup(TextLine(line, size=size, color=colors[0], at=(left, y), align="left"))
            if title:
                tone = colors[1]
                made.add(TextLine(title, size=least, color=tone, at=(right, y), align="right"))
            return made
    made = VGroup()
    lines = lines_of(line, title, least, box.width)
    size = least
    if len(lines) < MOST:
        fits = min(box.width / text_width(text, 1.0) for text, first in lines if first)
        size = max(min(LARGER * least, fits), least)
    sizes = [size if first else least for _, first in lines]
    steps = [LEADING * (a + b) / 2 for a, b in pairwise(sizes)]
    level = y + sum(steps) / 2
    align: Align = "left" if row else "right"
    for (text, first), em, step in zip(lines, sizes, [*steps, 0.0], strict=True):
        at = (left if row else right, level)
        made.add(TextLine(text, size=em, color=colors[not first], at=at, align=align))
        level -= step
    return made


def _in_one_row(line: str, title: str, layout: Layout) -> bool:
    least = layout.least
    wide = text_width(title, least) + APART * least if title else 0.0
    return text_width(line, LARGER * least) + wide <= layout.status.width


def lines_of(line: str, title: str, size: float, width: float) -> list[tuple[str, bool]]:
    """Break the status into lines, and say of each whether it is of the line, not of the title."""
    first = [line]
    if text_width(line, size) > width and BETWEEN in line:
        cell, _, place = line.rpartition(BETWEEN)
        first = [cell, place]
    room = MOST - len(first)
    rest = wrap(title, size, width) if title else []
    if len(rest) > room:
        rest = [title]
    return [
        (shortened(text, size, width + 1e-6), own)
        for texts, own in ((first, True), (rest, False))
        for text in texts
    ]


def is_whole(line: str, title: str, layout: Layout) -> bool:
    """Tell whether the status has room for all of it, and in a row for both side by side."""
    if layout.in_row:
        return _in_one_row(line, title, layout)
    lines = lines_of(line, title, layout.least, layout.status.width)
    return not any("…" in text for text, _ in lines)


def status_width(line: str, title: str, layout: Layout, *, beside: bool) -> float:
    """How wide the status must be so that nothing of it is cut, within bounds.

    `beside` says that it stands beside a needle; then it begins narrower.
    """
    em = layout.least
    _, box = layout.bare or (layout.strip, layout.status)
    least = min(NARROW * em, box.width) if beside else box.width
    width = least
    while width < WIDER * least and any(
        "…" in text for text, _ in lines_of(line, title, em, width)
    ):
        width += em / 2
    return width
