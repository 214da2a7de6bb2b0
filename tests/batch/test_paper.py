"""What docs/batch.md says that many clips cost follows from what it says of one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "batch.md"
HOURS = {"s": 1 / 3600, "min": 1 / 60, "h": 1.0, "days": 24.0}


def rows() -> list[list[str]]:
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def number(text: str) -> float:
    found = re.search(r"[\d,]+(\.\d+)?", text)
    assert found, text
    return float(found[0].replace(",", ""))


@pytest.mark.parametrize("row", rows()[1:], ids=lambda row: str(row[0]))
def test_the_paper_adds_up(row: list[str]) -> None:
    head = rows()[0]
    clips, price = number(head[4]), number(head[-1])
    _, _, processor, size, hours, *times, files, cost = row
    assert number(hours) == pytest.approx(clips * number(processor) / 3600, abs=0.06)
    for title, time in zip(head[5:-2], times, strict=True):
        told = number(time) * HOURS[time.split()[1]]
        assert told == pytest.approx(number(hours) / number(title), rel=0.06), title
    assert number(files) == pytest.approx(clips * number(size) / 1000, abs=0.06)
    assert number(cost) == pytest.approx(number(hours) * price, abs=0.01)


def test_every_quality_is_in_it() -> None:
    from lstmviz.style.picture import QUALITIES

    assert [row[0] for row in rows()[1:]] == list(QUALITIES)
