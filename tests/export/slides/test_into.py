"""Slides are added to somebody's deck, of which all else stays as it was."""

from __future__ import annotations

import re
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pptx
import pytest

from lstmviz.errors import LstmvizError, UsageError
from lstmviz.export.slides.into import check_into, insert_slides
from lstmviz.export.slides.lecturers_layout import layout_of
from lstmviz.reel.reel import Reel

P14 = "http://schemas.microsoft.com/office/powerpoint/2010/main"
LISTS = {"[Content_Types].xml", "ppt/presentation.xml", "ppt/_rels/presentation.xml.rels"}
SECTIONS = (
    f'<p:extLst><p:ext uri="{{521415D9-36F7-43E2-AB2F-B90AF26B5E84}}"><p14:sectionLst '
    f'xmlns:p14="{P14}"><p14:section name="A" id="{{11111111-1111-1111-1111-111111111111}}">'
    '<p14:sldIdLst><p14:sldId id="256"/><p14:sldId id="257"/></p14:sldIdLst></p14:section>'
    '<p14:section name="B" id="{21111111-1111-1111-1111-111111111111}"><p14:sldIdLst>'
    '<p14:sldId id="258"/></p14:sldIdLst></p14:section></p14:sectionLst></p:ext></p:extLst>'
)


def rewritten(path: Path, change: Callable[[str, bytes], bytes], **more: bytes) -> None:
    """Change a deck's parts as another program would have written them."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**parts, **more}.items():
            archive.writestr(name, change(name, content))


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    """A lecturer's deck of 4:3: notes, sections, German layouts, and parts nobody knows."""
    show = pptx.Presentation()
    for layout in show.slide_layouts:
        layout._element.attrib.pop("type", None)
        layout._element.cSld.set("name", f"Folie {layout.name[::-1]}")
    for title in ("Einleitung", "Results", "Schluss"):
        slide: Any = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text = title
    slide.notes_slide.notes_text_frame.text = "Danke sagen"
    path = tmp_path / "my.pptx"
    show.save(str(path))

    def change(name: str, content: bytes) -> bytes:
        if name != "ppt/presentation.xml":
            return content
        text = re.sub(r"<p:extLst>.*</p:extLst>", "", content.decode(), flags=re.DOTALL)
        return text.replace("</p:presentation>", f"{SECTIONS}</p:presentation>").encode()

    orphans = {"ppt/slides/slide4.xml": b"<left-behind/>", "custom/item.bin": b"\0\1"}
    rewritten(path, change, **orphans)
    return path


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert len(set(map(str.casefold, names))) == len(names)
        return {name: archive.read(name) for name in names}


def titles(path: Path) -> list[str]:
    slides = pptx.Presentation(str(path)).slides
    return [slide.shapes.title.text_frame.text for slide in slides]  # type: ignore[union-attr]


def numbers(text: str) -> list[str]:
    return re.findall(r'<p:sldId [^>]*?id="(\d+)"', text)


@pytest.mark.parametrize(
    ("behind", "place", "sections"), [("results", 2, [5, 1]), (0, 0, [5, 1]), (None, 3, [2, 4])]
)
@pytest.mark.slow
def test_all_else_stays_byte_for_byte(
    deck: Path, odd: Reel, behind: str | int | None, place: int, sections: list[int]
) -> None:
    path = deck.with_name("talk.pptx")
    insert_slides([odd], deck, path, behind=behind)
    old, new = parts(deck), parts(path)
    assert {name for name in old if old[name] != new[name]} == LISTS
    told = titles(path)
    assert told[place : place + 3] == [step.caption or step.name for step in odd.steps]
    assert told[:place] + told[place + 3 :] == titles(deck)
    text = new["ppt/presentation.xml"].decode()
    ids = numbers(text)
    assert len(set(ids)) == len(ids) == 6
    found = re.findall(r"<p14:sldIdLst>(.*?)</p14:sldIdLst>", text)
    assert [section.count("<p14:sldId ") for section in found] == sections
    assert re.findall(r'<p14:sldId id="(\d+)"', "".join(found)) == ids


@pytest.mark.slow
def test_every_new_part_has_a_kind_and_is_reached(deck: Path, odd: Reel) -> None:
    path = deck.with_name("talk.pptx")
    insert_slides([odd], deck, path, behind=1)
    reached = {part.partname[1:] for part in pptx.Presentation(str(path)).part.package.iter_parts()}
    new = parts(path).keys() - parts(deck).keys()
    assert {name for name in new if not name.endswith(".rels")} <= reached
    assert sum(name.endswith(".mp4") for name in new) == 3


@pytest.mark.slow
def test_without_captions_the_film_stands_below_the_title(deck: Path, odd: Reel) -> None:
    path = deck.with_name("talk.pptx")
    insert_slides([replace(odd, captions=False), odd], deck, path)
    below, filling = (pptx.Presentation(str(path)).slides[k] for k in (3, 6))
    title, film, still = below.shapes
    assert title.top >= 0
    assert film.top >= title.top + title.height
    assert (film.left, film.top, film.width) == (still.left, still.top, still.width)
    assert film.left >= 0
    assert film.left + film.width <= 9144000
    title, film, _ = filling.shapes
    assert title.top + title.height < 0
    assert film.width == 9144000


def test_the_layout_is_found_by_what_it_has() -> None:
    show = pptx.Presentation()
    assert layout_of(show.slide_master).name == "Title Only"
    show.slide_layouts.remove(show.slide_layouts[5])
    assert layout_of(show.slide_master).name != "Blank", "slides have titles"


@pytest.mark.slow
def test_a_deck_is_changed_in_place_only_when_asked_to(deck: Path, odd: Reel) -> None:
    before = deck.read_bytes()
    with pytest.raises(UsageError, match="stays"):
        insert_slides([odd], deck, deck)
    assert deck.read_bytes() == before
    insert_slides([odd], deck, deck, force=True)
    assert len(titles(deck)) == 6


def test_a_place_that_is_not_there_or_not_the_only_one(deck: Path) -> None:
    with pytest.raises(UsageError, match=r"no slide 'Method'; its slides are: 1 Einleitung; 2"):
        check_into(deck, "talk.pptx", "Method")
    with pytest.raises(UsageError, match="no slide '4'"):
        check_into(deck, "talk.pptx", 4)
    show = pptx.Presentation(str(deck))
    show.slides[2].shapes.title.text = "RESULTS "  # type: ignore[union-attr]
    show.save(str(deck))
    with pytest.raises(UsageError, match=r"Several slides .*: 2, 3\."):
        check_into(deck, "talk.pptx", "Results")


def test_what_is_no_deck_is_said(deck: Path, tmp_path: Path) -> None:
    whole = deck.read_bytes()
    other = tmp_path / "other.pptx"
    with pytest.raises(UsageError, match="no such file"):
        check_into(other, "talk.pptx")
    for content, said in (
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "password"),
        (b"plain", "damaged"),
        (b"", "damaged"),
        (whole[: len(whole) // 2], "damaged"),
        (whole[:3000] + bytes(200) + whole[3200:], "damaged"),
    ):
        other.write_bytes(content)
        with pytest.raises(UsageError, match=said):
            check_into(other, "talk.pptx")
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    with pytest.raises(UsageError, match="no deck"):
        check_into(other, "talk.pptx")
    rewritten(deck, lambda _, content: content, **{"_xmlsignatures/sig1.xml": b"<a/>"})
    with pytest.raises(UsageError, match="signed"):
        check_into(deck, "talk.pptx")


@pytest.mark.slow
def test_macros_stay_in_a_deck_with_macros(deck: Path, odd: Reel) -> None:
    macros = deck.with_suffix(".pptm")
    macros.write_bytes(deck.read_bytes())
    usual, with_macros = b"presentationml.presentation.main", b"ms-powerpoint.presentation."
    whole = b"application/vnd.openxmlformats-officedocument." + usual
    rewritten(
        macros,
        lambda _, c: c.replace(whole, b"application/vnd." + with_macros + b"macroEnabled.main"),
        **{"ppt/vbaProject.bin": b"code"},
    )
    with pytest.raises(UsageError, match=r"end in \.pptm"):
        check_into(macros, "talk.pptx")
    path = insert_slides([odd], macros, deck.with_name("talk.pptm"))
    assert parts(path)["ppt/vbaProject.bin"] == b"code"
    assert b"macroEnabled" in parts(path)["[Content_Types].xml"]


def test_python_pptx_is_asked_for(deck: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pptx", None)
    with pytest.raises(LstmvizError, match="pip install"):
        check_into(deck, "talk.pptx")
