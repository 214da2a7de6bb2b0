"""Themes of one's own: a TOML file with colours, fonts and a logo, checked when it is read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from lstmviz.errors import UsageError, brief
from lstmviz.style.theme import READABLE, THEMES, Logo, Theme, contrast
from lstmviz.system.texts import read_text, short, toml_of

_COLOURS = tuple(f.name for f in fields(Theme) if f.name not in ("name", "roles", "fonts", "logo"))
_WEIGHTS = ("regular", "bold", "mono")
_CORNERS = ("bottom-left", "bottom-right")
_LOWEST, _TALLEST = 0.05, 0.4  # scene units: more would touch the captions
_LARGEST_FONT = 64 << 20  # bytes; those with all Chinese characters have 20 MB
_SEEN = 3.0  # WCAG 2.2, contrast of what is not text


def template() -> str:
    """Give a theme file with every setting, explained, to start from."""
    return (files("lstmviz.style") / "theme.toml").read_text(encoding="utf-8")


def read_theme(path: str | Path) -> Theme:
    """Read a theme from a TOML file; what it does not say is that of its `base`.

    Raises:
        UsageError: the file cannot be read, a setting is unknown or wrong, or something could
            not be read on its ground.
    """
    place = Path(path)
    what = f"The theme {path}"
    theme = _theme(place, toml_of(read_text(place, what), what))
    faults = list(_unreadable(theme))
    if faults:
        raise UsageError(f"In the theme {path}, {'; '.join(faults)}. Choose colours further apart.")
    return theme


def _theme(place: Path, content: dict[str, Any]) -> Theme:
    named = content.pop("base", "dark")
    base = THEMES.get(named) if isinstance(named, str) else None
    if base is None:
        raise UsageError(f"In the theme {place}, base must be one of {', '.join(THEMES)}.")
    tables = {name: _table(place, content, name) for name in ("roles", "fonts", "logo")}
    _only(place, content, _COLOURS, "")
    _only(place, tables["roles"], tuple(base.roles), "roles")
    _only(place, tables["fonts"], _WEIGHTS, "fonts")
    colours = {name: _colour(place, name, value) for name, value in content.items()}
    roles = {name: _colour(place, f"roles.{name}", v) for name, v in tables["roles"].items()}
    return replace(
        base,
        name=place.stem,
        roles={**base.roles, **roles},
        fonts={weight: _font(place, weight, v) for weight, v in tables["fonts"].items()},
        logo=_logo(place, tables["logo"]) if tables["logo"] else None,
        **colours,
    )


def _table(place: Path, content: dict[str, Any], name: str) -> dict[str, Any]:
    table = content.pop(name, {})
    if not isinstance(table, dict):
        raise UsageError(f"In the theme {place}, {name} must be a table: [{name}].")
    return table


def _only(place: Path, found: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for name in found:
        if name not in known:
            part = f"[{where}]" if where else "A theme"
            raise UsageError(
                f"In the theme {place}, {short(name)} is unknown; {part} has: {', '.join(known)}."
            )


def _colour(place: Path, name: str, value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"#[0-9A-Fa-f]{6}", value):
        raise UsageError(f"In the theme {place}, {name} must be a colour like #1F2328.")
    return value.upper()


def _file(place: Path, name: str, value: object) -> Path:
    """A file named in the theme is looked for beside it."""
    if not isinstance(value, str):
        raise UsageError(f"In the theme {place}, {name} must be the path of a file.")
    found = place.parent / value
    if not os.path.isfile(found):  # False for what can be no name, too
        raise UsageError(f"The theme {place} names a file that is not there: {brief(str(found))}.")
    return found.resolve()


def _font(place: Path, weight: str, value: object) -> str:
    import uharfbuzz as hb

    found = _file(place, f"fonts.{weight}", value)
    if found.stat().st_size > _LARGEST_FONT:
        raise UsageError(f"{found} is too large for a font; check the path.")
    font = hb.Font(hb.Face(hb.Blob(found.read_bytes())))
    if not all(font.get_nominal_glyph(ord(character)) for character in "Ax0"):
        raise UsageError(f"{found} is no font with Latin letters and digits (.ttf or .otf).")
    return str(found)


def _logo(place: Path, table: Mapping[str, Any]) -> Logo:
    from lstmviz.style.svg import read_svg

    _only(place, table, ("file", "corner", "height"), "logo")
    path = _file(place, "logo.file", table.get("file"))
    if path.suffix.lower() != ".svg":
        raise UsageError(f"The logo {path} must be an .svg, which is sharp at every size.")
    read_svg(path)
    corner, height = table.get("corner", "bottom-right"), table.get("height", 0.35)
    if corner not in _CORNERS:
        raise UsageError(f"In the theme {place}, logo.corner is one of {', '.join(_CORNERS)}.")
    if not isinstance(height, int | float) or not _LOWEST <= height <= _TALLEST:
        raise UsageError(
            f"In the theme {place}, logo.height is a number from {_LOWEST} to {_TALLEST} "
            "(the picture has 8)."
        )
    return Logo(path, corner, float(height))


def _unreadable(theme: Theme) -> Iterator[str]:
    """Say what cannot be told from its ground."""
    for where in ("background", "panel"):
        ground = getattr(theme, where)
        checked = [(name, getattr(theme, name), READABLE) for name in ("ink", "faint")]
        checked += [(f"roles.{name}", colour, _SEEN) for name, colour in theme.roles.items()]
        for name, colour, least in checked:
            ratio = contrast(colour, ground)
            if ratio < least:
                yield (
                    f"{name} {colour} on {where} {ground} has a contrast of {ratio:.1f}:1, and "
                    f"needs {least:g}:1"
                )
    for low, high in (("closed", "open"), ("neutral", "positive"), ("neutral", "negative")):
        first, second = getattr(theme, low), getattr(theme, high)
        ratio = contrast(first, second)
        if ratio < 1.5:
            yield f"{low} {first} and {high} {second} can hardly be told apart ({ratio:.1f}:1)"
