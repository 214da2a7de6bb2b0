"""Objects of JSON from files: each field is asked for by its name and kind.

`pydantic` was weighed: 11 MB, of them 6 MB compiled, for some twenty fields; and its errors are
lists for programmers, where a user is told a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lstmviz.errors import UsageError

MOST = 2**48  # above any number of ticks or units


class Fields:
    """An object of JSON that may hold anything; what is asked for is there, and of its kind.

    A default stands for a field that is missing.

    Raises:
        UsageError: it is no object, or a field is missing or of another kind.
    """

    def __init__(self, told: object, what: str) -> None:
        if not isinstance(told, Mapping):
            raise UsageError(f"{what} is no object of JSON")
        self._told, self._what = told, what

    def text(self, name: str, default: str | None = None) -> str:
        """A field that is a text, which can be written in UTF-8."""
        return self._text(name, self._field(name, default))

    def whole(self, name: str, default: int | None = None, *, least: int = 0) -> int:
        """A field that is a whole number, not below `least`."""
        value = self._field(name, default)
        if type(value) is not int or not least <= value <= MOST:
            raise UsageError(f"'{name}' is no whole number from {least} on")
        return value

    def flag(self, name: str) -> bool:
        """A field that is true or false."""
        value = self._field(name, None)
        if not isinstance(value, bool):
            raise UsageError(f"'{name}' is neither true nor false")
        return value

    def items(self, name: str, default: list[Any] | None = None) -> list[Any]:
        """A field that is a list, of whatever."""
        value = self._field(name, default)
        if not isinstance(value, list):
            raise UsageError(f"'{name}' is no list")
        return value

    def objects(self, name: str) -> list[Fields]:
        """A field that is a list of objects."""
        return [Fields(one, f"a part of '{name}'") for one in self.items(name)]

    def texts(self, name: str, default: list[Any] | None = None) -> tuple[str, ...]:
        """A field that is a list of texts."""
        return tuple(self._text(name, one) for one in self.items(name, default))

    def object(self, name: str) -> Fields:
        """A field that is an object."""
        return Fields(self._field(name, None), f"'{name}'")

    def named(self, name: str) -> dict[str, Any]:
        """A field that is an object, of whatever; empty when it is missing."""
        value = self._field(name, {})
        if not isinstance(value, dict):
            raise UsageError(f"'{name}' is no object of JSON")
        return {self._text(name, key): one for key, one in value.items()}

    def named_texts(self, name: str) -> dict[str, str]:
        """A field that is an object of texts; empty when it is missing."""
        return {key: self._text(name, one) for key, one in self.named(name).items()}

    def is_list(self, name: str) -> bool:
        """Whether a field is there that is a list."""
        return isinstance(self._told.get(name), list)

    def has(self, name: str) -> bool:
        """Whether a field is there, and is not null."""
        return self._told.get(name) is not None

    def _field(self, name: str, default: Any) -> Any:
        value = self._told.get(name, default)
        if value is None and name not in self._told:
            raise UsageError(f"'{name}' is missing")
        return value

    @staticmethod
    def _text(name: str, value: Any) -> str:
        if not isinstance(value, str):
            raise UsageError(f"'{name}' is no text")
        try:
            value.encode()
        except UnicodeEncodeError:  # half a character, which JSON can escape
            raise UsageError(f"'{name}' has half a character in it") from None
        return value
