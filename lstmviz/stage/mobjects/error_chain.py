"""The parts of a chain of cells along which an error goes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manim import Circle, FadeIn, Line, Polygon, Rectangle, VGroup

from lstmviz.stage.manim.rounded_rectangle import RoundedRectangle
from lstmviz.stage.mobjects.column import Number
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.style.theme import mix

if TYPE_CHECKING:
    from lstmviz.stage.mobjects.lightable import Motion
    from lstmviz.style.notation import Scale
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import Reading

Point = tuple[float, float]
FAINTEST = 0.08  # of a colour that stands for nothing
RADIUS = 0.14  # of a pulse
HIGH, LOW = (
    0.2,
    -0.24,
)  # of a cell's height: its name and what goes on, its gradient and what returns


class ErrorCell(VGroup):
    """One copy of the cell: its name above, and below how large the gradient is that arrives."""

    def __init__(
        self, theme: Theme, name: str, at: Point, size: tuple[float, float], em: float
    ) -> None:
        super().__init__()
        self.theme, self.at, self.size, self.em = theme, at, size, em
        self.body = RoundedRectangle(width=size[0], height=size[1], corner_radius=0.2)
        self.body.set_stroke(theme.role("h"), width=3).set_fill(theme.panel, opacity=1)
        self.body.move_to((*at, 0))
        self.add(self.body)
        self.title: TextLine | None = None
        if text_width(name, em) < size[0] - 0.16:
            color = theme.on(theme.panel)
            self.title = TextLine(name, size=em, color=color, at=(at[0], self.level(HIGH)))
            self.add(self.title)

    def level(self, share: float) -> float:
        """Give a level within it, as a share of its height above its middle."""
        return self.at[1] + share * self.size[1]

    def receive(self, reading: Reading, scale: Scale, share: float) -> list[Motion]:
        """Let it glow by how much of the gradient arrives, and say how much that is."""
        fill = glow(self.theme, self.theme.panel, share)
        color = self.theme.on(fill)
        at = (self.at[0], self.level(LOW if self.title else 0.0))
        self.number = Number(reading, 0, scale=scale, size=self.em, color=color, at=at)
        motions: list[Motion] = [self.body.animate.set_fill(fill, opacity=1), FadeIn(self.number)]
        if self.title:
            motions.append(self.title.animate.set_fill(color))
        return motions


def glow(theme: Theme, ground: str, share: float) -> str:
    """Give the colour of so much of a gradient on a ground."""
    return mix(ground, theme.role("forget"), 0.92 * max(min(share, 1.0), 0.0))


def arrow(start: Point, end: Point, color: str, width: float = 4.0, tip: float = 0.17) -> VGroup:
    """Make a straight arrow."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    long = max((dx**2 + dy**2) ** 0.5, 1e-6)
    ux, uy = dx / long, dy / long
    base = (end[0] - tip * ux, end[1] - tip * uy)
    wide = 0.5 * tip
    line = Line((*start, 0), (*base, 0)).set_stroke(color, width=width)
    corners = (
        (*end, 0),
        (base[0] - wide * uy, base[1] + wide * ux, 0),
        (base[0] + wide * uy, base[1] - wide * ux, 0),
    )
    return VGroup(line, Polygon(*corners).set_stroke(width=0).set_fill(color, opacity=1))


def pulse(theme: Theme, at: Point, share: float) -> Circle:
    """Make a dot as bright as what it carries."""
    color = glow(theme, theme.background, max(share, FAINTEST))
    return Circle(radius=RADIUS).set_stroke(width=0).set_fill(color, opacity=1).move_to((*at, 0))


class Pile(VGroup):
    """A bar that grows and shrinks with what it gathers; `ends` are all that it will reach."""

    def __init__(
        self,
        theme: Theme,
        ends: list[float],
        span: tuple[float, float],
        level: float,
        height: float,
    ) -> None:
        super().__init__()
        self.theme, self.level, self.thick = theme, level, height
        low, high = min(0.0, *ends), max(0.0, *ends)
        self.left, self.low = span[0], low
        self.unit = (span[1] - span[0]) / (high - low) if high > low else 0.0
        if not self.unit:
            self.left = (span[0] + span[1]) / 2
        zero, half = self.x(0.0), height / 2 + 0.06
        self.zero = Line((zero, level - half, 0), (zero, level + half, 0))
        self.bar = self.reaching(0.0)
        self.add(self.bar, self.zero.set_stroke(theme.faint, width=3))

    def x(self, value: float) -> float:
        """Give the place of a value."""
        return self.left + (value - self.low) * self.unit

    def mark(self, value: float) -> Line:
        """Make the mark of a value that it has passed."""
        x, half = self.x(value), self.thick / 2
        line = Line((x, self.level - half, 0), (x, self.level + half, 0))
        return line.set_stroke(self.theme.background, width=3)

    def reaching(self, value: float) -> Rectangle:
        """Make the bar from nothing to a value."""
        start, end = self.x(0.0), self.x(value)
        bar = Rectangle(width=max(abs(end - start), 0.01), height=self.thick, stroke_width=0)
        bar.set_fill(self.theme.role("forget"), opacity=1)
        return bar.move_to(((start + end) / 2, self.level, 0))
