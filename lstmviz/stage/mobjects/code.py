"""A function's real source on the stage: lines, the one that runs, and what it yields."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from manim import Rectangle, VGroup

from lstmviz.stage.manim.rounded_rectangle import RoundedRectangle
from lstmviz.stage.mobjects.column import NUMBER, Number, number_size
from lstmviz.stage.mobjects.level import level_below
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.style.theme import mix

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lstmviz.style.layout import Box
    from lstmviz.style.notation import Quantity
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import Reading

LARGEST = 0.26
LEADING, CLOSEST = 1.8, 1.42  # from line to line in ems, as a rule and at least
DEPTH = 0.62  # ems from the middle of a line to the foot of a g
EDGE = 0.1  # left and right of the lines
SMALLEST = 0.15
FRAME, BELOW = 0.1, 0.13  # how much larger a frame is than its boxes; and between two rows
CLOSE = 0.04  # between two rows of a sum
KEYWORDS = frozenset({"for", "in", "return", "def", "if", "else"})


def body_of(function: Callable[..., Any]) -> tuple[list[str], dict[str, int]]:
    """Give the lines of a function's body that compute, and who is assigned where.

    These are all but the docstring and the last `return`, which means nothing where no `def` is
    seen. The second value maps a name to the number of the line (from 0) that assigns to it.
    """
    source = textwrap.dedent(inspect.getsource(function))
    definition = ast.parse(source).body[0]
    assert isinstance(definition, ast.FunctionDef)
    first = definition.body[1 if ast.get_docstring(definition) else 0]
    last = definition.body[-1]
    end = last.lineno - 1 if isinstance(last, ast.Return) else None
    lines = textwrap.dedent("\n".join(source.splitlines()[first.lineno - 1 : end])).splitlines()
    assigned = {
        target.id: node.lineno - first.lineno
        for node in ast.walk(definition)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return lines, assigned


def _drawn_in(line: str) -> str:
    """Begin an indented line half as far in, which leaves its letters more room."""
    bare = line.lstrip(" ")
    return " " * ((len(line) - len(bare)) // 2) + bare


class Code(VGroup):
    """The body of a function, each name in the colour of its role; `mark` is behind a line.

    `names` maps the code's names to the roles of their colours.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        names: Mapping[str, str],
        theme: Theme,
        box: Box,
        *,
        zoom: float = 1.0,
    ) -> None:
        super().__init__()
        self.theme = theme
        self.box = box
        self.source, self.assigned = body_of(function)
        self.source = [_drawn_in(line) for line in self.source]
        self._highlight = mix(theme.panel, theme.ink, 0.1)
        widest = max(text_width(line, 1.0, "mono") for line in self.source)
        self.size = min(
            LARGEST * zoom, (box.width - 2 * EDGE) / widest, box.height / len(self.source) / CLOSEST
        )
        leading = self.leading = min(LEADING * self.size, box.height / len(self.source))
        self.rows = [box.top - (k + 0.5) * leading for k in range(len(self.source))]
        self.mark = self._mark(0)
        self.lines = VGroup()
        for line, y in zip(self.source, self.rows, strict=True):
            row = VGroup()
            for found in re.finditer(r"\w+|[^\w\s]+", line):
                before, text = line[: found.start()], found[0]
                color = theme.ink
                if text in KEYWORDS:
                    color = theme.faint
                elif text in names:
                    color = theme.readable(theme.role(names[text]), self._highlight)
                x = box.left + EDGE + text_width(before, self.size, "mono")
                row.add(
                    TextLine(
                        text, size=self.size, color=color, at=(x, y), align="left", weight="mono"
                    )
                )
            self.lines.add(row)
        self.add(self.lines)

    def _mark(self, line: int) -> RoundedRectangle:
        height = min(self.size * 1.5, 2 * (self.leading - DEPTH * self.size) - 0.02)
        mark = RoundedRectangle(width=self.box.width, height=height, corner_radius=0.08)
        mark.set_stroke(width=0).set_fill(self._highlight, opacity=1)
        return mark.move_to((self.box.center[0], self.rows[line], 0))

    def mark_of(self, name: str) -> RoundedRectangle:
        """Give the mark behind the line that assigns to a name."""
        return self._mark(self.assigned[name])


class _Rows(VGroup):
    """Rows of boxes with numbers, each in a frame of its colour; without numbers if too small."""

    def __init__(self, theme: Theme, *, zoom: float, least: float) -> None:
        super().__init__()
        self.theme, self.zoom, self.least = theme, zoom, least

    def _put(
        self,
        reading: Reading,
        look: Quantity,
        units: Sequence[int],
        at: tuple[float, float],
        box: tuple[float, float],
        size: float,
        edge: float = FRAME,
    ) -> None:
        """Set the boxes of one reading from the left, in a frame of its colour."""
        (left, y), (width, height), theme = at, box, self.theme
        long = width * len(units)
        frame = RoundedRectangle(
            width=long + edge,
            height=height + edge,
            corner_radius=0.08,
            stroke_width=3,
            stroke_color=theme.role(look.role),
        )
        self.add(frame.move_to((left + long / 2, y, 0)))
        for k, unit in enumerate(units):
            x = left + (k + 0.5) * width
            fill = theme.value(reading[unit], look.scale)
            body = Rectangle(width=width - 0.03, height=height, stroke_width=0)
            self.add(body.set_fill(fill, opacity=1).move_to((x, y, 0)))
            if look.scale == "gate":
                room = (width - 0.03, height)
                self.add(*level_below(theme, look.role, reading[unit], room, (x, y), size))
            if size >= self.least:
                self.add(
                    Number(
                        reading, unit, scale=look.scale, size=size, color=theme.on(fill), at=(x, y)
                    )
                )


class Row(_Rows):
    """Readings as a row of numbered boxes, the name of their variable in front.

    Where the numbers could not be read so, in an em of `least`, the readings stand one below
    the other in the box `tall`; if not even that helps, the boxes have colours only.
    """

    def __init__(
        self,
        name: str,
        readings: Sequence[tuple[Reading, Quantity, Sequence[int]]],
        theme: Theme,
        box: Box,
        *,
        tall: Box,
        zoom: float = 1.0,
        least: float = SMALLEST,
    ) -> None:
        super().__init__(theme, zoom=zoom, least=least)
        role = theme.role(readings[0][1].role) if len(readings) == 1 else theme.ink
        color = theme.readable(role, theme.panel)
        em = LARGEST * zoom
        lead = 0.2 + text_width(f"{name} =", em, "mono")
        count = sum(len(units) for *_, units in readings)
        most = max(len(units) for *_, units in readings)
        self.room = box.width - lead
        rows, height = 1, box.height
        width, size = self._sizes(readings, count, height)
        if size < least and len(readings) > 1:
            below = tall.height / len(readings) - BELOW
            other = self._sizes(readings, most, below)
            if other[1] >= least:
                rows, height, (width, size) = len(readings), below, other
                box = tall
        y = box.center[1]
        self.add(
            TextLine(
                f"{name} =", size=em, color=color, weight="mono", at=(box.left, y), align="left"
            )
        )
        across = count if rows == 1 else most
        start = left = box.left + lead + (self.room - width * across) / 2
        y += (height + BELOW) * (rows - 1) / 2
        for reading, look, units in readings:
            self._put(reading, look, units, (left, y), (width, height), size)
            if rows == 1:
                left += width * len(units) + FRAME
            else:
                left, y = start, y - height - BELOW

    def _sizes(
        self,
        readings: Sequence[tuple[Reading, Quantity, Sequence[int]]],
        count: int,
        height: float,
    ) -> tuple[float, float]:
        """Give the width of a box where so many stand side by side, and the em of its number."""
        spare = FRAME * (len(readings) - 1)
        width = min(0.9 * self.zoom, (self.room - spare) / count)
        return width, number_size(readings, (width, height), NUMBER * self.zoom)


class SumRows(_Rows):
    """Readings in rows one below the other, what the code calls each of them in front."""

    def __init__(
        self,
        rows: Sequence[tuple[str, Reading, Quantity, Sequence[int]]],
        theme: Theme,
        box: Box,
        *,
        zoom: float = 1.0,
        least: float = SMALLEST,
    ) -> None:
        super().__init__(theme, zoom=zoom, least=least)
        pitch = min(box.height / len(rows), 0.6 * zoom)
        height = pitch - FRAME / 2 - CLOSE
        em = min(LARGEST * zoom, 0.8 * height)
        lead = 0.15 + max(text_width(name, em, "mono") for name, *_ in rows)
        width = min(0.9 * zoom, (box.width - lead) / max(len(units) for *_, units in rows))
        size = number_size([row[1:] for row in rows], (width, height), NUMBER * zoom)
        for k, (name, reading, look, units) in enumerate(rows):
            y = box.center[1] + ((len(rows) - 1) / 2 - k) * pitch
            color = theme.readable(theme.role(look.role), theme.panel)
            at = (box.left + lead - 0.15, y)
            self.add(TextLine(name, size=em, color=color, weight="mono", at=at, align="right"))
            self._put(reading, look, units, (box.left + lead, y), (width, height), size, FRAME / 2)
