"""Finds names however they are typed, and asks whether a similar one was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def named(name: str, known: Iterable[str]) -> str | None:
    """Give the known name that was typed, in capitals or not; None where there is none.

    >>> named("LSTM", ["rnn", "lstm"])
    'lstm'
    """
    names = list(known)
    if name in names:
        return name
    alike = [each for each in names if each.casefold() == name.casefold()]
    return alike[0] if len(alike) == 1 else None


def nearest(name: str, known: Iterable[str]) -> str:
    """Ask whether the most similar name was meant; empty when none is similar."""
    names = list(known)
    folded = [each.casefold() for each in names]
    close = difflib.get_close_matches(name.casefold(), folded, 1)
    return f" (did you mean '{names[folded.index(close[0])]}'?)" if close else ""
