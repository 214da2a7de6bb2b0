"""A story about what a network makes of it all: how its answer is added up, word by word."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from manim import FadeIn, FadeOut, LaggedStart, ShowPassingFlash, VGroup

from lstmviz.demo.network_of import network_of
from lstmviz.demo.review import REVIEW
from lstmviz.engine.inputs.encode import taken
from lstmviz.engine.inputs.series import Series
from lstmviz.engine.lessons.answer_sum import AnswerSum, answer_sum
from lstmviz.engine.run import run_network
from lstmviz.errors import UsageError
from lstmviz.stage.mobjects.answer_line import AnswerLine, ends_of_lines, largest_change, marked_of
from lstmviz.stage.mobjects.input_strip import Strip, shortened
from lstmviz.stage.mobjects.needle import Needle, needle_width
from lstmviz.stage.mobjects.share_bars import ShareBars
from lstmviz.stage.mobjects.sum_table import Row, SumTable
from lstmviz.stage.stories.sequence.verdict_layout import answer_box, halves, table_box
from lstmviz.stage.story.caption_values import SpokenNumber
from lstmviz.stage.story.story import Story
from lstmviz.stage.text.formula import Formula
from lstmviz.stage.text.text import TextLine
from lstmviz.style.layout import Box
from lstmviz.style.notation import written
from lstmviz.trace.answers import Answers, answers_of

if TYPE_CHECKING:
    from lstmviz.stage.mobjects.lightable import Motion
    from lstmviz.trace.trace import Reading, Trace

#: Read after our own review: it begins with praise, and ends with blame.
OTHER = "This phone was amazing, but after a week it broke. Awful!"
TOP = 3  # answers that are compared, where there are several
DIAL = 2.6  # how much larger the dial is than that in the header, where it has room
LARGE = 1.5  # how much larger the state stands while it is all there is
DOUBT = 0.05  # a change of the answer that is worth a sentence
POOLED = {"mean": "mean over time", "max": "maximum over time", "sum": "sum over time"}
TERMS = {
    "h": "what h says",
    "v": "what the readout reads",
    "w": "weight",
    "product": "product",
    "b": "bias",
    "s": "sum",
    "p": "answer",
    "rest": "all other products",
    "others": "all other answers",
    "sums": "sum",
    "shares": "answer",
}


@lru_cache(maxsize=2)  # a story is set up for each walk through it
def _other_trace(trace: Trace, given: str | tuple[str, ...] | Series) -> Trace:
    network = network_of(trace)
    return run_network(network, taken(given, network))


class VerdictStory(Story):
    """A story of what the readout makes of what the network has read.

    `sum` has the products that are added up at the moment that is told, and `other` the run of a
    second input, where there is one.
    """

    needs_weights = True
    needs_readout = True
    compares = True
    called = MappingProxyType(TERMS)

    @classmethod
    def check_needs(cls, trace: Trace) -> None:
        """Refuse a trace whose weights are not at hand."""
        super().check_needs(trace)
        if network_of(trace).readout is None:
            raise UsageError("The network that was given has no readout; give the one that ran.")

    def pick(self) -> int:
        """Tell the end, when all has been read."""
        assert self.answers is not None
        return self.answers.end % len(self.trace)

    @property
    def sources(self) -> tuple[Trace, ...]:
        """The run, what the answer is made of, and the run of the second input."""
        other = () if self.other is None else (self.other.readings,)
        return (self.said.trace, self.said.readings, self.sum.readings, *other)

    def setup(self) -> None:
        """Take the answer apart, and lay out how it is added up."""
        self.model = network_of(self.trace)
        assert self.model.readout is not None
        assert self.answers is not None
        self.readout, self.said = self.model.readout, self.answers
        self.other = self._other()
        self.sum: AnswerSum = answer_sum(
            self.model, self.trace, self.now.tick, most=self.layout.most_units, top=TOP
        )
        self.at_hand = self.sum.readings.at(0)
        self.em = self.layout.least
        super().setup()
        self.table = SumTable(
            self.at_hand,
            self.sum.weighed,
            self.sum.units,
            self._unit_names(),
            self._further(),
            self.theme,
            table_box(self.layout),
            em=self.em,
        )

    def _other(self) -> Answers | None:
        given = self.compare
        if given is None:
            words = [token.text for token in self.trace.tokens]
            source = self.trace.network.source
            ours = source is not None and source.kind == "demo"
            if not ours or words != taken(REVIEW, self.model):
                return None
            given = OTHER
        try:
            return self.named(answers_of(_other_trace(self.trace, given)))
        except UsageError as error:
            raise UsageError(f"compare=: {error}") from error

    # What is said

    @property
    def label(self) -> str:
        """The answer that is told: of two sides the second one."""
        if not self.said.labels:
            number = 1 if self.said.kind == "two" else self.sum.answer + 1
            return self.lang.say("answer number", n=number)
        if self.said.kind == "two":
            return self.said.sides[1]
        return self.said.label(self.sum.answer)

    @property
    def other_side(self) -> str:
        """Of two sides the first one."""
        if self.said.kind != "two":
            return ""
        return self.said.sides[0] if self.said.labels else self.lang.say("answer number", n=0)

    def number(self, name: str) -> SpokenNumber:
        """Give one value of the sum for a caption."""
        scale = self.at_hand.trace.notation.look(name).scale
        return SpokenNumber(self.at_hand[name][0], scale)

    @property
    def state_variant(self) -> str:
        """What the readout reads: h as it is, h pooled over time, or units of a further layer."""
        if len(self.readout.dense) > 1:
            return "dense"
        if self.readout.pooling in POOLED:
            return "pooled"
        return "both" if self.model.directions == 2 else ""

    @property
    def pooling(self) -> str:
        """How the states are pooled, as a term."""
        return self.lang.word(POOLED.get(self.readout.pooling, ""))

    @property
    def count(self) -> int:
        """The number of values that are weighed."""
        return len(self.at_hand["w"])

    @property
    def answer_variant(self) -> str:
        """How the sum becomes the answer: as of "", two sides, or otherwise."""
        kind = self.readout.kind
        if self.said.kind == "two":
            return ""
        if self.said.kind == "several":
            return "several" if self.readout.of_several else "each"
        return "value" if kind == "linear" else "function"

    @property
    def change(self) -> dict[str, Any]:
        """What there is to say of the answer over time, for a caption.

        A value lies between two; another answer changes most at some word, or hardly at all.
        """
        answer, answers = self.sum.answer, self.said
        value = answers.kind == "value"

        def number(reading: Reading) -> SpokenNumber:
            return SpokenNumber(reading[answer], "free" if value else "gate")

        end = {"end": number(answers.at(answers.end))}
        if value:
            least, most = map(number, answers.range_of(answer))
            return end | {"variant": "value", "least": least, "most": most}
        tick = largest_change(answers, answer)
        before, after = (number(answers.at(k)) for k in (max(tick - 1, 0), tick))
        if abs(after - before) < DOUBT:
            return end | {"variant": "still"}
        text = written(self.trace.short(tick), self.trace.kind)
        told = {"at": text, "before": before, "after": after}
        return end | told | {"variant": "rises" if after > before else ""}

    @property
    def other_variant(self) -> str:
        """Whether the second input is a text, or numbers."""
        assert self.other is not None
        return "numbers" if self.other.trace.kind == "numbers" else ""

    def other_end(self) -> SpokenNumber:
        """What the answer to the second input is, for a caption."""
        assert self.other is not None
        scale = "free" if self.other.kind == "value" else "gate"
        reading = self.other.at(self.other.end)
        return SpokenNumber(reading[self.sum.answer], scale)

    @property
    def lines(self) -> tuple[int, ...]:
        """The answers that are drawn as lines; of two that add up to 1 one says it all."""
        shown = self.readout.of_several and self.said.count > 2
        return self.sum.likely if shown else (self.sum.answer,)

    def in_view(self) -> list[str]:
        """Say that there is a line, where there is one."""
        if any(isinstance(each, AnswerLine) for each in self.mobjects):
            return [self.lang.word("The answer after every step, as a line.")]
        return []

    # Beats

    def show_state(self) -> None:
        """Let what the readout reads appear, large."""
        table, box = self.table, self.layout.whole
        self.labels = self._index(), self._note()
        self.state = VGroup(table.heads[0], table.given, *self.labels)
        self.state.save_state()
        larger = min(LARGE, 0.94 * box.height / self.state.height)
        self.state.scale(larger, scale_stroke=True).move_to((*box.center, 0))
        head, column = table.heads[0], table.given
        index, note = self.labels
        rows = [
            VGroup(column.boxes[k], column.numbers[k], index[k]) for k in range(len(column.units))
        ]
        self.play(*map(FadeIn, (head, column.frame, note)), run_time=0.6)
        self.play(LaggedStart(*map(FadeIn, rows), lag_ratio=0.3), run_time=1.4)

    def weigh(self) -> None:
        """Let the weights come, and row by row the products with their bars."""
        table = self.table
        _, note = self.labels
        self.play(self.state.animate.restore(), FadeOut(note), run_time=0.9)
        sides = self._sides()
        further = VGroup(*table.labels[len(self.sum.units) :])
        self.play(
            *map(FadeIn, (table.heads[1], table.heads[2], table.weights, table.axis, sides)),
            FadeIn(table.products.frame),
            run_time=0.8,
        )
        for bar in table.bars:
            bar.save_state()
            bar.stretch_to_fit_width(0.01).set_x(table.zero)
        count = len(self.sum.units)
        rows: list[Any] = []
        for k, bar in enumerate(table.bars):
            if k == count:
                rows.append(FadeIn(further))
            rows += [FadeIn(table.product_row(k)), bar.animate.restore()]
        self.play(LaggedStart(*rows, lag_ratio=0.5), run_time=min(0.35 * len(rows) + 0.6, 4.0))
        self.sides = sides

    def add_up(self) -> None:
        """Let each bar begin where the one above it ends; what they reach is the sum."""
        table = self.table
        for k, bar in enumerate(table.bars):
            if k:
                move = bar.animate.shift((table.shift_of(k), 0, 0))
                self.play(move, FadeIn(table.links[k - 1]), run_time=0.45)
        total, bar = table.total, table.total["bar"]
        bar.save_state()
        bar.stretch_to_fit_width(0.01).set_x(table.zero)
        self.play(FadeIn(total["line"]), FadeIn(table.links[-1]), run_time=0.3)
        self.play(bar.animate.restore(), FadeIn(total["number"]), run_time=0.9)

    def answer(self) -> None:
        """Let the needle go to the answer that the sum makes; of several, compare some."""
        box = answer_box(self.layout)
        em = self.em
        if self.said.kind == "several":
            self.shares = ShareBars(self._shares(), self.theme, box.inset(0.3 * em), em=em)
            self._flow()
            rows = self.shares.rows
            self.play(LaggedStart(*map(FadeIn, rows), lag_ratio=0.3), run_time=1.5)
            return
        dial = min(DIAL * em, box.height / 5.2, box.width / needle_width(self.said, 1.0))
        tick = self.now.tick
        x, y = box.center
        self.dial = Needle(self.said, tick, self.theme, em=dial, at=(x, y + 0.4 * em))
        formula = self._formula((x, y - 2.6 * dial))
        share, dial_share = self.dial.share, 0.5
        self.dial.set_hand(dial_share)
        self._flow()
        self.play(FadeIn(self.dial.track), FadeIn(self.dial.hand), FadeIn(formula), run_time=0.6)
        self.play(self.dial.swung(dial_share, share), FadeIn(self.dial.texts), run_time=1.5)

    def show_line(self) -> None:
        """Clear the stage, and draw the answer after every word."""
        told = self.lines
        box = self.layout.whole
        self.line, extra = self._lined(self.said, told, box)
        self.clear_stage()
        self._draw(self.line, extra)
        self.extra = extra

    def show_other(self) -> None:
        """Make room for the line of the second input, which the header is about now."""
        assert self.other is not None
        mine, others = halves(self.layout, (len(self.trace), len(self.other.trace)))
        told, ends = self.lines, self._ends_of_both()
        again, extra = self._lined(self.said, told, mine, ends)
        other, more = self._lined(self.other, told, others, ends)
        leaving = [FadeOut(each) for each in (self.line, *self.extra)]
        header = self._turn_to(self.other)
        self.play(*leaving, *header[0], run_time=0.5)
        self.play(FadeIn(again), *map(FadeIn, extra), *header[1], run_time=0.5)
        self._draw(other, more)

    def _turn_to(self, answers: Answers) -> tuple[list[Motion], list[Motion]]:
        """Let the header be about the end of another text: give what leaves it, and what comes."""
        leaving = [FadeOut(self.strip), FadeOut(self.status)]
        self.trace, self.answers = answers.trace, answers
        self.now = self.trace.at(answers.end % len(self.trace))
        tick, box = self.now.tick, self.layout.strip
        self.strip = Strip(self.trace, tick, self.theme, box, self.masked_said)
        self.status = self._status()
        return leaving, [FadeIn(self.strip), FadeIn(self.status)]

    # How it is laid out

    def _index(self) -> VGroup:
        return VGroup(*self.table.labels[: len(self.sum.units)])

    def _note(self) -> VGroup:
        """Say below the numbers that not all of them are shown."""
        if not self.sum.left:
            return VGroup()
        text = self.lang.say("units of", shown=len(self.sum.units), total=self.count)
        column = self.table.given
        at = (float(column.get_x()), float(column.get_bottom()[1]) - 0.9 * self.em)
        return VGroup(TextLine(text, size=self.em, color=self.theme.faint, at=at))

    def _unit_names(self) -> list[str]:
        """Number the units; of a layer that reads both ways with an arrow for the direction."""
        forward = self.model.layers[-1][0].outputs
        both = self.state_variant == "both" and self.model.merges[-1] == "concat"
        if not both:
            return [str(unit + 1) for unit in self.sum.units]
        return [f"{unit % forward + 1} {'→' if unit < forward else '←'}" for unit in self.sum.units]

    def _further(self) -> list[Row]:
        """What is added beside the products of the units that are shown: the rest, and b."""
        rows = [Row(self.at_hand["b"], 0, "b")]
        if self.sum.left:
            text = self.lang.say("others", count=self.sum.left)
            rows.insert(0, Row(self.at_hand["rest"], 0, text))
        return rows

    def _sides(self) -> VGroup:
        """Say above the bars what those to the left and to the right speak for."""
        table, theme, em = self.table, self.theme, self.em
        left, right = {
            "two": (self.other_side, self.label),
            "several": ("", self.label),
            "value": (self.lang.word("less"), self.lang.word("more")),
        }[self.said.kind]
        y = float(table.heads.get_y())
        room = (table.right - table.left) / 2 - 0.6 * em
        made = VGroup()
        if left:
            tone = theme.readable(theme.negative, theme.background)
            text = shortened(f"← {left}", em, room)
            made.add(TextLine(text, size=em, color=tone, at=(table.left, y), align="left"))
        tone = theme.readable(theme.positive, theme.background)
        text = shortened(f"{right} →", em, room)
        made.add(TextLine(text, size=em, color=tone, at=(table.right, y), align="right"))
        return made

    def _shares(self) -> list[tuple[str, Any, int]]:
        rows = [
            (self.said.label(answer), self.at_hand["shares"], k)
            for k, answer in enumerate(self.sum.likely)
        ]
        left = self.said.count - len(rows)
        if left > 0 and self.readout.of_several:
            rows.append((self.lang.say("others", count=left), self.at_hand["others"], 0))
        return rows

    def _formula(self, at: tuple[float, float]) -> Formula:
        kind = self.readout.kind
        source = {
            "two": "p = sigma(s)",
            "value": "y = s" if kind == "linear" else f'y = "{kind}"(s)',
        }[self.said.kind]
        return Formula(source, size=1.7 * self.em, color=self.theme.ink, at=at)

    def _flow(self) -> None:
        """Let the bar of the sum light up once, as it goes on to be the answer."""
        outline = self.table.total["bar"].copy().set_fill(opacity=0)
        outline.set_stroke(self.theme.ink, width=4)
        self.play(ShowPassingFlash(outline, time_width=0.6), run_time=0.7)

    def _ends_of_both(self) -> tuple[Reading, Reading]:
        """The least and the greatest answer to either input, so that both have one scale."""
        assert self.other is not None
        answer = self.sum.answer
        ends = [*self.said.range_of(answer), *self.other.range_of(answer)]
        return min(ends, key=lambda end: end[answer]), max(ends, key=lambda end: end[answer])

    def _lined(
        self,
        answers: Answers,
        told: tuple[int, ...],
        box: Box,
        ends: tuple[Reading, Reading] | None = None,
    ) -> tuple[AnswerLine, list[TextLine]]:
        labels = max(len(told) - 1, 0) and 5.0 * self.em
        line = AnswerLine(
            answers,
            told,
            self.theme,
            Box(box.left, box.right - labels, box.bottom, box.top),
            em=self.em,
            marked=marked_of(answers, told[0]),
            ends=ends,
        )
        return line, ends_of_lines(line, told)

    def _draw(self, line: AnswerLine, extra: list[TextLine]) -> None:
        self.play(FadeIn(line.axis), FadeIn(line.words), run_time=0.6)
        self.play(*line.growing(), run_time=2.0)
        self.play(*map(FadeIn, (*line.marks, *extra)), run_time=0.5)
        self.remove(*line.submobjects)
        self.add(line)
