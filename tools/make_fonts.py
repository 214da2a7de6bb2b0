"""Make the font files that ship in `lstmviz/style/fonts` from Noto.

Needs fontTools (in the `dev` extra), the Debian packages `fonts-noto-cjk`, `fonts-noto-core`
and `fonts-noto-mono`, installed, or unpacked anywhere without root, and Noto Emoji in outlines,
which Debian does not have, from a package of npm:

    apt-get download fonts-noto-cjk fonts-noto-core fonts-noto-mono
    for deb in fonts-noto-*.deb; do dpkg -x "$deb" noto; done
    npm pack @expo-google-fonts/noto-emoji@0.4.7
    tar -C noto -xzf expo-google-fonts-noto-emoji-*.tgz
    python tools/make_fonts.py --source noto

The pinyin half of GB 2312 (level 1, 3755 characters) covers running Chinese text; the bold
face, which only titles use, stops there. Of the other Chinese characters, those of Big 5 and of
JIS X 0208 are kept as they are written there, where that differs from GB 2312, and the rest of
the 20,902 that Unicode began with as in China. All Hangul syllables are kept, and all of each
other script: a word in it is shaped with every feature of its font.

`pages.txt` says beside the fonts which of them to look into for a character. The licence is in
`lstmviz/style/fonts/OFL.txt`: none of these fonts has a reserved name, so a subset may keep its
own.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

TARGET = Path(__file__).resolve().parent.parent / "lstmviz" / "style" / "fonts"

ASCII = frozenset(range(0x21, 0x7F))
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


def two_bytes(codec: str) -> set[int]:
    """The code points that an encoding of East Asia writes in two bytes."""
    points = set()
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            try:
                character = bytes((lead, trail)).decode(codec)
            except UnicodeDecodeError:
                continue
            if len(character) == 1:
                points.add(ord(character))
    return points


@dataclass(frozen=True)
class Recipe:
    """One file to make: its name, the file it comes from, the face inside, the characters.

    Without `points` it is all that the face has beyond ASCII. `beside` is a face: what it draws
    with the same glyph is left out, if it is one of `shared`. A `whole` font keeps all features.
    What a file of the name `but` has is left out, too.
    """

    name: str
    source: str
    face: str
    points: frozenset[int] | None = None
    beside: str = ""
    shared: frozenset[int] = frozenset()
    whole: bool = False
    but: str = ""


GB2312 = frozenset(COMMON) | gb2312((*range(1, 10), *range(16, 88)))
BIG5 = frozenset(two_bytes("big5"))
JIS = frozenset(two_bytes("shift_jis"))
HAN = frozenset(range(0x4E00, 0x9FA6))  # as Unicode began
SPACES = frozenset((0x20, 0xA0))
KANA = frozenset((*range(0x3000, 0x3400), *range(0xFF00, 0xFFF0)))

# The fonts of text in Latin letters and in Chinese, which are looked into for every character.
USUAL = (
    Recipe(
        "NotoSansSC-Regular.otf",
        "NotoSansCJK-Regular.ttc",
        "Noto Sans CJK SC",
        GB2312,
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
        "NotoSansMono-Regular.ttf",
        "NotoSansMono-Regular.ttf",
        "Noto Sans Mono Regular",
        frozenset((*LATIN, *GREEK)),
    ),
)

# Those of other scripts, in the order in which they are asked for a character.
SCRIPTS = """
    Arabic Armenian Bengali CanadianAboriginal Cherokee Coptic Devanagari Ethiopic Georgian Gujarati
    Gurmukhi Hebrew Javanese Kannada Khmer Lao Malayalam Mongolian Myanmar NKo OlChiki Oriya Sinhala
    Sundanese Syriac Tamil Telugu Thaana Thai Tifinagh Yi
""".split()
SEEN = frozenset((*range(0x2300, 0x2C00), *range(0x1F000, 0x1FC00)))  # symbols of all kinds
# Keycaps are made of digits, and flags of some lands of tags.
EMOJI = frozenset((*range(0x20, 0xE000), *range(0xFE00, 0xFE10), *range(0x1F000, 0xE0080)))
MORE = (
    Recipe(
        "NotoSansTC-Regular.otf",
        "NotoSansCJK-Regular.ttc",
        "Noto Sans CJK TC",
        BIG5 & (HAN | frozenset(range(0xF900, 0xFB00))) | frozenset(range(0x3100, 0x3130)),
        beside="Noto Sans CJK SC",
        shared=GB2312,
    ),
    Recipe(
        "NotoSansJP-Regular.otf",
        "NotoSansCJK-Regular.ttc",
        "Noto Sans CJK JP",
        JIS & HAN | KANA | frozenset(range(0x31F0, 0x3200)),
        beside="Noto Sans CJK SC",
        shared=GB2312,
    ),
    Recipe(
        "NotoSansKR-Regular.otf",
        "NotoSansCJK-Regular.ttc",
        "Noto Sans CJK KR",
        frozenset((*range(0x1100, 0x1200), *range(0x3130, 0x3190), *range(0xA960, 0xA980)))
        | frozenset(range(0xAC00, 0xD800)),
    ),
    Recipe(
        "NotoSansHan-Regular.otf",
        "NotoSansCJK-Regular.ttc",
        "Noto Sans CJK SC",
        HAN - GB2312 - BIG5 - JIS,
    ),
    *(
        Recipe(
            f"NotoSans{script}-Regular.ttf",
            f"NotoSans{script}-Regular.ttf",
            f"Noto Sans {re.sub('(?<=[a-z])(?=[A-Z])', ' ', script)} Regular",
            whole=True,
        )
        for script in SCRIPTS
    ),
    Recipe(
        "NotoEmoji-Regular.ttf",
        "NotoEmoji_400Regular.ttf",
        "Noto Emoji Regular",
        EMOJI,
        whole=True,
    ),
    Recipe(
        "NotoSansSymbols-Regular.ttf",
        "NotoSansSymbols-Regular.ttf",
        "Noto Sans Symbols Regular",
        SEEN,
        but="NotoEmoji-Regular.ttf",
    ),
    Recipe(
        "NotoSansSymbols2-Regular.ttf",
        "NotoSansSymbols2-Regular.ttf",
        "Noto Sans Symbols2 Regular",
        SEEN,
        but="NotoEmoji-Regular.ttf",
    ),
    Recipe(
        "NotoSansMathLetters-Regular.ttf",
        "NotoSansMath-Regular.ttf",
        "Noto Sans Math Regular",
        frozenset((*range(0x1D400, 0x1D800), *range(0x2900, 0x2C00))),
    ),
    Recipe(
        "NotoSansRest-Regular.ttf",
        "NotoSans-Regular.ttf",
        "Noto Sans Regular",
        frozenset(range(0xFFFF)) - frozenset(WIDE),
    ),
)


def options(*, whole: bool) -> subset.Options:
    """What stays in a subset: outlines, horizontal metrics, kerning, marks, composition."""
    chosen = subset.Options()
    chosen.hinting = False
    chosen.layout_features = ["*"]
    # No ligatures: one letter stays one outline, so that a word can be drawn letter by letter.
    # pwid turns the full-width quotes of a Chinese face into those of Latin text.
    if not whole:
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
    found = find(source, recipe.source)
    font = open_face(found, recipe.face)
    points = set(font.getBestCmap()) - ASCII if recipe.points is None else set(recipe.points)
    if recipe.beside:
        ours, theirs = font.getBestCmap(), open_face(found, recipe.beside).getBestCmap()
        # All faces of the collection share their glyphs.
        points -= {point for point in recipe.shared if ours.get(point) == theirs.get(point)}
    if recipe in MORE:
        points |= SPACES
    if recipe.but:
        points -= set(TTFont(target / recipe.but, lazy=True).getBestCmap())
    subsetter = subset.Subsetter(options(whole=recipe.whole))
    subsetter.populate(unicodes=sorted(points))
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
    lines = []
    for recipe in (*USUAL, *MORE):
        print(make(recipe, arguments.source, arguments.target))
        if recipe in MORE:
            has = TTFont(arguments.target / recipe.name, lazy=True).getBestCmap()
            # Those of punctuation and of the circle that carries accents are in all of them.
            known = {0, 0x20, 0x22, 0x25} if recipe.points is None else {0}
            pages = sorted({point >> 8 for point in has} - known)
            lines.append(" ".join([recipe.name, *(f"{page:02X}" for page in pages)]))
    (arguments.target / "pages.txt").write_text("\n".join(lines) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
