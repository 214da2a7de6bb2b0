"""A logo in a corner of the picture, under everything else."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from manim import Mobject, SVGMobject

from lstmviz.style.svg import read_svg

if TYPE_CHECKING:
    from lstmviz.style.layout import Box
    from lstmviz.style.theme import Logo

_MARGIN = 0.1


def logo_mobject(logo: Logo, frame: Box) -> Mobject:
    """Draw a logo at its height in its corner of the frame, never wider than a fifth of it."""
    # Manim writes a changed copy beside the file, and remembers drawings by their paths.
    with TemporaryDirectory(prefix="lstmviz-") as folder:
        copy = Path(folder) / "logo.svg"
        copy.write_text(read_svg(logo.path), encoding="utf-8")
        drawn = SVGMobject(str(copy), height=logo.height, use_svg_cache=False)
    if drawn.width > frame.width / 5:
        drawn.width = frame.width / 5
    left = logo.corner.endswith("left")
    x = frame.left + _MARGIN + drawn.width / 2 if left else frame.right - _MARGIN - drawn.width / 2
    drawn.move_to((x, frame.bottom + _MARGIN + drawn.height / 2, 0))
    return drawn
