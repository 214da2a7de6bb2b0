"""Formulas set by Typst, without LaTeX: one shape per colour."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple
from xml.etree import ElementTree

import numpy as np
import svgelements as se
import typst
from manim import VGroup, VMobject

from lstmviz.stage.text.text import outline_length

_PAGE = (
    "#set page(width: auto, height: auto, margin: 0pt, fill: none)\n#set text(size: 100pt)\n"
    "#set par(leading: 0.25em)\n"
)
BREAK = r' \ "" '  # between two lines of a source; a sign behind it stands between two terms
_UNIT = 1 / 100  # ems a point
_LINK = "{http://www.w3.org/1999/xlink}href"


class _Patch(NamedTuple):
    """A part of a drawing: its colour, and its outline as cubic curves, (n, 2), y downwards."""

    colour: str
    outline: np.ndarray


@cache
def _outlines(source: str) -> tuple[tuple[str, np.ndarray], ...]:
    """Compile a Typst formula to (colour, outline in ems) pairs, one a colour, centred at 0."""
    svg = _compiler().compile((_PAGE + source).encode(), format="svg")
    assert isinstance(svg, bytes)
    drawing = ElementTree.fromstring(svg)
    symbols = [element for element in drawing.iter() if _kind(element) == "symbol"]
    glyphs = {symbol.get("id"): symbol[0].get("d") for symbol in symbols}
    by_colour: dict[str, list[np.ndarray]] = {}
    for patch in _patches(drawing, se.Matrix(), glyphs):
        by_colour.setdefault(patch.colour, []).append(patch.outline)
    joined = {colour: np.concatenate(parts) for colour, parts in by_colour.items()}
    if not joined:
        return ()
    everything = np.concatenate(list(joined.values()))
    middle = (everything.min(axis=0) + everything.max(axis=0)) / 2
    return tuple(
        (colour, np.column_stack([(part - middle) * [_UNIT, -_UNIT], np.zeros(len(part))]))
        for colour, part in joined.items()
    )


@cache
def _compiler() -> typst.Compiler:
    """Give a Typst that has its own fonts alone: quick to begin, and the same everywhere."""
    return typst.Compiler(font_paths=typst.Fonts(include_system_fonts=False))


def _patches(
    element: ElementTree.Element, matrix: se.Matrix, glyphs: dict[str | None, str | None]
) -> Iterator[_Patch]:
    """Give the patches of an element of a drawing, which stands as the matrix says."""
    kind = _kind(element)
    if kind == "defs":
        return
    matrix = se.Matrix(element.get("transform", "")) * matrix
    if kind in ("svg", "g"):
        for child in element:
            yield from _patches(child, matrix, glyphs)
        return
    outline, paint = None, element.get("fill", "none")
    if kind == "use":
        place = np.array([float(element.get("x", 0)), float(element.get("y", 0))])
        outline = _cubics(glyphs.get(element.get(_LINK, "")[1:]) or "") + place
    elif kind == "path" and paint != "none":
        outline = _cubics(element.get("d", ""))
    elif kind == "path":
        paint = element.get("stroke", "none")
        outline = _bar(_cubics(element.get("d", "")), float(element.get("stroke-width", 1)))
    if outline is not None and len(outline) and paint != "none":
        turn = np.array([[matrix.a, matrix.b], [matrix.c, matrix.d]])
        yield _Patch(paint[:7].upper(), outline @ turn + np.array([matrix.e, matrix.f]))


def _kind(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


@cache
def _cubics(path: str) -> np.ndarray:
    """Give a path of SVG as cubic curves, four points each, (n, 2)."""
    points: list[tuple[float, float]] = []
    for segment in se.Path(path):
        if isinstance(segment, se.Move):
            continue
        if isinstance(segment, se.CubicBezier):
            curve = (segment.start, segment.control1, segment.control2, segment.end)
        elif isinstance(segment, se.QuadraticBezier):
            s, c, e = segment.start, segment.control, segment.end
            curve = (s, s + (c - s) * (2 / 3), e + (c - e) * (2 / 3), e)
        elif segment.start is None or segment.end is None or segment.start == segment.end:
            continue
        else:
            s, e = segment.start, segment.end
            curve = (s, s + (e - s) * (1 / 3), s + (e - s) * (2 / 3), e)
        points += [(p.x, p.y) for p in curve]
    return np.array(points, dtype=float).reshape(-1, 2)


def _bar(line: np.ndarray, width: float) -> np.ndarray:
    """Turn a stroked line (a fraction bar) into a filled rectangle of the same look."""
    if not len(line):
        return line
    start, end = line[0], line[-1]
    across = np.array([start[1] - end[1], end[0] - start[0]])
    across *= width / 2 / np.linalg.norm(across)
    corners = [start + across, end + across, end - across, start - across, start + across]
    text = " L ".join(f"{float(x)!r} {float(y)!r}" for x, y in corners)
    return _cubics(f"M {text} Z")


def broken(source: str) -> str:
    """Set a formula on two lines, parted before the plus where it comes out narrowest."""
    pluses = [found.start() for found in re.finditer(r" \+ ", source)]
    outer = [at for at in pluses if source.count("(", 0, at) == source.count(")", 0, at)]
    ways = (f"{source[:at]}{BREAK}{source[at + 1 :]}" for at in outer or pluses)
    return min(ways, key=lambda way: float(Formula(way).width), default=source)


class Formula(VGroup):
    """A formula in Typst's maths, `size` being its em in scene units.

    `source` is what stands between the dollar signs. `colors` says which sub-expressions
    are coloured: `{"f_t": "#FF6B6B"}` colours every `f_t`; the rest takes `color`.
    """

    def __init__(
        self,
        source: str,
        *,
        size: float = 0.36,
        color: str = "#FFFFFF",
        colors: dict[str, str] | None = None,
        at: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        super().__init__()
        self.source = source
        shades = colors or {}
        parts = "|".join(re.escape(part) for part in sorted(shades, key=len, reverse=True))
        coloured = source
        if parts:
            coloured = re.sub(
                parts, lambda found: f'#text(fill: rgb("{shades[found[0]]}"))[${found[0]}$]', source
            )
        document = f'#text(fill: rgb("{color}"))[$ {coloured} $]'
        for shade, outline in _outlines(document):
            part_shape = VMobject(fill_color=shade, fill_opacity=1, stroke_width=0)
            part_shape.points = outline * size + np.array([at[0], at[1], 0.0])
            self.add(part_shape)
        self.size = size
        self._drawn = self._length()

    def _length(self) -> float:
        return sum(outline_length(part.points) for part in self.submobjects)

    @property
    def em(self) -> float:
        """The size at which it stands now, in scene units, after any scaling."""
        return self.size * self._length() / self._drawn if self._drawn else self.size
