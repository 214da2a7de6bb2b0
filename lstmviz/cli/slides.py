"""The commands for talks and papers: slides of several stories, and a still as vectors."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from lstmviz.cli import completion, options
from lstmviz.cli.films import MEDIA, as_told, folders_for
from lstmviz.cli.progress import progress, wrote
from lstmviz.errors import UsageError
from lstmviz.export.common.format import endings, listed, meant_by

if TYPE_CHECKING:
    from lstmviz.films.render import Listener
    from lstmviz.reel.reel import Reel
    from lstmviz.system.disk_cache import Cache

_STILLS = (".svg", ".pdf", ".png")


@click.command(short_help="Turn stories into slides.")
@click.argument(
    "stories", shell_complete=completion.stories, nargs=-1, required=True, metavar="STORY…"
)
@options.told
@options.look
@options.captions
@options.pace
@options.quality("720p")
@options.aspect
@options.fps
@click.option("--title", metavar="TEXT", help="The title of the slides (default: the stories').")
@click.option(
    "--reveal", metavar="DIR", help="Write clips and their JSON for manim-slides into a folder."
)
@click.option(
    "--into",
    metavar="DECK",
    help="Add the slides to your own .pptx, in its master; -o names the new file, and --force "
    "without -o changes DECK itself. The captions become titles (--captions on: they stay in "
    "the picture).",
)
@click.option(
    "--behind",
    metavar="N|TITLE",
    help="With --into: behind which slide, by number or title (0: before the first; default: "
    "the last).",
)
@options.outputs(
    f"Where to write: {listed(endings('deck'))}. May be given several times (default: "
    "media/STORY.html)."
)
@options.force
@options.work
@options.quiet
@click.pass_context
def slides(
    context: click.Context,
    /,
    stories: tuple[str, ...],
    title: str | None,
    reveal: str | None,
    into: str | None,
    behind: str | None,
    outputs: tuple[str, ...],
    force: bool,
    quiet: bool,
    **given: Any,
) -> None:
    """Turn one or more stories into slides: one per step, which plays when it is reached.

    A STORY may also be a saved .reel, which is not drawn again.

    \b
    Examples:
      lstmviz slides forget-gate -o deck.pptx
      lstmviz slides forget-gate input-gate output-gate -o talk.html -o handout.pdf
      lstmviz slides tanh --into my.pptx --behind "Results" -o talk.pptx
    """
    if into is not None:
        if reveal is not None or title is not None:
            raise UsageError(
                "--into keeps the title of your deck and makes no clips; leave out "
                "--title and --reveal."
            )
        _insert(context, stories, into, behind, outputs, force, quiet, given)
        return
    if behind is not None:
        raise UsageError("--behind says where slides go in your own deck; name it with --into.")
    from lstmviz.export.slides import decks, manim_slides
    from lstmviz.system.atomic_files import check_target, refuse_inputs

    places = outputs or ((MEDIA,) if reveal is None else ())
    paths = options.as_paths(places)
    if any(map(options.is_folder, places)):
        paths = options.placed(places, f"{_name(stories[0], given['cache'])}.html")
    described = None
    if reveal is not None:
        described = Path(reveal, f"{_name(stories[0], given['cache'])}.json")
    refuse_inputs([*paths, described] if described else paths, options.reads())
    with folders_for(places):
        for path in paths:
            decks.check(path, force=force)
        if len(set(map(os.path.realpath, paths))) < len(paths):
            raise UsageError("An output is named twice; give each a name of its own.")
        if described is not None and described.exists():
            check_target(described, force=force)
        groups = _groups(context, paths, reveal is not None)
        # Whatever is wrong with one of them is said before any is drawn.
        told = []
        for some, still, look in groups:
            told.append((some, [_told(story, still, {**given, **look}) for story in stories]))
            context.params["quiet"] = True  # what is to be said of the input is said once
        with progress(quiet) as listener:
            for some, draws in told:
                reels = [draw(listener) for draw in draws]
                for path in some:
                    decks.deck(
                        reels,
                        path,
                        title=title,
                        jobs=given["jobs"],
                        cache=given["cache"],
                        force=force,
                        progress=_writing(listener, path),
                    )
            if described is not None:
                manim_slides.deck(
                    reels,
                    described.parent,
                    name=described.stem,
                    force=force,
                    progress=_writing(listener, described.parent),
                )
                paths.append(described)
    for path in paths:
        wrote(path, quiet)


_Group = tuple[list[Path], bool, dict[str, str]]  # files, whether of stills, how they look


def _groups(context: click.Context, paths: list[Path], clips: bool) -> list[_Group]:
    """Say which files are drawn together: a handout is of stills, large, and light for print.

    A theme that was asked for holds for all, which are drawn once then.
    """

    def default(name: str) -> bool:
        return context.get_parameter_source(name) == ParameterSource.DEFAULT

    papers = [path for path in paths if path.suffix.lower() == ".pdf"]
    screens = [path for path in paths if path not in papers]
    moving = bool(screens) or clips
    if not papers or (moving and not default("theme")):
        return [(paths, False, {})]
    look = {"theme": "light"} if default("theme") else {}
    look |= {"quality": "1080p"} if default("quality") else {}
    # Those that move come last: clips are made of what was drawn last.
    return [(papers, True, look), *([(screens, False, {})] if moving else [])]


def _insert(
    context: click.Context,
    stories: tuple[str, ...],
    into: str,
    behind: str | None,
    outputs: tuple[str, ...],
    force: bool,
    quiet: bool,
    given: dict[str, Any],
) -> None:
    """Add the slides to a deck that somebody else made."""
    from lstmviz.export.slides.into import check_into, insert_slides
    from lstmviz.system.atomic_files import check_target, refuse_inputs

    if len(outputs) > 1:
        raise UsageError("--into makes one deck; name one file with -o.")
    path = Path(outputs[0] if outputs else into)
    if path.exists() and os.path.exists(into) and os.path.samefile(path, into) and not force:
        raise UsageError(
            f"Name the new deck with -o, such as -o talk{Path(into).suffix}; or say --force to "
            f"change {into} itself."
        )
    check_into(into, path, behind)
    refuse_inputs([path], [value for value in options.reads() if value != into])
    check_target(path, force=force)
    if context.get_parameter_source("captions") == ParameterSource.DEFAULT:
        given["captions"] = False
    told = [_told(story, False, given) for story in stories]
    with progress(quiet) as listener:
        reels = [draw(listener) for draw in told]
        insert_slides(
            reels,
            into,
            path,
            behind=behind,
            jobs=given["jobs"],
            cache=given["cache"],
            force=force,
            progress=_writing(listener, path),
        )
    wrote(path, quiet)


@click.command(short_help="Draw the picture that a step ends with, as vectors.")
@click.argument("story", metavar="STORY", shell_complete=completion.stories)
@click.option(
    "--step",
    metavar="NAME|N",
    shell_complete=completion.steps,
    help="The step (default: the last).",
)
@options.told
@options.look
@options.captions
@options.quality("1080p")
@options.aspect
@click.option("--transparent", is_flag=True, help="Leave the background out.")
@options.outputs(
    "Where to write: .svg, .pdf (both vectors) or .png. May be given several "
    "times (default: media/STORY-STEP.svg)."
)
@options.force
@options.quiet
def still(
    story: str,
    step: str | None,
    transparent: bool,
    outputs: tuple[str, ...],
    force: bool,
    quiet: bool,
    **given: Any,
) -> None:
    """Draw the picture that a step of a story ends with: sharp at every size, for papers.

    \b
    Examples:
      lstmviz still forget-gate --step forget --theme light -o figure.pdf
      lstmviz still tanh --captions off --transparent -o figure.svg
    """
    from lstmviz.stage.drawing.vector_still import draw_still
    from lstmviz.stage.story.discovery import find_story
    from lstmviz.system.atomic_files import check_target, refuse_inputs

    places = outputs or (MEDIA,)
    named = [Path(each) for each in places if not options.is_folder(each)]
    refuse_inputs(named, options.reads())
    for path in named:
        if path.suffix.lower() not in _STILLS:
            meant = meant_by(path.suffix, _STILLS)
            raise UsageError(
                f"A still cannot become {path}{meant}; choose one of {', '.join(_STILLS)}."
            )
        check_target(path, force=force)
    teller = find_story(story)
    ending = f"-{step}".replace("/", "-") if step else ""
    paths = options.placed(places, f"{teller.story_name()}{ending}.svg")
    with folders_for(places):
        refuse_inputs(paths, options.reads())
        for path in paths:
            check_target(path, force=force)
        told = as_told(teller, given)
        draw_still(teller, *told, paths, step=step, transparent=transparent, force=force)
    for path in paths:
        wrote(path, quiet)


def _name(story: str, cache: Cache | None) -> str:
    """Give a name for files: that of the story, of the reel, or of the class in its file."""
    if story.endswith(".reel"):
        return Path(story).stem
    from lstmviz.films.story_summary import known_story

    return known_story(story, cache).story_name()


def _told(story: str, stills: bool, given: dict[str, Any]) -> Callable[[Listener], Reel]:
    """Find a story and its numbers, or its reel, and give what draws it."""
    from lstmviz.films.render import record
    from lstmviz.films.story_summary import known_story
    from lstmviz.reel.reel import Reel

    if story.endswith(".reel"):
        reel = Reel.load(story)
        return lambda _: reel
    jobs, cache = given["jobs"], given["cache"]
    teller = known_story(story, cache)
    told = as_told(teller, given)
    return lambda listener: record(
        teller, *told, stills=stills, jobs=jobs, cache=cache, progress=listener
    )


def _writing(listener: Listener, path: Path) -> Any:
    from lstmviz.films.render import Progress

    return lambda share: listener(
        Progress("write", str(path), min(round(share * 1000), 1000), 1000)
    )
