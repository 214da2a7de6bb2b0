"""How the GIF compares with Manim's own of the same scene: size, and nearness to the film.

    python benchmarks/gif.py [STORY]

Both are 960 × 540 at 20 frames a second, of the same story (default: tanh), each made by its
own command. The peak signal-to-noise ratio is against the film without loss, at the times when
its pictures stand in each GIF; above 45 dB nobody sees a difference.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

import lstmviz
from lstmviz.export.formats import export
from lstmviz.films.render import record, trace_for
from lstmviz.films.trace_request import TraceRequest
from lstmviz.reel.reel import Reel
from lstmviz.stage.story.discovery import find_story
from lstmviz.style.look import FilmLook

SIZE, RATE = (960, 540), 20


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    error = float(np.mean((one.astype(float) - other) ** 2))
    return 99.0 if error == 0 else 10 * float(np.log10(255**2 / error))


def nearness(path: Path, reel: Reel) -> float:
    """The median over every tenth picture of a GIF."""
    found, time = [], 0.0
    with Image.open(path) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            if number % 10 == 0:
                frame = min(round(time * RATE), reel.frame_count - 1)
                shown = np.asarray(image.convert("RGB"))
                # Either may begin a frame early or late.
                near = range(max(frame - 1, 0), min(frame + 2, reel.frame_count))
                found.append(max(psnr(shown, reel.frame(k)[..., :3]) for k in near))
            time += image.info["duration"] / 1000
    return statistics.median(found)


def manims(story: str, folder: Path) -> Path:
    teller = find_story(story)
    module = sys.modules[teller.__module__]
    command = [
        sys.executable,
        "-m",
        "manim",
        "render",
        str(module.__file__),
        teller.__name__,
        "--format",
        "gif",
        "-r",
        f"{SIZE[0]},{SIZE[1]}",
        "--fps",
        str(RATE),
        "--media_dir",
        str(folder),
        "--progress_bar",
        "none",
        "-v",
        "ERROR",
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return max(folder.rglob("*.gif"), key=lambda path: path.stat().st_size)


def main() -> None:
    story = sys.argv[1] if len(sys.argv) > 1 else "tanh"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        teller = find_story(story)
        look = FilmLook(size=SIZE, fps=RATE)
        reel = record(teller, trace_for(teller, TraceRequest()), look=look)
        ours = export(reel, folder / "ours.gif", fps=RATE)
        rows = [("lstmviz", ours), ("manim --format gif", manims(story, folder / "manim"))]
        print(f"{story}, {reel.duration:.0f} s, {SIZE[0]}×{SIZE[1]}, {RATE} pictures a second")
        print(f"lstmviz {lstmviz.__version__}")
        for what, path in rows:
            size = path.stat().st_size / 1000
            print(f"{what:20} {size:8.0f} kB   PSNR {nearness(path, reel):5.1f} dB")


if __name__ == "__main__":
    main()
