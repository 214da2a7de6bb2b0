"""What is to be remembered: a head, and below it names with a line about each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manim import VGroup

from lstmviz.stage.mobjects.title_card import SMALLEST, fitted
from lstmviz.stage.text.text import TextLine, text_width, wrap
from lstmviz.style.layout import Box

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from lstmviz.style.layout import Layout
    from lstmviz.style.theme import Theme

HEAD, NAME, LINE = 0.66, 0.46, 0.42  # ems
LEADING = 1.3
GAP = 0.5  # between the names and the lines
BETWEEN = 0.4  # ems between two of them
BELOW = 1.5  # lines that a name takes above its own
MOST = 4  # lines about a name


class SummaryCard(VGroup):
    """A card over the whole stage; `rows` come one after the other, `said` is what they say."""

    def __init__(
        self,
        head: str,
        said: Sequence[tuple[str, str]],
        theme: Theme,
        layout: Layout,
        *,
        unbroken: Collection[str] = frozenset(),
    ) -> None:
        super().__init__()
        self.said = tuple(said)
        whole, zoom, ink = layout.whole, layout.zoom, theme.ink
        box = Box(whole.left + 0.4, whole.right - 0.4, whole.bottom, layout.frame.top - 0.5)
        size, lines = fitted(head, HEAD * zoom, box.width, "bold", 2, unbroken)
        self.head = VGroup()
        y = box.top - size / 2
        for line in lines:
            at = (box.center[0], y)
            self.head.add(TextLine(line, size=size, weight="bold", color=ink, at=at))
            y -= LEADING * size
        name_em = NAME * zoom
        names = max((text_width(name, name_em, "bold") for name, _ in said), default=0.0)
        upright = layout.frame.height > layout.frame.width
        below = BELOW if upright else 0.0  # where the lines stand below their name
        left = box.left if upright else box.left + names + GAP
        width, room = box.right - left, y - box.bottom
        em = LINE * zoom
        while True:
            texts = [fitted(text, em, width, "regular", MOST, unbroken) for _, text in said]
            em = min((size for size, _ in texts), default=em)
            count = sum(len(lines) + below for _, lines in texts)
            free = room - LEADING * em * count
            if free >= BETWEEN * em * len(said) or em <= SMALLEST:
                break
            em -= 0.01
        self.rows = VGroup()
        gap = free / max(len(said), 1)
        for name, text in said:
            lines = wrap(text, em, width, unbroken)
            y -= gap / 2 + LEADING * em / 2
            row = VGroup(
                TextLine(
                    name, size=name_em, weight="bold", color=ink, at=(box.left, y), align="left"
                )
            )
            y -= LEADING * em * below
            for line in lines:
                row.add(TextLine(line, size=em, color=ink, at=(left, y), align="left"))
                y -= LEADING * em
            y += (LEADING * em - gap) / 2
            self.rows.add(row)
        self.add(self.head, self.rows)
