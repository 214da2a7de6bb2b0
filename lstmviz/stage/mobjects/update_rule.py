"""The rule by which a weight learns, in words, with its numbers below them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manim import VGroup

from lstmviz.stage.mobjects.column import Number
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.style.notation import quantity, read_back

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lstmviz.style.language import Language
    from lstmviz.style.layout import Box
    from lstmviz.style.notation import Notation
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import Reading

RULE = ("new weight", "=", "weight", "−", "learning rate", "×", "gradient")
NAMES = ("new weight", "weight", "learning rate", "gradient")
COLORS = {"new weight": "h", "weight": "h", "gradient": "forget"}
BREAK = 3  # terms on the first line, where it takes two
GAP = 0.85  # between terms, in ems
LEADING = 1.45  # from the words to their numbers, in ems
HALF = 0.005 + 1e-9  # what rounding to two digits may take


class UpdateRule(VGroup):
    """new weight = weight − learning rate × gradient, in a language, within a width.

    It takes two lines where it is too wide for one; `height_of` says how high it will be.
    """

    def __init__(
        self,
        theme: Theme,
        language: Language,
        box: Box,
        top: float,
        *,
        size: float,
    ) -> None:
        super().__init__()
        self.theme, self.size = theme, size
        self.terms: dict[str, TextLine] = {}
        for k, part in enumerate(_lines(language, size, box.width)):
            x = box.center[0] - _width(part, language, size) / 2
            y = top - size / 2 - k * _pitch(size)
            for term in part:
                text = language.word(term)
                wide = text_width(text, size)
                line = TextLine(text, size=size, color=self.tone(term), at=(x + wide / 2, y))
                self.terms[term] = line
                x += wide + GAP * size
        self.add(*self.terms.values())

    @classmethod
    def height_of(cls, language: Language, box: Box, size: float) -> float:
        """Give the height with numbers below the words."""
        return len(_lines(language, size, box.width)) * _pitch(size) - 0.6 * size

    def tone(self, term: str) -> str:
        """Give the colour in which a term and its number are written."""
        theme = self.theme
        return theme.readable(theme.role(COLORS.get(term, "ink")), theme.background)

    def numbers(self, readings: Mapping[str, Reading], notation: Notation) -> VGroup:
        """Make the number of each term, below it."""
        made = VGroup()
        for term in NAMES:
            reading, words = readings[term], self.terms[term]
            at = (float(words.get_x()), float(words.get_y()) - LEADING * self.size)
            scale = quantity(reading.name, cell=notation).scale
            number = Number(reading, 0, scale=scale, size=self.size, color=self.tone(term), at=at)
            made.add(number)
        return made

    def sign(self, numbers: Sequence[Number]) -> TextLine:
        """The sign of the rule: `≈` where the numbers, rounded as they are shown, do not hold."""
        after, before, rate, gradient = (read_back(number.text) for number in numbers)
        holds = abs(before - rate * gradient - after) <= HALF
        words = self.terms["="]
        at = (float(words.get_x()), float(self.terms["new weight"].get_y()))
        return TextLine("=" if holds else "≈", size=self.size, color=self.theme.ink, at=at)


def _lines(language: Language, size: float, room: float) -> list[Sequence[str]]:
    whole = _width(RULE, language, size) <= room
    return [RULE] if whole else [RULE[:BREAK], RULE[BREAK:]]


def _width(part: Sequence[str], language: Language, size: float) -> float:
    widths = [text_width(language.word(term), size) for term in part]
    return sum(widths) + GAP * size * (len(part) - 1)


def _pitch(size: float) -> float:
    """From one line of the rule, with its numbers, to the next."""
    return (LEADING + 2.0) * size
