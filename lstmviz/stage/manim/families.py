"""Families of mobjects: what Manim draws of some, and in which order."""

from __future__ import annotations

from collections.abc import Iterable

from manim import Mobject


def family_members(mobjects: Iterable[Mobject]) -> list[Mobject]:
    """List the mobjects and what they hold, each once, at its last place."""
    last: dict[Mobject, None] = {}
    for mobject in mobjects:
        for member in mobject.get_family() if mobject.submobjects else (mobject,):
            last.pop(member, None)
            last[member] = None
    return list(last)


def drawn_members(mobjects: Iterable[Mobject]) -> list[Mobject]:
    """List those that have points, from the lowest to the topmost."""
    with_points = [each for each in family_members(mobjects) if each.get_num_points() > 0]
    return sorted(with_points, key=lambda each: each.z_index)
