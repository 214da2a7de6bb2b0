"""Slides that are added to somebody's own deck, in its master, and change nothing else in it.

python-pptx opens the deck and makes the new slides; what is written is the old file, part by part
as it was, with the new parts beside. Only the list of slides (presentation.xml), its relationships
and the list of contents are written anew: python-pptx itself would rename and rewrite every part.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from lstmviz.errors import UsageError
from lstmviz.export.common.format import formats
from lstmviz.export.common.progress import Progress
from lstmviz.reel.reel import Reel
from lstmviz.system.atomic_files import whole_file
from lstmviz.system.temporary import folder

if TYPE_CHECKING:
    from pptx.presentation import Presentation

ENDINGS = (".pptx", ".pptm")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # what a .ppt begins with, and whatever has a password
_CONTENTS = "[Content_Types].xml"
_C = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_P14 = "{http://schemas.microsoft.com/office/powerpoint/2010/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


def check_into(into: str | Path, path: str | Path, behind: str | int | None = None) -> None:
    """Say before the long work whether slides can be added to a deck, and go to `path`.

    Raises:
        UsageError: `into` is no deck, or has no slide `behind`; `path` has another ending.
        LstmvizError: python-pptx is missing.
    """
    formats()[".pptx"].require()
    if Path(path).suffix.lower() != Path(into).suffix.lower():
        kind = Path(into).suffix
        raise UsageError(f"{path} cannot hold the slides of {into}; let its name end in {kind}.")
    show, _ = _opened(into)
    _position(show, behind, into)


def insert_slides(
    reels: Sequence[Reel],
    into: str | Path,
    path: str | Path,
    *,
    behind: str | int | None = None,
    force: bool = False,
    progress: Progress | None = None,
    **coding: Any,
) -> Path:
    """Write the deck `into` to `path`, with the slides of some stories `behind` one of its own.

    That one is a number as people count (0: before the first) or a title; None: behind the last.
    All other parts of the deck stay as they are, byte for byte. `path` may be `into` itself,
    with `force`. `coding` may say `crf`, `jobs` and `cache`, as of a `.pptx` of our own.

    Raises:
        UsageError: what `check_into` says, or a file that stays.
        LstmvizError: python-pptx is missing, the file could not be written, a reel is damaged.
    """
    # What codes films is not there for those who compute alone, and takes its time.
    from lstmviz.export.slides import pptx as slides
    from lstmviz.export.slides.lecturers_layout import add_slide

    check_into(into, path, behind)
    if not reels:
        raise UsageError("Slides need a story, and there is none.")
    show, old = _opened(into)
    before = {id(part) for part in show.part.package.iter_parts()}
    position = _position(show, behind, into)
    ending = Path(path).suffix
    with whole_file(path, ending, force=force) as temporary, folder() as clips:
        made = slides.step_slides(reels, clips, progress=progress, **coding)
        master = _master_at(show, position)
        names = [add_slide(show, master, each) for each in made]
        slides.list_notes_master(show)
        _list_slides(show, names, position)
        new = [part for part in show.part.package.iter_parts() if id(part) not in before]
        _write(show, old, new, temporary)
    if progress is not None:
        progress(1.0)
    return Path(path)


def _opened(into: str | Path) -> tuple[Presentation, bytes]:
    """Read a deck, with the file's content.

    Raises:
        UsageError: it cannot be read, or is none.
    """
    import pptx

    if Path(into).suffix.lower() not in ENDINGS:
        raise UsageError(f"Slides cannot be added to {into}; give a deck of PowerPoint (.pptx).")
    try:
        content = Path(into).read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"The deck {into} cannot be read: {reason}.") from error
    if content.startswith(_OLE):
        raise UsageError(
            f"{into} has a password, or is an old .ppt; save it in PowerPoint as a .pptx without "
            "a password."
        )
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            damaged = archive.testzip()
            signed = any(name.startswith("_xmlsignatures/") for name in archive.namelist())
        if damaged is not None:
            raise zipfile.BadZipFile(damaged)
        show = pptx.Presentation(BytesIO(content))
        _ = show.slide_masters[0].slide_layouts[0]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise UsageError(
            f"{into} is damaged, or no .pptx; open it in PowerPoint and save it again."
        ) from error
    except (KeyError, ValueError, AttributeError, IndexError, SyntaxError) as error:
        raise UsageError(
            f"{into} is no deck that can be read; save it in PowerPoint as an ordinary .pptx."
        ) from error
    if signed:
        raise UsageError(
            f"{into} is signed, which more slides would break; remove the signature first."
        )
    return show, content


def _slide_ids(show: Presentation) -> list[Any]:
    """List the entries of the slides; `show.slides` would rename their parts."""
    return [*show.part._element.iter(f"{_P}sldId")]


def _slide(show: Presentation, entry: Any) -> Any:
    return show.part.related_part(entry.get(f"{_R}id")).slide  # type: ignore[attr-defined]


def _title(slide: Any) -> str:
    title = slide.shapes.title
    return "" if title is None else " ".join(title.text_frame.text.split())


def _position(show: Presentation, behind: str | int | None, into: str | Path) -> int:
    """Find how many of the deck's slides come before the new ones.

    Raises:
        UsageError: there is no such slide, or several have this title.
    """
    entries = _slide_ids(show)
    if behind is None:
        return len(entries)
    wanted = " ".join(str(behind).split())
    if wanted.isdecimal() and int(wanted) <= len(entries):
        return int(wanted)
    titles = [_title(_slide(show, entry)) for entry in entries]
    fits = [n for n, title in enumerate(titles, 1) if title.casefold() == wanted.casefold()]
    if len(fits) == 1:
        return fits[0]
    if fits:
        numbers = ", ".join(map(str, fits))
        raise UsageError(
            f"Several slides of {into} are called {wanted!r}; give the number of one: {numbers}."
        )
    known = "; ".join(f"{n} {title}".strip() for n, title in enumerate(titles, 1)) or "none"
    raise UsageError(f"{into} has no slide {wanted!r}; its slides are: {known}.")


def _master_at(show: Presentation, position: int) -> Any:
    """Give the master of the slide before, or of the first, or of a deck without slides."""
    entries = _slide_ids(show)
    if not entries:
        return show.slide_masters[0]
    return _slide(show, entries[max(position - 1, 0)]).slide_layout.slide_master


def _list_slides(show: Presentation, names: Sequence[str], position: int) -> None:
    """Enter new slides into the order of the deck, and into the section of the one before."""
    root = show.part._element
    listed = root.get_or_add_sldIdLst()
    old = _slide_ids(show)
    before = old[position - 1].get("id") if position else None
    made = []
    for k, name in enumerate(names):
        entry = listed.add_sldId(name)
        listed.insert(position + k, entry)
        made.append(entry.get("id"))
    sections = [*root.iter(f"{_P14}section")]
    if not sections:
        return
    if before is None:
        _list_in_section(sections[0], made, 0)
        return
    for section in sections:
        ids = [entry.get("id") for entry in section.iter(f"{_P14}sldId")]
        if before in ids:
            _list_in_section(section, made, ids.index(before) + 1)
            return
    _list_in_section(sections[-1], made, None)


def _list_in_section(section: Any, made: Sequence[str], place: int | None) -> None:
    from lxml import etree

    listed = section.find(f"{_P14}sldIdLst")
    if listed is None:
        listed = etree.Element(f"{_P14}sldIdLst")
        section.insert(0, listed)
    start = len(listed) if place is None else place
    for k, number in enumerate(made):
        listed.insert(start + k, etree.Element(f"{_P14}sldId", id=number))


def _write(show: Presentation, old: bytes, new: Sequence[Any], path: Path) -> None:
    """Write the old file with the new parts, each under a name of its own."""
    with zipfile.ZipFile(BytesIO(old)) as source:
        taken = {name.casefold() for name in source.namelist()}
        for part in new:
            _rename(part, taken)
        main = show.part
        changed = {
            main.partname.membername: main.blob,
            main.partname.rels_uri.membername: main._rels.xml,
            _CONTENTS: _contents(source.read(_CONTENTS), new),
        }
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
            for entry in source.infolist():
                kind = entry.compress_type
                content = changed.pop(entry.filename, None)
                target.writestr(
                    entry, source.read(entry) if content is None else content, compress_type=kind
                )
            for name, content in changed.items():
                target.writestr(name, content)
            for part in new:
                kind = zipfile.ZIP_DEFLATED if part.partname.ext == "xml" else zipfile.ZIP_STORED
                target.writestr(part.partname.membername, part.blob, compress_type=kind)
                if len(part._rels):
                    target.writestr(part.partname.rels_uri.membername, part._rels.xml)


def _rename(part: Any, taken: set[str]) -> None:
    """Give a part another number where the old file has one of this name, even unused."""
    from pptx.opc.packuri import PackURI

    name = PurePosixPath(part.partname)
    stem, number = name.stem.rstrip("0123456789"), 1
    while str(name)[1:].casefold() in taken:
        name = name.with_name(f"{stem}{number}{name.suffix}")
        number += 1
    taken.add(str(name)[1:].casefold())
    part.partname = PackURI(str(name))


def _contents(old: bytes, new: Sequence[Any]) -> bytes:
    """Add the kinds of the new parts to the list of contents."""
    from lxml import etree

    root = etree.fromstring(old, etree.XMLParser(resolve_entities=False))
    kinds = {
        e.get("Extension", "").lower(): e.get("ContentType") for e in root.iter(f"{_C}Default")
    }
    for part in new:
        ending = part.partname.ext.lower()
        if ending not in kinds and ending != "xml":
            kinds[ending] = part.content_type
            default = etree.Element(f"{_C}Default", Extension=ending, ContentType=kinds[ending])
            root.insert(0, default)
        if kinds.get(ending) != part.content_type:
            etree.SubElement(
                root, f"{_C}Override", PartName=str(part.partname), ContentType=part.content_type
            )
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return written
