"""A reel falls apart into its steps, and no frame is lost or shown twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from lstmviz.export.common.steps import cut, parts, title_of
from lstmviz.export.slides.decks import deck
from lstmviz.export.video import coded_parts as coded
from lstmviz.export.video.mp4 import clips, export
from lstmviz.reel.reel import Reel
from lstmviz.system.disk_cache import Cache

pytestmark = pytest.mark.slow


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


def coded_films(reel: Reel, folder: Path, jobs: int, cache: Cache | None) -> list[bytes]:
    """The film and its clips, as the content of their files."""
    folder.mkdir()
    export(reel, folder / "film.mp4", jobs=jobs, cache=cache)
    written = clips(reel, folder, jobs=jobs, cache=cache)
    return [path.read_bytes() for path in (folder / "film.mp4", *(path for _, path in written))]


@pytest.mark.verify
def test_a_film_and_its_clips_are_coded_once(
    recorded: Callable[..., Reel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a size that films have: x264 itself decides differently at times on tiny pictures."""
    moves = [(0, 60), *((number, 1) for number in range(1, 120)), (120, 31)]
    reel = recorded(tmp_path / "film.reel", 60, moves, (640, 360))
    plain = coded_films(reel, tmp_path / "plain", 1, None)
    monkeypatch.setattr("lstmviz.export.common.parallel.SMALL", 0)
    assert coded_films(reel, tmp_path / "together", 2, None) == plain

    parts: list[Any] = []
    code = coded.coded_range

    def counted(part: Any) -> Any:
        parts.append(part[2:])
        return code(part)

    monkeypatch.setattr("lstmviz.export.video.coded_parts.coded_range", counted)
    cache = Cache(tmp_path / "cache")
    assert coded_films(reel, tmp_path / "first", 1, cache) == plain
    assert parts == [(0, 70), (70, 140), (140, 210)], "the clips take what the film had coded"
    assert coded_films(reel, tmp_path / "second", 1, cache) == plain
    assert len(parts) == 3, "and so does all that comes after"
    (kept,) = cache.folder.iterdir()
    assert cache.usage() == (0, kept.stat().st_size)

    data = bytearray(kept.read_bytes())
    data[len(data) // 2] ^= 1
    kept.write_bytes(data)
    assert coded_films(reel, tmp_path / "third", 1, cache) == plain
    assert len(parts) == 6, "what the disk has lost something of is coded again"

    for options in ({"crf": 20}, {"preset": "fast"}):
        clips(reel, tmp_path, jobs=1, cache=cache, **options)  # type: ignore[arg-type]
        clips(reel, tmp_path, jobs=1, cache=cache, **options)  # type: ignore[arg-type]
    other = replace(reel, steps=reel.steps[:1])
    export(other, tmp_path / "film.mp4", jobs=1, cache=cache)
    assert len(parts) == 6 + 3 + 3 + 1
    for name in ("package", "exporters"):
        monkeypatch.setattr(coded, name, lambda: "newer")
        clips(reel, tmp_path, jobs=1, cache=cache)
    assert len(parts) == 6 + 3 + 3 + 1 + 6
    assert cache.clear() > 0
    assert cache.usage() == (0, 0)


# Films inside a .pptx are coded smaller than those beside it.
@pytest.mark.parametrize(("before", "ending"), [("film.mp4", ".html"), ("other.pptx", ".pptx")])
def test_slides_after_files_of_their_kind_code_nothing(
    reel: Reel, tmp_path: Path, before: str, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path / "cache")
    if before.endswith(ending):
        deck([reel], tmp_path / before, jobs=1, cache=cache)
    else:
        export(reel, tmp_path / before, jobs=1, cache=cache)
    monkeypatch.setattr("lstmviz.export.video.coded_parts.coded_range", None)
    deck([reel], tmp_path / f"deck{ending}", jobs=1, cache=cache)
    assert (tmp_path / f"deck{ending}").stat().st_size
