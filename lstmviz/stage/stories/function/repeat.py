"""A story about a vector that is multiplied at every step, with tanh after it or without."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from manim import Circle, FadeIn, FadeOut, LaggedStart, Transform, VGroup, smooth, squish_rate_func

from lstmviz.engine.lessons.repeated_product import repeated
from lstmviz.stage.circuits.gate import Gate
from lstmviz.stage.circuits.wire import Ride, Wire
from lstmviz.stage.manim.rounded_rectangle import RoundedRectangle
from lstmviz.stage.mobjects.bar_chart import BarChart, reach_for
from lstmviz.stage.mobjects.column import NUMBER, Column, number_size
from lstmviz.stage.mobjects.lightable import Lightable, Motion, vanish
from lstmviz.stage.mobjects.vector_table import VectorTable
from lstmviz.stage.stories.function.repeat_layout import loop_places
from lstmviz.stage.story.caption_values import SpokenNumber, Unit
from lstmviz.stage.story.story import Story
from lstmviz.stage.text.formula import Formula
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.style.notation import Quantity
from lstmviz.style.theme import Theme
from lstmviz.trace.trace import Reading, Trace

FACTOR = 3
WIDEST = 4.5  # the end of a scale that does not grow
STEPS = 8
COMPARED = 0.75  # the height of a row that is compared, at most
MARK = 0.2  # the em of the numbers of the units
ROLE = "h"
LOOK = Quantity("v", "v", ROLE, "free")
Way = tuple[tuple[float, float], ...]


class RepeatStory(Story):
    """A story that multiplies the vector of a word by three, again and again.

    The vector is x of the moment that is told; what becomes of it is a trace of its own,
    `self.repeats`. `squash` puts tanh behind the multiplication.
    """

    needs = ("x",)
    cell = "rnn"
    squash: ClassVar[bool] = False

    def pick(self) -> int:
        """Tell the word with the longest vector that fits into −1 … 1."""
        largest = np.abs(self.trace["x"]).max(axis=1)
        fits = largest <= 1
        return int(np.argmax(np.where(fits, largest, -1)) if fits.any() else np.argmin(largest))

    @property
    def sources(self) -> tuple[Trace, ...]:
        """The run of the network, of which the vector is, and what becomes of the vector."""
        return (self.trace, self.repeats, self.wild, *self.answer_sources)

    def setup(self) -> None:
        """Draw the loop and the chart."""
        x = self.now["x"]
        self.repeats = repeated(x.value, STEPS, squash=self.squash, factor=FACTOR)
        self.wild = repeated(x.value, STEPS, squash=False, factor=FACTOR)
        self.shown = self.units_of(x)
        self.done = 0
        super().setup()
        start = self.read("v_prev", 0)
        self.largest = max(self.shown, key=lambda unit: abs(start[unit]))
        furthest = FACTOR * abs(start[self.largest])
        # With tanh the scale stays, so that the band that everything returns to can be seen.
        self.reach = min(max(furthest, FACTOR), WIDEST) if self.squash else reach_for([furthest])
        last = self.read("v", STEPS - 1)
        powers = [math.floor(math.log10(v)) for v in (self.reach, *map(abs, last)) if v > 0]
        self.places = loop_places(self.layout, len(self.shown))
        self.chart = BarChart(
            self.theme,
            self.places.chart,
            self.shown,
            role=ROLE,
            lowest=min(powers),
            highest=max(powers) + 1,
            zoom=self.layout.zoom,
            least=self.layout.least,
        )
        self.scale_ = self.chart.scale_of(self.reach)
        self.bars = self.chart.bars_of(start, self.reach)
        self.numbers = self.column_of(start)
        self._draw_loop()

    def read(self, name: str, tick: int) -> Reading:
        """Give a reading of what becomes of the vector."""
        return self.repeats.at(tick)[name]

    def said(self, name: str, tick: int, unit: int, wild: bool = False) -> SpokenNumber:
        """Give one value for a caption, of the vector without tanh if it is to be `wild`."""
        trace = self.wild if wild else self.repeats
        return SpokenNumber(trace.at(tick)[name][unit], "free")

    # Beats

    def show_vector(self) -> None:
        """Let the vector appear, as numbers and as bars."""
        chart = self.chart
        self.indices = chart.indices()
        rest = [chart, self.scale_, chart.axis, self.indices]
        self.add(*rest)
        self.play(*(FadeIn(each) for each in rest), FadeIn(self.numbers), run_time=0.7)
        self.add(self.bars)
        self.play(LaggedStart(*(FadeIn(bar) for bar in self.bars), lag_ratio=0.25), run_time=0.8)

    def show_loop(self) -> None:
        """Let the loop appear: from the vector, through what works on it, and back."""
        self.play(FadeIn(self.loop), FadeIn(self.rule), run_time=0.7)

    def multiply(self, *, rest: bool = True) -> None:
        """Send the vector to × 3: the bars become what is there before tanh, if there is one."""
        small = self._small(self.read("v_prev", self.done))
        self.play(Ride(small, *self._way[0], appear=True), run_time=0.9)
        after = self.chart.bars_of(self.read("a", self.done), self.reach)
        self.play(
            vanish(small).scale(0.2).move_to(self.times).set_opacity(0),
            Transform(self.bars, after),
            run_time=0.9,
        )
        if not self.squash:
            self._return("v", self._way[1])

    def squeeze(self) -> None:
        """Send what × 3 made through tanh, and back to where the vector stands."""
        small = self._small(self.read("a", self.done))
        self.play(Ride(small, *self._way[1], appear=True), run_time=0.6)
        after = self.chart.bars_of(self.read("v", self.done), self.reach)
        self.play(
            vanish(small).scale(0.2).move_to(self.tanh).set_opacity(0),
            Transform(self.bars, after),
            run_time=0.9,
        )
        self._return("v", self._way[2])

    def rescale(self, run_time: float = 1.2) -> None:
        """Let the scale grow until all bars have room."""
        reading = self.read("v", self.done - 1)
        self.reach = reach_for([reading[unit] for unit in self.shown])
        self.play(*self._scaled(reading), run_time=run_time)

    def run_on(self) -> None:
        """Do the steps that are left, faster."""
        while self.done < STEPS:
            reading = self.read("v", self.done)
            small = self._small(self.read("v_prev", self.done))
            way = self._whole_way
            if self.squash:
                stretched = self.chart.bars_of(self.read("a", self.done), self.reach)
                ride = Ride(small, *self._way[0], appear=True)
                self.play(ride, Transform(self.bars, stretched), run_time=0.5)
                way = [point for piece in self._way[1:] for point in piece]
            else:
                self.reach = reach_for([reading[unit] for unit in self.shown])
            ride = Ride(small, *way, appear=not self.squash)
            self.done += 1
            self.play(ride, *self._scaled(reading), *self._renewed(), run_time=0.7)
            self.remove(small)

    def show_both_ends(self) -> None:
        """Put side by side, in place of the chart, what it began with and both ends."""
        last = STEPS - 1
        readings = (
            self.read("v_prev", 0),
            self.wild.at(last)["v"],
            self.read("v", last),
        )
        heads = [self.lang.word(each) for each in ("at the start", "without tanh", "with tanh")]
        box, zoom, theme = self.places.chart, self.layout.zoom, self.theme
        begin = box.left + 0.3 * zoom  # where the units are numbered
        pitch = (box.right - begin) / len(readings)
        height = (box.height - 1.3 * zoom) / len(self.shown)
        size = (min(pitch - 0.5 * zoom, 1.8 * zoom), min(COMPARED * zoom, height))
        largest = 1.3 * NUMBER * zoom
        letters = number_size([(each, LOOK, self.shown) for each in readings], size, largest)
        em = max(min((pitch - 0.2) / text_width(head, 1.0) for head in heads), self.layout.least)
        em = min(em, 0.32 * zoom)
        compared, self.ends = VGroup(), list[Column]()
        for k, (reading, head) in enumerate(zip(readings, heads, strict=True)):
            x, y = begin + (k + 0.5) * pitch, box.center[1] - 0.25 * zoom
            column = Column(
                reading,
                theme,
                units=self.shown,
                box=size,
                numbers=True,
                at=(x, y),
                look=LOOK,
                size=letters,
            )
            top = float(column.frame.get_top()[1]) + 0.35 * zoom
            title = TextLine(head, size=em, color=theme.ink, at=(x, top))
            numbers = self._unit_numbers(column) if k == 0 else VGroup()
            self.ends.append(column)
            compared.add(VGroup(title, column, numbers))
        gone = (self.chart, self.scale_, self.chart.axis, self.bars, self.indices)
        self.play(*(FadeOut(each) for each in gone), run_time=0.6)
        self.play(LaggedStart(*map(FadeIn, compared), lag_ratio=0.5), run_time=1.6)

    def _unit_numbers(self, column: Column) -> VGroup:
        """Make the numbers of the units, left of a column that is compared."""
        left, em = float(column.frame.get_left()[0]), max(0.2 * self.layout.zoom, self.layout.least)
        return VGroup(
            *(
                TextLine(str(unit + 1), size=em, color=self.theme.faint, at=(left - 0.2 - em, y))
                for unit, y in zip(self.shown, column.rows, strict=True)
            )
        )

    def ring(self, *units: int) -> None:
        """Put a ring around the rows of units, through all that is compared."""
        columns = self.ends
        left, right = columns[0].frame.get_left()[0], columns[-1].frame.get_right()[0]
        rings = []
        for unit in units:
            row = self.shown.index(unit)
            height = float(columns[0].boxes[row].height)
            ring = RoundedRectangle(width=right - left + 0.3, height=height, corner_radius=0.1)
            ring.set_stroke(self.theme.ink, width=4)
            rings.append(ring.move_to(((left + right) / 2, columns[0].rows[row], 0)))
        self.play(*map(FadeIn, rings), run_time=0.8)

    def levelled(self) -> tuple[Unit, Unit] | None:
        """Find two units that began far apart in size and end alike; None where there are none."""
        start, end = self.read("v_prev", 0), self.read("v", STEPS - 1)
        alike = [k for k in self.shown if abs(abs(end[k]) - abs(end[self.largest])) < 0.02]
        small = min(alike, key=lambda k: abs(start[k]))
        if abs(start[self.largest]) < 2 * abs(start[small]):
            return None
        return Unit(self.largest), Unit(small)

    def show_all(self) -> None:
        """Put the vector of every step side by side."""
        readings = [self.read("v_prev", 0), *(self.read("v", tick) for tick in range(STEPS))]
        box, zoom = self.layout.whole, self.layout.zoom
        rule = self.rule.copy().move_to((box.center[0], box.top - 0.25 * zoom, 0))
        table = VectorTable(
            readings,
            self.theme,
            box,
            self.shown,
            look=LOOK,
            zoom=zoom,
            down=not self.layout.beside,
            least=self.layout.least,
        )
        self.clear_stage()
        self.play(FadeIn(rule), FadeIn(table.marks), run_time=0.4)
        each = (FadeIn(vector) for vector in table.vectors)
        self.play(LaggedStart(*each, lag_ratio=0.4), run_time=2.8)

    # How it is drawn

    def column_of(self, reading: Reading) -> Numbered:
        """Make the column of numbers in the loop."""
        at = (self.places.left, self.places.middle)
        return Numbered(
            reading,
            self.theme,
            units=self.shown,
            box=self.places.box,
            at=at,
            zoom=self.layout.zoom,
            least=self.layout.least,
        )

    def _draw_loop(self) -> None:
        theme, zoom, places = self.theme, self.layout.zoom, self.places
        left, right, high, low = places.left, places.right, places.high, places.low
        frame = self.numbers.column.frame
        top, bottom = frame.get_top()[1] + 0.04, frame.get_bottom()[1] - 0.08
        upper = places.middle + (0.75 * zoom if self.squash else 0.0)
        self.times = (right, upper, 0.0)
        circle = _Times(theme, (right, upper)).scale(zoom)
        reach, edge = 0.02 + 0.4 * zoom, 0.36 * zoom
        over = ((left, top), (left, high), (right, high), (right, upper + reach))
        back = ((right, low), (left, low), (left, bottom))
        ways: list[Way] = [over, ((right, upper - reach), *back)]
        parts = []
        if self.squash:
            lower = places.middle - 0.75 * zoom
            self.tanh = (right, lower, 0.0)
            gate = Gate(theme, "tanh", at=(right, lower), role=ROLE, width=1.15, height=0.72)
            parts = [gate.scale(zoom)]
            between = ((right, upper - reach), (right, lower + edge))
            ways = [over, between, ((right, lower - edge), *back)]
        self._way = [self._inset(way) for way in ways]
        self._whole_way = [point for way in self._way for point in way]
        self.loop = VGroup(*(Wire(theme, *way, role=ROLE) for way in ways), circle, *parts)
        source = f"v_t = {FACTOR} v_(t-1)"
        if self.squash:
            source = f"v_t = tanh({FACTOR} v_(t-1))"
        self.rule = Formula(source, size=0.4 * zoom, color=theme.ink, at=places.rule)
        if self.rule.width > places.room:
            self.rule.scale(places.room / self.rule.width)

    def _inset(self, way: Way) -> Way:
        """Keep what rides on the wires clear of the column of numbers."""
        start, *rest = way
        left, clear = self.places.left, 0.42 * self.layout.zoom
        if start[0] == left:
            return ((left, start[1] + clear), *rest)
        if rest[-1][0] == left:
            return (start, *rest[:-1], (left, rest[-1][1] - clear))
        return way

    def _small(self, reading: Reading) -> Column:
        zoom = self.layout.zoom
        box = (0.32 * zoom, min(0.17, 0.8 / len(self.shown)) * zoom)
        return Column(reading, self.theme, units=self.shown, box=box, look=LOOK)

    def _return(self, name: str, way: Way) -> None:
        """Let the result ride back, and take the place of the vector."""
        small = self._small(self.read(name, self.done))
        self.play(Ride(small, *way, appear=True), run_time=0.9)
        self.done += 1
        self.play(FadeOut(small), *self._renewed(), run_time=0.6)

    def _renewed(self) -> list[Motion]:
        """Change the numbers: the old ones are gone before the new ones come."""
        old, self.numbers = self.numbers, self.column_of(self.read("v", self.done - 1))
        first, second = squish_rate_func(smooth, 0, 0.45), squish_rate_func(smooth, 0.45, 1)
        return [FadeOut(old, rate_func=first), FadeIn(self.numbers, rate_func=second)]

    def _scaled(self, reading: Reading) -> list[Motion]:
        scale, bars = self.chart.scale_of(self.reach), self.chart.bars_of(reading, self.reach)
        return [Transform(self.scale_, scale), Transform(self.bars, bars)]


class Numbered(VGroup):
    """A column of numbers with the numbers of the units beside it."""

    def __init__(
        self,
        reading: Reading,
        theme: Theme,
        *,
        units: Sequence[int],
        box: tuple[float, float],
        at: tuple[float, float],
        zoom: float,
        least: float,
    ) -> None:
        size = number_size([(reading, LOOK, units)], box, NUMBER * zoom)
        self.column = Column(
            reading, theme, units=units, box=box, numbers=True, at=at, look=LOOK, size=size
        )
        em = max(MARK * zoom, least)
        left = at[0] - box[0] / 2 - 0.17 * zoom - em / 2
        marks = (
            TextLine(str(unit + 1), size=em, color=theme.faint, at=(left, y))
            for unit, y in zip(units, self.column.rows, strict=True)
        )
        super().__init__(self.column, *marks)


class _Times(Lightable):
    """The circle in which every value is multiplied by three."""

    def __init__(self, theme: Theme, at: tuple[float, float]) -> None:
        super().__init__(theme)
        circle = Circle(radius=0.4, stroke_width=3.5).set_fill(opacity=1).move_to((*at, 0))
        self.ink(circle, self.theme.panel, "fill", self.theme.panel)
        self.ink(circle, self.theme.role(ROLE), "stroke")
        self.ink(Formula(f"times {FACTOR}", size=0.38, at=at), self.theme.ink, "text")
