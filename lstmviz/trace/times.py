"""Dates and times as tables write them: recognised, brought into order, and written shorter.

`dateutil` was weighed: it takes nearly every text for a date ("a", "3 of 4"), and says not how
one is written, which is kept here.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

_LEAP = 2000  # a year for dates without one, in which each day is
LONGEST = 48  # letters of a date with its time

_DATE = r"""
    (?P<y>\d{4})(?P<s>[-/.])(?P<m>\d{1,2})(?:(?P=s)(?P<d>\d{1,2}))?
  | (?P<a>\d{1,2})(?P<t>[-/.])(?P<b>\d{1,2})(?:(?P=t)(?P<ab_y>\d{4}|\d{2}))?\.?
  | (?:(?P<n_d>\d{1,2})\.?[ -]?)?(?P<n_m>[^\W\d_]{3,9})\.?[ -]?
    (?:(?P<n_c>\d{1,2})(?:st|nd|rd|th)?,?[ ]|,[ ])?(?P<n_y>\d{4}|(?<=-)\d{2})
  | (?P<z_y>\d{4})年(?P<z_m>\d{1,2})月(?:(?P<z_d>\d{1,2})日)?
  | (?P<q_y>\d{4})[- ]?(?:Q|W|KW)(?P<q>\d{1,2})
  | Q(?P<p>[1-4])[-/ ]?(?P<p_y>\d{4})
"""
_TIME = r"""
    (?P<hour>\d{1,2}):(?P<minute>\d{2})(?P<below>:(?P<second>\d{2})(?P<part>[.,]\d{1,9})?)?
    (?P<half>[ ]?[AaPp]\.?[Mm]\.?)?(?P<zone>[ ]?(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?
"""
_WHOLE = re.compile(
    rf"(?:[^\W\d_]{{2,10}}\.?,?[ ])?(?P<date>{_DATE})(?:(?:[T_]|,?[ ]+)(?P<time>{_TIME}))?$",
    re.VERBOSE,
)
_ALONE = re.compile(rf"(?P<time>{_TIME})$", re.VERBOSE)
_MONTHS = (
    "jan ene ian,feb fév fev,mar mär mrz,apr abr avr,may mai,jun jui,jul,aug ago aoû,sep,"
    "oct okt out,nov,dec dez dic déc"
).split(",")
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}

Order = tuple[int | float, ...]
Match = re.Match[str]


def is_time(text: str) -> bool:
    """Whether a text is a date, a time of the day, or both."""
    return _found(text) is not None


def is_date_alone(text: str) -> bool:
    """Whether a text is a date without a time of the day."""
    found = _found(text)
    return found is not None and found.re is _WHOLE and found["time"] is None


def is_time_alone(text: str) -> bool:
    """Whether a text is a time of the day without a date."""
    found = _found(text)
    return found is not None and found.re is _ALONE


def out_of_order(labels: Sequence[str]) -> tuple[int, str] | None:
    """The first place, from 0, that does not come after the one before it, and why.

    Where days and months may stand either way round, that which is in order is meant. Labels
    that are no times are in any order.
    """
    readings = list(_readings(labels).values())
    if not readings or any(fault_of(orders) is None for orders in readings):
        return None
    return fault_of(readings[0])


def unclear_days(labels: Sequence[str]) -> str:
    """What is to be said of dates of which day and month may stand either way round, or both."""
    found = [_match(label) for label in labels]
    dates = [one for one in found if one is not None and one.re is _WHOLE and one["ab_y"]]
    dates = [one for one in dates if one["t"] != "."]  # 02.01.2024 has the day first
    if not dates or len(dates) < len(labels):
        return ""
    readings = _readings(labels)
    sample = next((one["date"] for one in dates if one["a"] != one["b"]), None)
    if not readings:
        first = next(one["date"] for one in dates if int(one["a"]) > 12)
        second = next((one["date"] for one in dates if int(one["b"]) > 12), first)
        return f"the day stands first in {first} and second in {second}; write all in one way"
    if len(readings) < 2 or sample is None:
        return ""
    rising = [way for way, orders in readings.items() if fault_of(orders) is None]
    which = "first" if _way_of(readings) else "second"
    why = ", as the dates go on then" if len(rising) == 1 else ""
    return f"in {sample} the day is taken to stand {which}{why}"


def places_of(labels: Sequence[str]) -> list[float] | None:
    """Where times lie on one axis, in days, or months where these are whole; None if unknown.

    They are known where all are dates, or hours, and go on.
    """
    readings = _readings(labels)
    if not readings:
        return None
    orders = readings[_way_of(readings)]
    if fault_of(orders) is not None or len({len(order) for order in orders}) > 1:
        return None
    if len(orders[0]) == 2:  # the time of a day
        return [minute / 1440 + second / 86400 for minute, second in orders]
    if any(one is not None and (one["q_y"] or one["p_y"]) for one in map(_match, labels)):
        return None
    if all(order[2] == 1 and order[3:] == (0, 0.0) for order in orders) and len(orders) > 2:
        return [float(12 * order[0] + order[1]) for order in orders]
    places = []
    for year, month, day, minute, second in orders:
        try:
            date = datetime.date(int(year) or _LEAP, int(month), int(day))
        except ValueError:  # 30 February
            return None
        places.append(date.toordinal() + minute / 1440 + second / 86400)
    return places


def _readings(labels: Sequence[str]) -> dict[bool, list[Order]]:
    """The times by whether the day stands first, which may be either; none where some are none."""
    found = [_match(label) for label in labels]
    known = [one for one in found if one is not None]
    if len(known) < len(found):
        return {}
    readings = {}
    for day_first in (True, False):
        orders = [_order(one, day_first) for one in known]
        if None not in orders:
            readings[day_first] = [order for order in orders if order is not None]
    return readings


def _way_of(readings: Mapping[bool, list[Order]]) -> bool:
    """The reading that is in order, or else the one with the day first, where it is possible."""
    return next(
        (way for way, orders in readings.items() if fault_of(orders) is None), next(iter(readings))
    )


def fault_of(values: Sequence[Order] | Sequence[float]) -> tuple[int, str] | None:
    """The first place of values that do not rise, and whether it is `backwards` or `twice`."""
    places = enumerate(pairwise(values), start=1)
    faults = [(k, "twice" if a == b else "backwards") for k, (a, b) in places if not a < b]  # type: ignore[operator]
    return next(
        (fault for fault in faults if fault[1] == "backwards"), faults[0] if faults else None
    )


def next_after(labels: Sequence[str], time: str) -> str | None:
    """The first of labels in order that comes after another time; None where nobody can say."""
    matches = [_match(label) for label in (*labels, time)]
    known = [one for one in matches if one is not None]
    for day_first in (True, False) if len(known) == len(matches) else ():
        orders = [order for one in known if (order := _order(one, day_first)) is not None]
        if len(orders) == len(known) and fault_of(orders[:-1]) is None:
            later = (
                label for label, order in zip(labels, orders, strict=False) if order > orders[-1]
            )
            return next(later, None)
    return None


def shortened(labels: Sequence[str]) -> list[str]:
    """The labels without what is the same in all of them: a year, a day, seconds, a zone.

    All are cut alike, and written as they were: `2024-01-02 10:00:00` may become `01-02` or
    `10:00`. Labels that are no times stay whole.
    """
    found = [_match(label) for label in labels]
    matches = [one for one in found if one is not None]
    if len(matches) < len(labels) or len(labels) < 2 or len({one.re for one in matches}) > 1:
        return list(labels)
    dated = matches[0].re is _WHOLE
    same = _same(matches)
    date, time = (dated and not same("date")), not same("time")
    if not date and not time:
        return list(labels)
    year = date and not all(same(name) for name in ("y", "ab_y", "n_y", "z_y", "q_y", "p_y"))
    seconds = not (same("below") and {one["below"] for one in matches} <= {None, ":00"})
    parts = [one["part"] or "" for one in matches]
    exact = any(part.strip(".,0") for part in parts)
    zone = not same("zone")
    return [
        " ".join(
            filter(
                None,
                [
                    _date(one, year=year) if date else "",
                    _time(one, seconds=seconds or exact, exact=exact, zone=zone) if time else "",
                ],
            )
        )
        for one in matches
    ]


def _match(text: str) -> Match | None:
    if len(text) > LONGEST or not any(letter.isdigit() for letter in text):
        return None
    return _WHOLE.match(text) or _ALONE.match(text)


def _found(text: str) -> Match | None:
    found = _match(text)
    return found if found is not None and any(_order(found, way) for way in (True, False)) else None


def _same(matches: Sequence[Match]) -> Callable[[str], bool]:
    def same(name: str) -> bool:
        return name not in matches[0].re.groupindex or len({one[name] for one in matches}) == 1

    return same


def _date(found: Match, *, year: bool) -> str:
    text = found["date"]
    if year:
        return text
    start = found.start("date")
    if found["y"]:
        return text[found.start("m") - start :] if found["d"] else text
    if found["ab_y"]:
        short = text[: found.end("b") - start]
        return short + "." if found["t"] == "." else short
    if found["n_y"]:
        return text[: found.start("n_y") - start].rstrip(" ,-")
    if found["z_y"]:
        return text[found.start("z_m") - start :]
    if found["q_y"]:
        return text[found.end("q_y") - start :].lstrip(" -")
    return text[:2] if found["p"] else text


def _time(found: Match, *, seconds: bool, exact: bool, zone: bool) -> str:
    text = f"{found['hour']}:{found['minute']}" if found["time"] else ""
    if seconds and found["second"]:
        text += f":{found['second']}" + ((found["part"] or "") if exact else "")
    return text + (found["half"] or "") + ((found["zone"] or "") if zone else "")


def _order(found: Match, day_first: bool) -> Order | None:
    """What can be compared of a date and a time; None where there is no such day or hour."""
    day: Order = ()
    if found.re is _WHOLE:
        told = _day(found, day_first)
        if told is None:
            return None
        day = told
    clock: Order = (0, 0.0)
    if found["time"] is not None:
        hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
        if found["half"]:
            if not 1 <= hour <= 12:
                return None
            hour = hour % 12 + (12 if found["half"].strip()[0] in "Pp" else 0)
        if hour > 24 or minute > 59 or second > 60:
            return None
        zone = found["zone"] or ""
        shift = re.fullmatch(r"([+-])(\d\d):?(\d\d)?", zone.strip())
        away = int(f"{shift[1]}{int(shift[2]) * 60 + int(shift[3] or 0)}") if shift else 0
        part = float("0." + found["part"][1:]) if found["part"] else 0.0
        # Minutes that a zone is ahead of UTC may lead below 0: they are compared, not written.
        clock = (hour * 60 + minute - away, second + part)
    return (*day, *clock)


def _day(found: Match, day_first: bool) -> Order | None:
    if found["q_y"] or found["p_y"]:
        number = int(found["q"] or found["p"])
        return (int(found["q_y"] or found["p_y"]), number, 0) if 1 <= number <= 53 else None
    if found["a"]:
        first, second = int(found["a"]), int(found["b"])
        day, month = (first, second) if day_first else (second, first)
        year = _year(found["ab_y"])
        if found["ab_y"] is None and (found["t"] != "." or not found["date"].endswith(".")):
            return None  # 3/4 and 1-2 are no dates; 02.01. is one
    elif found["n_m"]:
        name = _MONTH.get(found["n_m"][:3].lower())
        if name is None or (found["n_d"] and found["n_c"]):
            return None
        day, month, year = int(found["n_d"] or found["n_c"] or 1), name, _year(found["n_y"])
    else:
        year = int(found["y"] or found["z_y"])
        month, day = int(found["m"] or found["z_m"]), int(found["d"] or found["z_d"] or 1)
    return (year, month, day) if 1 <= month <= 12 and 1 <= day <= 31 else None


def _year(text: str | None) -> int:
    if text is None:
        return 0
    number = int(text)
    if len(text) > 2:
        return number
    return number + (2000 if number < 70 else 1900)
