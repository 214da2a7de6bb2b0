"""A logo in a corner of the picture, under everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manim import Mobject

from lstmviz.stage.manim.svg_drawing import svg_drawing
from lstmviz.style.svg import read_svg

if TYPE_CHECKING:
    from lstmviz.style.layout import Box
    from lstmviz.style.theme import Logo

_MARGIN = 0.1


def logo_mobject(logo: Logo, frame: Box) -> Mobject:
    """Draw a logo at its height in its corner of the frame, never wider than a fifth of it."""
    drawn = svg_drawing(read_svg(logo.path), logo.height)
    if drawn.width > frame.width / 5:
        drawn.width = frame.width / 5
    left = logo.corner.endswith("left")
    x = frame.left + _MARGIN + drawn.width / 2 if left else frame.right - _MARGIN - drawn.width / 2
    drawn.move_to((x, frame.bottom + _MARGIN + drawn.height / 2, 0))
    return drawn
