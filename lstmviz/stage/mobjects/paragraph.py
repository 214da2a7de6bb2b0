"""A text as a person sees it: lines of words on a page, and the light that reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from manim import Animation, DashedLine, VGroup, VMobject, linear, smooth

from lstmviz.engine.model.tokenizers import CONTINUES
from lstmviz.stage.manim.rounded_rectangle import RoundedRectangle
from lstmviz.stage.mobjects.input_strip import shortened
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.style.bidi import in_sight, levels, towards, words_run_left
from lstmviz.style.notation import written
from lstmviz.style.theme import mix
from lstmviz.system.clusters import is_wide
from lstmviz.trace.tokens import inside_padding, words_of

if TYPE_CHECKING:
    from lstmviz.style.layout import Box
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import Trace

SIGHT = 150  # words before and after the told one that a page may hold
LARGEST, SMALLEST = 0.7, 0.38
CJK_GAP = 0.16  # ems between two characters: each is a word here
_CLOSING = frozenset(".,!?;:%)]}…’”»、。，！？；：）》」』】،؛؟۔।॥")
_OPENING = frozenset("([{“‘«（《「『【$#")


@dataclass(frozen=True)
class _Piece:
    """A token on the page, and the gap before it, in ems."""

    tick: int
    text: str
    gap: float


@dataclass(frozen=True)
class Place:
    """Where a word stands: its left end, its width, and the middle of its line."""

    left: float
    width: float
    y: float

    @property
    def middle(self) -> float:
        """The centre from left to right."""
        return self.left + self.width / 2


class Paragraph(VGroup):
    """The words around a tick as lines of text, as large as they fit the box.

    `words` and `places` find a word by its tick; `leftward` says which way they are read. What
    pads a text at its ends is left out, as nobody wrote it, unless it is what is told. A text
    that does not fit is a window of lines around the told word, with an ellipsis where it is cut.
    `leading` is the height of a line in ems. A word that the network does not know has a dashed
    line below it.
    """

    def __init__(
        self,
        trace: Trace,
        tick: int,
        theme: Theme,
        box: Box,
        *,
        leading: float = 1.75,
        largest: float = LARGEST,
    ) -> None:
        super().__init__()
        self.theme = theme
        self.leading = leading
        self._alone = trace.kind == "characters"  # each character is read by itself
        whole = inside_padding(trace.tokens) if trace.kind != "numbers" else range(len(trace))
        whole = range(min(whole.start, tick), max(whole.stop, tick + 1))
        first, last = max(tick - SIGHT, whole.start), min(tick + SIGHT, whole.stop)
        pieces = _pieces(trace, first, last)
        size = largest
        lines = _lines(pieces, size, box.width)
        while len(lines) * size * leading > box.height and size > SMALLEST:
            size = max(size - 0.02, SMALLEST)
            lines = _lines(pieces, size, box.width)
        if len(lines) * size * leading > box.height:
            dots = text_width(" … ", size)
            lines = _lines(pieces, size, box.width - 2 * dots)
            lines = _window(lines, tick, max(int(box.height / (size * leading)), 1))
        self.size = size
        self.words: dict[int, TextLine] = {}
        self.places: dict[int, Place] = {}
        self.marks = VGroup()  # ellipses, and the lines below unknown words
        self.rows = [[piece.tick for piece in line] for line in lines]
        self.leftward = words_run_left(words_of(trace.tokens))
        longest = max(_length(line, size, box.width) for line in lines)
        left = box.center[0] - longest / 2
        for row, line in enumerate(lines):
            y = box.center[1] + ((len(lines) - 1) / 2 - row) * size * leading
            x = left + (longest - _length(line, size, box.width) if self.leftward else 0.0)
            before: int | None = None
            for k, turned in _in_sight(line, self.leftward):
                piece = line[k]
                text = towards(shortened(piece.text, size, box.width), left=turned)
                x += 0.0 if before is None else line[max(before, k)].gap * size
                before = k
                word = TextLine(text, size=size, color=theme.ink, at=(x, y), align="left")
                self.words[piece.tick] = word
                self.places[piece.tick] = Place(x, word.advance, y)
                if not trace.tokens[piece.tick].known:
                    self._unknown(self.places[piece.tick])
                x += word.advance
        begin, end = self.places[lines[0][0].tick], self.places[lines[-1][-1].tick]
        outside = -1.2 * size, 0.3 * size
        if lines[0][0].tick > whole.start:
            self._ellipsis(begin, outside[self.leftward])
        if lines[-1][-1].tick < whole.stop - 1:
            self._ellipsis(end, outside[not self.leftward])
        groups = [[p.tick for p in group] for line in lines for group in _groups(line)]
        self.groups = [part for group in groups for part in self._together(group)]
        self.add(*self.words.values(), self.marks)

    def _together(self, group: list[int]) -> list[list[int]]:
        """Leave a group whole unless a word of another direction stands in it."""
        widths = sum(self.places[tick].width for tick in group)
        return [group] if self.around(group).width < widths + 0.01 else [[k] for k in group]

    def _unknown(self, place: Place) -> None:
        low = place.y - self.size * 0.72
        line = DashedLine(
            (place.left, low, 0), (place.left + place.width, low, 0), dash_length=0.07
        )
        self.marks.add(line.set_stroke(self.theme.faint, width=2.5))

    def _ellipsis(self, place: Place, by: float) -> None:
        """Put an ellipsis before the left end of a place, or behind its right end."""
        x = place.left + by + (place.width if by > 0 else 0.0)
        at, color = (x, place.y), self.theme.faint
        self.marks.add(TextLine("…", size=self.size, color=color, at=at, align="left"))

    def shade(self, shade: str) -> Paragraph:
        """Give all words one colour."""
        for word in self.words.values():
            word.set_fill(shade)
        return self

    @property
    def tall(self) -> float:
        """How tall the light is: as its letters, and as those that tower over Latin ones."""
        reach = max(
            max(float(word.get_top()[1]) - place.y, place.y - float(word.get_bottom()[1]))
            for word, place in zip(self.words.values(), self.places.values(), strict=True)
        )
        return max(self.size * 1.36, 2 * reach + 0.1 * self.size)

    @property
    def pad(self) -> float:
        """How much wider than its word the light is: less than the gaps beside it."""
        wide = self._alone or any(is_wide(word.text[0]) for word in self.words.values())
        return (0.08 if wide else 0.2) * self.size

    def lift(self, by: float) -> Paragraph:
        """Move all words up, and their places with them."""
        self.places = {k: Place(p.left, p.width, p.y + by) for k, p in self.places.items()}
        return self.shift((0, by, 0))

    def around(self, ticks: Sequence[int]) -> Place:
        """Give the place that words side by side take together."""
        places = [self.places[tick] for tick in ticks]
        left = min(place.left for place in places)
        return Place(left, max(p.left + p.width for p in places) - left, places[0].y)

    def light(self) -> RoundedRectangle:
        """Make the light that stands behind the word that is read, on the first one."""
        return self.light_on(self.groups[0][0])

    def light_on(self, tick: int) -> RoundedRectangle:
        """Make the light that stands behind a word and the punctuation that belongs to it."""
        ground = mix(self.theme.panel, self.theme.role("x"), 0.3)
        first = self.around(next(group for group in self.groups if tick in group))
        spot = RoundedRectangle(width=first.width + self.pad, height=self.tall, corner_radius=0.1)
        spot.set_fill(ground, opacity=1).set_stroke(self.theme.role("x"), width=2.5)
        return spot.move_to((first.middle, first.y, 0))

    def sheet(self) -> RoundedRectangle:
        """Make the sheet of paper that the words stand on."""
        places = self.places.values()
        left, right = float(self.get_left()[0]), float(self.get_right()[0])
        low, high = min(p.y for p in places), max(p.y for p in places)
        edge = self.size * 1.15
        sheet = RoundedRectangle(
            width=right - left + 2.4 * edge, height=high - low + 2 * edge, corner_radius=0.25
        )
        sheet.set_fill(self.theme.panel, opacity=1)
        sheet.set_stroke(self.theme.resting(self.theme.faint), width=2.5)
        return sheet.move_to(((left + right) / 2, (low + high) / 2, 0))

    def blanks(self) -> dict[int, RoundedRectangle]:
        """Make the bars that stand where words were; they are not seen yet."""
        found: dict[int, RoundedRectangle] = {}
        for tick, place in self.places.items():
            high = self.size * 0.3
            bar = RoundedRectangle(
                width=max(place.width - 0.04, 0.06),
                height=high,
                corner_radius=min(high, max(place.width - 0.04, 0.06)) * 0.4,
                stroke_width=0,
            )
            bar.set_fill(mix(self.theme.panel, self.theme.faint, 0.22), opacity=0)
            found[tick] = bar.move_to((place.middle, place.y, 0))
        return found


class ReadThrough(Animation):
    """The light goes over the words, one after the other; a longer word takes longer.

    `show(tick, age)` gives each word its look; its age is counted in words: below 0 it is to
    come, up to 1 it is read, then it is past. `shapes` are what it changes beside the words.
    """

    def __init__(
        self,
        paragraph: Paragraph,
        light: RoundedRectangle,
        show: Callable[[int, float], None],
        *,
        shapes: Sequence[VMobject] = (),
        run_time: float = 5.0,
    ) -> None:
        self.light = light
        self.show = show
        self.pad = paragraph.pad
        self.groups = paragraph.groups
        self.spots = [paragraph.around(group) for group in self.groups]
        effort = np.array(
            [
                3.0 + len(group) + 12 * spot.width
                for group, spot in zip(self.groups, self.spots, strict=True)
            ]
        )
        self.starts = np.concatenate([[0.0], np.cumsum(effort) / effort.sum()])
        everything = VGroup(light, *paragraph.words.values(), *shapes)
        super().__init__(everything, run_time=run_time, rate_func=linear)

    def interpolate_mobject(self, alpha: float) -> None:
        """Put the light where it is at this share of the text, and show each word's age."""
        k = min(int(np.searchsorted(self.starts, alpha, side="right")) - 1, len(self.groups) - 1)
        within = min(float((alpha - self.starts[k]) / np.diff(self.starts)[k]), 1.0)
        for j, group in enumerate(self.groups):
            for tick in group:
                self.show(tick, k + within - j)
        here, before = self.spots[k], self.spots[max(k - 1, 0)]
        # The light steps from word to word, as eyes do; on a new line it starts afresh.
        step = smooth(min(within / 0.4, 1.0)) if before.y == here.y else 1.0
        left = before.left + (here.left - before.left) * step
        width = before.width + (here.width - before.width) * step
        self.light.stretch_to_fit_width(width + self.pad)
        self.light.move_to((left + width / 2, here.y, 0))


def _pieces(trace: Trace, first: int, last: int) -> list[_Piece]:
    """Give the tokens as they are set: what belongs together stands without a space."""
    pieces: list[_Piece] = []
    quoted = False
    for tick in range(first, last):
        text = written(trace.short(tick), trace.kind)
        before = pieces[-1].text if pieces else ""
        closes = text in _CLOSING or (text == '"' and quoted)
        opened = before in _OPENING or (before == '"' and quoted)
        wide = bool(before) and is_wide(text[0]) and is_wide(before[-1])
        quoted ^= text == '"'
        continues = trace.kind == "tokens" and text.startswith(CONTINUES)
        gap = text_width(" ", 1.0)
        if trace.kind == "characters":
            gap = CJK_GAP
        elif closes or opened or continues:
            gap = 0.0
        elif wide:
            gap = CJK_GAP
        pieces.append(_Piece(tick, text, gap))
    return pieces


def _length(line: Sequence[_Piece], size: float, width: float) -> float:
    words = sum(min(text_width(piece.text, size), width) for piece in line)
    return words + size * sum(piece.gap for piece in line[1:])


def _in_sight(line: Sequence[_Piece], left: bool) -> Iterator[tuple[int, bool]]:
    """Give the pieces of a line as they stand from left to right, and which run to the left."""
    text, starts = "", []
    for piece in line:
        text += " " if text and piece.gap else ""
        starts.append(len(text))
        text += piece.text
    depths = levels(text, left=left)
    for k in in_sight([depths[start] for start in starts]):
        yield k, depths[starts[k]] % 2 == 1


def _lines(pieces: Sequence[_Piece], size: float, width: float) -> list[list[_Piece]]:
    """Break a text into as few lines as fit the width, as even as that allows."""
    least = _filled(pieces, size, width)
    low, high = 0.0, width
    while high - low > 0.05:
        middle = (low + high) / 2
        if len(_filled(pieces, size, middle)) > len(least):
            low = middle
        else:
            high = middle
    return _filled(pieces, size, high)


def _filled(pieces: Sequence[_Piece], size: float, width: float) -> list[list[_Piece]]:
    """Fill line after line; what stands without a space before it stays with what precedes."""
    lines: list[list[_Piece]] = []
    room = -1.0
    for group in _groups(pieces):
        wide = _length(group, size, width)
        gap = group[0].gap * size
        if lines and gap + wide <= room:
            lines[-1] += group
            room -= gap + wide
        else:
            lines.append(list(group))
            room = width - wide
    return lines


def _groups(pieces: Sequence[_Piece]) -> list[list[_Piece]]:
    """Group a word with the punctuation that belongs to it; lines break between groups."""
    groups: list[list[_Piece]] = []
    for piece in pieces:
        if not groups or piece.gap:
            groups.append([piece])
        else:
            groups[-1].append(piece)
    return groups


def _window(lines: list[list[_Piece]], tick: int, count: int) -> list[list[_Piece]]:
    """Choose as many lines as fit, with the told word near their middle."""
    told = next(k for k, line in enumerate(lines) if line[-1].tick >= tick)
    begin = max(min(told - (count - 1) // 2, len(lines) - count), 0)
    return lines[begin : begin + count]
