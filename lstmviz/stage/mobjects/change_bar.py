"""How far a word moved the memory, as a bar in two parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manim import Rectangle, VGroup

from lstmviz.trace.changes import MOVED, WIPED

if TYPE_CHECKING:
    from lstmviz.trace.trace import At

EDGE = 2.5  # of the hollow part
THIN = 0.03  # shorter than this, a part is not seen
SHORTEST = 0.02


class ChangeBar(VGroup):
    """A bar as long as the change: what was written is filled, beyond it is hollow what was wiped.

    It stands on the point `at`, or lies to the right of it.
    """

    def __init__(
        self,
        change: At,
        color: str,
        *,
        long: float,
        thick: float,
        at: tuple[float, float],
        lying: bool = False,
    ) -> None:
        super().__init__()
        long = max(long, SHORTEST)
        share = float(change[WIPED][0]) / max(float(change[MOVED][0]), 1e-12)
        hollow = long * share if long * share >= THIN else 0.0
        if long - hollow < THIN:
            hollow = long if hollow else 0.0
        begin = 0.0
        for part, filled in ((long - hollow, True), (hollow, False)):
            inner = max(part if filled else part - THIN, 0.001)
            wide = thick if filled else thick - THIN
            size = (inner, wide) if lying else (wide, inner)
            shape = Rectangle(width=size[0], height=size[1], fill_color=color, stroke_color=color)
            shape.set_stroke(width=EDGE if part and not filled else 0)
            shape.set_fill(opacity=1 if part and filled else 0)
            middle = begin + part / 2
            x, y = (at[0] + middle, at[1]) if lying else (at[0], at[1] + middle)
            self.add(shape.move_to((x, y, 0)))
            begin += part
        self.long = long
