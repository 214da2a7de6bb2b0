"""A story goes into a part of its picture and back, and nothing is lost or drawn otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from comparing import Comparing, Pictures, Recorder
from manim import LEFT, RIGHT, UP, Circle, FadeIn, Mobject, Square, ValueTracker, VGroup

import lstmviz
from lstmviz.errors import UsageError
from lstmviz.stage import CellStory, Story, TextLine
from lstmviz.stage.check.check import check_story
from lstmviz.stage.drawing.vector_still import draw_still
from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.stage.manim.zooming import Enlargement, around
from lstmviz.stage.story.telling import Telling
from lstmviz.style.layout import Box
from lstmviz.style.look import FilmLook
from lstmviz.style.themes import theme_named

SIZE = (426, 240, 6)


def played(story: type[Story], renderer: Any = None) -> Story:
    """Tell a story of two words, in a small picture."""
    trace = lstmviz.run("Not bad", cell="lstm")
    with canvas(theme_named("dark"), *SIZE):
        told = story(trace, renderer=renderer or Walker(), outline=())
        told.render()
    return told


class InAndOut(CellStory):
    """In and out."""

    def construct(self) -> None:
        """Go into a gate, and further, and come back."""
        with self.step("whole", "The whole."):
            self.gather()
        with self.step("in", "Into a gate."):
            self.zoom("forget")
            self.places = [self.circuit["forget"].at]
        with self.step("further", "And further, where something is made."):
            self.play(*self.focus("forget", "x"), self.made("f", self.circuit["forget"]))
            self.zoom(self.circuit["forget"].icon)
        with self.step("back", "And back."):
            self.zoom_back()
            self.zoom_back()


@pytest.mark.verify
def test_a_zoom_is_drawn_bit_for_bit_as_manim_draws_it() -> None:
    comparing = Comparing()
    played(InAndOut, comparing)
    assert comparing.wrong == []
    assert comparing.painted == comparing.drawn > 40


@pytest.mark.verify
def test_back_is_the_picture_from_before() -> None:
    class Back(CellStory):
        """Back."""

        def construct(self) -> None:
            with self.step("whole", "One."):
                self.gather()
            with self.step("in", "One."):
                self.zoom("forget")
            with self.step("back", "One."):
                self.zoom_back()

    pictures = Pictures()
    told = played(Back, Recorder(pictures))
    rows = slice(40, 180)  # above the caption and below the input
    stills: list[np.ndarray] = []
    for pixels, repeat in pictures.pictures:
        if repeat > 1 and not (stills and np.array_equal(pixels[rows], stills[-1])):
            stills.append(pixels[rows])
    whole, near, back = stills[-3:]
    assert np.array_equal(back, whole)
    assert not np.array_equal(near, whole)
    assert isinstance(told, CellStory)
    assert (told.circuit.scale_, told.circuit.shift_) == (1.0, (0.0, 0.0))


def test_places_follow_and_what_belongs_to_the_frame_stays() -> None:
    class Near(CellStory):
        """Near."""

        def construct(self) -> None:
            fixed = [each for each in self.in_frame if len(each.get_family()) > 1]
            before = [each.get_center().copy() for each in fixed]
            with self.step("in", "One."):
                self.zoom("forget")
                box = around([self.circuit["forget"]])
                assert box is not None
                assert box.center == pytest.approx(self.zoom_room.center, abs=1e-6)
                assert self.circuit["forget"].at == pytest.approx(box.center, abs=1e-6)
                assert (
                    max(box.width / self.zoom_room.width, box.height / self.zoom_room.height)
                    > 0.999
                )
                column = self.made("f", self.circuit["forget"]).mobject
                assert column.saved_state.height > 1.5, "as large as what is around it"
                for each, middle in zip(fixed, before, strict=True):
                    assert np.allclose(each.get_center(), middle)

    played(Near)


def test_what_was_out_of_sight_stays_so_while_parts_are_lit() -> None:
    class Lit(CellStory):
        """Lit."""

        def construct(self) -> None:
            with self.step("in", "One."):
                self.zoom("forget")
                self.play(*self.focus("forget", "output", "c_prev"))
            assert _opacity(self.circuit["output"]) == 0
            assert _opacity(self.circuit["forget"]) == 1
            self.zoom_back()
            assert _opacity(self.circuit["output"]) == 1
            assert self.circuit.lit == {"forget"}

    played(Lit)


def _opacity(mobject: Mobject) -> float:
    return max(float(each.get_fill_opacity()) for each in mobject.family_members_with_points())


def test_what_is_added_in_a_zoom_goes_back_with_it_and_numbers_keep_their_value() -> None:
    class Added(Story):
        """Added."""

        def construct(self) -> None:
            tracker, square = ValueTracker(3.0), Square(1.0).shift(RIGHT * 2)
            self.add(square, tracker)
            with self.step("in", "One."):
                self.zoom(square)
                dot = Circle(0.5).move_to(square)
                self.play(FadeIn(dot), square.animate.set_color("#FF0000"))
            self.zoom_back()
            assert np.allclose(dot.get_center(), [2, 0, 0])
            assert dot.width < 0.4
            assert square.width == pytest.approx(1.0)
            assert square.get_color().to_hex() == "#FF0000", "what was changed meanwhile stays"
            assert tracker.get_value() == 3.0

    played(Added)


@pytest.mark.parametrize(
    ("go", "said"),
    [
        (lambda story: story.zoom(), "zoom needs something to go into"),
        (lambda story: story.zoom(VGroup()), "does not stand on the stage"),
        (lambda story: story.zoom(Square()), "cannot go into this Square, as it does not stand"),
        (lambda story: story.zoom(story.status), "or belongs to the frame"),
        (lambda story: story.zoom("forgot"), "cannot go into forgot, .* its parts are: c_prev"),
        (lambda story: story.zoom_back(), "zoom_back has no zoom to go back from"),
        (lambda story: (story.zoom("+"), story.zoom_back(), story.zoom_back()), "no zoom to go"),
    ],
)
@pytest.mark.slow
def test_what_cannot_be_is_refused_in_one_sentence(go: Any, said: str) -> None:
    class Wrong(CellStory):
        """Wrong."""

        def construct(self) -> None:
            with self.step("in", "One."):
                go(self)

    with pytest.raises(UsageError, match=said):
        played(Wrong)


def test_something_off_the_picture_can_be_gone_to() -> None:
    class Far(Story):
        """Far."""

        def construct(self) -> None:
            far = Square(0.5).shift(RIGHT * 40 + UP * 9)
            self.add(far, Square().shift(LEFT))
            with self.step("in", "One."):
                self.zoom(far)
                assert np.allclose(far.get_center()[:2], self.zoom_room.center)

    played(Far)  # and ends there


class Small(Story):
    """Small."""

    def construct(self) -> None:
        """Show a small text, go near, and a large one, go away."""
        small = TextLine("tiny", size=0.08, color=self.theme.ink, at=(1.0, 0.5))
        large = TextLine("large", size=0.6, color=self.theme.ink, at=(-3.0, -1.5))
        around_all = Square(0.3).move_to(small).set_stroke(width=0)
        self.add(small, large, around_all)
        with self.step("near", "One."):
            self.zoom(around_all)
        with self.step("away", "One."):
            self.zoom_back()


def test_the_check_judges_what_is_seen_in_the_zoom() -> None:
    found = check_story(Small, lstmviz.run("Not bad", cell="lstm"))
    assert [(each.step, each.kind) for each in found if each.when == "end"] == [("away", "small")]


def test_a_still_of_a_zoomed_step_is_drawn_as_vectors(tmp_path: Path) -> None:
    trace, look = lstmviz.run("Not bad", cell="lstm"), FilmLook(quality="draft")
    for step in ("near", "away"):
        draw_still(Small, trace, Telling(), look, [tmp_path / f"{step}.svg"], step=step)
    near, away = ((tmp_path / f"{step}.svg").read_text() for step in ("near", "away"))
    assert near != away


@pytest.mark.parametrize("scale", [0.2, 1.0, 7.0])
def test_an_enlargement_part_of_the_way_ends_where_it_should(scale: float) -> None:
    room = Box(-2.0, 2.0 + 4 * (scale - 1), -1.0, 1.0 + 2 * (scale - 1))
    view = Enlargement.of(Box(1.0, 5.0, 2.0, 4.0), room)
    assert view.scale == pytest.approx(scale)
    points = np.array([[1.0, 2.0, 0.0], [5.0, 4.0, 0.0]])
    assert np.allclose(
        view.points(points)[:, :2], [[room.left, room.bottom], [room.right, room.top]]
    )
    assert np.allclose(view.part(0.0).points(points), points)
    assert np.allclose(view.part(1.0).points(points), view.points(points))
    assert np.allclose(view.back.points(view.points(points)), points)
    halves = view.part(0.5).scale
    assert halves**2 == pytest.approx(scale), "each frame enlarges the one before alike"
