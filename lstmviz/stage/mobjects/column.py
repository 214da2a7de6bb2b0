"""Vectors, drawn as columns of boxes: small ones that travel, large ones with their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from manim import Rectangle, VGroup

from lstmviz.stage.manim.rounded_rectangle import RoundedRectangle
from lstmviz.stage.mobjects.level import level_below, level_in
from lstmviz.stage.text.text import TextLine, text_width
from lstmviz.style.notation import Notation, Quantity, quantity, shown

if TYPE_CHECKING:
    from lstmviz.style.notation import Scale
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import Reading

Size = tuple[float, float]
SMALL: Size = (0.32, 0.17)
FRAME, INSET = 0.12, 0.03  # a gap of the ground parts the frame from what fills it
TALLEST = 0.7  # of a column without numbers, which must find room before a gate
LARGE: Size = (0.98, 0.5)
NUMBER = 0.31  # the largest em of a number
EASY = 0.27  # down to this em, numbers keep away from the edges of their boxes
ROOMY, CLOSE = (0.16, 0.62), (0.07, 0.8)  # the air left and right, the em as a share of the height


class Number(TextLine):
    """One value of a reading, written as the pictures write it."""

    def __init__(
        self,
        reading: Reading,
        unit: int,
        *,
        scale: Scale,
        digits: int = 2,
        size: float = 0.3,
        color: str = "#FFFFFF",
        at: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        self.reading = reading
        self.unit = unit
        self.digits = digits
        super().__init__(shown(float(reading[unit]), scale, digits), size=size, color=color, at=at)


class Column(VGroup):
    """A reading as a column of boxes, top unit first, in a frame of its role's colour.

    `units` chooses which units are shown (all of them by default). With `numbers`, each box
    holds its value, in an em of `size`; without them, a value beyond the scale has a bar
    at both edges of its box. A gate is a level as well as a tone: a bar in its box, as long as
    it is open. `across` lays the boxes from left to right.
    """

    def __init__(
        self,
        reading: Reading,
        theme: Theme,
        *,
        cell: Notation | None = None,
        units: Sequence[int] | None = None,
        box: Size | None = None,
        numbers: bool = False,
        at: tuple[float, float] = (0.0, 0.0),
        look: Quantity | None = None,
        size: float | None = None,
        across: bool = False,
    ) -> None:
        super().__init__()
        self.reading = reading
        self.look = look or quantity(reading.name, cell=cell or Notation())
        self.units = tuple(range(len(reading)) if units is None else units)
        width, height = box = box or (SMALL[0], min(SMALL[1], TALLEST / len(self.units)))
        count = len(self.units)
        steps = [k - (count - 1) / 2 for k in range(count)]
        places = [
            (at[0] + width * step, at[1]) if across else (at[0], at[1] - height * step)
            for step in steps
        ]
        self.rows = [y for _, y in places]
        self.frame = RoundedRectangle(
            width=width * (count if across else 1) + FRAME,
            height=height * (1 if across else count) + FRAME,
            corner_radius=min(0.08, height / 2),
            stroke_width=3,
            stroke_color=theme.role(self.look.role),
            fill_color=theme.panel,
            fill_opacity=1,
        ).move_to((*at, 0))
        self.boxes, self.levels, self.numbers = VGroup(), VGroup(), VGroup()
        self.add(self.frame, self.boxes, self.levels, self.numbers)
        size = size or number_size([(reading, self.look, self.units)], box)
        for unit, (x, y) in zip(self.units, places, strict=True):
            value = float(reading[unit])
            gate = self.look.scale == "gate"
            fill = theme.value(value if numbers or not gate else 0.0, self.look.scale)
            inner = (width - (0 if across else INSET), height - 0.03)
            body = Rectangle(width=inner[0], height=inner[1], stroke_width=0)
            self.boxes.add(body.set_fill(fill, opacity=1).move_to((x, y, 0)))
            if gate and numbers:
                room = (inner[0], height)
                self.levels.add(*level_below(theme, self.look.role, value, room, (x, y), size))
            elif gate:
                self.levels.add(*level_in(theme, value, inner, (x, y)))
            if abs(value) > 1 and not numbers:
                for side in (-1, 1):
                    self.boxes.add(
                        Rectangle(
                            width=width * 0.05 + 0.01,
                            height=height - 0.03,
                            stroke_width=0,
                            fill_color=theme.ink,
                            fill_opacity=1,
                        ).move_to((x + side * (width / 2 - 0.015), y, 0))
                    )
            if numbers:
                self.numbers.add(
                    Number(
                        reading,
                        unit,
                        scale=self.look.scale,
                        size=size,
                        color=theme.on(fill),
                        at=(x, y),
                    )
                )


def number_size(
    readings: Sequence[tuple[Reading, Quantity, Sequence[int]]],
    box: Size,
    largest: float = NUMBER,
) -> float:
    """Give the em at which every number of these columns fits a box."""
    texts = [
        shown(float(reading[unit]), look.scale)
        for reading, look, units in readings
        for unit in units
    ]
    widest = max(text_width(text, 1.0) for text in texts)
    roomy, close = (
        min(largest, box[1] * share, (box[0] - air) / widest) for air, share in (ROOMY, CLOSE)
    )
    return max(roomy, min(close, EASY))
