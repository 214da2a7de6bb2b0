"""Tokens as they are: a text that somebody has cut already."""

from __future__ import annotations

from typing import Any

import numpy as np

from lstmviz.errors import UsageError, brief


def ready_tokens(values: Any, where: str = "the input") -> list[str] | None:
    """The tokens of a list of strings; None where the values are something else.

    Raises:
        UsageError: some of them are strings, and others not.
    """
    if isinstance(values, np.ndarray) and values.dtype.kind in "UT":
        values = values.tolist()
    if not isinstance(values, list | tuple) or not any(isinstance(one, str) for one in values):
        return None
    for place, one in enumerate(values, start=1):
        if not isinstance(one, str) or one == "":
            what = "empty" if one == "" else f"{brief(repr(one), 60)}, which is no text"
            raise UsageError(f"Token {place} of {where} is {what}; give a text for each.")
        refuse_bytes(one)
    return list(values)


def refuse_bytes(text: str) -> None:
    """Refuse what stands in a text for bytes that are no characters.

    Raises:
        UsageError: there are such.
    """
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise UsageError(
            "The text has bytes that are no characters; save it as UTF-8 and try again."
        )
