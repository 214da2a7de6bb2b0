"""What is to be remembered: a head, and below it names with a line about each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manim import VGroup

from lstmviz.stage.mobjects.title_card import fitted
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.style.layout import Box

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from lstmviz.style.layout import Layout
    from lstmviz.style.theme import Theme

HEAD, NAME, LINE = 0.66, 0.46, 0.42  # ems
LEADING = 1.3
GAP = 0.5  # between the names and the lines
MOST = 3  # lines about a name


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
        whole, zoom = layout.whole, layout.zoom
        box = Box(whole.left + 0.4, whole.right - 0.4, whole.bottom, layout.frame.top - 0.5)
        size, lines = fitted(head, HEAD * zoom, box.width, "bold", 2, unbroken)
        self.head = VGroup()
        y = box.top - size / 2
        for line in lines:
            at = (box.center[0], y)
            self.head.add(TextLine(line, size=size, weight="bold", color=theme.ink, at=at))
            y -= LEADING * size
        name_em = NAME * zoom
        names = max((text_width(name, name_em, "bold") for name, _ in said), default=0.0)
        left = box.left + names + GAP
        pitch = (y - box.bottom) / max(len(said), 1)
        self.rows = VGroup()
        for k, (name, text) in enumerate(said):
            size, lines = fitted(text, LINE * zoom, box.right - left, "regular", MOST, unbroken)
            middle = y - (k + 0.5) * pitch
            row = VGroup()
            first = middle + (len(lines) - 1) / 2 * LEADING * size
            row.add(
                TextLine(
                    name, size=name_em, weight="bold", color=theme.ink, at=(box.left, first),
                    align="left",
                )
            )
            for j, line in enumerate(lines):
                at = (left, first - j * LEADING * size)
                row.add(TextLine(line, size=size, color=theme.ink, at=at, align="left"))
            self.rows.add(row)
        self.add(self.head, self.rows)
