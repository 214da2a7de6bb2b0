"""Draws mobjects on a surface of Cairo's own, such as an SVG, by the code that draws the film.

Of Manim 0.22 this relies on `Camera.display_vectorized`, that it draws on any Cairo context, and
on `Camera.set_cairo_context_color`, that all colours pass through it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import cairo
from manim import Camera, Mobject, VMobject

from lstmviz.stage.manim.families import drawn_members
from lstmviz.stage.manim.reliance import Reliance, missing_method

if TYPE_CHECKING:
    from cairo import Context

_METHODS = {
    "display_vectorized": "vmobject ctx",
    "set_cairo_context_color": "ctx rgbas vmobject",
}


class VectorCamera(Camera):
    """Manim's camera for a surface of Cairo's own: its pictures have red and blue exchanged."""

    def set_cairo_context_color(self, ctx: Any, rgbas: Any, vmobject: VMobject) -> Self:
        """Exchange them once more."""
        super().set_cairo_context_color(ctx, rgbas[:, [2, 1, 0, 3]], vmobject)
        return self


def reliance() -> Reliance:
    """Look whether this Manim draws on a surface of Cairo's own."""
    otherwise = "a still can be written as .png, not as .svg and .pdf"
    return Reliance("stills as vectors", missing_method(Camera, _METHODS), otherwise)


def draw_vectors(
    mobjects: Sequence[Mobject], seen: Any, context: Context[Any], size: tuple[int, int]
) -> None:
    """Draw what a camera, `seen`, sees of mobjects, in a picture of a size in pixels."""
    wide, high = size[0] / seen.frame_width, size[1] / seen.frame_height
    left, top = size[0] / 2 - seen.frame_center[0] * wide, size[1] / 2 + seen.frame_center[1] * high
    context.set_matrix(cairo.Matrix(wide, 0, 0, -high, left, top))
    camera = VectorCamera()
    for mobject in drawn_members(mobjects):
        if isinstance(mobject, VMobject):
            camera.display_vectorized(mobject, context)
