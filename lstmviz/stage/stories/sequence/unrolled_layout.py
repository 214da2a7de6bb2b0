"""Where the cells and the states of an unrolled network stand, in one row or in two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstmviz.stage.mobjects.column import SMALL
from lstmviz.style.layout import WIDE

if TYPE_CHECKING:
    from lstmviz.style.layout import Layout

Point = tuple[float, float]
Way = tuple[Point, ...]

MOST = 4  # steps
SPACE = 3.1  # from one cell to the next
WIDTH = 1.3  # of a cell
NUMBER = (0.94, 0.42)  # of a box with a number
CHIPS = -1.76  # the height of the words
TIGHTEST = 0.75  # of the usual distances; otherwise there is a step less
AIR = 0.15  # between the wires at both ends and the edges of the stage
PITCH = 5.4  # from one row to the next one, at most
OUT = 0.86  # how far a wire reaches that comes from nowhere, or leaves
TURN = 0.42  # how far a wire goes beyond a row before it turns to the next one


class UnrolledPlaces:
    """The places of a few cells in a row, in a tall frame in two, a state between each two.

    They are fitted into a layout: `count` is how many steps there are, `across` how many of them
    stand side by side, and all is as far apart as there is room. `make_room` keeps what has been
    drawn so far in the middle.
    """

    def __init__(self, layout: Layout, steps: int, units: int, *, memory: bool) -> None:
        whole = layout.whole
        self.memory, self.units = memory, units
        self.count = min(MOST, steps)
        self.across = MOST // 2
        if whole.width > whole.height:
            roomy = whole.width > TIGHTEST * (MOST * SPACE + 2 * OUT)
            self.across = MOST if roomy else MOST - 1
            self.count = min(self.count, self.across)
        squeeze = min(1.0, (whole.width - 2 * AIR) / (self.across * SPACE + 2 * OUT))
        self.space, self.width, self.out = SPACE * squeeze, WIDTH * squeeze, OUT * squeeze
        level = 0.0 if memory else 0.55
        wide = layout.frame.width >= WIDE.frame.width
        self.high = 2.13 if wide else 2.15  # where the cell state is handed on, above the level
        self.drop = level - CHIPS  # and the words below it
        self.level = level + whole.center[1] - WIDE.whole.center[1]
        self.pitch = 0.0  # from a row to the next one
        if self.across < self.count:
            self.pitch = min(whole.height / 2, PITCH)
            self.drop -= 0.26
        room = 2.0 if memory else 2.5
        self.number = (NUMBER[0] * max(squeeze, 0.8), min(NUMBER[1], room / units))
        self.left = whole.center[0] - self.space / 2

    def cell(self, k: int) -> Point:
        """Where the k-th cell stands."""
        row, place = divmod(k, self.across)
        return (self.left + (place + 0.5) * self.space, self.level - row * self.pitch)

    def state(self, k: int) -> Point:
        """Where the k-th state stands, which the cell before it makes; the first one made none."""
        if k == 0:
            return (self.left, self.level)
        x, y = self.cell(k - 1)
        return (x + self.space / 2, y)

    def turns(self, k: int) -> bool:
        """Whether the k-th cell begins a row."""
        return k > 0 and k % self.across == 0

    def ways(self, k: int) -> list[Way]:
        """Give the ways from the states before the k-th cell on to it: of h, and of c."""
        x, level = self.state(k)
        starts = [x + self.number[0] / 2 + 0.08]
        heights = [0.0]
        if self.memory:
            starts.append(x + SMALL[0] / 2 + 0.06)
            heights.append(self.high)
        if k == self.count:
            return [
                ((start, level + y), (x + self.out, level + y))
                for start, y in zip(starts, heights, strict=True)
            ]
        cell, goal = self.cell(k)
        end = cell - self.width / 2
        if not self.turns(k):
            return [
                ((start, level + y), (end, level + y))
                for start, y in zip(starts, heights, strict=True)
            ]
        # Round the end of the row and back between the rows: h outside of c, so as not to cross it.
        turn, between = x + self.number[0] / 2 + TURN, self._between(goal)
        ways: list[Way] = []
        for start, y, side, rise in zip(
            starts, heights, ((0.0, -0.1), (0.16, 0.14)), (0.1, -0.1), strict=False
        ):
            right, left = turn + side[0], self.left + side[1]
            bus = between + (rise if self.memory else 0.0)
            ways.append(
                (
                    (start, level + y),
                    (right, level + y),
                    (right, bus),
                    (left, bus),
                    (left, goal + y),
                    (end, goal + y),
                )
            )
        return ways

    def _between(self, level: float) -> float:
        """The middle between the words of the row above a level and the symbols of its own."""
        words = level + self.pitch - self.drop - 0.25
        column = self.number[1] * self.units / 2 + 0.62
        symbols = level + (self.high + 0.9 if self.memory else column)
        return (words + symbols) / 2

    def entries(self) -> list[Way]:
        """Give the ways into the first cell from outside: of h, and of c."""
        way = ((self.left - self.out, self.level), (self.cell(0)[0] - self.width / 2, self.level))
        ways: list[Way] = [way]
        if self.memory:
            ways.append(tuple((x, y + self.high) for x, y in way))
        return ways

    def stubs(self, k: int) -> list[Way]:
        """Give the ways from the k-th cell to the states that it makes."""
        start, (state, level) = self.cell(k)[0] + self.width / 2, self.state(k + 1)
        ways: list[Way] = [((start, level), (state - self.number[0] / 2 - 0.08, level))]
        if self.memory:
            y = level + self.high
            ways.append(((start, y), (state - SMALL[0] / 2 - 0.06, y)))
        return ways

    def make_room(self, k: int) -> Point:
        """Move all places aside for the k-th cell, or up for a row below; say how far."""
        moved = (0.0, self.pitch / 2) if self.turns(k) else (-self.space / 2, 0.0)
        if k > self.across:
            moved = (0.0, 0.0)
        self.left, self.level = self.left + moved[0], self.level + moved[1]
        return moved
