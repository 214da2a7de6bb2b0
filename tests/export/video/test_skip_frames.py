"""Frames that stand are coded as "nothing changed", and disturb nothing around them."""

from __future__ import annotations

import os
import re
import signal
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

import av
import av.logging
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.errors import LstmvizError
from lstmviz.export.formats import export
from lstmviz.export.video.h264 import Coding, coded
from lstmviz.export.video.mp4 import write_clip
from lstmviz.export.video.skip_frames import Bits, _bare, _code, _guarded, nals
from lstmviz.reel.reel import Reel, ReelWriter, Step

# Long enough for both counters to begin anew, and holds at every place among B pictures.
STANDS = [1, 1, 3, 1, 1, 1, 1, 90, 1, 1, 2, 2, 2, 1, 40, 5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 300, 1, 7]


def picture(number: int, width: int = 96, height: int = 64) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    pixels = np.full((height, width, 4), 255, np.uint8)
    pixels[..., 0] = 20
    pixels[..., 1] = 40
    pixels[..., 2] = 60
    pixels[(x - 10 - 3 * number % 80) ** 2 + (y - 30) ** 2 < 120, :3] = (228, 87, 46)
    pixels[:12, : 2 * number + 4, :3] = 255 - number
    return pixels


@pytest.fixture(scope="module")
def reel(tmp_path_factory: pytest.TempPathFactory) -> Reel:
    path = tmp_path_factory.mktemp("standing") / "film.reel"
    with ReelWriter(path, width=96, height=64, fps=30) as writer:
        for number, stands in enumerate(STANDS):
            writer.write(picture(number), stands)
        return writer.close()


def decoded(path: Path) -> list[np.ndarray]:
    with av.logging.Capture() as said, av.open(path) as film:
        frames = list(film.decode(video=0))
        base = film.streams.video[0].time_base
    assert not said, "the decoder finds nothing strange"
    assert base is not None
    times = [round(frame.pts * base * 30) for frame in frames if frame.pts is not None]
    assert times == list(range(len(frames)))
    return [frame.to_ndarray() for frame in frames]


@pytest.mark.parametrize("preset", ["ultrafast", "superfast", "medium", "veryslow"])
@pytest.mark.slow
def test_standing_frames_equal_the_first_and_the_others_are_as_coded(
    reel: Reel, tmp_path: Path, preset: str
) -> None:
    level = av.logging.get_level()
    av.logging.set_level(av.logging.WARNING)
    try:
        coding = Coding(18, preset)
        write_clip(reel, tmp_path / "film.mp4", reel.views(), coding)
        frames = decoded(tmp_path / "film.mp4")
    finally:
        av.logging.set_level(level)
    assert len(frames) == reel.frame_count
    firsts = [0, *accumulate(STANDS)]
    for first, stands in zip(firsts, STANDS, strict=False):
        for frame in frames[first + 1 : first + stands]:
            np.testing.assert_array_equal(frame, frames[first])
    for number, first in enumerate(firsts[:-1]):
        given = av.VideoFrame.from_ndarray(picture(number), format="rgba")
        true = given.reformat(format="yuv420p", dst_colorspace="ITU709").to_ndarray().astype(int)
        assert np.abs(frames[first] - true).mean() < 2, "no drift behind what was put in"


def test_a_standing_frame_takes_a_few_bytes(reel: Reel) -> None:
    units = list(coded(reel, reel.views(), Coding(18, "superfast")))
    sizes = {unit.shown: len(unit.data) for unit in units}
    assert len(sizes) == reel.frame_count
    assert max(sizes[k] for k in range(10, 99)) < 30
    assert [unit.decoded for unit in units] == list(range(-1, reel.frame_count - 1))
    assert all(unit.decoded <= unit.shown for unit in units)
    assert [unit.shown for unit in units if unit.key] == [0]


def test_counters_go_on(reel: Reel) -> None:
    """Read by the book and not by our own reader: frame_num counts the references."""
    units = list(coded(reel, reel.views(), Coding(18, "ultrafast")))
    for number, unit in enumerate(units):
        (slice_,) = [nal for nal in nals(unit.data) if nal[0] & 31 in (1, 5)]
        bits = "".join(f"{byte:08b}" for byte in _bare(slice_[1:])[:12])
        at = 0
        for _ in range(3):
            zeros = len(bits[at:]) - len(bits[at:].lstrip("0"))
            at += 2 * zeros + 1
        assert int(bits[at : at + 4], 2) == number % 16


@pytest.mark.slow
def test_the_file_is_the_same_for_every_number_of_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a size that films have: x264 itself decides differently at times on tiny pictures."""
    with ReelWriter(tmp_path / "film.reel", width=640, height=360, fps=30) as writer:
        for number, stands in enumerate(STANDS):
            writer.write(picture(number, 640, 360), stands)
        steps = [Step(str(k), "", k, k + 1, 30 * k, 30 * k + 29) for k in range(10)]
        film = writer.close(steps)
    monkeypatch.setattr("lstmviz.export.common.parallel.SMALL", 0)
    alone = export(film, tmp_path / "alone.mp4", jobs=1)
    for jobs in (2, 3):
        shared = export(film, tmp_path / "shared.mp4", jobs=jobs)
        assert alone.read_bytes() == shared.read_bytes()
    with av.open(alone) as opened:
        keys = [k for k, frame in enumerate(opened.decode(video=0)) if frame.key_frame]
    assert keys == [step.first_frame for step in steps]


def _die(part: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_process_is_reported(
    reel: Reel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lstmviz.export.common.parallel.SMALL", 0)
    monkeypatch.setattr("lstmviz.export.video.coded_parts.coded_range", _die)
    film = replace(reel, steps=(Step("a", "", 0, 1, 0, 29), Step("b", "", 1, 2, 30, 59)))
    with pytest.raises(LstmvizError, match=r"film.mp4 could not be written: a process was killed"):
        export(film, tmp_path / "film.mp4", jobs=2)
    assert not list(tmp_path.iterdir())


@given(st.lists(st.integers(0, 2**20), max_size=8))
def test_numbers_are_read_as_written(numbers: list[int]) -> None:
    written = "".join(map(_code, numbers)) + "1"
    written += "0" * (-len(written) % 8)
    bits = Bits(int(written, 2).to_bytes(len(written) // 8))
    assert [bits.number() for _ in numbers] == numbers


@given(st.lists(st.sampled_from([0, 0, 0, 1, 2, 3, 4, 255]), max_size=40).map(bytes))
def test_payloads_are_guarded(payload: bytes) -> None:
    guarded = _guarded(payload)
    assert not re.search(rb"\x00\x00[\x00-\x02]", guarded)
    assert _bare(guarded) == payload
