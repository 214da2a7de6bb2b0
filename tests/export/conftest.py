"""A small film with everything that an export must cope with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from lstmviz.reel.reel import Reel, ReelWriter, Step

BACKGROUND = (0x0E, 0x11, 0x16)
FLAT = {  # where a flat patch of 20 × 20 pixels lies (x, y), and its colour
    (10, 10): (0xE4, 0x57, 0x2E),
    (40, 10): (0x3B, 0x82, 0xF6),
    (70, 10): (0x22, 0xC5, 0x5E),
    (100, 10): (0xFF, 0xFF, 0xFF),
    (130, 10): (0xF5, 0xC2, 0x18),
}


def picture(number: int, width: int = 320, height: int = 180) -> np.ndarray:
    """Patches, a word, and a box that moves two pixels a frame; transparent elsewhere."""
    image = Image.new("RGBA", (width, height), (*BACKGROUND, 0))
    draw = ImageDraw.Draw(image)
    for (x, y), colour in FLAT.items():
        draw.rectangle((x, y, x + 19, y + 19), fill=(*colour, 255))
    letters = Image.new("L", (width, height), 0)
    ImageDraw.Draw(letters).text((20, height - 40), f"{number:03} keeps 98 %", fill=255)
    left = 10 + number * 2 % (width - 40)
    draw.rectangle((left, 60, left + 20, 90), fill=(120, 70, 130, 128))
    pixels = np.asarray(image).copy()
    # Matted as Manim does it: where an edge is half transparent, half of the colour is ground.
    share = np.asarray(letters, float)[..., None] / 255
    inked = share * (230, 233, 240, 255) + (1 - share) * pixels
    return np.rint(inked).astype(np.uint8)


def film(path: Path, fps: int, moves: list[tuple[int, int]], size: tuple[int, int]) -> Reel:
    """Record pictures, each (number, how long it stands), in three steps of even length."""
    with ReelWriter(
        path, width=size[0], height=size[1], fps=fps, title="遗忘门", alt="A gate at work."
    ) as writer:
        for number, repeat in moves:
            writer.write(picture(number, *size), repeat)
        count = writer.frame_count
        bounds = [0, count // 3, 2 * count // 3, count]
        captions = ["Here 98% of it is kept.", "", "Then <the word> & the next one change it."]
        names = ["read", "move", "forget"]
        return writer.close(
            [
                Step(
                    name=names[k],
                    caption=captions[k],
                    start=bounds[k] / fps,
                    end=bounds[k + 1] / fps,
                    first_frame=bounds[k],
                    last_frame=bounds[k + 1] - 1,
                    chapter=[None, "Moving", "遗忘"][k],
                )
                for k in range(3)
            ]
        )


@pytest.fixture(scope="session")
def reel(tmp_path_factory: pytest.TempPathFactory) -> Reel:
    """A film of 3.5 s at 60 frames a second: still for a second, moving, still for half a one."""
    moves = [(0, 60), *((number, 1) for number in range(1, 120)), (120, 31)]
    return film(tmp_path_factory.mktemp("reel") / "film.reel", 60, moves, (320, 180))


@pytest.fixture(scope="session")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Reel:
    """A short film of odd width and height at 30 frames a second."""
    moves = [(number, 1) for number in range(10)]
    return film(tmp_path_factory.mktemp("reel") / "odd.reel", 30, moves, (321, 181))


@pytest.fixture(scope="session")
def drawn() -> Callable[..., np.ndarray]:
    """The pictures that the films are made of, by number, width and height."""
    return picture


@pytest.fixture(scope="session")
def recorded() -> Callable[..., Reel]:
    """Record a film of such pictures: path, frames a second, moves, size."""
    return film


@pytest.fixture(scope="session")
def flat() -> dict[tuple[int, int], tuple[int, int, int]]:
    """The middle (x, y) of flat patches, and their colours; the last one is background."""
    middles = {(x + 10, y + 10): colour for (x, y), colour in FLAT.items()}
    return {**middles, (200, 20): BACKGROUND}
