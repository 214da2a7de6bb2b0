"""Asks whether a similar name was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


def nearest(name: str, known: Iterable[str]) -> str:
    """Ask whether the most similar name was meant; empty when none is similar."""
    close = difflib.get_close_matches(name, list(known), 1)
    return f" (did you mean '{close[0]}'?)" if close else ""
