"""Where the line of words stands, and below it the cell that goes along it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstmviz.style.layout import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lstmviz.style.layout import Layout

Point = tuple[float, float]

WIDTH, TALLEST = 0.98, 0.46  # of a box with a number, in a column
DENSE = 0.8  # the em of a number, as a share of its box, at most
FRAME = 0.12  # how much larger a frame is than its boxes
AIR = 0.3  # between two that stand in line
CHIP, UNDER = 0.5, 0.16  # the height of a word, and from there to its vector
SYMBOL, MORE = 0.42, 0.27  # the heights for x_1, x_2, …, and for what says that a vector goes on
ARROW = 0.3  # from there to the cell
HEAD, PAD = 0.46, 0.1  # in the cell: the symbols of the states, and the margin
BETWEEN, ASIDE = 1.1, 0.2  # the old and the new state, and between them and the name
LARGER = 1.35  # how much larger a state is than a vector, where it has room
SPREAD = 3.2  # from one word to the next where there are few, at most
ABOVE = 0.26  # how far the line reaches into the gap below the strip


class SequencePlaces:
    """The line of words with their vectors below them, and the cell below the word that it reads.

    All goes the way of the script: from the left, or if it is `leftward` from the right. `rows`
    are those of a vector, `cut` says that it goes on below them, `named` is the room for what
    they are called, and `called` the width of what stands in the cell beside its states.
    """

    def __init__(
        self,
        layout: Layout,
        rows: int,
        *,
        cut: bool = False,
        leftward: bool = False,
        named: float = 0.0,
        called: float = 0.0,
    ) -> None:
        self.room, self.zoom = layout.whole, layout.zoom
        self.sign = -1 if leftward else 1
        z, box = self.zoom, self.room
        self.cut = MORE * z if cut else 0.0
        free = box.height + ABOVE - _fixed(z) - 2 * self.cut
        between = (2 * PAD + ASIDE + BETWEEN + 0.3) * z
        larger = min(LARGER, max((box.width - called - between) / (2 * WIDTH * z), 1.0))
        row = min(TALLEST * z, free / (1 + larger) / rows)
        if DENSE * row < layout.least:
            larger, row = 1.0, min(TALLEST * z, free / 2 / rows)
        self.size = (WIDTH * z, row)
        self.state_size = (larger * WIDTH * z, larger * row)
        self.legible = DENSE * row >= layout.least
        tall, state_tall = row * rows + FRAME, larger * row * rows + FRAME
        high = (1 + larger) * row * rows + _fixed(z) + 2 * self.cut
        y = box.top + ABOVE - (box.height + ABOVE - high) / 2
        self.chip = y - CHIP / 2
        y -= CHIP + UNDER * z
        self.vector, y = y - tall / 2, y - tall
        self.more_x = y - self.cut / 2
        y -= self.cut
        self.symbol, y = y - SYMBOL * z / 2, y - SYMBOL * z
        self.drop = (y, y - ARROW * z)
        top = y - ARROW * z
        self.alone = (y + self.chip + CHIP / 2) / 2
        self.wide = called + 2 * self.state_size[0] + between
        low = top - (HEAD + 2 * PAD) * z - state_tall - self.cut
        self.body = Box(-self.wide / 2, self.wide / 2, low, top)
        self.state_symbol = top - (PAD + HEAD / 2) * z
        self.state = top - (PAD + HEAD) * z - state_tall / 2
        self.more_h = low + PAD * z + self.cut / 2
        begin = -self.wide / 2 + (PAD + 0.1) * z
        self.name = (self.sign * (begin + called / 2), (low + top) / 2)
        old = begin + called + ASIDE * z + self.state_size[0] / 2
        self.old = self.sign * old
        self.new = self.sign * (old + self.state_size[0] + BETWEEN * z)
        self.first, self.last = box.left, box.right - named

    def at(self, place: float) -> float:
        """Give the x of a place in the line, which is counted as if it went to the right."""
        return place if self.sign > 0 else self.room.left + self.room.right - place

    def below(self, x: float) -> float:
        """Give where the middle of the cell stands when it reads the word at x."""
        half = self.wide / 2
        return min(max(x, self.room.left + half), self.room.right - half)

    def spread(self, lengths: Sequence[float]) -> list[float]:
        """Give the middles of a line that is shorter than its room, spread over all of it."""
        whole = self.last - self.first
        free = (whole - sum(lengths)) / len(lengths)
        most = max(SPREAD * self.zoom - sum(lengths) / len(lengths), AIR)
        gap = min(free, most)
        edge = self.first + (whole - sum(lengths) - gap * (len(lengths) - 1)) / 2
        middles = []
        for length in lengths:
            middles.append(edge + length / 2)
            edge += length + gap
        return middles

    def length(self, width: float) -> float:
        """Give how much of the line a word of this width takes."""
        return max(width, self.size[0] + FRAME)


def _fixed(zoom: float) -> float:
    """Give the height of all but the boxes of two vectors."""
    return CHIP + 2 * FRAME + (UNDER + SYMBOL + ARROW + HEAD + 2 * PAD) * zoom


def most_rows(layout: Layout) -> int:
    """Say how many numbers of a vector can be read, one below the other."""
    free = layout.whole.height + ABOVE - _fixed(layout.zoom) - 2 * MORE * layout.zoom
    return max(min(layout.most_units, int(free / 2 / (layout.least / DENSE))), 1)
