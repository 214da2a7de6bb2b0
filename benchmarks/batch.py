"""What a clip costs in a batch, and what 10,000 of them would.

    python benchmarks/batch.py [--quality draft 720p 1080p 4k] [--clips 10000] [STORY ...]

It makes each story once as MP4 with `lstmviz batch`, one process at a time, as a worker of a
cluster does, and prints a table for docs/batch.md: the processor time of a clip (drawing and
encoding), its size, and, worked out from these alone, what many clips take on so many processors
and cost at a price per hour.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from lstmviz.batch import Done, batch
from lstmviz.cli.jobs_file import read_jobs
from lstmviz.style.picture import QUALITIES

GATES = ("forget-gate", "input-gate", "cell-state", "output-gate")  # the stories of an LSTM
HANDS = (2, 64, 1000)  # processors


def measured(stories: Sequence[str], quality: str) -> tuple[float, float, float]:
    """Give the mean seconds of a film, of its processor, and its size in MB."""
    sizes: list[int] = []

    def tell(done: Done) -> None:
        if done.made is None:
            raise SystemExit(f"{done.job.where}: {done.failure}")
        sizes.extend(map(len, done.made.contents))

    with tempfile.TemporaryDirectory() as place:
        jobs = Path(place) / "jobs.toml"
        jobs.write_text(f'[[job]]\nstory = {[*stories]}\nquality = "{quality}"\n')
        report = batch(read_jobs(jobs), Path(place) / "out", processes=1, tell=tell)
    count = len(stories)
    return report.film / count, report.processor / count, sum(sizes) / count / 1e6


def row(quality: str, measures: tuple[float, float, float], clips: int, price: float) -> str:
    """Give a row of the table; all but the first columns follows from the second."""
    film, processor, size = measures
    processor, size = round(processor, 1), round(size, 2)
    hours = clips * processor / 3600
    times = " | ".join(clock(hours / hands) for hands in HANDS)
    return (
        f"| {quality} | {film:.0f} s | {processor:.1f} s | {size:.2f} MB | {hours:,.1f} h | "
        f"{times} | {clips * size / 1000:,.1f} GB | ${hours * price:,.2f} |"
    )


def clock(hours: float) -> str:
    """Give a time in the unit that suits it."""
    for unit, length in (("days", 24.0), ("h", 1.0), ("min", 1 / 60)):
        if hours >= 2 * length:
            return f"{hours / length:.1f} {unit}"
    return f"{hours * 3600:.0f} s"


def main() -> None:
    """Read the command line, measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("stories", nargs="*", default=GATES, metavar="STORY")
    parser.add_argument("--quality", nargs="+", default=list(QUALITIES), choices=list(QUALITIES))
    parser.add_argument("--clips", type=int, default=10_000)
    parser.add_argument("--price", type=float, default=0.05, help="dollars an hour of a processor")
    asked = parser.parse_args()
    hands = " | ".join(f"on {count:,} processors" for count in HANDS)
    print(
        f"| quality | film | processor a clip | size | {asked.clips:,} clips | {hands} | "
        f"all files | at ${asked.price:g} an hour |"
    )
    print("|---" * (7 + len(HANDS)) + "|")
    for quality in asked.quality:
        print(row(quality, measured(asked.stories, quality), asked.clips, asked.price), flush=True)


if __name__ == "__main__":
    main()
