"""Themes: the colour of each role and each value on a dark and on a light background."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lstmviz.style.notation import Scale

RGB = tuple[float, float, float]
READABLE = 4.5  # WCAG 2.2, contrast of body text


def rgb(colour: str) -> RGB:
    """Split `#RRGGBB` into three numbers between 0 and 1."""
    return tuple(int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))  # type: ignore[return-value]


def mix(first: str, second: str, share: float) -> str:
    """Blend two colours: `share` 0 gives the first, 1 the second."""
    pairs = zip(rgb(first), rgb(second), strict=True)
    return "#" + "".join(f"{round(255 * (a + (b - a) * share)):02X}" for a, b in pairs)


def luminance(colour: str) -> float:
    """Give the relative luminance (WCAG 2.2), 0 for black and 1 for white."""
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Give the contrast ratio of two colours (WCAG 2.2), from 1 to 21."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@dataclass(frozen=True)
class Logo:
    """A picture (.svg) in a corner, `height` scene units high."""

    path: Path
    corner: str  # bottom-left or bottom-right
    height: float


@dataclass(frozen=True)
class Theme:
    """A set of colours that mean the same everywhere; all are `#RRGGBB`.

    A brand may bring its fonts (files by weight: regular, bold, mono) and a logo.
    """

    name: str
    background: str
    panel: str
    ink: str
    faint: str
    positive: str  # the end of the scale at +1
    negative: str  # the end of the scale at −1
    neutral: str  # its middle
    closed: str  # a gate value of 0
    open: str  # a gate value of 1
    roles: Mapping[str, str] = field(default_factory=dict)
    fonts: Mapping[str, str] = field(default_factory=dict)
    logo: Logo | None = None

    def __post_init__(self) -> None:
        for name in ("roles", "fonts"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def __reduce__(self) -> tuple[Any, ...]:
        values = [getattr(self, each.name) for each in fields(self)]
        return Theme, tuple(dict(v) if isinstance(v, MappingProxyType) else v for v in values)

    def __deepcopy__(self, memo: object) -> Theme:
        """A frozen value is its own copy; Manim copies what it animates."""
        return self

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that it is drawn with: fonts and a logo."""
        logo = (self.logo.path,) if self.logo else ()
        return (*map(Path, self.fonts.values()), *logo)

    def role(self, name: str) -> str:
        """Give the colour of a role such as `forget` or `c`; an unknown role is drawn in ink."""
        return self.roles.get(name, self.ink)

    def resting(self, colour: str, ground: str | None = None) -> str:
        """Give the colour of a line or a box that is not talked about: 30 % of it is left."""
        return mix(ground or self.background, colour, 0.3)

    def resting_text(self, colour: str, ground: str | None = None) -> str:
        """Give the faintest shade of a colour that can still be read on the ground."""
        ground = ground or self.panel
        for percent in range(30, 101, 5):
            shade = mix(ground, colour, percent / 100)
            if contrast(shade, ground) >= READABLE + 0.1:
                return shade
        return self.readable(colour, ground)

    def readable(self, colour: str, ground: str) -> str:
        """Move a colour towards ink until it can be read on the ground."""
        for percent in range(0, 101, 5):
            shade = mix(colour, self.ink, percent / 100)
            if contrast(shade, ground) >= READABLE:
                return shade
        return max("#000000", "#FFFFFF", key=lambda c: contrast(c, ground))

    def on(self, fill: str) -> str:
        """Give black or white, whichever is easier to read on a fill."""
        return max("#000000", "#FFFFFF", key=lambda c: contrast(c, fill))

    def value(self, value: float, scale: Scale) -> str:
        """Give the colour of a value; beyond its scale it stays at the end (and is marked)."""
        if scale == "gate":
            return mix(self.closed, self.open, min(max(value, 0.0), 1.0))
        end = self.positive if value >= 0 else self.negative
        return mix(self.neutral, end, min(abs(value), 1.0) ** 0.8)


DARK = Theme(
    name="dark",
    background="#0E1116",
    panel="#161B22",
    ink="#E6EDF3",
    faint="#8B949E",
    positive="#FF8A3D",
    negative="#3D7DFF",
    neutral="#30353D",
    closed="#08090B",
    open="#F4F7FA",
    roles={
        "x": "#57C785",
        "h": "#4AA8FF",
        "c": "#F2B134",
        "forget": "#FF6B6B",
        "input": "#36CFC9",
        "candidate": "#B78CFF",
        "output": "#FF9DD2",
    },
)

LIGHT = Theme(
    name="light",
    background="#FFFFFF",
    panel="#F6F8FA",
    ink="#1F2328",
    faint="#656D76",
    positive="#FF8A3D",
    negative="#3D7DFF",
    neutral="#EDEFF2",
    closed="#FFFFFF",
    open="#14181D",
    roles={
        "x": "#1A7F37",
        "h": "#0969DA",
        "c": "#B26A00",
        "forget": "#CF222E",
        "input": "#0E8A86",
        "candidate": "#7A45D6",
        "output": "#C0358A",
    },
)

THEMES: Mapping[str, Theme] = MappingProxyType({theme.name: theme for theme in (DARK, LIGHT)})
