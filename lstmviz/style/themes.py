"""Themes by their names, or from files."""

from __future__ import annotations

from lstmviz.errors import UsageError
from lstmviz.style.theme import THEMES, Theme
from lstmviz.system.suggest import named, nearest


def theme_named(name: str) -> Theme:
    """Find a theme by its name, or read that of a .toml file.

    Raises:
        UsageError: there is none of that name; lists what there is. The file is not right.
    """
    if name.lower().endswith(".toml"):
        from lstmviz.style.theme_file import read_theme

        return read_theme(name)
    known = named(name, THEMES)
    if known is None:
        raise UsageError(
            f"There is no theme {name!r}{nearest(name, THEMES)}; choose one of: "
            f"{', '.join(THEMES)}, or give a TOML file."
        )
    return THEMES[known]
