"""The sentence at the bottom, and the dots that tell how far the story is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manim import Circle, VGroup

from lstmviz.stage.text.text import TextLine, text_width, wrap

if TYPE_CHECKING:
    from collections.abc import Collection

    from lstmviz.stage.text.fonts import Weight
    from lstmviz.style.layout import Box
    from lstmviz.style.theme import Theme

LARGEST, SMALLEST = 0.37, 0.21
LEADING = 1.3
SLACK = 0.1  # the first and the last line may rise so far above their box


class Caption(VGroup):
    """One sentence on a few lines, in a box; a long one is set smaller, as far as can be read.

    `most` is how many lines it may have, `largest` the em of a short one, `smallest` what can be
    read, `unbroken` the words of Chinese or Japanese that no line may break.
    """

    def __init__(
        self,
        text: str,
        theme: Theme,
        box: Box,
        *,
        most: int = 2,
        largest: float = LARGEST,
        smallest: float = SMALLEST,
        weight: Weight = "regular",
        unbroken: Collection[str] = frozenset(),
    ) -> None:
        super().__init__()
        self.text = text
        size = largest
        lines = wrap(text, size, box.width, unbroken)
        while size - 0.01 > smallest and (
            len(lines) > most
            or len(lines) * size * LEADING > box.height + SLACK
            or max((text_width(line, size, weight) for line in lines), default=0.0) > box.width
        ):
            size -= 0.01
            lines = wrap(text, size, box.width, unbroken)
        x, y = box.center
        for k, line in enumerate(lines):
            height = y + (len(lines) / 2 - 0.5 - k) * size * LEADING
            self.add(TextLine(line, size=size, weight=weight, color=theme.ink, at=(x, height)))


class Dots(VGroup):
    """One dot a step, the current one bright; none as long as their `count` is not known."""

    def __init__(
        self,
        count: int,
        current: int,
        theme: Theme,
        at: tuple[float, float],
        room: float = 12.0,
    ) -> None:
        super().__init__()
        self.current = current
        self._look = theme, at, room
        self.put_up(count)

    def put_up(self, count: int) -> None:
        """Show so many dots, if there are none yet."""
        if len(self):
            return
        theme, at, room = self._look
        gap = min(0.24, room / max(count, 1))
        for k in range(count):
            color = theme.ink if k == self.current else theme.resting(theme.faint)
            dot = Circle(radius=min(0.05, gap * 0.3), stroke_width=0, fill_color=color)
            x = at[0] + (k - (count - 1) / 2) * gap
            self.add(dot.set_fill(opacity=1).move_to((x, at[1], 0)))


def reading_time(text: str, letters_per_second: float) -> float:
    """Give how many seconds a sentence must stand: CJK characters take 2.5 times as long."""
    wide = sum(ord(character) >= 0x2E80 for character in text)
    return 0.8 + (len(text) - wide + 2.5 * wide) / letters_per_second
