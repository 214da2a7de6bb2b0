"""What a box says without its colour: how far a gate is open, and that a value is below 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manim import Rectangle

if TYPE_CHECKING:
    from lstmviz.style.notation import Scale
    from lstmviz.style.theme import Theme

Point = tuple[float, float]
EDGE = 0.015  # between a box and the next one
TALLEST, LOWEST = 0.08, 0.02  # of the bar below a number
CLEAR, CAP = 0.025, 0.39  # from a number to the bar, and half of its height in ems
NEAR = 0.05  # a value so near to 0 has no sign to be seen
DASH, SEEN = (0.42, 0.1, 0.3), 0.8  # of a box, the minus in it, no taller than this; its opacity


def level_below(
    theme: Theme, role: str, value: float, size: tuple[float, float], at: Point, em: float
) -> list[Rectangle]:
    """Give the bar of a gate at the foot of a box, below its number; none where there is no room.

    It is as long as the gate is open, and has the colour of its role.
    """
    width, height = size
    tall = min(TALLEST, height / 2 - EDGE - CLEAR - CAP * em)
    long = width * min(max(value, 0.0), 1.0)
    if tall < LOWEST or long <= 0:
        return []
    color = theme.readable(theme.role(role), theme.value(value, "gate"))
    bar = Rectangle(width=long, height=tall, stroke_width=0).set_fill(color, opacity=1)
    x, y = at[0] - (width - long) / 2, at[1] - height / 2 + EDGE + tall / 2
    return [bar.move_to((x, y, 0))]


def level_in(
    theme: Theme, value: float, size: tuple[float, float], at: Point, *, up: bool = False
) -> list[Rectangle]:
    """Give the bar that fills a box without a number from the left, or `up` from its foot."""
    share = min(max(value, 0.0), 1.0)
    width, height = (size[0], size[1] * share) if up else (size[0] * share, size[1])
    if share <= 0:
        return []
    bar = Rectangle(width=width, height=height, stroke_width=0)
    bar.set_fill(theme.value(value, "gate"), opacity=1)
    x, y = at[0] - (size[0] - width) / 2, at[1] - (size[1] - height) / 2
    return [bar.move_to((x, y, 0))]


def minus_in(
    theme: Theme, value: float, scale: Scale, size: tuple[float, float], at: Point
) -> list[Rectangle]:
    """Give the minus in a box without a number whose value is below 0, but not near to it."""
    if value > -NEAR:
        return []
    long = DASH[0] * size[0]
    tall = min(DASH[1] * size[1], DASH[2] * long)
    dash = Rectangle(width=long, height=tall, stroke_width=0)
    dash.set_fill(theme.on(theme.value(value, scale)), opacity=SEEN)
    return [dash.move_to((*at, 0))]
