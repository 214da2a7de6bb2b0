"""Shapes of an SVG, which Manim reads from files."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from manim import SVGMobject


def svg_drawing(text: str, height: float) -> SVGMobject:
    """Draw the text of an SVG, so many scene units high.

    Manim writes a changed copy beside the file, and remembers drawings by their paths.
    """
    with TemporaryDirectory(prefix="lstmviz-") as folder:
        path = Path(folder) / "drawing.svg"
        path.write_text(text, encoding="utf-8")
        return SVGMobject(str(path), height=height, use_svg_cache=False)
