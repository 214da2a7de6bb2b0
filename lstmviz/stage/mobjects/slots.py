"""Which ticks of a long input are drawn: the first, the last ones, and how many are left out."""

from __future__ import annotations

LEAST = 3  # the first, those left out, and the last


def slots(first: int, last: int, most: int) -> list[range]:
    """Give places for the ticks from `first` to `last`, at most so many.

    Each is a range of ticks: of one that is drawn, or of several that are left out.

    >>> slots(0, 9, 4)
    [range(0, 1), range(1, 8), range(8, 9), range(9, 10)]
    """
    most = max(most, LEAST)
    if last - first < most:
        return [range(tick, tick + 1) for tick in range(first, last + 1)]
    end = last - (most - 2) + 1
    drawn = [range(tick, tick + 1) for tick in range(end, last + 1)]
    return [range(first, first + 1), range(first + 1, end), *drawn]
