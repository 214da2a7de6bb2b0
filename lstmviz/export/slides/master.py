"""A deck to begin with: wide slides, and layouts in the colours and fonts of a film's theme.

python-pptx brings a template of PowerPoint 2011, of 4:3 and white, with the metadata of its author.
Its layouts are stretched to the slides' size here, coloured and lettered.
"""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from PIL import Image

from lstmviz.style.theme import DARK, LIGHT, Theme, luminance

if TYPE_CHECKING:
    from pptx.presentation import Presentation

    from lstmviz.reel.frame_store import Pixels

TITLE, TITLE_ONLY = 0, 5  # layouts of the template, by what they have
_VERTICAL = slice(9, 11)  # layouts with text from top to bottom, which nobody looks for here
_MOST_LETTERS = 255  # of a property of the file
_THUMBNAIL = (256, 256)
_FONT, _PANOSE = "Noto Sans", "020B0502040504020204"  # by which others are found in its place
_ACCENTS = ("forget", "input", "candidate", "output", "c", "x")
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_APP = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Properties xmlns='
    b'"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    b"<Application>lstmviz</Application></Properties>"
)


def theme_of(background: str) -> Theme:
    """Give the theme that a film was drawn in, or the one nearest to its background."""
    nearest = DARK if luminance(background) < 0.18 else LIGHT
    return dataclasses.replace(nearest, background=background)


def new_deck(width: int, height: int, background: str) -> Presentation:
    """Give a deck without slides, of a size in EMU, for films on this background (`#RRGGBB`)."""
    import pptx

    show = pptx.Presentation()
    _resize(show, width, height)
    _colour(show, theme_of(background))
    for layout in list(show.slide_layouts)[_VERTICAL]:
        show.slide_layouts.remove(layout)
    for part in _related(show.part, "printerSettings"):
        show.part.drop_rel(part)
    for name in _related(show.part.package, "extended-properties"):
        show.part.package.related_part(name)._blob = _APP
    return show


def describe(show: Presentation, title: str, language: str, first: Pixels | None) -> None:
    """Write what a file says of itself: its title, its maker, the date, a small picture."""
    now = datetime.now(UTC).replace(microsecond=0, tzinfo=None)
    told = show.core_properties
    told.title, told.language = title[:_MOST_LETTERS], language[:_MOST_LETTERS]
    told.author = told.last_modified_by = "lstmviz"
    told.created = told.modified = now
    told.revision = 1
    for name in _related(show.part.package, "thumbnail"):
        if first is not None:
            show.part.package.related_part(name)._blob = _thumbnail(first)


def _thumbnail(pixels: Pixels) -> bytes:
    image = Image.fromarray(pixels[..., :3].copy())
    image.thumbnail(_THUMBNAIL)
    file = BytesIO()
    image.save(file, "JPEG", quality=85)
    return file.getvalue()


def _related(part: Any, kind: str) -> list[str]:
    """Name the relationships of a kind, by the last word of their type."""
    relations = part._rels
    return [name for name, each in relations.items() if each.reltype.endswith(f"/{kind}")]


def _resize(show: Presentation, width: int, height: int) -> None:
    """Set the slides' size, and stretch the master and its layouts to it."""
    size = show.part._element.find(f"{_P}sldSz")
    old = int(size.get("cx")), int(size.get("cy"))
    size.attrib.pop("type", None)
    size.set("cx", str(width))
    size.set("cy", str(height))
    shares = width / old[0], height / old[1]
    for page in (show.slide_master, *show.slide_layouts):
        for place in page._element.iter(f"{_A}off", f"{_A}ext"):
            for names in (("x", "y"), ("cx", "cy")):
                for name, share in zip(names, shares, strict=True):
                    if place.get(name) is not None:
                        place.set(name, str(round(int(place.get(name)) * share)))


def _colour(show: Presentation, theme: Theme) -> None:
    """Give the master a theme's colours and fonts, so that added slides look like the film's."""
    from lxml import etree
    from pptx.oxml import parse_xml

    master = show.slide_master
    (name,) = _related(master.part, "theme")
    part: Any = master.part.related_part(name)
    root = parse_xml(part.blob)
    root.set("name", f"lstmviz {theme.name}")
    _set_colours(root.find(f".//{_A}clrScheme"), theme)
    fonts = root.find(f".//{_A}fontScheme")
    fonts.set("name", "lstmviz")
    for latin in fonts.iter(f"{_A}latin"):
        latin.set("typeface", _FONT)
        latin.set("panose", _PANOSE)
    part._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    if luminance(theme.background) < luminance(theme.ink):
        mapped = master._element.find(f"{_P}clrMap")
        for role, colour in (("bg1", "dk1"), ("tx1", "lt1"), ("bg2", "dk2"), ("tx2", "lt2")):
            mapped.set(role, colour)
    title = master._element.find(f".//{_P}titleStyle/{_A}lvl1pPr")
    title.set("algn", "l")
    title.find(f"{_A}defRPr").set("sz", "3600")
    _align_title_slide(show.slide_layouts[TITLE])
    for page in (master, *show.slide_layouts):
        _shade_less(page._element)


def _align_title_slide(layout: Any) -> None:
    """Let what stands below the title begin where the title does."""
    title, below = layout.placeholders[0], layout.placeholders[1]
    below.left, below.width, below.top, below.height = (
        title.left,
        title.width,
        below.top,
        below.height,
    )
    for level in layout._element.iter(f"{_A}lvl1pPr"):
        level.set("algn", "l")


def _shade_less(page: Any) -> None:
    """Write what the template tints in the second colour of text, which can be read."""
    for tint in list(page.iter(f"{_A}tint")):
        colour = tint.getparent()
        colour.remove(tint)
        colour.set("val", "tx2")


def _set_colours(scheme: Any, theme: Theme) -> None:
    from pptx.oxml import parse_xml

    dark, light = sorted((theme.background, theme.ink), key=luminance)
    low, high = sorted((theme.panel, theme.faint), key=luminance)
    colours = {"dk1": dark, "lt1": light, "dk2": low, "lt2": high}
    colours |= {f"accent{k}": theme.role(role) for k, role in enumerate(_ACCENTS, start=1)}
    colours |= {"hlink": theme.role("h"), "folHlink": theme.role("candidate")}
    scheme.set("name", f"lstmviz {theme.name}")
    for name, colour in colours.items():
        place = scheme.find(f"{_A}{name}")
        for old in list(place):
            place.remove(old)
        place.append(parse_xml(f'<a:srgbClr xmlns:a="{_A[1:-1]}" val="{colour[1:].upper()}"/>'))
