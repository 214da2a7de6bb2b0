"""The whole article: every figure in its order, with posters, subtitles and two pages of them.

`FIGURES` is the one place that says which figures there are, and in what order.
"""

from __future__ import annotations

import dataclasses
import hashlib
import inspect
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmviz.errors import LstmvizError, UsageError
from lstmviz.files import whole_file
from lstmviz.gallery import find_story, nearest, scenes_folder
from lstmviz.reel import Step
from lstmviz.render import Listener, record, trace_for, write
from lstmviz.settings import WIDE_ASPECT, picture_format, refuse_pace
from lstmviz.source import Source

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from lstmviz.reel import Reel
    from lstmviz.stage.language import Language
    from lstmviz.stage.story import Story
    from lstmviz.trace import Trace

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
    "film",
)

FORMATS: Mapping[str, tuple[str, ...]] = {
    "mp4": (".mp4",),
    "gif": (".gif",),
    "both": (".mp4", ".gif"),
}
BESIDE = (".png", ".srt", ".vtt")  # the poster and the subtitles of each figure
RECORD = "article.json"

# What decides how a figure looks is in the package but for these.
_ELSEWHERE = frozenset({"cli", "scenes", "languages", "article.py", "pages.py", "__main__.py"})


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


@dataclass(frozen=True)
class Report:
    """What became of each figure: drawn now, kept from an earlier time, or failed and why."""

    drawn: tuple[str, ...]
    kept: tuple[str, ...]
    failed: Mapping[str, str]
    pages: tuple[Path, ...]


Teller = Callable[[str, str], None]  # told a figure's name, and "kept", "drawn" or why it failed


@dataclass(frozen=True)
class Look:
    """How all figures are drawn, and as what kinds of film."""

    words: Language
    theme: str
    endings: tuple[str, ...]
    quality: str
    fps: int | None
    pace: float
    aspect: str

    @property
    def drawn(self) -> dict[str, Any]:
        """The part of it that `record` is told."""
        names = ("theme", "quality", "fps", "pace", "aspect")
        return {"lang": self.words, **{name: getattr(self, name) for name in names}}

    @property
    def key(self) -> list[object]:
        """The part of it that decides about every picture."""
        size = picture_format(self.quality, self.fps, aspect=self.aspect)
        return [self.theme, self.words.code, self.pace, self.aspect, size]


def article(
    folder: str | Path,
    *,
    only: Sequence[str] | None = None,
    input: str | ArrayLike | None = None,
    lang: str = "en",
    theme: str = "dark",
    films: str = "mp4",
    quality: str = "720p",
    aspect: str = WIDE_ASPECT,
    fps: int | None = None,
    pace: float = 1.0,
    progress: Listener | None = None,
    tell: Teller | None = None,
) -> Report:
    """Make every figure, or `only` some, into a folder, with `index.html` and `index.md`.

    A figure that is there already, made of the same source with the same options, is kept;
    so an interrupted run goes on where it was. One that fails does not stop the others.
    `input` is told instead of each story's own; each figure takes its own default cell.
    `films` is "mp4", "gif" or "both".

    Raises:
        UsageError: something asked for is not possible; it says what. Nothing is drawn.
        LstmvizError: the folder or a page could not be written.
    """
    from lstmviz.stage.language import language
    from lstmviz.stage.theme import theme_named

    names = chosen(only)
    if films not in FORMATS:
        raise UsageError(f"There is no format {films!r}; choose one of: {', '.join(FORMATS)}.")
    picture_format(quality, fps, aspect=aspect)
    refuse_pace(pace)
    theme_named(theme)
    look = Look(language(lang), theme, (*FORMATS[films], *BESIDE), quality, fps, pace, aspect)
    place = _made(Path(folder))
    drawn: list[str] = []
    kept: list[str] = []
    failed: dict[str, str] = {}
    for name in names:
        outcome = "kept"
        try:
            story = find_story(name)
            trace = trace_for(story, Source(input=input))
            key = _key(story, trace, look)
            if not _is_there(place, name, key, look):
                reel = record(story, trace, progress=progress, **look.drawn)
                _note(place, _written(place, story, reel, key, look, progress))
                outcome = "drawn"
            (drawn if outcome == "drawn" else kept).append(name)
        except Exception as error:  # whatever it is, it must not stop the others
            outcome = failed[name] = _sentence(error)
        pages = _write_pages(place, look)
        if tell is not None:
            tell(name, outcome)
    return Report(tuple(drawn), tuple(kept), failed, pages)


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


def heading(name: str, story: type[Story], words: Language) -> str:
    """Give the line about a figure in the language of the film."""
    return words.caption("article", name, story.summary()).rstrip(".。")


def stem(name: str) -> str:
    """Give the name of a figure's files: `09-tanh`."""
    return f"{FIGURES.index(name) + 1:02}-{name}"


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(exist_ok=True)
    except FileExistsError:
        raise UsageError(f"{folder} is not a folder; name one with -o.") from None
    except FileNotFoundError:
        raise UsageError(
            f"The folder {folder.parent} does not exist; create it or choose another with -o."
        ) from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise LstmvizError(f"The folder {folder} cannot be made: {reason}.") from error
    return folder


def _written(
    folder: Path, story: type[Story], reel: Reel, key: str, look: Look, progress: Listener | None
) -> Figure:
    """Write the files of a figure, and describe it."""
    name = story.story_name()
    paths = [folder / f"{stem(name)}{ending}" for ending in look.endings]
    for path in paths:
        write(reel, path, progress=progress)
    title = heading(name, story, look.words)
    return Figure(
        name=name,
        number=FIGURES.index(name) + 1,
        title=title,
        alt=" ".join([f"{title}.", *(step.caption for step in reel.steps)]),
        lang=look.words.code,
        theme=look.theme,
        duration=reel.duration,
        width=reel.width,
        height=reel.height,
        aspect=look.aspect,
        steps=reel.steps,
        files={path.name: path.stat().st_size for path in paths},
        key=key,
    )


def _write_pages(folder: Path, look: Look) -> tuple[Path, ...]:
    """Write both pages of what there is, so that an interrupted run has them, too."""
    from lstmviz.pages import html, markdown
    from lstmviz.stage.theme import theme_named

    figures = _of_one_look(folder, look)
    pages = {
        folder / "index.html": html(figures, look.words, theme_named(look.theme)),
        folder / "index.md": markdown(figures, look.words),
    }
    for path, text in pages.items():
        with whole_file(path) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="\n")
    return tuple(pages)


# What is there already


def _is_there(folder: Path, name: str, key: str, look: Look) -> bool:
    figure = _recorded(folder).get(name)
    if figure is None or figure.key != key or not all(map(figure.file, look.endings)):
        return False
    return _whole(folder, figure)


def _whole(folder: Path, figure: Figure) -> bool:
    """Whether all files of a figure are there as they were written."""
    with suppress(OSError):
        return all((folder / n).stat().st_size == size for n, size in figure.files.items())
    return False


def _of_one_look(folder: Path, look: Look) -> list[Figure]:
    """The finished figures in order; those of another language, theme or shape are left out."""
    found = _recorded(folder)
    figures = [found[name] for name in FIGURES if name in found]
    wanted = (look.words.code, look.theme, look.aspect)
    alike = [f for f in figures if (f.lang, f.theme, f.aspect) == wanted]
    return [figure for figure in alike if _whole(folder, figure)]


def _recorded(folder: Path) -> dict[str, Figure]:
    """The figures of which the folder's record tells; one that cannot be read tells of none."""
    try:
        told = json.loads((folder / RECORD).read_text(encoding="utf-8"))["figures"]
        return {name: _figure(described) for name, described in told.items() if name in FIGURES}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _figure(described: dict[str, Any]) -> Figure:
    steps = tuple(Step(**step) for step in described["steps"])
    return Figure(**{**described, "steps": steps})


def _note(folder: Path, figure: Figure) -> None:
    """Add a figure to the folder's record."""
    figures = {**_recorded(folder), figure.name: figure}
    described = {name: dataclasses.asdict(figure) for name, figure in figures.items()}
    text = json.dumps({"figures": described}, ensure_ascii=False, indent=1)
    with whole_file(folder / RECORD) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def _key(story: type[Story], trace: Trace, look: Look) -> str:
    """Give a key that changes with anything that changes the pictures."""
    from lstmviz.film import FilmStory

    name, words = story.story_name(), look.words
    scenes, sections = [Path(inspect.getfile(story))], [name]
    if issubclass(story, FilmStory):  # it is made of the others
        scenes += sorted(scenes_folder().glob("*.py"))
        sections = sorted(words.captions)
    captions = [dict(words.captions.get(section, {})) for section in sections]
    spoken = [dict(words.terms), captions, words.letters_per_second]
    told = [trace.cell, trace.kind, trace.tokens, trace.network, heading(name, story, words)]
    digest = hashlib.sha256(repr([*look.key, *spoken, *told, version("manim")]).encode())
    for reading in trace.names:
        digest.update(reading.encode() + trace[reading].tobytes())
    for content in (*_sources(files("lstmviz")), *(path.read_bytes() for path in scenes)):
        digest.update(content)
    return digest.hexdigest()


def _sources(folder: Any) -> Iterator[bytes]:
    for entry in sorted(folder.iterdir(), key=lambda entry: str(entry.name)):
        if entry.name in _ELSEWHERE or entry.name.startswith(("__pycache__", ".")):
            continue
        if entry.is_dir():
            yield from _sources(entry)
        else:
            yield entry.name.encode() + entry.read_bytes()


def _sentence(error: Exception) -> str:
    if isinstance(error, LstmvizError):
        return str(error)
    return f"{type(error).__name__}: {error}"
