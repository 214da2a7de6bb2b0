"""Makes the small pictures that the README shows: a loop of each figure, in media/gallery.

`make gallery` makes those again whose figures look different now; with names, these alone:

    python tools/make_gallery.py tanh sigmoid

gallery.json keeps of each figure what its steps say and how they look, coarsely, and how its loop
ends, so that a test can tell when the gallery is no longer what the code draws.
"""

from __future__ import annotations

import base64
import json
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.article.figures import FIGURES
from lstmviz.export.loops.gif import LOOP_SIZE, export
from lstmviz.films.render import record, trace_for
from lstmviz.films.trace_request import TraceRequest
from lstmviz.reel.loop import chosen
from lstmviz.reel.reel import Reel
from lstmviz.stage.story.discovery import find_story
from lstmviz.stage.story.telling import Telling
from lstmviz.style.look import FilmLook

FOLDER = Path(__file__).resolve().parent.parent / "media" / "gallery"
RECORD = FOLDER / "gallery.json"
FILM = "film"  # which takes as long as all the others

TOGETHER = 4_000_000  # bytes of all GIFs
MOST = (TOGETHER - LOOP_SIZE) // (len(FIGURES) - 1)  # of each but the film, which shows most
WIDTH, FPS = 640, 20
DRAWN = (2 * WIDTH, 2 * WIDTH * 9 // 16)  # twice as large, for clean edges
SKETCH = (320, 180)
GRID = (18, 32)  # rows and columns of the coarse picture
FAR, MEAN = 10.0, 1.5  # of 255: what a coarse picture may be off, in one place and on average

Coarse = NDArray[np.uint8]  # (rows, columns, 3)


def main(names: list[str]) -> None:
    """Make the GIFs of some figures, or of all that have changed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    known = recorded()
    for name in names or FIGURES:
        now = steps_of(name)
        gif = FOLDER / f"{name}.gif"
        if not names and gif.exists() and not differences(known.get(name), now):
            continue
        reel = loop(name)
        export(reel, gif, width=WIDTH, max_size=LOOP_SIZE if name == FILM else MOST, force=True)
        last = reel.frame(reel.frame_count - 1)
        known[name] = [
            step | ({"ends": packed(coarse(last))} if "loop" in step else {}) for step in now
        ]
        told = {figure: known[figure] for figure in FIGURES if figure in known}
        RECORD.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        print(f"{gif.name}: {gif.stat().st_size / 1000:.0f} kB", flush=True)
    print(f"together {sum(p.stat().st_size for p in FOLDER.glob('*.gif')) / 1e6:.1f} MB")


def loop(name: str) -> Reel:
    """Draw what the GIF of a figure shows."""
    story = find_story(name)
    look = FilmLook(size=DRAWN, fps=FPS)
    return record(story, trace_for(story, TraceRequest()), Telling(loop=story.loop_of), look)


def steps_of(name: str) -> list[dict[str, Any]]:
    """Say of each step of a figure its caption, its length in seconds and how it ends.

    The last one of those that its loop is of says which these are.
    """
    story = find_story(name)
    sketch = FilmLook(size=SKETCH, fps=FPS)
    reel = record(story, trace_for(story, TraceRequest()), look=sketch, stills=True)
    ends = chosen(reel.steps, story.loop_of)[-1].name
    return [
        {
            "step": step.name,
            "caption": step.caption,
            "seconds": round(step.end - step.start, 1),
            "picture": packed(coarse(frame.pixels)),
            **({"loop": story.loop_of} if step.name == ends else {}),
        }
        for step, frame in zip(reel.steps, _each(reel), strict=True)
    ]


def recorded() -> dict[str, list[dict[str, Any]]]:
    """What is known of the figures in the gallery."""
    if not RECORD.exists():
        return {}
    known: dict[str, list[dict[str, Any]]] = json.loads(RECORD.read_text(encoding="utf-8"))
    return known


def differences(known: list[dict[str, Any]] | None, now: list[dict[str, Any]]) -> list[str]:
    """Say in which steps a figure differs from what is known of it; empty if it does not."""
    if known is None:
        return ["it is not in the gallery"]
    names = [[step["step"] for step in steps] for steps in (known, now)]
    if names[0] != names[1]:
        return [f"its steps were {', '.join(names[0])} and are {', '.join(names[1])}"]
    return [
        f"{after['step']}: {what}"
        for before, after in zip(known, now, strict=True)
        for what in _unlike(before, after)
    ]


def _unlike(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    found = []
    if before.get("loop") != after.get("loop"):
        found.append(f"its loop is of {after.get('loop')} and not of {before.get('loop')}")
    if before["caption"] != after["caption"]:
        found.append(f"it says “{after['caption']}” and not “{before['caption']}”")
    if abs(before["seconds"] - after["seconds"]) > 0.15:
        found.append(f"it takes {after['seconds']} s and not {before['seconds']} s")
    off = np.abs(unpacked(before["picture"]).astype(float) - unpacked(after["picture"]))
    if off.max() > FAR or off.mean() > MEAN:
        found.append(f"its picture is off by {off.max():.0f} of 255, {off.mean():.2f} on average")
    return found


def coarse(pixels: NDArray[np.uint8]) -> Coarse:
    """Average a picture over a grid of blocks, (height, width, 4) to (18, 32, 3)."""
    rows, columns = GRID
    height, width = pixels.shape[0] // rows, pixels.shape[1] // columns
    blocks = pixels[: rows * height, : columns * width, :3]
    blocks = blocks.reshape(rows, height, columns, width, 3)
    return np.asarray(blocks.mean(axis=(1, 3)).round(), dtype=np.uint8)


def packed(picture: Coarse) -> str:
    """Write a coarse picture as text; rows as differences are shorter."""
    rows = np.diff(picture, axis=0, prepend=np.zeros_like(picture[:1]))
    return base64.b85encode(zlib.compress(rows.tobytes(), 9)).decode()


def unpacked(text: str) -> Coarse:
    """Read a coarse picture."""
    flat = np.frombuffer(zlib.decompress(base64.b85decode(text)), dtype=np.uint8)
    return np.cumsum(flat.reshape(*GRID, 3), axis=0, dtype=np.uint8)


def _each(reel: Reel) -> list[Any]:
    """The frames of a reel one by one, also equal ones."""
    return [frame for frame in reel.frames() for _ in range(frame.repeat)]


if __name__ == "__main__":
    main(sys.argv[1:])
