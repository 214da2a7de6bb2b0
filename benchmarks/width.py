"""How much longer a story takes for a wide network than for a narrow one.

    python benchmarks/width.py [--hidden 2048] [--rounds 3] [STORY ...]

Each story is told of numbers by a network of random weights, of 4 units and of `--hidden`, by
turns, from a trace that is there already; printed are the least seconds of the processor, of
all processes, and their ratio, which should be below 1.2. Without STORY it is those named below.
"""

from __future__ import annotations

import argparse
import resource

import lstmviz
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


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare wide networks with narrow ones.")
    parser.add_argument("stories", nargs="*", default=STORIES, metavar="STORY")
    parser.add_argument("--hidden", type=int, default=2048)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(f"{'story':16} {NARROW:>6} {given.hidden:>6}  ratio")
    for story in given.stories:
        widths = (NARROW, given.hidden)
        traces = [lstmviz.run(INPUT, cell=find_story(story).cell, hidden=n) for n in widths]
        told(story, traces[0])  # what is done once in a process
        rounds = [[told(story, trace) for trace in traces] for _ in range(given.rounds)]
        narrow, wide = (min(times) for times in zip(*rounds, strict=True))
        much = "  more than it should be" if wide > MOST * narrow else ""
        print(f"{story:16} {narrow:6.2f} {wide:6.2f}  {wide / narrow:5.2f}{much}", flush=True)


if __name__ == "__main__":
    main()
