"""How much longer a story takes for a wide network than for a narrow one.

    python benchmarks/width.py [--hidden 2048] [--rounds 3] [STORY ...]

Each story is told of numbers by a network of random weights, of 4 units and of `--hidden`, by
turns, from a trace that is there already; printed are the least seconds of the processor, of
all processes, and their ratio, which should be below 1.2. Without STORY it is those named below.
Last comes the whole command for the first of them, `lstmviz render STORY --network FILE --quality
draft`, from a file of each network (135 MB for 2048 units) to the finished film.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import lstmviz
from lstmviz.engine.model.network import seeded
from lstmviz.films.render import record
from lstmviz.stage.story.discovery import find_story
from lstmviz.style.look import FilmLook
from lstmviz.trace.trace import Trace

STORIES = (
    "forget-gate",
    "gru-cell",
    "lstm-cell",
    "rnn-cell",
    "gates",
    "cell-state",
    "hidden-state",
    "tanh",
    "review",
)
COMMAND = [sys.executable, "-m", "lstmviz", "render", "--quality", "draft", "--quiet"]
INPUT, NARROW, MOST = [0.1, 0.5, -1.0, 0.3], 4, 1.2


def processor() -> float:
    """Seconds that this process and its children have taken of the processor so far."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def told(story: str, trace: Trace) -> float:
    """Record a small film of a story, and give what it took of the processor."""
    before = processor()
    record(find_story(story), trace, look=FilmLook(size=(320, 180), fps=15))
    return processor() - before


def commanded(story: str, network: Path) -> float:
    """Render a story of a network's file by the command, and give what it took of the processor."""
    numbers = ",".join(map(str, INPUT))
    before = processor()
    with tempfile.TemporaryDirectory() as folder:
        film = str(Path(folder, "film.mp4"))
        subprocess.run(
            [*COMMAND, story, "--network", str(network), "--input", numbers, "-o", film],
            env={**os.environ, "LSTMVIZ_CACHE": str(Path(folder, "cache"))},
            stdout=subprocess.DEVNULL,
            check=True,
        )
    return processor() - before


def row(title: str, rounds: list[list[float]]) -> None:
    """Print the least seconds of a narrow network and a wide one, of several rounds."""
    narrow, wide = (min(times) for times in zip(*rounds, strict=True))
    much = "  more than it should be" if wide > MOST * narrow else ""
    print(f"{title:16} {narrow:6.2f} {wide:6.2f}  {wide / narrow:5.2f}{much}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare wide networks with narrow ones.")
    parser.add_argument("stories", nargs="*", default=STORIES, metavar="STORY")
    parser.add_argument("--hidden", type=int, default=2048)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(f"{'story':16} {NARROW:>6} {given.hidden:>6}  ratio")
    widths, rounds = (NARROW, given.hidden), range(given.rounds)
    for story in given.stories:
        traces = [lstmviz.run(INPUT, cell=find_story(story).cell, hidden=n) for n in widths]
        told(story, traces[0])  # what is done once in a process
        row(story, [[told(story, trace) for trace in traces] for _ in rounds])
    story = given.stories[0]
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, f"{n}.npz") for n in widths]
        for n, file in zip(widths, files, strict=True):
            seeded(find_story(story).cell or "lstm", 1, n).save(file)
        commanded(story, files[0])
        row("whole command", [[commanded(story, file) for file in files] for _ in rounds])


if __name__ == "__main__":
    main()
