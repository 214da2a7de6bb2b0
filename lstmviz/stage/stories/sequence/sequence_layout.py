"""Where the line of words and the cell before it stand: side by side, or in a tall frame below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstmviz.style.layout import Box

if TYPE_CHECKING:
    from lstmviz.style.layout import Layout

Point = tuple[float, float]

WIDTH, TALLEST = 0.98, 0.46  # of a box with a number, in a column
ROOM = 2.6  # the height for the boxes of a vector
AIR = 0.34  # between two that stand in line
CELL = 2.7  # the width of the cell
USUAL = 4.7  # the height of the room in a wide frame
DEEP = 3.3  # the height of the cell above a line that goes down
PITCH, SLAT = 1.24, 0.82  # from row to row in that line, and the height of its boxes
WIDEST = 1.25  # of these boxes
CHIPS, SYMBOLS = 2.5, 0.75  # the widths for the words left of the rows, and x_1, x_2, … right


class SequencePlaces:
    """The cell, and what waits before it as columns to the right, or as rows below it.

    Of one that waits, `chip`, `vector` and `symbol` say where its parts stand around its place in
    the line, and `alone` where its word does before it has a vector. Places in the line are
    numbers, from `first` on; `at` gives the point, and `last` is where there is no more room.
    """

    def __init__(self, layout: Layout, units: int) -> None:
        self.room = box = layout.whole
        self.down = box.height > 1.15 * box.width
        if self.down:
            self._below(units)
        else:
            self._beside(units)

    def _beside(self, units: int) -> None:
        box = self.room
        grow = min(max(box.height / USUAL, 1.0), 1.6)
        top, middle = box.top - 0.1, box.center[1] - 0.03
        left, right = box.left + 0.15, box.left + 0.15 + CELL
        center = (left + right) / 2
        self.size = (WIDTH, min(TALLEST, ROOM / units) * grow)
        self.body = Box(left, right, box.bottom + 0.05, box.top - 0.05)
        self.name, self.note = (center, top - 0.35), (center, top - 0.8)
        self.state, self.state_symbol = (center + 0.22, middle), (left + 0.5, middle)
        self.arrow = ((right + 0.75, middle), (right + 0.04, middle))
        self.entering, self.inside = (right + 0.55, middle), (right - 0.1, middle)
        self.told = (center, box.bottom + 0.5)
        low = middle - self.size[1] * units / 2 - 0.35
        self.chip, self.vector, self.symbol = (0.0, top - 0.25), (0.0, middle), (0.0, low)
        self.alone = (0.0, middle)
        self.first, self.last = right + 1.0, box.right

    def _below(self, units: int) -> None:
        box = self.room
        floor = box.top - DEEP
        wide = min(WIDEST, (box.width - CHIPS - SYMBOLS - 0.3) / units)
        self.size = (wide, SLAT)
        x = box.left + CHIPS + 0.2 + (box.width - CHIPS - SYMBOLS - 0.3) / 2
        self.body = Box(box.left, box.right, floor, box.top)
        self.name, self.note = (x, box.top - 0.5), (x, box.top - 0.92)
        self.state = (x, box.top - DEEP / 2 - 0.08)
        self.state_symbol = (x - wide * units / 2 - 0.5, self.state[1])
        self.arrow = ((x, floor - 0.75), (x, floor - 0.04))
        self.entering, self.inside = (x, floor - 0.5), (x, floor + 0.1)
        self.told = (x, floor + 0.5)
        self.chip, self.vector = (box.left + CHIPS / 2, 0.0), (x, 0.0)
        self.symbol = (box.right - SYMBOLS / 2, 0.0)
        self.alone = (x, 0.0)
        self.first, self.last = -floor + 0.95, -box.bottom

    def widest(self, longest: float) -> float:
        """Give how wide a word in line may be."""
        return min(longest, CHIPS - 0.5) if self.down else longest

    def length(self, width: float) -> float:
        """Give how much of the line one with a word of this width takes."""
        return PITCH - AIR if self.down else max(width, WIDTH + 0.1)

    def at(self, place: float) -> Point:
        """Give the point of a place in the line."""
        return (0.0, -place) if self.down else (place, 0.0)
