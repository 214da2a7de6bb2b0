"""Slides as one web page that needs nothing else: it stops at each step, and goes on when told."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from PIL import ImageColor

from lstmviz.export.common.format import Format
from lstmviz.export.common.progress import Progress, part_of
from lstmviz.export.common.steps import parts, pictures, title_of, words_of
from lstmviz.export.common.subtitles import cues, vtt
from lstmviz.export.common.webp_writer import webp
from lstmviz.export.video import mp4
from lstmviz.reel.reel import Reel, Step
from lstmviz.system.atomic_files import whole_file
from lstmviz.system.temporary import folder
from lstmviz.system.texts import writable

if TYPE_CHECKING:
    from lstmviz.system.disk_cache import Cache


FORMAT = Format(
    ".html",
    "deck",
    "slides in one web page that needs nothing else",
    "talks, web sites",
    order=1,
)


# The words that the scripts of the page write, beside those that stand in its template.
_TOLD = ("presenter", "blocked", "clock", "reset", "now", "upcoming", "back", "next")


def export(
    reel: Reel,
    path: str | Path,
    *,
    crf: float = 18,
    jobs: int | None = None,
    cache: Cache | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write slides that play a step when reached: by key, click or touch.

    The page holds the film and a still of every step, which stand in where motion is not
    wanted, where no film plays, without JavaScript, and on paper. `crf` is the quality of
    the film, as of an MP4; `jobs` and `cache` are as of that.

    Raises:
        UsageError: `crf` is not one of x264's.
        LstmvizError: the file could not be written, the reel is damaged.
    """
    deck([reel], path, crf=crf, jobs=jobs, cache=cache, force=force, progress=progress)


def deck(
    reels: Sequence[Reel],
    path: str | Path,
    *,
    title: str | None = None,
    crf: float = 18,
    jobs: int | None = None,
    cache: Cache | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write the slides of several stories into one page, one after the other."""
    films: list[dict[str, Any]] = []
    pages: list[str] = []
    for number, reel in enumerate(reels):
        share = part_of(progress, number / len(reels), 1 / len(reels))
        films.append(_film(reel, crf, jobs, cache, share))
        ends = pictures(reel, [step.last_frame for step in parts(reel)], jobs, webp)
        if len(reels) > 1:
            pages.append(f'<li><h2 dir="auto">{escape(writable(reel.title))}</h2></li>')
        pages += [_page(reel, *end) for end in zip(parts(reel), ends, strict=True)]
    first = reels[0]
    named = writable(title or title_of(reels))
    values = {
        **{name: escape(word) for name, word in words_of(first).items()},
        **_colours(first.background),
        "words": _json({name: words_of(first)[name] for name in _TOLD}),
        "style": _part("deck.css"),
        "script": _part("deck.js") + _part("presenter.js"),
        "language": escape(first.language),
        "title": escape(named),
        "pages": "\n".join(pages),
        "burnt": json.dumps(first.captions),
        "films": _json(films),
    }
    with whole_file(path, ".html", force=force) as temporary:
        temporary.write_text(_filled(values), encoding="utf-8", newline="\n")
    if progress is not None:
        progress(1.0)


def address(picture: bytes, kind: str = "png") -> str:
    """A picture as an address that holds it."""
    return f"data:image/{kind};base64,{b64encode(picture).decode()}"


def captions_of(reel: Reel) -> str:
    """The captions as an address that holds them: tracks from beside a page on disk do not load."""
    return f"data:text/vtt;charset=utf-8,{quote(vtt(cues(reel)))}"


def _film(
    reel: Reel, crf: float, jobs: int | None, cache: Cache | None, progress: Progress | None
) -> dict[str, Any]:
    with folder() as place:
        path = place / "film.mp4"
        mp4.export(reel, path, crf=crf, jobs=jobs, cache=cache, cover=False, progress=progress)
        video = b64encode(path.read_bytes()).decode()
    return {
        "title": reel.title,
        "language": reel.language,
        "fps": reel.fps,
        "track": captions_of(reel),
        "steps": [
            {
                "name": step.name,
                "caption": step.caption,
                "alt": step.alt or step.caption,
                "notes": step.notes,
                "first": step.first_frame,
                "last": step.last_frame,
            }
            for step in parts(reel)
        ],
        "video": video,
    }


def _page(reel: Reel, step: Step, end: bytes) -> str:
    source = address(end, "webp")
    return (
        f'<li><figure><img src="{source}" width="{reel.width}" height="{reel.height}" '
        f'alt="{escape(step.alt or step.caption)}">'
        f'<figcaption dir="auto">{escape(step.caption)}</figcaption></figure></li>'
    )


def _colours(background: str) -> dict[str, str]:
    red, green, blue = ImageColor.getrgb(background)[:3]
    dark = 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128
    ink, soft, mark = (
        ("#E6EDF3", "#2B323B", "#4AA8FF") if dark else ("#1F2328", "#DDE2E8", "#0969DA")
    )
    return {"ground": background, "ink": ink, "soft": soft, "mark": mark}


def _filled(values: dict[str, str]) -> str:
    """The template with its places filled, each once: what is filled in is not looked at again."""
    return Template(_part("deck.html")).substitute(values)


def _part(name: str) -> str:
    return (files("lstmviz.export.slides") / name).read_text(encoding="utf-8")


def _json(value: Any) -> str:
    """A value for a script element, in which neither its end may appear nor a comment begin."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
