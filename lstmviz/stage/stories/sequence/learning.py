"""A story about one weight that learns, from the last word and from ever earlier ones."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from manim import (
    Circle,
    DashedLine,
    FadeIn,
    FadeOut,
    LaggedStart,
    Line,
    Polygon,
    ReplacementTransform,
    Transform,
    VGroup,
)

from lstmviz.demo.network_of import network_of
from lstmviz.engine.lessons.weight_update import WeightStory, another_answer, weight_story
from lstmviz.errors import UsageError
from lstmviz.stage.mobjects.column import Number
from lstmviz.stage.mobjects.input_strip import Strip, shortened
from lstmviz.stage.mobjects.lightable import Motion
from lstmviz.stage.mobjects.word_bars import WordBars
from lstmviz.stage.story.caption_values import SpokenNumber
from lstmviz.stage.story.story import Story
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.style.layout import Box
from lstmviz.style.notation import Scale, quantity, read_back, shown, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import At, Reading, Trace

RATE = 0.1
ROWS = 7  # words told one by one, the last one first
FAINT = 0.1  # of the largest gradient: what is below it hardly teaches
HALF = 0.005 + 1e-9  # what rounding to two digits may take
LARGE = 1.3  # how much larger the rule stands while it is all there is
FILLED = 0.97  # of the width, by the longest line
EM, GAP = 0.4, 0.85  # of the rule, and the gaps in it in ems
BREAK = 3  # terms of the rule on its first line, where it takes two
NAMES, NAME = 2.4, 2.2  # the room for the words of the rows, and a word's own at most
PITCH, LOOSE = 0.44, 0.6  # how far below each other rows stand at most, and where there is room
AXIS = 1.4  # rows that the scale of the weight takes
DASH = 0.12  # of the way over words that are left out
RULE = ("new weight", "=", "weight", "−", "learning rate", "×", "gradient")
TERMS = {
    "new weight": "weight",
    "weight": "weight_prev",
    "learning rate": "rate",
    "gradient": "gradient",
}
COLORS = {"new weight": "h", "weight": "h", "gradient": "forget"}


@lru_cache(maxsize=1)  # a story is set up for each walk through it; a wide network takes seconds
def _learning(trace: Trace) -> WeightStory:
    network = network_of(trace)
    return weight_story(network, trace, RATE, target=another_answer(network, trace))


class LearningStory(Story):
    """A story of `new weight = weight − learning rate × gradient`, in true gradients.

    The loss is that of an answer that the network did not give: it is told to have been
    wrong, as a network is in training. `far` is the moment that is told last; the story
    begins at the end of the input.
    """

    needs = ("h",)
    needs_weights = True
    cell = "rnn"
    called = MappingProxyType({reading: term for term, reading in TERMS.items()})

    @classmethod
    def check_needs(cls, trace: Trace) -> None:
        """Refuse a trace whose weights are not at hand, and a layer that reads backward."""
        super().check_needs(trace)
        network_of(trace)
        if trace.shown[1] == "backward":
            raise UsageError(
                f"The story {cls.story_name()} goes back from the last word, but this layer reads "
                "from there; choose one that reads forward, with direction and layer."
            )

    def pick(self) -> int:
        """Tell at the end of the story the earliest word through which anything comes."""
        return min(1, len(self.trace) - 1)

    @property
    def sources(self) -> tuple[Trace, ...]:
        """The run of the network, and what the weight learns from it."""
        return (self.trace, self.learning.readings, *self.answer_sources)

    def setup(self) -> None:
        """Compute the gradients, and put the rule and an empty stage up."""
        self.learning = _learning(self.trace)
        super().setup()
        self.far = self.now.tick
        self.remove(self.strip, self.status)
        self.now = self.trace.at(-1)
        self.strip = Strip(
            self.trace, self.now.tick, self.theme, self.layout.strip, self.masked_said
        )
        self.status = self._status()
        self.add(self.strip, self.status)
        self.count = min(ROWS, len(self.trace))
        self.rows: list[Row] = []
        self.numbers = VGroup()
        weights = [
            self.at(0)["weight"][0],
            self.at(-1)["weight_prev"][0],
            *self.learning.readings["weight"][:, 0],
        ]
        self.low, self.high = min(weights), max(weights)
        whole = self.layout.whole
        self.terms = self._rule()
        self.note = self._note()
        self.names, self.marks, begin = self._columns()
        self.ground = Box(begin, whole.right - 0.35, whole.bottom, self.foot)
        self.large = VGroup(self.terms, self._numbers(), self.note)
        larger = min(LARGE, FILLED * whole.width / self.large.width)
        self.large.scale(larger).move_to((*whole.center, 0))

    def at(self, tick: int) -> At:
        """Give what the weight learns through the word at a tick."""
        return self.learning.readings.at(tick)

    def said(self, name: str) -> SpokenNumber:
        """Give one value for a caption."""
        return SpokenNumber(self.at(self.now.tick)[name][0], "free")

    @property
    def back(self) -> int:
        """How many words before the last one is told."""
        return len(self.trace) - 1 - self.now.tick

    @property
    def vanishes(self) -> bool:
        """Whether the gradient of the far word is small beside the largest."""
        norms = self.learning.readings["norm"][:, 0]
        return bool(norms[self.far] < FAINT * norms.max())

    # Beats

    def show_rule(self) -> None:
        """Let the rule appear in words."""
        terms = self.large[0]
        self.play(LaggedStart(*(FadeIn(term) for term in terms), lag_ratio=0.2), run_time=1.4)

    def show_numbers(self) -> None:
        """Put the numbers of the word below the words of the rule."""
        _, numbers, note = self.large
        self.play(LaggedStart(*(FadeIn(number) for number in numbers), lag_ratio=0.3), run_time=1.2)
        self.play(FadeIn(note), run_time=0.4)

    def move_weight(self) -> None:
        """Draw the step of this word as an arrow, and let the weight go along it."""
        self.terms = self._rule()
        self.note = self._note()
        self.numbers = self._numbers()
        small = VGroup(self.terms, self.numbers, self.note)
        self.play(ReplacementTransform(self.large, small), run_time=0.8)
        self.remove(small)
        self.equals = self._equals()
        self.terms.remove(self.terms[1])
        self.add(*small, self.equals)
        row = self._row(len(self.rows))
        self.dot = Circle(radius=0.12 * self.layout.zoom, color=self.theme.ink, stroke_width=3)
        self.dot.move_to((*row.start, 0))
        fresh = (row.label, row.number, self.dot, self._axis())
        self.play(*(FadeIn(each) for each in fresh), run_time=0.5)
        self._follow(row, run_time=1.2)

    def step_back(self, *, to: int | None = None, quick: bool = False) -> None:
        """Go one word back, or `to` a tick: other numbers, the same rule, another arrow."""
        tick = self.now.tick - 1 if to is None else to
        skipped = self.now.tick - tick > 1
        turned = self.go_to(tick)
        old, self.numbers = self.numbers, self._numbers()
        equals, self.equals = self.equals, self._equals()
        row = self._row(len(self.rows) + skipped)
        fresh = [FadeIn(row.label), FadeIn(row.number)]
        if skipped:
            size = 0.3 * self.layout.zoom
            dots = TextLine("⋯", size=size, color=self.theme.faint, align="right")
            dots.shift((row.label.get_right()[0], row.start[1] + self.pitch, 0))
            fresh += [FadeIn(dots), FadeIn(self._skipped(row))]
        down: Motion = self.dot.animate.move_to((*row.start, 0))
        time = 0.4 if quick else 0.7
        if not skipped:
            fresh.append(FadeIn(self._link(row)))
        self.play(FadeOut(old), FadeOut(equals), *turned, run_time=time / 2)
        self.play(FadeIn(self.numbers), FadeIn(self.equals), *fresh, down, run_time=time / 2)
        self._follow(row, run_time=0.4 if quick else 1.0)

    def step_back_on(self) -> None:
        """Go back word by word, as far as there is room, faster."""
        while len(self.rows) < self.count - 1 and self.now.tick - 1 > self.far:
            self.step_back(quick=True)

    def jump_back(self) -> None:
        """Go to the word that is told last."""
        if self.far < self.now.tick:
            self.step_back(to=self.far)

    def show_all(self) -> None:
        """Show how much all such weights learn through each word, as bars over the words."""
        stage = [each for each in self.mobjects if each not in self.furniture]
        box, zoom = self.layout.whole, self.layout.zoom
        bars = WordBars(self.learning.readings, "norm", self.trace.kind, self.theme, box, zoom=zoom)
        text = self.lang.told_of(self.lang.word("gradient, word by word"), self.trace.unit)
        title = TextLine(
            text,
            size=min(0.34 * zoom, FILLED * box.width / text_width(text, 1.0, "bold")),
            weight="bold",
            color=self._color("gradient"),
            at=(box.center[0], box.top - 0.15 * zoom),
        )
        self.play(*(FadeOut(each) for each in stage), run_time=0.6)
        self.play(FadeIn(title), FadeIn(bars.axis), FadeIn(bars.words), run_time=0.5)
        # From the end to the beginning, as the gradient comes.
        order = list(reversed(bars.bars))
        self.play(LaggedStart(*(FadeIn(bar) for bar in order), lag_ratio=0.3), run_time=2.5)

    # How it is drawn

    def _color(self, term: str) -> str:
        theme = self.theme
        return theme.readable(theme.role(COLORS.get(term, "ink")), theme.background)

    def _rule(self) -> VGroup:
        """The rule in words, on one line, or on two where one has no room for large letters."""
        box, zoom = self.layout.whole, self.layout.zoom
        parts: list[Sequence[str]] = [RULE]
        if self._width(RULE, EM * zoom) > box.width and not self.layout.beside:
            parts = [RULE[:BREAK], RULE[BREAK:]]
        size = EM * zoom
        size *= min(1.0, *(box.width / self._width(part, size) for part in parts))
        terms = VGroup()
        self.levels: dict[str, float] = {}
        for k, part in enumerate(parts):
            x = box.center[0] - self._width(part, size) / 2
            y = box.top + 0.2 - 0.35 * zoom - k * 1.5 * zoom
            line = VGroup()
            for term in part:
                text = self.lang.word(term)
                wide = text_width(text, size)
                line.add(TextLine(text, size=size, color=self._color(term), at=(x + wide / 2, y)))
                if term == "=":
                    self.size, self.sign_at = size, x + wide / 2
                x += wide + GAP * size
            self.levels |= dict.fromkeys(part, float(line[0].get_y()))
            self.base, self.foot = float(line.get_y()), y - 1.35 * zoom
            terms.add(*line)
        return terms

    def _width(self, part: Sequence[str], size: float) -> float:
        """Give the width of a part of the rule."""
        widths = [text_width(self.lang.word(term), size) for term in part]
        return sum(widths) + GAP * size * (len(part) - 1)

    def _equals(self) -> TextLine:
        """The sign of the rule: `≈` where the numbers, rounded as they are shown, do not hold."""
        now = self.at(self.now.tick)
        after, before, rate, gradient = (
            read_back(shown(now[name][0], "free")) for name in TERMS.values()
        )
        holds = abs(before - rate * gradient - after) <= HALF
        at = (self.sign_at, float(self.terms[0].get_y()))
        return TextLine("=" if holds else "≈", size=self.size, color=self.theme.ink, at=at)

    def _note(self) -> TextLine:
        """Say which weight it is."""
        listens = {"unit": self.learning.unit + 1, "source": self.learning.source + 1}
        zoom, box = self.layout.zoom, self.layout.whole
        at = (box.center[0], self.base - 1.05 * zoom)
        text = self.lang.say("weight between", **listens)
        size = min(0.24 * zoom, box.width / text_width(text, 1.0))
        return TextLine(text, size=size, color=self.theme.faint, at=at)

    def _link(self, row: Row) -> Line:
        """Lead down from where the weight was left to where it goes on."""
        x, y = row.start
        line = Line((x, y + self.pitch - 0.1, 0), (x, y + 0.1, 0))
        return line.set_stroke(self.theme.resting(self.theme.faint), width=2)

    def _skipped(self, row: Row) -> VGroup:
        """Lead from the row before, over all that the words in between moved, to this one."""
        (begin, above), (end, below) = self.rows[-2].end, row.start
        level, clear = below + self.pitch, 0.1
        faint = self.theme.resting(self.theme.faint)
        links = VGroup(
            Line((begin, above - clear, 0), (begin, level, 0)),
            Line((end, level, 0), (end, below + clear, 0)),
        ).set_stroke(faint, width=2)
        if abs(end - begin) > DASH:
            way = DashedLine((begin, level, 0), (end, level, 0), dash_length=DASH)
            links.add(way.set_stroke(self.theme.role("h"), width=3))
        return links

    def _axis(self) -> VGroup:
        """Draw the scale of the weight below the rows, with where it begins and where it ends."""
        zoom, theme = self.layout.zoom, self.theme
        y = self.ground.top - (self.count + 1 + 0.4 * AXIS) * self.pitch
        size = min(0.24 * zoom, self.pitch * 0.7)
        ends = self.at(-1)["weight_prev"], self.at(self.far)["weight"]
        places = [self._x(reading[0]) for reading in ends]
        axis = VGroup(Line((self.ground.left, y, 0), (self.ground.right, y, 0)))
        axis.add(*(Line((x, y - 0.07, 0), (x, y + 0.07, 0)) for x in places))
        axis.set_stroke(theme.faint, width=2)
        color, low = self._color("weight"), y - 0.12 - 0.6 * size
        numbers = [
            _number(reading, color, size, (x, low)) for reading, x in zip(ends, places, strict=True)
        ]
        if abs(places[1] - places[0]) < numbers[0].width + numbers[1].width:
            numbers.pop()
        text = self.lang.word("weight")
        size = min(size, size * (self.marks - self.layout.whole.left) / text_width(text, size))
        name = TextLine(text, size=size, color=color, at=(self.marks, y), align="right")
        return VGroup(axis, *numbers, name)

    def _numbers(self) -> VGroup:
        """The numbers of now below the words of the rule."""
        now, numbers, zoom = self.at(self.now.tick), VGroup(), self.layout.zoom
        there = [term for term in RULE if len(self.terms) == len(RULE) or term != "="]
        for term, words in zip(there, self.terms, strict=True):
            if term in TERMS:
                at = (float(words.get_x()), self.levels[term] - 0.62 * zoom)
                reading, size = now[TERMS[term]], 0.42 * zoom
                scale = quantity(reading.name, cell=self.learning.readings.notation).scale
                numbers.add(_number(reading, self._color(term), size, at, scale))
        return numbers

    @property
    def pitch(self) -> float:
        """How far below each other the rows stand."""
        most = PITCH if self.layout.beside else LOOSE
        return min(most * self.layout.zoom, self.ground.height / (self.count + 1 + AXIS))

    def _columns(self) -> tuple[float, float, float]:
        """Give where the words of the rows end, where their gradients stand, where arrows begin."""
        left, zoom = self.layout.whole.left, self.layout.zoom
        if self.layout.beside:
            names = left + NAMES
            return names, names + 0.78 * zoom, names + 1.5 * zoom
        ticks = [self.far, *range(len(self.trace) - self.count, len(self.trace))]
        texts = [written(self.trace.short(tick), self.trace.kind) for tick in ticks]
        widest = max(text_width(text, 0.3 * zoom) for text in texts)
        names = left + 0.1 + min(widest, NAME * zoom)
        return names, names + 0.75 * zoom, names + 1.4 * zoom

    def _row(self, number: int) -> Row:
        """Prepare the row of the word of now, at its place below the others."""
        y = self.ground.top - (number + 0.5) * self.pitch
        now, zoom = self.at(self.now.tick), self.layout.zoom
        size = min(0.3 * zoom, self.pitch * 0.8)
        room = min(self.names - self.layout.whole.left - 0.1, NAME * zoom) + 0.01
        text = shortened(written(self.trace.short(self.now.tick), self.trace.kind), size, room)
        label = TextLine(text, size=size, color=self.theme.ink, at=(self.names, y), align="right")
        color = self._color("gradient")
        reading = _number(now["gradient"], color, size, (self.marks, y))
        x0, x1 = (self._x(now[name][0]) for name in ("weight_prev", "weight"))
        row = Row((x0, y), (x1, y), label, reading, self.theme, zoom)
        self.rows.append(row)
        return row

    def _x(self, weight: float) -> float:
        span = self.high - self.low
        share = (weight - self.low) / span if span > 0 else 0.5
        return self.ground.left + 0.4 + share * (self.ground.width - 0.8)

    def _follow(self, row: Row, run_time: float) -> None:
        """Let the weight go along its arrow, which grows behind it."""
        end: Motion = self.dot.animate.move_to((*row.end, 0))
        self.add(row.arrow, self.dot)
        self.play(Transform(row.arrow, row.grown), end, run_time=run_time)


class Row:
    """The step that a weight takes through one word: from where to where, and its arrow."""

    def __init__(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        label: TextLine,
        number: Number,
        theme: Theme,
        zoom: float,
    ) -> None:
        self.start, self.end, self.label, self.number = start, end, label, number
        color = theme.role("h")
        self.arrow = _arrow(start, start, color, zoom)
        self.grown = _arrow(start, end, color, zoom)


def _number(
    reading: Reading, color: str, size: float, at: tuple[float, float], scale: Scale = "free"
) -> Number:
    return Number(reading, 0, scale=scale, color=color, size=size, at=at)


def _arrow(start: tuple[float, float], end: tuple[float, float], color: str, zoom: float) -> VGroup:
    """Make an arrow that may be as short as nothing: its head is never longer than it is."""
    (x0, y), (x1, _) = start, end
    side = 1 if x1 >= x0 else -1
    head = min(0.2 * zoom, abs(x1 - x0) * 0.6)
    line = Line((x0, y, 0), (x1 - side * head + 1e-4, y, 0)).set_stroke(color, width=5)
    wide = 0.11 * min(head / 0.12, zoom)
    tip = Polygon((x1, y, 0), (x1 - side * head, y + wide, 0), (x1 - side * head, y - wide, 0))
    return VGroup(line, tip.set_stroke(width=0).set_fill(color, opacity=1))
