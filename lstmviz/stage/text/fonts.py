"""The fonts in the package: which of them has a character, and the outlines of its glyphs.

Those of Latin letters and of Chinese are looked into first; of all others `fonts/pages.txt` says
which may have a character, so that a file is opened only where a text needs it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import numpy as np
import uharfbuzz as hb
from numpy.typing import NDArray

from lstmviz.system.clusters import UNSEEN, clusters, is_wide

Points = NDArray[np.float64]
Weight = Literal["regular", "bold", "mono"]

_FACES = {
    "regular": ("NotoSansSC-Regular.otf", "NotoSans-Regular.ttf", "NotoSansMath-Regular.ttf"),
    "bold": (
        "NotoSansSC-Bold.otf",
        "NotoSansSC-Regular.otf",
        "NotoSans-Bold.ttf",
        "NotoSans-Regular.ttf",
        "NotoSansMath-Regular.ttf",
    ),
    "mono": (
        "NotoSansMono-Regular.ttf",
        "NotoSansMath-Regular.ttf",
        "NotoSansSC-Regular.otf",
        "NotoSans-Regular.ttf",
    ),
}
_LETTERS = {
    "regular": "NotoSans-Regular.ttf",
    "bold": "NotoSans-Bold.ttf",
    "mono": "NotoSansMono-Regular.ttf",
}
_EMOJI = "NotoEmoji-Regular.ttf"
# Where Chinese characters are written in another way: what has those that differ there.
_REGIONS = {"JP": "NotoSansJP-Regular.otf", "TC": "NotoSansTC-Regular.otf"}
_QUOTES = frozenset("“”‘’…—·")
_PICTURE = frozenset("\ufe0f\u20e3")  # with these a sign is meant as an emoji
_NAMED = 5  # characters that are named, where more have no font
_SIGHT = 400  # words that say how a text writes its Chinese characters

# The font files of a brand, by weight, in front of those of the package while it is drawn.
_BRAND: ContextVar[Mapping[str, str]] = ContextVar("brand", default=MappingProxyType({}))
_REGION: ContextVar[str] = ContextVar("region", default="")


class Face:
    """One font file: which characters it has, and the outline of each of its glyphs."""

    def __init__(self, name: str) -> None:
        ours = files("lstmviz.style") / "fonts" / name
        path = Path(name) if Path(name).is_absolute() else ours
        # A file is mapped, not read: of a large font a film needs a few glyphs.
        blob = (
            hb.Blob.from_file_path(path) if isinstance(path, Path) else hb.Blob(path.read_bytes())
        )
        face = hb.Face(blob)
        self.font = hb.Font(face)
        self.em = face.upem
        self._glyphs: dict[int, Points] = {}

    def has(self, text: str) -> bool:
        """Tell whether it has all characters of a text that are seen."""
        return all(
            character in UNSEEN or self.font.get_nominal_glyph(ord(character)) for character in text
        )

    def glyph(self, index: int) -> Points:
        """Give the outline of a glyph: cubic curves, (4 n, 3) points, in ems."""
        if index not in self._glyphs:
            pen = _Pen()
            self.font.draw_glyph(index, _DRAW, pen)
            points = np.array(pen.points, dtype=float).reshape(-1, 2) / self.em
            self._glyphs[index] = np.column_stack([points, np.zeros(len(points))])
        return self._glyphs[index]


class _Pen:
    """Collects an outline as cubic curves, four points each."""

    def __init__(self) -> None:
        self.points: list[tuple[float, float]] = []
        self.at = self.start = (0.0, 0.0)

    def move(self, x: float, y: float) -> None:
        self.at = self.start = (x, y)

    def line(self, x: float, y: float) -> None:
        (x0, y0), end = self.at, (x, y)
        thirds = [(x0 + (x - x0) * k / 3, y0 + (y - y0) * k / 3) for k in (1, 2)]
        self.points += [self.at, *thirds, end]
        self.at = end

    def quadratic(self, cx: float, cy: float, x: float, y: float) -> None:
        (x0, y0), end = self.at, (x, y)
        first = (x0 + 2 * (cx - x0) / 3, y0 + 2 * (cy - y0) / 3)
        second = (x + 2 * (cx - x) / 3, y + 2 * (cy - y) / 3)
        self.points += [self.at, first, second, end]
        self.at = end

    def cubic(self, x1: float, y1: float, x2: float, y2: float, x: float, y: float) -> None:
        self.points += [self.at, (x1, y1), (x2, y2), (x, y)]
        self.at = (x, y)

    def close(self) -> None:
        if self.at != self.start:
            self.line(*self.start)


def _draw_functions() -> hb.DrawFuncs:
    functions = hb.DrawFuncs()
    functions.set_move_to_func(lambda x, y, pen: pen.move(x, y))
    functions.set_line_to_func(lambda x, y, pen: pen.line(x, y))
    functions.set_quadratic_to_func(lambda a, b, x, y, pen: pen.quadratic(a, b, x, y))
    functions.set_cubic_to_func(lambda a, b, c, d, x, y, pen: pen.cubic(a, b, c, d, x, y))
    functions.set_close_path_func(lambda pen: pen.close())
    return functions


_DRAW = _draw_functions()


@contextmanager
def branded(fonts: Mapping[str, str]) -> Iterator[None]:
    """Set text in these font files (by weight) where they have the characters."""
    brand, region = _BRAND.set(fonts), _REGION.set("")
    try:
        yield
    finally:
        _BRAND.reset(brand)
        _REGION.reset(region)


def brand_of(weight: Weight) -> str:
    """Give the font file of a brand that is in use, or nothing."""
    return _BRAND.get().get(weight, "")


def region_now() -> str:
    """Give the region whose Chinese characters are written now, where a text does not tell."""
    return _REGION.get()


def write_as(region: str) -> None:
    """Write Chinese characters from now on as in this region: JP, TC, or "" for China."""
    _REGION.set(region)


def region_of(words: Iterable[str]) -> str:
    """Tell from the first words of a text how it writes Chinese characters: as in JP, TC, or ""."""
    return _region_of("".join(islice(words, _SIGHT)))


@cache
def _region_of(text: str) -> str:
    if max(text, default="") < "\u3041":
        return ""
    han = sum("\u4e00" <= character <= "\u9fff" for character in text)
    kana = sum("\u3041" <= character <= "\u30ff" for character in text)
    if kana and 2 * kana >= han:
        return "JP"
    traditional = sum(_only_in("big5", "gb2312", character) for character in text)
    simplified = sum(_only_in("gb2312", "big5", character) for character in text)
    bopomofo = any("\u3105" <= character <= "\u312f" for character in text)
    return "TC" if traditional > simplified or bopomofo else ""


@cache
def _only_in(codec: str, other: str, character: str) -> bool:
    if not "\u4e00" <= character <= "\u9fff":
        return False
    return _writes(codec, character) and not _writes(other, character)


def _writes(codec: str, character: str) -> bool:
    try:
        character.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


@cache
def face(name: str) -> Face:
    """Open a font file of the package, or one of a brand by its path."""
    return Face(name)


@cache
def face_for(
    cluster: str,
    weight: Weight,
    brand: str,
    region: str = "",
    *,
    wide: bool = False,
    mixed: bool = False,
) -> str:
    """Name the first font that has all of a grapheme cluster, or nothing.

    `wide` says whether it stands in Chinese text, which has marks as wide as a character, `mixed`
    whether beside letters that the first font lacks, so that one word is not set in two.
    """
    faces = _FACES[weight]
    # The Chinese font sets these as wide as a character, which tears a Latin word apart.
    if cluster in _QUOTES and not wide and weight != "mono":
        faces = ("NotoSans-Regular.ttf", *faces)
    if mixed:
        faces = (_LETTERS[weight], *faces)
    if region in _REGIONS and is_wide(cluster[0]):
        faces = (_REGIONS[region], *faces)
    if brand:
        faces = (brand, *faces)
    if _PICTURE & set(cluster):
        faces = (_EMOJI, *faces)
    for name in (*faces, *_others(ord(cluster[0]) >> 8)):
        if face(name).has(cluster):
            return name
    return ""


def undrawn(texts: Iterable[str]) -> list[str]:
    """Give the characters that no font has, each once, in their order."""
    brand = brand_of("regular")
    return [
        character
        for character in dict.fromkeys("".join(texts))
        if not is_unseen(character) and not face_for(character, "regular", brand)
    ]


def named(character: str) -> str:
    """Write a character with its code point: 𓀀 (U+13000)."""
    return f"{character} (U+{ord(character):04X})"


def undrawn_note(texts: Iterable[str]) -> str:
    """Say which characters of texts no font has; nothing if all are there."""
    found = [named(character) for character in undrawn(texts)]
    if not found:
        return ""
    more = f" and {len(found) - _NAMED} others" if len(found) > _NAMED else ""
    return (
        f"no font has {', '.join(found[:_NAMED])}{more}; each is drawn as its code point in a box"
    )


def is_unseen(character: str) -> bool:
    """Tell whether a character has no shape of its own: spaces, joiners, controls."""
    if character.isspace() or character in UNSEEN:
        return True
    return unicodedata.category(character) in ("Cc", "Cf")


def runs(text: str, weight: Weight, brand: str, region: str) -> Iterator[tuple[str, str]]:
    """Cut a text into stretches of one font, each with its name; without a font it is ""."""
    look = {
        "wide": any(map(is_wide, text)),
        "mixed": any(_beyond(character, weight) for character in set(text)),
    }
    run, name = "", ""
    for cluster in clusters(text):
        if run and name and all(map(is_unseen, cluster)) and face(name).has(cluster):
            run += cluster
            continue
        found = face_for(cluster, weight, brand, region, **look)
        # Where no font has all of it, each character is taken from where it is.
        parts = [cluster] if found else list(cluster)
        for part in parts:
            other = found or face_for(part, weight, brand, region, **look)
            if run and other != name:
                yield run, name
                run = ""
            run, name = run + part, other
    if run:
        yield run, name


@cache
def _beyond(character: str, weight: Weight) -> bool:
    """Tell whether it is a letter of Europe that only the font of its letters has."""
    first, letters = (face(name) for name in (_FACES[weight][0], _LETTERS[weight]))
    return (
        "\u0100" < character < "\u2000"
        and character.isalpha()
        and not first.has(character)
        and letters.has(character)
    )


def script_fonts() -> tuple[str, ...]:
    """Name the font files that are opened only where a text needs them."""
    return tuple(name for name, _ in _pages())


@cache
def _others(page: int) -> tuple[str, ...]:
    """The fonts that may have a character of a page of 256."""
    return tuple(name for name, pages in _pages() if page in pages)


@cache
def _pages() -> tuple[tuple[str, frozenset[int]], ...]:
    text = (files("lstmviz.style") / "fonts" / "pages.txt").read_text(encoding="ascii")
    lines = [line.split() for line in text.splitlines()]
    return tuple((name, frozenset(int(page, 16) for page in pages)) for name, *pages in lines)
