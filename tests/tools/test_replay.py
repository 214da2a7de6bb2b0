"""What `make replay` finds to be different between two films, and what it leaves to be seen."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lstmviz.reel.reel import ReelWriter, Step
from lstmviz.stage.story.discovery import stories

ROOT = Path(__file__).resolve().parent.parent.parent
SPEC = importlib.util.spec_from_file_location("replay", ROOT / "tools" / "replay.py")
assert SPEC is not None
assert SPEC.loader is not None
replay = importlib.util.module_from_spec(SPEC)
sys.modules["replay"] = replay
SPEC.loader.exec_module(replay)

STEPS = (
    Step("one", "The first.", 0, 0.8, 0, 3, alt="A dot.", notes="Say so."),
    Step("two", "The second.", 0.8, 1.6, 4, 7),
)


def described(
    folder: Path,
    frames: tuple[int, ...] = (0, 0, 0, 1, 2, 3, 3, 3),
    steps: Any = STEPS,
    **film: Any,
) -> dict[str, Any]:
    with ReelWriter(folder / "film.reel", width=16, height=16, fps=5, **film) as writer:
        for shade in frames:
            writer.write(np.full((16, 16, 4), shade, np.uint8))
        told = replay.description(writer.close(steps))
    assert isinstance(told, dict)
    return told


def with_step(**changed: Any) -> tuple[Step, ...]:
    return (STEPS[0], Step(**{**vars(STEPS[1]), **changed}))


def test_equal_films_have_no_difference(tmp_path: Path) -> None:
    assert replay.first_difference(described(tmp_path), described(tmp_path)) is None


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"title": "T"}, "title was '', is now 'T'"),
        ({"language": "zh"}, "language was 'en', is now 'zh'"),
        ({"frames": (0, 0, 0, 1, 2, 4, 3, 3)}, "step 2 two, frame 5"),
        ({"frames": (0, 0, 0, 1, 2, 3, 3, 3, 3)}, "number of frames was 8, is now 9"),
        ({"steps": STEPS[:1]}, "number of steps was 2, is now 1"),
        ({"steps": with_step(caption="2.")}, "step 2 two: caption was 'The second.', is now '2.'"),
        ({"steps": with_step(alt="!")}, "step 2 two: alt was '', is now '!'"),
        ({"steps": with_step(notes="!")}, "step 2 two: notes was '', is now '!'"),
        ({"steps": with_step(chapter="C")}, "step 2 two: chapter was None, is now 'C'"),
        ({"steps": with_step(last_frame=6)}, "step 2 two: last_frame was 7, is now 6"),
        ({"steps": with_step(end=1.4)}, "step 2 two: end was 1.6, is now 1.4"),
        (
            {"alt": "1" * 90},
            f"alt was '', is now '{'1' * 30}'",
        ),
        # What is seen first is told first.
        ({"steps": with_step(alt="!"), "frames": (0, 9, 0, 1, 2, 3, 3, 3)}, "step 1 one, frame 1"),
    ],
)
def test_the_first_difference_is_named(tmp_path: Path, changed: dict[str, Any], found: str) -> None:
    difference = replay.first_difference(described(tmp_path), described(tmp_path, **changed))
    assert difference.what == found
    assert (difference.frame is not None) == (", frame " in found)


def test_a_film_that_fails_is_different_even_if_both_fail(tmp_path: Path) -> None:
    failed = {"error": "UsageError: no"}
    told = described(tmp_path)
    assert replay.first_difference(failed, told).what == "BASE fails: UsageError: no"
    assert "it fails" in replay.first_difference(failed, failed).what


@pytest.mark.parametrize(("channel", "shape"), [(1, (4, 6, 3)), (3, (4, 6))])
def test_pictures_that_differ_are_left_to_look_at(
    tmp_path: Path, channel: int, shape: tuple[int, ...]
) -> None:
    base = np.zeros((4, 6, 4), np.uint8)
    now = base.copy()
    now[1:3, 5, channel] = 1
    said = replay.compare_pixels(base, now, tmp_path / "new" / "film")
    assert "2 pixels differ" in said
    assert "by up to 1 of 255, at x 5 to 5 and y 1 to 2" in said
    assert ("transparency alone" in said) == (channel == 3)
    shown = [np.asarray(Image.open(tmp_path / "new" / f"film-{n}.png")) for n in ("base", "now")]
    assert [picture.shape for picture in shown] == [shape, shape]
    assert (shown[0] != shown[1]).any()


def test_every_story_language_theme_and_shape_is_told() -> None:
    films = replay.films([ROOT])
    assert {story.name for story in stories()} <= {film.name for film in films}
    assert {"turning-point", "mgu"} <= {film.name for film in films}
    looks = {tuple({**replay.USUAL, **film.options}[key] for key in replay.USUAL) for film in films}
    assert len(looks) == 2 * 2 * 4
    assert {story for story, _ in replay.MORE} <= {film.story for film in films}
