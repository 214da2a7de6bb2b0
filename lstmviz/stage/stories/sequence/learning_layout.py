"""Where the chain of cells stands, the weight that they share, what it gathers, and the rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lstmviz.stage.mobjects.slots import slots

if TYPE_CHECKING:
    from lstmviz.style.layout import Layout

SPACE = 0.5  # from cell to cell
ENTRY = 0.45  # left of the first cell
CHIP, BELOW_CHIP = 0.5, 0.12  # a word, and what is between it and its cell
CELL, FALL, WEIGHT, AIR, PILE = 0.98, 0.62, 0.56, 0.2, 0.42  # heights, from the top down
WIDEST = 2.3  # from cell to cell at most
HIGHEST = 1.8  # times as high as in a wide frame, at most


@dataclass(frozen=True)
class LearningPlaces:
    """Places of all that learns, in scene units, from the top of the stage down.

    `most` is how many places the chain may have, `error` how wide the box of the error is, and
    `rule` how high the rule is. The ticks that are `wanted` are drawn, if there is room.
    """

    layout: Layout
    first: int  # the tick at the left end
    last: int
    most: int
    error: float
    rule: float
    wanted: tuple[int, ...] = ()

    @property
    def room(self) -> float:
        """What is left for cells, from left to right."""
        return self.layout.whole.width - ENTRY - SPACE - self.error

    @property
    def slots(self) -> list[range]:
        """The ticks of each place in the chain; of a place for several ticks, they are left out."""
        return slots(self.first, self.last, self.most, self.wanted)

    @property
    def pitch(self) -> float:
        """From cell to cell."""
        return min(self.room / len(self.slots), WIDEST * self.layout.zoom)

    @property
    def cell(self) -> tuple[float, float]:
        """The size of a cell."""
        return self.pitch - SPACE, CELL * self.stretch

    @property
    def stretch(self) -> float:
        """How much higher than in a wide frame everything may be."""
        fixed = CHIP + BELOW_CHIP + self.rule
        free = self.layout.whole.height - fixed
        return max(min(free / (CELL + FALL + WEIGHT + PILE + 2 * AIR), HIGHEST), 0.8)

    @property
    def top(self) -> float:
        """The top of the words; all of it together stands in the middle."""
        whole, parts = self.layout.whole, CELL + FALL + WEIGHT + PILE + 2 * AIR
        height = CHIP + BELOW_CHIP + self.rule + self.stretch * parts
        return whole.center[1] + min(height, whole.height) / 2

    @property
    def left(self) -> float:
        """The left edge of the first cell."""
        width = len(self.slots) * self.pitch + self.error + ENTRY
        return self.layout.whole.center[0] - width / 2 + ENTRY

    def x(self, place: int) -> float:
        """The middle of a place in the chain; behind the last one, of the error."""
        if place == len(self.slots):
            return self.left + place * self.pitch + self.error / 2
        return self.left + place * self.pitch + self.cell[0] / 2

    @property
    def chips(self) -> float:
        """The level of the words."""
        return self.top - CHIP / 2

    @property
    def level(self) -> float:
        """The level of the cells."""
        return self.top - CHIP - BELOW_CHIP - self.cell[1] / 2

    @property
    def foot(self) -> float:
        """The lower edge of the cells."""
        return self.level - self.cell[1] / 2

    @property
    def weight(self) -> tuple[float, float]:
        """The upper and the lower edge of the weight."""
        top = self.foot - FALL * self.stretch
        return top, top - WEIGHT * self.stretch

    @property
    def pile(self) -> tuple[float, float]:
        """The level of what is gathered, and how high it is."""
        height = PILE * self.stretch
        return self.weight[1] - AIR * self.stretch - height / 2, height

    @property
    def below(self) -> float:
        """The top of the rule."""
        level, height = self.pile
        return level - height / 2 - AIR * self.stretch
