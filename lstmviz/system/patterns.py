"""Sentences and names with {fields}: names and plain formats alone, so that text stays text.

Python's own formatting reaches attributes of what it is given, and writes as many letters as it
is told to. Here a field is `{name}` or `{name[key]}`, with `:.0%` or another plain format, or
`{name|word|words}`: one of the forms of a word, chosen by a number as a language does it.
"""

from __future__ import annotations

import operator
import re
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lstmviz.errors import UsageError
from lstmviz.system.texts import said

LONGEST = 500  # letters of a pattern; what is told on screen has a hundred or two
_NAME = re.compile(r"([\w-]+)(?:\[([\w-]+)\])?")
_FORMS = re.compile(r"([\w-]+)((?:\|[^|\[\]]*)+)")
_FORM = re.compile(r"(?:[^{}]?[<>=^])?[-+ ]?#?0?\d{0,2}[,_]?(?:\.\d{1,2})?[a-zA-Z%]?")


@dataclass(frozen=True)
class Field:
    """A place to fill: which value, which part of it if one is named, and how it is written.

    Where it has `choices`, the value is a number, and one of them is written instead.
    """

    name: str
    key: int | str | None
    form: str
    choices: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.choices:
            return f"{{{'|'.join((self.name, *self.choices))}}}"
        part = "" if self.key is None else f"[{self.key}]"
        return f"{{{self.name}{part}{':' * bool(self.form)}{self.form}}}"

    def written(self, value: Any) -> str:
        """Write a value.

        Raises:
            UsageError: it has no such part, or cannot be written so.
        """
        try:
            return format(value if self.key is None else value[self.key], self.form)
        except (KeyError, IndexError, TypeError, ValueError, OverflowError) as error:
            raise UsageError(
                f"{self} cannot be written ({error}); use another field or another format."
            ) from error

    def chosen(self, number: Any, form: Callable[[int], int]) -> str:
        """Write the choice for a number; a text of another language may have fewer.

        Raises:
            UsageError: it is no whole number.
        """
        try:
            return self.choices[min(form(abs(operator.index(number))), len(self.choices) - 1)]
        except TypeError:
            raise UsageError(f"{self} cannot be written: {self.name} is no whole number.") from None


def two_forms(number: int) -> int:
    """Choose between singular and plural as English does."""
    return int(number != 1)


def parsed(pattern: str) -> list[str | Field]:
    """Part a pattern into its text and its fields.

    Raises:
        UsageError: it is too long, its braces mean nothing, or a field is not plain.
    """
    if len(pattern) > LONGEST:
        raise UsageError(
            f"{said(pattern)} has {len(pattern):,} letters, more than {LONGEST:,}; shorten it."
        )
    try:
        return list(_pieces(pattern))
    except UsageError:
        raise
    except ValueError as error:
        raise UsageError(f"{said(pattern)} has braces that mean nothing: {error}.") from None


def filled(pattern: str, values: Mapping[str, Any], form: Callable[[int], int] = two_forms) -> str:
    """Fill a pattern; `form` says which form of a word stands with a number.

    Raises:
        UsageError: as `parsed`; a name is not known, or a value cannot be written so.
    """
    text = ""
    for piece in parsed(pattern):
        if isinstance(piece, Field) and piece.name not in values:
            known = ", ".join(f"{{{name}}}" for name in values) or "none"
            raise UsageError(f"{said(pattern)} has {piece}, but the fields here are: {known}.")
        if isinstance(piece, str):
            text += piece
        elif piece.choices:
            text += piece.chosen(values[piece.name], form)
        else:
            text += piece.written(values[piece.name])
    return text


def _pieces(pattern: str) -> Iterator[str | Field]:
    for text, name, form, conversion in string.Formatter().parse(pattern):
        if text:
            yield text
        if name is None:
            continue
        counted = _FORMS.fullmatch(name)
        if counted and not conversion and not form:
            yield Field(counted[1], None, "", tuple(counted[2][1:].split("|")))
            continue
        plain = _NAME.fullmatch(name)
        if plain is None or conversion or not _FORM.fullmatch(form or ""):
            raise UsageError(
                f"{said(pattern)} has a field that is not plain; write a name such as {{word}} or "
                "{f[0]}, with a format of up to 99 letters such as {f[0]:.0%} if you like."
            )
        key = plain[2]
        whole = key is not None and key.isascii() and key.isdigit()
        yield Field(plain[1], int(key[:9]) if whole else key, form or "")
