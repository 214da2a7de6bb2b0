"""The last frame of every step, against pictures that somebody has looked at.

`pytest tests/scenes/test_golden.py --update` takes what is drawn now as right.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from filming import record
from PIL import Image
from walking import FILM, STORIES, trace_of

from lstmviz.stage.story.discovery import find_story

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parent / "golden"
SIZE = (320, 180)
SHAPES = [("4:3", (320, 240)), ("1:1", (320, 320)), ("9:16", (270, 480))]
MEAN = 1.0  # of 255: how far a picture may be off on average
FAR, SHARE = 40, 0.003  # how many pixels may be further off than this
BLOCK, LOCAL = 10, 30  # and how far a block of 10 × 10 pixels, the size of a label
LOOKS = [
    *((story, "dark", "en") for story in STORIES if story != FILM),
    ("forget-gate", "light", "zh"),
]


@cache
def drawn(story: str, theme: str, lang: str) -> dict[str, np.ndarray]:
    """Draw the stills of a story: (height, width, 3) by file name."""
    trace = trace_of(story, "demo")
    reel = record(find_story(story), trace, theme=theme, lang=lang, size=SIZE, stills=True)
    frames = [frame.pixels[:, :, :3].copy() for frame in reel.frames()]
    names = [
        f"{story}-{theme}-{lang}-{k + 1:02}-{step.name}.png" for k, step in enumerate(reel.steps)
    ]
    return dict(zip(names, frames, strict=True))


@pytest.mark.parametrize(("story", "theme", "lang"), LOOKS)
def test_every_still_looks_as_it_should(
    story: str, theme: str, lang: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    stills = drawn(story, theme, lang)
    known = {path.name for path in GOLDEN.glob(f"{story}-{theme}-{lang}-*.png")}
    if request.config.getoption("--update"):
        for name in known - set(stills):
            (GOLDEN / name).unlink()
        for name, pixels in stills.items():
            keep(name, pixels)
        return
    assert set(stills) == known, "the steps are others: look, then run pytest with --update"
    wrong = []
    for name, pixels in stills.items():
        golden = np.asarray(Image.open(GOLDEN / name).convert("RGB"))
        problem = unlike(golden, pixels)
        if problem:
            side_by_side(golden, pixels).save(tmp_path / name)
            wrong.append(f"{name}: {problem}")
    told = "\n".join(wrong)
    assert not wrong, (
        f"{told}\nGolden, drawn and difference stand side by side in {tmp_path}. "
        "If the new pictures are right, run pytest with --update."
    )


def keep(name: str, pixels: np.ndarray) -> None:
    """Take a picture as right."""
    GOLDEN.mkdir(exist_ok=True)
    picture = Image.fromarray(pixels).quantize(128, kmeans=1, dither=Image.Dither.NONE)
    picture.save(GOLDEN / name, optimize=True)


def unlike(golden: np.ndarray, pixels: np.ndarray) -> str:
    """Say how two pictures differ, or nothing if they look the same."""
    if golden.shape != pixels.shape:
        return f"its size is {pixels.shape[1]}×{pixels.shape[0]}"
    off = np.abs(golden.astype(int) - pixels).max(axis=2)
    far = float((off > FAR).mean())
    if off.mean() > MEAN or far > SHARE:
        return f"{off.mean():.2f} of 255 off on average, {far:.2%} of the pixels far off"
    height, width = (length // BLOCK for length in off.shape)
    blocks = off[: height * BLOCK, : width * BLOCK].reshape(height, BLOCK, width, BLOCK)
    worst = blocks.mean(axis=(1, 3))
    if worst.max() > LOCAL:
        row, column = np.unravel_index(worst.argmax(), worst.shape)
        x, y = (int(column) + 0.5) * BLOCK, (int(row) + 0.5) * BLOCK
        return f"something else stands around pixel ({x:.0f}, {y:.0f})"
    return ""


def side_by_side(golden: np.ndarray, pixels: np.ndarray) -> Image.Image:
    """Put the golden picture, the drawn one and their difference in a row."""
    if golden.shape != pixels.shape:
        golden = np.asarray(Image.fromarray(golden).resize((pixels.shape[1], pixels.shape[0])))
    off = np.abs(golden.astype(int) - pixels).clip(0, 63) * 4
    return Image.fromarray(np.concatenate([golden, pixels, off.astype(np.uint8)], axis=1))


@pytest.mark.parametrize(("aspect", "size"), SHAPES)
def test_a_still_of_every_other_shape_looks_as_it_should(
    aspect: str, size: tuple[int, int], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    trace = trace_of("forget-gate", "demo")
    reel = record(find_story("forget-gate"), trace, aspect=aspect, size=size, stills=True)
    pixels = reel.frame(reel.step("forget").last_frame)[:, :, :3].copy()
    name = f"forget-gate-{aspect.replace(':', 'x')}-dark-en-05-forget.png"
    if request.config.getoption("--update"):
        keep(name, pixels)
        return
    golden = np.asarray(Image.open(GOLDEN / name).convert("RGB"))
    problem = unlike(golden, pixels)
    if problem:
        side_by_side(golden, pixels).save(tmp_path / name)
    assert not problem, f"{name}: {problem}; see {tmp_path}"


def test_a_wrong_picture_is_seen() -> None:
    name, pixels = next(iter(drawn(STORIES[0], "dark", "en").items()))
    assert re.search(r"-01-\w+\.png$", name)
    assert unlike(pixels, pixels) == ""
    wrong = pixels.copy()
    wrong[60:80, 130:160] = 255  # as large as a gate
    assert "far off" in unlike(pixels, wrong)
    missing = pixels.copy()
    missing[70:80, 130:140] = 255 - missing[70:80, 130:140]
    assert "pixel (135, 75)" in unlike(pixels, missing)
    moved = np.roll(pixels, 2, axis=1)
    assert unlike(pixels, moved)
    assert side_by_side(pixels, wrong).size == (3 * SIZE[0], SIZE[1])


def test_the_golden_pictures_are_small() -> None:
    assert sum(path.stat().st_size for path in GOLDEN.glob("*.png")) < 1_500_000
