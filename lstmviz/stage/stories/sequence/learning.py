"""A story about one weight that learns, from an error that goes back through a chain of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manim import FadeIn, FadeOut, LaggedStart, Line, Transform, VGroup

from lstmviz.engine.lessons.way_back import way_back
from lstmviz.stage.circuits.by_cell import name_within
from lstmviz.stage.manim.rounded_rectangle import RoundedRectangle
from lstmviz.stage.mobjects.column import Number
from lstmviz.stage.mobjects.error_chain import HIGH, LOW, ErrorCell, Pile, arrow, glow, pulse
from lstmviz.stage.mobjects.input_strip import PAD, SIZE, Chip, shortened
from lstmviz.stage.mobjects.lightable import Motion, vanish
from lstmviz.stage.mobjects.slots import LEAST
from lstmviz.stage.mobjects.update_rule import UpdateRule
from lstmviz.stage.mobjects.word_bars import WordBars
from lstmviz.stage.stories.sequence.learning_layout import SPACE, LearningPlaces
from lstmviz.stage.stories.sequence.learnt import LearntStory
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.style.notation import shown, written

if TYPE_CHECKING:
    from lstmviz.trace.trace import Reading

EM, RULE_EM = 0.26, 0.3  # of what is written in the chain, and of the rule
FILLED = 0.97  # of the width, by a title
CLEAR = 0.06  # between a cell and what goes from it or to it
READ = 0.5  # seconds in which nothing moves yet, as the caption is read
MOST = 7  # places of the chain
FEW = 5  # places of the chain that there should be, if the letters can be smaller
SMALLER = 0.02
MANY = 2  # cells of which it is said how many there are


class LearningStory(LearntStory):
    """A story of an error that goes back through a chain of cells to a weight that they share.

    The chain begins at `far` and ends with the input; what does not fit between is left out, and
    said to be.
    """

    def setup(self) -> None:
        """Find where everything stands."""
        super().setup()
        self.most = float(self.sizes[self.far :].max())
        self.rule_em = max(RULE_EM * self.layout.zoom, self.layout.least)
        self.em, self.places = self._places()
        self.slots = self.places.slots
        self.told_ticks = [slot[0] for slot in self.slots if len(slot) == 1]
        self.cells: dict[int, ErrorCell] = {}  # by tick
        self.parts: dict[int, Number] = {}
        self.chain, self.box = VGroup(), VGroup()

    @property
    def left_out(self) -> int:
        """How many words there are that the chain does not show."""
        return len(self.trace) - len(self.told_ticks)

    def in_view(self) -> list[str]:
        """Say how often the cell is drawn."""
        if len(self.cells) < MANY or self.chain not in self.mobjects:
            return []
        form = "The {cell}, drawn {n} times in a row; the state is handed from one to the next."
        cell = name_within(self.trace, self.lang)
        return [self.lang.say(form, cell=cell, n=len(self.cells))]

    # Beats

    def show_chain(self) -> None:
        """Let the chain appear, the weight that all its cells share, and the rule."""
        self.wait(READ)
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
        self.wait(READ)
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
        self.wait(READ)
        self._go_back_through(range(len(self.slots) - 1, self.turn, -1))

    def reach_far(self) -> None:
        """Let the gradient go on to the first cell of the chain."""
        self.wait(READ)
        self._go_back_through(range(self.turn, 0, -1))

    def _go_back_through(self, places: range) -> None:
        for place in places:
            if len(self.slots[place]) == 1:
                over = len(self.slots[place - 1]) > 1
                self._go_back(place, run_time=2.0 if over else 0.9)

    def drop_parts(self) -> None:
        """Let a part of the gradient fall from every cell to the weight."""
        self.wait(READ)
        falling: list[Motion] = []
        arriving: list[Motion] = []
        for place in range(len(self.slots) - 1, -1, -1):
            if len(self.slots[place]) > 1:
                continue
            tick = self.slots[place][0]
            x, (top, _) = self.places.x(place), self.places.weight
            dot = pulse(self.theme, (x, self.places.foot), self._share(tick))
            self.add(dot)
            falling.append(vanish(dot).move_to((x, top, 0)))
            arriving.append(FadeIn(self._part(place, tick)))
        self.play(LaggedStart(*falling, lag_ratio=0.25), run_time=1.4)
        self.play(LaggedStart(*arriving, lag_ratio=0.25), run_time=0.8)
        self.remove(*self.parts.values())
        self.falls = VGroup(*self.parts.values())
        self.add(self.falls)

    def pile_up(self) -> None:
        """Let all parts go into the weight, one after the other, where they add up."""
        self.wait(READ)
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
                moves.append(vanish(flying).move_to(goal).set_opacity(0))
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
        self.wait(READ)
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
        to_rule = vanish(flying).move_to(given[0]).set_opacity(0)
        self.play(to_rule, LaggedStart(*map(FadeIn, given), lag_ratio=0.4), run_time=1.4)
        if sign.text != plain.text:
            self.rule.remove(plain)
            self.rule.add(sign)
        self.play(FadeIn(new), run_time=0.6)
        after = self._value(readings["new weight"])
        back = new.copy()
        self.add(back)
        down = vanish(back).move_to(after).set_opacity(0)
        self.play(FadeOut(self.value), FadeIn(after), down, run_time=0.9)
        self.remove(*numbers, *self.rule)
        self.add(numbers, self.rule)
        self.bring_to_back(numbers, self.rule)

    def show_all(self) -> None:
        """Show how large the gradient is at every word, as bars over the words."""
        self.wait(READ)
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

    def _share(self, tick: int) -> float:
        """How much of the largest gradient arrives at a tick."""
        return float(self.sizes[tick]) / self.most if self.most else 0.0

    def _number(self, reading: Reading, at: tuple[float, float], color: str) -> Number:
        scale = self.scale_of(reading.name)
        return Number(reading, 0, scale=scale, size=self.em, color=color, at=at)

    def _left_out_text(self, count: int) -> str:
        return self.lang.say(f"{self.trace.counted_as}s between", count=count)

    def _places(self) -> tuple[float, LearningPlaces]:
        """Choose the em of what is written, the largest that leaves room for a few cells."""
        least, wanted = self.layout.least, min(FEW, self.back + 1)
        em = max(EM * self.layout.zoom, least)
        while len((found := self._places_for(em)).slots) < wanted and em > least:
            em = max(em - SMALLER, least)
        return em, found

    def _places_for(self, em: float) -> LearningPlaces:
        """Find places for as many cells as there is room for at an em."""
        last, cut = len(self.trace) - 1, way_back(self.sizes, self.far).cut
        loss = shown(self.at(last)["loss"][0], self.scale_of("loss"))
        error = max(text_width(text, em) for text in (self.lang.word("error"), loss)) + 0.4
        rule = UpdateRule.height_of(self.lang, self.layout.whole, self.rule_em)
        wanted = () if cut is None else (cut, cut - 1)
        for most in range(MOST, LEAST - 1, -1):
            found = LearningPlaces(self.layout, self.far, last, most, error, rule, wanted)
            if self._needed(found.slots, em) * len(found.slots) <= found.room:
                break
        return found

    def _needed(self, places: list[range], em: float) -> float:
        """Measure how far from cell to cell it must be for the numbers of these places."""
        widest = {
            name: max(
                text_width(shown(self.at(place[0])[name][0], self.scale_of(name)), em)
                for place in places
                if len(place) == 1
            )
            for name in ("size", "gradient")
        }
        return max(widest["size"] + 0.12 + SPACE, widest["gradient"] + 0.34, 1.0)

    def _column(self, place: int) -> VGroup:
        """Make a cell with its word, its wire from the left, and that to the weight."""
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
        room = places.pitch - 0.08 - 2 * PAD
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
            *cell.receive(self.at(tick)["size"], self.scale_of("size"), share),
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
