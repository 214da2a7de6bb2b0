"""The notebook display of a reel: what shows it is registered from above.

A reel makes no files; what makes them registers here what a notebook is given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_BUNDLES: list[Callable[[Any], dict[str, str]]] = []


def shown_by(bundle: Callable[[Any], dict[str, str]]) -> None:
    """Let notebooks show reels by what a function gives: the film by media type."""
    _BUNDLES[:] = [bundle]


def bundle_of(reel: object) -> dict[str, str]:
    """Give a reel for a notebook, by media type; a line of text where nothing is registered."""
    for bundle in _BUNDLES:
        return bundle(reel)
    return {"text/plain": repr(reel)}
