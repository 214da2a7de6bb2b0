"""Which ticks of a long input are drawn: the first, the last ones, and how many are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

LEAST = 3  # the first, those left out, and the last


def slots(first: int, last: int, most: int, wanted: Iterable[int] = ()) -> list[range]:
    """Give places for the ticks from `first` to `last`, at most so many.

    Each is a range of ticks: of one that is drawn, or of several that are left out. The first and
    the last tick are drawn, then those that are `wanted`, then as many of the last ones as fit.

    >>> slots(0, 9, 4)
    [range(0, 1), range(1, 8), range(8, 9), range(9, 10)]
    >>> slots(0, 9, 5, wanted=[4])
    [range(0, 1), range(1, 4), range(4, 5), range(5, 9), range(9, 10)]
    """
    drawn = {first, last}
    for tick in (*wanted, *range(last - 1, first, -1)):
        if len(_runs({*drawn, tick})) <= max(most, LEAST):
            drawn.add(tick)
    return _runs(drawn)


def _runs(drawn: Collection[int]) -> list[range]:
    """Give the ranges of ticks that are drawn, and of those between; a single one is drawn, too."""
    found: list[range] = []
    for tick in sorted(drawn):
        if found and tick > found[-1].stop:
            found.append(range(found[-1].stop, tick))
        found.append(range(tick, tick + 1))
    return found
