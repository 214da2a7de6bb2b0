"""Make the font in which the text of handouts is written unseen: one glyph, and nothing in it.

    python tools/make_unseen_font.py

Needs fontTools (in the `dev` extra), which those who make handouts do not need.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from lstmviz.export.slides.text_layer import ADVANCE, FONT

TARGET = Path(__file__).parents[1] / "lstmviz" / "export" / "slides" / FONT


def unseen() -> bytes:
    """Give the font as a TrueType file; it is the same whenever it is made."""
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder([".notdef"])
    font.setupCharacterMap({})
    font.setupGlyf({".notdef": TTGlyphPen(None).glyph()})
    font.setupHorizontalMetrics({".notdef": (round(1000 * ADVANCE), 0)})
    font.setupHorizontalHeader(ascent=1000, descent=0)
    font.setupNameTable({"familyName": "Unseen", "styleName": "Regular"})
    font.setupOS2()
    font.setupPost()
    font.updateHead(created=0, modified=0)
    font.font.recalcTimestamp = False
    file = BytesIO()
    font.save(file)
    return file.getvalue()


if __name__ == "__main__":
    TARGET.write_bytes(unseen())
    print(f"Wrote {TARGET.name}, {TARGET.stat().st_size} bytes.")
