"""A fan: lines from all rows of a column to all of another, as a matrix mixes them."""

from __future__ import annotations

from collections.abc import Sequence

from manim import Line, VGroup

THIN, THICK = 1.2, 2.2  # the width of a line, where there are many and where there are few
MANY = 36


class Fan(VGroup):
    """Lines from each height at the left to each height at the right.

    It stands between two columns of which the second is a matrix times the first: a row of its own
    leads to none of its numbers.
    """

    def __init__(
        self,
        left: float,
        right: float,
        begins: Sequence[float],
        ends: Sequence[float],
        color: str,
    ) -> None:
        super().__init__()
        width = THIN if len(begins) * len(ends) > MANY else THICK
        for begin in begins:
            for end in ends:
                line = Line((left, begin, 0), (right, end, 0))
                self.add(line.set_stroke(color, width=width))
