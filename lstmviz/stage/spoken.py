"""Readings inside sentences: written as the pictures write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lstmviz.notation import MINUS, quantity, shown
from lstmviz.trace import Reading


class SpokenReading:
    """A reading inside a caption: `{f[0]}` is written as on screen, `{f[0]:.0%}` as a share."""

    def __init__(self, reading: Reading, cell: str, values: Mapping[str, Any]) -> None:
        self.reading = reading
        self.scale = quantity(reading.name, cell=cell).scale
        self.values = values

    def __getitem__(self, unit: int | str) -> SpokenNumber:
        index = int(self.values[unit]) if isinstance(unit, str) else unit
        return SpokenNumber(self.reading[index], self.scale)


class SpokenNumber(float):
    """A number that is written with a real minus sign, as the pictures write it."""

    def __new__(cls, value: float, scale: Any) -> SpokenNumber:
        """Keep the number with the scale that says how it is written."""
        number = super().__new__(cls, value)
        number.scale = scale
        return number

    scale: Any

    def __format__(self, form: str) -> str:
        if not form:
            return shown(float(self), self.scale)
        return float.__format__(self, form).replace("-", MINUS)


class Unit(int):
    """The index of a unit; people count units from 1."""

    def __format__(self, form: str) -> str:
        return int.__format__(self + 1, form)


def written_out(value: Any) -> Any:
    """Let a plain number be written as on screen; leave every other value as it is."""
    return SpokenNumber(value, "signed") if type(value) is float else value


def names_in(pattern: str) -> set[str]:
    """Name the fields of a sentence."""
    return set(re.findall(r"\{(\w+)", pattern))
