"""A story about a gate of a GRU: what it does to each unit, over the whole frame."""

from __future__ import annotations

from collections.abc import Sequence

from manim import LEFT, FadeIn, FadeOut, GrowFromEdge, LaggedStart, Mobject, Transform, VGroup

from lstmviz.stage.mobjects.blend import Blend
from lstmviz.stage.mobjects.input_strip import Strip
from lstmviz.stage.mobjects.lightable import Motion, vanish
from lstmviz.stage.mobjects.unit_rows import UnitRows
from lstmviz.stage.mobjects.valves import Valves
from lstmviz.stage.stories.cell.gru import GruStory
from lstmviz.stage.text.formula import Formula
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.style.layout import Box
from lstmviz.style.notation import quantity


class GruGateStory(GruStory):
    """A story about a gate of a GRU, in words.

    `lay_tracks` and `slide` show the update gate as sliders, `open_valves` and `turn_to` the
    reset gate as valves; `point_out` rings a unit, and `back_to_the_circuit` clears them away.
    """

    def setup(self) -> None:
        """Begin without a ring."""
        super().setup()
        self._ring: Mobject | None = None

    def lay_tracks(self) -> None:
        """Clear the stage for the sliders: the old values, the candidates, and the gate."""
        blend = self.blend = Blend(
            self.now,
            self.theme,
            self.lang,
            self._room(),
            self.units,
            cell=self.notation,
            keeps=self.keeps,
            least=self.layout.least,
        )
        formula = self._formula(self.wiring.variant, "z", "h_prev", "n", "h")
        self._unfold(blend, *blend.parts("z", "h_prev", "n"), formula)
        self.play(FadeIn(blend.tracks), FadeIn(blend.ends))

    def slide(self) -> None:
        """Let each unit slide from its old value to the place that the gate pins."""
        blend = self.blend
        gate = float(blend.columns["z"].get_right()[0])
        flights: list[Motion] = []
        for pin in blend.pins:
            pin.save_state()
            flights.append(pin.set_x(gate).animate.restore())
        self.play(FadeIn(blend.pins), run_time=0.3)
        self.play(LaggedStart(*flights, lag_ratio=0.2))
        knobs = VGroup(*(blend.at_start(unit) for unit in blend.units))
        self.play(FadeIn(knobs), FadeIn(blend.result), run_time=0.5)
        moves: list[Motion] = []
        for knob, goal, trail in zip(knobs, blend.knobs, blend.trails, strict=True):
            trail.save_state()
            trail.set_points_by_ends(trail.get_start(), (blend.start, *trail.get_start()[1:]))
            arrived = VGroup(goal.frame.copy(), goal.boxes.copy())
            moves += [trail.animate.restore(), Transform(knob, arrived)]
        self.add(blend.trails, knobs)
        self.play(*moves, run_time=1.8)
        self.play(*(FadeIn(knob) for knob in blend.knobs), run_time=0.4)
        self.remove(knobs)

    def open_valves(self) -> None:
        """Clear the stage for the valves, and let the past flow as far as it is let."""
        valves = self.valves = self._valves()
        past = quantity("past" if self.reset_after else "rh_n", cell=self.notation).symbol
        past = f"r_t dot.o ({past})" if self.reset_after else past
        function = self.circuit["candidate"].function
        formula = f"n_t = {function}({quantity('wx_n', cell=self.notation).symbol} + {past})"
        before, gate, *_ = valves.columns
        self._unfold(
            valves,
            *valves.parts(before, gate),
            self._formula(formula, "r", "h_prev", "n", "x"),
        )
        self._flow()

    def turn_to(self, tick: int) -> None:
        """Go on with the valves at another moment of the trace."""
        self.light(tick)
        self.open_valves()

    def light(self, tick: int) -> None:
        """Make another tick the one that is told, and light it in the input."""
        old = (self.strip, self.status)
        self.now, self._ring = self.trace.at(tick), None
        self.strip = Strip(self.trace, tick, self.theme, self.layout.strip, self.masked_said)
        self.status = self._status()
        self.play(*(FadeOut(each) for each in old), run_time=0.3)
        self.play(FadeIn(self.strip), FadeIn(self.status), run_time=0.3)

    def _flow(self) -> None:
        """Let the past flow to the gates, and behind them as far as they are open."""
        valves = self.valves
        _, _, through, *rest = valves.columns
        self.play(*(GrowFromEdge(pipe, LEFT) for pipe in valves.pipes), run_time=0.6)
        self.play(*(GrowFromEdge(stream, LEFT) for stream in valves.streams), run_time=0.8)
        self.play(*(FadeIn(part) for part in valves.parts(through)), run_time=0.4)
        self.play(*(FadeIn(part) for part in valves.parts(*rest)), FadeIn(valves.signs))

    def point_out(self, unit: int, rows: UnitRows) -> None:
        """Ring the row of a unit; the ring goes on to the next one."""
        ring = rows.ring(unit)
        if self._ring is None:
            self._ring = ring
            self.play(FadeIn(ring))
        else:
            self.play(Transform(self._ring, ring))

    def _room(self) -> Box:
        box = self.layout.whole
        return Box(box.left, box.right, box.bottom + 0.55, box.top + 0.25)

    def _valves(self) -> Valves:
        return Valves(
            self.now,
            self.theme,
            self.lang,
            self._room(),
            self.units,
            cell=self.notation,
            reset_after=self.reset_after,
            least=self.layout.least,
        )

    def _formula(self, source: str, *colors: str) -> Formula:
        """Make the formula under the rows, the symbols of some readings coloured."""
        ground = self.theme.background
        paint = {
            symbol: self.theme.readable(color, ground)
            for symbol, color in self.paint(*colors).items()
        }
        at = (self.layout.whole.center[0], self.layout.whole.bottom + 0.12)
        return Formula(source, size=0.38, color=self.theme.ink, colors=paint, at=at)

    def _unfold(self, rows: UnitRows, *parts: Mobject) -> None:
        """Clear the stage, and let the small columns become large ones among other parts."""
        flying: list[Motion] = []
        for name, goal in rows.columns.items():
            if name in self.columns:
                small = self.columns.pop(name)
                scale = goal.height / small.height
                flying.append(vanish(small).scale(scale).move_to(goal).set_opacity(0))
        self.play(*self._clear(keep=flying), run_time=0.7)
        whole, size = self.layout.whole, max(0.22, self.layout.least)
        formula = parts[-1]
        room = whole.width / 2 - formula.width / 2 - 0.4
        beside = text_width(self.units_note, size) < room if self.units_note else True
        note = TextLine(
            self.units_note,
            size=size,
            color=self.theme.faint,
            at=(whole.left + 0.2, whole.bottom + (0.12 if beside else 0.5)),
            align="left",
        )
        self.play(*(FadeIn(part) for part in (*parts, rows.indices, note)))

    def _clear(self, keep: Sequence[Motion] = ()) -> list[Motion]:
        return [*self.clearing(*(motion.mobject for motion in keep)), *keep]

    def back_to_the_circuit(self, *waiting: str) -> None:
        """Clear the stage, and put the cell and its lens on it again, columns waiting."""
        self.circuit.set_focus(())
        self.page = VGroup()
        self.lens.panel.set_stroke(self.theme.resting(self.theme.faint))
        self.play(*self._clear(), run_time=0.5)
        self.play(FadeIn(self.circuit), FadeIn(self.lens), *self.place(*waiting), run_time=0.6)
