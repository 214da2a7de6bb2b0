"""The picture that a step ends with, drawn as vectors by the code that draws the film."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager, suppress
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cairo
import numpy as np
from manim import Camera, MovingCamera
from PIL import Image

from lstmviz.errors import UsageError
from lstmviz.reel.alpha import straight
from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.stage.manim.vector_camera import draw_vectors, reliance
from lstmviz.style.theme import rgb
from lstmviz.system.atomic_files import whole_file
from lstmviz.system.global_state import same_randomness
from lstmviz.system.suggest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lstmviz.stage.story.story import Story
    from lstmviz.stage.story.telling import Telling
    from lstmviz.style.look import FilmLook
    from lstmviz.trace.trace import Trace


class _Reached(Exception):
    """The step has ended."""


class _Until(Walker):
    """A renderer that draws nothing, and stops at the end of a step (counted from 0)."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def step_ended(self, story: Story) -> None:
        """Stop where the picture stands."""
        if len(story.steps) > self.number:
            raise _Reached


def draw_still(
    story: type[Story],
    trace: Trace,
    telling: Telling,
    look: FilmLook,
    paths: Sequence[Path],
    *,
    step: str | int | None = None,
    transparent: bool = False,
    force: bool = False,
) -> None:
    """Draw the picture that a step (the last by default) ends with, to .svg, .pdf or .png.

    Text becomes outlines, which look the same everywhere; the files say in words what they
    show. With `force` files may be replaced that lstmviz did not write, or that were changed since.

    Raises:
        UsageError: there is no such step; lists those that there are. The trace has not what is
            to be told.
        LstmvizError: a file could not be written.
    """
    width, height, rate = look.picture
    teller = partial(story, trace, **telling.of(trace, look).options(look))
    with same_randomness(), canvas(look.theme, width, height, rate, look.layout):
        outline = teller(renderer=Walker()).rehearse().steps_told
        number = _number([each.name for each in outline], step)
        told = teller(renderer=_Until(number), outline=outline)
        told.setup()
        with suppress(_Reached):
            told.construct()
        for path in paths:
            ground = None if transparent else look.theme.background
            _draw(told, path, (width, height), ground, outline[number].alt, force)


def _number(names: Sequence[str], step: str | int | None) -> int:
    if step is None:
        return len(names) - 1
    for number, name in enumerate(names):
        if step in (name, number + 1, str(number + 1)):
            return number
    raise UsageError(
        f"There is no step {step} in this story{nearest(str(step), names)}; its steps are: "
        f"{', '.join(names)}."
    )


def _draw(
    story: Story, path: Path, size: tuple[int, int], ground: str | None, said: str, force: bool
) -> None:
    kind = path.suffix.lower()
    vectors = reliance()
    if kind != ".png" and not vectors.holds:
        raise UsageError(
            f"{path} cannot be drawn, as this Manim has no {vectors.lacking} as lstmviz knows it: "
            f"{vectors.otherwise}."
        )
    if kind != ".png" and type(story.camera) not in (Camera, MovingCamera):
        raise UsageError(
            f"{path} cannot be drawn as vectors, as the story {story.story_name()} is seen through "
            f"a {type(story.camera).__name__}; give a path that ends in .png."
        )
    if kind == ".png":
        renderer: Any = story.renderer
        pixels = renderer.drawn(story)
        picture = pixels[..., :3].copy() if ground else straight(pixels, story.theme.background)
        with whole_file(path, ".png", force=force) as temporary:
            Image.fromarray(np.ascontiguousarray(picture)).save(temporary, optimize=True)
        return
    with whole_file(path, kind, force=force) as temporary:
        with _surface(temporary, kind, size, story, said) as surface:
            _paint(story, cairo.Context(surface), size, ground)
        if kind == ".svg":
            _describe(temporary, story.title, said)


@contextmanager
def _surface(
    path: Path, kind: str, size: tuple[int, int], story: Story, said: str
) -> Iterator[cairo.Surface]:
    if kind == ".svg":
        vectors = cairo.SVGSurface(str(path), *size)
        vectors.set_document_unit(cairo.SVGUnit.PX)
        with vectors:
            yield vectors
        return
    # A picture with a shorter side of 1080 pixels as large as a slide: 7.5 inches of 72 points.
    scale = 540 / min(size)
    with cairo.PDFSurface(str(path), size[0] * scale, size[1] * scale) as pages:
        pages.set_metadata(cairo.PDFMetadata.TITLE, story.title)
        pages.set_metadata(cairo.PDFMetadata.SUBJECT, said)
        pages.set_device_scale(scale, scale)
        yield pages


def _paint(story: Story, context: Any, size: tuple[int, int], ground: str | None) -> None:
    if ground is not None:
        context.set_source_rgb(*rgb(ground))
        context.paint()
    draw_vectors(story.mobjects, story.camera, context, size)


def _describe(path: Path, title: str, said: str) -> None:
    """Say in the SVG what it shows, where screen readers look."""
    text = path.read_text(encoding="utf-8")
    start = text.index("<svg")
    end = text.index(">", start)
    head = f'{text[start:end]} role="img" aria-labelledby="title desc">'
    words = f'<title id="title">{escape(title)}</title><desc id="desc">{escape(said)}</desc>'
    path.write_text(f"{text[:start]}{head}\n{words}{text[end + 1 :]}", encoding="utf-8")
