"""A page per step as PDF: a handout, or pages for Beamer, with pictures kept without loss.

Pillow, which is at hand, writes PDF as well, but its pictures as JPEG, and no outline and no texts.

Source: ISO 32000-1 (PDF 1.7), "Images", "Tagged PDF", "Document outline".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from lstmviz.export.common.format import Format
from lstmviz.export.common.png_writer import deflated
from lstmviz.export.common.progress import Progress
from lstmviz.export.common.steps import parts, title_of
from lstmviz.export.slides import text_layer
from lstmviz.reel.reel import Reel, Step
from lstmviz.system.atomic_files import whole_file

FORMAT = Format(
    ".pdf",
    "deck",
    "a page per step",
    "handouts",
    order=2,
)

Put = Callable[[int, bytes], None]  # an object's number and what it holds

_WIDTH = 960.0  # points: that of a slide, 13⅓ inches


def export(
    reel: Reel, path: str | Path, *, force: bool = False, progress: Progress | None = None
) -> None:
    """Write a page for every step with the picture that it ends with.

    Each page has a bookmark, its caption as text that can be searched and copied, and its
    description for screen readers.

    Raises:
        LstmvizError: the file could not be written, the reel is damaged.
    """
    deck([reel], path, force=force, progress=progress)


def deck(
    reels: Sequence[Reel],
    path: str | Path,
    *,
    title: str | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write the pages of several stories, one after the other."""
    pages = [(reel, step) for reel in reels for step in parts(reel)]
    with whole_file(path, ".pdf", force=force) as temporary, temporary.open("wb") as file:
        file.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        places: list[int] = []

        def put(number: int, content: bytes) -> None:
            while len(places) < number:
                places.append(0)
            places[number - 1] = file.tell()
            file.write(b"%d 0 obj\n%b\nendobj\n" % (number, content))

        for k, (reel, step) in enumerate(pages):
            _put_page(put, k, reel, step)
            if progress is not None:
                progress((k + 1) / len(pages))
        text_layer.put_font(put, _FONT)
        _put_frame(put, pages, reels[0].language, title or title_of(reels))
        begin = file.tell()
        file.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
        file.write(b"".join(b"%010d 00000 n \n" % place for place in places))
        file.write(
            b"trailer\n<< /Size %d /Root 1 0 R /Info 5 0 R >>\nstartxref\n%d\n%%%%EOF\n"
            % (len(places) + 1, begin)
        )


# Objects: 1 catalogue, 2 pages, 3 outline, 4 structure, 5 information, 6 its document element,
# 7 its parents; then those of the font of the text, and five for every page.
_FONT = 8
_FIRST, _EACH = _FONT + text_layer.OBJECTS, 5


def _numbers(page: int) -> tuple[int, int, int, int, int]:
    """The objects of a page: itself, its content, its picture, its figure, its bookmark."""
    first = _FIRST + _EACH * page
    return first, first + 1, first + 2, first + 3, first + 4


def _put_page(put: Put, page: int, reel: Reel, step: Step) -> None:
    number, content, picture, figure, _ = _numbers(page)
    wide = min(_WIDTH, _WIDTH * reel.width / reel.height)  # of a tall film, the page is so high
    high = wide * reel.height / reel.width
    put(
        number,
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.2f %.2f] /Contents %d 0 R "
        b"/Resources << /XObject << /P %d 0 R >> /Font << /T %d 0 R >> >> "
        b"/StructParents %d /Tabs /S >>" % (wide, high, content, picture, _FONT, page),
    )
    text = text_layer.drawn(step.caption, wide, high)
    draw = b"/Figure << /MCID 0 >> BDC q %.2f 0 0 %.2f 0 0 cm /P Do Q%b EMC" % (wide, high, text)
    put(content, b"<< /Length %d >>\nstream\n%b\nendstream" % (len(draw), draw))
    data = deflated(reel.frame(step.last_frame)[..., :3])
    put(
        picture,
        b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB "
        b"/BitsPerComponent 8 /Filter /FlateDecode /DecodeParms << /Predictor 15 /Colors 3 "
        b"/Columns %d >> /Length %d >>\nstream\n%b\nendstream"
        % (reel.width, reel.height, reel.width, len(data), data),
    )
    put(
        figure,
        b"<< /Type /StructElem /S /Figure /P 6 0 R /Pg %d 0 R /K 0 /Alt %b /Lang %b >>"
        % (number, _text(step.alt or step.caption), _text(reel.language)),
    )


def _put_frame(put: Put, pages: Sequence[tuple[Reel, Step]], language: str, title: str) -> None:
    """What holds the pages together: their order, bookmarks, tags and the title."""
    count = len(pages)
    every = [_numbers(page) for page in range(count)]
    put(
        1,
        b"<< /Type /Catalog /Pages 2 0 R /Outlines 3 0 R /StructTreeRoot 4 0 R /Lang %b "
        b"/MarkInfo << /Marked true >> /ViewerPreferences << /DisplayDocTitle true >> >>"
        % _text(language),
    )
    put(2, b"<< /Type /Pages /Count %d /Kids [%b] >>" % (count, _references(n[0] for n in every)))
    put(
        3,
        b"<< /Type /Outlines /First %d 0 R /Last %d 0 R /Count %d >>"
        % (every[0][4], every[-1][4], count),
    )
    put(4, b"<< /Type /StructTreeRoot /K 6 0 R /ParentTree 7 0 R /ParentTreeNextKey %d >>" % count)
    put(5, b"<< /Title %b /Producer (lstmviz) >>" % _text(title))
    put(
        6,
        b"<< /Type /StructElem /S /Document /P 4 0 R /K [%b] >>" % _references(n[3] for n in every),
    )
    parents = b" ".join(b"%d [%d 0 R]" % (page, n[3]) for page, n in enumerate(every))
    put(7, b"<< /Nums [%b] >>" % parents)
    for page, (number, _, _, _, bookmark) in enumerate(every):
        beside = b""
        if page:
            beside += b"/Prev %d 0 R " % every[page - 1][4]
        if page + 1 < count:
            beside += b"/Next %d 0 R " % every[page + 1][4]
        step = pages[page][1]
        put(
            bookmark,
            b"<< /Title %b /Parent 3 0 R %b/Dest [%d 0 R /Fit] >>"
            % (_text(step.caption or step.name), beside, number),
        )


def _references(numbers: Iterable[int]) -> bytes:
    return b" ".join(b"%d 0 R" % number for number in numbers)


def _text(text: str) -> bytes:
    """A text in any language, as PDF writes it."""
    return b"<%b>" % ("\ufeff" + text).encode("utf-16-be").hex().upper().encode()
