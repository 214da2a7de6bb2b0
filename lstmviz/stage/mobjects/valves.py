"""The reset gate, drawn as valves: how much of h(t−1) enters the candidate, unit by unit."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from manim import Polygon, VGroup

from lstmviz.stage.mobjects.fan import Fan
from lstmviz.stage.mobjects.lens import FAN
from lstmviz.stage.mobjects.unit_rows import VALUE, UnitRows
from lstmviz.stage.text.text import TextLine
from lstmviz.style.layout import WIDE
from lstmviz.style.notation import equals
from lstmviz.style.theme import mix

if TYPE_CHECKING:
    from lstmviz.stage.mobjects.column import Column
    from lstmviz.style.language import Language
    from lstmviz.style.layout import Box
    from lstmviz.style.notation import Notation
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import At

PIPE, BETWEEN = 0.95, 0.62  # widths of a pipe, and of the gap that holds a sign
SIDES = 0.9  # left and right of the columns, for the numbers of the units and a ring
FULL = 0.5  # of a row's height: how wide a pipe is where nothing holds it back
HEADS = {
    "past": "the past",
    "h_prev": "the past",
    "r": "reset gate",
    "recalled": "let through",
    "wx_n": "the input",
    "n": "candidate",
}


class Valves(UnitRows):
    """A row a unit: the past, the gate r, what r lets through, the word's part, the candidate.

    A pipe leads from the past to the gate; behind the gate it is as wide as the gate is
    open. `pipes` are those before the gate, `streams` those behind it, one each a unit;
    `signs` stand between what is added up, and a fan where R mixes all units. With
    `reset_after` the past has been weighed before it comes to the gate, otherwise behind it.
    """

    def __init__(
        self,
        now: At,
        theme: Theme,
        language: Language,
        box: Box,
        units: Sequence[int],
        *,
        cell: Notation,
        reset_after: bool,
        least: float = WIDE.least,
    ) -> None:
        past = "past" if reset_after else "h_prev"
        behind = ["recalled"] if reset_after else ["recalled", "rh_n"]
        names = [past, "r", *behind, "wx_n", "a_n", "n"]
        signs = ["", "", *[FAN] * (len(behind) - 1), "+", "=", "→"]
        gaps = [PIPE if sign in ("", FAN) else BETWEEN for sign in signs]
        needed = VALUE[0] * len(names) + sum(gaps)
        squeeze = min(1.0, (box.width - SIDES) / needed)
        gaps = [gap * squeeze for gap in gaps]
        width = VALUE[0] * squeeze
        super().__init__(
            now, names, theme, language, box, units, cell=cell, width=width, least=least
        )
        total = self.width_ * len(names) + sum(gaps)
        x = box.center[0] - total / 2 + self.width_ / 2 + 0.1
        for name, gap in zip(names, [*gaps, 0.0], strict=True):
            self.column(name, x, HEADS.get(name, ""))
            x += self.width_ + gap
        self.spread_heads(box)
        columns = list(self.columns.values())
        self.sign_size = max(0.3 * max(squeeze, 0.6), least)
        self.number_units(columns[0])
        self.signs = VGroup()
        for k, (sign, pair) in enumerate(zip(signs, pairwise(columns), strict=True)):
            if sign == FAN:
                self.signs.add(self._fan(*pair))
            elif sign:
                self._sign(sign, columns[max(k - 1, 0) : k + 2], pair)
        self.pipes, self.streams = VGroup(), VGroup()
        for k, unit in enumerate(self.units):
            open_ = float(now["r"][unit])
            self.pipes.add(self._pipe(columns[0], columns[1], k, 1.0))
            self.streams.add(self._pipe(columns[1], columns[2], k, open_))

    def _sign(self, sign: str, sum_: Sequence[Column], pair: tuple[Column, Column]) -> None:
        x = float(pair[0].get_right()[0] + pair[1].get_left()[0]) / 2
        for k, y in enumerate(self.rows):
            written = sign
            if sign == "=":
                written = equals("+", [str(column.numbers[k].text) for column in sum_])
            self.signs.add(TextLine(written, size=self.sign_size, color=self.theme.ink, at=(x, y)))

    def _fan(self, begin: Column, end: Column) -> Fan:
        """Lead from all that is let through to each sum that R makes of it."""
        color = mix(self.theme.background, self.theme.role("h"), 0.7)
        left, right = float(begin.get_right()[0]), float(end.get_left()[0])
        return Fan(left, right, begin.rows, end.rows, color)

    def _pipe(self, begin: Column, end: Column, k: int, share: float) -> Polygon:
        left, right = float(begin.get_right()[0]), float(end.get_left()[0])
        y, half = self.rows[k], max(self.height_ * FULL * share, 0.025) / 2
        corners = ((left, y - half), (left, y + half), (right, y + half), (right, y - half))
        pipe = Polygon(*((*corner, 0) for corner in corners))
        color = mix(self.theme.background, self.theme.role("h"), 0.7)
        return pipe.set_stroke(width=0).set_fill(color, opacity=1)
