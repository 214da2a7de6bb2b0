"""A loop has 6 to 12 seconds, begins on the picture it ends with, and is of the steps asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lstmviz.errors import UsageError
from lstmviz.reel.loop import (
    BEFORE,
    BEGIN,
    CHAPTERS,
    FASTER,
    LONGEST,
    REST,
    SHORTEST,
    chosen,
    is_of_one,
    liveliest,
    looped,
    of_moves,
    usual,
)
from lstmviz.reel.reel import Reel, ReelWriter, Step

FPS = 10
NAMES = ("memory", "weigh", "squash", "erase", *(f"more {n}" for n in range(10)))


def film(path: Path, *steps: Sequence[int], turning: int = 0, chapters: Sequence[int] = ()) -> Reel:
    """A film whose steps have pictures that stand so many frames; colours number them."""
    told: list[Step] = []
    with ReelWriter(path, width=8, height=4, fps=FPS, title="Mini", language="es") as writer:
        picture = 0
        for number, lengths in enumerate(steps):
            begin = writer.frame_count
            for length in lengths:
                picture += 1
                colour = (*divmod(picture, 256), 0, 255)
                writer.write(np.full((4, 8, 4), colour, np.uint8), length)
            end = writer.frame_count
            chapter = f"Chapter {number}" if number in chapters else None
            told.append(
                Step(
                    NAMES[number],
                    f"{NAMES[number]}!",
                    begin / FPS,
                    end / FPS,
                    begin,
                    end - 1,
                    chapter,
                    moves_from=begin + turning,
                )
            )
        return writer.close(told)


def pictures(reel: Reel) -> list[tuple[int, int]]:
    """The number of each picture of a film, and how many frames it stands."""
    return [(int(f.pixels[0, 0, :2].astype(int) @ [256, 1]), f.repeat) for f in reel.frames()]


@pytest.mark.parametrize(
    ("asked", "steps"),
    [
        ("squash", ["squash"]),
        ("3", ["squash"]),
        ("weigh:squash", ["weigh", "squash"]),
        ("2:erase", ["weigh", "squash", "erase"]),
        (":weigh", ["memory", "weigh"]),
        ("squash:", ["squash", "erase"]),
        (":", [*NAMES[:4]]),
        (CHAPTERS, ["weigh", "erase"]),
    ],
)
def test_steps_are_chosen_by_name_number_and_range(
    tmp_path: Path, asked: str, steps: list[str]
) -> None:
    reel = film(tmp_path / "film.reel", *[[1, 1]] * 4, chapters=[0, 2])
    assert [step.name for step in chosen(reel.steps, asked)] == steps
    assert is_of_one(asked) == (asked in ("squash", "3"))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("nix", "no step nix to make a loop of; there are: memory, weigh, squash, erase"),
        ("0", "no step 0"),
        ("5", "no step 5"),
        ("memory:five", "no step five"),
        ("erase:weigh", "erase comes after weigh; write loop='weigh:erase'"),
        (CHAPTERS, "no chapters; name a step in their place, as in loop='memory'"),
    ],
)
def test_steps_that_are_not_there_are_refused(tmp_path: Path, asked: str, said: str) -> None:
    reel = film(tmp_path / "film.reel", *[[1, 1]] * 4)
    with pytest.raises(UsageError, match=said):
        looped(reel, asked, tmp_path / "loop.reel")
    assert not (tmp_path / "loop.reel").exists()


def test_it_begins_on_its_last_picture_and_leaves_the_turning_of_captions_out(
    tmp_path: Path,
) -> None:
    reel = film(tmp_path / "film.reel", [5, 5], [3, 2, *[1] * 40, 60], turning=3)
    loop = looped(reel, "weigh", tmp_path / "loop.reel")
    (last, begin), (first, before), *moves, (end, rest) = pictures(loop)
    assert last == end == 45, "which is the picture that the step ends with"
    assert first == 4, "and what stands while the caption turns is 3"
    assert moves == [(number, 1) for number in range(5, 45)]
    assert (begin, rest) == (BEGIN * FPS, REST * FPS)
    assert before == BEFORE * FPS
    (step,) = loop.steps
    assert (step.name, step.caption) == ("weigh", "weigh!")
    assert (step.first_frame, step.last_frame) == (0, loop.frame_count - 1)
    assert loop.loops
    assert not reel.loops
    assert (loop.title, loop.language, loop.fps) == ("Mini", "es", FPS)
    assert Reel.load(tmp_path / "loop.reel") == loop


def test_one_of_several_steps_has_no_caption_but_tells_all_of_them(tmp_path: Path) -> None:
    reel = film(tmp_path / "film.reel", [1] * 20, [1] * 20, [1] * 20)
    loop = looped(reel, "memory:weigh", tmp_path / "loop.reel")
    assert loop.steps[0].name == "memory:weigh"
    assert loop.steps[0].caption == ""
    assert loop.alt == "Mini memory! weigh!"


@given(st.lists(st.integers(1, 30), min_size=2, max_size=110))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_it_has_six_to_twelve_seconds_or_is_refused(tmp_path: Path, stands: list[int]) -> None:
    reel = film(tmp_path / "film.reel", stands)
    room = round((LONGEST - BEGIN - BEFORE - REST) * FPS)
    shortest = sum(min(length, 3) for length in stands[1:-1])
    if shortest > room * FASTER:
        with pytest.raises(UsageError, match="more than a loop of 12 s has room for"):
            of_moves(reel, reel.steps)
        return
    shots = of_moves(reel, reel.steps)
    assert SHORTEST <= sum(shot.repeat for shot in shots) / FPS <= LONGEST
    assert shots[0].frame == shots[-1].frame == reel.frame_count - stands[-1]
    between = [shot.frame for shot in shots[1:]]
    assert between == sorted(between)
    assert shots[-1].repeat >= REST * FPS
    if shortest <= room:
        assert len(shots) == len(stands) + 1, "every picture is there"


def test_what_does_not_move_is_refused(tmp_path: Path) -> None:
    reel = film(tmp_path / "film.reel", [5], [1] * 9)
    with pytest.raises(UsageError, match=r"Nothing moves in the step memory; choose of memory"):
        looped(reel, "memory", tmp_path / "loop.reel")


@pytest.mark.slow
def test_a_story_that_says_nothing_gets_the_liveliest_step_that_fits(tmp_path: Path) -> None:
    reel = film(tmp_path / "film.reel", [9], [1] * 300, [1] * 30, [1] * 20)
    assert liveliest(reel) == "squash"
    assert usual(reel, "") == "squash"
    assert usual(reel, "weigh") == "squash", "weigh is too long"
    assert usual(reel, "of another cell") == "squash"
    assert usual(reel, "erase") == "erase"
    with pytest.raises(UsageError, match="No step of this story makes a loop by itself"):
        liveliest(film(tmp_path / "still.reel", [9], [8]))


@pytest.mark.parametrize("count", [2, 3, 4, 9, 14])
def test_chapters_show_what_each_comes_to(tmp_path: Path, count: int) -> None:
    reel = film(tmp_path / "film.reel", *[[1, 1]] * count, chapters=range(count))
    loop = looped(reel, CHAPTERS, tmp_path / "loop.reel")
    assert [picture for picture, _ in pictures(loop)] == [2 * count, *range(2, 2 * count + 1, 2)]
    assert SHORTEST <= loop.duration <= LONGEST
