"""A slide in the layout of somebody's own deck: its title in their place, the film below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lstmviz.export.slides.pptx import Area, StepSlide, fitted, hide_title, put_film

if TYPE_CHECKING:
    from pptx.presentation import Presentation

_TITLES = ("TITLE", "CENTER_TITLE")
_SMALL = ("DATE", "FOOTER", "SLIDE_NUMBER")
_POINT = 12700  # EMU
_USUAL, _SMALLEST = 44, 12  # points of a title
_GAP = 6 * _POINT
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_LEAST = 0.5  # of the slide's height, below which a film gets the whole slide


def add_slide(show: Presentation, master: Any, made: StepSlide) -> str:
    """Make a slide of one of a master's layouts, and name its relation; it is not listed yet.

    A film whose pictures have no captions stands below the title, in the layout's free area; one
    that has them fills the slide, and the title stands above it.
    """
    from pptx.opc.constants import RELATIONSHIP_TYPE
    from pptx.parts.slide import SlidePart

    layout = layout_of(master)
    package = show.part.package
    name = package.next_partname("/ppt/slides/slide%d.xml")
    part: Any = SlidePart.new(name, package, layout.part)  # type: ignore[no-untyped-call]
    relation: str = show.part.relate_to(part, RELATIONSHIP_TYPE.SLIDE)
    slide: Any = part.slide
    slide.shapes.clone_layout_placeholders(layout)
    for shape in list(slide.placeholders):
        if _kind(shape) not in _TITLES:
            shape._element.getparent().remove(shape._element)
    wide, high = int(show.slide_width or 0), int(show.slide_height or 0)
    title = slide.shapes.title
    free = None if made.reel.captions or title is None else _below(title, layout, wide, high)
    if free is None:
        if title is not None:
            hide_title(title, made.title, wide)
        put_film(slide, made, (0, 0, wide, high))
    else:
        title.text_frame.text = made.title
        _fit_title(title, made.title, _size_of_titles(layout))
        put_film(slide, made, free)
    return relation


def layout_of(master: Any) -> Any:
    """Choose the layout with a title and the least beside it; in any language, by what it has."""

    def cost(layout: Any) -> tuple[int, int, int]:
        kinds = [_kind(shape) for shape in layout.placeholders]
        others = sum(kind not in (*_TITLES, *_SMALL) for kind in kinds)
        return ("TITLE" not in kinds, others, layout._element.get("type") != "titleOnly")

    return min(master.slide_layouts, key=cost)


def _kind(shape: Any) -> str:
    kind = shape.placeholder_format.type
    return "" if kind is None else str(kind.name)


def _below(title: Any, layout: Any, wide: int, high: int) -> Area | None:
    """Give the area between the title and the footer, or None where too little is left."""
    if title.top is None or title.height is None:
        return None
    top = int(title.top) + int(title.height) + _GAP
    feet = [
        int(shape.top)
        for shape in (*layout.placeholders, *layout.slide_master.placeholders)
        if _kind(shape) in _SMALL and shape.top is not None and shape.top > high // 2
    ]
    bottom = min([high, *feet]) - _GAP
    margin = min(max(int(title.left), 0), wide // 10)
    area = (margin, top, wide - 2 * margin, bottom - top)
    enough = bottom - top >= _LEAST * high and fitted(area, 16 / 9)[2] > wide // 2
    return area if enough else None


def _size_of_titles(layout: Any) -> int:
    """Find how large titles are, in points: the layout's word, or the master's."""
    places = [
        shape._element.find(f".//{_A}lstStyle/{_A}lvl1pPr/{_A}defRPr")
        for page in (layout, layout.slide_master)
        for shape in page.placeholders
        if _kind(shape) in _TITLES
    ]
    places.append(layout.slide_master._element.find(f".//{_P}titleStyle/{_A}lvl1pPr/{_A}defRPr"))
    sizes = [place.get("sz") for place in places if place is not None]
    return next((int(size) // 100 for size in sizes if size), _USUAL)


def _fit_title(title: Any, text: str, usual: int) -> None:
    """Let a caption be no larger than its place; a short one keeps the size of the layout."""
    from pptx.util import Pt

    width = int(title.width) / _POINT - 16
    height = int(title.height) / _POINT - 8
    letters = sum(1.0 if ord(letter) > 0x2E7F else 0.55 for letter in text)
    fits = (n for n in range(usual, _SMALLEST, -1) if -(-letters * n // width) * n * 1.2 <= height)
    size = next(fits, _SMALLEST)
    if size < usual:
        title.text_frame.paragraphs[0].font.size = Pt(size)
