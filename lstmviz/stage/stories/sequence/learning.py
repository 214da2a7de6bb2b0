"""A story about one weight that learns, from an error that goes back through a chain of cells."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from manim import FadeIn, FadeOut, LaggedStart, Line, Transform, VGroup

from lstmviz.demo.network_of import network_of
from lstmviz.engine.lessons.way_back import way_back
from lstmviz.engine.lessons.weight_update import WeightStory, another_answer, weight_story
from lstmviz.errors import UsageError
from lstmviz.stage.circuits.by_cell import name_within
from lstmviz.stage.manim.rounded_rectangle import RoundedRectangle
from lstmviz.stage.mobjects.column import Number
from lstmviz.stage.mobjects.error_chain import HIGH, LOW, ErrorCell, Pile, arrow, glow, pulse
from lstmviz.stage.mobjects.input_strip import PAD, SIZE, Chip, Strip, shortened
from lstmviz.stage.mobjects.lightable import Motion
from lstmviz.stage.mobjects.update_rule import UpdateRule
from lstmviz.stage.mobjects.word_bars import WordBars
from lstmviz.stage.stories.sequence.learning_layout import MOST, SPACE, LearningPlaces
from lstmviz.stage.story.caption_values import SpokenNumber
from lstmviz.stage.story.story import Story
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.style.notation import quantity, shown, written

if TYPE_CHECKING:
    from lstmviz.style.notation import Scale
    from lstmviz.trace.trace import At, Reading, Trace

RATE = 0.1
EM, RULE_EM = 0.26, 0.3  # of what is written in the chain, and of the rule
FILLED = 0.97  # of the width, by a title
CLEAR = 0.06  # between a cell and what goes from it or to it
FEW = 5  # places of the chain that there should be, if the letters can be smaller
SMALLER = 0.02


@lru_cache(maxsize=1)  # a story is set up for each walk through it; a wide network takes seconds
def _learning(trace: Trace) -> WeightStory:
    network = network_of(trace)
    return weight_story(network, trace, RATE, target=another_answer(network, trace))


class LearningStory(Story):
    """A story of an error that goes back through time, and of a weight that learns from it.

    The loss is that of an answer that the network did not give: it is told to have been
    wrong, as a network is in training. The chain begins at the moment that is told, `far`, and
    ends with the input; what does not fit between is left out, and said to be.
    """

    needs = ("h",)
    needs_weights = True
    cell = "rnn"
    called = MappingProxyType(
        {
            "weight": "new weight",
            "weight_prev": "weight",
            "rate": "learning rate",
            "gathered": "gradient",
            "gradient": "part of the gradient",
            "size": "size of the gradient",
            "loss": "error",
        }
    )

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
        """Go back to the first word."""
        return 0

    @property
    def sources(self) -> tuple[Trace, ...]:
        """The run of the network, and what the weight learns from it."""
        return (self.trace, self.learning.readings)

    def setup(self) -> None:
        """Compute the gradients, and find where everything stands."""
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
        self.sizes = self.learning.readings["size"][:, 0]
        self.most = float(self.sizes[self.far :].max())
        self.rule_em = max(RULE_EM * self.layout.zoom, self.layout.least)
        self.em, self.places = self._places()
        self.slots = self.places.slots
        self.told_ticks = [slot[0] for slot in self.slots if len(slot) == 1]
        self.cells: dict[int, ErrorCell] = {}  # by tick
        self.parts: dict[int, Number] = {}
        self.chain, self.box = VGroup(), VGroup()

    # What the readings say

    def at(self, tick: int) -> At:
        """Give what the weight learns through the word at a tick."""
        return self.learning.readings.at(tick)

    def said(self, name: str, tick: int) -> SpokenNumber:
        """Give one value for a caption."""
        return SpokenNumber(self.at(tick)[name][0], self._scale(name))

    @property
    def back(self) -> int:
        """How many words before the last one the chain begins."""
        return len(self.trace) - 1 - self.far

    @property
    def left_out(self) -> int:
        """How many words there are that the chain does not show."""
        return len(self.trace) - len(self.told_ticks)

    def fate(self, far: int) -> tuple[str, dict[str, object]]:
        """Say what became of the gradient on its way to a word, and the values that tell it."""
        way = way_back(self.sizes, far)
        values: dict[str, object] = {
            "first": self.word_at(far),
            "back": len(self.trace) - 1 - far,
            "left": self.said("size", far),
            "start": self.said("size", len(self.trace) - 1),
        }
        if self.learning.direct and way.fate != "nothing":
            return "direct", values
        if way.cut is not None:
            values |= {"cut": self.word_at(way.cut), "there": self.said("size", way.cut)}
        return way.fate, values

    @property
    def error(self) -> str:
        """What the error is if it is not that of an answer, and whether it also comes from above."""
        direct = "direct" if self.learning.direct and self.back else ""
        return direct if self.learning.answered else "-".join(filter(None, ("sum", direct)))

    @property
    def falls_at_all(self) -> bool:
        """Whether anything falls to the weight."""
        return bool(self.learning.readings["gradient"].any())

    @property
    def falling(self) -> str:
        """Which words add nothing: the `first`, as there is no state before it, or all of them."""
        if len(self.trace) > 1 and not self.falls_at_all:
            return "nothing"
        if self.far or np.any(self.trace.at(0)["h_prev"].value):
            return ""
        return "first" if self.back else "alone"

    def in_view(self) -> list[str]:
        """Say how often the cell is drawn."""
        if len(self.cells) < 2 or self.chain not in self.mobjects:
            return []
        form = "The {cell}, drawn {n} times in a row; the state is handed from one to the next."
        cell = name_within(self.trace, self.lang)
        return [self.lang.say(form, cell=cell, n=len(self.cells))]

    # Beats

    def show_chain(self) -> None:
        """Let the chain appear, the weight that all its cells share, and the rule."""
        self.box = self._weight_box()
        self.rule = UpdateRule(
            self.theme, self.lang, self.layout.whole, self.places.below, size=self.rule_em
        )
        columns = [self._column(place) for place in range(len(self.slots))]
        self.chain.add(*(part for column in columns for part in column))
        self.play(
            LaggedStart(*(FadeIn(column) for column in columns), lag_ratio=0.15), run_time=1.2
        )
        self.remove(*columns)
        self.add(self.chain)
        self.play(FadeIn(self.box), run_time=0.6)
        self.play(LaggedStart(*map(FadeIn, self.rule), lag_ratio=0.2), run_time=1.0)
        self.remove(*self.rule)
        self.add(self.rule)

    def show_error(self) -> None:
        """Let the error appear at the right end, and go into the last cell."""
        error = self._error_box()
        self.play(FadeIn(error), run_time=0.6)
        self.chain.add(error)
        self.add(self.chain)
        self._go_back(len(self.slots), run_time=0.8)

    @property
    def turn(self) -> int:
        """The place up to which the gradient goes back before it is told what becomes of it."""
        cut = way_back(self.sizes, self.far).cut
        tick = self.told_ticks[1] if cut is None or cut not in self.told_ticks else cut
        return self.slots.index(range(tick, tick + 1))

    @property
    def goes_back(self) -> bool:
        """Whether there is a way to go before that."""
        return bool(self.back) and self.turn < len(self.slots) - 1

    def go_back(self) -> None:
        """Let the gradient go back through the cells, up to where it turns out what comes of it."""
        self._go_back_through(range(len(self.slots) - 1, self.turn, -1))

    def reach_far(self) -> None:
        """Let the gradient go on to the first cell of the chain."""
        self._go_back_through(range(self.turn, 0, -1))

    def _go_back_through(self, places: range) -> None:
        for place in places:
            if len(self.slots[place]) == 1:
                over = len(self.slots[place - 1]) > 1
                self._go_back(place, run_time=1.5 if over else 0.8)

    def drop_parts(self) -> None:
        """Let a part of the gradient fall from every cell to the weight."""
        falling, arriving = [], []
        for place in range(len(self.slots) - 1, -1, -1):
            if len(self.slots[place]) > 1:
                continue
            tick = self.slots[place][0]
            x, (top, _) = self.places.x(place), self.places.weight
            dot = pulse(self.theme, (x, self.places.foot), self._share(tick))
            self.add(dot)
            falling.append(dot.animate(remover=True).move_to((x, top, 0)))
            arriving.append(FadeIn(self._part(place, tick)))
        self.play(LaggedStart(*falling, lag_ratio=0.25), run_time=1.4)
        self.play(LaggedStart(*arriving, lag_ratio=0.25), run_time=0.8)
        self.remove(*self.parts.values())
        self.falls = VGroup(*self.parts.values())
        self.add(self.falls)

    def pile_up(self) -> None:
        """Let all parts go into the weight, one after the other, where they add up."""
        total = self.at(0)["gathered"]
        label = TextLine(self.lang.word("gradient"), size=self.em, color=self.rule.tone("gradient"))
        number = self._number(total, (0, 0), self.rule.tone("gradient"))
        self.pile = self._pile(label.advance + number.advance + 0.5)
        self.play(FadeIn(self.pile), run_time=0.3)
        for reached, part in self._gathering():
            moves: list[Motion] = [Transform(self.pile.bar, self.pile.reaching(reached))]
            if part is not None:
                flying = part.copy()
                self.add(flying)
                goal = (self.pile.x(reached), self.places.pile[0], 0)
                moves.append(flying.animate(remover=True).move_to(goal).set_opacity(0))
            self.play(*moves, run_time=0.55)
            if 0 < reached / (total[0] or 1.0) < 1:
                self.pile.add(self.pile.mark(reached))
                self.add(self.pile)
        side = -1 if total[0] < 0 else 1
        x = self.pile.x(total[0]) + side * 0.2
        first, second = (number, label) if side < 0 else (label, number)
        first.shift((x + side * first.advance / 2, self.places.pile[0], 0))
        gap = x + side * (first.advance + 0.15)
        second.shift((gap + side * second.advance / 2, self.places.pile[0], 0))
        self.total = number
        self.play(FadeIn(label), FadeIn(number), run_time=0.4)

    def move_weight(self) -> None:
        """Put the numbers into the rule, and let the weight take its step."""
        readings = {
            "new weight": self.at(0)["weight"],
            "weight": self.at(-1)["weight_prev"],
            "learning rate": self.at(0)["rate"],
            "gradient": self.at(0)["gathered"],
        }
        self.rule_numbers = numbers = self.rule.numbers(readings, self.learning.readings.notation)
        sign, plain = self.rule.sign([*numbers]), self.rule.terms["="]
        new, *given = numbers
        flying = self.value.copy()
        self.add(flying)
        to_rule = flying.animate(remover=True).move_to(given[0]).set_opacity(0)
        self.play(to_rule, LaggedStart(*map(FadeIn, given), lag_ratio=0.4), run_time=1.4)
        if sign.text != plain.text:
            self.rule.remove(plain)
            self.rule.add(sign)
        self.play(FadeIn(new), run_time=0.6)
        after = self._value(readings["new weight"])
        back = new.copy()
        self.add(back)
        down = back.animate(remover=True).move_to(after).set_opacity(0)
        self.play(FadeOut(self.value), FadeIn(after), down, run_time=0.9)
        self.remove(*numbers, *self.rule)
        self.add(numbers, self.rule)
        self.bring_to_back(numbers, self.rule)

    def show_all(self) -> None:
        """Show how large the gradient is at every word, as bars over the words."""
        box, zoom, least = self.layout.whole, self.layout.zoom, self.layout.least
        self.bars = bars = WordBars(
            self.learning.readings,
            "size",
            self.trace.kind,
            self.theme,
            box,
            left_out=self._left_out_text,
            zoom=zoom,
            least=least,
        )
        text = self.lang.told_of(self.lang.word("gradient, word by word"), self.trace.unit)
        title = TextLine(
            text,
            size=max(min(0.34 * zoom, FILLED * box.width / text_width(text, 1.0, "bold")), least),
            weight="bold",
            color=self.rule.tone("gradient"),
            at=(box.center[0], box.top - 0.2 * zoom),
        )
        self.clear_stage()
        self.play(FadeIn(title), FadeIn(bars.axis), FadeIn(bars.words), run_time=0.5)
        # From the end to the beginning, as the gradient comes.
        for parts, time in ((bars.bars, 2.0), (bars.numbers, 1.2)):
            order = list(reversed(parts))
            self.play(LaggedStart(*map(FadeIn, order), lag_ratio=0.3), run_time=time)

    # How it is drawn

    def _scale(self, name: str) -> Scale:
        return quantity(name, cell=self.learning.readings.notation).scale

    def _share(self, tick: int) -> float:
        """How much of the largest gradient arrives at a tick."""
        return float(self.sizes[tick]) / self.most if self.most else 0.0

    def _number(self, reading: Reading, at: tuple[float, float], color: str) -> Number:
        scale = self._scale(reading.name)
        return Number(reading, 0, scale=scale, size=self.em, color=color, at=at)

    def _left_out_text(self, count: int) -> str:
        return self.lang.say(f"{self.trace.unit}s between", count=count)

    def _places(self) -> tuple[float, LearningPlaces]:
        """Choose the em of what is written, the largest that leaves room for a few cells."""
        least, wanted = self.layout.least, min(FEW, self.back + 1)
        em = max(EM * self.layout.zoom, least)
        while len((found := self._places_for(em)).slots) < wanted and em - SMALLER > least:
            em -= SMALLER
        return em, found

    def _places_for(self, em: float) -> LearningPlaces:
        readings, last = self.learning.readings, len(self.trace) - 1
        cut = way_back(self.sizes, self.far).cut
        wanted = () if cut is None else (cut, cut - 1)
        near = {self.far, *range(max(self.far, last - MOST), last + 1), *wanted}
        texts = {
            shown(readings.at(tick)[name][0], self._scale(name))
            for name in ("size", "gradient")
            for tick in near
        }
        loss = shown(self.at(last)["loss"][0], self._scale("loss"))
        error = max(text_width(text, em) for text in (self.lang.word("error"), loss))
        return LearningPlaces(
            self.layout,
            self.far,
            last,
            max(text_width(text, em) for text in texts) + 0.12,
            error + 0.4,
            UpdateRule.height_of(self.lang, self.layout.whole, self.rule_em),
            wanted,
        )

    def _column(self, place: int) -> VGroup:
        """Make a cell of the chain with its word, its wire from the left, and that to the weight."""
        slot, places, theme = self.slots[place], self.places, self.theme
        x, (width, height), level = places.x(place), places.cell, places.level
        faint = theme.resting(theme.role("h"))
        column = VGroup()
        y = level + HIGH * height
        begin = x - width / 2 - SPACE + CLEAR
        if place == 0:
            begin = max(begin, places.left - 0.4)
        column.add(arrow((begin, y), (x - width / 2 - CLEAR, y), faint))
        foot, top = places.foot, places.weight[0]
        if len(slot) > 1:
            dots = TextLine("⋯", size=1.6 * self.em, color=theme.faint, at=(x, y))
            text = self._left_out_text(len(slot))
            size = max(
                min(self.em, (places.pitch - 0.1) / text_width(text, 1.0)), self.layout.least
            )
            note = TextLine(text, size=size, color=theme.faint, at=(x, places.chips))
            return column.add(dots, note)
        tick = slot[0]
        cell = ErrorCell(theme, self.cell_name, (x, level), (width, height), self.em)
        self.cells[tick] = cell
        down = Line((x, foot - CLEAR / 2, 0), (x, top, 0))
        down.set_stroke(theme.resting(theme.role("forget")), width=4)
        token = self.trace.tokens[tick]
        room = places.pitch - 0.14 - 2 * PAD
        text = shortened(written(self.trace.short(tick), self.trace.kind), SIZE, room)
        wide = max(text_width(text, SIZE) + 2 * PAD, 0.27)
        chip = Chip(theme, text, left=x - wide / 2, y=places.chips, height=0.46, known=token.known)
        return column.add(down, cell, chip)

    def _weight_box(self) -> VGroup:
        """Make the box of the weight, below all cells, with its name and its value."""
        places, theme, whole = self.places, self.theme, self.layout.whole
        top, bottom = places.weight
        listens = {"unit": self.learning.unit + 1, "source": self.learning.source + 1}
        name = TextLine(self.lang.say("weight between", **listens), size=self.em, color=theme.ink)
        ends = (self.at(-1)["weight_prev"], self.at(0)["weight"])
        wide = max(text_width(shown(end[0], "free"), self.em) for end in ends)
        needed = name.advance + 0.3 + wide + 0.5
        left, right = places.left, places.x(len(self.slots) - 1) + places.cell[0] / 2
        middle = (left + right) / 2
        width = max(right - left, needed)
        middle = min(max(middle, whole.left + width / 2), whole.right - width / 2)
        body = RoundedRectangle(width=width, height=top - bottom, corner_radius=0.16)
        body.set_stroke(theme.role("h"), width=3.5)
        body.set_fill(theme.panel, opacity=1).move_to((middle, (top + bottom) / 2, 0))
        start = middle - (name.advance + 0.3 + wide) / 2
        name.shift((start + name.advance / 2, (top + bottom) / 2, 0))
        self.value_at = (start + name.advance + 0.3 + wide / 2, (top + bottom) / 2)
        self.value = self._value(ends[0])
        return VGroup(body, name, self.value)

    def _value(self, reading: Reading) -> Number:
        """Write the value of the weight into its box."""
        color = self.theme.readable(self.theme.role("h"), self.theme.panel)
        return self._number(reading, self.value_at, color)

    def _error_box(self) -> VGroup:
        """Make the error at the right end of the chain, and the wire that leads to it."""
        places, theme = self.places, self.theme
        x, level, height = places.x(len(self.slots)), places.level, places.cell[1]
        body = RoundedRectangle(width=places.error, height=height, corner_radius=0.2)
        fill = glow(theme, theme.panel, 1.0)
        body.set_stroke(theme.role("forget"), width=3).set_fill(fill, opacity=1)
        body.move_to((x, level, 0))
        color = theme.on(fill)
        name = self.lang.word("error")
        words = TextLine(name, size=self.em, color=color, at=(x, level + HIGH * height))
        loss = self._number(self.at(-1)["loss"], (x, level + LOW * height), color)
        y, edge = level + HIGH * height, places.x(len(self.slots) - 1) + places.cell[0] / 2
        ends = (edge + CLEAR, y), (x - places.error / 2 - CLEAR, y)
        return VGroup(arrow(*ends, theme.resting(theme.role("h"))), body, words, loss)

    def _go_back(self, place: int, run_time: float) -> None:
        """Let the gradient go from a place in the chain to the cell left of it, and arrive."""
        goal = place - 1 if len(self.slots[place - 1]) == 1 else place - 2
        tick = self.slots[goal][0]
        cell, theme, places = self.cells[tick], self.theme, self.places
        share = self._share(tick)
        y = places.level + LOW * places.cell[1]
        wide = places.error if place == len(self.slots) else places.cell[0]
        start = (places.x(place) - wide / 2 - CLEAR, y)
        end = (places.x(goal) + places.cell[0] / 2 + CLEAR, y)
        leaving = 1.0 if place == len(self.slots) else self._share(self.slots[place][0])
        dot = pulse(theme, start, leaving)
        lane = VGroup(arrow(start, end, glow(theme, theme.background, max(share, 0.15)), width=7))
        if goal < place - 1:
            lane = self._lanes(place, start, end)
        self.add(dot)
        dimmed = glow(theme, theme.background, max(share, 0.08))
        moved = dot.animate.move_to((*end, 0)).set_fill(dimmed, opacity=1)
        self.play(moved, FadeIn(lane), run_time=0.6 * run_time)
        self.remove(dot)
        self.chain.add(lane)
        self.play(
            *cell.receive(self.at(tick)["size"], self._scale("size"), share),
            run_time=0.4 * run_time,
        )
        cell.add(cell.number)
        self.add(self.chain)

    def _lanes(self, place: int, start: tuple[float, float], end: tuple[float, float]) -> VGroup:
        """Make the way back over words that are left out: in two pieces, with dots between."""
        x, y, theme = self.places.x(place - 1), start[1], self.theme
        shares = [self._share(self.slots[k][0]) for k in (place, place - 2)]
        colors = [glow(theme, theme.background, max(share, 0.15)) for share in shares]
        half = self.em
        dots = TextLine("⋯", size=1.6 * self.em, color=theme.faint, at=(x, y))
        pieces = (
            arrow(start, (x + half, y), colors[0], width=7),
            arrow((x - half, y), end, colors[1], width=7),
        )
        return VGroup(*pieces, dots)

    def _part(self, place: int, tick: int) -> Number:
        """Write beside its wire what falls from a cell to the weight."""
        reading = self.at(tick)["gradient"]
        y = (self.places.foot + self.places.weight[0]) / 2
        number = self._number(reading, (0, y), self.rule.tone("gradient"))
        number.shift((self.places.x(place) + 0.14 + number.advance / 2, 0, 0))
        self.parts[tick] = number
        return number

    def _pile(self, label: float) -> Pile:
        """Make the bar of what is gathered, below the weight, with room for its number."""
        places, whole = self.places, self.layout.whole
        left = max(places.left, whole.left)
        right = places.x(len(self.slots) - 1) + places.cell[0] / 2
        right = max(right, min(left + 3.0 + label, whole.right))
        ends = [reached for reached, _ in self._gathering()]
        span = (left + label, right) if ends[-1] < 0 else (left, right - label)
        return Pile(self.theme, ends, span, *places.pile)

    def _gathering(self) -> list[tuple[float, Number | None]]:
        """What has been gathered after each place of the chain, and what fell there."""
        found: list[tuple[float, Number | None]] = []
        for slot in reversed(self.slots):
            part = self.parts.get(slot[0]) if len(slot) == 1 else None
            found.append((self.at(slot[0])["gathered"][0], part))
        if self.far > 0:
            found.append((self.at(0)["gathered"][0], None))
        return found
