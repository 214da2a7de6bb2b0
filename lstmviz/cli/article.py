"""The command that makes every figure of the article."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lstmviz.cli import completion, options
from lstmviz.cli.choice import Choice
from lstmviz.cli.errors import say
from lstmviz.cli.progress import progress, wrote
from lstmviz.errors import LstmvizError

if TYPE_CHECKING:
    from lstmviz.system.disk_cache import Cache


@click.command(short_help="Make every figure of the article, and a page that shows them.")
@click.option(
    "--only",
    metavar="NAME,…",
    shell_complete=completion.figures,
    help="The figures to make, in place of all; see `lstmviz list`.",
)
@click.option(
    "--input", metavar="TEXT", help="A sentence (or numbers) to tell in place of the review."
)
@options.of_table
@options.theme
@options.lang
@options.pace
@click.option(
    "--format",
    "films",
    type=Choice(["mp4", "gif", "both"]),
    default="mp4",
    show_default=True,
    help="The kind of film to make of each.",
)
@options.quality("720p")
@options.aspect
@options.fps
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    default="media/article",
    show_default=True,
    help="The folder to write to.",
)
@options.force
@options.work
@options.quiet
def article(
    only: str | None,
    input: str | None,
    films: str,
    output: str,
    cache: Cache | None,
    quiet: bool,
    **look: Any,
) -> None:
    """Make every figure of the article, in order, with posters, subtitles and pages of them all.

    Open index.html in a browser; index.md is the same for a README or a blog. Started again
    after an interruption it goes on where it was, and what has changed since is made again.
    A figure that fails does not stop the others: it is told at the end, with exit code 1.

    \b
    Examples:
      lstmviz article -o article
      lstmviz article --lang zh --theme light --format both -o article-zh
      lstmviz article --only tanh,sigmoid --quality draft -o article
    """
    from lstmviz.article.article import article
    from lstmviz.article.figures import FIGURES, stem
    from lstmviz.engine.inputs.wanted import refuse_beside_text
    from lstmviz.films.trace_request import OF_TABLE
    from lstmviz.system.atomic_files import made_folder

    of_table = {name: look.pop(name) for name in OF_TABLE}
    request = options.request_of({"input": input, **of_table})
    if request.input is None:
        refuse_beside_text(request.wanted)
    for note in getattr(request.input, "notes", ()):
        say(f"Note: {note}")
    names = None if only is None else only.split(",")
    folder = Path(output)
    if output == "media/article":
        made_folder(folder.parent)

    def tell(name: str, outcome: str) -> None:
        if not quiet:
            said = outcome if outcome in ("drawn", "kept") else "failed"
            click.echo(f"{stem(name)} of {len(FIGURES)}: {said}")

    with progress(quiet, lines=False) as listener:
        report = article(
            folder,
            only=names,
            input=request.input,
            films=films,
            cache=cache is not None,
            progress=listener,
            tell=tell,
            **look,
        )
    for page in report.pages:
        wrote(page, quiet)
    if report.failed:
        told = "\n".join(f"  {name}: {reason}" for name, reason in report.failed.items())
        what = "1 figure" if len(report.failed) == 1 else f"{len(report.failed)} figures"
        raise LstmvizError(f"{what} could not be made.\n{told}")
