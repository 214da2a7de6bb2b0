"""Text from the fonts in the package: shaped by HarfBuzz, drawn as outlines, the same everywhere.

Nothing here asks the system for a font: a picture looks the same on every machine, small
text is not hinted, and a character that no font has is known before anything is rendered.
"""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import numpy as np
import uharfbuzz as hb
from manim import VMobject

from lstmviz.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    Points = NDArray[np.float64]

Align = Literal["left", "center", "right"]
Weight = Literal["regular", "bold", "mono"]

_BLANKS = "NotoSansSymbols2-Regular.ttf"  # which has ␣ and ⏎
_FACES = {
    "regular": (
        "NotoSansSC-Regular.otf",
        "NotoSans-Regular.ttf",
        "NotoSansMath-Regular.ttf",
        _BLANKS,
    ),
    "bold": (
        "NotoSansSC-Bold.otf",
        "NotoSansSC-Regular.otf",
        "NotoSans-Regular.ttf",
        "NotoSansMath-Regular.ttf",
        _BLANKS,
    ),
    "mono": ("NotoSansMono-Regular.ttf", "NotoSansMath-Regular.ttf", "NotoSansSC-Regular.otf"),
}
# The font files of a brand, by weight, in front of those of the package while it is drawn.
_BRAND: ContextVar[Mapping[str, str]] = ContextVar("brand", default=MappingProxyType({}))
_QUOTES = frozenset("“”‘’…—·")
CAP_HEIGHT = 0.733  # of an em, for centring a line on its capitals and digits


class _Face:
    """One font file: which characters it has, and the outline of each of its glyphs."""

    def __init__(self, name: str) -> None:
        ours = files("lstmviz.style") / "fonts" / name
        data = Path(name).read_bytes() if Path(name).is_absolute() else ours.read_bytes()
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


@contextmanager
def branded(fonts: Mapping[str, str]) -> Iterator[None]:
    """Set text in these font files (by weight) where they have the characters."""
    token = _BRAND.set(fonts)
    try:
        yield
    finally:
        _BRAND.reset(token)


@cache
def _face(name: str) -> _Face:
    return _Face(name)


def _face_for(character: str, weight: Weight, *, chinese: bool = True) -> str | None:
    faces = _FACES[weight]
    # The Chinese font sets these as wide as a character, which tears a Latin word apart.
    if character in _QUOTES and not chinese and weight != "mono":
        faces = ("NotoSans-Regular.ttf", *faces)
    brand = _BRAND.get().get(weight)
    if brand:
        faces = (brand, *faces)
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


def _shape(text: str, weight: Weight) -> _Line:
    return _shaped(text, weight, _BRAND.get().get(weight))


@cache
def _shaped(text: str, weight: Weight, brand: str | None) -> _Line:
    """Set one line of text; runs of characters that share a font are shaped together."""
    pieces: list[Points] = []
    chinese = any(ord(character) >= 0x2E80 for character in text)
    x = 0.0
    run = ""
    run_face: str | None = None
    for character in [*text, None]:
        face = (
            None
            if character is None
            else (
                run_face
                if character.isspace() and run_face
                else _face_for(character, weight, chinese=chinese)
            )
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


def outline_length(points: Points) -> float:
    """Measure an outline, whichever way it is turned: it tells by how much text was scaled."""
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


class TextLine(VMobject):
    """A line of text, as one shape; its place is that of its baseline, not of its ink.

    `size` is the em in scene units (a 1080p frame has 135 pixels a unit). The line is
    centred on the height of its capitals at `at`, so that lines and chips side by side
    stand on one baseline whatever letters they hold.
    """

    text: str
    size: float

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
        self._drawn = outline_length(self.points)

    @property
    def em(self) -> float:
        """The size at which it stands now, in scene units, after any scaling."""
        return self.size * outline_length(self.points) / self._drawn if self._drawn else self.size

    def init_points(self) -> None:
        """Leave the outline to the constructor (Manim calls this before it is known)."""


def wrap(text: str, size: float, width: float) -> list[str]:
    """Break a text into as few lines as fit `width`, evenly filled; CJK breaks anywhere.

    Punctuation never begins a line, and a line rather ends behind it. A word wider than a
    line stands alone on its line.
    """
    pieces = _pieces(text)
    widths = [text_width(piece.rstrip(), size) for piece in pieces]
    spaces = [text_width(piece, size) - bare for piece, bare in zip(pieces, widths, strict=True)]
    count, least = 1, sum(widths) + sum(spaces)
    while least > width * count:
        count += 1
    for lines in range(count, len(pieces) + 1):
        breaks = _breaks(pieces, widths, spaces, lines, width)
        if breaks is not None:
            edges = [0, *breaks, len(pieces)]
            return ["".join(pieces[a:b]).strip() for a, b in itertools.pairwise(edges)]
    return [piece.strip() for piece in pieces]


def _breaks(
    pieces: list[str], widths: list[float], spaces: list[float], lines: int, width: float
) -> list[int] | None:
    """Find the breaks of so many lines with the most even filling; None where none fits."""
    total = sum(widths) + sum(spaces)
    ideal = total / lines
    starts = list(
        itertools.accumulate((w + s for w, s in zip(widths, spaces, strict=True)), initial=0.0)
    )
    best: list[tuple[float, list[int]] | None] = [(0.0, [])] + [None] * len(pieces)
    for _ in range(lines):
        following: list[tuple[float, list[int]] | None] = [None] * (len(pieces) + 1)
        for begin, state in enumerate(best):
            if state is None:
                continue
            for end in range(begin + 1, len(pieces) + 1):
                filled = starts[end] - starts[begin] - spaces[end - 1]
                if filled > width and end > begin + 1:
                    break
                tidy = pieces[end - 1].rstrip()[-1:] in _STOPS
                cost = state[0] + abs(filled - ideal) * (0.4 if tidy else 1.0)
                found = following[end]
                if found is None or cost < found[0]:
                    following[end] = (cost, [*state[1], end])
        best = following
    done = best[len(pieces)]
    return None if done is None else done[1][:-1]


_STOPS = frozenset("，。！？；：,.!?;:")
_OPERATORS = {"−", "+", "×", "=", "≈", "·"}
_CLOSING = set("，。！？；：、）》”’」』…,.!?;:)%")


def _pieces(text: str) -> list[str]:
    """Split a text where a line may break; each piece keeps the space behind it."""
    pieces: list[str] = []
    for character in text:
        wide = ord(character) >= 0x2E80
        joins = (
            pieces
            and not pieces[-1].endswith(" ")
            and (
                character in _CLOSING
                or character == " "
                or not (wide or ord(pieces[-1][-1]) >= 0x2E80)
            )
        )
        if joins:
            pieces[-1] += character
        else:
            pieces.append(character)
    return _terms(pieces)


def _terms(pieces: list[str]) -> list[str]:
    """Keep together what an operator joins: no line ends within `1 − z`."""
    joined: list[str] = []
    for before, piece in zip(["", *pieces], pieces, strict=False):
        if joined and _OPERATORS & {before.strip(), piece.strip()}:
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined
