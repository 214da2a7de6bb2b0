"""Readings inside sentences: written as the pictures write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lstmviz.style.bidi import beside
from lstmviz.style.notation import MINUS, Notation, quantity, shown
from lstmviz.trace.trace import At, Reading

_LONGEST = 80  # letters of a text within a sentence, which an endless word would burst


class SpokenReading:
    """A reading inside a caption: `{f[0]}` is written as on screen, `{f[0]:.0%}` as a share."""

    def __init__(self, reading: Reading, cell: Notation, values: Mapping[str, Any]) -> None:
        self.reading = reading
        self.scale = quantity(reading.name, cell=cell).scale
        self.values = values

    def __getitem__(self, unit: int | str) -> SpokenNumber:
        index = int(self.values[unit]) if isinstance(unit, str) else unit
        return SpokenNumber(self.reading[index], self.scale)

    def __format__(self, form: str) -> str:
        raise TypeError(f"a unit of it must be named, as in {{{self.reading.name}[0]}}")


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


class Spoken(Mapping[str, Any]):
    """What a sentence may name: the values that it is given, the readings of now, the rest.

    `left` says whether the sentence runs from right to left.
    """

    def __init__(
        self, now: At, given: Mapping[str, Any], rest: Mapping[str, Any], *, left: bool = False
    ) -> None:
        self._now, self._given, self._rest, self._left = now, given, rest, left

    def __getitem__(self, name: str) -> Any:
        if name in self._given:
            return self._written_out(self._given[name])
        if name in self._now:
            return SpokenReading(self._now[name], self._now.trace.notation, self._given)
        return self._written_out(self._rest[name])

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._rest, *self._given, *self._now.names)))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def _written_out(self, value: Any) -> Any:
        """Let a plain number be written as on screen, cut an endless text, and keep its order."""
        if type(value) is str:
            text = value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
            return beside(text, left=self._left)
        return SpokenNumber(value, "signed") if type(value) is float else value
