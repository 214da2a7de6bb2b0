"""Times whose parts stand in columns of their own: a date and an hour, a year and a month."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_NAMES = {
    "year": "year years yr yyyy jahr año an année 年 年份",
    "month": "month mon mo mm monat mes mois 月 月份",
    "day": "day dd tag día dia jour 日",
    "hour": "hour hours hr hh stunde hora heure 时 小时",
    "minute": "minute minutes min mn minuto 分 分钟",
}
_PART = {name: part for part, names in _NAMES.items() for name in names.split()}
_CLOCK = frozenset("time hour hours hhmm zeit stunde hora heure 时间 时".split())  # also as 1830
_RANGES = {
    "year": range(1000, 3000),
    "month": range(1, 13),
    "day": range(1, 32),
    "hour": range(25),
    "minute": range(60),
    "clock": range(2401),
}

Numbers = Callable[[int], Sequence[float]]


@dataclass(frozen=True)
class Parts:
    """The columns, from 0, that make a time together, and what each of them is."""

    columns: tuple[int, ...]
    kinds: tuple[str, ...]  # "date", or a part of a time

    def label(self, cells: Sequence[str | float]) -> str | None:
        """The time of a row, as 2024-01-02 05:00; None where one of its parts cannot be.

        Dates are texts, other parts numbers.
        """
        date, found = "", dict[str, int]()
        for kind, cell in zip(self.kinds, cells, strict=True):
            if isinstance(cell, str):
                date = cell
            elif not _fit(kind, [cell]):
                return None
            else:
                found[kind] = int(cell)
        if "clock" in found:
            found["hour"], found["minute"] = divmod(found["clock"], 100)
            if found["minute"] > 59:
                return None
        date = date or "-".join(
            f"{found[part]:0{4 if part == 'year' else 2}}"
            for part in ("year", "month", "day")
            if part in found
        )
        clock = f" {found['hour']:02}:{found.get('minute', 0):02}" if "hour" in found else ""
        return f"{date}{clock}"


def parts_of(
    names: Sequence[str], free: Sequence[int], date: int | None, numbers: Numbers
) -> Parts | None:
    """The columns that make a time together, by their names and what stands at their head.

    `names` are in small letters, `free` are the columns that may be of a time; `date` is one
    of them that has dates without hours. `numbers` gives the first numbers of a column, none
    where something else stands there.
    """
    found: dict[str, int] = {}
    for k in free:
        kind = _PART.get(names[k])
        if kind is not None and kind not in found and _fit(kind, numbers(k)):
            found[kind] = k
    if date is not None:
        if "hour" not in found:
            clock = [k for k in free if names[k] in _CLOCK and _are_clock(numbers(k))]
            return Parts((date, clock[0]), ("date", "clock")) if clock else None
        told = [("date", date), *((p, found[p]) for p in ("hour", "minute") if p in found)]
    else:
        if "year" not in found or "month" not in found:
            return None
        order = ("year", "month", "day", "hour", "minute")
        told = [(part, found[part]) for part in order if part in found]
        if "day" not in found:
            told = told[:2]
        elif "hour" not in found:
            told = told[:3]
    return Parts(tuple(k for _, k in told), tuple(kind for kind, _ in told))


def _fit(kind: str, numbers: Sequence[float]) -> bool:
    whole = all(math.isfinite(n) and n == int(n) for n in numbers)
    return bool(numbers) and whole and all(int(n) in _RANGES[kind] for n in numbers)


def _are_clock(numbers: Sequence[float]) -> bool:
    """Whether they are as 1830; 0, 24, 48 may as well count hours."""
    return _fit("clock", numbers) and all(int(n) % 100 < 60 for n in numbers) and max(numbers) > 99
