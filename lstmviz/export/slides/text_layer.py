"""Text that lies unseen over a page's picture, so that it can be searched, selected and copied.

It is written in a font of one empty glyph, as text recognition does it, which holds every language
in 2 kB; the picture shows the letters. What a code means is UTF-16, as the pages' titles are.

Source: ISO 32000-1 (PDF 1.7), "Composite fonts", "ToUnicode CMaps", "Text rendering mode".
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from importlib.resources import files
from unicodedata import east_asian_width

FONT = "unseen.ttf"  # which tools/make_unseen_font.py makes
OBJECTS = 6  # of the font: itself, its glyphs' kind, description, file, meaning, numbers
_SIZE = 20.0  # points
ADVANCE = 0.5  # of the size, for each unit
_WIDEST = 0.84  # of the page
_BASE = 0.12  # of the page's height: where captions stand
_MEANING = (
    b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def "
    b"/CMapName /Adobe-Identity-UCS def 1 begincodespacerange <0000> <FFFF> endcodespacerange "
    b"1 beginbfrange <0000> <FFFF> <0000> endbfrange "
    b"endcmap CMapName currentdict /CMap defineresource pop end end"
)


def put_font(put: Callable[[int, bytes], None], first: int) -> None:
    """Write the objects of the font, which have the numbers from `first` on."""
    kind, description, file, meaning, numbers = range(first + 1, first + OBJECTS)
    put(
        first,
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Unseen /Encoding /Identity-H "
        b"/DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>" % (kind, meaning),
    )
    put(
        kind,
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Unseen /FontDescriptor %d 0 R "
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
        b"/DW %d /CIDToGIDMap %d 0 R >>" % (description, round(1000 * ADVANCE), numbers),
    )
    put(
        description,
        b"<< /Type /FontDescriptor /FontName /Unseen /Flags 4 /FontBBox [0 0 500 1000] "
        b"/ItalicAngle 0 /Ascent 1000 /Descent 0 /CapHeight 1000 /StemV 80 /FontFile2 %d 0 R >>"
        % file,
    )
    glyphs = (files("lstmviz.export.slides") / FONT).read_bytes()
    put(file, _stream(glyphs, b" /Length1 %d" % len(glyphs)))
    put(meaning, _stream(_MEANING))
    put(numbers, _stream(bytes(2 << 16)))


def drawn(text: str, wide: float, high: float) -> bytes:
    """Give what writes a caption unseen where captions stand, on a page of this size."""
    line = " ".join(text.split())
    code = line.encode("utf-16-be", "replace")
    if not code:
        return b""
    length = len(code) / 2 * ADVANCE * _SIZE
    seen = sum(2 if east_asian_width(letter) in "WF" else 1 for letter in line) * ADVANCE * _SIZE
    share = min(seen, _WIDEST * wide) / length
    return b" BT /T %.2f Tf 3 Tr %.2f Tz %.2f %.2f Td <%b> Tj ET" % (
        _SIZE,
        100 * share,
        (wide - share * length) / 2,
        _BASE * high,
        code.hex().upper().encode(),
    )


def _stream(content: bytes, more: bytes = b"") -> bytes:
    data = zlib.compress(content, 9)
    head = b"<< /Filter /FlateDecode /Length %d%b >>" % (len(data), more)
    return head + b"\nstream\n" + data + b"\nendstream"
