"""The figures of the article: which there are, in what order, and which are finished in a folder.

`FIGURES` is the one place that says so.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmviz.errors import UsageError
from lstmviz.reel.reel import Step
from lstmviz.system.atomic_files import whole_file
from lstmviz.system.suggest import nearest
from lstmviz.system.texts import json_of

if TYPE_CHECKING:
    from lstmviz.films.story_summary import StorySummary
    from lstmviz.stage.story.story import Story
    from lstmviz.style.language import Language

FILM = "film"  # made of all the others
FIGURES: tuple[str, ...] = (
    "title",
    "gradient-update",
    "gates",
    "review",
    "review-remembered",
    "sequence",
    "hidden-state",
    "rnn-cell",
    "tanh",
    "without-tanh",
    "with-tanh",
    "lstm-cell",
    "sigmoid",
    "forget-gate",
    "input-gate",
    "cell-state",
    "output-gate",
    "lstm-code",
    "gru-cell",
    "update-gate",
    "reset-gate",
    FILM,
)
RECORD = "article.json"
_SYMBOL = re.compile(r"(?:[b-zσ]|a(?=_)|tanh|relu)(?![A-Za-z])")  # at the beginning of a line


@dataclass(frozen=True)
class Figure:
    """A finished figure: its number in the article, its text, and its files by their ending."""

    name: str
    number: int
    title: str
    alt: str
    lang: str
    theme: str
    duration: float  # seconds
    width: int
    height: int
    aspect: str
    steps: tuple[Step, ...]
    files: Mapping[str, int]  # name of each file and its size
    key: str  # of all that decides how it looks

    def file(self, ending: str) -> str | None:
        """Give the name of its file with this ending, if there is one."""
        return next((name for name in self.files if name.endswith(ending)), None)


def chosen(only: Sequence[str] | None) -> tuple[str, ...]:
    """Give the figures asked for, in the order of the article, or all of them.

    Raises:
        UsageError: there is no such figure, or none is left.
    """
    if only is None:
        return FIGURES
    wanted = {name.strip().lower().replace("_", "-") for name in only} - {""}
    for name in sorted(wanted):
        if name not in FIGURES:
            raise UsageError(
                f"The article has no figure '{name}'{nearest(name, FIGURES)}; "
                f"choose from: {', '.join(FIGURES)}."
            )
    if not wanted:
        raise UsageError(f"No figure is named; choose from: {', '.join(FIGURES)}.")
    return tuple(name for name in FIGURES if name in wanted)


def heading(name: str, story: type[Story] | StorySummary, words: Language) -> str:
    """Give the line about a figure in the language of the film."""
    return words.heading(name, story.summary()).rstrip(".。")


def as_sentence(line: str) -> str:
    """Begin a line with a capital letter, but leave a symbol as it is: `x and h are weighed`."""
    return line if _SYMBOL.match(line) else line[:1].upper() + line[1:]


def stem(name: str) -> str:
    """Give the name of a figure's files: `09-tanh`."""
    return f"{FIGURES.index(name) + 1:02}-{name}"


def whole(folder: Path, figure: Figure) -> bool:
    """Whether all files of a figure are there as they were written."""
    with suppress(OSError):
        return all((folder / n).stat().st_size == size for n, size in figure.files.items())
    return False


def recorded(folder: Path) -> dict[str, Figure]:
    """The figures of which the folder's record tells; one that cannot be read tells of none."""
    try:
        told = json_of((folder / RECORD).read_bytes())["figures"]
        return {name: _figure(name, told[name]) for name in FIGURES if name in told}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _figure(name: str, described: dict[str, Any]) -> Figure:
    """Read a figure as it was recorded; its text goes into pages, its files are looked at."""
    steps = tuple(Step(**step) for step in described["steps"])
    figure = Figure(**{**described, "steps": steps})
    sound = figure.name == name and all(
        re.fullmatch(rf"{stem(name)}\.\w+", file) and type(size) is int
        for file, size in figure.files.items()
    )
    numbers = figure.number, figure.width, figure.height, figure.duration
    texts = figure.title, figure.alt, figure.lang, *(step.caption for step in steps)
    starts = [step.start for step in steps]
    if not sound or not all(isinstance(text, str) for text in texts):
        raise ValueError
    if not all(type(number) in (int, float) for number in (*numbers, *starts)):
        raise ValueError
    return figure


def note(folder: Path, figure: Figure, *, force: bool = False) -> None:
    """Add a figure to the folder's record."""
    figures = {**recorded(folder), figure.name: figure}
    described = {name: dataclasses.asdict(figure) for name, figure in figures.items()}
    text = json.dumps({"figures": described}, ensure_ascii=False, indent=1)
    with whole_file(folder / RECORD, force=force) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
