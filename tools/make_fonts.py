"""Make the font files that ship in `lstmviz/style/fonts` from the Debian packages of Noto.

Needs fontTools (in the `dev` extra) and the packages `fonts-noto-cjk`,
`fonts-noto-core` and `fonts-noto-mono`, installed, or unpacked anywhere without root:

    apt-get download fonts-noto-cjk fonts-noto-core fonts-noto-mono
    for deb in fonts-noto-*.deb; do dpkg -x "$deb" noto; done
    python tools/make_fonts.py --source noto/usr/share/fonts

The pinyin half of GB 2312 (level 1, 3755 characters) covers running Chinese text; the bold
face, which only titles use, stops there. The licence is in `lstmviz/style/fonts/OFL.txt`: none of
these fonts has a reserved name, so a subset may keep its own.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

TARGET = Path(__file__).resolve().parent.parent / "lstmviz" / "style" / "fonts"

LATIN = range(0x20, 0x180)
GREEK = range(0x370, 0x400)
CYRILLIC = range(0x400, 0x460)
PUNCTUATION = range(0x2010, 0x2070)
SUPERSCRIPTS_AND_SUBSCRIPTS = range(0x2070, 0x20A0)
CURRENCY = range(0x20A0, 0x20D0)
LETTERLIKE = range(0x2100, 0x2150)
ARROWS = range(0x2190, 0x2200)
OPERATORS = range(0x2200, 0x2300)
SHAPES = range(0x25A0, 0x2600)
CJK_PUNCTUATION = range(0x3000, 0x3040)
FULL_WIDTH = range(0xFF00, 0xFFF0)

# Latin beyond Extended-A: Extended-B, phonetic letters, modifiers and combining marks (which
# Vietnamese stacks), Latin Extended Additional; Greek with accents; Cyrillic with Supplement.
WIDE = (
    *LATIN,
    *range(0x180, 0x370),
    *GREEK,
    *range(0x400, 0x530),
    *range(0x1D00, 0x1DC0),
    *range(0x1E00, 0x2000),
    *PUNCTUATION,
    *SUPERSCRIPTS_AND_SUBSCRIPTS,
    *CURRENCY,
    *LETTERLIKE,
    0x25CC,
)
COMMON = (
    *LATIN,
    *GREEK,
    *CYRILLIC,
    *PUNCTUATION,
    *CURRENCY,
    *LETTERLIKE,
    *ARROWS,
    *OPERATORS,
    *SHAPES,
    *CJK_PUNCTUATION,
    *FULL_WIDTH,
)


def gb2312(rows: Iterable[int]) -> set[int]:
    """The code points of some rows of GB 2312: 1-9 symbols, 16-55 level 1, 56-87 level 2."""
    points = set()
    for row in rows:
        for column in range(1, 95):
            try:
                points.add(ord(bytes((0xA0 + row, 0xA0 + column)).decode("gb2312")))
            except UnicodeDecodeError:  # an unassigned place
                continue
    return points


@dataclass(frozen=True)
class Recipe:
    """One file to make: its name, the file it comes from, the face inside, the characters."""

    name: str
    source: str
    face: str
    points: frozenset[int]


RECIPES = (
    Recipe(
        "NotoSansSC-Regular.otf",
        "NotoSansCJK-Regular.ttc",
        "Noto Sans CJK SC",
        frozenset(COMMON) | gb2312((*range(1, 10), *range(16, 88))),
    ),
    Recipe(
        "NotoSansSC-Bold.otf",
        "NotoSansCJK-Bold.ttc",
        "Noto Sans CJK SC Bold",
        frozenset(COMMON) | gb2312(range(16, 56)),
    ),
    Recipe("NotoSans-Regular.ttf", "NotoSans-Regular.ttf", "Noto Sans Regular", frozenset(WIDE)),
    Recipe("NotoSans-Bold.ttf", "NotoSans-Bold.ttf", "Noto Sans Bold", frozenset(WIDE)),
    Recipe(
        "NotoSansMath-Regular.ttf",
        "NotoSansMath-Regular.ttf",
        "Noto Sans Math Regular",
        frozenset((*ARROWS, *OPERATORS, *range(0x27C0, 0x2800))),
    ),
    Recipe(
        "NotoSansSymbols2-Regular.ttf",
        "NotoSansSymbols2-Regular.ttf",
        "Noto Sans Symbols2 Regular",
        frozenset(map(ord, "␣⏎")),
    ),
    Recipe(
        "NotoSansMono-Regular.ttf",
        "NotoSansMono-Regular.ttf",
        "Noto Sans Mono Regular",
        frozenset((*LATIN, *GREEK)),
    ),
)


def options() -> subset.Options:
    """What stays in a subset: outlines, horizontal metrics, kerning, marks, composition."""
    chosen = subset.Options()
    chosen.hinting = False
    # No ligatures: one letter stays one outline, so that a word can be drawn letter by letter.
    # pwid turns the full-width quotes of a Chinese face into those of Latin text.
    chosen.layout_features = ["kern", "mark", "mkmk", "ccmp", "pwid"]
    chosen.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "DSIG", "MATH", "gasp", "meta"]
    chosen.name_IDs = [0, 1, 2, 3, 4, 5, 6, 7, 13, 14]
    chosen.name_languages = [0x409]
    chosen.notdef_outline = True
    return chosen


def open_face(path: Path, face: str) -> TTFont:
    """The face of that full name in a font file or collection."""
    count = 1
    index = 0
    while index < count:
        font = TTFont(path, fontNumber=index, lazy=True, recalcTimestamp=False)
        count = getattr(font.reader, "numFonts", 1)
        if font["name"].getDebugName(4) == face:
            return font
        index += 1
    raise SystemExit(f"{path} has no face named {face}")


def find(source: Path, name: str) -> Path:
    """The font file of that name below a folder."""
    for path in sorted(source.rglob(name)):
        return path
    raise SystemExit(
        f"{name} is not below {source}: install fonts-noto-cjk and fonts-noto-core, "
        "or unpack them and say where with --source"
    )


def make(recipe: Recipe, source: Path, target: Path) -> str:
    """Write one subset, and say in a line how large it is."""
    font = open_face(find(source, recipe.source), recipe.face)
    subsetter = subset.Subsetter(options())
    subsetter.populate(unicodes=sorted(recipe.points))
    subsetter.subset(font)
    path = target / recipe.name
    font.save(path)
    return f"{recipe.name}: {len(font.getBestCmap())} characters, {path.stat().st_size} bytes"


def main() -> None:
    """Make every font of the package."""
    parser = argparse.ArgumentParser(description="Make the font files in lstmviz/style/fonts.")
    parser.add_argument("--source", type=Path, default=Path("/usr/share/fonts"))
    parser.add_argument("--target", type=Path, default=TARGET)
    arguments = parser.parse_args()
    for recipe in RECIPES:
        print(make(recipe, arguments.source, arguments.target))


if __name__ == "__main__":
    main()
