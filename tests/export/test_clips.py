"""A reel falls apart into its steps, and no frame is lost or shown twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import numpy as np

from lstmviz.export.clips import cut, parts, title_of
from lstmviz.export.mp4 import clips
from lstmviz.reel import Reel


def shown(reel: Reel) -> list[np.ndarray]:
    return [frame.pixels for frame in reel.frames() for _ in range(frame.repeat)]


def test_the_clips_together_are_the_film(reel: Reel) -> None:
    whole = shown(reel)
    position = 0
    for step, frames in cut(reel):
        begin = position
        assert step.first_frame == begin
        for frame in frames:
            assert frame.number == position - begin
            for _ in range(frame.repeat):
                np.testing.assert_array_equal(frame.pixels, whole[position])
                position += 1
        assert position == step.last_frame + 1
    assert position == len(whole) == reel.frame_count


def test_what_lies_between_steps_opens_the_next(reel: Reel) -> None:
    first, second, third = reel.steps
    gaps = (
        replace(first, first_frame=5, last_frame=60),
        replace(second, first_frame=70),
        replace(third, last_frame=third.last_frame - 4),
    )
    widened = parts(replace(reel, steps=gaps))
    assert [(s.first_frame, s.last_frame) for s in widened] == [(0, 60), (61, 139), (140, 209)]
    assert [s.name for s in widened] == ["read", "move", "forget"]
    assert widened[2].end == reel.duration


def test_a_reel_without_steps_is_one(reel: Reel) -> None:
    counts = []
    for step, frames in cut(replace(reel, steps=())):
        assert (step.caption, step.alt) == (reel.title, reel.alt)
        counts.append(sum(frame.repeat for frame in frames))
    assert counts == [reel.frame_count]


def test_each_step_becomes_a_film(
    reel: Reel, tmp_path: Path, drawn: Callable[..., np.ndarray]
) -> None:
    written = clips(reel, tmp_path, preset="ultrafast")
    assert [path.name for _, path in written] == ["01.mp4", "02.mp4", "03.mp4"]
    for (_, path), ends in zip(written, ((0, 10), (11, 80), (81, 120)), strict=True):
        with av.open(path) as film:
            frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
        assert len(frames) == 70
        for frame, number in zip((frames[0], frames[-1]), ends, strict=True):
            # (BT.709 is read as BT.601 here: near enough to tell pictures apart.)
            assert np.abs(frame - drawn(number)[..., :3].astype(float)).mean() < 3


def test_the_title_of_a_deck_names_every_story_once(reel: Reel) -> None:
    gate = replace(reel, title="The forget gate: how much of the old memory stays")
    curve = replace(reel, title="The function tanh")
    chinese = replace(reel, title="输入门：新的进多少")
    assert title_of([gate]) == gate.title
    assert title_of([gate, curve, gate]) == "The forget gate · The function tanh"
    assert title_of([chinese, gate]) == "输入门 · The forget gate"
