"""The commands that draw, and those that work on what was drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lstmviz.cli import completion, options
from lstmviz.cli.errors import say
from lstmviz.cli.progress import progress, wrote
from lstmviz.errors import LstmvizError, UsageError
from lstmviz.export.common.format import endings, listed

if TYPE_CHECKING:
    from lstmviz.films.render import Listener
    from lstmviz.films.story_summary import StorySummary
    from lstmviz.reel.reel import Reel
    from lstmviz.stage.story.story import Story
    from lstmviz.stage.story.telling import Telling
    from lstmviz.style.look import FilmLook
    from lstmviz.system.disk_cache import Cache
    from lstmviz.trace.trace import Trace

MEDIA = "media/"  # where films go when nothing else is said

output = options.outputs(
    f"Where to write; the ending says the format: {listed(endings())}. May be given several times."
)
subtitles = click.option(
    "--subtitles", is_flag=True, help="Write the captions as .srt beside each video, too."
)


@click.command(short_help="Render a story into a film.")
@click.argument("story", metavar="STORY", shell_complete=completion.stories)
@options.told
@options.look
@options.captions
@options.pace
@options.loop
@options.quality("720p")
@options.aspect
@options.fps
@options.kinds
@subtitles
@output
@options.force
@options.work
@options.quiet
def render(
    story: str,
    outputs: tuple[str, ...],
    subtitles: bool,
    transparent: bool | None,
    max_size: int | None,
    force: bool,
    jobs: int | None,
    cache: Cache | None,
    quiet: bool,
    **given: Any,
) -> None:
    """Render a story, by default into media/STORY.mp4, or a loop into media/STORY-loop.gif.

    STORY is a name from `lstmviz list`, or file.py:ClassName for one of your own. It is drawn
    once, and each file is made from that, also those that you ask for later. Broken off, it
    goes on where it was when it is started again.

    \b
    Examples:
      lstmviz render forget-gate -o forget-gate.mp4 -o forget-gate.gif
      lstmviz render forget-gate --input "The tea was awful" --at awful --lang zh
      lstmviz render tanh --transparent --captions off -o overlay.webm
      lstmviz render forget-gate --aspect 9:16 -o for-phones.mp4
      lstmviz render forget-gate --loop -o for-a-chat.gif
    """
    from lstmviz.films.render import record, targets
    from lstmviz.films.story_summary import known_story

    named = not any(map(options.is_folder, outputs or (MEDIA,)))
    asked = _asked(transparent=transparent, max_size=max_size)
    checked = {**asked, "force": force, "reads": options.reads(), "loop": given["loop"]}
    if named:
        targets(with_subtitles(options.as_paths(outputs), subtitles), **checked)
    teller = known_story(story, cache)
    ending = ".mp4" if given["loop"] is None else "-loop.gif"
    paths = options.placed(outputs or (MEDIA,), f"{teller.story_name()}{ending}")
    paths = with_subtitles(paths, subtitles)
    with folders_for(outputs or (MEDIA,)):
        targets(paths, **checked)
        told = as_told(teller, given)
        with progress(quiet) as listener:
            reel = record(teller, *told, jobs=jobs, cache=cache, progress=listener)
            how = {**asked, "jobs": jobs, "cache": cache, "force": force}
            notes = _write(reel, paths, how, listener)
    for path in paths:
        wrote(path, quiet, notes.get(path, ""))


@click.command(short_help="Lay the last picture of every step on one sheet.")
@click.argument("story", metavar="STORY", shell_complete=completion.stories)
@options.told
@options.look
@options.pace
@options.quality("720p")
@options.aspect
@click.option(
    "--across",
    type=click.IntRange(min=1),
    metavar="N",
    help="Pictures side by side (default: as many as make the sheet square).",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE.png",
    help="Where to write (default: media/STORY-storyboard.png).",
)
@options.force
@options.cache
@options.quiet
def storyboard(
    story: str,
    output: str | None,
    across: int | None,
    force: bool,
    cache: Cache | None,
    quiet: bool,
    **given: Any,
) -> None:
    """Lay the picture that each step of a story ends with on one sheet.

    Only these pictures are drawn, so it is quick: look at it after every change of a scene.

    \b
    Example:
      lstmviz storyboard forget-gate -o sheet.png
    """
    from lstmviz.export.images.storyboard import storyboard as lay_out
    from lstmviz.films.render import record
    from lstmviz.films.story_summary import known_story
    from lstmviz.system.atomic_files import check_target, refuse_inputs

    place = (output or MEDIA,)
    if not options.is_folder(place[0]):
        _must_be_png(Path(place[0]))
        refuse_inputs([place[0]], options.reads())
        check_target(place[0], force=force)
    teller = known_story(story, cache)
    with folders_for(place):
        (path,) = options.placed(place, f"{teller.story_name()}-storyboard.png")
        refuse_inputs([path], options.reads())
        check_target(path, force=force)
        told = as_told(teller, given)
        with progress(quiet) as listener:
            reel = record(teller, *told, stills=True, cache=cache, progress=listener)
        lay_out(reel, path, columns=across, force=force)
    wrote(path, quiet)


@click.command(short_help="Make further files from a saved reel.")
@click.argument("reel", metavar="FILE.reel")
@click.option(
    "--step",
    metavar="NAME|N",
    shell_complete=completion.steps,
    help="The step whose last picture a .png shows.",
)
@options.kinds
@subtitles
@output
@options.force
@options.jobs
@options.quiet
def export(
    reel: str,
    step: str | None,
    outputs: tuple[str, ...],
    subtitles: bool,
    force: bool,
    transparent: bool | None,
    max_size: int | None,
    jobs: int | None,
    quiet: bool,
) -> None:
    """Make further files from a saved reel, without rendering again.

    \b
    Example:
      lstmviz render tanh -o tanh.reel
      lstmviz export tanh.reel -o tanh.gif -o poster.png --step 2
    """
    from lstmviz.films.render import targets
    from lstmviz.reel.reel import Reel

    if not outputs:
        raise UsageError("There is nothing to write; say where with -o, as in -o film.gif.")
    asked = _asked(transparent=transparent, max_size=max_size)
    wanted = with_subtitles(options.placed(outputs, f"{Path(reel).stem}.mp4"), subtitles)
    paths = list(targets(wanted, force=force, reads=options.reads(), **asked))
    film = Reel.load(reel)
    if step is not None:
        film.step(step)
        if not any(path.suffix.lower() == ".png" for path in paths):
            raise UsageError("--step chooses the picture of a .png; add one with -o.")
    with progress(quiet) as listener:
        how = {**asked, "step": step, "jobs": jobs, "force": force}
        notes = _write(film, paths, how, listener)
    for path in paths:
        wrote(path, quiet, notes.get(path, ""))


@click.command(short_help="Find what viewers could not read in a story.")
@click.argument("story", metavar="[STORY]", required=False, shell_complete=completion.stories)
@options.told
@options.look
@options.aspect
@options.quiet
def check(story: str | None, quiet: bool, **given: Any) -> None:
    """Look through a story for what viewers could not read: overlaps, small or faint text.

    Says each fault and ends with exit code 1 if there is one. Without a story it says which texts
    the language lacks.

    \b
    Examples:
      lstmviz check my_scene.py:MyStory --theme light
      lstmviz check --lang es.toml
    """
    if story is None:
        _check_language(given["lang"], quiet)
        return
    from lstmviz.stage.check.check import check_story
    from lstmviz.stage.story.discovery import find_story

    teller = find_story(story)
    findings = check_story(teller, *as_told(teller, given))
    for finding in findings:
        click.echo(str(finding))
    if findings:
        raise SystemExit(1)
    if not quiet:
        click.echo(f"{teller.story_name()}: nothing overlaps, leaves the frame or is hard to read.")


def _check_language(name: str, quiet: bool) -> None:
    """Say which texts a language lacks; with one, the exit code is 1."""
    from lstmviz.style.language import language, texts

    missing, total = language(name).missing, sum(map(len, texts().values()))
    if missing:
        for text in missing:
            click.echo(text)
        click.echo(f"{len(missing)} of {total} texts are missing in {name}.", err=True)
        raise SystemExit(1)
    if not quiet:
        click.echo(f"{name}: all {total} texts are there.")


def telling_of(given: Mapping[str, Any], tell: Callable[[str], object] | None) -> Telling:
    """Give how the options ask a story to be told; `tell` hears what was assumed of a table."""
    from lstmviz.films.trace_request import TraceRequest
    from lstmviz.stage.story.telling import Telling

    asked = options.fields_of(Telling, given)
    if asked.get("compare") is not None:
        wanted = TraceRequest(**options.fields_of(TraceRequest, given)).wanted
        try:
            asked["compare"] = options.given_input(asked["compare"], wanted)
        except UsageError as error:
            raise UsageError(f"compare=: {error}") from error
        if tell is not None:
            for note in getattr(asked["compare"], "notes", ()):
                tell(f"Note: compare=: {note}")
    return Telling(**asked)


def as_told(
    teller: type[Story] | StorySummary, given: Mapping[str, Any]
) -> tuple[Trace, Telling, FilmLook]:
    """Give the trace that the options ask for, how it is told, and how that looks."""
    from lstmviz.films.render import tell_of_other, trace_for
    from lstmviz.style.look import FilmLook

    telling = telling_of(given, say)
    look = FilmLook(**options.fields_of(FilmLook, given))
    request = options.request_of(given)
    trace = trace_for(teller, request, say, look.theme.fonts)
    tell_of_other(trace, telling, say)
    return trace, telling.of(trace, look), look


def _asked(**given: Any) -> dict[str, Any]:
    """Give the options that were given, for the formats that take them."""
    return {name: value for name, value in given.items() if value is not None}


def _write(
    reel: Reel, paths: list[Path], asked: dict[str, Any], listener: Listener
) -> dict[Path, str]:
    """Write all files, and give what was chosen for some of them."""
    from lstmviz.films.render import taken, write

    notes: dict[Path, str] = {}
    for path in paths:
        tell = partial(notes.__setitem__, path)  # of what the format chooses itself
        write(reel, path, progress=listener, **taken(path, {**asked, "tell": tell}))
    return notes


def with_subtitles(paths: list[Path], wanted: bool) -> list[Path]:
    """Add a subtitle file for each video, unless it is named already."""
    if not wanted:
        return paths
    videos = [path for path in paths if path.suffix.lower() in endings("film")]
    if not videos:
        raise UsageError("--subtitles go beside a video; add one with -o film.mp4, or -o film.srt.")
    beside = [path.with_suffix(".srt") for path in videos]
    return [*paths, *(path for path in dict.fromkeys(beside) if path not in paths)]


def _must_be_png(path: Path) -> None:
    if path.suffix.lower() != ".png":
        raise UsageError(f"A storyboard is a picture: {path} must end in .png.")


@contextmanager
def folders_for(outputs: tuple[str, ...]) -> Iterator[None]:
    """Make the folders to write into that are not there; those that stay empty go again."""
    from lstmviz.system.atomic_files import made_folder

    wanted = [Path(each) for each in outputs if options.is_folder(each)]
    made = [each for each in wanted if not each.exists()]
    try:
        for each in wanted:
            made_folder(each)
    except LstmvizError as error:
        raise type(error)(f"{str(error).rstrip('.')}, with -o.") from error
    try:
        yield
    finally:
        for each in made:
            with suppress(OSError):
                each.rmdir()
