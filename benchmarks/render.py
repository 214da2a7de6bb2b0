"""How much faster lstmviz renders its films than plain Manim does, to the finished MP4.

    python benchmarks/render.py [--rounds 5] [--quality 1080p 720p] [--cores 1] [STORY ...]

For each story and size it runs `manim render` (caching off, its default encoder) and
`lstmviz render` (nothing kept) by turns, so that both meet the same weather, and prints the
medians: seconds on the clock and of the processor, memory at its most, the size of the file, and
how near the film comes to what was drawn (PSNR of brightness and of colour). Then, of the first
story: a draft, each further format of a film that is drawn already, and how soon the command
answers. Without STORY it is the four stories of an LSTM's gates, and the film once at 720p.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import av
import numpy as np

from lstmviz.export.common.yuv import as_video
from lstmviz.export.formats import FORMATS
from lstmviz.reel.reel import Reel
from lstmviz.stage.story.discovery import scenes_folder, stories
from lstmviz.style.picture import QUALITIES
from lstmviz.system.processes import cores

GATES = ("forget-gate", "input-gate", "cell-state", "output-gate")  # the stories of an LSTM
_TIME = os.path.exists("/usr/bin/time")
BINARIES = Path(sys.executable).parent
# The formats that Manim writes, too, and how it is asked for what we write.
_MANIMS = {".gif": ["gif"], ".webm": ["webm"], ".mov": ["mov", "--transparent"]}


@dataclass(frozen=True)
class Run:
    """What one rendering took."""

    wall: float  # seconds
    processor: float  # seconds, of all its processes
    memory: float  # MB, of its largest process
    size: float  # kB


def timed(command: Sequence[str | Path], film: Path) -> Run:
    """Run a command that makes a film."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    # Of memory, this process would learn only the most that any of its children ever used.
    measured = [*(["/usr/bin/time", "-f", "%M"] if _TIME else []), *map(str, command)]
    done = subprocess.run(measured, capture_output=True, text=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{done.stderr}")
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    memory = int(done.stderr.strip().rpartition("\n")[2]) / 1024 if _TIME else float("nan")
    return Run(wall, processor, memory, film.stat().st_size / 1000)


def by_manim(story: str, quality: str, fps: int | None, folder: Path) -> tuple[list[str], Path]:
    """Give the command with which Manim renders a story, and where the film will be."""
    (listed,) = [each for each in stories() if each.name == story]
    width, height, rate = QUALITIES[quality]
    command = [
        str(BINARIES / "manim"),
        "render",
        "--disable_caching",
        "-v",
        "ERROR",
        "--progress_bar",
        "none",
        "--media_dir",
        str(folder),
        "-r",
        f"{width},{height}",
        "--fps",
        str(fps or rate),
        str(listed.source),
        listed.class_name,
    ]
    place = f"videos/{Path(str(listed.source)).stem}/{height}p{fps or rate}"
    return command, folder / place / f"{listed.class_name}.mp4"


def by_lstmviz(story: str, quality: str, fps: int | None, folder: Path) -> tuple[list[str], Path]:
    """Give our command, and where the film will be."""
    film = folder / "ours.mp4"
    command = [
        sys.executable,
        "-m",
        "lstmviz",
        "render",
        story,
        "--quality",
        quality,
        "--quiet",
        "--no-cache",
        "-o",
        str(film),
    ]
    return command + (["--fps", str(fps)] if fps else []), film


def nearness(film: Path, reel: Reel, matrix: str) -> tuple[float, float]:
    """PSNR of brightness and of colour, against the recorded frames converted the same way."""
    errors = np.zeros(2)
    counted = 0
    with av.open(film) as opened:
        frames = opened.decode(video=0)
        for view in reel.views():
            shown = next(islice(frames, 0, 1), None)
            for _ in islice(frames, view.repeat - 1):
                pass
            if shown is None:
                break
            true = as_video(view.pixels, "yuv420p")
            if matrix == "ITU601":
                given = av.VideoFrame.from_numpy_buffer(view.pixels, format="rgba")
                true = given.reformat(format="yuv420p", dst_colorspace="ITU601")
            one, other = (f.to_ndarray().astype(np.int16) for f in (shown, true))
            squares = (one - other) ** 2
            errors += view.repeat * np.array(
                [squares[: reel.height].mean(), squares[reel.height :].mean()]
            )
            counted += view.repeat
    brightness, colour = 10 * np.log10(255**2 / (errors / counted))
    return float(brightness), float(colour)


def compare(names: Sequence[str], quality: str, rounds: int, fps: int | None) -> None:
    """Render stories by turns, and print what each took, and all of them."""
    width, height, rate = QUALITIES[quality]
    print(f"\n{quality} ({width} × {height}, {fps or rate} frames a second)")
    print(
        f"{'':<14}{'seconds':>16}{'':>7}{'CPU s':>15}{'':>7}{'MB':>12}{'kB':>14}  "
        "PSNR Y, C: manim | lstmviz"
    )
    sums = np.zeros(4)
    for name in names:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            theirs = by_manim(name, quality, fps, folder)
            ours = by_lstmviz(name, quality, fps, folder)
            pairs = [(timed(*theirs), timed(*ours)) for _ in range(rounds)]
            lossless = folder / "film.reel"
            subprocess.run([*ours[0], "-o", str(lossless)], check=True)
            reel = Reel.load(lossless)
            quality_of = nearness(theirs[1], reel, "ITU601"), nearness(ours[1], reel, "ITU709")
        manim, lstmviz = (
            [
                statistics.median(getattr(pair[k], field) for pair in pairs)
                for field in ("wall", "processor", "memory", "size")
            ]
            for k in (0, 1)
        )
        ratio = statistics.median(a.wall / b.wall for a, b in pairs)
        share = statistics.median(a.processor / b.processor for a, b in pairs)
        sums += [manim[0], lstmviz[0], manim[1], lstmviz[1]]
        print(
            f"{name:<14}{manim[0]:>7.1f} → {lstmviz[0]:>5.1f}  {ratio:>4.1f}×  "
            f"{manim[1]:>6.1f} → {lstmviz[1]:>5.1f}  {share:>4.1f}×  "
            f"{manim[2]:>4.0f} → {lstmviz[2]:>4.0f}  {manim[3]:>5.0f} → {lstmviz[3]:>5.0f}  "
            f"{quality_of[0][0]:.1f}, {quality_of[0][1]:.1f} | "
            f"{quality_of[1][0]:.1f}, {quality_of[1][1]:.1f}",
            flush=True,
        )
    print(
        f"{'all':<14}{sums[0]:>7.1f} → {sums[1]:>5.1f}  {sums[0] / sums[1]:>4.1f}×  "
        f"{sums[2]:>6.1f} → {sums[3]:>5.1f}  {sums[2] / sums[3]:>4.1f}×"
    )


def quick(name: str, rounds: int) -> None:
    """Print how long a draft takes, beside Manim's ordinary films."""
    print(f"\nA draft of {name}, against manim render")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        ours = by_lstmviz(name, "draft", None, folder)
        for quality in ("draft", "720p", "1080p"):
            theirs = by_manim(name, quality, None, folder)
            pairs = [(timed(*theirs).wall, timed(*ours).wall) for _ in range(rounds)]
            manim, lstmviz = (statistics.median(walls) for walls in zip(*pairs, strict=True))
            ratio = statistics.median(one / other for one, other in pairs)
            print(f"  {quality:<6} {manim:>6.1f} → {lstmviz:>4.1f} s  {ratio:>5.1f}×", flush=True)


def formats(name: str, quality: str, rounds: int) -> None:
    """Print what further formats of a film take that is drawn already."""
    print(f"\nA further format of {name} at {quality}, drawn already: seconds, kB")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        os.environ["LSTMVIZ_CACHE"] = str(folder / "cache")
        theirs = timed(*by_manim(name, quality, None, folder)).wall
        first, film = by_lstmviz(name, quality, None, folder)
        first.remove("--no-cache")
        whole = timed(first, film).wall
        print(f"  manim render {theirs:.1f} s, lstmviz render {whole:.1f} s", flush=True)
        for ending in FORMATS:
            command = [*first[:-1], str(folder / f"film{ending}")]
            runs = [timed(command, folder / f"film{ending}") for _ in range(rounds)]
            wall = statistics.median(run.wall for run in runs)
            shares = [
                f"{wall / theirs:>4.0%} of Manim's rendering",
                f"{wall / whole:>4.0%} of ours",
            ]
            if ending in _MANIMS:
                command, _ = by_manim(name, quality, None, folder)
                command += ["--format", *_MANIMS[ending]]
                same = timed(command, film).wall
                shares.append(f"{wall / same:.0%} of Manim's {same:.1f} s for such a file")
            print(
                f"  {ending:<6} {wall:>6.1f} {runs[0].size:>8.0f}   {', '.join(shares)}", flush=True
            )
        del os.environ["LSTMVIZ_CACHE"]


def soon(rounds: int) -> None:
    """Print how soon the command answers, and how soon it has drawn the first frame."""
    commands = {
        "python -c 'import numpy, click'": [sys.executable, "-c", "import numpy, click"],
        "lstmviz --help": [str(BINARIES / "lstmviz"), "--help"],
        "the first frame of a draft": [sys.executable, "-c", FIRST_FRAME],
    }
    print("\nHow soon it answers")
    for name, command in commands.items():
        walls = []
        for _ in range(max(rounds, 3)):
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            walls.append(time.perf_counter() - start)
        print(f"  {name:<32} {statistics.median(walls):.2f} s", flush=True)


FIRST_FRAME = """
import lstmviz, sys
def heard(now):
    if now.task == "render":
        sys.exit(0)
lstmviz.render("forget-gate", quality="draft", cache=False, jobs=1, progress=heard)
"""


def main() -> None:
    """Read the command line and compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("stories", nargs="*", metavar="STORY")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quality", nargs="+", default=["1080p", "720p"], choices=list(QUALITIES))
    parser.add_argument("--fps", type=int)
    parser.add_argument("--cores", type=int, help="of the processors, use so many")
    asked = parser.parse_args()
    if asked.cores:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: asked.cores])
    # Programs keep the compiled form of their modules; who is told not to would pay each time.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    print(
        f"{cores()} processors; scenes in {scenes_folder().name}/; "
        f"{asked.rounds} rounds, medians; manim → lstmviz"
    )
    names = asked.stories or GATES
    for quality in asked.quality:
        compare(names, quality, asked.rounds, asked.fps)
    if not asked.stories:
        compare(("film",), "720p", 1, asked.fps)
    quick(names[0], min(asked.rounds, 3))
    for quality in asked.quality:
        formats(names[0], quality, min(asked.rounds, 3))
    soon(asked.rounds)


if __name__ == "__main__":
    main()
