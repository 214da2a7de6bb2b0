"""What is drawn, and in which order, is what Manim draws."""

from __future__ import annotations

import manim as mn
import pytest
from manim.utils.family import extract_mobject_family_members

from lstmviz.stage.manim.families import drawn_members, family_members

pytestmark = pytest.mark.slow


@pytest.fixture
def shapes() -> list[mn.Mobject]:
    low, high, twice = mn.Square(z_index=-1), mn.Circle(z_index=3), mn.Dot()
    group = mn.Group(high, mn.VGroup(twice, mn.Line()), mn.ValueTracker())
    return [twice, group, low, mn.Square().add(mn.Dot(z_index=3)), mn.Group(), twice]


def test_families_are_manims(shapes: list[mn.Mobject]) -> None:
    assert family_members(shapes) == extract_mobject_family_members(shapes)
    expected = extract_mobject_family_members(shapes, use_z_index=True, only_those_with_points=True)
    assert drawn_members(shapes) == expected
    assert len(expected) < len(family_members(shapes))
