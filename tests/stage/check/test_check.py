"""Faults planted in a small story, each of which the layout check must find."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from filming import check_story
from manim import (
    RIGHT,
    UP,
    Circle,
    DecimalNumber,
    Dot,
    FadeIn,
    FadeOut,
    Line,
    MathTypst,
    Mobject,
    Paragraph,
    Rectangle,
    RoundedRectangle,
    Square,
    Text,
    VGroup,
    VMobject,
)

import lstmviz
from lstmviz.stage import Formula, Ride, Story, TextLine, Wire
from lstmviz.stage.check.check import Finding
from lstmviz.style.theme import DARK
from lstmviz.trace.trace import Trace

pytestmark = pytest.mark.slow

INK = DARK.ink


@pytest.fixture(scope="module")
def trace() -> Trace:
    return lstmviz.run([0.5, -1.0], hidden=2)


def story_of(tell: Callable[[Story], None]) -> type[Story]:
    class Small(Story):
        """A story of one step."""

        def construct(self) -> None:
            with self.step("only", "One sentence."):
                tell(self)

    return Small


def look(tell: Callable[[Story], None], trace: Trace) -> list[Finding]:
    return check_story(story_of(tell), trace, theme="dark", lang="en")


def still(*things: Mobject) -> Callable[[Story], None]:
    return lambda story: story.add(*things)


def words(text: str, **options: object) -> TextLine:
    return TextLine(text, **{"size": 0.4, "color": INK, **options})  # type: ignore[arg-type]


def box(width: float, height: float) -> RoundedRectangle:
    return RoundedRectangle(
        width=width,
        height=height,
        corner_radius=0.1,
        stroke_color=INK,
        stroke_width=3,
        fill_color=DARK.panel,
        fill_opacity=1,
    )


def test_a_good_story_has_no_findings(trace: Trace) -> None:
    def tell(story: Story) -> None:
        first, second = words("above", at=(0, 0.5)), words("below", at=(0, 0))
        chip = VGroup(box(1.6, 0.7), words("inside")).shift(RIGHT * 3)
        wire = Wire(DARK, (-3.0, -1.0), (3.0, -1.0), role="c")
        label = Formula("h_(t-1)", size=0.4, color=INK, at=(0, -0.6))
        story.play(FadeIn(first), FadeIn(second), FadeIn(chip))
        story.play(FadeIn(wire), FadeIn(label), FadeOut(second))

    assert look(tell, trace) == []


def test_overlapping_words(trace: Trace) -> None:
    (found,) = look(still(words("forget"), words("input", at=(0.3, 0.1))), trace)
    assert (found.kind, found.step, found.when) == ("overlap", "only", "end")
    assert "forget" in found.what
    assert "input" in found.what
    assert abs(found.where[0]) < 0.8


def test_words_that_only_come_near_are_fine(trace: Trace) -> None:
    assert look(still(words("Lf"), words("gj", at=(0, -0.45))), trace) == []


def test_formulas_side_by_side_that_read_as_a_product(trace: Trace) -> None:
    first = Formula("f_t", size=0.4, color=INK)
    second = Formula("f_t dot.o c_(t-1)", size=0.3, color=INK)
    half = float(first.width + second.width) / 2

    def beside(gap: float) -> list[Finding]:
        return look(still(first, second.copy().move_to((half + gap, 0, 0))), trace)

    (found,) = beside(0.25)  # one em of the smaller is the least
    assert found.kind == "close"
    assert "f_t dot.o c_(t-1)" in found.what
    assert beside(0.3) == []


def test_formulas_one_below_the_other_may_be_close(trace: Trace) -> None:
    first = Formula("f_t", size=0.4, color=INK)
    second = Formula("c_(t-1)", size=0.4, color=INK, at=(0, 0.5))
    assert look(still(first, second), trace) == []


@pytest.mark.parametrize("above", [False, True])
def test_a_wire_through_a_label(trace: Trace, above: bool) -> None:
    wire = Wire(DARK, (-2.0, 0.0), (2.0, 0.0), role="h")
    pair = [wire, words("label")]
    (found,) = look(still(*(pair[::-1] if above else pair)), trace)
    assert found.kind == ("covered" if above else "line")
    assert "label" in found.what
    assert "Wire" in found.what


def test_a_wire_behind_the_box_of_a_label_is_fine(trace: Trace) -> None:
    wire = Wire(DARK, (-2.0, 0.0), (2.0, 0.0), role="h")
    assert look(still(wire, box(1.4, 0.6), words("label")), trace) == []


def test_a_resting_wire_is_a_wire(trace: Trace) -> None:
    wire = Wire(DARK, (-2.0, 0.0), (2.0, 0.0), role="ink").rest()
    assert [found.kind for found in look(still(wire, words("label")), trace)] == ["line"]


def test_a_number_beyond_its_box(trace: Trace) -> None:
    frame = box(1.0, 0.6)
    (found,) = look(still(frame, words("−1234.56")), trace)
    assert found.kind == "edge"
    assert "−1234.56" in found.what


def test_a_number_beyond_a_box_without_a_border(trace: Trace) -> None:
    frame = Rectangle(width=0.6, height=0.6, fill_color="#1B4FD8", fill_opacity=1, stroke_width=0)
    kinds = {found.kind for found in look(still(frame, words("+0.92")), trace)}
    assert "edge" in kinds


def test_text_that_leaves_the_frame(trace: Trace) -> None:
    (found,) = look(still(words("too far to the right", at=(6.8, 0))), trace)
    assert found.kind == "frame"


def test_a_shape_that_leaves_the_frame(trace: Trace) -> None:
    found = look(still(Square(side_length=2).move_to((7, 0, 0))), trace)
    assert [f.kind for f in found] == ["frame"]


def test_a_wire_may_come_from_the_edge_of_the_frame(trace: Trace) -> None:
    assert look(still(Line((-7.3, 0, 0), (-5, 0, 0))), trace) == []


def test_a_column_may_ride_in_from_outside(trace: Trace) -> None:
    def tell(story: Story) -> None:
        column = story.column("h").move_to((-7.4, 0, 0))
        story.play(Ride(column, (-7.4, 0), (-6.4, 0)))

    assert look(tell, trace) == []


@pytest.mark.parametrize("grow", [1.0, 2.0])
def test_text_of_12_pixels(trace: Trace, grow: float) -> None:
    small = words("tiny", size=12 / 135 / grow).scale(grow)
    (found,) = look(still(small), trace)
    assert found.kind == "small"
    assert "12.0 pixels" in found.what


def test_text_of_28_pixels_is_large_enough(trace: Trace) -> None:
    assert look(still(words("small", size=28 / 135)), trace) == []
    (found,) = look(still(words("small", size=27.8 / 135)), trace)
    assert "28 is the least" in found.what


def test_an_index_too_small_to_read(trace: Trace) -> None:
    found = look(still(Formula("h_(t-1)", size=0.25, color=INK)), trace)
    assert [f.kind for f in found] == ["small"]
    assert look(still(Formula("h", size=0.25, color=INK)), trace) == []


def test_grey_on_grey(trace: Trace) -> None:
    ground = box(2, 1).set_fill("#666666").set_stroke(width=0)
    (found,) = look(still(ground, words("grey", color="#888888")), trace)
    assert found.kind == "contrast"
    assert "1.62:1" in found.what


def test_half_transparent_text_at_rest_counts_as_it_looks(trace: Trace) -> None:
    found = look(still(words("faint").set_opacity(0.25)), trace)
    assert [f.kind for f in found] == ["contrast"]


def test_text_half_under_another_shape(trace: Trace) -> None:
    lid = Square(side_length=1, fill_opacity=1, fill_color=DARK.panel, stroke_width=0)
    (found,) = look(still(words("covered"), lid.shift(RIGHT * 0.6)), trace)
    assert found.kind == "covered"


def test_what_is_hidden_does_not_count(trace: Trace) -> None:
    lid = Square(side_length=3, fill_opacity=1, fill_color=DARK.panel, stroke_width=0)
    under = [words("one"), words("two"), lid, words("three")]
    ghost = words("ghost").set_opacity(0)
    assert look(still(*under, ghost), trace) == []


def test_a_fault_in_the_middle_of_a_move(trace: Trace) -> None:
    def tell(story: Story) -> None:
        still_word, moving = words("here"), words("passing", at=(0, -2))
        story.add(still_word, moving)
        story.play(moving.animate(rate_func=lambda t: t).shift(UP * 4))

    (found,) = look(tell, trace)
    assert (found.kind, found.when) == ("overlap", "half-way")


def test_text_that_fades_is_judged_where_it_stays(trace: Trace) -> None:
    def tell(story: Story) -> None:
        old, new = words("old"), words("new", at=(0.1, 0))
        story.add(old)
        story.play(FadeOut(old), FadeIn(new))

    assert look(tell, trace) == []


def test_manim_text_counts_as_text(trace: Trace) -> None:
    text = Text("manim", font_size=40, color=INK)
    (found,) = look(still(Line((-2, 0, 0), (2, 0, 0), color=INK), text), trace)
    assert found.kind == "line"
    (found,) = look(still(Text("manim", font_size=6, color=INK)), trace)
    assert found.kind == "small"


def test_each_fault_is_told_once(trace: Trace) -> None:
    class Long(Story):
        """Two steps with the same fault."""

        def construct(self) -> None:
            with self.step("one", "One sentence."):
                self.add(words("forget"), words("input"))
            with self.step("two", "Another sentence."):
                self.play(FadeIn(Dot((3, 1, 0))))

    found = check_story(Long, trace)
    assert [(f.step, f.kind) for f in found] == [("one", "overlap")]


def test_a_finding_is_a_sentence(trace: Trace) -> None:
    (found,) = look(still(words("forget"), words("input")), trace)
    assert str(found).startswith(
        "small, at the end of the step 'only': “forget” overlaps “input” (at "
    )
    assert str(found).endswith(".")


def test_a_curve_that_ends_in_the_frame_is_no_frame_fault(trace: Trace) -> None:
    curve = VMobject(stroke_color=INK).set_points_as_corners([(-2, -1, 0), (0, 1, 0), (2, 1, 0)])
    assert look(still(curve, Circle(radius=0.5, color=INK).shift(UP * 2)), trace) == []


@pytest.mark.parametrize(
    "make",
    [
        lambda: MathTypst("x^2 + 1", font_size=44, color=INK),
        lambda: DecimalNumber(3.14, mob_class=Text, font_size=40, color=INK),
        lambda: Paragraph("two", "lines", font_size=40, color=INK),
    ],
    ids=["typst", "decimal", "paragraph"],
)
def test_all_of_manims_kinds_of_text_count(make: Callable[[], Mobject], trace: Trace) -> None:
    assert look(still(make()), trace) == []
    found = look(
        still(Circle(radius=0.15, color=INK).shift(make().get_critical_point(RIGHT)), make()), trace
    )
    assert {each.kind for each in found} == {"line"}
