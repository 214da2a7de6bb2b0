"""The working parts of a cell: gates, operators, and the place where h and x are joined."""

from __future__ import annotations

from collections.abc import Callable
from math import pi
from typing import TYPE_CHECKING

from manim import Circle, Rectangle

from lstmviz.stage.manim.rounded_rectangle import RoundedRectangle
from lstmviz.stage.mobjects.lightable import Lightable
from lstmviz.stage.text.formula import Formula
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.stage.text.turned import turned
from lstmviz.style.language import SOFT_HYPHEN
from lstmviz.style.theme import mix

if TYPE_CHECKING:
    from lstmviz.style.theme import Theme

Point = tuple[float, float]
GATE_WIDTH, GATE_HEIGHT = 1.2, 1.06
LETTERS, SMALLEST = 0.31, 0.29  # ems of a name, which is read where a circuit is drawn smallest
SYMBOL = 0.45  # the em of a formula, for the sake of its indices
SIDES = 0.06  # left and right of a name together
RADIUS = 0.28
_FUNCTIONS = {"σ": "sigma", "tanh": "tanh", "relu": '"relu"', "1−": "1 -"}


class Gate(Lightable):
    """A layer of a cell: a rounded box with its function and, below it, its name."""

    def __init__(
        self,
        theme: Theme,
        function: str,
        *,
        at: Point,
        role: str,
        name: str = "",
        width: float = GATE_WIDTH,
        height: float = GATE_HEIGHT,
    ) -> None:
        super().__init__(theme)
        color = theme.role(role)
        self.at, self.width_, self.height_ = at, width, height
        self.function = function
        body = RoundedRectangle(width=width, height=height, corner_radius=0.14, stroke_width=3.5)
        body.set_fill(opacity=1).move_to((*at, 0))
        ground = mix(theme.panel, color, 0.22)
        resting = mix(theme.panel, color, 0.07)
        faded = theme.resting_text(color, resting)
        self.ink(body, ground, "fill", resting)
        self.ink(body, color, "stroke")
        lines, letters = _label_lines(name, width)
        rise = (0.0, 0.2, 0.32)[len(lines)]
        em = SYMBOL if "_" in function else min(0.36, height * 0.7)
        icon = Formula(_FUNCTIONS.get(function, function), size=em, at=(at[0], at[1] + rise))
        self.ink(icon, theme.readable(color, ground), "text", faded)
        self.icon = icon
        for line, fall in zip(
            lines, (0.04, 0.35) if len(lines) == 2 else (0.25,) * len(lines), strict=True
        ):
            label = TextLine(line, size=letters, at=(at[0], at[1] - fall))
            self.ink(label, theme.readable(color, ground), "text", faded)

    def without_symbol(self) -> Gate:
        """Take the symbol of its function out of the box."""
        self._shades = [shade for shade in self._shades if shade[0] is not self.icon]
        self.remove(self.icon)
        return self

    def without_name(self) -> Gate:
        """Take the name out of the box."""
        lines = self.name_lines
        self._shades = [shade for shade in self._shades if shade[0] not in lines]
        self.remove(*lines)
        return self

    @property
    def name_lines(self) -> list[TextLine]:
        """The lines of its name."""
        return [part for part in self.submobjects if isinstance(part, TextLine)]

    def relabel(self, function: str) -> None:
        """Write another function in the box, by its name, as a network was configured."""
        self.rewrite(f'"{function}"', 0.32)

    def rewrite(self, source: str, size: float = SYMBOL) -> None:
        """Write another formula in the box, as large as there is room."""
        self.function = source
        (place,) = (k for k, shade in enumerate(self._shades) if shade[0] is self.icon)
        _, paint, lit, faded = self._shades.pop(place)
        self.remove(self.icon)
        x, y, _ = self.icon.get_center()
        self.icon = Formula(source, size=size, at=(float(x), float(y)))
        room = self.width_ - 0.2
        if self.icon.width > room:
            self.icon.scale(room / self.icon.width)
        self.ink(self.icon, lit, paint, faded)

    def settle(self, scale: float, moved: Callable[[Point], Point]) -> None:
        """Follow the circuit when it is scaled and moved."""
        super().settle(scale, moved)
        self.width_, self.height_ = self.width_ * scale, self.height_ * scale

    @property
    def top(self) -> Point:
        """Where a wire leaves upwards."""
        return (self.at[0], self.at[1] + self.height_ / 2)

    @property
    def bottom(self) -> Point:
        """Where a wire comes in from below."""
        return (self.at[0], self.at[1] - self.height_ / 2)

    @property
    def left(self) -> Point:
        """Where a wire comes in from the left."""
        return (self.at[0] - self.width_ / 2, self.at[1])

    @property
    def right(self) -> Point:
        """Where a wire leaves to the right."""
        return (self.at[0] + self.width_ / 2, self.at[1])


def _label_lines(name: str, width: float) -> tuple[list[str], float]:
    """Set a name within a box: on one line, or broken into two where that would be too small."""
    if not name:
        return [], LETTERS
    whole = name.replace(SOFT_HYPHEN, "")
    close = (width - SIDES) / text_width(whole, 1.0)
    if close >= SMALLEST:
        return [whole], min(close, LETTERS)
    breaks = [k for k, letter in enumerate(name) if letter in (SOFT_HYPHEN, " ")]
    if not breaks:
        return [whole], close
    pairs = [
        [name[:k].replace(SOFT_HYPHEN, "") + "-" * (name[k] != " "), name[k + 1 :]] for k in breaks
    ]
    pairs = [[above, below.replace(SOFT_HYPHEN, "")] for above, below in pairs]
    lines = min(pairs, key=lambda pair: max(text_width(line, 1.0) for line in pair))
    widest = max(text_width(line, 1.0) for line in lines)
    return lines, min(SMALLEST, (width - SIDES) / widest)


class Operator(Lightable):
    """A pointwise operation: a circle with × or +."""

    def __init__(self, theme: Theme, sign: str, *, at: Point, role: str) -> None:
        super().__init__(theme)
        self.at = at
        self.sign = sign
        circle = Circle(radius=RADIUS, stroke_width=3.5).set_fill(opacity=1).move_to((*at, 0))
        self.ink(circle, theme.panel, "fill", theme.panel)
        self.ink(circle, theme.role(role), "stroke")
        arm = RADIUS * 0.5
        for turn in (0.0, pi / 2):
            bar = Rectangle(width=2 * arm, height=0.035, stroke_width=0).set_fill(opacity=1)
            turned(bar, turn + (pi / 4 if sign == "×" else 0.0)).move_to((*at, 0))
            self.ink(bar, theme.ink, "fill")

    def port(self, side: str) -> Point:
        """Give the point on the circle at a side: `left`, `right`, `top` or `bottom`."""
        dx, dy = {"left": (-1, 0), "right": (1, 0), "top": (0, 1), "bottom": (0, -1)}[side]
        return (self.at[0] + dx * RADIUS, self.at[1] + dy * RADIUS)


class Join(Lightable):
    """Where h and x are joined end to end into one longer vector (concatenation)."""

    def __init__(self, theme: Theme, *, at: Point) -> None:
        super().__init__(theme)
        self.at = at
        for role, side in (("h", 1), ("x", -1)):
            half = Rectangle(width=0.34, height=0.17, stroke_width=2.5).set_fill(opacity=1)
            half.move_to((at[0], at[1] + side * 0.085, 0))
            self.ink(half, mix(theme.panel, theme.role(role), 0.35), "fill", theme.panel)
            self.ink(half, theme.role(role), "stroke")
