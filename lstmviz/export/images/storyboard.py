"""A sheet with the picture that each step ends with, to look over a whole film at once."""

from __future__ import annotations

import math
from importlib.resources import files
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageColor, ImageDraw, ImageFont

from lstmviz.errors import LstmvizError, UsageError
from lstmviz.export.common.progress import Progress
from lstmviz.export.images.png import still
from lstmviz.reel.reel import Reel, Step
from lstmviz.system.atomic_files import whole_file


def storyboard(
    reel: Reel,
    path: str | Path,
    *,
    columns: int | None = None,
    width: int = 640,
    force: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write one PNG with the last frame of every step, its number, name and time below it.

    `width` is that of a picture in pixels (never enlarged), `columns` how many stand side by
    side (default: about as many as make the sheet square).

    Raises:
        UsageError: less than one column or pixel.
        LstmvizError: the film has no steps, the file could not be written.
    """
    if not reel.steps:
        raise LstmvizError("The film has no steps, so a storyboard of it would be empty.")
    across = columns if columns is not None else default_columns(reel)
    if across < 1 or width < 1:
        raise UsageError(f"A sheet of {across} columns of {width} pixels is not possible.")
    width = min(width, reel.width)
    height = max(1, round(width * reel.height / reel.width))
    gap = max(4, width // 40)
    size = max(10, width // 28)
    letters = _letters(size)
    label = round(size * 1.6)
    down = math.ceil(len(reel.steps) / across)
    ground, ink = _colours(reel.background)
    sheet = Image.new(
        "RGB",
        (gap + across * (width + gap), gap + down * (height + label + gap)),
        ground,
    )
    draw = ImageDraw.Draw(sheet)
    for number, step in enumerate(reel.steps):
        row, column = divmod(number, across)
        x = gap + column * (width + gap)
        y = gap + row * (height + label + gap)
        picture = Image.fromarray(still(reel, number + 1))
        sheet.paste(picture.resize((width, height), Image.Resampling.LANCZOS), (x, y))
        draw.text((x, y + height + label // 2), _label(number, step), ink, letters, "lm")
        times = f"{step.start:.1f}–{step.end:.1f} s"
        draw.text((x + width, y + height + label // 2), times, ink, letters, "rm")
        if progress is not None:
            progress((number + 1) / len(reel.steps))
    with whole_file(path, ".png", force=force) as temporary:
        sheet.save(temporary, optimize=True)


def default_columns(reel: Reel) -> int:
    """How many pictures stand side by side so that the sheet is about square."""
    tall = reel.height / reel.width
    return max(1, min(len(reel.steps), round(math.sqrt(len(reel.steps) * tall * 1.2))))


def _label(number: int, step: Step) -> str:
    return f"{number + 1}  {step.name}"


def _letters(size: int) -> ImageFont.FreeTypeFont:
    # Of the fonts in the package the one that has Latin and Chinese letters.
    font = (files("lstmviz.style") / "fonts" / "NotoSansSC-Regular.otf").read_bytes()
    return ImageFont.truetype(BytesIO(font), size)


def _colours(background: str) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """A ground that sets the pictures off from it, and an ink that can be read on it."""
    red, green, blue = ImageColor.getrgb(background)[:3]
    dark = 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128
    shift = 22 if dark else -22
    ground = tuple(min(255, max(0, value + shift)) for value in (red, green, blue))
    ink = (235, 238, 242) if dark else (30, 33, 38)
    return (ground[0], ground[1], ground[2]), ink
