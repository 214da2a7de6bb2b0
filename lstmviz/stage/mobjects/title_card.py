"""The title of a story, alone on the stage: a head, and below it what the story shows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from manim import VGroup

from lstmviz.stage.text.text import TextLine, text_width, wrap

if TYPE_CHECKING:
    from collections.abc import Collection

    from lstmviz.stage.text.fonts import Weight
    from lstmviz.style.layout import Box
    from lstmviz.style.theme import Theme

HEAD, LINE, SMALLEST = 0.72, 0.4, 0.3  # ems
LEADING = 1.35
MOST = 3  # lines of each part
_PARTS = re.compile(r"[:：]\s*")


class TitleCard(VGroup):
    """A title in the middle of a box; what follows a colon stands below, in smaller letters."""

    def __init__(
        self,
        text: str,
        theme: Theme,
        box: Box,
        *,
        zoom: float = 1.0,
        unbroken: Collection[str] = frozenset(),
    ) -> None:
        super().__init__()
        self.text = text
        head, *rest = _PARTS.split(text, maxsplit=1)
        parts: list[tuple[str, float, Weight, str]] = [(head, HEAD * zoom, "bold", theme.ink)]
        parts += [
            (line[:1].upper() + line[1:], LINE * zoom, "regular", theme.faint) for line in rest
        ]
        y = 0.0
        for part, largest, weight, color in parts:
            size, lines = fitted(part, largest, box.width, weight, MOST, unbroken)
            y -= size
            for line in lines:
                self.add(TextLine(line, size=size, weight=weight, color=color, at=(0, y)))
                y -= LEADING * size
        self.move_to((*box.center, 0))


def fitted(
    text: str,
    size: float,
    width: float,
    weight: Weight,
    most: int,
    unbroken: Collection[str] = frozenset(),
) -> tuple[float, list[str]]:
    """Break a text into as many lines as there may be at most, as large as they fit a width."""
    lines = wrap(text, size, width, unbroken)
    while size > SMALLEST and (
        len(lines) > most or max(text_width(line, size, weight) for line in lines) > width
    ):
        size -= 0.01
        lines = wrap(text, size, width, unbroken)
    return size, lines
