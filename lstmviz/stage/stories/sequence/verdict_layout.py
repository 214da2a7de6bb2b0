"""Where the parts of the story of an answer stand, in each shape of the picture."""

from __future__ import annotations

from lstmviz.style.layout import Box, Layout

SHARE = 0.7  # of the width, for the sum, where the dial stands beside it
UNDER = 8.6, 0.34  # for the dial below the sum: ems, or a share of the height
AXIS, MOST = 8, 40  # words for which the axis of a line takes room, and a line at most
FLAT = 8.5  # a frame that is lower has no room for two lines one above the other


def table_box(layout: Layout) -> Box:
    """Give the room for the products and their bars: beside the answer, or above it."""
    whole = layout.whole
    if layout.beside:
        return Box(whole.left, whole.left + SHARE * whole.width, whole.bottom, whole.top)
    under = max(UNDER[0] * layout.least, UNDER[1] * whole.height)
    return Box(whole.left, whole.right, whole.bottom + under, whole.top)


def answer_box(layout: Layout) -> Box:
    """Give the room for the answer."""
    whole, table = layout.whole, table_box(layout)
    if layout.beside:
        return Box(table.right + 0.2, whole.right, whole.bottom, whole.top)
    return Box(whole.left + 0.8, whole.right - 0.8, whole.bottom, table.bottom)


def halves(layout: Layout, words: tuple[int, int]) -> tuple[Box, Box]:
    """Give the rooms for two lines over so many words: one above the other, or side by side."""
    whole = layout.whole
    if not layout.beside or layout.frame.height > FLAT:
        middle = whole.center[1]
        return (
            Box(whole.left, whole.right, middle + 0.1, whole.top),
            Box(whole.left, whole.right, whole.bottom, middle - 0.1),
        )
    first, second = (min(count + AXIS, MOST) for count in words)
    cut = whole.left + first / (first + second) * whole.width
    return (
        Box(whole.left, cut - 0.15, whole.bottom, whole.top),
        Box(cut + 0.15, whole.right, whole.bottom, whole.top),
    )
