"""Text from the fonts in the package: shaped by HarfBuzz, drawn as outlines, the same everywhere.

Nothing here asks the system for a font: a picture looks the same on every machine, small
text is not hinted, and a character that no font has is known before anything is rendered.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
import uharfbuzz as hb
from manim import VMobject

from lstmviz.stage.text.fonts import (
    Points,
    Weight,
    brand_of,
    face,
    is_unseen,
    region_now,
    region_of,
    runs,
)
from lstmviz.style.bidi import LEFT_TO_RIGHT, RIGHT_TO_LEFT, in_sight, levels, runs_left
from lstmviz.system.clusters import clusters, is_wide

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

Align = Literal["left", "center", "right"]

CAP_HEIGHT = 0.733  # of an em, for centring a line on its capitals and digits


@dataclass(frozen=True)
class _Line:
    points: Points  # (4 n, 3), in ems, baseline at 0, starting at 0
    advance: float  # in ems


def _shape(text: str, weight: Weight) -> _Line:
    return _shaped(text, weight, brand_of(weight), region_of([text]) or region_now())


@cache
def _shaped(text: str, weight: Weight, brand: str, region: str) -> _Line:
    """Set one line of text; what shares a font and a direction is shaped together."""
    left = runs_left(text)
    depths = levels(text, left=left)
    stretches: list[tuple[str, str, int]] = []  # the text, its font, its level
    at = 0
    for run, name in runs(text, weight, brand, region):
        for level, places in itertools.groupby(range(at, at + len(run)), depths.__getitem__):
            stretches.append(("".join(text[k] for k in places), name, level))
        at += len(run)
    pieces: list[Points] = []
    x = 0.0
    for k in in_sight([level for _, _, level in stretches]):
        run, name, level = stretches[k]
        for outline, advance in _glyphs(run, name, left=level % 2 == 1):
            pieces.append(outline + np.array((x, 0.0, 0.0)))
            x += advance
    points = np.concatenate(pieces) if pieces else np.zeros((0, 3))
    points.setflags(write=False)
    return _Line(points, x)


def _glyphs(run: str, name: str, *, left: bool) -> Iterator[tuple[Points, float]]:
    """Give the outline of each glyph of a run from left to right, and its advance, in ems."""
    if not name:
        for character in reversed(run) if left else run:
            if not is_unseen(character):
                yield code_point_box(character)
        return
    buffer = hb.Buffer()
    buffer.add_str(run)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if left else "ltr"
    source = face(name)
    hb.shape(source.font, buffer)
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        shift = (position.x_offset / source.em, position.y_offset / source.em, 0)
        yield source.glyph(info.codepoint) + shift, position.x_advance / source.em


@cache
def code_point_box(character: str) -> tuple[Points, float]:
    """Draw the number of a character that no font has in a small box, two lines of it.

    Gives the outline and the advance in ems, as those of a glyph.
    """
    number = f"{ord(character):04X}"
    half = (len(number) + 1) // 2
    rows = [number[:half], number[half:].rjust(half, "0")]
    wide = half * _DIGIT + 2 * _EDGE
    pieces = [_rectangle(0.04, wide + 0.04, -0.13, 0.87), _rectangle(wide, 0.08, -0.09, 0.83)]
    for row, y in zip(rows, (0.42, -0.02), strict=True):
        x = 0.04 + _EDGE
        for digit in row:
            for outline, _ in _glyphs(digit, "NotoSansMono-Regular.ttf", left=False):
                pieces.append(outline * (_DIGIT / 0.6) + np.array((x, y, 0.0)))
            x += _DIGIT
    return np.concatenate(pieces), wide + 0.08


def _rectangle(left: float, right: float, bottom: float, top: float) -> Points:
    """Give a rectangle as cubic curves; one from right to left is a hole in one that is not."""
    corners = np.array(
        [(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)], dtype=float
    )
    sides = [
        start + (end - start) * np.linspace(0, 1, 4)[:, None]
        for start, end in itertools.pairwise(corners)
    ]
    return np.column_stack([np.concatenate(sides), np.zeros(16)])


_DIGIT, _EDGE = 0.3, 0.07  # ems: the advance of a digit in a box, and the room beside them


def text_width(text: str, size: float, weight: Weight = "regular") -> float:
    """Give the width of a line of text in scene units, `size` being its em."""
    return _shape(text, weight).advance * size


def outline_length(points: Points) -> float:
    """Measure an outline, whichever way it is turned: it tells by how much text was scaled."""
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


class TextLine(VMobject):
    """A line of text, as one shape; its place is that of its baseline, not of its ink.

    `size` is the em in scene units (a 1080p frame has 135 pixels a unit). The line is
    centred on the height of its capitals at `at`, so that lines and chips side by side
    stand on one baseline whatever letters they hold.
    """

    text: str
    size: float
    told = True  # whether those who cannot see the picture are told of it

    def __init__(
        self,
        text: str,
        *,
        size: float = 0.3,
        color: str = "#FFFFFF",
        at: tuple[float, float] = (0.0, 0.0),
        align: Align = "center",
        weight: Weight = "regular",
    ) -> None:
        super().__init__(fill_color=color, fill_opacity=1, stroke_width=0)
        self.text = text
        self.size = size
        line = _shape(text, weight)
        self.advance = line.advance * size
        left = {"left": 0.0, "center": -0.5, "right": -1.0}[align] * self.advance
        self.points = line.points * size + np.array(
            [at[0] + left, at[1] - CAP_HEIGHT * size / 2, 0.0]
        )
        self._drawn = outline_length(self.points)

    @property
    def em(self) -> float:
        """The size at which it stands now, in scene units, after any scaling."""
        return self.size * outline_length(self.points) / self._drawn if self._drawn else self.size

    def init_points(self) -> None:
        """Leave the outline to the constructor (Manim calls this before it is known)."""


def wrap(
    text: str, size: float, width: float, unbroken: Collection[str] = frozenset()
) -> list[str]:
    """Break a text into as few lines as fit `width`, evenly filled; CJK breaks anywhere.

    But words of CJK that are `unbroken` stay whole. Punctuation never begins a line, and a line
    rather ends behind it. A word wider than a line stands alone on its line.
    """
    pieces = _pieces(text, unbroken)
    widths = [text_width(piece.rstrip(), size) for piece in pieces]
    spaces = [text_width(piece, size) - bare for piece, bare in zip(pieces, widths, strict=True)]
    count, least = 1, sum(widths) + sum(spaces)
    while least > width * count:
        count += 1
    for lines in range(count, len(pieces) + 1):
        breaks = _breaks(pieces, widths, spaces, lines, width)
        if breaks is not None:
            edges = [0, *breaks, len(pieces)]
            found = ["".join(pieces[a:b]) for a, b in itertools.pairwise(edges)]
            return _directed(text, found)
    return _directed(text, pieces)


def _directed(text: str, lines: list[str]) -> list[str]:
    """Let each line run as the whole text does, also one with words of another direction alone."""
    left = runs_left(text)
    mark = RIGHT_TO_LEFT if left else LEFT_TO_RIGHT
    return [
        mark + line.strip() if runs_left(line) != left and len(lines) > 1 else line.strip()
        for line in lines
    ]


def _breaks(
    pieces: list[str], widths: list[float], spaces: list[float], lines: int, width: float
) -> list[int] | None:
    """Find the breaks of so many lines with the most even filling; None where none fits."""
    total = sum(widths) + sum(spaces)
    ideal = total / lines
    starts = list(
        itertools.accumulate((w + s for w, s in zip(widths, spaces, strict=True)), initial=0.0)
    )
    best: list[tuple[float, list[int]] | None] = [(0.0, [])] + [None] * len(pieces)
    for _ in range(lines):
        following: list[tuple[float, list[int]] | None] = [None] * (len(pieces) + 1)
        for begin, state in enumerate(best):
            if state is None:
                continue
            for end in range(begin + 1, len(pieces) + 1):
                filled = starts[end] - starts[begin] - spaces[end - 1]
                if filled > width and end > begin + 1:
                    break
                tidy = pieces[end - 1].rstrip()[-1:] in _STOPS
                cost = state[0] + abs(filled - ideal) * (0.4 if tidy else 1.0)
                found = following[end]
                if found is None or cost < found[0]:
                    following[end] = (cost, [*state[1], end])
        best = following
    done = best[len(pieces)]
    return None if done is None else done[1][:-1]


_STOPS = frozenset("，。！？；：,.!?;:")
_OPERATORS = {"−", "+", "×", "=", "≈", "·"}
_LEADING = set("เแโใไເແໂໃໄ")  # vowels that stand before the letter after which they are said
_WITHOUT_SPACES = ((0xE00, 0xEFF), (0x1000, 0x109F), (0x1780, 0x17FF))  # Thai to Khmer
_CLOSING = set("，。！？；：、）》”’」』…,.!?;:)%،؛؟۔।॥")
_BEHIND = "".join(_CLOSING) + " "  # what may stand behind a word in its piece


def _pieces(text: str, unbroken: Collection[str]) -> list[str]:
    """Split a text where a line may break; each piece keeps the space behind it.

    That is beside Chinese and Japanese characters and emoji, and where a space of no width
    stands; in scripts without spaces where there is none of these anywhere.
    """
    pieces: list[str] = []
    before = ""
    parted = "\u200b" in text
    for cluster in clusters(text):
        joins = (
            pieces
            and before not in (" ", "\u200b")
            and (
                cluster in _CLOSING
                or cluster in (" ", "\u200b")
                or before in _LEADING
                or not (_stands_alone(cluster, parted) or _stands_alone(before, parted))
            )
        )
        before = cluster
        if joins:
            pieces[-1] += cluster
        else:
            pieces.append(cluster)
    return _terms(_whole(pieces, unbroken) if unbroken else pieces)


def _whole(pieces: list[str], words: Collection[str]) -> list[str]:
    """Join the pieces of words that stay whole: at each place the longest that begins there."""
    longest, begin, joined = max(map(len, words)), 0, []
    while begin < len(pieces):
        end = min(begin + longest, len(pieces))
        while end > begin + 1 and "".join(pieces[begin:end]).rstrip(_BEHIND) not in words:
            end -= 1
        joined.append("".join(pieces[begin:end]))
        begin = end
    return joined


def _stands_alone(cluster: str, parted: bool) -> bool:
    """Tell whether a line may break beside it; `parted` says that the text has marks for that."""
    point = ord(cluster[0])
    if is_wide(cluster[0]) or point >= 0x1F000:
        return True
    return not parted and any(first <= point <= last for first, last in _WITHOUT_SPACES)


def _terms(pieces: list[str]) -> list[str]:
    """Keep together what an operator joins: no line ends within `1 − z`."""
    joined: list[str] = []
    for before, piece in zip(["", *pieces], pieces, strict=False):
        if joined and _OPERATORS & {before.strip(), piece.strip()}:
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined
