"""The update gate, drawn as a slider: each unit goes from its old value towards its candidate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from manim import Line, VGroup

from lstmviz.stage.mobjects.column import Column
from lstmviz.stage.mobjects.unit_rows import UnitRows
from lstmviz.style.layout import WIDE

if TYPE_CHECKING:
    from lstmviz.style.language import Language
    from lstmviz.style.layout import Box
    from lstmviz.style.notation import Notation
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import At

USUAL = 13.9  # the width of the room in a wide frame; in a narrower one all comes closer
KNOB = 0.43  # height of a knob; of a low row it takes four fifths


class Blend(UnitRows):
    """A track a unit, from the old value on the left to the candidate on the right.

    On it the gate z pins a place, and the new state slides there from the old end. `keeps`
    says at which end z = 1 stands: at the old one (PyTorch, Keras, ONNX, Cho et al. 2014)
    or at the new one (Chung et al. 2014); the ends are labelled.

    `tracks`, `pins`, `trails` and `knobs` have one each a unit, the knobs where they end,
    with their numbers; `ends` and `result` stand above the tracks.
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
        keeps: bool,
        least: float = WIDE.least,
    ) -> None:
        names = ("z", "h_prev", "n", "h")
        super().__init__(now, names, theme, language, box, units, cell=cell, least=least)
        wide = min(1.0, box.width / USUAL)
        z = self.column("z", box.left + max(1.6 * wide, 1.0), "update gate")
        old = self.column("h_prev", box.left + max(3.7 * wide, 2.45), "old state")
        new = self.column("n", box.right - max(1.2 * wide, 0.72), "candidate")
        self.number_units(z)
        edges = float(old.get_right()[0]), float(new.get_left()[0])
        inset = max(0.75 * wide, 0.56)
        self.start, self.end = edges[0] + inset, edges[1] - inset
        self.tracks = VGroup(*(self._track(y, edges) for y in self.rows))
        share = now["rest" if keeps else "z"]
        self.pins, self.trails = VGroup(), VGroup()
        self.knobs: list[Column] = []
        low = min(0.8, KNOB / self.height_)
        for unit, y in zip(self.units, self.rows, strict=True):
            x = self.start + (self.end - self.start) * float(share[unit])
            self.pins.add(self._pin(x, y))
            trail = Line((edges[0], y, 0), (x, y, 0), stroke_width=10)
            self.trails.add(trail.set_stroke(theme.role("candidate")))
            knob = self.value("h", (unit,), x, y, low)
            self.knobs.append(knob)
        self.ends = VGroup(
            self.head(f"z_t = {int(keeps)}", "input", self.start),
            self.head(f"z_t = {int(not keeps)}", "input", self.end),
        )
        symbol = knob.look.symbol
        self.result = self.head(symbol, "h", (self.start + self.end) / 2, "new state")
        self.spread_heads(box, *self.ends, self.result)

    def at_start(self, unit: int) -> VGroup:
        """Give the knob of a unit at the old end, as it sets out: in the old value's colour."""
        k = self.units.index(unit)
        knob = self.knobs[k]
        away = VGroup(knob.frame.copy(), knob.boxes.copy())
        away[1].set_fill(self.columns["h_prev"].boxes[k].get_fill_color())
        return away.shift((self.start - knob.frame.get_x(), 0, 0))

    def _track(self, y: float, edges: tuple[float, float]) -> VGroup:
        faint = self.theme.resting(self.theme.faint)
        whole = Line((edges[0], y, 0), (edges[1], y, 0))
        ticks = [
            Line((x, y - 0.12, 0), (x, y + 0.12, 0))
            for x in (self.start, (self.start + self.end) / 2, self.end)
        ]
        return VGroup(whole, *ticks).set_stroke(faint, width=4)

    def _pin(self, x: float, y: float) -> Line:
        half = self.height_ * 0.46
        pin = Line((x, y - half, 0), (x, y + half, 0))
        return pin.set_stroke(self.theme.role("input"), width=7)
