"""Where a loop stands that a vector runs through, beside its chart or under it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lstmviz.style.layout import Box

if TYPE_CHECKING:
    from lstmviz.style.layout import Layout

BOX = (1.06, 0.5)  # of a value, at most
ROWS = 2.4  # the height of all of them, at most
LEAST = 2.95  # the height of a loop in which × 3 and tanh have room above each other


@dataclass(frozen=True)
class LoopPlaces:
    """The sides of a loop, the middle of what stands on them, and the chart.

    The column of the vector stands on the left side, what works on it on the right one. Where
    the lens would stand under the stage, the loop lies under the chart, its rule inside it.
    """

    left: float
    right: float
    low: float
    high: float
    middle: float
    chart: Box
    box: tuple[float, float]  # of a value
    rule: tuple[float, float]
    room: float  # the width that the rule may take


def loop_places(layout: Layout, count: int) -> LoopPlaces:
    """Find the places for a vector of a number of units."""
    whole, zoom = layout.whole, layout.zoom
    box = (BOX[0] * zoom, min(BOX[1], ROWS / count) * zoom)
    if layout.beside:
        left, right = whole.left + 1.15 * zoom, whole.left + 2.95 * zoom
        begin = whole.left + 4.25 * zoom
        return LoopPlaces(
            left=left,
            right=right,
            low=layout.caption.top + 1.05,
            high=whole.top - 0.4,
            middle=whole.center[1] + 0.1,
            chart=Box(begin, whole.right, whole.bottom, whole.top),
            box=box,
            rule=((left + right) / 2, layout.caption.top + 0.55),
            room=2 * (begin - (left + right) / 2),
        )
    low = whole.bottom + 0.1
    high = low + max(box[1] * count + zoom, LEAST * zoom)
    x, half = whole.center[0], 0.34 * whole.width
    return LoopPlaces(
        left=x - half,
        right=x + half,
        low=low,
        high=high,
        middle=(low + high) / 2,
        chart=Box(whole.left, whole.right, high + 0.3, whole.top),
        box=box,
        rule=(x, (low + high) / 2),
        room=2 * half - 1.9 * zoom,
    )
