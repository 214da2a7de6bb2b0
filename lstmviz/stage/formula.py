"""Formulas set by Typst, without LaTeX: one shape per colour."""

from __future__ import annotations

import io
import re
from functools import cache

import numpy as np
import svgelements as se
import typst
from manim import VGroup, VMobject

from lstmviz.stage.type import outline_length

_PAGE = "#set page(width: auto, height: auto, margin: 0pt, fill: none)\n#set text(size: 100pt)\n"


@cache
def _outlines(source: str) -> tuple[tuple[str, np.ndarray], ...]:
    """Compile a Typst formula to (colour, outline in ems) pairs, one a colour, centred at 0."""
    svg = typst.compile((_PAGE + source).encode(), format="svg")
    drawing = se.SVG.parse(io.BytesIO(svg), reify=True)
    by_colour: dict[str, list[np.ndarray]] = {}
    for element in drawing.elements():
        if not isinstance(element, se.Shape):
            continue
        path = abs(se.Path(element))
        filled = element.fill is not None and element.fill.value is not None
        paint = element.fill if filled else element.stroke
        if paint is None or paint.value is None:
            continue
        outline = _cubics(path) if filled else _bar(path, float(element.stroke_width or 0))
        if len(outline):
            by_colour.setdefault(paint.hex[:7].upper(), []).append(outline)
    joined = {colour: np.concatenate(parts) for colour, parts in by_colour.items()}
    if not joined:
        return ()
    everything = np.concatenate(list(joined.values()))
    middle = (everything.min(axis=0) + everything.max(axis=0)) / 2
    unit = drawing_unit(drawing)
    return tuple((colour, (part - middle) * [unit, -unit, 0]) for colour, part in joined.items())


def drawing_unit(drawing: se.SVG) -> float:
    """Give the size in ems of one unit of a compiled drawing (text is set at 100 pt)."""
    pixels_per_point = drawing.width / drawing.viewbox.width if drawing.viewbox else 1.0
    return 1 / (100 * pixels_per_point)


def _cubics(path: se.Path) -> np.ndarray:
    points: list[tuple[float, float]] = []
    for segment in path:
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
    flat = np.array(points, dtype=float).reshape(-1, 2)
    return np.column_stack([flat, np.zeros(len(flat))])


def _bar(path: se.Path, width: float) -> np.ndarray:
    """Turn a stroked line (a fraction bar) into a filled rectangle of the same look."""
    x0, y0, x1, y1 = path.bbox()
    grow = width / 2
    if x1 - x0 > y1 - y0:
        y0, y1 = y0 - grow, y1 + grow
    else:
        x0, x1 = x0 - grow, x1 + grow
    return _cubics(se.Path(se.Rect(x0, y0, x1 - x0, y1 - y0)))


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
