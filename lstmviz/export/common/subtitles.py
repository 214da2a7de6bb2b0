"""Subtitles from the captions of the steps: SubRip for players, WebVTT for web pages.

The library `srt`, which Manim brings, was weighed: it writes the few lines of that format, but no
WebVTT, and breaks no sentence into lines, which is most of this.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lstmviz.export.common.format import Format
from lstmviz.reel.reel import Reel, Step
from lstmviz.system.atomic_files import whole_file

SRT = Format(
    ".srt",
    "text",
    "subtitles",
    "players",
)
VTT = Format(
    ".vtt",
    "text",
    "subtitles",
    "web pages",
    order=1,
)
# What broadcasters ask for: 42 Latin or 16 Chinese characters a line, two lines at once.
_LINE = 42.0
_WIDE = _LINE / 16
_LINES = 2
_NOT_FIRST = set("，。、；：？！）》」』】〉”’…,.;:?!)]}%")  # must not begin a line
_NOT_LAST = set("（《「『【〈“‘([{")  # must not end one


@dataclass(frozen=True)
class Cue:
    """A text on screen from `start` to `end`, in milliseconds; lines are parted by newlines."""

    start: int
    end: int
    text: str


def export(reel: Reel, path: str | Path, *, force: bool = False) -> None:
    """Write the captions as WebVTT if `path` ends in `.vtt`, else as SubRip.

    Raises:
        LstmvizError: the file could not be written.
    """
    text = vtt(cues(reel)) if Path(path).suffix.lower() == ".vtt" else srt(cues(reel))
    with whole_file(path, force=force) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def srt(captions: list[Cue]) -> str:
    """Write cues as SubRip."""
    return "".join(
        f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{_no_times(cue.text)}\n\n"
        for number, cue in enumerate(captions, start=1)
    )


def vtt(captions: list[Cue]) -> str:
    """Write cues as WebVTT."""
    return "WEBVTT\n\n" + "".join(
        f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{_escaped(cue.text)}\n\n"
        for cue in captions
    )


def cues(reel: Reel) -> list[Cue]:
    """The captions of a reel with their times; one of more than two lines is told in parts.

    Each part stands in proportion to its length. No cue begins before the last has ended.
    """
    return cues_of(reel.steps)


def cues_of(steps: Sequence[Step]) -> list[Cue]:
    """The same, where only the steps are at hand."""
    found: list[Cue] = []
    for number, step in enumerate(steps):
        following = steps[number + 1 :]
        until = min([step.end, *(later.start for later in following)])
        start = max(round(step.start * 1000), found[-1].end if found else 0)
        length = round(until * 1000) - start
        lines = wrapped(step.caption)
        if length <= 0 or not lines:
            continue
        parts = ["\n".join(lines[k : k + _LINES]) for k in range(0, len(lines), _LINES)]
        whole = sum(_width(part) for part in parts)
        told = 0.0
        for part in parts:
            begin = start + round(length * told / whole)
            told += _width(part)
            found.append(Cue(begin, start + round(length * told / whole), part))
    return found


def wrapped(text: str) -> list[str]:
    """Break a caption into lines of even length, as few as fit the width of a subtitle."""
    words = _words(" ".join(text.split()))
    lines = _filled(words, _LINE)
    if len(lines) > 1:
        # The narrowest lines that need no more of them: no last line of a single word.
        count = len(lines)
        least = math.ceil(sum(map(_width, lines)) / count)
        for limit in range(least, int(_LINE)):
            narrower = _filled(words, limit)
            if len(narrower) == count:
                return narrower
    return lines


def _words(text: str) -> list[str]:
    """Part a text where a line may end; each piece keeps the space that follows it."""
    pieces: list[str] = []
    for piece in re.findall(r"\S+\s*", text):
        word = ""
        for character in piece:
            if word and _may_break(word[-1], character):
                pieces.append(word)
                word = ""
            word += character
        pieces.append(word)
    return pieces


def _may_break(before: str, after: str) -> bool:
    if after.isspace() or after in _NOT_FIRST or before in _NOT_LAST:
        return False
    return _wide(before) or _wide(after)


def _filled(words: list[str], limit: float) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in words:
        if line and _width((line + word).rstrip()) > limit:
            lines.append(line.rstrip())
            line = ""
        line += word
    return [*lines, line.rstrip()] if line.strip() else lines


def _width(text: str) -> float:
    return sum(_WIDE if _wide(character) else 1.0 for character in text)


def _wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def _clock(milliseconds: int, point: str) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{rest:03}"


def _no_times(text: str) -> str:
    """Let no line look as if it gave times: SubRip has no way to escape the arrow."""
    return text.replace("-->", "→")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
