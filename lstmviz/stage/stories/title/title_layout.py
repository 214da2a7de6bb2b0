"""Where the cells of the title card stand, in a frame of any shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lstmviz.stage.circuits.miniature import SCALE, SIZE, SYMBOLS
from lstmviz.style.layout import WIDE

if TYPE_CHECKING:
    from lstmviz.style.layout import Layout

Point = tuple[float, float]
APART = 4.66  # from one cell to the next, side by side
NAME = 0.5  # the em of a name
BOX, BETWEEN = (0.82, 0.38), 0.07  # a box with a number, and the gap to the next one
NARROWEST = 0.72  # of a box whose number can be read
NUMBERS = 4  # side by side, at most
SYMBOL, BARE = 0.6, 0.36  # the room before them for what they are, with an index and without


@dataclass(frozen=True)
class TitlePlace:
    """Where a cell, its name and its numbers stand, and how large they are.

    `size` 1 is that of a cell in the wide frame; in a `plain` one the indices of its symbols,
    which would be too small to read, are left out.
    """

    cell: Point
    size: float
    plain: bool
    name: Point
    em: float
    numbers: Point
    box: tuple[float, float]  # of a number


def title_places(layout: Layout, head: float) -> list[TitlePlace]:
    """Find a place for each of three cells below the title, the last line of which is at `head`.

    In a wide frame they stand side by side, what is written of each below it. In a square one
    the second and the third stand below the first, in a tall one they stand one below the
    other, what is written at their right.
    """
    frame = layout.frame
    if layout.beside:
        return _row(layout, head)
    return _rows(layout, head) if frame.height > frame.width else _pyramid(layout, head)


def _row(layout: Layout, head: float) -> list[TitlePlace]:
    share = layout.frame.width / WIDE.frame.width
    size = min(1.03 * share, 1.0)
    apart, y = APART * share, (head + layout.caption.top) / 2 + 0.4
    name, numbers = y - 1.2 * size - 0.55, y - 1.2 * size - 1.16
    box = (min(BOX[0], (apart - SYMBOL) / NUMBERS - BETWEEN), BOX[1])
    plain = _plain(layout, size)
    return [
        TitlePlace((x, y), size, plain, (x - 0.05, name), NAME, (x - 0.05, numbers), box)
        for x in (-apart, 0.0, apart)
    ]


def _rows(layout: Layout, head: float) -> list[TitlePlace]:
    frame, zoom, edge = layout.frame, layout.zoom, 0.3
    top = head - 0.5 * zoom
    pitch = (top - layout.caption.top) / 3
    size = min((pitch - 0.25) / SIZE[1], 0.52 * frame.width / SIZE[0])
    x = frame.left + edge + size * SIZE[0] / 2
    left, right = x + size * SIZE[0] / 2 + 0.2, frame.right - edge
    words = (left + right) / 2
    box = (min(BOX[0] * zoom, (right - left - SYMBOL) / NUMBERS - BETWEEN), BOX[1] * zoom)
    plain = _plain(layout, size)
    return [
        TitlePlace(
            (x, y), size, plain, (words, y + 0.36 * zoom), NAME * zoom, (words, y - 0.4 * zoom), box
        )
        for y in (top - (k + 0.5) * pitch for k in range(3))
    ]


def _pyramid(layout: Layout, head: float) -> list[TitlePlace]:
    frame, called, line = layout.frame, 0.98, 0.8  # the widths and the height of what is written
    top = head - 0.35
    pitch = (top - layout.caption.top) / 2
    size = min((pitch - line) / SIZE[1], (frame.width / 2 - 0.3) / SIZE[0])
    wide, high = size * SIZE[0], size * SIZE[1]
    box = (min(BOX[0], max((wide - called - BARE) / NUMBERS - BETWEEN, NARROWEST)), BOX[1])
    numbers = NUMBERS * (box[0] + BETWEEN)
    left = -max(wide, called + BARE + numbers) / 2  # of a cell's name, from its middle
    begin = left + called + BARE  # of the numbers
    plain = _plain(layout, size)
    aside = frame.width / 4
    return [
        TitlePlace(
            (x, y - high / 2),
            size,
            plain,
            (x + left + called / 2, y - high - 0.25),
            0.8 * NAME,
            (x + begin + numbers / 2, y - high - 0.25),
            box,
        )
        for x, y in ((0.0, top), (-aside, top - pitch), (aside, top - pitch))
    ]


def _plain(layout: Layout, size: float) -> bool:
    """Whether the indices of a cell's symbols would be too small to read."""
    return SYMBOLS * SCALE * size < layout.least_index
