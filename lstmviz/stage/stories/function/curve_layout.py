"""Where a curve stands, and the columns before and after it, in a frame of any shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lstmviz.style.layout import WIDE, Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lstmviz.style.layout import Layout

Point = tuple[float, float]
ROW, ROWS = 0.52, 3.3  # the height of a row, and of all of them, at most


@dataclass(frozen=True)
class Places:
    """The room for a curve, the middles of the columns before and after, the size of a box.

    In a wide frame the columns stand at both sides of the curve. Where the lens would stand
    under the stage, they stand side by side under the curve, which takes the whole width.
    """

    curve: Box
    before: Point
    after: Point
    box: tuple[float, float]
    under: bool  # whether the columns stand under the curve
    bars: Box  # the room for the bars that may take the place of the curve
    rows: tuple[float, ...]  # and their heights


def places(layout: Layout, count: int, *, note: bool) -> Places:
    """Find the places for a number of rows; a `note` may stand below the first column."""
    whole, zoom = layout.whole, layout.zoom
    row = min(ROW, ROWS / count)
    if layout.beside:
        share, row = whole.width / WIDE.whole.width, row * whole.height / WIDE.whole.height
        middle = whole.center[1] - 0.1
        curve = Box(
            whole.left + 2.6 * share, whole.right - 2.9 * share, whole.bottom + 0.3, whole.top - 0.1
        )
        return Places(
            curve=curve,
            before=(whole.left + 1.1, middle),
            after=(whole.right - 1.0, middle),
            box=(1.02 * zoom, row),
            under=False,
            bars=curve,
            rows=_rows(middle, row, count),
        )
    width, row = whole.width / 6, row * zoom
    low = whole.bottom + 0.2 + (0.3 * zoom if note else 0.0)
    high = low + row * count
    side = 0.3 * zoom  # what is written at the right of the curve, and as much at its left
    curve = Box(whole.left + side, whole.right - side, high + 1.2 * zoom, whole.top - 0.1)
    x, middle = whole.center[0], (low + high) / 2
    # Above the bars stands what they are of.
    middle_of_bars = curve.center[1] - 0.25 * zoom
    return Places(
        curve=curve,
        before=(x - width, middle),
        after=(x + width, middle),
        box=(width, row),
        under=True,
        bars=Box(curve.left + side, curve.right - side, curve.bottom, curve.top),
        rows=_rows(middle_of_bars, (curve.height - 0.9 * zoom) / count, count),
    )


def _rows(middle: float, pitch: float, count: int) -> tuple[float, ...]:
    """Give the heights of rows around a middle, the top one first."""
    return tuple(middle + pitch * ((count - 1) / 2 - k) for k in range(count))


def between(rows: Sequence[float], places: Places) -> list[Point]:
    """Give where a sign stands between the columns in each row, where they stand side by side."""
    x = (places.before[0] + places.after[0]) / 2
    return [(x, y) for y in rows] if places.under else []
