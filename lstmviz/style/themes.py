"""Themes by their names, or from files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstmviz.errors import UsageError

if TYPE_CHECKING:
    pass
from lstmviz.style.theme import THEMES, Theme


def theme_named(name: str) -> Theme:
    """Find a theme by its name, or read that of a .toml file.

    Raises:
        UsageError: there is none of that name; lists what there is. The file is not right.
    """
    if name.lower().endswith(".toml"):
        from lstmviz.style.theme_file import read_theme

        return read_theme(name)
    try:
        return THEMES[name]
    except KeyError:
        known = ", ".join(THEMES)
        raise UsageError(
            f"There is no theme {name!r}; choose one of: {known}, or give a TOML file."
        ) from None
