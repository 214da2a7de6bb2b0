"""Where Manim is another one than we know, it is asked itself, and the film stays the same."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from functools import wraps
from pathlib import Path
from types import MappingProxyType
from typing import Any

import manim as mn
import numpy as np
import pytest
from click.testing import CliRunner
from comparing import Pictures, Recorder
from filming import draw_still
from manim import LEFT, RIGHT, UP, Scene
from manim.camera import camera as cameras
from manim.renderer.cairo_renderer import CairoRenderer

import lstmviz
from lstmviz.cli import main
from lstmviz.errors import LstmvizError, UsageError
from lstmviz.stage.manim.compatibility import compatibility, ready, warn_once
from lstmviz.stage.manim.reliance import Reliance, recognised
from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.stage.manim.rounded_rectangle import RoundedRectangle
from lstmviz.stage.story.discovery import find_story
from lstmviz.style.themes import theme_named

pytestmark = pytest.mark.slow


class Film(Scene):
    """Something of everything that is done in a way of ours: copies, moves, corners, painting."""

    def construct(self) -> None:
        card = RoundedRectangle(width=3, height=1.4, corner_radius=0.3, fill_opacity=0.4)
        row = mn.VGroup(*[mn.Square(0.6, fill_opacity=0.5) for _ in range(3)]).arrange()
        self.add(card, mn.Circle(radius=2.5), row)
        self.play(card.animate.shift(LEFT), mn.LaggedStart(*[mn.Rotate(each, 1) for each in row]))
        self.wait(0.5)
        self.play(mn.TransformFromCopy(row[0], mn.Star().shift(UP)), row[2].animate.shift(RIGHT))
        self.play(mn.FadeOut(card), mn.Create(mn.Annulus(fill_opacity=1)))


def otherwise(method: Callable[..., Any]) -> Callable[..., Any]:
    """Do what a method does, but be written in another way."""

    def other(*args: Any, **kwargs: Any) -> Any:
        return method(*args, **kwargs)

    given: Any = other
    given.__signature__ = inspect.signature(method)
    return other


def patch_copies(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(mn.Mobject, "__deepcopy__", otherwise(mn.Mobject.__deepcopy__))


def patch_moves(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Scene, "update_to_time", otherwise(Scene.update_to_time))


def patch_corners(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(mn.Polygram, "round_corners", otherwise(mn.Polygram.round_corners))


def patch_painting(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cameras, "LINE_JOIN_MAP", MappingProxyType(cameras.LINE_JOIN_MAP))


FALLBACKS = {
    "copies of shapes": (patch_copies, "Mobject.__deepcopy__"),
    "moves of which all is known": (patch_moves, "Scene.update_to_time"),
    "rectangles with round corners": (patch_corners, "Polygram.round_corners"),
    "the painting of what changes": (patch_painting, "camera.LINE_JOIN_MAP"),
}


def pictures() -> list[tuple[Any, int]]:
    taken = Pictures()
    with canvas(theme_named("dark"), 321, 183, 5):
        Film(renderer=Recorder(taken)).render()
    return taken.pictures


def found(what: str) -> Reliance:
    (reliance,) = [each for each in compatibility() if each.what == what]
    return reliance


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "lstmviz"]


@pytest.fixture(scope="module")
def usual() -> list[tuple[Any, int]]:
    return pictures()


def test_the_manim_at_hand_has_it_all(caplog: pytest.LogCaptureFixture) -> None:
    warn_once.cache_clear()
    report = compatibility()
    assert [each.lacking for each in report] == [None] * len(report)
    assert len({each.what for each in report}) == len(report) >= 7
    with caplog.at_level(logging.WARNING):
        ready()
    assert said(caplog) == []
    with pytest.raises(FrozenInstanceError):
        report[0].lacking = "all"  # type: ignore[misc]
    with canvas(theme_named("dark"), 32, 18, 1):  # also while it is made use of
        assert all(each.holds for each in compatibility())


@pytest.mark.parametrize("what", FALLBACKS)
def test_what_is_not_known_is_left_to_manim(
    what: str,
    usual: list[tuple[Any, int]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    patch, lacking = FALLBACKS[what]
    patch(monkeypatch)
    warn_once.cache_clear()
    assert (found(what).lacking, found(what).slower) == (lacking, True)
    assert [each.what for each in compatibility() if not each.holds] == [what]
    with caplog.at_level(logging.WARNING):
        plain = pictures()
        ready()
    (line,) = said(caplog)  # once, and no more
    assert lacking in line
    assert found(what).otherwise in line
    assert len(plain) == len(usual) > 12
    near = what == "rectangles with round corners"  # the last digits of a turn in space
    for (ours, held), (theirs, stood) in zip(usual, plain, strict=True):
        assert held == stood
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1 if near else 0)
    result = CliRunner().invoke(main, ["doctor"])
    assert f"--    Manim: {what}: no {lacking}; {found(what).otherwise}" in result.stdout
    assert result.exit_code == 0


def test_all_of_it_at_once(usual: list[tuple[Any, int]], monkeypatch: pytest.MonkeyPatch) -> None:
    for patch, _ in FALLBACKS.values():
        patch(monkeypatch)
    for (ours, held), (theirs, stood) in zip(usual, pictures(), strict=True):
        assert held == stood
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1)


def test_a_still_of_vectors_says_when_it_cannot_be_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(mn.Camera, "set_cairo_context_color")
    lacking = "Camera.set_cairo_context_color"
    assert found("stills as vectors").lacking == lacking
    trace = lstmviz.run("good", cell="lstm")
    with pytest.raises(UsageError, match=rf"{lacking}.*\.png"):
        draw_still(find_story("tanh"), trace, [tmp_path / "still.svg"], quality="draft")
    assert list(tmp_path.iterdir()) == []
    result = CliRunner().invoke(main, ["doctor"])
    assert f"--    Manim: stills as vectors: no {lacking}" in result.stdout


@pytest.mark.parametrize(
    ("kind", "name", "lacking"),
    [
        (Scene, "begin_animations", "Scene.begin_animations"),
        (CairoRenderer, "save_static_frame_data", "CairoRenderer.save_static_frame_data"),
    ],
)
def test_a_manim_that_plays_otherwise_is_refused(
    kind: type, name: str, lacking: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(kind, name)
    assert found("the playing of scenes").lacking == lacking
    with (
        pytest.raises(LstmvizError, match=rf"no {lacking} as .* pip install"),
        canvas(theme_named("dark"), 32, 18, 1),
    ):
        Film(renderer=Walker()).render()
    result = CliRunner().invoke(main, ["doctor"])
    assert f"FAIL  Manim: the playing of scenes: no {lacking}" in result.stdout
    assert result.exit_code == 1


def test_other_parameters_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scene, "update_to_time", lambda self, moment: None)
    assert found("the playing of scenes").lacking == "Scene.update_to_time(t)"


def test_a_function_without_source_is_not_recognised() -> None:
    assert not recognised(len, "")
    assert recognised(otherwise, "")
    assert not recognised(wraps(ready)(lambda: None), "")  # what is around it is not known
