"""A story about a squashing function: values before it, the curve, and what leaves it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
from manim import (
    Circle,
    Create,
    FadeIn,
    FadeOut,
    LaggedStart,
    ReplacementTransform,
    Transform,
    VGroup,
)

from lstmviz.engine.model.cells import all_cells
from lstmviz.errors import UsageError
from lstmviz.stage.mobjects.bars import Bars
from lstmviz.stage.mobjects.column import NUMBER, Column, number_size
from lstmviz.stage.mobjects.curve import FUNCTIONS, Curve, Squash
from lstmviz.stage.mobjects.lens import Equation
from lstmviz.stage.mobjects.lightable import Motion, vanish
from lstmviz.stage.stories.function.curve_layout import between, places
from lstmviz.stage.story.story import Story
from lstmviz.stage.text.formula import Formula
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.style.layout import Box
from lstmviz.style.notation import quantity
from lstmviz.trace.trace import Reading, Trace

MOST_DOTS = 400
OTHERS = {"relu": "The relu function: what is below 0 becomes 0"}


class CurveStory(Story):
    """A story that sends a reading through `squash`, and says which cells have one.

    Where a network has one of the functions `instead` in its place, that one is told. The first
    readings of a trace that the function relates are told. `pairs` lists those of well-known cells
    that tell most; those of other cells follow from what they are made of. With `multiplies`, the
    result must be a factor of another reading, too.
    """

    squash: ClassVar[Squash] = "tanh"
    instead: ClassVar[tuple[Squash, ...]] = ()
    pairs: ClassVar[tuple[tuple[str, ...], ...]] = ()
    multiplies: ClassVar[bool] = False

    @classmethod
    def pair_in(cls, trace: Trace) -> tuple[str, ...] | None:
        """Find the first readings of a trace that the function relates, or one in its place."""
        function = cls.function_in(trace)
        return None if function is None else cls._pair(trace, function)

    @classmethod
    def function_in(cls, trace: Trace) -> Squash | None:
        """Give the function that is told of a trace, if it has any of them."""
        functions = (cls.squash, *cls.instead)
        return next((each for each in functions if cls._pair(trace, each) is not None), None)

    @classmethod
    def _pair(cls, trace: Trace, function: Squash) -> tuple[str, ...] | None:
        for names in (*cls.pairs, *cls.found_in(trace, function)):
            if all(name in trace for name in names) and cls.related(trace, names, function):
                return names
        return None

    @classmethod
    def found_in(cls, trace: Trace, squash: Squash) -> Iterator[tuple[str, ...]]:
        """Find what has gone through the function, and what it is a factor of, if that is asked."""
        made = trace.notation.made
        function = {"sigma": "sigmoid"}.get(squash, squash)
        for after, how in made.items():
            (before, *more) = how.of
            if how.by != function or more or not isinstance(before, str):
                continue
            if not cls.multiplies:
                yield before, after
                continue
            for product, parts in made.items():
                others = [one for one in parts.of if one != after]
                if parts.by == "×" and len(parts.of) == 2 and len(others) == 1:
                    yield before, after, str(others[0]), product

    @classmethod
    def related(cls, trace: Trace, names: tuple[str, ...], function: Squash) -> bool:
        """Tell whether the second reading is the function of the first one.

        Of four readings, the fourth must be the product of the second and the third.
        """
        before, after, *product = (trace[name] for name in names)
        squashed = np.allclose(FUNCTIONS[function](before), after, atol=1e-5)
        multiplied = not product or np.allclose(after * product[0], product[1], atol=1e-5)
        return bool(squashed and multiplied)

    @classmethod
    def check_needs(cls, trace: Trace) -> None:
        """Refuse a cell that does not use the function."""
        if cls.pair_in(trace) is None:
            raise UsageError(
                f"The story {cls.story_name()} shows values before and after the function, which "
                f"the cell {trace.cell} does not have; cells that do: "
                f"{', '.join(cls.fitting_cells())}."
            )

    @classmethod
    def fitting_cells(cls) -> list[str]:
        """Name the cells that use the function."""
        from lstmviz.load.run import run

        return [
            cell.name
            for cell in all_cells()
            if cls.pair_in(run([0.5, -1.0], cell=cell)) is not None
        ]

    def pick(self) -> int:
        """Tell the tick that has both a value far from 0 and one near it.

        Where the results are gates, it is the tick at which they differ most.
        """
        before, after = (self.trace[name] for name in self.readings[:2])
        if len(self.readings) > 2:
            return int(np.argmax(after.max(axis=1) - after.min(axis=1)))
        if self.function == "relu":
            return int(np.argmax(np.minimum(before.max(axis=1), -before.min(axis=1))))
        sizes = np.abs(before)
        return int(np.argmax(sizes.max(axis=1) - 3 * sizes.min(axis=1)))

    @property
    def function(self) -> Squash:
        """The function that is told."""
        return self.function_in(self.trace) or self.squash

    @property
    def title(self) -> str:
        """Say which function it is; the story is called by the usual one."""
        return (
            super().title if self.function == self.squash else self.lang.word(OTHERS[self.function])
        )

    @property
    def readings(self) -> tuple[str, ...]:
        """The names before and after the function, and whatever else the pair holds."""
        names = self.pair_in(self.trace)
        assert names is not None  # check_needs has seen to it
        return names

    def setup(self) -> None:
        """Prepare the curve and both columns."""
        super().setup()
        before, after = (self.now[name] for name in self.readings[:2])
        self.shown, self.drawn = self.units_of(before), False
        self.places = places(self.layout, len(self.shown), note=bool(self.units_note))
        largest = float(np.abs(self.trace[before.name][:, list(self.shown)]).max())
        role, zoom = quantity(after.name, cell=self.notation).role, self.layout.zoom
        least = self.layout.least
        self.curve = Curve(self.function, largest, role, self.theme, self.places.curve, zoom, least)
        self.values = self.column_at(before, self.places.before)
        self.results = self.column_at(after, self.places.after)
        self.heads = VGroup()
        self.indices = VGroup(self.numbers_of(self.values), VGroup())
        for column in (self.values, self.results):
            self.heads.add(self.head_of(column))
        # Side by side, both columns have the same numbers of the units, and signs between them.
        if self.places.under:
            self.indices[1].add(*self.signs("→"))
        else:
            self.indices[1].add(*self.numbers_of(self.results))
        if self.units_note:
            at = (float(self.values.get_x()), float(self.values.get_bottom()[1]) - 0.25 * zoom)
            room = 2 * (at[0] - self.layout.whole.left)
            size = max(min(0.2 * zoom, room / text_width(self.units_note, 1.0)), least)
            note = TextLine(self.units_note, size=size, color=self.theme.faint, at=at)
            self.heads[0].add(note)

    def in_view(self) -> list[str]:
        """Say which curve is seen, once it is drawn."""
        name = {"sigma": "σ"}.get(self.function, self.function)
        return [self.lang.say("The curve of {name}.", name=name)] if self.drawn else []

    def show_values(self) -> None:
        """Show how the values before the function add up, where the trace has the parts."""
        name = self.readings[0]
        parts = self.notation.sum(name.partition("_")[2])
        self.sum: Equation | None = None
        if not name.startswith("a_") or not all(part in self.trace for part in parts):
            self.play(FadeIn(self.values), FadeIn(self.heads[0]), FadeIn(self.indices[0]))
            return
        readings = [self.now[each] for each in (*parts, name)]
        whole = self.layout.whole
        zoom = self.layout.zoom
        half = min(3.2 * zoom, whole.width / 2)
        box = Box(whole.center[0] - half, whole.center[0] + half, whole.bottom, whole.top)
        self.sum = Equation(
            readings,
            ["+"] * (len(parts) - 1) + ["="],
            self.theme,
            box,
            cell=self.notation,
            units=[self.units_of(reading) for reading in readings],
            zoom=zoom,
            least=self.layout.least,
        )
        self.sum.scale(min(1.25, box.height / self.sum.height, whole.width / self.sum.width))
        self.play(*(FadeIn(each) for each in self.sum.operands))
        self.play(*(FadeIn(each) for each in self.sum.result))

    def place_values(self) -> list[Motion]:
        """Take the values to where they wait for the curve."""
        if self.sum is None:
            return []
        column = self.sum.columns[-1]
        rest = [*self.sum.columns[:-1], self.sum.headers, self.sum.indices, self.sum.signs]
        return [
            ReplacementTransform(column, self.values),
            *(FadeOut(each) for each in rest),
            FadeIn(self.heads[0]),
            FadeIn(self.indices[0]),
        ]

    def draw_curve(self) -> None:
        """Draw the axes, the band and the curve."""
        self.drawn = True
        curve = self.curve
        if placing := self.place_values():
            self.play(*placing, run_time=0.8)
        self.play(FadeIn(curve.band), FadeIn(curve.axes), FadeIn(curve.ticks), run_time=0.6)
        self.play(Create(curve.line), FadeIn(curve.limits), run_time=1.2)
        self.play(FadeIn(curve.formula), FadeIn(curve.middle), run_time=0.5)

    def drop_values(self) -> None:
        """Send each value to its place on the axis, and on to the curve."""
        before, after = (self.now[name] for name in self.readings[:2])
        self.dots: dict[int, Circle] = {}
        self.lines = VGroup()
        to_axis: list[Motion] = []
        to_curve: list[Any] = []
        for unit, y in zip(self.shown, self.values.rows, strict=True):
            dot = self.curve.dot(before[unit], before[unit], 0)
            dot.save_state()
            dot.move_to((self.values.frame.get_right()[0] + 0.2, y, 0)).set_opacity(0)
            self.dots[unit] = dot
            line = self.curve.drop(before[unit], after[unit])
            self.lines.add(line)
            to_axis.append(dot.animate.restore())
            to_curve.append((line, dot, (*self.curve.at(before[unit], after[unit]), 0)))
        self.play(LaggedStart(*to_axis, lag_ratio=0.3), run_time=1.4)
        self.play(
            *(Create(line) for line, *_ in to_curve),
            *(dot.animate.move_to(place) for _, dot, place in to_curve),
            run_time=1.2,
        )

    def collect_results(self) -> None:
        """Let what the curve made of each value go to the column of the results."""
        copies = [dot.copy() for dot in self.dots.values()]
        left = self.results.frame.get_left()[0] - 0.2
        heights = [copy.get_y() for copy in copies]
        if self.places.under:
            heights = self.results.rows
        moves: list[Motion] = [
            copy.animate.move_to((left, y, 0)) for copy, y in zip(copies, heights, strict=True)
        ]
        self.play(*moves, run_time=1.0)
        arrive: list[Motion] = [
            vanish(copy).move_to((self.results.get_x(), y, 0)).set_opacity(0)
            for copy, y in zip(copies, self.results.rows, strict=True)
        ]
        self.play(
            *arrive,
            FadeIn(self.results),
            FadeIn(self.heads[1]),
            FadeIn(self.indices[1]),
            run_time=0.8,
        )

    def point_at(self, unit: int) -> None:
        """Ring one value, its dot and its result; take the last ring away."""
        old = getattr(self, "rings", None)
        self.rings = VGroup()
        for column in (self.values, self.results):
            box = column.boxes[column.units.index(unit)]
            self.rings.add(
                box.copy()
                .scale(1.06)
                .set_fill(opacity=0)
                .set_stroke(self.theme.ink, width=5, opacity=1)
            )
        ring = Circle(radius=0.2 * self.layout.zoom, stroke_color=self.theme.ink, stroke_width=4)
        self.rings.add(ring.move_to(self.dots[unit].get_center()))
        self.play(FadeIn(self.rings), *([FadeOut(old)] if old else []), run_time=0.5)

    def scatter(self) -> None:
        """Put the values of all ticks on the curve."""
        before, after = (self.trace[name][:, list(self.shown)] for name in self.readings[:2])
        every = max(1, before.size // MOST_DOTS)
        dots = VGroup(
            *(
                self.curve.dot(a, a, y).scale(0.6).set_stroke(width=1)
                for a, y in zip(before.ravel()[::every], after.ravel()[::every], strict=True)
            )
        )
        gone = [FadeOut(self.lines), FadeOut(self.rings)]
        self.play(*gone, LaggedStart(*(FadeIn(dot) for dot in dots), lag_ratio=0.04), run_time=2.5)

    def multiply(self) -> None:
        """Let the results, as gates, take their share of what they are multiplied by."""
        whole, left = (self.now[name] for name in self.readings[2:])
        bars = Bars(
            whole,
            left,
            self.theme,
            self.places.bars,
            self.places.rows,
            self.shown,
            cell=self.notation,
            zoom=self.layout.zoom,
        )
        operand = self.column_at(whole, self.places.before)
        head = self.head_of(operand)
        fresh = VGroup(head, *self.signs("×"))
        old = VGroup(
            self.curve, self.lines, *self.dots.values(), self.rings, self.values, self.heads[0]
        )
        if self.places.under:
            old.add(self.indices[1])
            for unit, y in zip(self.shown, self.places.rows, strict=True):
                bars.add(self.number_of(unit, (self.places.curve.left, y)))
        self.play(FadeOut(old), run_time=0.5)
        self.play(FadeIn(operand), FadeIn(fresh), run_time=0.6)
        self.play(FadeIn(bars), run_time=0.6)
        copies = [box.copy() for box in self.results.boxes]
        moves: list[Motion] = [
            vanish(copy).move_to(bar.get_center()).set_opacity(0)
            for copy, bar in zip(copies, bars.bars, strict=True)
        ]
        self.play(LaggedStart(*moves, lag_ratio=0.2), run_time=1.0)
        self.play(Transform(bars.bars, bars.shrunken), run_time=1.2)
        self.play(FadeIn(bars.numbers), FadeIn(bars.head), run_time=0.5)

    # How it is drawn

    def column_at(self, reading: Reading, at: tuple[float, float]) -> Column:
        """Make the column of a reading's numbers around a place."""
        look, box = quantity(reading.name, cell=self.notation), self.places.box
        largest = NUMBER * self.layout.zoom
        return Column(
            reading,
            self.theme,
            cell=self.notation,
            units=self.shown,
            numbers=True,
            box=box,
            at=at,
            size=number_size([(reading, look, self.shown)], box, largest),
        )

    def numbers_of(self, column: Column) -> VGroup:
        """Number the units of a column, to its left."""
        left = column.frame.get_left()[0] - 0.12
        pairs = zip(column.units, column.rows, strict=True)
        return VGroup(*(self.number_of(unit, (left, y)) for unit, y in pairs))

    def number_of(self, unit: int, at: tuple[float, float]) -> TextLine:
        """Make the number of a unit, which ends at a place."""
        size = max(0.2 * self.layout.zoom, self.layout.least)
        return TextLine(str(unit + 1), size=size, color=self.theme.faint, at=at, align="right")

    def signs(self, sign: str) -> list[TextLine]:
        """Make a sign for each row, to stand between the columns where they are side by side."""
        size, color = 0.3 * self.layout.zoom, self.theme.ink
        spots = between(self.values.rows, self.places)
        return [TextLine(sign, size=size, color=color, at=at) for at in spots]

    def head_of(self, column: Column) -> Formula:
        """Make the symbol that stands above a column."""
        color = self.theme.readable(self.theme.role(column.look.role), self.theme.background)
        top, zoom = column.frame.get_top(), self.layout.zoom
        at = (top[0], top[1] + 0.35 * zoom)
        return Formula(column.look.symbol, size=0.42 * zoom, color=color, at=at)
