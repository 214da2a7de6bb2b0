"""The picture that a step ends with, drawn as vectors by the code that draws the film."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager, suppress
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

import cairo
import numpy as np
from manim import Camera, MovingCamera, VMobject
from PIL import Image

from lstmviz.errors import UsageError
from lstmviz.reel.alpha import straight
from lstmviz.stage.manim.renderers import Walker, canvas
from lstmviz.style.language import language
from lstmviz.style.layout import layout_named
from lstmviz.style.picture import WIDE_ASPECT, picture_format, refuse_units
from lstmviz.style.theme import rgb
from lstmviz.style.themes import theme_named
from lstmviz.system.atomic_files import whole_file
from lstmviz.system.global_state import same_randomness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lstmviz.stage.story.story import Story
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import Trace


class _Camera(Camera):
    """Manim's camera for a surface of Cairo's own: its pictures have red and blue exchanged."""

    def set_cairo_context_color(self, ctx: Any, rgbas: Any, vmobject: VMobject) -> Self:
        """Exchange them once more."""
        super().set_cairo_context_color(ctx, rgbas[:, [2, 1, 0, 3]], vmobject)
        return self


class _Reached(Exception):
    """The step has ended."""


class _Until(Walker):
    """Walks through a story without drawing, and stops at the end of a step (counted from 0)."""

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
    paths: Sequence[Path],
    *,
    step: str | int | None = None,
    transparent: bool = False,
    force: bool = False,
    theme: str | Theme = "dark",
    lang: str = "en",
    quality: str = "1080p",
    aspect: str = WIDE_ASPECT,
    **told: Any,
) -> None:
    """Draw the picture that a step (the last by default) ends with, to .svg, .pdf or .png.

    Text becomes outlines, which look the same everywhere; the files say in words what they
    show. `told` is how the story is told: `at`, `units`, `captions`, `pace`. With `force` files may
    be replaced that lstmviz did not write, or that were changed since.

    Raises:
        UsageError: there is no such step; lists those that there are.
        LstmvizError: a file could not be written.
    """
    width, height, rate = picture_format(quality, aspect=aspect)
    layout = layout_named(aspect)
    refuse_units(told.get("units"), trace.network.hidden, layout.most_units)
    colours = theme_named(theme) if isinstance(theme, str) else theme
    teller = partial(story, trace, theme=colours, lang=language(lang), layout=layout, **told)
    with same_randomness(), canvas(colours, width, height, rate, layout):
        outline = teller(renderer=Walker()).rehearse().steps_told
        number = _number([each.name for each in outline], step)
        scene = teller(renderer=_Until(number), outline=outline)
        scene.setup()
        with suppress(_Reached):
            scene.construct()
        for path in paths:
            ground = None if transparent else colours.background
            _draw(scene, path, (width, height), ground, outline[number].alt, force)


def _number(names: Sequence[str], step: str | int | None) -> int:
    if step is None:
        return len(names) - 1
    for number, name in enumerate(names):
        if step in (name, number + 1, str(number + 1)):
            return number
    raise UsageError(f"There is no step {step} in this story; its steps are: {', '.join(names)}.")


def _draw(
    scene: Story, path: Path, size: tuple[int, int], ground: str | None, said: str, force: bool
) -> None:
    kind = path.suffix.lower()
    if kind != ".png" and type(scene.camera) not in (Camera, MovingCamera):
        raise UsageError(
            f"{path} cannot be drawn as vectors, as the story {scene.story_name()} is seen through "
            f"a {type(scene.camera).__name__}; give a path that ends in .png."
        )
    if kind == ".png":
        renderer: Any = scene.renderer
        renderer.update_frame(scene)
        pixels: Any = renderer.camera.pixel_array
        picture = pixels[..., :3].copy() if ground else straight(pixels, scene.theme.background)
        with whole_file(path, ".png", force=force) as temporary:
            Image.fromarray(np.ascontiguousarray(picture)).save(temporary, optimize=True)
        return
    with whole_file(path, kind, force=force) as temporary:
        with _surface(temporary, kind, size, scene, said) as surface:
            _paint(scene, cairo.Context(surface), size, ground)
        if kind == ".svg":
            _describe(temporary, scene.title, said)


@contextmanager
def _surface(
    path: Path, kind: str, size: tuple[int, int], scene: Story, said: str
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
        pages.set_metadata(cairo.PDFMetadata.TITLE, scene.title)
        pages.set_metadata(cairo.PDFMetadata.SUBJECT, said)
        pages.set_device_scale(scale, scale)
        yield pages


def _paint(scene: Story, context: Any, size: tuple[int, int], ground: str | None) -> None:
    if ground is not None:
        context.set_source_rgb(*rgb(ground))
        context.paint()
    camera, seen = _Camera(), cast("Any", scene.camera)
    wide, high = size[0] / seen.frame_width, size[1] / seen.frame_height
    left, top = size[0] / 2 - seen.frame_center[0] * wide, size[1] / 2 + seen.frame_center[1] * high
    context.set_matrix(cairo.Matrix(wide, 0, 0, -high, left, top))
    for mobject in camera.get_mobjects_to_display(scene.mobjects):
        if isinstance(mobject, VMobject):
            camera.display_vectorized(mobject, context)


def _describe(path: Path, title: str, said: str) -> None:
    """Say in the SVG what it shows, where screen readers look."""
    text = path.read_text(encoding="utf-8")
    start = text.index("<svg")
    end = text.index(">", start)
    head = f'{text[start:end]} role="img" aria-labelledby="title desc">'
    words = f'<title id="title">{escape(title)}</title><desc id="desc">{escape(said)}</desc>'
    path.write_text(f"{text[:start]}{head}\n{words}{text[end + 1 :]}", encoding="utf-8")
