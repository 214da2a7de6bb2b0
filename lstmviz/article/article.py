"""The whole article: every figure in its order, with posters, subtitles and two pages of them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lstmviz.article.figures import (
    FIGURES,
    FILM,
    RECORD,
    Figure,
    chosen,
    heading,
    note,
    recorded,
    stem,
    whole,
)
from lstmviz.errors import LstmvizError, UsageError
from lstmviz.films.film_key import film_key
from lstmviz.films.render import Listener, Progress, heard, record, taken, trace_for, write
from lstmviz.films.story_summary import StorySummary, known_story
from lstmviz.films.trace_request import TraceRequest
from lstmviz.stage.story.telling import Telling
from lstmviz.style.look import FilmLook
from lstmviz.style.picture import WIDE_ASPECT
from lstmviz.system.atomic_files import check_target, made_folder, refuse_inputs, whole_file
from lstmviz.system.disk_cache import Cache
from lstmviz.system.hashing import exporters, key_of
from lstmviz.system.processes import as_done, jobs_of, say

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from lstmviz.reel.reel import Reel
    from lstmviz.stage.story.story import Story
    from lstmviz.trace.trace import Trace

FORMATS: Mapping[str, tuple[str, ...]] = {
    "mp4": (".mp4",),
    "gif": (".gif",),
    "both": (".mp4", ".gif"),
}
PAGES = ("index.html", "index.md")
BESIDE = (".png", ".srt", ".vtt")  # the poster and the subtitles of each figure


@dataclass(frozen=True)
class Report:
    """What became of each figure: drawn now, kept from an earlier time, or failed and why."""

    drawn: tuple[str, ...]
    kept: tuple[str, ...]
    failed: Mapping[str, str]
    pages: tuple[Path, ...]


# Told a figure's name, and "kept", "drawn" or why it failed.
FigureListener = Callable[[str, str], None]


@dataclass(frozen=True)
class _Style:
    """How all figures are told and drawn, and as what kinds of film."""

    telling: Telling
    look: FilmLook
    theme: str  # its name, or its file
    endings: tuple[str, ...]


@dataclass(frozen=True)
class _Task:
    """A figure to be made: of what, how, and into which folder."""

    name: str
    input: str | ArrayLike | None
    style: _Style
    folder: Path
    jobs: int
    cache: Cache | None
    force: bool


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
    jobs: int | None = None,
    cache: bool = True,
    force: bool = False,
    progress: Listener | None = None,
    tell: FigureListener | None = None,
) -> Report:
    """Make every figure, or `only` some, into a folder, with `index.html` and `index.md`.

    A figure that is there already, made of the same source with the same options, is kept;
    so an interrupted run goes on where it was. One that fails does not stop the others.
    `input` is told instead of each story's own; each figure takes its own default cell.
    `films` is "mp4", "gif" or "both". So many `jobs` processes share the work, by default as
    many as there are processors: each makes a figure, and all together the last ones and the
    film. What the `cache` has is not drawn again. With `force` files may be replaced that lstmviz
    did not write, or that were changed since.

    Raises:
        UsageError: something asked for is not possible, or a file there stays; it says which.
            Nothing is drawn.
        LstmvizError: the folder or a page could not be written.
    """
    names = chosen(only)
    if films not in FORMATS:
        raise UsageError(f"There is no format {films!r}; choose one of: {', '.join(FORMATS)}.")
    look = FilmLook(theme, lang, aspect, quality, fps)
    style = _Style(Telling(pace=pace), look, theme, (*FORMATS[films], *BESIDE))
    place = _made(Path(folder))
    outputs = [path for name in names for path in _paths(place, name, style)]
    outputs += [place / name for name in (*PAGES, RECORD)]
    refuse_inputs(outputs, [theme, *look.theme.files, lang])
    for path in outputs:
        check_target(path, force=force)
    many = jobs_of(jobs)
    films_kept = Cache.usual() if cache else None
    tasks = [_Task(name, input, style, place, many, films_kept, force) for name in names]
    outcomes: dict[str, str] = {}
    with heard(progress) as listener, closing(_made_of(tasks, many, listener)) as figures:
        for name, figure, outcome in figures:
            outcomes[name] = outcome
            if figure is not None:
                note(place, figure, force=force)
            pages = _write_pages(place, style, force)
            if tell is not None:
                tell(name, outcome)
    drawn, same = (
        tuple(name for name in names if outcomes[name] == wanted) for wanted in ("drawn", "kept")
    )
    failed = {name: outcomes[name] for name in names if name not in (*drawn, *same)}
    return Report(drawn, same, failed, pages)


_Outcome = tuple[str, Figure | None, str]  # the name, the figure if it was drawn, what became


def _made_of(tasks: Sequence[_Task], jobs: int, progress: Listener | None) -> Generator[_Outcome]:
    """Make figures: side by side those that fill the processors, the others one by one.

    The film is as long as all the others, and all processors draw it together.
    """
    apart = [task for task in tasks if task.name != FILM]
    apart = apart[: len(apart) // jobs * jobs] if jobs > 1 else []
    if apart:
        yield from _made_apart(apart, jobs, progress)
    for task in tasks:
        if task not in apart:
            yield task.name, *_outcome(partial(_make, task, progress))


def _made_apart(
    tasks: Sequence[_Task], jobs: int, progress: Listener | None
) -> Generator[_Outcome]:
    """Make each figure in a process of its own, so many at once."""
    import lstmviz.stage  # noqa: F401  (what begins as a copy of this process need not import it)

    shares = [0.0] * len(tasks)

    def hear(number: int, now: Progress) -> None:
        if progress is not None:
            half = now.done / max(now.total, 1) / 2
            shares[number] = max(shares[number], half + (now.task == "write") / 2)
            done = round(1000 * sum(shares))
            progress(Progress("make", tasks[number].name, done, 1000 * len(tasks)))

    alone = [replace(task, jobs=1) for task in tasks]
    with closing(as_done(_make_and_say, alone, jobs, hear=hear)) as made:
        for number, figure, failure in made:
            shares[number] = 1.0
            yield tasks[number].name, *_outcome(partial(_given, figure, failure))


def _given(figure: Figure | None, failure: Exception | None) -> Figure | None:
    if failure is not None:
        raise failure
    return figure


def _outcome(make: Callable[[], Figure | None]) -> tuple[Figure | None, str]:
    try:
        figure = make()
    except Exception as error:  # whatever it is, it must not stop the others
        return None, _sentence(error)
    return figure, "kept" if figure is None else "drawn"


def _make_and_say(task: _Task) -> Figure | None:
    return _make(task, say)


def _make(task: _Task, progress: Listener | None) -> Figure | None:
    """Make a figure, or give None where it is there already."""
    style = task.style
    story = known_story(task.name, task.cache)
    trace = trace_for(story, TraceRequest(input=task.input))
    key = _key(story, trace, style)
    if _is_there(task.folder, task.name, key, style):
        return None
    told = (story, trace, style.telling, style.look)
    reel = record(*told, jobs=task.jobs, cache=task.cache, progress=progress)
    return _written(task, story, reel, key, progress)


def _made(folder: Path) -> Path:
    if not folder.parent.exists():
        raise UsageError(
            f"The folder {folder.parent} does not exist; create it or choose another place."
        )
    return made_folder(folder)


def _paths(folder: Path, name: str, style: _Style) -> list[Path]:
    """Give the files of a figure."""
    return [folder / f"{stem(name)}{ending}" for ending in style.endings]


def _written(
    task: _Task, story: type[Story] | StorySummary, reel: Reel, key: str, progress: Listener | None
) -> Figure:
    """Write the files of a figure, and describe it."""
    name, look = task.name, task.style.look
    paths = _paths(task.folder, name, task.style)
    for path in paths:
        how = taken(path, {"jobs": task.jobs, "force": task.force})
        write(reel, path, progress=progress, **how)
    title = heading(name, story, look.lang)
    return Figure(
        name=name,
        number=FIGURES.index(name) + 1,
        title=title,
        alt=" ".join([f"{title}.", *(step.caption for step in reel.steps)]),
        lang=look.lang.code,
        theme=task.style.theme,
        duration=reel.duration,
        width=reel.width,
        height=reel.height,
        aspect=look.aspect,
        steps=reel.steps,
        files={path.name: path.stat().st_size for path in paths},
        key=key,
    )


def _write_pages(folder: Path, style: _Style, force: bool) -> tuple[Path, ...]:
    """Write both pages of what there is, so that an interrupted run has them, too."""
    from lstmviz.article.pages import html, markdown

    look = style.look
    figures = _of_one_style(folder, style)
    texts = (html(figures, look.lang, look.theme), markdown(figures, look.lang))
    pages = {folder / name: text for name, text in zip(PAGES, texts, strict=True)}
    for path, text in pages.items():
        with whole_file(path, force=force) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="\n")
    return tuple(pages)


def _is_there(folder: Path, name: str, key: str, style: _Style) -> bool:
    figure = recorded(folder).get(name)
    if figure is None or figure.key != key or not all(map(figure.file, style.endings)):
        return False
    return whole(folder, figure)


def _of_one_style(folder: Path, style: _Style) -> list[Figure]:
    """The finished figures in order; those of another language, theme or shape are left out."""
    found = recorded(folder)
    figures = [found[name] for name in FIGURES if name in found]
    wanted = (style.look.lang.code, style.theme, style.look.aspect)
    alike = [f for f in figures if (f.lang, f.theme, f.aspect) == wanted]
    return [figure for figure in alike if whole(folder, figure)]


def _key(story: type[Story] | StorySummary, trace: Trace, style: _Style) -> str:
    """Give a key that changes with anything that changes the files of a figure."""
    film = film_key(story, trace, style.telling, style.look)
    return key_of(film, exporters(), heading(story.story_name(), story, style.look.lang))


def _sentence(error: Exception) -> str:
    if isinstance(error, LstmvizError):
        return str(error)
    return f"{type(error).__name__}: {error}"
