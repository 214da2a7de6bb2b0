"""Dates and times: which texts are some, in which order, and how short they can be written."""

from __future__ import annotations

import pytest

from lstmviz.trace.times import is_date_alone, is_time, is_time_alone, out_of_order, shortened

DATES = (
    "2024-01-02|2024/1/2|2024.01.02|2024-01|02.01.2024|2.1.24|02.01.|1/2/2024|02-01-2024|Jan 2024|"
    "2 Jan 2024|Jan 2, 2024|Jan. 2nd, 2024|02-Jan-24|2. März 2024|Mon, 2 Jan 2024|2024年1月2日|"
    "2024年1月|2024Q1|2024-W05|Q1 2024"
).split("|")
TIMES = "10:00|7:05:01|10:00:01.5|10:00 pm|12:30 A.M.|10:00Z|10:00:00+02:00".split("|")
BOTH = "2024-01-02T10:00|2024-01-02 10:00:00.123Z|1/2/2024 3:04 PM|2024-01-02 10:00 +0100".split(
    "|"
)
OTHERS = (
    "|0.5|2019|20240102|3/4|1-2|24/7|1.2.3|13/13/2024|2024-13-01|25:00|10:60|13:00 pm"
    "|foo 12|Marching|abc 2024|10.000.000|2024-01-02 foo|" + "1" * 60
).split("|")


def test_what_is_a_date_and_what_is_a_time() -> None:
    assert [text for text in DATES if not is_date_alone(text)] == []
    assert [text for text in TIMES if not is_time_alone(text)] == []
    assert [t for t in BOTH if not is_time(t) or is_date_alone(t) or is_time_alone(t)] == []
    assert [text for text in OTHERS if is_time(text)] == []


@pytest.mark.parametrize(
    ("labels", "short"),
    [
        ("2024-01-02|2024-01-03", "01-02|01-03"),
        ("2023-12-31|2024-01-01", "2023-12-31|2024-01-01"),
        ("2024-01|2024-02", "2024-01|2024-02"),
        ("02.01.2024|03.01.2024", "02.01.|03.01."),
        ("1/2/2024|1/3/2024", "1/2|1/3"),
        ("Jan 2, 2024|Feb 3, 2024", "Jan 2|Feb 3"),
        ("02-Jan-2024|03-Jan-2024", "02-Jan|03-Jan"),
        ("2024年1月2日|2024年1月3日", "1月2日|1月3日"),
        ("2024Q1|2024Q2", "Q1|Q2"),
        ("2024-01-02 10:00:00|2024-01-03 10:00:00", "01-02|01-03"),
        ("2024-01-02 10:00:00|2024-01-02 10:05:00", "10:00|10:05"),
        ("2024-01-02T10:00:00Z|2024-01-02T10:00:05Z", "10:00:00|10:00:05"),
        ("2024-01-02 10:00:00.0|2024-01-02 10:00:00.5", "10:00:00.0|10:00:00.5"),
        ("2024-01-02 23:00|2024-01-03 00:00", "01-02 23:00|01-03 00:00"),
        ("1/2/2024 9:00 AM|1/2/2024 9:30 AM", "9:00 AM|9:30 AM"),
        ("10:00|10:05", "10:00|10:05"),
        ("10:00|2024-01-02", "10:00|2024-01-02"),
        ("2019|2020", "2019|2020"),
        ("2024-01-02", "2024-01-02"),
        ("2024-01-02|2024-01-02", "2024-01-02|2024-01-02"),
    ],
)
def test_what_is_the_same_in_all_is_left_out(labels: str, short: str) -> None:
    assert shortened(labels.split("|")) == short.split("|")


@pytest.mark.parametrize(
    ("labels", "fault"),
    [
        ("2024-01-02|2024-01-03|2024-01-03|2024-01-01", (3, "backwards")),
        ("10:00|10:05|10:05", (2, "twice")),
        ("01/02/2024|02/01/2024", None),
        ("02/01/2024|01/02/2024", None),
        ("13/01/2024|12/01/2024", (1, "backwards")),
        ("11:00 AM|1:00 PM", None),
        ("2024-01-01 23:00|2024-01-02 00:00", None),
        ("Q1 2024|Q2 2024", None),
        ("b|a", None),
    ],
)
def test_the_order_of_times(labels: str, fault: tuple[int, str] | None) -> None:
    assert out_of_order(labels.split("|")) == fault
