"""The forks of the dry run draw the film, and never play what came before them again."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import manim as mn
import numpy as np
import pytest
from filming import record
from manim import UP

import lstmviz
from lstmviz.reel.reel import Reel
from lstmviz.stage import Story
from lstmviz.stage.drawing import forked_workers
from lstmviz.stage.drawing.forked_workers import ForkedWorkers
from lstmviz.stage.stories.film import FilmStory
from lstmviz.system.processes import Fork
from lstmviz.trace.trace import Trace

pytestmark = pytest.mark.slow

SMALL: dict[str, Any] = {"size": (160, 90), "fps": 10, "pace": 2.0}


class Counted(Story):
    """A story of many slices, which notes in a file whenever it is told."""

    told: Path

    def construct(self) -> None:
        with type(self).told.open("a") as file:
            file.write("x")
        disc = mn.Circle(fill_opacity=1)
        for number in range(6):
            with self.step(f"step-{number}", f"This is the step {number}."):
                self.play(disc.animate.shift(UP * 0.1 * (-1) ** number), run_time=2)
                self.play(mn.FadeIn(mn.Dot((number, 1, 0))), mn.Rotate(disc, 1), run_time=2)


@pytest.fixture(scope="module")
def trace() -> Trace:
    return lstmviz.run("good but dull", cell="lstm")


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr("lstmviz.stage.drawing.slices.PICTURES", 7)
    Counted.told = tmp_path / "told"
    return Counted.told


def assert_same(one: Reel, other: Reel) -> None:
    assert (one.steps, one.frame_count) == (other.steps, other.frame_count)
    for first, second in zip(one.frames(), other.frames(), strict=True):
        np.testing.assert_array_equal(first.pixels, second.pixels)


@pytest.fixture
def alone(trace: Trace, counted: Path) -> Reel:
    reel = record(Counted, trace, jobs=1, **SMALL)
    counted.unlink()
    return reel


@pytest.mark.parametrize(
    ("most", "jobs"),
    [
        (1, 2),
        (2, 3),
        (5, 2),
        (99, 3),
        *(
            pytest.param(*each, marks=pytest.mark.verify)
            for each in ((1, 3), (2, 2), (5, 3), (99, 2))
        ),
    ],
)
@pytest.mark.few(1)
def test_no_process_plays_the_story_twice(
    trace: Trace, alone: Reel, counted: Path, most: int, jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forked_workers, "ForkedWorkers", lambda _: ForkedWorkers(most))
    assert_same(alone, record(Counted, trace, jobs=jobs, **SMALL))
    if most > jobs:
        assert counted.read_text() == "x"


class Twice(FilmStory):
    """A film of two stories, of a part of one of them again, and of a card."""

    def construct(self) -> None:
        self.tell("tanh", chapter="tanh", until="drop")
        self.tell("forget-gate", chapter="forget gate", until="memory")
        self.tell("forget-gate", since="squash", until="outcome", passing=("forget",))
        self.begin_chapter("tanh")
        with self.step("last", "That is all.", chapter=self.chapter_title):
            self.conclude(("tanh", "hidden state"))


@pytest.mark.verify
def test_the_stories_of_a_film_learn_their_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = lstmviz.run("good but dull", cell="lstm")
    alone = record(Twice, trace, jobs=1, size=(160, 90), fps=5, pace=2.0)
    assert_same(alone, record(Twice, trace, jobs=2, size=(160, 90), fps=5, pace=2.0))


@pytest.mark.verify
def test_a_fork_that_is_killed_while_it_waits_is_done_without(
    trace: Trace, alone: Reel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    dry_run = forked_workers.dry_run

    def run_and_kill(teller: Any, size: Any, forks: ForkedWorkers) -> Any:
        told = dry_run(teller, size, forks)
        for number in (min(forks.waiting), max(forks.waiting)):
            os.kill(forks.waiting[number]._number, signal.SIGKILL)
        return told

    monkeypatch.setattr(forked_workers, "dry_run", run_and_kill)
    with caplog.at_level(logging.WARNING):
        assert_same(alone, record(Counted, trace, jobs=2, **SMALL))
    assert any("drawn again" in each.getMessage() for each in caplog.records)


def test_no_fork_is_left(trace: Trace) -> None:
    record(Counted, trace, jobs=2, **SMALL)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_forks_end_when_the_first_process_does(tmp_path: Path) -> None:
    script = """
import os, sys, time
from lstmviz.stage.drawing.forked_workers import ForkedWorkers
forks = ForkedWorkers()
for number in range(3):
    if (line := forks.fork_at(number)) is not None:
        try:
            line.recv()
        except EOFError:
            os._exit(0)
print(*(fork._number for fork in forks.waiting.values()), flush=True)
time.sleep(60)
"""
    first = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    numbers = [int(word) for word in first.stdout.readline().split()]
    assert len(numbers) == 3
    first.kill()
    first.wait()
    until = time.monotonic() + 10
    while time.monotonic() < until and any(map(_runs, numbers)):
        time.sleep(0.05)
    assert not any(map(_runs, numbers))


def _runs(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


class Standing(Fork):
    """A fork that is no process."""

    def __init__(self) -> None:
        self.ended = False

    def end(self) -> None:
        self.ended = True


@pytest.mark.parametrize(
    ("waiting", "wanted", "busy", "chosen"),
    [
        (range(12), range(12), [], 0),  # from the beginning
        (range(12), range(1, 12), [0], 6),  # half of what is left to the one that draws
        (range(12), [1, 2, 3, 4, 5, 7, 8, 9, 10, 11], [0, 6], 3),
        (range(12), [4, 7, 8, 9], [3, 6], 8),  # where most is left
        (range(12), [4, 5], [], 4),  # nobody comes there
        (range(0, 12, 4), range(1, 12), [0], 8),  # those between were ended
        (range(0, 12, 4), range(1, 4), [0], None),
        (range(12), [], [3], None),
    ],
)
def test_where_the_next_one_draws(
    waiting: range, wanted: list[int], busy: list[int], chosen: int | None
) -> None:
    forks = ForkedWorkers()
    forks.waiting = {number: Standing() for number in waiting}
    assert forks.choose(wanted, busy) == chosen
