"""A film in parts, made by several processes, is the same file as one made by one."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

from lstmviz.errors import LstmvizError, UsageError
from lstmviz.export.common import parallel
from lstmviz.export.common.parallel import parts_at_steps
from lstmviz.export.formats import FORMATS, export
from lstmviz.export.loops.changes import LoopStyle, changes
from lstmviz.export.loops.sampling import parts_of, sample_count, sampled
from lstmviz.reel.reel import Reel, Step
from lstmviz.system.processes import usual_way

pytestmark = pytest.mark.slow

TOGETHER = (".gif", ".apng", ".webp", ".webm", ".mov", ".html")


def cut(reel: Reel, *bounds: int) -> Reel:
    """The same film with steps that begin at some frames."""
    ends = (*bounds[1:], reel.frame_count)
    steps = [
        Step(f"{k}", f"Step {k}.", first / reel.fps, end / reel.fps, first, end - 1)
        for k, (first, end) in enumerate(zip(bounds, ends, strict=True))
    ]
    return replace(reel, steps=tuple(steps))


@pytest.fixture(scope="module")
def film(recorded: Callable[..., Reel], tmp_path_factory: pytest.TempPathFactory) -> Reel:
    """Cut where it stands still, where it moves, and into steps shorter than a picture."""
    moves = [(0, 20), *((number, 1) for number in range(1, 30)), (30, 31)]
    whole = recorded(tmp_path_factory.mktemp("reel") / "film.reel", 60, moves, (320, 180))
    return cut(whole, 0, 7, 25, 26, 27, 40, 70)


@pytest.mark.parametrize("ending", TOGETHER)
@pytest.mark.few(2)
def test_the_file_is_the_same_for_every_number_of_processes(
    film: Reel, tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = export(film, tmp_path / f"alone{ending}", jobs=1).read_bytes()
    monkeypatch.setattr("lstmviz.export.common.parallel.SMALL", 0)
    for jobs in (2, 3):
        shared = export(film, tmp_path / f"shared{ending}", jobs=jobs).read_bytes()
        if ending == ".html":  # x264 itself decides differently at times on tiny pictures
            assert abs(len(shared) - len(alone)) < len(alone) / 100
        else:
            assert shared == alone


@pytest.mark.parametrize("ending", [".gif", ".apng", ".webp"])
def test_steps_do_not_show_in_looping_pictures(film: Reel, tmp_path: Path, ending: str) -> None:
    """They are the same as those of a film that is one part."""
    parts = export(film, tmp_path / f"parts{ending}", jobs=1)
    whole = export(replace(film, steps=()), tmp_path / f"whole{ending}", jobs=1)
    assert parts.read_bytes() == whole.read_bytes()


@pytest.mark.skipif(usual_way() != "fork", reason="only copies are known by their number")
@pytest.mark.parametrize("ending", [each for each in TOGETHER if each != ".html"])
@pytest.mark.few(2)
def test_a_killed_process_is_replaced(
    film: Reel, tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = export(film, tmp_path / f"alone{ending}", jobs=1).read_bytes()
    meeting = tmp_path / "meeting"  # where both say that they are at work, and wait to be killed
    meeting.mkdir()
    over = meeting / "over"
    at_once = parallel._second

    def patient(*given: Any) -> object:
        if not over.exists():
            (meeting / str(os.getpid())).touch()
            time.sleep(60)
        return at_once(*given)

    def kill_both() -> None:
        while len(waiting := list(meeting.iterdir())) < 2:
            time.sleep(0.01)
        over.touch()
        for each in waiting:
            os.kill(int(each.name), signal.SIGKILL)

    monkeypatch.setattr(parallel, "SMALL", 0)
    monkeypatch.setattr(parallel, "_second", patient)
    Thread(target=kill_both, daemon=True).start()
    again = export(film, tmp_path / f"again{ending}", jobs=2).read_bytes()
    assert len(list(meeting.iterdir())) == 3
    shutil.rmtree(meeting)
    assert again == alone
    assert len(list(tmp_path.iterdir())) == 2


def die(part: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("ending", TOGETHER)
def test_wrong_jobs_and_killed_processes(
    film: Reel, tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"film{ending}"
    with pytest.raises(UsageError, match="0 jobs are not possible"):
        export(film, path, jobs=0)
    monkeypatch.setattr("lstmviz.export.common.parallel.SMALL", 0)
    module = FORMATS[".mp4" if ending == ".html" else ending].maker.partition(":")[0]
    if ending == ".html":
        module = "lstmviz.export.video.coded_parts"
    monkeypatch.setattr(f"{module}.coded_range", die)
    with pytest.raises(LstmvizError) as caught:
        export(film, path, jobs=2)
    assert str(caught.value) == (
        f"{path} could not be written: a process was killed, perhaps for want of memory; "
        "try again with jobs=1."
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("rate", [10, 20, 25, 50, 60])
def test_the_parts_of_a_film_are_all_of_it(film: Reel, rate: int) -> None:
    parts = parts_of(film, rate)
    assert [number for part in parts for number in range(*part)] == [
        *range(sample_count(film, rate))
    ]
    size = 160, 90

    def pictures(*given: Any) -> list[tuple[int, bytes]]:
        return [(s.begin, s.pixels.tobytes()) for s in sampled(film, rate, size, part=given[0])]

    whole = pictures(None)
    for first, stop in parts:
        told = pictures((first, stop))
        assert told[0][0] == first
        standing = [each for each in whole if each[0] <= first][-1]
        assert told == [(first, standing[1]), *(e for e in whole if first < e[0] < stop)]


def test_changes_rebuild_the_pictures(film: Reel) -> None:
    look = LoopStyle(film, 25, (160, 90), film.background)
    for grid in (1, 2):
        shown = np.zeros((90, 160, 4), np.uint8)
        told = []
        for part in parts_of(film, 25):
            for change in changes(look, part, grid):
                left, top, right, bottom = change.box
                assert left % grid == top % grid == 0
                if change.before is not None:
                    np.testing.assert_array_equal(shown[top:bottom, left:right], change.before)
                    assert not np.array_equal(change.before, change.pixels)
                shown[top:bottom, left:right] = change.pixels
                told.append((change.begin, shown.tobytes()))
        wanted = []
        for sample in sampled(film, 25, (160, 90), ground=film.background):
            if not wanted or wanted[-1][1] != sample.pixels.tobytes():
                wanted.append((sample.begin, sample.pixels.tobytes()))
        assert told == wanted


def test_a_film_is_cut_where_steps_begin(film: Reel) -> None:
    end = film.frame_count
    assert parts_at_steps(replace(film, steps=())) == [(0, end)]
    assert parts_at_steps(cut(film, 0, 10, 30)) == [(0, 10), (10, 30), (30, end)]
    late = cut(film, 10, 30)
    doubled = replace(late, steps=(*reversed(late.steps), late.steps[1]))
    assert parts_at_steps(doubled) == [(0, 10), (10, 30), (30, end)]
