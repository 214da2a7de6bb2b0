"""What the painter draws is what Manim draws, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import manim as mn
import numpy as np
import pytest
from comparing import Comparing, Forgetful, Pictures, Recorder
from manim import DOWN, LEFT, RIGHT, UP, Scene

from lstmviz.reel.rectangles import TILE
from lstmviz.stage.circuits.wire import Ride
from lstmviz.stage.manim import painter as package
from lstmviz.stage.manim.renderers import canvas
from lstmviz.stage.text.text import TextLine
from lstmviz.style.themes import theme_named

pytestmark = pytest.mark.slow


@pytest.fixture
def small() -> Iterator[None]:
    with canvas(theme_named("dark"), 321, 183, 6):
        yield


def compare(scene: type[Scene]) -> Comparing:
    renderer = Comparing()
    scene(renderer=renderer).render()
    assert renderer.drawn > 3
    assert not renderer.wrong
    return renderer


class Shapes(Scene):
    def construct(self) -> None:
        star = mn.Star(stroke_width=20, fill_opacity=0.4).shift(LEFT * 3)  # sharp corners
        tail = mn.Line(LEFT, RIGHT, stroke_width=30, cap_style=mn.CapStyleType.ROUND).shift(UP)
        away = mn.Square(side_length=30, fill_opacity=0.1)  # larger than the frame
        self.add(away, star, tail, mn.Dot([50, 0, 0]), mn.VGroup(mn.Circle(), mn.Circle()))
        self.wait(0.5)
        self.play(star.animate.rotate(1).shift(RIGHT * 2), mn.Create(mn.Annulus()))
        self.play(mn.Transform(star, mn.RegularPolygon(7)), mn.FadeOut(tail, shift=DOWN))
        self.play(mn.ReplacementTransform(star, mn.Circle(fill_opacity=1, color=mn.RED)))
        self.remove(away)
        self.wait(0.5)
        self.play(mn.LaggedStart(*[mn.GrowFromCenter(mn.Dot(k * RIGHT)) for k in range(3)]))


class Order(Scene):
    def construct(self) -> None:
        discs = [mn.Circle(radius=1, fill_opacity=1, color=c) for c in (mn.RED, mn.BLUE, mn.GREEN)]
        for number, disc in enumerate(discs):
            disc.shift(RIGHT * number * 0.5)
        self.add(*discs)
        discs[0].set_z_index(3)
        self.play(discs[1].animate.shift(UP))
        discs[0].set_z_index(-1)
        self.play(discs[2].animate.shift(UP * 0.5))
        self.bring_to_front(discs[0])
        self.wait(0.5)
        self.add_foreground_mobject(discs[1])
        self.play(mn.Rotate(discs[0], 1))
        self.add(mn.VGroup(discs[2], discs[0]))
        self.play(mn.Indicate(discs[2]))
        discs[2].add(mn.Square(color=mn.YELLOW))
        self.play(mn.Swap(discs[0], discs[1]))


class Driven(Scene):
    def construct(self) -> None:
        tracker = mn.ValueTracker(0)
        dot = mn.Dot().add_updater(lambda m: m.move_to(RIGHT * tracker.get_value()))
        ring = mn.always_redraw(lambda: mn.Circle(radius=0.2 + tracker.get_value() / 4))
        turning = mn.Square().add_updater(lambda m, dt: m.rotate(dt))
        self.add(mn.Square(), dot, ring)
        self.play(tracker.animate.set_value(2))
        self.add(turning)
        self.wait(0.7)
        still = mn.Triangle()
        self.add(still)
        self.add_updater(lambda dt: still.shift(UP * dt))  # moves what Manim takes to rest
        self.play(mn.FadeIn(mn.Circle(color=mn.PINK)))
        self.play(mn.Succession(mn.Create(mn.Square().shift(LEFT)), mn.FadeIn(mn.Dot(UP))))


class Reaching(mn.Animation):
    """Changes something that it does not hold."""

    def __init__(self, mobject: mn.Mobject, other: mn.Mobject) -> None:
        super().__init__(mobject, run_time=0.7)
        self.others = [other]

    def interpolate_mobject(self, alpha: float) -> None:
        self.others[0].set_fill(opacity=alpha)


class Parts(Scene):
    """Moves whose parts begin and end at different times, below things that stand still."""

    def construct(self) -> None:
        row = mn.VGroup(*[mn.Square(0.6, fill_opacity=0.5) for _ in range(4)]).arrange()
        above = mn.Circle(radius=0.8, color=mn.YELLOW, fill_opacity=0.3)
        word = mn.Text("ab", font_size=40).shift(UP)
        cursor = mn.Rectangle(height=0.6, width=0.1, fill_opacity=1).move_to(word)
        self.add(row, above, word, cursor)
        self.play(mn.LaggedStart(*[mn.Rotate(each, 1) for each in row], lag_ratio=0.6))
        self.play(
            mn.Succession(
                row[0].animate.shift(UP),
                mn.AnimationGroup(mn.FadeOut(row[1]), mn.GrowFromCenter(mn.Dot(DOWN))),
                mn.TransformFromCopy(row[2], mn.Star().scale(0.4).shift(DOWN)),
                mn.MoveToTarget(row[3].generate_target().shift(DOWN) and row[3]),
            ),
            run_time=2,
        )
        self.play(mn.TypeWithCursor(word, cursor), run_time=0.7)
        self.play(mn.ShowIncreasingSubsets(mn.VGroup(*[mn.Dot(k * LEFT / 2) for k in range(3)])))
        self.add(row, above)
        self.play(Reaching(row, above))
        self.play(mn.FadeTransform(row[0], mn.Triangle()), mn.Swap(row[2], row[3]))
        self.play(Ride(row, (0, 0), (1, 0), (1, 1), leave=True))


class Strange(Scene):
    """Everything that the painter does not know, and something that it does around it."""

    def construct(self) -> None:
        disc = mn.Circle(fill_opacity=1, stroke_width=3)
        self.play(mn.FadeIn(disc))
        striped = mn.Square(fill_opacity=1).set_color_by_gradient(mn.RED, mn.BLUE).shift(LEFT * 2)
        striped.set_fill([mn.RED, mn.GREEN], opacity=1)
        self.play(mn.FadeIn(striped), disc.animate.shift(RIGHT))
        self.play(striped.animate.rotate(1))
        self.remove(striped)
        self.play(disc.animate.shift(UP))
        halo = mn.Square().set_stroke(mn.WHITE, 9, background=True)
        self.play(mn.FadeIn(halo), disc.animate.shift(DOWN), mn.FadeOut(disc))
        image = mn.ImageMobject(np.arange(192, dtype=np.uint8).reshape(8, 8, 3)).scale(9)
        self.play(mn.FadeIn(image))
        self.remove(halo, image)
        self.play(disc.animate.shift(LEFT))
        cloud = mn.PointCloudDot(radius=0.5, density=20)
        self.play(mn.FadeIn(cloud), run_time=0.5)
        self.remove(cloud)
        broken = mn.Square()
        broken.points[3, 0] = np.nan
        self.add(broken)
        self.play(disc.animate.shift(UP))
        broken.points[3, 0] = 1
        camera: Any = self.camera
        camera.background_color = mn.ManimColor("#335577")
        self.play(disc.animate.shift(DOWN))
        camera.background_opacity = 1.0
        self.wait(0.5)


@pytest.mark.parametrize("scene", [Shapes, Order, Driven, Parts])
def test_what_is_known_is_painted_as_manim_draws_it(small: None, scene: type[Scene]) -> None:
    renderer = compare(scene)
    assert renderer.painted == renderer.drawn


def test_what_is_unknown_is_drawn_by_manim(small: None) -> None:
    renderer = compare(Strange)
    assert 0.3 < renderer.painted / renderer.drawn < 0.9


def test_text_of_every_script(small: None) -> None:
    class Film(Scene):
        def construct(self) -> None:
            texts = "مرحبا שלום", "नमस्ते ภาษาไทย", "👩‍💻🇩🇪 𓀀 한국어 臺灣"
            lines = [TextLine(text, size=0.7, at=(0, k)) for k, text in enumerate(texts)]
            self.add(*lines)
            self.play(lines[0].animate.shift(UP), mn.FadeOut(lines[1]))
            self.play(mn.Transform(lines[0], lines[2].copy().shift(DOWN)), mn.Rotate(lines[2], 1))

    renderer = compare(Film)
    assert renderer.painted


def test_another_camera_is_left_to_manim(small: None) -> None:
    class Wide(mn.Camera):
        """A camera of somebody's own."""

    class Film(Scene):
        def construct(self) -> None:
            self.play(mn.Create(mn.Square()))

    renderer = Comparing()
    renderer.camera = Wide()
    Film(renderer=renderer).render()
    assert renderer.drawn
    assert not renderer.painted
    assert not renderer.wrong


def test_a_moved_frame_is_left_to_manim(small: None) -> None:
    class Film(Scene):
        def construct(self) -> None:
            self.play(mn.Create(mn.Square()))
            camera: Any = self.camera
            camera.frame_center = np.array([1.0, 0.0, 0.0])
            self.play(mn.Create(mn.Circle()))

    renderer = compare(Film)
    assert 0 < renderer.painted < renderer.drawn


def test_the_painter_draws_little(small: None) -> None:
    """Where a small thing moves, small rectangles are drawn."""

    class Film(Scene):
        def construct(self) -> None:
            self.add(mn.Square(side_length=6, fill_opacity=0.3), dot := mn.Dot(radius=0.05))
            self.wait(0.5)
            self.play(dot.animate.shift(RIGHT * 0.3), run_time=2)

    areas: list[int] = []

    class Watching(package.Painter):
        def draw(self, mobjects: Any, movers: Any = None) -> Any:
            rectangles = super().draw(mobjects, movers)
            areas.append(sum((r - left) * (b - t) for left, t, r, b in rectangles))
            return rectangles

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lstmviz.stage.manim.renderers.Painter", Watching)
        Film(renderer=Recorder(Forgetful())).render()
    assert areas[0] == 321 * 183
    assert max(areas[3:]) <= 12 * TILE**2


def test_a_steady_move_goes_through_what_manim_goes_through(
    small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick, plain = Pictures(), Pictures()
    Parts(renderer=Recorder(quick)).render()
    known = Scene.update_to_time
    monkeypatch.setattr(Scene, "update_to_time", lambda self, t: known(self, t))
    Parts(renderer=Recorder(plain)).render()
    assert len(quick.pictures) > 40
    for (ours, held), (theirs, stood) in zip(quick.pictures, plain.pictures, strict=True):
        assert held == stood
        np.testing.assert_array_equal(ours, theirs)


class Breathing(mn.Square):
    """Changes by itself, without an updater."""

    def update(self, dt: float = 0, recursive: bool = True) -> Any:
        self.rotate(dt)
        return super().update(dt, recursive)


class Tilting(Scene):
    """Does something for every frame."""

    def update_self(self, dt: float) -> None:
        for each in self.mobjects:
            each.rotate(dt)


@pytest.mark.parametrize(("kind", "shape"), [(Scene, Breathing), (Tilting, mn.Square)])
def test_what_changes_by_itself_is_no_steady_move(
    small: None, kind: type[Scene], shape: type[mn.Mobject]
) -> None:
    class Film(kind):  # type: ignore[misc, valid-type]
        def construct(self) -> None:
            self.add(below := mn.Dot(), shape().shift(LEFT))
            self.play(below.animate.shift(UP))

    pictures = Pictures()
    Film(renderer=Recorder(pictures)).render()
    last, before = pictures.pictures[-1][0], pictures.pictures[-2][0]
    assert (last[:, :140] != before[:, :140]).any()
    compare(Film)


def test_a_steady_move_leaves_the_animations_as_they_were() -> None:
    class Film(Scene):
        def construct(self) -> None:
            self.kept = mn.Rotate(mn.Square(), 1), mn.FadeIn(mn.Dot())
            self.play(mn.LaggedStart(*self.kept))

    film = Film(renderer=Recorder(Forgetful()))
    film.render()
    for animation in film.kept:
        assert "interpolate" not in vars(animation)
        assert "get_all_families_zipped" not in vars(animation)
