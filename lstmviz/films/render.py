"""Rendering: from a story and a trace to a reel, and from the reel to files.

Manim is imported when something is drawn, not before.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from lstmviz.errors import UsageError
from lstmviz.films.film_cache import CacheEntry
from lstmviz.films.trace_request import OF_TABLE, TraceRequest
from lstmviz.load.options import NAMES, PATHS
from lstmviz.stage.story.telling import Telling
from lstmviz.style.look import FilmLook
from lstmviz.style.picture import WIDE_ASPECT
from lstmviz.system.atomic_files import refuse_inputs
from lstmviz.system.disk_cache import Cache
from lstmviz.system.global_state import same_randomness, seldom_collected
from lstmviz.system.processes import jobs_of
from lstmviz.system.temporary import place_for
from lstmviz.trace.tokens import words_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from lstmviz.engine.model.cell import Cell
    from lstmviz.engine.model.network import Network
    from lstmviz.films.story_summary import StorySummary
    from lstmviz.reel.reel import Reel, ReelWriter, Step
    from lstmviz.stage.drawing.slices import Told
    from lstmviz.stage.story.story import Story
    from lstmviz.style.language import Language
    from lstmviz.style.theme import Theme
    from lstmviz.trace.trace import Trace

Paths = str | Path | Sequence[str | Path]


@dataclass(frozen=True)
class Progress:
    """How far a task is: `done` of `total`.

    The task "render" counts frames and names the step that is drawn, "write" counts
    thousandths and names the file; "kept" says that a story is there from an earlier time.
    "make" counts thousandths of figures that are made side by side, and names one of them.
    """

    task: str
    name: str
    done: int
    total: int


Listener = Callable[[Progress], None]


class _ListenerFailed(BaseException):
    """A listener failed, with `error`: what stands between must not take it for its own failure."""

    def __init__(self, listener: Listener, error: Exception) -> None:
        self.listener = listener
        self.error = error


@contextmanager
def heard(listener: Listener | None) -> Iterator[Listener | None]:
    """Give what tells a listener; if that fails, this block ends with its error as it is."""
    if listener is None:
        yield None
        return

    def tell(now: Progress) -> None:
        try:
            listener(now)
        except Exception as error:
            raise _ListenerFailed(tell, error) from error

    try:
        yield tell
    except _ListenerFailed as failed:
        if failed.listener is not tell:  # one further out
            raise
        raise failed.error from None


def render(
    story: str | Path | type[Story],
    output: Paths | None = None,
    *,
    input: str | ArrayLike | None = None,
    cell: str | Cell | None = None,
    network: Network | str | Path | None = None,
    trace: Trace | str | Path | None = None,
    hidden: int | None = None,
    seed: int | None = None,
    layer: int | None = None,
    direction: str | None = None,
    check: ArrayLike | str | Path | None = None,
    at: int | str | None = None,
    theme: str | Theme = "dark",
    lang: str | Language = "en",
    pace: float = 1.0,
    quality: str = "720p",
    aspect: str = WIDE_ASPECT,
    fps: int | None = None,
    units: str | Sequence[int] | None = None,
    captions: bool = True,
    compare: str | ArrayLike | None = None,
    loop: str | int | bool | None = None,
    jobs: int | None = None,
    cache: bool = True,
    force: bool = False,
    progress: Listener | None = None,
    **options: Any,
) -> Reel:
    """Render a story once, write each `output` from it, and give the reel.

    `story` is a name (`"forget-gate"`), a file (`"my_story.py:MyStory"`) or a class. What it tells
    is a `trace`, or else what `lstmviz.run` makes of `input`, `cell`, `network`, `hidden` and
    `seed`; by default the story's own sentence and cell. Of an `input` that is a table `columns`,
    `time`, `fill`, `gap`, `sheet` and `encoding` choose, as in `lstmviz.read_input`. `network` may
    be the file of PyTorch, Keras or ONNX, with the options of `lstmviz.load_network`
    (`vocabulary`, `part`, …); `layer` (from 1) and `direction` choose what is drawn of it, and
    `check` is what the framework itself computed, as in `lstmviz.films.trace_request.TraceRequest`.
    `at` is the tick that is told, from 0, or as text what the command takes: a word, `"good:2"` for
    the second one, a phrase, or a number from 1, `"3"`; `units` are from 0, or from 1 as text,
    `"1,3"`. `aspect` is
    the shape of the picture, 16:9, 4:3, 1:1 or 9:16, each laid out in its own way. `output` is one
    path or several; the endings say the formats, and further `options` (`transparent`, `max_size`,
    `crf`, …) go to each of those that take them. Without `captions` nothing is written below the
    picture. `compare` is a second input, for stories that tell of two. `loop` makes a loop of 6 to
    12 seconds: of the step that shows the story's idea (True), or of `"forget"`, 5,
    `"weigh:squash"` or `":"`, which is all. `jobs` processes share the work, by default as many as
    there are processors; the film is the same for every number of them. A story given by its name
    or file is not drawn again while nothing changes that it is made of; without `cache` it is. With
    `force` files may be replaced that lstmviz did not write, or that were changed since.

    The reel lies in a temporary folder that goes away with it: keep it with `reel.save`, or
    by an output that ends in `.reel`. Further files come from it without rendering again,
    with `lstmviz.export_reel`.

    >>> import lstmviz
    >>> reel = lstmviz.render("tanh", input="What a lovely day", quality="draft", fps=2)
    >>> reel.steps[0].name, reel.fps, (reel.width, reel.height)
    ('values', 2, (854, 480))

    Raises:
        UsageError: something asked for is not possible; it says what. Nothing is rendered.
        LstmvizError: a file could not be written.
    """
    telling = Telling(at, units, pace, captions, compare, loop)
    look = FilmLook(theme, lang, aspect, quality, fps)
    beside = {name: options.pop(name) for name in (*NAMES, *OF_TABLE) if name in options}
    reads = [story, cell, network, trace, check, theme, *look.theme.files, lang]
    reads += map(beside.get, PATHS)
    paths = targets(output, force=force, reads=reads, loop=telling.loop, **options)
    kept = Cache.usual() if cache and not isinstance(story, type) else None
    teller = story if isinstance(story, type) else _found(story, kept)
    told = trace_for(
        teller,
        TraceRequest(
            input=input,
            cell=cell,
            network=network,
            saved=trace,
            hidden=hidden,
            seed=seed,
            layer=layer,
            direction=direction,
            check=check,
            **beside,
        ),
    )
    reel = record(teller, told, telling, look, jobs=jobs, cache=kept, progress=progress)
    options |= {"jobs": jobs, "cache": kept, "force": force}
    for path in paths:
        write(reel, path, progress=progress, **taken(path, options))
    return reel


def record(
    story: type[Story] | StorySummary,
    trace: Trace,
    telling: Telling | None = None,
    look: FilmLook | None = None,
    *,
    stills: bool = False,
    path: str | Path | None = None,
    jobs: int | None = None,
    cache: Cache | None = None,
    progress: Listener | None = None,
) -> Reel:
    """Draw a story told from a trace into a reel at `path`, by default a temporary one.

    `stills` draws one frame for each step, the last; the times of the steps stay those of
    the film. `jobs` processes draw a film of some length together, by default as many as there
    are processors. What a `cache` has of it is not drawn again: then the class must be as its
    file says. Manim's settings and the global random numbers are left as they were.

    Raises:
        UsageError: the trace has not what is to be told; it says what.
        LstmvizError: the file could not be written, or the story fails; it says where.
    """
    look = look or FilmLook()
    telling = (telling or Telling()).of(trace, look)
    if telling.loop is None:
        return _whole(story, trace, telling, look, stills, path, jobs, cache, progress)
    return _loop(story, trace, telling, look, path, jobs, cache, progress)


def _loop(
    story: type[Story] | StorySummary,
    trace: Trace,
    telling: Telling,
    look: FilmLook,
    path: str | Path | None,
    jobs: int | None,
    cache: Cache | None,
    progress: Listener | None,
) -> Reel:
    """Draw a story and make a loop of it; of several steps without their captions."""
    from lstmviz.reel.loop import CHAPTERS, chosen, is_of_one, looped, usual

    asked = telling.loop or story.loop_of
    whole = replace(telling, loop=None, captions=telling.captions and is_of_one(asked))
    known = partial(chosen, asked=asked) if telling.loop else bool
    stills = asked == CHAPTERS
    drawn = _whole(story, trace, whole, look, stills, None, jobs, cache, progress, known)
    with place_for(path) as (place, keep):
        reel = looped(drawn, telling.loop or usual(drawn, story.loop_of), place)
        keep(reel)
    return reel


def _whole(
    story: type[Story] | StorySummary,
    trace: Trace,
    telling: Telling,
    look: FilmLook,
    stills: bool,
    path: str | Path | None,
    jobs: int | None,
    cache: Cache | None,
    progress: Listener | None,
    expected: Callable[[Sequence[Step]], object] = bool,
) -> Reel:
    """Draw all of a story; `expected` hears which steps it has before they are drawn."""
    from lstmviz.films.film_key import film_key
    from lstmviz.reel.reel import Reel

    many = jobs_of(jobs)
    entry = None
    if cache is not None:
        key = film_key(story, trace, telling, look, stills=stills)
        entry = CacheEntry(cache, story, key) if key is not None else None

    with place_for(path) as (place, keep):
        if entry is not None and entry.fetch(place):
            with suppress(UsageError):  # an older or a newer lstmviz may have put it there
                reel = Reel.load(place)
                if progress is not None:
                    progress(Progress("kept", story.story_name(), 1, 1))
                keep(reel)
                return reel
        from lstmviz.films.story_summary import opened
        from lstmviz.stage.drawing.forked_workers import dry_run, forked_workers
        from lstmviz.stage.drawing.slices import Teller
        from lstmviz.stage.manim.renderers import canvas
        from lstmviz.stage.story.story_errors import failing

        story = opened(story)
        with (
            same_randomness(),
            seldom_collected(),
            canvas(look.theme, *look.picture, look.layout),
            heard(progress) as progress,
            failing(story),
            forked_workers(1 if stills else many) as forks,
        ):
            teller = Teller(story, trace, telling.options(look))
            with entry.watching() if entry is not None else nullcontext():
                film = dry_run(teller, look.picture, forks)
            expected(film.outline)
            tell = _counter(progress, film, stills=stills)
            draw = _stills if stills else partial(_film, jobs=many, entry=entry, forks=forks)
            reel = _recorded(film, place, draw, tell)
        if entry is not None:
            entry.keep(place)
        keep(reel)
    return reel


Drawing = Callable[["Told", "ReelWriter", Callable[[int], None]], "Sequence[Step]"]


def _recorded(film: Told, place: Path, draw: Drawing, tell: Callable[[int], None]) -> Reel:
    """Draw a film into a reel."""
    from lstmviz.reel.reel import ReelWriter

    story, options = film.teller.story, film.teller.options
    words: Language = options["lang"]
    title = words.title(story.story_name(), story.summary())
    captions = [step.caption for step in film.outline]
    with ReelWriter(
        place,
        width=film.width,
        height=film.height,
        fps=film.fps,
        background=options["theme"].background,
        title=title.rstrip(".。"),
        alt=" ".join([title, *captions]).strip(),
        language=words.code,
        words=words.files,
        captions=options["captions"],
    ) as writer:
        return writer.close(draw(film, writer, tell))


def _film(
    film: Told, writer: ReelWriter, tell: Callable[[int], None], **how: Any
) -> Sequence[Step]:
    """Draw every frame."""
    from lstmviz.stage.drawing.scheduler import draw

    draw(film, writer, tell=tell, **how)
    return film.outline


def _stills(film: Told, writer: ReelWriter, tell: Callable[[int], None]) -> Sequence[Step]:
    """Draw one frame for each step."""
    from lstmviz.stage.drawing.step_stills import Sketcher

    story = film.teller(renderer=Sketcher(writer, tell), outline=film.outline)
    story.render()
    told = enumerate(story.steps_told)
    return [replace(step, first_frame=k, last_frame=k, moves_from=None) for k, step in told]


def _counter(progress: Listener | None, film: Told, *, stills: bool) -> Callable[[int], None]:
    """Give what counts frames as they are drawn, and tells of them; stills are one a step."""
    outline = film.outline
    if progress is None or not outline:
        return lambda _: None
    ends = range(1, len(outline) + 1) if stills else [step.last_frame + 1 for step in outline]
    total = len(outline) if stills else film.slices.total
    done = 0

    def tell(count: int) -> None:
        nonlocal done
        done += count
        step = outline[min(bisect_left(ends, done), len(outline) - 1)]
        progress(Progress("render", step.name, done, total))

    return tell


def trace_for(
    story: type[Story] | StorySummary,
    source: TraceRequest,
    tell: Callable[[str], None] | None = None,
    fonts: Mapping[str, str] = MappingProxyType({}),
) -> Trace:
    """Give the trace that a story tells: of its own sentence and cell where none was asked for.

    `tell` hears, too, which characters no font has, those of a brand (`fonts`) among them.

    Raises:
        UsageError: it has not what the story shows, or something given cannot be used.
    """
    made = source.trace(input=story.input, cell=story.cell, network=story.network, tell=tell)
    story.check_needs(made)
    words = "".join(words_of(made.tokens, len(made)))
    if tell is not None and not words.isascii():
        from lstmviz.stage.text.fonts import branded, undrawn_note

        with branded(fonts):
            note = undrawn_note([words])
        if note:
            tell(f"Note: {note}")
    return made


def tell_of_other(trace: Trace, telling: Telling, tell: Callable[[str], None]) -> None:
    """Tell what is to be said of the second input: which of its words are unknown, and the like.

    Nothing where that cannot be known yet: the story refuses what it cannot tell.
    """
    from lstmviz.demo.network_of import network_of
    from lstmviz.engine.inputs.encode import feed, taken

    other = telling.compare
    if other is None:
        return
    given = other if isinstance(other, str) else other.given
    with suppress(UsageError):
        network = network_of(trace)
        own = getattr(given, "notes", ())
        for note in feed(taken(given, network), network).notes:
            if note not in own:
                tell(f"Note: compare=: {note}")


def targets(
    output: Paths | None,
    *,
    force: bool = False,
    reads: Sequence[object] = (),
    loop: str | None = None,
    **options: Any,
) -> tuple[Path, ...]:
    """Give the paths of all outputs, checked before the long work begins.

    `reads` are values that may name files which are read; none of them is written. With `force`
    files may be replaced that lstmviz did not write, or that were changed since. A `loop`, if it is
    not None, goes into films and pictures that move.

    Raises:
        UsageError: an unknown ending, a missing folder, the same file twice, a file that stays,
            an option that none of them takes, a loop that would not move.
        LstmvizError: a folder is not writable.
    """
    from lstmviz.export.formats import check

    if output is None:
        output = ()
    paths = [Path(output)] if isinstance(output, str | Path) else [Path(each) for each in output]
    refuse_inputs(paths, reads)
    for number, path in enumerate(paths):
        check(path, force=force)
        if os.path.realpath(path) in map(os.path.realpath, paths[:number]):
            raise UsageError(f"{path} is named twice; give each output a name of its own.")
    refuse_untaken(paths, options)
    if loop is not None:
        refuse_still_loops(paths)
    return tuple(paths)


def refuse_still_loops(paths: Iterable[Path]) -> None:
    """Refuse files of a loop in which nothing goes round; say which do."""
    from lstmviz.export.common.format import endings, listed
    from lstmviz.export.formats import format_of

    moving = endings("loop", "film", "master")
    for path in paths:
        if format_of(path).ending not in moving:
            raise UsageError(
                f"A loop moves, and {path} would not: write it as {listed(moving)}, or leave out "
                "loop=."
            )


def refuse_untaken(paths: Sequence[Path], options: Iterable[str]) -> None:
    """Refuse options that the format of none of the paths takes; say which ones do."""
    from lstmviz.export.formats import FORMATS

    for name in options:
        if not any(taken(path, {name: None}) for path in paths):
            endings = ", ".join(each for each in FORMATS if taken(f"film{each}", {name: None}))
            raise UsageError(
                f"{name.replace('_', '-')} is for files that end in {endings}; name one as output."
                if endings
                else f"There is no option {name}."
            )


def taken(path: str | Path, options: Mapping[str, Any]) -> dict[str, Any]:
    """Give those of the options that the format of a path takes."""
    from lstmviz.export.formats import format_of

    known = format_of(path).options()
    return {name: value for name, value in options.items() if name in known}


def write(reel: Reel, path: Path, *, progress: Listener | None = None, **options: Any) -> Path:
    """Export a reel to a path and tell how far it is."""
    from lstmviz.export.formats import export, format_of

    with heard(progress) as tell:
        if tell is not None:
            say = tell
            say(Progress("write", str(path), 0, 1000))
            if "progress" in format_of(path).options():
                options["progress"] = lambda share: say(
                    Progress("write", str(path), min(round(share * 1000), 1000), 1000)
                )
        return export(reel, path, **options)


def _found(story: str | Path, cache: Cache | None) -> type[Story] | StorySummary:
    from lstmviz.films.story_summary import known_story

    return known_story(story, cache)
