"""The legend: what the shapes of a circuit mean, an entry each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manim import Circle, VGroup

from lstmviz.stage.circuits.gate import Gate, Join, Operator
from lstmviz.stage.circuits.wire import Wire
from lstmviz.stage.text.fonts import Weight
from lstmviz.stage.text.text import TextLine, text_width, wrap
from lstmviz.style.layout import WIDE

if TYPE_CHECKING:
    from collections.abc import Collection

    from lstmviz.stage.mobjects.lightable import Lightable
    from lstmviz.style.language import Language
    from lstmviz.style.layout import Box
    from lstmviz.style.theme import Theme

ICON = 0.9  # the width that the shapes take
NAME, MEANING = 0.24, 0.21
RISE, FALL = 0.13, 0.14  # a name stands above the middle of its row, what it means below
THREE = 3.4  # ems of a meaning, in which its two lines and the name have room
TIGHT = 0.9  # so much smaller a meaning is set before it is broken
ROOM, HIGH = 3.0, 0.62  # with more room than this all is set larger
AIRY = 0.78  # rows lower than this have smaller shapes, so that these keep apart
ENTRIES = {  # what is shown -> (its name, what it means), terms of the language
    "concatenation": ("concatenation", "h and x in one vector"),
    "σ": ("σ, sigmoid", "numbers from 0 to 1"),
    "×": ("pointwise ×", "unit times unit"),
    "tanh": ("tanh", "numbers from −1 to 1"),
    "+": ("pointwise +", "unit plus unit"),
    "copy": ("copy", "one vector, two ways"),
}


class Legend(VGroup):
    """One row for each kind of shape, in the order in which a cell is assembled.

    In a box that is wide and low the rows stand in two columns.

    `entries` finds a row by what it shows: `"σ"`, `"tanh"`, `"×"`, `"+"`, `"concatenation"`,
    `"copy"`.
    """

    def __init__(
        self, theme: Theme, language: Language, box: Box, least: float = WIDE.least
    ) -> None:
        super().__init__()
        self.entries: dict[str, VGroup] = {}
        rows = len(ENTRIES) if box.width < 2 * box.height else -(-len(ENTRIES) // 2)
        height = box.height / rows
        width = box.width if rows == len(ENTRIES) else box.width / 2
        small = min(height / AIRY, 1.0)
        icons = ICON * small
        room = width - icons - 0.12 - (0.15 if rows < len(ENTRIES) else 0.0)
        grow = max(min(room / ROOM, height / HIGH, 1.35), 1.0)
        for k, (shape, (name, meaning)) in enumerate(ENTRIES.items()):
            y = box.top - (k % rows + 0.5) * height
            left = box.left + k // rows * width
            begin = left + icons + 0.12
            icon = self._icon(shape, theme, (left + icons / 2, y))
            entry = VGroup(icon.scale(small, scale_stroke=True))
            for text, size, rise, weight, color in _lines(
                language.word(name),
                language.word(meaning),
                grow,
                (room, height),
                theme,
                least,
                language.unbroken,
            ):
                fitting = min(size, size * room / text_width(text, size, weight))
                at = (begin, y + rise)
                entry.add(
                    TextLine(text, size=fitting, color=color, at=at, align="left", weight=weight)
                )
            self.entries[shape] = entry
            self.add(entry)

    def _icon(self, shape: str, theme: Theme, at: tuple[float, float]) -> VGroup:
        x, y = at
        if shape in {"σ", "tanh"}:
            return Gate(theme, shape, at=at, role="ink", width=0.84, height=0.5)
        if shape in {"×", "+"}:
            return Operator(theme, shape, at=at, role="ink")
        if shape == "concatenation":
            return Join(theme, at=at)
        end, fork = x + 0.4, x - 0.08
        lines: list[Lightable] = [
            Wire(theme, (fork, y), (fork, y + 0.2), (end, y + 0.2)),
            Wire(theme, (x - 0.4, y - 0.12), (end, y - 0.12)),
        ]
        lines[0].shift((0, -0.12, 0))
        return VGroup(*lines, branch(theme, (fork, y - 0.12)))


def _lines(
    name: str,
    meaning: str,
    grow: float,
    space: tuple[float, float],
    theme: Theme,
    least: float,
    unbroken: Collection[str],
) -> list[tuple[str, float, float, Weight, str]]:
    """Set a name and, below it, what it means: on two lines where one would be too small."""
    room, height = space
    em = max(MEANING * grow, least)
    small = max(TIGHT * em, least)
    told = [(meaning, min(em, max(small, room / text_width(meaning, 1.0))), -FALL)]
    rise = RISE
    broken = text_width(meaning, small) > room and height > THREE * small
    if broken and len(wrap(meaning, small, room, unbroken)) == 2:
        rise = RISE + 0.45 * small
        first = 0.035 + 0.14 * (small - MEANING)
        told = [
            (line, small, fall)
            for line, fall in zip(
                wrap(meaning, small, room, unbroken), (-first, -first - 1.05 * small), strict=True
            )
        ]
    said: list[tuple[str, float, float, Weight, str]] = [
        (name, max(NAME * grow, least), rise * grow, "bold", theme.ink)
    ]
    said += [(line, size, fall * grow, "regular", theme.faint) for line, size, fall in told]
    return said


def branch(theme: Theme, at: tuple[float, float]) -> Circle:
    """Give the dot that marks where a wire splits."""
    dot = Circle(radius=0.075, stroke_width=0).set_fill(theme.ink, opacity=1)
    dot.move_to((*at, 0))
    return dot
