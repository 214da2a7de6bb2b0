"""The lens: a panel with the arithmetic of a beat, unit by unit, in the numbers of the trace."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from manim import VGroup, VMobject

from lstmviz.stage.manim.rounded_rectangle import RoundedRectangle
from lstmviz.stage.mobjects.column import CLOSE, NUMBER, Column, number_size
from lstmviz.stage.mobjects.fan import Fan
from lstmviz.stage.mobjects.input_strip import shortened
from lstmviz.stage.text.formula import Formula, broken
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.style.layout import INDEX as SMALLER
from lstmviz.style.layout import WIDE, Box
from lstmviz.style.notation import equals, quantity, shown
from lstmviz.style.theme import mix

if TYPE_CHECKING:
    from lstmviz.stage.text.text import Align
    from lstmviz.style.notation import Notation, Quantity
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import Reading

INDEX = 0.42  # the margin in which the units are numbered
GAP, CLOSER = 0.46, 0.36  # between two columns of numbers, frames included; and of four
TIGHT = 4.5  # the width up to which a lens is narrow for four columns
QUAD = 1.0  # ems between two headers: closer, `f_t` and `f_t ⊙ c` would read as a product
DRIFT, FAR = 0.24, 0.6  # how far a header may stand from its column, and rather than be small
SEEN = 0.004  # a lack of room that nobody sees
EM, NAME = 0.2, 1.15  # of what a row is called, and its width at most
FAN = "fan"  # the sign between a column and what a matrix makes of it
BORDER = 0.09  # from a header to the left of the room for an equation, where the circuit stands
SIDE = 0.14  # between a row and what it is called
OFF = 0.04  # between a ring and the numbers of other rows
LINES = 0.5  # from one formula to the next, below each other
LINE = 0.36  # the height of heads on one line, at most
HEADS = 0.44  # that, and the air above them
CLOSEST = 0.89  # of a row's height, the em of its numbers, at most
AIR, NEAR = 0.18, 0.1  # between heads and columns; and where there is little room
CRAMPED = 0.7  # of its usual size: a head or formula that would be smaller stands on two lines
FLAT = 2.5  # a lens wider than so many times its height is flat
SHARE, LARGE_SHARE = 0.4, 0.45  # of a flat lens for its title and formula; and for several of them
RISE, FALL = 0.55, 0.36  # how far they stand above and below its middle
HIGHEST = 0.95  # a formula on two lines


class Equation(VGroup):
    """Readings side by side with signs between them, a row a unit: `+0.92 × 0.97 = +0.89`.

    `signs` has one sign between each two columns: `×`, `+`, `=`, `→`, a space, or `fan` where a
    matrix makes the second of the first. A row
    whose numbers, rounded as they are shown, do not give the result that is shown, says `≈`
    instead of `=`. `names` has for each reading what its rows are called, or
    nothing: those of the last one stand right of it, those of another first one in place of the
    numbers of its units. Headers may leave the middle of their columns a little, so as to
    keep apart.
    """

    def __init__(
        self,
        readings: Sequence[Reading],
        signs: Sequence[str],
        theme: Theme,
        box: Box,
        *,
        cell: Notation,
        units: Sequence[Sequence[int]],
        headers: Sequence[str | None] | None = None,
        names: Sequence[Sequence[str]] = (),
        zoom: float = 1.0,
        least: float = WIDE.least,
    ) -> None:
        super().__init__()
        looks = [quantity(reading.name, cell=cell) for reading in readings]
        rows = max(len(chosen) for chosen in units)
        gaps = len(readings) - 1
        # Four columns in a narrow lens come close to its edges and to each other.
        drawn = list(zip(readings, looks, units, strict=True))
        needed = _needed(drawn, least)
        index, sides = INDEX, 0.36
        free = box.width - index - sides - needed * len(readings)
        if gaps > 2 and box.width < TIGHT and (zoom > 1 or free < CLOSER * gaps):
            index, sides = 0.3, 0.2
        names = names or [()] * len(readings)
        first, last = names[0] if gaps else (), names[-1]
        index, tail = _margin(first, zoom) or index, _margin(last, zoom)
        room = box.width - index - sides - tail
        narrow, sign_size = (GAP, 0.28) if gaps < 3 else (CLOSER, 0.24)
        narrow = min(narrow * zoom, max(narrow, room / 9))
        if gaps:
            narrow = max(min(narrow, (room - needed * len(readings)) / gaps), least)
        width = min(zoom, (room - narrow * gaps) / len(readings))
        gap = narrow if gaps > 1 or tail else 0.8 * zoom
        left = box.center[0] + (index - tail) / 2 - (width * len(readings) + gap * gaps) / 2
        places = [left + width / 2 + k * (width + gap) for k in range(len(readings))]
        sources = [look.symbol for look in looks]
        if headers:
            sources = [given or own for given, own in zip(headers, sources, strict=True)]
        shades = [theme.readable(theme.role(look.role), theme.panel) for look in looks]
        em = max(0.36 * zoom, least / SMALLER)
        self.headers, lift, air = _heads(sources, shades, places, box, em, least), 0.0, AIR * zoom
        one_line: list[Any] = [*self.headers]
        if min(float(head.em) for head in one_line) < max(CRAMPED * 0.36 * zoom, least / SMALLER):
            # Where rows are many, heads on two lines are as small as may be, and near these.
            near = ((em, AIR, CLOSE[1]), (least / SMALLER, NEAR, CLOSEST))
            for size, apart, share in near:
                lines = [broken(source) for source in sources]
                high = _heads(lines, shades, places, box, size, least)
                taken = max(float(high.height) - LINE * zoom, 0.0)
                if box.height - (HEADS + apart) * zoom - taken > least / share * rows:
                    self.headers, lift, air = high, taken, apart * zoom
                    break
        height = min(0.52 * zoom, (box.height - HEADS * zoom - air - lift) / rows)
        sign_size = max(min(sign_size * zoom, max(sign_size, height * 0.8)), least)
        middle = box.center[1] - (HEADS * zoom + air + lift) / 2 + 0.01 * zoom
        self.columns: list[Column] = []
        size = number_size(drawn, (width, height), NUMBER * zoom)
        size = max(size, min(least, CLOSEST * height))
        for x, (reading, look, chosen) in zip(places, drawn, strict=True):
            column = Column(
                reading,
                theme,
                cell=cell,
                units=chosen,
                box=(width, height),
                numbers=True,
                at=(x, middle + (rows - len(chosen)) * height / 2),
                look=look,
                size=size,
            )
            self.columns.append(column)
        over = air + (LINE * zoom + lift) / 2
        self.headers.shift((0, middle + rows * height / 2 + over, 0))
        self.signs = VGroup()
        for k, sign in enumerate(signs):
            x = left + width * (k + 1) + gap * (k + 0.5)
            if sign == FAN:
                self.signs.add(*self._fan(k, theme))
                continue
            for row, y in enumerate(self.columns[k].rows):
                if sign.strip() and row < len(self.columns[k + 1].rows):
                    written = self._sign(sign, signs, k, row)
                    self.signs.add(TextLine(written, size=sign_size, color=theme.ink, at=(x, y)))
        self.indices = VGroup()
        small = max(min(EM * zoom, height * 0.6), least)
        numbers = [str(unit + 1) for unit in self.columns[0].units]
        edge = left - (SIDE * zoom if first else index / 2)
        right = places[-1] + width / 2 + SIDE * zoom
        self._call(first or ([] if last and not gaps else numbers), 0, edge, small, theme)
        self._call(last, -1, right, small, theme)
        self.add(self.headers, self.indices, *self.columns, self.signs)

    def _call(self, names: Sequence[str], which: int, x: float, size: float, theme: Theme) -> None:
        """Write what the rows of a column are called, up to a place left of it or right."""
        align: Align = "left" if which else "right"
        for name, y in zip(names, self.columns[which].rows, strict=False):
            text = shortened(name, size, NAME * size / EM)
            self.indices.add(TextLine(text, size=size, color=theme.faint, at=(x, y), align=align))

    def _fan(self, k: int, theme: Theme) -> list[Fan]:
        """Lead from all rows of a column to each row of the next one, a fan a row."""
        first, second = self.columns[k : k + 2]
        color = mix(theme.panel, theme.role(first.look.role), 0.55)
        sides = float(first.frame.get_right()[0]), float(second.frame.get_left()[0])
        return [Fan(*sides, [y], second.rows, color) for y in first.rows]

    def _sign(self, sign: str, signs: Sequence[str], k: int, row: int) -> str:
        if sign != "=" or k == 0:
            return sign
        return equals(signs[0], [str(c.numbers[row].text) for c in self.columns[: k + 2]])

    @property
    def bare(self) -> list[VMobject]:
        """The table without its numbers, which come row by row."""
        return [*self.headers, self.indices, *(column.frame for column in self.columns)]

    @property
    def operands(self) -> list[VMobject]:
        """Everything that stands before the result is known."""
        last = len(self.columns) - 2
        signs = [self.signs_of(k) for k in range(last)]
        return [*self.columns[:-1], *self.headers[:-1], self.indices, *signs]

    @property
    def result(self) -> list[VMobject]:
        """The last column with its header, and the signs before it."""
        return [self.columns[-1], self.headers[-1], self.signs_of(len(self.columns) - 2)]

    def ring(self, unit: int, color: str) -> RoundedRectangle:
        """Give a ring around the row of a unit, across all columns."""
        row = self.columns[0].units.index(unit)
        first, last = self.columns[0], self.columns[-1]
        left, right = first.frame.get_left()[0] - 0.06, last.frame.get_right()[0] + 0.06
        height = float(first.boxes[0].height)
        # Where rows are low, it keeps off the numbers above and below.
        inked = max(float(number.height) for column in self.columns for number in column.numbers)
        height = min(height + 0.1, 2 * (height - inked / 2 - OFF))
        ring = RoundedRectangle(width=right - left, height=height, corner_radius=0.1)
        ring.set_stroke(color, width=4).move_to(((left + right) / 2, first.rows[row], 0))
        return ring

    def signs_of(self, k: int) -> VGroup:
        """Give the signs behind the column with this number."""
        before = sum(len(self.columns[j].rows) for j in range(k))
        return VGroup(*self.signs[before : before + len(self.columns[k].rows)])


def _needed(readings: Sequence[tuple[Reading, Quantity, Sequence[int]]], least: float) -> float:
    """Give how wide a box must be for every number of some columns to be read."""
    texts = [
        shown(float(reading[unit]), look.scale)
        for reading, look, units in readings
        for unit in units
    ]
    return max(text_width(text, least) for text in texts) + CLOSE[0]


def _margin(names: Sequence[str], zoom: float) -> float:
    """Give how wide the margin is in which rows are called by these names."""
    widest = max((text_width(name, EM * zoom) for name in names), default=0.0)
    return min(widest, NAME * zoom) + (SIDE + 0.05) * zoom if names else 0.0


def _heads(
    sources: Sequence[str],
    colors: Sequence[str],
    places: Sequence[float],
    box: Box,
    em: float,
    least: float,
) -> VGroup:
    """Make the formulas above columns, at height 0."""
    heads = VGroup(
        *(
            Formula(source, size=em, color=color, at=(x, 0))
            for source, color, x in zip(sources, colors, places, strict=True)
        )
    )
    room = Box(box.left + BORDER, box.right, box.bottom, box.top)
    spread([*heads], room, least=least / SMALLER)
    return heads


def spread(
    headers: Sequence[Any], box: Box, quads: float = QUAD, least: float | None = None
) -> None:
    """Move formulas or words aside until `quads` ems are between them, and shrink what is too wide.

    None comes to stand far from where it was, but for an em of `least`; those that are largest
    shrink first.
    """
    scales, places = _spaced(headers, box, quads, DRIFT)
    ems = [float(header.em) * scale for header, scale in zip(headers, scales, strict=True)]
    if least is not None and min(ems) < least:
        scales, places = _spaced(headers, box, quads, FAR)
    for header, x, scale in zip(headers, places, scales, strict=True):
        header.scale(scale).set_x(x)


def _spaced(
    headers: Sequence[Any], box: Box, quads: float, drift: float
) -> tuple[list[float], list[float]]:
    """Find how much smaller headers must be, and their places, no farther than `drift` away."""
    homes = [float(header.get_x()) for header in headers]
    sizes = [(float(header.em), float(header.width)) for header in headers]
    scales = [1.0] * len(headers)
    while (places := _places(homes, sizes, scales, box, quads, drift)) is None:
        scales[
            max(range(len(headers)), key=lambda k: (round(sizes[k][0] * scales[k], 3), sizes[k][1]))
        ] *= 0.97
    return scales, places


def _places(
    homes: Sequence[float],
    sizes: Sequence[tuple[float, float]],
    scales: Sequence[float],
    box: Box,
    quads: float,
    drift: float,
) -> list[float] | None:
    """Push the middles of things apart, and back into a box; None if they are too wide for it."""
    widths = [width * scale for (_, width), scale in zip(sizes, scales, strict=True)]
    ems = [em * scale for (em, _), scale in zip(sizes, scales, strict=True)]
    apart = [
        (widths[k] + widths[k + 1]) / 2 + quads * min(ems[k], ems[k + 1])
        for k in range(len(homes) - 1)
    ]
    places = list(homes)
    for _ in range(60):
        places = [
            min(max(x, box.left + width / 2), box.right - width / 2)
            for x, width in zip(places, widths, strict=True)
        ]
        lacks = [least - (b - a) for least, (a, b) in zip(apart, pairwise(places), strict=True)]
        if max(lacks, default=0.0) < SEEN:
            break
        for k, lack in enumerate(lacks):
            push = max(lack, 0.0) / 2
            places[k] -= push
            places[k + 1] += push
    else:
        return None
    near = all(abs(x - home) <= drift for x, home in zip(places, homes, strict=True))
    return places if near else None


class Lens(VGroup):
    """The panel that holds an equation, its title, and the formula below it.

    In a `flat` one, title and formula stand at the left of the equation. `zoom` is how much
    larger all of it may be than in the lens of the wide frame.
    """

    def __init__(
        self, theme: Theme, box: Box, zoom: float = 1.0, least: float = WIDE.least
    ) -> None:
        super().__init__()
        self.theme = theme
        self.box = box
        self.zoom, self.least = zoom, least
        self.flat = box.width > FLAT * box.height
        self.panel = RoundedRectangle(
            width=box.width,
            height=box.height,
            corner_radius=0.25,
            stroke_width=3,
            stroke_color=theme.resting(theme.faint),
            fill_color=theme.panel,
            fill_opacity=1,
        ).move_to((*box.center, 0))
        self.add(self.panel)

    def body(self, *, formula: str | bool, note: bool = False, lines: int = 0) -> Box:
        """Give the room for an equation, between the title and the formula or beside them.

        A title with a `note` is higher, and so are `lines` of formulas, or one on two lines.
        """
        inner = self.box.inset(0.1)
        if self.flat:
            right = self.words_beside(lines).right
            return Box(right, inner.right, inner.bottom + 0.12, inner.top)
        low = ((0.75 if formula else 0.3) + LINES * max(lines - 1, 0)) * self.zoom
        if isinstance(formula, str) and formula:
            low = max(low, 0.3 * self.zoom + float(self.formula(formula).height))
        title = 0.85 if note else 0.6
        return Box(inner.left, inner.right, inner.bottom + low, inner.top - title * self.zoom)

    @property
    def words(self) -> Box:
        """The room for title and formula."""
        return self.words_beside()

    def words_beside(self, lines: int = 1) -> Box:
        """Give the room for the title and so many formulas, one below the other."""
        box = self.box
        if not self.flat:
            return box
        share = LARGE_SHARE if lines > 1 else SHARE
        return Box(box.left + 0.1, box.left + share * box.width, box.bottom, box.top)

    def title(
        self,
        text: str,
        role: str,
        note: str = "",
        *,
        formula: bool = False,
        room: Box | None = None,
    ) -> VGroup:
        """Give the title in the colour of a role, with a small note below it.

        In a flat lens it leaves room for a `formula` below it, or else stands in the middle.
        """
        room, z = room or self.words, self.zoom
        x, y = room.center[0], room.top - 0.42 * z
        if self.flat:
            y = room.center[1] + (RISE if formula else 0.12 if note else 0.0)
        color = self.theme.readable(self.theme.role(role), self.theme.panel)
        largest = 0.36 * z
        size = min(largest, largest * (room.width - 0.3) / text_width(text, largest, "bold"))
        if size < self.least:
            size = self.least
            text = shortened(text, size, room.width - 0.3, "bold")
        group = VGroup(TextLine(text, size=size, color=color, at=(x, y), weight="bold"))
        if note:
            small = max(min(0.2 * z, (room.width - 0.3) / text_width(note, 1.0)), self.least)
            group.add(TextLine(note, size=small, color=self.theme.faint, at=(x, y - 0.34 * z)))
        return group

    def formula(self, source: str, colors: dict[str, str] | None = None) -> Formula:
        """Give the formula that stands at the bottom of the lens, or below its title."""
        room = self.words
        size, ink = max(0.34 * self.zoom, self.least / SMALLER), self.theme.ink
        width = room.width - (0.1 if self.flat else 0.3 * self.zoom)
        formula = Formula(source, size=size, color=ink, colors=colors)
        least = self.least / SMALLER if "_" in source else self.least
        if formula.width * least > width * size:
            formula = Formula(broken(source), size=size, color=ink, colors=colors)
        scale = min(width / formula.width, HIGHEST / formula.height, 1.0)
        formula.scale(scale)
        y = room.center[1] - FALL
        if not self.flat:
            y = room.bottom + max(0.48 * self.zoom, 0.16 + formula.height / 2)
        return formula.move_to((room.center[0], y, 0))

    def formulas(self, sources: Sequence[str], colors: dict[str, str] | None = None) -> VGroup:
        """Give several formulas, one below the other, of one size."""
        room, z = self.words_beside(len(sources)), self.zoom
        size, ink = max(0.34 * z, self.least / SMALLER), self.theme.ink
        made = VGroup(*(Formula(each, size=size, color=ink, colors=colors) for each in sources))
        width = room.width - (0.1 if self.flat else 0.3 * z)
        scale = min(1.0, *(width / formula.width for formula in made))
        if self.flat and size * scale < self.least / SMALLER:
            return self._two_lines(sources, colors, room, width)
        low = room.center[1] - FALL if self.flat else room.bottom + 0.48 * z
        for k, formula in enumerate(made):
            rise = 0.5 - k if self.flat else len(sources) - 1 - k
            formula.scale(scale).move_to((room.center[0], low + rise * LINES * z, 0))
        return made

    def _two_lines(
        self, sources: Sequence[str], colors: dict[str, str] | None, room: Box, width: float
    ) -> VGroup:
        """Give several formulas, each on two lines, below the title of a flat lens."""
        size, ink = self.least / SMALLER, self.theme.ink
        made = VGroup(
            *(Formula(broken(each), size=size, color=ink, colors=colors) for each in sources)
        )
        made.scale(min(1.0, *(width / formula.width for formula in made)))
        made.arrange((0.0, -1.0, 0.0), buff=0.02)
        return made.move_to((room.center[0], room.center[1] - FALL - 0.12, 0))
