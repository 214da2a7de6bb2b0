"""How a film looks: its theme, its language, and the shape and size of its picture."""

from __future__ import annotations

from dataclasses import dataclass

from lstmviz.style.language import Language, language
from lstmviz.style.layout import Layout, layout_named
from lstmviz.style.picture import WIDE_ASPECT, picture_format
from lstmviz.style.theme import Theme
from lstmviz.style.themes import theme_named


@dataclass(frozen=True, init=False)
class FilmLook:
    """What a film is drawn in; a theme and a language may be given by their names or files.

    `aspect` is the shape of the picture, 16:9, 4:3, 1:1 or 9:16, each laid out in its own way.
    `size` (width, height) in pixels and `fps` take the place of those of the `quality`.

    Raises:
        UsageError: there is no such theme, language, shape, quality, rate or size.
    """

    theme: Theme
    lang: Language
    aspect: str
    quality: str
    fps: int | None
    size: tuple[int, int] | None

    def __init__(
        self,
        theme: str | Theme = "dark",
        lang: str | Language = "en",
        aspect: str = WIDE_ASPECT,
        quality: str = "720p",
        fps: int | None = None,
        size: tuple[int, int] | None = None,
    ) -> None:
        picture_format(quality, fps, size, aspect)
        made = {
            "theme": theme_named(theme) if isinstance(theme, str) else theme,
            "lang": language(lang) if isinstance(lang, str) else lang,
            "aspect": aspect,
            "quality": quality,
            "fps": fps,
            "size": size,
        }
        for name, value in made.items():
            object.__setattr__(self, name, value)

    @property
    def picture(self) -> tuple[int, int, int]:
        """The width and height in pixels, and the frames a second."""
        return picture_format(self.quality, self.fps, self.size, self.aspect)

    @property
    def layout(self) -> Layout:
        """Where things stand in a picture of this shape."""
        return layout_named(self.aspect)
