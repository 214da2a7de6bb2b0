"""From a story and a trace to a reel, and from the reel to the files that were asked for.

Manim is imported when something is drawn, not before.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from lstmviz.errors import UsageError
from lstmviz.processes import jobs_of
from lstmviz.settings import picture_format, refuse_pace, refuse_units
from lstmviz.source import Source
from lstmviz.workplace import place_for, same_randomness

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from lstmviz.engine.cell import Cell
    from lstmviz.engine.network import Network
    from lstmviz.reel import Reel, Step
    from lstmviz.stage.language import Language
    from lstmviz.stage.story import Story
    from lstmviz.stage.theme import Theme
    from lstmviz.trace import Trace

Paths = str | Path | Sequence[str | Path]


@dataclass(frozen=True)
class Progress:
    """How far a task is: `done` of `total`.

    The task "render" counts frames and names the step that is drawn, "write" counts
    thousandths and names the file.
    """

    task: str
    name: str
    done: int
    total: int


Listener = Callable[[Progress], None]


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
    vocabulary: str | Path | Sequence[str] | Mapping[str, int] | None = None,
    embedding: str | None = None,
    layer: int | None = None,
    direction: str | None = None,
    check: ArrayLike | str | Path | None = None,
    at: int | str | None = None,
    theme: str | Theme = "dark",
    lang: str | Language = "en",
    pace: float = 1.0,
    quality: str = "720p",
    fps: int | None = None,
    units: Sequence[int] | None = None,
    captions: bool = True,
    jobs: int | None = None,
    progress: Listener | None = None,
    **options: Any,
) -> Reel:
    """Render a story once, write each `output` from it, and give the reel.

    `story` is a name (`"forget-gate"`), a file (`"my_story.py:MyStory"`) or a class. What
    it tells is a `trace`, or else what `lstmviz.run` makes of `input`, `cell`, `network`,
    `hidden` and `seed`; by default the story's own sentence and cell. `network` may be the
    file of PyTorch, Keras or ONNX, with its `vocabulary` and `embedding`; `layer` (from 1) and
    `direction` choose what is drawn of it, and `check` is what the framework itself computed,
    as in `lstmviz.source.Source`. `at` is the tick that is told, from 0, or a word. `output`
    is one path or several; the endings say the formats, and further `options` (`transparent`,
    `max_size`, `crf`, …) go to each of those that take them. Without `captions` nothing is
    written below the picture. `jobs` processes share the work, by default as many as there are
    processors; the film is the same for every number of them.

    The reel lies in a temporary folder that goes away with it: keep it with `reel.save`, or
    by an output that ends in `.reel`. Further files come from it without rendering again,
    with `lstmviz.export.export`.

    >>> import lstmviz
    >>> reel = lstmviz.render("tanh", input="What a lovely day", quality="draft", fps=2)
    >>> reel.steps[0].name, reel.fps, (reel.width, reel.height)
    ('values', 2, (854, 480))

    Raises:
        UsageError: something asked for is not possible; it says what. Nothing is rendered.
        LstmvizError: a file could not be written.
    """
    paths = targets(output, **options)
    teller = story if isinstance(story, type) else _found(story)
    told = trace_for(
        teller,
        Source(
            input=input, cell=cell, network=network, saved=trace, hidden=hidden, seed=seed,
            vocabulary=vocabulary, embedding=embedding, layer=layer, direction=direction,
            check=check,
        ),
    )  # fmt: skip
    reel = record(
        teller, told, at=at, theme=theme, lang=lang, pace=pace, quality=quality, fps=fps,
        units=units, captions=captions, jobs=jobs, progress=progress,
    )  # fmt: skip
    for path in paths:
        write(reel, path, progress=progress, **taken(path, {**options, "jobs": jobs}))
    return reel


def record(
    story: type[Story],
    trace: Trace,
    *,
    at: int | str | None = None,
    theme: str | Theme = "dark",
    lang: str | Language = "en",
    pace: float = 1.0,
    quality: str = "720p",
    fps: int | None = None,
    size: tuple[int, int] | None = None,
    units: Sequence[int] | None = None,
    captions: bool = True,
    stills: bool = False,
    path: str | Path | None = None,
    jobs: int | None = None,
    progress: Listener | None = None,
) -> Reel:
    """Draw a story told from a trace into a reel at `path`, by default a temporary one.

    `size` (width, height) in pixels and `fps` take the place of those of the quality.
    `stills` draws one frame for each step, the last; the times of the steps stay those of
    the film. Without `captions` nothing is written below the picture; the steps keep theirs.
    `jobs` processes draw a film of some length together, by default as many as there are
    processors. Manim's settings and the global random numbers are left as they were.

    Raises:
        UsageError: something asked for is not possible; it says what.
        LstmvizError: the file could not be written.
    """
    from lstmviz.reel import ReelWriter
    from lstmviz.stage.crew import draw
    from lstmviz.stage.language import language
    from lstmviz.stage.renderers import Walker, canvas
    from lstmviz.stage.sketcher import Sketcher
    from lstmviz.stage.slices import Slices, Teller, Told
    from lstmviz.stage.theme import theme_named

    width, height, rate = picture_format(quality, fps, size)
    refuse_pace(pace)
    refuse_units(units, trace)
    many = jobs_of(jobs)
    colours = theme_named(theme) if isinstance(theme, str) else theme
    words = language(lang) if isinstance(lang, str) else lang
    options = {"at": at, "theme": colours, "lang": words, "pace": pace, "units": units}
    teller = Teller(story, trace, {**options, "captions": captions})

    with (
        place_for(path) as (place, keep),
        same_randomness(),
        canvas(colours, width, height, rate),
    ):
        rehearsal = teller(renderer=Walker()).rehearse()
        walker = cast("Walker", rehearsal.renderer)
        outline = rehearsal.steps_told
        title = story.summary().rstrip(".。")
        alt = " ".join([story.summary(), *(step.caption for step in outline)]).strip()
        with ReelWriter(
            place, width=width, height=height, fps=rate, background=colours.background,
            title=title, alt=alt, language=words.code, captions=captions,
        ) as writer:  # fmt: skip
            tell = _counter(progress, outline, None if stills else walker.frames)
            if stills:
                scene = teller(renderer=Sketcher(writer, tell), outline=outline)
                scene.render()
                told = enumerate(scene.steps_told)
                steps = tuple(replace(s, first_frame=k, last_frame=k) for k, s in told)
            else:
                slices = Slices.cut(walker.plays)
                film = Told(teller, outline, colours, width, height, rate, slices)
                steps = draw(film, writer, many, tell)
            reel = writer.close(steps)
        keep(reel)
    return reel


def _counter(
    progress: Listener | None, outline: Sequence[Step], frames: int | None
) -> Callable[[int], None]:
    """Give what counts frames as they are drawn, and tells of them; stills without `frames`."""
    if progress is None or not outline:
        return lambda _: None
    ends = range(1, len(outline) + 1) if frames is None else [s.last_frame + 1 for s in outline]
    done = 0

    def tell(count: int) -> None:
        nonlocal done
        done += count
        step = outline[min(bisect_left(ends, done), len(outline) - 1)]
        progress(Progress("render", step.name, done, frames or len(outline)))

    return tell


def trace_for(story: type[Story], source: Source, tell: Callable[[str], None] | None = None
              ) -> Trace:  # fmt: skip
    """Give the trace that a story tells: of its own sentence and cell where none was asked for.

    Raises:
        UsageError: it has not what the story shows, or something given cannot be used.
    """
    made = source.trace(input=story.input, cell=story.cell, tell=tell)
    story.check_needs(made)
    return made


def targets(output: Paths | None, **options: Any) -> tuple[Path, ...]:
    """Give the paths of all outputs, checked before the long work begins.

    Raises:
        UsageError: an unknown ending, a missing folder, the same file twice, an option that
            none of them takes.
        LstmvizError: a folder is not writable.
    """
    from lstmviz.export import check

    if output is None:
        output = ()
    paths = [Path(output)] if isinstance(output, str | Path) else [Path(each) for each in output]
    for number, path in enumerate(paths):
        check(path)
        if os.path.realpath(path) in map(os.path.realpath, paths[:number]):
            raise UsageError(f"{path} is named twice; give each output a name of its own.")
    refuse_untaken(paths, options)
    return tuple(paths)


def refuse_untaken(paths: Sequence[Path], options: Iterable[str]) -> None:
    """Refuse options that the format of none of the paths takes; say which ones do."""
    from lstmviz.export import FORMATS

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
    from lstmviz.export import format_of

    known = format_of(path).options()
    return {name: value for name, value in options.items() if name in known}


def write(reel: Reel, path: Path, *, progress: Listener | None = None, **options: Any) -> Path:
    """Export a reel to a path and tell how far it is."""
    from lstmviz.export import export, format_of

    if progress is not None:
        tell = progress
        tell(Progress("write", str(path), 0, 1000))
        if "progress" in format_of(path).options():
            options["progress"] = lambda share: tell(
                Progress("write", str(path), min(round(share * 1000), 1000), 1000)
            )
    return export(reel, path, **options)


def _found(story: str | Path) -> type[Story]:
    from lstmviz.gallery import find_story

    return find_story(story)
