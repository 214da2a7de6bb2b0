"""A thing on the stage that is lit while it works and rests while it does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias

from manim import ManimColor, Mobject, VGroup, VMobject

if TYPE_CHECKING:
    from lstmviz.style.theme import Theme

Point = tuple[float, float]
Paint = Literal["fill", "stroke", "text"]
Motion: TypeAlias = Any  # an Animation, or what Manim's `.animate` makes of a mobject


class Lightable(VGroup):
    """A group of shapes with two looks: lit and at rest.

    `ink` adds a shape and says how it is coloured; `lit()` and `rest()` change the look of
    all of them, also as animations: `part.animate.lit()`.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._shades: list[tuple[VMobject, Paint, str, str]] = []

    def ink(self, shape: VMobject, color: str, paint: Paint, rest: str | None = None) -> None:
        """Add a shape, or colour one of its sides; `color` is its lit look."""
        if rest is None:
            text = paint == "text"
            rest = self.theme.resting_text(color) if text else self.theme.resting(color)
        self._shades.append((shape, paint, color, rest))
        if shape not in self.submobjects:
            self.add(shape)
        _colour(shape, paint, color)

    @property
    def outlines(self) -> list[VMobject]:
        """The shapes whose edge is drawn."""
        return [shape for shape, paint, *_ in self._shades if paint == "stroke"]

    def settle(self, scale: float, moved: Callable[[Point], Point]) -> None:
        """Learn that the circuit around it was scaled and moved; parts with a place follow."""
        at = getattr(self, "at", None)
        if at is not None:
            self.at: Point = moved(at)

    def lit(self) -> Self:
        """Take the bright look."""
        for shape, paint, color, _ in self._shades:
            _colour(shape, paint, color)
        return self

    def rest(self) -> Self:
        """Take the faded look, in which text can still be read."""
        for shape, paint, _, color in self._shades:
            _colour(shape, paint, color)
        return self


def vanish(mobject: Mobject) -> Any:
    """Begin the animation of something that is taken off the stage at its end."""
    motion: Any = mobject.animate
    return motion(remover=True)


def _colour(shape: VMobject, paint: Paint, color: str) -> None:
    for member in shape.family_members_with_points():
        rgba = ManimColor(color)
        if paint == "stroke":
            member.set_stroke(rgba, opacity=1, family=False)
        else:
            member.set_fill(rgba, opacity=1, family=False)
