"""Text from the fonts in the package: shaped by HarfBuzz, drawn as outlines, the same everywhere.

Nothing here asks the system for a font: a picture looks the same on every machine, small
text is not hinted, and a character that no font has is known before anything is rendered.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

import numpy as np
import uharfbuzz as hb
from manim import VMobject

from lstmviz.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Points = NDArray[np.float64]

Align = Literal["left", "center", "right"]
Weight = Literal["regular", "bold"]

_FACES = {
    "regular": ("NotoSansSC-Regular.otf", "NotoSans-Regular.ttf", "NotoSansMath-Regular.ttf"),
    "bold": ("NotoSansSC-Bold.otf", "NotoSansSC-Regular.otf", "NotoSans-Regular.ttf",
             "NotoSansMath-Regular.ttf"),
}  # fmt: skip
_QUOTES = frozenset("“”‘’…—·")
CAP_HEIGHT = 0.733  # of an em, for centring a line on its capitals and digits


class _Face:
    """One font file: which characters it has, and the outline of each of its glyphs."""

    def __init__(self, name: str) -> None:
        data = (files("lstmviz") / "fonts" / name).read_bytes()
        face = hb.Face(hb.Blob(data))
        self.font = hb.Font(face)
        self.em = face.upem
        self._glyphs: dict[int, Points] = {}

    def has(self, character: str) -> bool:
        return bool(self.font.get_nominal_glyph(ord(character)))

    def glyph(self, index: int) -> Points:
        """Give the outline of a glyph: cubic curves, (4 n, 3) points, in ems."""
        if index not in self._glyphs:
            pen = _Pen()
            self.font.draw_glyph(index, _DRAW, pen)
            points = np.array(pen.points, dtype=float).reshape(-1, 2) / self.em
            self._glyphs[index] = np.column_stack([points, np.zeros(len(points))])
        return self._glyphs[index]


class _Pen:
    """Collects an outline as cubic curves, four points each."""

    def __init__(self) -> None:
        self.points: list[tuple[float, float]] = []
        self.at = self.start = (0.0, 0.0)

    def move(self, x: float, y: float) -> None:
        self.at = self.start = (x, y)

    def line(self, x: float, y: float) -> None:
        (x0, y0), end = self.at, (x, y)
        thirds = [(x0 + (x - x0) * k / 3, y0 + (y - y0) * k / 3) for k in (1, 2)]
        self.points += [self.at, *thirds, end]
        self.at = end

    def quadratic(self, cx: float, cy: float, x: float, y: float) -> None:
        (x0, y0), end = self.at, (x, y)
        first = (x0 + 2 * (cx - x0) / 3, y0 + 2 * (cy - y0) / 3)
        second = (x + 2 * (cx - x) / 3, y + 2 * (cy - y) / 3)
        self.points += [self.at, first, second, end]
        self.at = end

    def cubic(self, x1: float, y1: float, x2: float, y2: float, x: float, y: float) -> None:
        self.points += [self.at, (x1, y1), (x2, y2), (x, y)]
        self.at = (x, y)

    def close(self) -> None:
        if self.at != self.start:
            self.line(*self.start)


def _draw_functions() -> hb.DrawFuncs:
    functions = hb.DrawFuncs()
    functions.set_move_to_func(lambda x, y, pen: pen.move(x, y))
    functions.set_line_to_func(lambda x, y, pen: pen.line(x, y))
    functions.set_quadratic_to_func(lambda a, b, x, y, pen: pen.quadratic(a, b, x, y))
    functions.set_cubic_to_func(lambda a, b, c, d, x, y, pen: pen.cubic(a, b, c, d, x, y))
    functions.set_close_path_func(lambda pen: pen.close())
    return functions


_DRAW = _draw_functions()


@cache
def _face(name: str) -> _Face:
    return _Face(name)


def _face_for(character: str, weight: Weight, *, chinese: bool = True) -> str | None:
    faces = _FACES[weight]
    if character in _QUOTES and not chinese:  # the Chinese font sets them as wide as a word
        faces = ("NotoSans-Regular.ttf", *faces)
    return next((name for name in faces if _face(name).has(character)), None)


def require_glyphs(texts: Iterable[str]) -> None:
    """Refuse text with a character that no font in the package has, naming the character."""
    for text in texts:
        for character in text:
            if not character.isspace() and _face_for(character, "regular") is None:
                raise UsageError(
                    f"No font in lstmviz has the character {character!r} "
                    f"(U+{ord(character):04X}) of {text!r}; "
                    "write it in another way, for example in Latin letters."
                )


@dataclass(frozen=True)
class _Line:
    points: Points  # (4 n, 3), in ems, baseline at 0, starting at 0
    advance: float  # in ems


@cache
def _shape(text: str, weight: Weight) -> _Line:
    """Set one line of text; runs of characters that share a font are shaped together."""
    pieces: list[Points] = []
    chinese = any(ord(character) >= 0x2E80 for character in text)
    x = 0.0
    run = ""
    run_face: str | None = None
    for character in [*text, None]:
        face = None if character is None else (
            run_face
            if character.isspace() and run_face
            else _face_for(character, weight, chinese=chinese)
        )
        if run and run_face and (character is None or face != run_face):
            buffer = hb.Buffer()
            buffer.add_str(run)
            buffer.guess_segment_properties()
            source = _face(run_face)
            hb.shape(source.font, buffer)
            for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
                shift = (x + position.x_offset / source.em, position.y_offset / source.em, 0)
                pieces.append(source.glyph(info.codepoint) + shift)
                x += position.x_advance / source.em
            run = ""
        if character is not None:
            if face is None:
                require_glyphs([text])
                face = _FACES[weight][0]
            run, run_face = run + character, face
    points = np.concatenate(pieces) if pieces else np.zeros((0, 3))
    points.setflags(write=False)
    return _Line(points, x)


def text_width(text: str, size: float, weight: Weight = "regular") -> float:
    """Give the width of a line of text in scene units, `size` being its em."""
    return _shape(text, weight).advance * size


class Words(VMobject):
    """A line of text, as one shape; its place is that of its baseline, not of its ink.

    `size` is the em in scene units (a 1080p frame has 135 pixels a unit). The line is
    centred on the height of its capitals at `at`, so that lines and chips side by side
    stand on one baseline whatever letters they hold.
    """

    def __init__(
        self,
        text: str,
        *,
        size: float = 0.3,
        color: str = "#FFFFFF",
        at: tuple[float, float] = (0.0, 0.0),
        align: Align = "center",
        weight: Weight = "regular",
    ) -> None:
        super().__init__(fill_color=color, fill_opacity=1, stroke_width=0)
        self.text = text
        self.size = size
        line = _shape(text, weight)
        self.advance = line.advance * size
        left = {"left": 0.0, "center": -0.5, "right": -1.0}[align] * self.advance
        self.points = line.points * size + np.array(
            [at[0] + left, at[1] - CAP_HEIGHT * size / 2, 0.0]
        )

    def init_points(self) -> None:
        """Leave the outline to the constructor (Manim calls this before it is known)."""


def wrap(text: str, size: float, width: float) -> list[str]:
    """Break a text into lines no wider than `width`, evenly filled, breaking CJK anywhere.

    Punctuation never begins a line.
    """
    pieces = _pieces(text)
    total = text_width(text, size)
    if total <= width:
        return [text]
    count = int(-(-total // width))
    for lines_wanted in range(count, count + 4):
        target = total / lines_wanted * 1.04
        lines = _fill(pieces, size, min(max(target, width * 0.4), width), width)
        if len(lines) <= lines_wanted:
            return lines
    return _fill(pieces, size, width, width)


_CLOSING = set("，。！？；：、）》”’」』…,.!?;:)%")


def _pieces(text: str) -> list[str]:
    """Split a text where a line may break; each piece keeps the space behind it."""
    pieces: list[str] = []
    for character in text:
        wide = ord(character) >= 0x2E80
        joins = pieces and not pieces[-1].endswith(" ") and (
            character in _CLOSING
            or character == " "
            or not (wide or ord(pieces[-1][-1]) >= 0x2E80)
        )
        if joins:
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _fill(pieces: list[str], size: float, target: float, limit: float) -> list[str]:
    lines = [""]
    for piece in pieces:
        now = text_width(lines[-1], size)
        then = text_width((lines[-1] + piece).rstrip(), size)
        if lines[-1] and (then > limit or (now < target < then and then - target > target - now)):
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]
