"""All that the painter relies on in Manim 0.22, in one place.

- Public: `Mobject.points`, `.submobjects`, `.z_index`, `.get_num_points()`, and the getters of
  a VMobject's colours, widths, joints and caps.
- The plain `Camera` (no subclass) draws with Cairo on an RGBA array seen as ARGB32, so red and
  blue are swapped; scene units become pixels by one matrix, made when the camera first draws.
- What is drawn: VMobjects, images and clouds of points, no other mobjects; the families of
  the given ones, each member once, at its last place, sorted by `z_index`.
- A VMobject's points are cubic curves of four points each. Where the end of one and the start
  of the next differ by more than a tolerance, a new subpath begins; a subpath whose ends meet
  is closed (`Camera.set_cairo_context_path`). It is filled, and then stroked.

A Manim that lacks one of these has its frames drawn by itself, see `reliance`. The tests
compare every frame of the painter's with Manim's own, bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cairo
import numpy as np
from manim import PMobject, VMobject
from manim.camera import camera as cameras
from manim.mobject.types.image_mobject import AbstractImageMobject

from lstmviz.stage.manim.families import family_members
from lstmviz.stage.manim.reliance import Reliance, missing_method

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from manim import Mobject

    Colour = tuple[float, float, float, float]  # blue, green, red, alpha: as Cairo is told

TOLERANCE = 1e-6  # scene units; Manim's default for points that count as one
RELATIVE = 1e-5  # and beside it a share of their coordinates

_METHODS = {
    "set_cairo_context_path": "ctx vmobject",
    "display_vectorized": "vmobject ctx",
    "apply_fill": "ctx vmobject",
    "apply_stroke": "ctx vmobject background",
    "get_cairo_context": "pixel_array",
    "transform_points_pre_display": "mobject points",
}
_GETTERS = (
    "get_fill_rgbas",
    "get_stroke_rgbas",
    "get_stroke_width",
    "get_background_image",
    "get_num_points",
)


class Unknown(Exception):
    """This is not for the painter: Manim must draw the frame itself."""


def known() -> bool:
    """Tell whether this Manim has all that the painter relies on."""
    return reliance().holds


def reliance() -> Reliance:
    """Look for what the painter relies on."""
    return Reliance(
        "the painting of what changes",
        _lacking(),
        "Manim draws every frame whole, which takes several times as long",
        slower=True,
    )


def _lacking() -> str | None:
    method = missing_method(cameras.Camera, _METHODS, exactly=True)
    if method is not None:
        return method
    for name in _GETTERS:
        if not hasattr(VMobject, name):
            return f"VMobject.{name}"
    for name in ("LINE_JOIN_MAP", "CAP_STYLE_MAP"):
        if not isinstance(getattr(cameras, name, None), dict):
            return f"camera.{name}"
    sample = VMobject()
    for name in ("joint_type", "cap_style", "tolerance_for_point_equality", "submobjects"):
        if not hasattr(sample, name):
            return f"VMobject.{name}"
    return None


@dataclass(frozen=True)
class View:
    """How the plain camera maps the scene to pixels, and how wide it draws lines."""

    width: int
    height: int
    frame: tuple[float, float, float, float]  # width, height, centre x, centre y
    line_width: float  # scene units for a stroke width of 1

    @property
    def scale(self) -> tuple[float, float]:
        """Pixels a scene unit, across and down."""
        return self.width / self.frame[0], self.height / self.frame[1]

    @property
    def origin(self) -> tuple[float, float]:
        """Where the scene's origin lies, in pixels from the top left."""
        (across, down), (_, _, x, y) = self.scale, self.frame
        return self.width / 2 - x * across, self.height / 2 + y * down

    @property
    def matrix(self) -> cairo.Matrix:
        """The camera's own matrix."""
        (across, down), (x, y) = self.scale, self.origin
        return cairo.Matrix(across, 0, 0, -down, x, y)


def view_of(camera: Any) -> View:
    """Read how a camera sees.

    Raises:
        Unknown: it is not the plain camera.
    """
    plain = (
        type(camera) is cameras.Camera
        and camera.use_z_index
        and camera.pixel_array.shape == (camera.pixel_height, camera.pixel_width, 4)
        and camera.pixel_array.dtype == np.uint8
    )
    if not plain:
        raise Unknown
    centre = camera.frame_center
    return View(
        camera.pixel_width,
        camera.pixel_height,
        (camera.frame_width, camera.frame_height, float(centre[0]), float(centre[1])),
        camera.cairo_line_width_multiple,
    )


class DrawingOrder:
    """What is drawn of some mobjects, and in which order.

    The families are walked only when the mobjects, or what they hold, have changed.
    """

    def __init__(self) -> None:
        self._given: list[Mobject] = []
        self._members: list[Mobject] = []
        self._held: dict[int, tuple[Mobject, list[Mobject]]] = {}
        self._drawn: list[Mobject] = []
        self._places: dict[int, tuple[bool, float]] = {}  # what decides whether and when

    def __call__(
        self, mobjects: Sequence[Mobject], movers: Mapping[int, Mobject] | None = None
    ) -> list[Mobject]:
        """List the members that are seen, from the lowest to the topmost.

        `movers` are all that may have changed since the last time, by their ids; or any may.

        Raises:
            Unknown: there are images or clouds of points among them.
        """
        given = list(mobjects)
        if given != self._given:
            self._walk(given)
        elif movers is not None and self._stays(movers):
            return self._drawn
        elif any(each.submobjects != held for each, held in self._held.values()):
            self._walk(given)
        drawn = [each for each in self._members if each.get_num_points() > 0 and _seen(each)]
        if any(each.z_index for each in drawn):
            drawn.sort(key=lambda each: each.z_index)
        self._drawn = drawn
        self._places = {number: _place(each) for number, (each, _) in self._held.items()}
        return drawn

    def _stays(self, movers: Mapping[int, Mobject]) -> bool:
        """Tell whether everything is drawn in its turn as it was."""
        for number in movers.keys() & self._held.keys():
            mobject, held = self._held[number]
            if mobject.submobjects != held or _place(mobject) != self._places.get(number):
                return False
        return True

    def _walk(self, given: list[Mobject]) -> None:
        self._given, self._members = given, family_members(given)
        self._held = {id(each): (each, list(each.submobjects)) for each in self._members}
        self._places = {}


@dataclass(frozen=True)
class Pen:
    """How a shape is filled and stroked; None where nothing is seen of it."""

    fill: Colour | None
    stroke: Colour | None
    width: float  # of the stroke, in scene units
    join: cairo.LineJoin
    cap: cairo.LineCap


def style_of(shape: Any) -> tuple[object, ...]:
    """Give what decides on the look of a mobject beside its points; equal for equal looks."""
    return (
        shape.get_fill_rgbas().tobytes(),
        shape.get_stroke_rgbas().tobytes(),
        shape.get_stroke_width(),
        shape.get_stroke_width(background=True),
        shape.joint_type,
        shape.cap_style,
        shape.get_background_image(),
    )


def pen_of(shape: VMobject, view: View) -> Pen:
    """Translate the style of a mobject for Cairo.

    Raises:
        Unknown: it has a gradient, a stroke behind the fill, or is coloured by an image.
    """
    fill, stroke = shape.get_fill_rgbas(), shape.get_stroke_rgbas()
    special = shape.get_stroke_width(background=True) > 0 or shape.get_background_image()
    if len(fill) != 1 or len(stroke) != 1 or special:
        raise Unknown
    width = shape.get_stroke_width()
    return Pen(
        _colour(fill[0]),
        _colour(stroke[0]) if width > 0 else None,
        width * view.line_width,
        cameras.LINE_JOIN_MAP[shape.joint_type],
        cameras.CAP_STYLE_MAP[shape.cap_style],
    )


def points_of(shape: VMobject) -> np.ndarray:
    """Copy the points of a mobject: whole cubic curves.

    Raises:
        Unknown: they are no whole curves, not finite, or compared in a way of their own.
    """
    points = shape.points
    usual = (
        len(points) % 4 == 0
        and points.dtype == np.float64
        and shape.tolerance_for_point_equality == TOLERANCE
        and np.isfinite(points).all()
    )
    if not usual:
        raise Unknown
    return points.copy()


def _place(mobject: Mobject) -> tuple[bool, float]:
    return mobject.get_num_points() > 0, mobject.z_index


def _seen(mobject: Mobject) -> bool:
    """Tell whether a mobject is drawn: others only carry values, such as a ValueTracker."""
    if isinstance(mobject, VMobject):
        return True
    if isinstance(mobject, PMobject | AbstractImageMobject):
        raise Unknown
    return False


def _colour(rgba: Any) -> Colour | None:
    red, green, blue, alpha = map(float, rgba)
    return (blue, green, red, alpha) if alpha > 0 else None
