"""What belongs together comes together: heads where wires arrive, headings with their columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from manim import VMobject

from lstmviz.stage import Story
from lstmviz.stage.circuits.circuit import Circuit
from lstmviz.stage.circuits.gru import GruCircuit
from lstmviz.stage.circuits.placeholders import Reserved
from lstmviz.stage.circuits.wire import Wire
from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.stage.mobjects.column import Column, Number
from lstmviz.stage.story.discovery import find_story
from lstmviz.stage.text.formula import Formula
from lstmviz.style.language import language
from lstmviz.style.layout import layout_named
from lstmviz.style.picture import picture_format
from lstmviz.style.themes import theme_named

pytestmark = pytest.mark.slow

Look = Callable[[Any], None]
THEME = theme_named("dark")
NEAR = 0.05  # scene units: how far a head may end before what it points at


class Looker(Walker):
    """Calls one function at the end of each step, another one half-way through each move."""

    def __init__(self, at_end: Look, half_way: Look | None = None) -> None:
        super().__init__(half_way)
        self.at_end = at_end

    def step_ended(self, story: Story) -> None:
        self.at_end(story)


def tell(name: str, at_end: Look, half_way: Look | None = None, aspect: str = "16:9") -> None:
    width, height, _ = picture_format("1080p", aspect=aspect)
    layout = layout_named(aspect)
    with canvas(THEME, width, height, 30, layout):
        looker = Looker(at_end, half_way)
        find_story(name)(None, layout=layout, renderer=looker, outline=()).render()


def seen(shape: VMobject) -> bool:
    return max(shape.get_fill_opacity(), shape.get_stroke_opacity()) > 0.02


def loose_heads(circuit: Circuit, names: list[str]) -> list[str]:
    """Name the wires within the body whose head is seen, and ends at nothing that is."""
    parts = [circuit[name] for name in names]
    body = circuit.submobjects[0]
    (left, bottom), (right, top) = (body.get_corner(c)[:2] for c in ([-1, -1, 0], [1, 1, 0]))
    loose = []
    for name, wire in zip(names, parts, strict=True):
        heads = [each for each in wire if isinstance(wire, Wire) and each is not wire.line]
        for head in filter(seen, heads):
            x, y = head.points[0][:2]
            goals = [
                part
                for part in parts
                if not isinstance(part, Wire)
                and seen(part[0])
                and abs(part.get_x() - x) <= part.width / 2 + NEAR
                and abs(part.get_y() - y) <= part.height / 2 + NEAR
            ]
            if left < x < right and bottom < y < top and not goals:
                loose.append(name)
    return loose


@pytest.mark.parametrize("aspect", ["16:9", "4:3"])
@pytest.mark.few(1)
def test_a_head_stands_only_where_a_wire_arrives(aspect: str) -> None:
    found: dict[str, list[str]] = {}

    def look(story: Any) -> None:
        circuit = story.circuit
        found[story.steps[-1].name] = loose_heads(circuit, [*circuit.parts])

    tell("lstm-cell", look, aspect=aspect)
    assert len(found) == 9
    assert not any(found.values()), found


def test_a_wire_that_has_come_stays() -> None:
    there: set[str] = set()
    gone: list[tuple[str, str]] = []

    def look(story: Any) -> None:
        step = story.steps[-1].name if story.steps else "at first"
        for name, part in story.circuit.parts.items():
            if isinstance(part, Wire) and len(part) > 1:
                if part[1].get_fill_opacity() > 0.6:
                    there.add(name)
                elif name in there:
                    gone.append((step, name))

    tell("lstm-cell", look, look)
    assert {"c_prev", "kept", "forget up"} <= there
    assert not gone


def test_what_is_reserved_is_covered_by_the_parts_that_come() -> None:
    circuit = GruCircuit(THEME, language("en"))
    reserved = Reserved(circuit.parts.values(), THEME)
    parts = [part for part in circuit.parts.values() if part.outlines and type(part) is not Wire]
    assert len(parts) == 10  # three gates, R_n, 1−, four operators, and where h and x are joined
    for x, y, _ in reserved.points:
        assert any(
            abs(part.get_x() - x) <= part.width / 2 + 1e-3
            and abs(part.get_y() - y) <= part.height / 2 + 1e-3
            for part in parts
        )
    left, right = (float(reserved.get_edge_center((side, 0, 0))[0]) for side in (-1, 1))
    assert left == pytest.approx(circuit["join"].get_left()[0], abs=0.03)
    assert right == pytest.approx(circuit["+"].get_right()[0], abs=0.03)


def test_a_heading_comes_with_its_column() -> None:
    found: dict[str, tuple[int, int]] = {}

    def look(story: Any) -> None:
        there = story.page.get_family() if story.lens in story.mobjects else []
        columns = [each for each in there if isinstance(each, Column)]
        top = max((float(each.get_top()[1]) for each in columns), default=0.0)
        numbers = [each for each in there if isinstance(each, Number)]
        rows = len({each.reading.name for each in numbers})  # where a lens is filled row by row
        top = max([top, *(float(each.get_y()) for each in numbers)])
        heads = [each for each in there if isinstance(each, Formula) and each.get_y() > top]
        found[story.steps[-1].name] = (len(heads), len(columns) or rows)

    tell("update-gate", look)
    assert found["share"] == (2, 2)
    assert found["sum"] == (3, 3)
    assert all(heads == columns for heads, columns in found.values()), found
