"""The visible texts and shapes of a scene at a moment, with their outlines, to be compared."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cairo
import numpy as np
from manim import (
    DecimalNumber,
    Group,
    MarkupText,
    Mobject,
    Paragraph,
    SingleStringMathTex,
    Text,
    Typst,
    VGroup,
    VMobject,
)

from lstmviz.stage.manim.families import drawn_members, family_members
from lstmviz.stage.text.formula import Formula
from lstmviz.stage.text.text import TextLine
from lstmviz.style.layout import INDEX, Box

if TYPE_CHECKING:
    from manim import Scene
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]
    Colours = NDArray[np.float64]
    RGBA = tuple[float, float, float, float]
    Snapshot = dict[int, tuple[NDArray[np.float64], tuple[RGBA, RGBA]]]

VISIBLE = 0.02  # a shape fainter than this is not there
OPAQUE = 0.95
_MANIM_TEXT = (Text, MarkupText, Paragraph, SingleStringMathTex, Typst, DecimalNumber)
_EM_OF_POINT = 1 / 72  # Manim sets 48 pt text two thirds of a unit high,
_EM_OF_MATHS_POINT = 1 / 96  # and formulas half a unit.


@dataclass(frozen=True, eq=False)
class Piece:
    """One outline as drawn; `order` is its place in the drawing, `owner` what it belongs to."""

    points: NDArray[np.float64]
    fill: RGBA
    stroke: RGBA
    width: float  # of the stroke, in scene units
    order: int
    owner: str
    shift: tuple[float, float] | None  # how far it moved in a move's first half; None: not at all
    turning: bool  # its colours are changing in this move
    box: Box
    key: int  # equal for pieces that look the same

    @property
    def opacity(self) -> float:
        """How much it hides at most."""
        return max(self.fill[3], self.stroke[3] if self.width > 0 else 0.0)


@dataclass(frozen=True, eq=False)
class VisibleText:
    """A text: its pieces, what it says, and its smallest em in scene units (None: not known).

    `quad` is the em of the full letters of a formula, None for other text.
    """

    text: str
    pieces: tuple[Piece, ...]
    em: float | None
    quad: float | None
    box: Box

    @property
    def first(self) -> int:
        """The place of its lowest piece in the drawing."""
        return min(piece.order for piece in self.pieces)

    @property
    def last(self) -> int:
        """The place of its topmost piece in the drawing."""
        return max(piece.order for piece in self.pieces)

    @property
    def opacity(self) -> float:
        """How much of it is there, at its faintest piece."""
        return min(piece.opacity for piece in self.pieces)

    @property
    def shift(self) -> tuple[float, float] | None:
        """How far it moved in a move's first half; None if it did not."""
        return self.pieces[0].shift


def is_text(mobject: Mobject) -> bool:
    """Tell whether a mobject is text: of this package, or one of Manim's own kinds."""
    return isinstance(mobject, (TextLine, Formula, *_MANIM_TEXT))


def survey(scene: Scene, before: Snapshot | None = None) -> tuple[list[VisibleText], list[Piece]]:
    """Find all that is visible in a scene: the texts, and the other shapes in drawing order.

    `before` is how things were when the current move began.
    """
    on_stage = [*scene.mobjects, *getattr(scene, "foreground_mobjects", ())]
    place = {id(member): k for k, member in enumerate(drawn_members(on_stage))}
    writings: list[VisibleText] = []
    shapes: list[Piece] = []
    seen: set[int] = set()
    for mobject, owner in _parts(on_stage, ""):
        if id(mobject) in seen:
            continue
        seen.add(id(mobject))
        family = mobject.family_members_with_points() if is_text(mobject) else [mobject]
        pieces = tuple(
            piece
            for member in family
            if isinstance(member, VMobject) and id(member) in place
            if (piece := _piece(member, place[id(member)], owner, before)).opacity > VISIBLE
        )
        if not pieces:
            continue
        if is_text(mobject):
            quad = mobject.em if isinstance(mobject, Formula) else None
            writings.append(VisibleText(_says(mobject), pieces, _em(mobject), quad, hull(pieces)))
        else:
            shapes += pieces
    return writings, sorted(shapes, key=lambda piece: piece.order)


def snapshot(scene: Scene) -> Snapshot:
    """Remember how everything looks, by the `id` of each mobject, for `survey`."""
    return {
        id(member): (member.points[:, :2].copy(), _paints(member))
        for member in family_members(scene.mobjects)
        if isinstance(member, VMobject) and len(member.points)
    }


def _parts(mobjects: Iterable[Mobject], owner: str) -> Iterator[tuple[Mobject, str]]:
    """Go down to texts and to shapes with points; `owner` names the nearest telling ancestor."""
    for mobject in mobjects:
        plain = type(mobject) in (VGroup, VMobject, Group, Mobject)
        name = owner if plain else type(mobject).__name__
        if is_text(mobject):
            yield mobject, owner
            continue
        if len(mobject.points):
            yield mobject, name if name == owner or not owner else f"{name} of {owner}"
        yield from _parts(mobject.submobjects, name)


def _piece(member: VMobject, order: int, owner: str, before: Snapshot | None) -> Piece:
    points = np.asarray(member.points[:, :2], dtype=float)
    fill, stroke = _paints(member)
    width = float(member.get_stroke_width()) / 100
    grow = width / 2 if stroke[3] > VISIBLE else 0.0
    low, high = points.min(axis=0) - grow, points.max(axis=0) + grow
    shift, turning = None, False
    if before is not None and (old := before.get(id(member))) is not None:
        turning = old[1] != (fill, stroke)
        if old[0].shape != points.shape or np.abs(old[0] - points).max() > 1e-6:
            moved = points.mean(axis=0) - old[0].mean(axis=0)
            shift = (round(float(moved[0]), 3), round(float(moved[1]), 3))
    key = hash((points.tobytes(), fill, stroke, width))
    box = Box(float(low[0]), float(high[0]), float(low[1]), float(high[1]))
    return Piece(points, fill, stroke, width, order, owner, shift, turning, box, key)


def _paints(member: VMobject) -> tuple[RGBA, RGBA]:
    fill, stroke = _rgba(member.get_fill_rgbas()), _rgba(member.get_stroke_rgbas())
    return fill, stroke if member.get_stroke_width() > 0 else (*stroke[:3], 0.0)


def _rgba(colours: Any) -> RGBA:
    flat = np.asarray(colours, dtype=float).reshape(-1, 4)
    return tuple(map(float, flat[0])) if len(flat) else (0.0, 0.0, 0.0, 0.0)  # type: ignore[return-value]


def _says(mobject: Mobject) -> str:
    if isinstance(mobject, DecimalNumber):
        return str(mobject.number)
    names = ("text", "source", "tex_string", "typst_code", "original_text")
    texts = (getattr(mobject, name, None) for name in names)
    return next((text for text in texts if isinstance(text, str)), type(mobject).__name__)


def _em(mobject: Mobject) -> float | None:
    """Give the em of the smallest letters, in scene units."""
    if isinstance(mobject, TextLine):
        return mobject.em
    if isinstance(mobject, Formula):
        return mobject.em * (INDEX if set("_^") & set(mobject.source) else 1.0)
    size = getattr(mobject, "font_size", None)
    if not isinstance(size, int | float):
        return None
    letters = isinstance(mobject, Text | MarkupText | Paragraph)
    return float(size) * (_EM_OF_POINT if letters else _EM_OF_MATHS_POINT)


def hull(pieces: Sequence[Piece]) -> Box:
    """Give the box around pieces."""
    return Box(
        min(piece.box.left for piece in pieces),
        max(piece.box.right for piece in pieces),
        min(piece.box.bottom for piece in pieces),
        max(piece.box.top for piece in pieces),
    )


def touches(a: Box, b: Box, margin: float = 0.0) -> bool:
    """Tell whether two boxes come closer than a margin."""
    return (
        a.left - margin < b.right
        and b.left - margin < a.right
        and a.bottom - margin < b.top
        and b.bottom - margin < a.top
    )


class Patch:
    """A piece of the frame drawn for measuring, `scale` pixels a scene unit."""

    def __init__(self, box: Box, scale: float) -> None:
        self.box, self.scale = box.inset(-2 / scale), scale
        self.width = max(math.ceil(self.box.width * scale), 1)
        self.height = max(math.ceil(self.box.height * scale), 1)

    def mask(
        self, pieces: Iterable[Piece], *, grow: float = 0.0, fill: bool = True, stroke: bool = True
    ) -> Mask:
        """Draw pieces, each as if opaque: true where they are. `grow` thickens them (units)."""
        surface, context = self._paper()
        context.set_source_rgba(1, 1, 1, 1)
        for piece in pieces:
            self._trace(context, piece)
            if fill and piece.fill[3] > VISIBLE:
                context.fill_preserve()
                if grow:
                    context.set_line_width(2 * grow)
                    context.stroke_preserve()
            if stroke and piece.stroke[3] > VISIBLE:
                context.set_line_width(piece.width + 2 * grow)
                context.stroke_preserve()
        return self._pixels(surface)[:, :, 3] > 127

    def colours(self, pieces: Iterable[Piece], ground: Sequence[float]) -> Colours:
        """Draw pieces in their colours on a ground: (height, width, 3), from 0 to 1."""
        surface, context = self._paper()
        context.set_source_rgb(*ground)
        context.paint()
        for piece in pieces:
            self._trace(context, piece)
            if piece.fill[3] > VISIBLE:
                context.set_source_rgba(*piece.fill)
                context.fill_preserve()
            if piece.stroke[3] > VISIBLE:
                context.set_source_rgba(*piece.stroke)
                context.set_line_width(piece.width)
                context.stroke_preserve()
        return self._pixels(surface)[:, :, 2::-1].astype(float) / 255

    def place(self, mask: Mask) -> tuple[float, float]:
        """Give the middle of the true pixels, in scene units."""
        rows, columns = np.nonzero(mask)
        x = self.box.left + (float(columns.mean()) + 0.5) / self.scale
        y = self.box.top - (float(rows.mean()) + 0.5) / self.scale
        return (round(x, 2), round(y, 2))

    def _paper(self) -> tuple[Any, Any]:
        surface = cairo.ImageSurface(cairo.FORMAT_ARGB32, self.width, self.height)
        context = cairo.Context(surface)
        context.scale(self.scale, -self.scale)
        context.translate(-self.box.left, -self.box.top)
        context.set_line_join(cairo.LINE_JOIN_ROUND)
        return surface, context

    def _trace(self, context: Any, piece: Piece) -> None:
        context.new_path()
        last = None
        for start, a, b, end in piece.points[: len(piece.points) // 4 * 4].reshape(-1, 4, 2):
            if last is None or abs(last[0] - start[0]) + abs(last[1] - start[1]) > 1e-5:
                context.new_sub_path()
                context.move_to(*start)
            context.curve_to(*a, *b, *end)
            last = end

    def _pixels(self, surface: Any) -> NDArray[np.uint8]:
        surface.flush()
        rows = np.frombuffer(surface.get_data(), dtype=np.uint8)
        return rows.reshape(self.height, surface.get_stride() // 4, 4)[:, : self.width].copy()
