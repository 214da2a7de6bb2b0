"""The input at the top of the frame: word by word, the current one lit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from manim import DashedVMobject, VGroup

from lstmviz.stage.manim.rounded_rectangle import RoundedRectangle
from lstmviz.stage.mobjects.lightable import Lightable, Motion
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.style.bidi import towards, words_run_left
from lstmviz.style.notation import written
from lstmviz.system.clusters import clusters
from lstmviz.trace.tokens import words_of

if TYPE_CHECKING:
    from lstmviz.stage.text.fonts import Weight
    from lstmviz.stage.text.text import Align
    from lstmviz.style.layout import Box
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import Trace

SIZE = 0.29
SMALL = 0.23  # of what is said beside the words
PAD = 0.13
GAP = 0.1
EDGE = 0.04  # between letters and the border at least
LONGEST = 3.2  # a longer word is cut with an ellipsis


def shortened(text: str, size: float, width: float, weight: Weight = "regular") -> str:
    """Cut a text with an ellipsis so that it is no wider than `width`."""
    if text_width(text, size, weight) <= width:
        return text
    kept = list(clusters(text))
    while len(kept) > 1 and text_width("".join(kept) + "…", size, weight) > width:
        kept.pop()
    return "".join(kept) + "…"


def _fit(line: TextLine, y: float, height: float) -> None:
    """Let a line of a script that towers over Latin letters stay within a height about `y`."""
    if line.height > height:
        line.scale(height / line.height)
    beyond = max(abs(float(line.get_y()) - y) + line.height / 2 - height / 2, 0.0)
    if beyond:
        line.shift((0, beyond if float(line.get_y()) < y else -beyond, 0))


def unknown_border(width: float, height: float, at: tuple[float, float]) -> DashedVMobject:
    """Give the dashed border of a word that the network does not know."""
    border = RoundedRectangle(
        width=width, height=height, corner_radius=min(0.11, height / 2), stroke_width=2.5
    )
    return DashedVMobject(border.move_to((*at, 0)), num_dashes=24)


class Chip(Lightable):
    """One word of the input; an unknown word has a dashed border."""

    def __init__(
        self, theme: Theme, text: str, *, left: float, y: float, height: float, known: bool = True
    ) -> None:
        super().__init__(theme)
        width = text_width(text, SIZE) + 2 * PAD
        border = RoundedRectangle(
            width=max(width, height * 0.6), height=height, corner_radius=0.11, stroke_width=2.5
        )
        border.set_fill(theme.panel, opacity=1).move_to((left + border.width / 2, y, 0))
        self.text = text
        self.right_edge = left + border.width
        if known:
            self.ink(border, theme.role("x"), "stroke", theme.resting(theme.faint))
        else:
            self.add(border.set_stroke(width=0))
            dashes = unknown_border(border.width, height, (border.get_x(), y))
            self.ink(dashes, theme.role("x"), "stroke", theme.faint)
        line = TextLine(text, size=SIZE, at=(border.get_x(), y))
        _fit(line, y, height - 2 * EDGE)
        self.ink(line, theme.ink, "text", theme.faint)

    def past(self) -> Chip:
        """Take the look of a word that has been read: bright text, quiet border."""
        self.rest()
        self.submobjects[-1].set_fill(self.theme.ink)
        return self


class Strip(VGroup):
    """The words around the current one, as many as fit; an ellipsis stands for the rest.

    The strip of a long input is a window that keeps some of the past in sight. Words of a text
    that is written from right to left stand so here, too. Where steps are masked, `masked` says
    how many: they are passed over.
    """

    def __init__(
        self,
        trace: Trace,
        tick: int,
        theme: Theme,
        box: Box,
        masked: Callable[[int], str] | None = None,
    ) -> None:
        super().__init__()
        self.theme, self.box = theme, box
        left = words_run_left(words_of(trace.tokens))
        texts = [
            towards(shortened(written(trace.short(k), trace.kind), SIZE, LONGEST), left=left)
            for k in range(max(tick - 40, 0), min(tick + 40, len(trace)))
        ]
        first = max(tick - 40, 0)
        widths = [max(text_width(t, SIZE) + 2 * PAD, box.height * 0.54) + GAP for t in texts]
        gaps = _gaps(trace, first, len(texts), masked)
        rooms = [text_width(gap, SMALL) + GAP if gap else 0.0 for gap in gaps]
        own = widths
        widths = [width + room for width, room in zip(own, rooms, strict=False)]
        widths[-1] += rooms[-1]
        dots = text_width("…", SIZE) + 2 * GAP
        begin, end = _window(
            widths,
            tick - first,
            box.width + GAP - 2 * dots,
            box.width + GAP,
            first > 0,
            first + len(texts) < len(trace.tokens),
        )
        x, y = box.left, box.center[1]
        if first + begin > 0:
            self._beside("…", x, left=left)
            x += dots
        self.chips: dict[int, Chip] = {}
        for k in range(begin, end):
            index = first + k
            width = max(own[k] - GAP, box.height * 0.54)
            if gaps[k]:
                self._beside(gaps[k], x, left=left)
                x += rooms[k]
            chip = Chip(
                theme,
                texts[k],
                left=box.left + box.right - x - width if left else x,
                y=y,
                height=box.height * 0.9,
                known=trace.tokens[index].known,
            )
            self.chips[index] = chip
            self.add(chip)
            x += width + GAP
        if first + end < len(trace.tokens):
            self._beside("…", x + GAP, left=left)
        elif gaps[-1]:
            self._beside(gaps[-1], x, left=left)
        self.light(tick)

    def _beside(self, text: str, x: float, *, left: bool) -> None:
        """Put an ellipsis or a gap at a place that is counted from where the words begin."""
        box, size = self.box, SIZE if text == "…" else SMALL
        at = (box.left + box.right - x if left else x, box.center[1])
        align: Align = "right" if left else "left"
        self.add(TextLine(text, size=size, color=self.theme.faint, at=at, align=align))

    def light(self, tick: int) -> Strip:
        """Light the word of a tick; what comes before it is past, what comes after it rests."""
        self.tick = tick
        for index, chip in self.chips.items():
            if index < tick:
                chip.past()
            elif index == tick:
                chip.lit()
            else:
                chip.rest()
        return self

    def lighting(self, tick: int) -> list[Motion]:
        """Light the word of another tick, as animations of the words that change."""
        low, high = sorted((self.tick, tick))
        self.tick = tick
        return [
            chip.animate.lit()
            if index == tick
            else chip.animate.past()
            if index < tick
            else chip.animate.rest()
            for index, chip in self.chips.items()
            if low <= index <= high
        ]


def _gaps(trace: Trace, first: int, count: int, masked: Callable[[int], str] | None) -> list[str]:
    """Say how many steps are masked before each of some ticks, and after the last; "" for none."""
    if masked is None or not trace.skipped:
        return [""] * (count + 1)
    steps = [*trace.steps.tolist(), len(trace) + len(trace.skipped)]
    before = [steps[k] - (steps[k - 1] if k else -1) - 1 for k in range(first, first + count + 1)]
    return [masked(gap) if gap else "" for gap in before]


def _window(
    widths: list[float],
    current: int,
    inner: float,
    outer: float,
    more_before: bool,
    more_after: bool,
) -> tuple[int, int]:
    """Choose the words to show: from the start if that reaches the current one, else around it."""
    if not more_before and not more_after and sum(widths) <= outer:
        return 0, len(widths)
    end = begin = 0 if not more_before else current
    if not more_before and sum(widths[: current + 2]) <= inner:
        end = current
        begin = 0
    else:
        begin = current
        while begin > 0 and sum(widths[begin - 1 : current + 1]) <= inner * 0.66:
            begin -= 1
        end = current
    while end < len(widths) and sum(widths[begin : end + 1]) <= inner:
        end += 1
    end = max(end, current + 1)
    while begin > 0 and sum(widths[begin - 1 : end]) <= inner:
        begin -= 1
    return begin, end
