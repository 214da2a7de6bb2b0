"""The times of the ticks, of what a column of a table says."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Sequence

from lstmviz.errors import brief
from lstmviz.trace.times import fault_of, is_time, out_of_order, places_of, unclear_days

# In small letters: names of columns that have times, whatever stands there, and of those that
# count the rows if they do.
TIMES = frozenset(
    "t time times date dates datetime date_time date/time timestamp time_stamp year years ds "
    "zeit datum jahr fecha hora año tiempo 时间 日期 年份 年 timestamps".split()
)
INDEX = frozenset("index idx id row rows # level_0".split()) | {"", "unnamed: 0"}
COUNTS = INDEX | frozenset(
    "step steps tick ticks sample samples frame frames n no no. nr nr. "
    "count epoch obs observation week weeks month months day days hour hours minute minutes min "
    "second seconds sec s ms quarter 序号 步 月 日 月份 time_step "
    "monat monate mes meses mois woche wochen semana semanas tag tage día días stunde stunden "
    "hora horas minuto minutos segundo segundos sekunde sekunden schritt paso pasos "
    "周 星期 小时 分钟 秒 步数".split()
)
_SECONDS = re.compile(r"1\d{9}(?:\.\d+)?")  # since 1970, from 2001 to 2033
_MILLISECONDS = re.compile(r"1\d{12}")
_EXCEL = re.compile(r"[3-5]\d{4}(?:\.\d+)?")  # days since 1900, from 1982 to 2064
_DATES = frozenset("date dates datetime datum fecha 日期".split())
_COMPACT = re.compile(r"(?:19|20)\d{6}")  # 20240131


# Beside a column of times: those that number the rows, one by one.
NUMBERS = frozenset("no no. nr nr. num number obs observation sample samples 序号".split())


def time_axis(
    labels: Sequence[str], names: Sequence[str], *, numeric: bool, lines: Sequence[int]
) -> tuple[list[str], list[str]]:
    """The times as they are to be written, and what must be said: first that they are times.

    `names` are those of the columns they are from. Seconds and milliseconds since 1970 become
    dates in UTC, and so does 20240131.
    """
    name = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    if len(names) > 1:
        said = [f"{name} together are the time axis, not features"]
        name = "the time"
    else:
        said = [f"{name} is the time axis, not a feature"]
    if numeric:
        said[0] += "; name it in columns= if it is one"
    times, seconds = list(labels), None
    if numeric:
        if all(map(_SECONDS.fullmatch, times)):
            seconds = [float(one) for one in times]
        elif all(map(_MILLISECONDS.fullmatch, times)):
            seconds = [int(one) / 1000 for one in times]
        elif all(_COMPACT.fullmatch(one) and is_time(_dashed(one)) for one in times):
            times = [_dashed(one) for one in times]
            numeric = False
        elif name.strip().casefold() in _DATES and all(map(_EXCEL.fullmatch, times)):
            days = [datetime.timedelta(days=float(one)) for one in times]
            dates = [datetime.datetime(1899, 12, 30) + each for each in days]
            times = [one.isoformat(" ", "seconds") for one in dates]
            numeric = False
            said.append(f"the numbers of {name} are taken for days as Excel counts them")
    if seconds is not None:
        utc = [datetime.datetime.fromtimestamp(one, datetime.UTC) for one in seconds]
        times = [one.replace(tzinfo=None).isoformat(" ") for one in utc]
        numeric = False
        said.append(f"the numbers of {name} are taken for seconds since 1970 (UTC)")
    if all(one.endswith(" 00:00:00") for one in times):
        times = [one.removesuffix(" 00:00:00") for one in times]
    fault = _fault_of_numbers(times) if numeric else out_of_order(times)
    if fault is not None:
        place, how = fault
        what = "goes back" if how == "backwards" else "stands twice"
        told = f"{name} {what} in row {lines[place]} ({times[place]})"
        if how == "twice" and 2 * len({*times}) <= len(times):
            told += "; if several series stand below each other, give each a column of its own"
        said.append(told)
    if not numeric and (unclear := unclear_days(times)):
        said.append(f"{name}: {unclear}")
    odd = [place for place, one in enumerate(times) if not is_time(one)]
    if not numeric and 0 < len(odd) < len(times):
        more = f" (as in {len(odd) - 1} more)" if len(odd) > 1 else ""
        said.append(
            f"{name} in row {lines[odd[0]]} is {brief(times[odd[0]], 40)!r}, which is no time"
            f"{more}; it is read as a tick: leave it out of the table if it is a total or a remark"
        )
    return times, said


def places_in_time(times: Sequence[str]) -> list[float] | None:
    """Where the ticks lie in time, on one axis; None where that is not known, or times go back."""
    try:
        numbers = [float(one.replace(",", ".")) for one in times]
    except ValueError:
        return places_of(times)
    return numbers if fault_of(numbers) is None and all(map(math.isfinite, numbers)) else None


def _fault_of_numbers(times: Sequence[str]) -> tuple[int, str] | None:
    try:
        return fault_of([float(one.replace(",", ".")) for one in times])
    except ValueError:  # written in a way of its own
        return None


def _dashed(text: str) -> str:
    return f"{text[:4]}-{text[4:6]}-{text[6:]}"
