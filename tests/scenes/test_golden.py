"""The last frame of every step, against pictures that somebody has looked at.

And one frame of each story in every shape of the picture.

`pytest tests/scenes/test_golden.py --tier verify --update` takes what is drawn now as right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from walking import FILM, STORIES, trace_of, walk

from lstmviz.stage import Story
from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.stage.story.discovery import find_story
from lstmviz.style.layout import layout_named
from lstmviz.style.picture import WIDE_ASPECT
from lstmviz.style.themes import theme_named

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parent / "golden"
SIZE = (320, 180)
# One picture of each story in these shapes, too: small ones, for where things stand.
SHAPES = {"4:3": (192, 144), "1:1": (168, 168), "9:16": (135, 240)}
MEAN = 1.0  # of 255: how far a picture may be off on average
FAR, SHARE = 40, 0.003  # how many pixels may be further off than this
BLOCK, LOCAL = 10, 30  # and how far a block of 10 × 10 pixels, the size of a label
LOOKS = [
    *((story, "dark", "en") for story in STORIES if story != FILM),
    ("forget-gate", "light", "zh"),
]
# Stories that show most of what others are made of.
FIRST = {"rnn-cell", "tanh"}
SHAPED = [
    *((story, aspect) for story in STORIES for aspect in SHAPES),
    (FILM, WIDE_ASPECT),  # of which there is no other golden picture
]


class _Reached(Exception):
    """The last step that is looked at has ended."""


class _Stills(Walker):
    """Draws the picture that each wanted step ends with, counted from 0; goes no further."""

    def __init__(self, wanted: Sequence[int]) -> None:
        super().__init__()
        self.wanted = wanted
        self.ended = 0  # of a film more than of the story that it tells now
        self.pictures: list[np.ndarray] = []

    def step_ended(self, story: Story) -> None:
        self.ended += 1
        if self.ended - 1 in self.wanted:
            self.pictures.append(self.drawn(story)[:, :, :3].copy())
        if len(self.pictures) == len(self.wanted):
            raise _Reached


def steps_of(story: str) -> list[str]:
    """Name the steps of a story, which are the same in every look; numbered from 01."""
    steps = walk(story, "demo", "dark", "en").steps
    return [f"{k:02}-{step.name.replace('/', '-')}" for k, step in enumerate(steps, 1)]


def drawn(
    story: str,
    wanted: Sequence[int],
    theme: str = "dark",
    lang: str = "en",
    aspect: str = WIDE_ASPECT,
    size: tuple[int, int] = SIZE,
) -> list[np.ndarray]:
    """Draw what some steps of a story end with: (height, width, 3) each."""
    layout, told = layout_named(aspect), find_story(story)
    with canvas(theme_named(theme), *size, 30, layout):
        stills = _Stills(wanted)  # whose camera learns the size of the frame now
        scene = told(
            trace_of(story, "demo"),
            theme=theme,
            lang=lang,
            layout=layout,
            outline=walk(story, "demo", "dark", "en").steps,
            renderer=stills,
        )
        scene.setup()
        with suppress(_Reached):
            scene.construct()
    return stills.pictures


@pytest.mark.parametrize(
    ("story", "theme", "lang"),
    [
        pytest.param(
            *look,
            id=f"@{look[0]}@{look[1]}-{look[2]}",
            marks=() if look[0] in FIRST else pytest.mark.verify,
        )
        for look in LOOKS
    ],
)
def test_every_still_looks_as_it_should(
    story: str, theme: str, lang: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    steps = steps_of(story)
    names = [f"{story}-{theme}-{lang}-{step}.png" for step in steps]
    pictures = drawn(story, range(len(steps)), theme, lang)
    compare(
        dict(zip(names, pictures, strict=True)), f"{story}-{theme}-{lang}-*.png", request, tmp_path
    )


@pytest.mark.parametrize(
    ("story", "aspect"),
    [
        pytest.param(
            *each,
            id=f"@{each[0]}@{each[1]}",
            marks=() if each[0] == "forget-gate" else pytest.mark.verify,
        )
        for each in SHAPED
    ],
)
def test_a_still_of_every_story_in_every_shape_looks_as_it_should(
    story: str, aspect: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    steps = steps_of(story)
    number = 2 * len(steps) // 3  # by then most that a story shows is there
    (pixels,) = drawn(story, [number], aspect=aspect, size=SHAPES.get(aspect, SIZE))
    shape = aspect.replace(":", "x")
    name = f"{story}-{shape}-dark-en-{steps[number]}.png"
    compare({name: pixels}, f"{story}-{shape}-*.png", request, tmp_path)


def compare(
    stills: Mapping[str, np.ndarray], known_as: str, request: pytest.FixtureRequest, folder: Path
) -> None:
    """Compare stills, by file name, with the golden pictures; or take them, with `--update`."""
    known = {path.name for path in GOLDEN.glob(known_as)}
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
            side_by_side(golden, pixels).save(folder / name)
            wrong.append(f"{name}: {problem}")
    told = "\n".join(wrong)
    assert not wrong, (
        f"{told}\nGolden, drawn and difference stand side by side in {folder}. "
        "If the new pictures are right, run pytest with --update."
    )


def keep(name: str, pixels: np.ndarray) -> None:
    """Take a picture as right."""
    GOLDEN.mkdir(exist_ok=True)
    for colours in (128, 256):  # the second where there are many
        picture = Image.fromarray(pixels).quantize(colours, kmeans=1, dither=Image.Dither.NONE)
        if not unlike(np.asarray(picture.convert("RGB")), pixels):
            break
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


@pytest.mark.parametrize("size", [pytest.param(SIZE, id="@forget-gate@")])
def test_a_wrong_picture_is_seen(size: tuple[int, int]) -> None:
    (pixels,) = drawn("forget-gate", [0], size=size)
    assert pixels.shape == (size[1], size[0], 3)
    assert unlike(pixels, pixels) == ""
    wrong = pixels.copy()
    wrong[60:80, 130:160] = 255  # as large as a gate
    assert "far off" in unlike(pixels, wrong)
    missing = pixels.copy()
    missing[70:80, 130:140] = 255 - missing[70:80, 130:140]
    assert "pixel (135, 75)" in unlike(pixels, missing)
    moved = np.roll(pixels, 2, axis=1)
    assert unlike(pixels, moved)
    assert side_by_side(pixels, wrong).size == (3 * size[0], size[1])


def test_the_golden_pictures_are_small() -> None:
    assert sum(path.stat().st_size for path in GOLDEN.glob("*.png")) < 1_750_000
